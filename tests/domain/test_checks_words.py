"""What a text claims, and what only looks like it."""

import time
from collections.abc import Callable

import pytest

from bot.domain.checks.sentences import sentences
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
    assert list(progress_claims(sentences(text)))


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
    assert list(progress_claims(sentences(text))) == []


PROGRESS = """
Work is progressing well.
Progress continues on all fronts.
Significant advances in the design.
Rolled out the portal to ten customers.
The API went live in May.
Implementation of the API was finalised.
Implementation of the API was finalized.
Major milestones reached.
Testing wrapped up.
The team is moving ahead quickly.
We are making steady progress.
Good progress on the migration.
The team made excellent progress this quarter.
Progress has been steady.
Progress on the portal was good.
Progress is being made.
The portal has gone live.
The service is now live.
The site is live.
The new form is now in production.
We wrapped the tests up.
The contract has been awarded.
Awarded the contract to the vendor.
We onboarded three customers.
Integrated the payment provider.
The vendor has been appointed.
The build is coming along nicely.
Things are going well.
User testing went well.
We're moving forward with the rollout.
The work moved ahead in June.
The design is taking shape.
The project is gathering pace.
The rollout gained momentum.
We have kicked off the pilot.
The pilot kicked off in June.
Work has begun on the second site.
Construction commenced in April.
Signed off the requirements.
The requirements were signed off.
Handed the site over to operations.
We took a big step forward.
Great strides in automation.
The team reached an important milestone.
We hit our first target.
Consensus was reached on the API.
Planning permission was granted.
We received approval from the board.
Successful launch in two regions.
The system passed the security review.
Closed 40 issues.
All defects closed.
The data has been migrated.
We set up the environment.
The environment was set up.
Put in place a new process; the process has been put in place.
We switched over to the new provider.
The API has been implemented.
The team designed the new layout.
The prototype was demonstrated to users.
We validated the approach.
The code was rewritten.
The portal is up and running; the portal is now up and running.
Optimised the queries.
Optimized the queries.
Stabilised the build.
The bridge has been constructed.
Staff have been trained.
Hired two engineers.
Two engineers have been recruited.
The work continues to progress.
Development is well under way.
Testing is well advanced.
The project advanced on several fronts.
Headway was made on the contract.
We have finally shipped it.
Benefits were achieved early.
Drafted the report.
The RFC was accepted.
The team has been busy and merged the parser.
Delivery began in May.
"""
STANDSTILL = """
No progress.
There has been no progress.
No progress was made.
Little progress was made.
Limited progress has been made.
Progress has been slow.
Progress continues to be slow.
Progress was limited by sickness.
Work is not progressing.
The work isn't progressing well.
The portal will be rolled out in May.
The API is expected to go live.
The API has not yet gone live.
The API hasn't gone live.
It did not go live in May.
The contract is to be finalised.
The contract is being finalised.
We plan to roll out the portal.
We hope to make progress next quarter.
Once the API went live, we would begin.
When the API has gone live, we start.
The API should have been finalised.
The API could not be finalised.
Nothing was finalised.
None of the milestones was reached.
No milestones reached.
Milestones reached: none.
Completed: nothing
Delivered: 0
Was the API finalised?
The approved plan stands.
The finalised contract is with legal.
We aim to go live in May.
Go-live in June.
Going live depends on the vendor.
Waiting for the API to be rolled out.
The rollout is scheduled for May.
Moving forward, the team needs two people.
Next steps: finalise the contract.
The work stopped.
The work has stalled.
We lost pace.
Costs reached 5 million.
We reached out to the vendor.
The wrapped key is in the store.
The service depends on live data.
The team is not moving ahead.
The design failed to progress.
We were unable to make headway.
Work has yet to begin.
Testing has not begun.
The design is designed to scale.
The system relies on established processes.
Automated tests are missing.
The tested version is old.
We need to make good progress.
To make progress we need a decision.
Progress depends on the vendor.
Good progress is expected.
The start was moved to June.
The date has been moved.
The launch slipped.
Subject to successful completion of tests.
After the pilot went live, it would be judged.
Not live yet.
The site was live in 2019 and is off.
Ready to be rolled out.
Until consensus is reached nothing moves.
The targets were not met.
The deadline must be met.
The milestone was missed.
The team lives in Spain.
There's a live demo in May.
The meeting was set for May.
A lack of progress on the design.
Without steady progress we slip.
The scope was cut.
We expect the work to be well under way in May.
Risk of delay; work is on hold.
The same as last quarter.
Blocked since May.
"""


@pytest.mark.parametrize(("lines", "reports"), [(PROGRESS, True), (STANDSTILL, False)])
def test_progress_is_told_from_plans_negations_and_look_alikes(lines: str, reports: bool) -> None:
    texts = lines.strip().splitlines()
    assert [text for text in texts if bool(list(progress_claims(sentences(text)))) is not reports] == []


def completions(text: str) -> list[str]:
    return list(completion_claims(sentences(text), (*MILESTONE, "Mobile app (v2)"), is_about_it=True))


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
    assert list(completion_claims(sentences(text), ("Mobile app",), is_about_it=False)) == ["Mobile app is complete."]


@pytest.mark.parametrize(
    "text", ["We are ahead of schedule", "Two weeks ahead of plan.", "Finished earlier than planned"]
)
def test_a_lead_is_claimed(text: str) -> None:
    assert list(lead_claims(sentences(text)))


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
    assert list(lead_claims(sentences(text))) == []


def test_a_quote_is_short_and_on_one_line() -> None:
    assert quote("a\nb") == "a b"
    assert len(quote("word " * 100)) <= 120


def cpu_of(read: Callable[[str], object], text: str) -> float:
    """The least of three readings, in seconds of the processor."""

    def once() -> float:
        began = time.process_time()
        read(text)
        return time.process_time() - began

    return min(once() for _ in range(3))


def read_all(text: str) -> None:
    for claims in (progress_claims, lead_claims):
        list(claims(sentences(text)))
    completions(text)


@pytest.mark.parametrize(
    "part", ["\n \n", " > ", "merged will merged ", "the work is done, not ", "ahead of plan 12 % "]
)
def test_the_time_to_read_a_text_grows_with_its_length_and_not_with_its_square(part: str) -> None:
    """Eight times the text may cost eight times as much, a square sixty-four; what the processor did counts, no clock."""
    text = part * (4_000 // len(part))
    assert cpu_of(read_all, text * 8) < 24 * max(cpu_of(read_all, text), 0.0002)
