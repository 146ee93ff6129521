"""What a text claims, and what only looks like it."""

import pytest

from bot.domain.checks.words import MILESTONE, completion_claims, lead_claims, progress_claims, quote


@pytest.mark.parametrize(
    "text",
    [
        "Login merged yesterday",
        "The RFC was accepted and implemented.",
        "We made good progress",
        "Not everything went well, but we shipped the first half.",
        "The approved plan was published.",
        "Haven’t finished the report – fixed two bugs.",
    ],
)
def test_progress_is_reported(text: str) -> None:
    assert list(progress_claims(text))


@pytest.mark.parametrize(
    "text",
    [
        "Not merged yet.",
        "It hasn’t been merged.",
        "Will be merged next week.",
        "Once merged, we go on.",
        "No progress has been made",
        "Waiting for the design to be approved",
        "The approved plan stands.",
        "An unfinished draft",
        "Next step: have it published",
        "> we shipped it",
        "see https://example.com/merged",
    ],
)
def test_no_progress_is_reported(text: str) -> None:
    assert list(progress_claims(text)) == []


def completions(text: str) -> list[str]:
    return list(completion_claims(text, (*MILESTONE, "Mobile app (v2)"), is_about_it=True))


@pytest.mark.parametrize(
    "text",
    [
        "Complete.",
        "All done!",
        "Status: complete",
        "It is finished.",
        "100% done",
        "We are 100 % there",
        "Milestone is 100 percent complete",
        "Fully complete and ahead of schedule",
        "We have completed the project.",
        "Completed the milestone on time.",
        "This project goal has been completed. I updated the first issue.",
        "Good news: the work is now complete",
        "Tests are slow. Everything is finished and live.",
        "Mobile app (v2): done",
        "The **mobile app (v2)** has been delivered.",
    ],
)
def test_completion_is_claimed(text: str) -> None:
    assert completions(text)


@pytest.mark.parametrize(
    "text",
    [
        "Not complete",
        "Nearly complete.",
        "Almost 100% done",
        "90 % complete",
        "The work is 90 % complete",
        "90 % of the work is complete",
        "The work is not complete",
        "The work is complete except testing.",
        "The work is complete but two sites remain",
        "The work will be complete in May",
        "Once the work is complete, we close it.",
        "Is the work complete?",
        "We expect the project to be complete by May",
        "Completed the design review",
        "Design work is complete",
        "Phase 1 is complete.",
        "The majority of the work is now complete, and the aims can be considered",
        "The first of the tasks is done",
        "Complete the design review",
        "A complete rewrite of the parser",
        "Done in https://example.com/852.",
        "100 % of the tests pass",
        "100% increase since March",
        "This is 100% bottlenecked on my own writing",
        "Google Summer of Code 2025 is complete",
    ],
)
def test_completion_is_not_claimed(text: str) -> None:
    assert completions(text) == []


def test_a_bare_word_claims_nothing_in_a_text_about_many_things() -> None:
    text = "Done. Mobile app is complete."
    assert list(completion_claims(text, ("Mobile app",), is_about_it=False)) == ["Mobile app is complete."]


@pytest.mark.parametrize(
    "text", ["We are ahead of schedule", "Two weeks ahead of plan.", "Finished earlier than planned"]
)
def test_a_lead_is_claimed(text: str) -> None:
    assert list(lead_claims(text))


@pytest.mark.parametrize(
    "text",
    [
        "Not ahead of schedule",
        "No longer ahead of schedule",
        "Spending is ahead of plan",
        "Some aspects of the programme being ahead of schedule",
        "Earlier than planned reduction of contingent labour",
        "Approvals ahead of its introduction",
        "We hope to be ahead of schedule",
    ],
)
def test_a_lead_is_not_claimed(text: str) -> None:
    assert list(lead_claims(text)) == []


def test_a_quote_is_short_and_on_one_line() -> None:
    assert quote("a\nb") == "a b"
    assert len(quote("word " * 100)) <= 120
