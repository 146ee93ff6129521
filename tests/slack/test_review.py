"""The review and the confirming view: what the manager is told before anything reaches the channel."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from builders import (
    FIELDS,
    FLAVOURS,
    LENA,
    Q2,
    Q4,
    a_confirmation,
    a_known,
    a_line,
    a_report,
    a_report_of,
    a_review,
    a_sparse_report,
    check_golden,
    outline,
    the_words,
)

from bot.domain.life import LifeState
from bot.domain.milestone_line import LineState
from bot.domain.project import RagStatus
from bot.domain.report import Check, CheckEvidence, Coverage
from bot.domain.update import Promise, PromiseResult
from bot.flow.forms import CommandHelp, ConfirmForm, LateChange, LateRef, PublishedAs, ReviewForm
from bot.flow.messages import ItemRef, ReturnedUpdate
from bot.sandbox.rules import check_message, check_view
from bot.slack.blocks import Block, metadata_of
from bot.slack.card import item_of
from bot.slack.ids import Action, View
from bot.slack.review import late, review

WORDS = the_words()


def read(form: ReviewForm | ConfirmForm) -> str:
    return outline(view_of(form)["blocks"])


def view_of(form: ReviewForm | ConfirmForm) -> Block:
    return review.build(form, WORDS, FIELDS) if isinstance(form, ReviewForm) else review.confirm(form, WORDS)


def buttons(view: Block) -> list[Block]:
    beside = [block["accessory"] for block in view["blocks"] if "accessory" in block]
    return beside + [e for block in view["blocks"] if block["type"] == "actions" for e in block["elements"]]


AT = datetime(2027, 1, 5, 14, 3, tzinfo=UTC)
PUBLISHED = PublishedAs(1, "Dana Petrov", AT)
RETURNED = ReturnedUpdate("Push notifications", "Lena Brandt", "Dana Petrov", AT, "Which date holds?")
ANSWERED_LATE = LateChange(
    LateRef("milestone", "billing", 1),
    "Billing interface",
    "Ravi Nair",
    AT,
    (
        ("percent_complete", None, Decimal(55)),
        ("status", None, RagStatus.AT_RISK),
        ("deliverables", (), ("Interface", "Tests")),
        ("promised", {}, {"pen-test": Promise(PromiseResult.KEPT)}),
    ),
    is_new=True,
)
MOVED_LATE = LateChange(
    LateRef("milestone", "mobile-app", 2),
    "Mobile app",
    "Lena Brandt",
    AT,
    (
        ("percent_complete", Decimal(85), Decimal("87.5")),
        ("forecast", date(2027, 2, 12), None),
        ("note", None, "Slow."),
    ),
    is_left=True,
)
CLOSED_LATE = LateChange(
    LateRef("risk", "vendor", 3), "Vendor sandbox", "Ravi Nair", AT, (("is_open", True, False),), is_left=False
)
LATE = (ANSWERED_LATE, CLOSED_LATE, MOVED_LATE)


def after_publication(**values: Any) -> ReviewForm:
    """A review with everything that goes back and forth."""
    changes = {"published": PUBLISHED, "late": LATE, "returned": (RETURNED,), "overtaken": ("Mobile app",)}
    return a_review(**{**changes, "life": LifeState.CHANGES_PROPOSED, "zone": "Europe/Berlin", **values})


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("review-after-publication", after_publication()),
        (
            "confirm-after-publication",
            a_confirmation(
                a_report(revision=3), late=LATE, returned=(RETURNED,), overtaken_by=PUBLISHED, is_changed=True
            ),
        ),
        ("review", a_review(stale_edits=("executive_summary", "conclusion"), saved="Preview sent")),
        ("review-clean", a_review(a_report(checks=(), coverage=Coverage(4, 4)))),
        ("confirm", a_confirmation()),
        (
            "confirm-changed",
            a_confirmation(
                a_report(revision=2), is_shared_channel=True, changes=("Billing interface answered: 40 → 55%, At risk",)
            ),
        ),
    ],
)
def test_reads_as_kept(name: str, form: ReviewForm | ConfirmForm) -> None:
    check_golden(name, read(form))


def test_views_carry_ids_and_the_hash_of_what_was_reviewed() -> None:
    expected = {"v": 1, "project": "portal", "quarter": "2026-Q4", "facts": "f" * 64, "seen": 0, "revision": None}
    assert metadata_of(view_of(a_review())) == metadata_of(view_of(a_confirmation())) == expected
    assert [view_of(form)["callback_id"] for form in (a_review(), a_confirmation())] == [View.REVIEW, View.CONFIRM]


def test_the_first_ten_missing_are_named_and_the_rest_counted() -> None:
    lines = tuple(a_line(f"m{n}", f"Part {n}", state=LineState.MISSING, known=a_known(5)) for n in range(60))
    text = read(a_review(a_report(milestones=lines, coverage=Coverage(60, 0, tuple(line.key for line in lines)))))
    assert text.count("last known 5%, on track (Q3)") == 10
    assert "and 50 more" in text


def test_long_silence_is_said() -> None:
    line = a_line("m", "Audit", state=LineState.MISSING, known=a_known(10, quarter=Q2), unanswered_quarters=2)
    text = read(a_review(a_report(milestones=(line,), coverage=Coverage(1, 0, ("m",)))))
    assert "last known 10%, on track (Q2, two quarters ago) — 2nd quarter in a row without an answer" in text


def test_nudge_all_is_there_only_while_somebody_is_missing() -> None:
    missing, full = view_of(a_review()), view_of(a_review(a_report(coverage=Coverage(4, 4))))
    (nudge,) = (b for b in buttons(missing) if b["action_id"] == Action.NUDGE_ALL)
    assert item_of(nudge["value"]) == ItemRef("portal", Q4)
    assert Action.NUDGE_ALL not in [b["action_id"] for b in buttons(full)]


def test_who_has_not_answered_for_the_budget_is_named_though_every_update_is_in() -> None:
    full = a_report(coverage=Coverage(4, 4))
    view = view_of(replace(a_review(full), silent_budget="Ines"))
    assert "Resources and budget: no answer from Ines yet." in outline(view["blocks"])
    assert Action.NUDGE_ALL in [b["action_id"] for b in buttons(view)]
    assert "Resources and budget: no answer" not in outline(view_of(a_review(full))["blocks"])


def test_every_check_has_its_note_button_and_up_to_three_pieces_of_evidence() -> None:
    check = Check("stray-figure", "A figure", tuple(CheckEvidence(f"piece {n}") for n in range(60)))
    view = view_of(a_review(a_report(checks=(check,))))
    assert [b["value"] for b in buttons(view) if b["action_id"] == Action.CHECK_NOTE] == ["stray-figure"]
    text = outline(view["blocks"])
    assert text.count("• piece") == 3
    assert "and 57 more" in text


def test_a_check_has_its_buttons_beside_its_words_not_in_rows_of_their_own() -> None:
    checks = (
        Check("progress-fell", "Fell", (CheckEvidence("Billing 85 → 80%", milestone="billing"),)),
        Check("stalled", "Bare"),
    )
    rows = [block["type"] for block in view_of(a_review(a_report(checks=checks)))["blocks"]]
    clean = [block["type"] for block in view_of(a_review(a_report(checks=())))["blocks"]]
    assert rows.count("actions") == clean.count("actions")
    assert len(rows) - len(clean) == 3, "the first takes two blocks, the one without evidence one"


def test_confirming_names_channel_coverage_and_what_has_no_note() -> None:
    text = read(a_confirmation())
    assert "goes to #leadership as 🟢 On track (by rule 🟠 At risk), with 3 of 4 updates" in text
    assert "No update from: Billing interface" in text
    assert "Progress fell" in text
    assert "Something promised" not in text, "it has a note"
    assert "more than the figures" not in text, "leadership never sees it"


def test_a_status_that_the_rule_cannot_tell_says_why_before_and_while_confirming() -> None:
    unclaimed = replace(a_report().status, claimed=None, by_rule=RagStatus.NOT_KNOWN)
    report = a_report(status=unclaimed, coverage=Coverage(4, 1))
    assert "by rule ❔ Not known: too few updates are in" in read(a_review(report))
    assert "as ❔ Not known (too few updates are in), with 1 of 4 updates" in read(a_confirmation(report))
    claimed = a_report(status=replace(unclaimed, claimed=RagStatus.ON_TRACK), coverage=Coverage(4, 1))
    assert "as 🟢 On track (by rule ❔ Not known: too few updates are in), with" in read(a_confirmation(claimed))


def test_changes_since_the_review_come_first() -> None:
    assert read(a_confirmation(changes=("x",))).startswith("*Nothing is published yet")


def test_a_first_revision_replaces_nothing() -> None:
    assert "revision" not in read(a_confirmation(a_report(revision=1)))


def test_a_later_revision_edits_the_post_that_there_is() -> None:
    assert "revision 2: the post is edited in place" in read(a_confirmation(a_report(revision=2)))
    refused = read(a_confirmation(a_report(revision=2), has_post=False))
    assert "revision 2, with a new post" in refused
    assert "edited" not in refused


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("count", [1, 60])
def test_any_review_is_taken_by_slack(flavour: str, count: int) -> None:
    text = FLAVOURS[flavour]
    report = a_report_of(text, count)
    fields = [replaced | {"block_id": f"f{n}"} for n, replaced in enumerate(FIELDS * 6)]
    form = a_review(report, saved=text, stale_edits=("executive_summary",))
    assert not check_view(review.build(form, WORDS, fields))
    assert not check_view(review.confirm(a_confirmation(report, channel=text, changes=(text,) * 60), WORDS))
    assert not check_view(review.message(text[:30] or "t", text[:2000], WORDS))


@pytest.mark.parametrize("form", [a_review(a_sparse_report()), a_confirmation(a_sparse_report())])
def test_a_report_with_nearly_nothing_is_taken_by_slack(form: ReviewForm | ConfirmForm) -> None:
    assert not check_view(view_of(form))


def test_loading_has_nothing_to_submit() -> None:
    view = review.loading(WORDS)
    assert not check_view(view)
    assert "submit" not in view


def test_no_id_of_a_person_is_shown() -> None:
    form = a_review()
    assert LENA.ref not in json.dumps(view_of(form))
    assert LENA.ref not in json.dumps(view_of(replace(form, report=a_sparse_report())))


def test_help_and_problems_are_said_with_the_way_out() -> None:
    helped = review.help_blocks(CommandHelp(), WORDS)
    problem = review.help_blocks(CommandHelp("Only Dana Petrov can compile <this>."), WORDS)
    assert not check_message({"text": "t", "blocks": helped})
    assert "/compile-report all" in outline(helped)
    assert outline(problem).startswith("Only Dana Petrov can compile &lt;this&gt;.\n")
    assert "/compile-report help" in outline(problem)


def test_what_is_in_the_channel_already_says_that_nothing_has_changed() -> None:
    assert "Nothing has changed since." in read(after_publication(life=LifeState.PUBLISHED, late=()))


def test_a_button_tells_which_version_of_which_answer_it_is_about() -> None:
    refs = [
        late.ref_of(b["value"]) for b in buttons(view_of(after_publication())) if b["action_id"] == Action.LATE_TAKE
    ]
    assert refs == [ANSWERED_LATE.ref, MOVED_LATE.ref], "what is taken is offered to be left only"


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_any_number_of_late_answers_in_any_words_fit_the_view(flavour: str) -> None:
    text = FLAVOURS[flavour]
    differences = tuple((f"field_{n}", text, (text, text)) for n in range(30))
    many = tuple(replace(ANSWERED_LATE, title=text, by=text, changes=differences) for _ in range(200))
    back = (replace(RETURNED, milestone=text, owner=text, by=text, comment=text),) * 200
    view = view_of(after_publication(late=many, returned=back, overtaken=(text,) * 200))
    assert not check_view(view)
    assert "and 192 more" in outline(view["blocks"])
    assert not check_view(view_of(a_confirmation(late=many, returned=back)))


def test_the_second_of_two_managers_is_told_who_was_faster() -> None:
    view = review.confirm(a_confirmation(already=PUBLISHED), WORDS)
    assert not check_view(view)
    assert "Dana Petrov published this report as revision 1" in outline(view["blocks"])
