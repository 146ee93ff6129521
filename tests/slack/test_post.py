"""The post that leadership reads: its one screen, its table, its thread, and that Slack takes them."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from builders import (
    FLAVOURS,
    MILESTONES,
    Q2,
    Q3,
    Q4,
    RESOURCES,
    RISKS,
    a_known,
    a_line,
    a_report,
    a_report_of,
    a_sparse_report,
    check_golden,
    outline,
    the_words,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.milestone_line import LineState
from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.domain.report import (
    Check,
    CheckEvidence,
    Coverage,
    EarnedValue,
    ProjectStatus,
    PromiseTally,
    QuarterlyReport,
    ResourcesBefore,
    ScopeChange,
)
from bot.domain.report import ScopeChangeKind as Kind
from bot.flow.messages import ItemRef, ReportPost, SectionReply
from bot.sandbox.rules import check_message, check_update, check_view
from bot.sandbox.rules.rich_text import visible_characters
from bot.slack import messages
from bot.slack.blocks import Block
from bot.slack.card import item_of
from bot.slack.post import post, sections
from bot.slack.post.post import first_sentences

WORDS = the_words()
A_BUDGET_BEFORE = ResourcesBefore(Q3, Decimal(1_000_000), Decimal(850_000), Decimal(1_060_000), Decimal(85), Decimal(6))


def read(report: QuarterlyReport) -> str:
    return outline(post.build(report, WORDS, is_preview=False))


HEADS = ("Milestone", "Status", "Done", "Change", "Forecast", "Slip")


def rows(report: QuarterlyReport) -> list[list[str]]:
    """The rows of the post's table with a dash in each column that was left out."""
    heads, *found = [[cell["text"] for cell in row] for row in post.build(report, WORDS, is_preview=False)[-1]["rows"]]
    return [[dict(zip(heads, row, strict=True)).get(head, "–") for head in HEADS] for row in found]


def refused(message: ReportPost | SectionReply) -> list[Any]:
    rendered = messages.render(message, WORDS)
    payload = {"text": rendered.text, "blocks": rendered.blocks, "metadata": rendered.metadata}
    return check_message(payload) + check_update(payload)


def characters(blocks: list[Block]) -> int:
    return visible_characters([block for block in blocks if block["type"] != "table"])


@pytest.mark.parametrize(("name", "report"), [("post", a_report()), ("post-sparse", a_sparse_report())])
def test_reads_as_kept(name: str, report: QuarterlyReport) -> None:
    check_golden(name, f"{messages.render(ReportPost('k', report), WORDS).text}\n\n{read(report)}")


def test_the_thread_reads_as_kept() -> None:
    found = sections.replies(a_report(), WORDS)
    check_golden("thread", "\n".join(outline(sections.reply_blocks(reply, WORDS)) for reply in found))


def test_the_post_fits_one_screen() -> None:
    assert len([line for line in read(a_report()).splitlines() if line]) < 32


def test_a_preview_has_the_same_content_and_inert_buttons() -> None:
    real, preview = (post.build(a_report(), WORDS, is_preview=flag) for flag in (False, True))
    (buttons,) = (block for block in real if block["type"] == "actions")
    (inert,) = (block for block in preview if block["type"] == "actions")
    assert [block for block in real if block is not buttons] == [block for block in preview if block is not inert]
    assert {item_of(element["value"]) for element in buttons["elements"]} == {ItemRef("portal", Quarter(2026, 4))}
    assert {element["value"] for element in inert["elements"]} == {post.PREVIEW}


def test_checks_for_the_manager_are_never_in_a_post() -> None:
    secret = Check("overclaimed", "SECRET", (CheckEvidence("SECRET"),), note="SECRET", audience="pm")
    report = a_report(checks=(secret,))
    everything = [post.build(report, WORDS, is_preview=False), sections.full_report(report, WORDS)]
    everything += [sections.reply_blocks(reply, WORDS) for reply in sections.replies(report, WORDS)]
    assert "SECRET" not in json.dumps(everything)


def test_only_checks_with_a_note_stand_under_the_status() -> None:
    pieces = tuple(CheckEvidence(f"Part {number} 85 → 80%") for number in (1, 2, 3))
    checks = (Check("progress-fell", "Fell", pieces, note="Recount"), Check("stray-figure", "Stray"))
    text = read(a_report(checks=checks))
    assert "⚠ _Fell_ · Part 1 85 → 80% · Part 2 85 → 80% and 1 more — *note:* Recount" in text
    assert "Stray" not in text


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        (RagStatus.AT_RISK, RagStatus.ON_TRACK, "🟠 *At risk* ▼ from On track in Q3"),
        (RagStatus.ON_TRACK, RagStatus.OFF_TRACK, "🟢 *On track* ▲ from Off track in Q3"),
        (RagStatus.OFF_TRACK, RagStatus.OFF_TRACK, "🔴 *Off track*, as in Q3"),
        (RagStatus.ON_TRACK, RagStatus.NOT_KNOWN, "🟢 *On track*, was Not known in Q3"),
        (RagStatus.NOT_STARTED, None, "⚪ *Not started*\n"),
    ],
)
def test_status_has_colour_word_and_direction(now: RagStatus, before: RagStatus | None, said: str) -> None:
    assert said in read(a_report(status=ProjectStatus(now, now, before), checks=()))


def test_the_rules_status_stands_beside_a_claim_that_differs() -> None:
    agreeing = ProjectStatus(RagStatus.AT_RISK, RagStatus.AT_RISK, None)
    assert "By rule 🟠 At risk: forecast 18% over budget" in read(a_report())
    assert "By rule" not in read(a_report(status=agreeing))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, "$1.04M spent of $1M · forecast $1.18M, 18% over budget, was 6% over"),
        ({"percent_variance": Decimal(2)}, "2% over budget, was 6% over"),
        ({"percent_variance": Decimal(6)}, "6% over budget, as before"),
        ({"previous_percent_variance": None}, "18% over budget\n"),
        ({"percent_variance": Decimal(0), "previous_percent_variance": Decimal(-3)}, "on budget, was 3% under"),
        ({"percent_variance": Decimal("-0.04")}, "on budget, was 6% over"),
        ({"percent_variance": Decimal("-0.04"), "previous_percent_variance": Decimal(0)}, "on budget, as before"),
        (
            {"budget_at_completion": None, "actual_cost": None, "forecast_at_completion": None},
            "104% used · forecast 18%",
        ),
        ({"currency": None}, "1,040,000 spent of 1,000,000"),
    ],
)
def test_budget_line(values: dict[str, Any], said: str) -> None:
    assert said in read(a_report(resources=replace(RESOURCES, **values)))


def test_a_project_without_money_has_no_budget_line() -> None:
    amounts = ("budget_at_completion", "actual_cost", "forecast_at_completion", "percent_used", "percent_variance")
    assert "Budget" not in read(a_report(resources=replace(RESOURCES, **dict.fromkeys(amounts))))


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (None, "*Budget*  no figures this quarter · budget at completion $1M, nothing reported yet"),
        (
            A_BUDGET_BEFORE,
            "no figures this quarter · last known $850,000 spent of $1M · forecast $1.06M, 6% over budget (Q3)",
        ),
        (
            replace(A_BUDGET_BEFORE, quarter=Q2, forecast_at_completion=None, percent_variance=None),
            "last known $850,000 spent of $1M (Q2, two quarters ago)",
        ),
    ],
)
def test_a_budget_without_an_answer_says_so_and_what_was_last_known(before: ResourcesBefore | None, said: str) -> None:
    unsaid = dict.fromkeys(("actual_cost", "forecast_at_completion", "percent_used", "percent_variance"))
    text = read(a_report(resources=replace(RESOURCES, **unsaid, previous=before)))
    assert said in text
    assert "no budget is set" not in text


def test_money_is_compared_with_what_was_last_said() -> None:
    text = read(a_report(resources=replace(RESOURCES, previous=A_BUDGET_BEFORE)))
    assert (
        "$1.04M spent of $1M ($850,000 spent by the end of Q3) · forecast $1.18M, 18% over budget, was 6% over" in text
    )


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, ""),
        ({"decisions": ()}, "(No decision is asked for.)"),
        ({"risks": ()}, "(No risk is reported.)"),
        ({"resources": None, "risks": ()}, "(No risk is reported and no budget is set.)"),
        (
            {"decisions": (), "risks": (), "resources": None},
            "(No decision is asked for, no risk is reported and no budget is set.)",
        ),
    ],
)
def test_what_nobody_reported_is_not_passed_over(values: dict[str, Any], said: str) -> None:
    found = [line for line in read(a_report(**values)).splitlines() if line.startswith("(No ")]
    assert found == ([said] if said else [])


@pytest.mark.parametrize(
    ("coverage", "why"),
    [
        (Coverage(5, 2), "too few updates are in"),
        (Coverage(5, 5), "too few updates give figures"),
        (Coverage(0, 0), "no update was due"),
    ],
)
def test_a_rule_that_cannot_tell_says_why_and_no_evidence_of_another_status(coverage: Coverage, why: str) -> None:
    claimed = replace(a_report().status, by_rule=RagStatus.NOT_KNOWN)
    text = read(a_report(status=claimed, coverage=coverage))
    assert f"By rule ❔ Not known: {why} · _the project manager says On track" in text
    unclaimed = replace(claimed, claimed=None, previous=RagStatus.ON_TRACK, why=None)
    assert f"❔ *Not known* ({why}), was On track in Q3" in read(a_report(status=unclaimed, coverage=coverage))


def test_promises_kept_are_told_over_the_quarters() -> None:
    history = (PromiseTally(Q2, 8, 1), PromiseTally(Q3), PromiseTally(Q4, 1, 1, 0, 1))
    assert (
        "*Promised in Q3*  1 kept · 1 carried over · 1 unanswered · kept 9 of 11 answered for, over 2 quarters"
        in read(a_report(promise_history=history))
    )
    assert "answered for" not in read(a_report(promise_history=history[-1:]))


def test_changes_of_the_plan_stand_in_the_post_those_that_hide_most_first() -> None:
    changes = (
        ScopeChange(Kind.RENAMED, "a", "Sign-in", "Login", "Sign-in"),
        ScopeChange(Kind.ADDED, "b", "Fax & mail"),
        ScopeChange(Kind.REBASELINED, "portal", "Portal", "900000", "1000000"),
        ScopeChange(Kind.BASELINE_MOVED, "c", "Billing", "2027-02-13", "2027-03-12", days=19, by="Dana"),
    )
    report = a_report(scope_changes=changes)
    assert (
        "*Plan changes*  Billing: baseline Feb 13 → Mar 12 (+19 d), by Dana · budget $900,000 → $1M · "
        "Fax &amp; mail added · 1 more"
    ) in read(report)
    thread = "\n".join(outline(sections.reply_blocks(reply, WORDS)) for reply in sections.replies(report, WORDS))
    assert "• Login renamed Sign-in" in thread
    assert "• Fax &amp; mail added" in thread


def test_risks_and_decisions_have_one_order_in_the_post_and_in_the_thread() -> None:
    risks = (RISKS[1], replace(RISKS[0], key="closed", title="Closed", is_open=False), RISKS[0])
    (decision,) = a_report().decisions
    asked = (replace(decision, key="later", what="Later", by=date(2027, 3, 1)), decision)
    report = a_report(risks=risks, decisions=asked)
    thread = "\n".join(outline(sections.reply_blocks(reply, WORDS)) for reply in sections.replies(report, WORDS))
    for text in (read(report), thread):
        assert text.index("Vendor sandbox unstable*") < text.index("Two developers short of plan*")
        assert text.index("Extend the vendor contract") < text.index("Later")
    assert thread.index("Two developers") < thread.index("3. *Closed*")


@pytest.mark.parametrize(
    ("before", "said"),
    [
        (None, "3rd quarter)"),
        (9, "3rd quarter)"),
        (6, "3rd quarter, graver than before)"),
        (12, ", less grave than before)"),
    ],
)
def test_a_risk_tells_its_age_and_whether_it_grew(before: int | None, said: str) -> None:
    assert f"{said} — Ravi Nair: daily call" in read(a_report(risks=(replace(RISKS[0], severity_before=before),)))


def test_a_decision_that_waits_for_long_tells_its_age() -> None:
    (decision,) = a_report().decisions
    assert "· first asked in Q2, two quarters ago" in read(a_report(decisions=(replace(decision, asked_in=Q2),)))


def test_earned_value_is_said_in_plain_words_with_its_standard_name() -> None:
    value = EarnedValue(Decimal(700_000), Decimal("610000.4"), Decimal(640_000), Decimal("0.953125"), None)
    thread = json.dumps(
        [sections.reply_blocks(r, WORDS) for r in sections.replies(a_report(earned_value=value), WORDS)]
    )
    assert "for every 1 spent, 0.95 of work is done (cost performance index, CPI)" in thread
    assert "planned by now $700,000 \\u00b7 work done $610,000 \\u00b7 spent $640,000" in thread
    assert "SPI" not in thread, "nothing is known of it"


def test_earned_value_is_rounded_as_in_the_documents() -> None:
    value = EarnedValue(Decimal("700000.5"), Decimal("700000.5"), Decimal(640_000), Decimal("0.865"), None)
    thread = json.dumps(
        [sections.reply_blocks(r, WORDS) for r in sections.replies(a_report(earned_value=value), WORDS)]
    )
    assert "0.87 of work is done" in thread
    assert "planned by now $700,001" in thread


def test_a_first_quarter_has_no_section_on_what_moved() -> None:
    lines = tuple(replace(line, known=None) for line in MILESTONES)
    first = a_report(milestones=lines, status=ProjectStatus(RagStatus.ON_TRACK, RagStatus.ON_TRACK, None))
    assert "What moved" in [part.title for part in sections.sections(a_report(), WORDS)]
    assert "What moved" not in [part.title for part in sections.sections(first, WORDS)]


def test_a_status_nobody_claimed_is_the_rules_and_is_said_once() -> None:
    text = read(a_report(status=ProjectStatus(None, RagStatus.AT_RISK, RagStatus.ON_TRACK), checks=()))
    assert "🟠 *At risk* ▼ from On track in Q3" in text
    assert "by rule" not in text.lower()


def test_the_first_missing_are_named_with_their_age_and_the_rest_counted() -> None:
    lines = tuple(
        a_line(f"m{n}", f"Part {n}", state=LineState.MISSING, known=a_known(10 * n, quarter=Q2)) for n in range(7)
    )
    text = read(a_report(milestones=lines, coverage=Coverage(7, 0, tuple(line.key for line in lines))))
    assert "0 of 7 updates received · _No update: Part 0 (last known 0%, Q2, two quarters ago), Part 1" in text
    assert " and 4 more_" in text
    assert "Part 3 (" not in text


def test_full_coverage_says_so() -> None:
    assert "(All 4 updates received)" in read(a_report(coverage=Coverage(4, 4)))


def test_a_second_revision_is_dated() -> None:
    assert "Revision 2, Jan 8" in read(a_report(revision=2))
    assert "Revision" not in read(a_report(revision=1))


def test_the_table_has_the_worst_and_the_moved_first() -> None:
    off = a_line("off", "Off", 10, RagStatus.OFF_TRACK)
    still = a_line("still", "Still", 60, RagStatus.ON_TRACK, known=a_known(60))
    names = [row[0] for row in rows(a_report(milestones=(still, *MILESTONES, off)))]
    assert names[:3] == ["Off", "Billing interface", "Push notifications"]
    assert set(names[3:5]) == {"Mobile app", "Design system"}
    assert names[5:] == ["Still", "Login"]


def test_ten_milestones_have_a_row_each_and_more_are_counted() -> None:
    def parts(count: int) -> QuarterlyReport:
        return a_report(
            milestones=tuple(
                a_line(f"m{n}", f"Part {n}", 50, RagStatus.ON_TRACK, known=a_known(50)) for n in range(count)
            )
        )

    assert len(rows(parts(10))) == 10
    assert "more" not in read(parts(10)).partition("[Full report]")[2]
    assert len(rows(parts(48))) == 10
    assert "38 more, unchanged" in read(parts(48))


def test_dropped_milestones_are_counted_by_themselves_as_where_milestones_are_summed_up() -> None:
    live = [a_line(f"m{n:04}", f"M {n}", 50, RagStatus.ON_TRACK, known=a_known(50)) for n in range(1_210)]
    gone = [a_line(f"gone{n}", f"Gone {n}", state=LineState.DROPPED) for n in range(4)]
    for dropped, told in ((gone, "; 4 were dropped"), (gone[:1], "; 1 was dropped"), ([], "")):
        assert f"moved most; 1,200 more, unchanged{told})" in read(a_report(milestones=(*live, *dropped)))


def test_thousands_of_working_days_are_grouped() -> None:
    late = a_line("a", "Tunnel", 5, RagStatus.OFF_TRACK, slippage_days=3343, forecast_moved_days=-1200)
    told = str(sections.full_report(a_report(milestones=(late,)), WORDS))
    assert "3,343 working days later than the baseline" in told
    assert "moved 1,200 working days earlier" in told


def test_long_names_are_cut_after_a_word_and_wrap_and_show_no_code_marks() -> None:
    name = "Continue resolving `cargo-semver-checks` blockers for merging into cargo"
    lines = [a_line("a", name, 20), a_line("b", "Run `x`", 20)]
    assert [row[0] for row in rows(a_report(milestones=lines))] == ["Continue resolving cargo-semver-checks…", "Run x"]
    table = post.build(a_report(milestones=lines), WORDS, is_preview=False)[-1]
    assert table["column_settings"][0] == {"align": "left", "is_wrapped": True}
    assert all(cell["text"] != name for row in table["rows"] for cell in row)


def test_names_that_would_look_alike_stay_whole() -> None:
    names = [f"Finish the json output experiment of the test harness, part {n}" for n in (1, 2)]
    lines = [a_line(f"m{n}", name, 20) for n, name in enumerate(names)]
    assert [row[0] for row in rows(a_report(milestones=lines))] == names


def test_a_column_that_says_nothing_is_left_out() -> None:
    table = post.build(a_report(milestones=[a_line("a", "A", 20)]), WORDS, is_preview=False)[-1]
    assert [cell["text"] for cell in table["rows"][0]] == ["Milestone", "Status", "Done"]
    assert len(table["column_settings"]) == 3


def test_rest_of_the_table_tells_the_unchanged_apart() -> None:
    moved = [a_line(f"a{n}", "A", 60, RagStatus.ON_TRACK, known=a_known(50)) for n in range(18)]
    still = [a_line(f"b{n}", "B", 50, RagStatus.ON_TRACK, known=a_known(50)) for n in range(30)]
    assert "38 more: 8 moved, 30 unchanged" in read(a_report(milestones=(*moved, *still)))


def test_many_silent_milestones_do_not_crowd_out_what_moved() -> None:
    silent = [a_line(f"s{n}", "Silent", state=LineState.MISSING, known=a_known(20)) for n in range(12)]
    moved = [a_line(f"m{n}", "Moved", 60, known=a_known(50)) for n in range(8)]
    names = [row[0] for row in rows(a_report(milestones=(*silent, *moved)))]
    assert names == ["Silent"] * 3 + ["Moved"] * 7


def test_what_was_finished_in_the_quarter_stands_among_what_moved() -> None:
    never_reported_before = a_line("done", "Done", 100, RagStatus.COMPLETE)
    still = [a_line(f"b{n}", "B", 50, RagStatus.ON_TRACK, known=a_known(50)) for n in range(20)]
    assert rows(a_report(milestones=(*still, never_reported_before)))[0][0] == "Done"


@pytest.mark.parametrize(
    ("line", "row"),
    [
        (MILESTONES[0], ["🟢 On track", "85%", "▲ 25", "Feb 12", "0"]),
        (MILESTONES[1], ["🟠 At risk", "80%", "▼ 5", "Dec 18 → Jan 29", "+10 d"]),
        (MILESTONES[2], ["no update", "40% (Q3)", "–", "Mar 12 (Q3)", "+19 d (Q3)"]),
        (MILESTONES[4], ["✅ Complete ▲", "100%", "▲ 10", "Aug 28", "−2 d"]),
        (a_line("u", "U", 29, known=a_known(0, None)), ["not rated", "29%", "▲ 29", "–", "–"]),
        (a_line("h", "H", "62.25", known=a_known(50, None)), ["not rated", "62.3%", "▲ 12.3", "–", "–"]),
        (a_line("t", "T", "50.04", known=a_known(50, None)), ["not rated", "50%", "0", "–", "–"]),
        (
            a_line("b", "B", 80, slippage_days=10, first_baseline=date(2026, 12, 1), slippage_from_first_days=35),
            ["not rated", "80%", "–", "–", "+10 d (first +35 d)"],
        ),
        (
            a_line("m", "M", state=LineState.MISSING, known=a_known(80, slippage_days=10, slippage_from_first_days=35)),
            ["no update", "80% (Q3)", "–", "–", "+10 d (first +35 d, Q3)"],
        ),
        (a_line("n", "N", state=LineState.NEW), ["new", "–", "–", "–", "–"]),
        (a_line("e", "E", state=LineState.EXCUSED, known=a_known(60)), ["excused", "60% (Q3)", "–", "–", "–"]),
        (a_line("c", "C", state=LineState.COMPLETE), ["✅ Complete", "–", "–", "–", "–"]),
    ],
)
def test_rows(line: Any, row: list[str]) -> None:
    assert rows(a_report(milestones=(line,)))[0][1:] == row


@pytest.mark.parametrize(
    ("target", "said"),
    [("2027-03-12", "(by Mar 12)"), ("2027-Q1", "(in Q1)"), ("Q1 2029", "(in Q1 2029)"), ("soon", "(soon)")],
)
def test_targets_are_dates_quarters_or_words(target: str, said: str) -> None:
    (first, *_) = a_report().objectives
    assert said in read(a_report(objectives=(replace(first, target=target),)))


@pytest.mark.parametrize("flavour", FLAVOURS)
@pytest.mark.parametrize("count", [1, 60])
def test_any_report_is_taken_by_slack(flavour: str, count: int) -> None:
    report = a_report_of(FLAVOURS[flavour], count)
    assert_post_taken(report)
    assert not check_view(sections.full_report(report, WORDS))
    for reply in sections.replies(report, WORDS):
        assert not check_message({"text": "t", "blocks": sections.reply_blocks(reply, WORDS)})


def test_a_post_on_a_thousand_milestones_with_texts_of_three_thousand_characters_is_taken_by_slack() -> None:
    assert_post_taken(a_report_of("Schiff & Söhne – " * 176, 1000))


def assert_post_taken(report: QuarterlyReport) -> None:
    """Slack does not refuse the post, and it stays one screen."""
    blocks = post.build(report, WORDS, is_preview=False)
    assert not refused(ReportPost("post:portal:2026-Q4", report))
    assert characters(blocks) <= 10_000
    assert len(blocks) <= 11


def test_every_reply_is_rendered_by_its_index() -> None:
    report = a_report_of("word " * 300, 6)
    count = sections.section_count(report, WORDS)
    texts = [messages.render(SectionReply(f"r{n}", report, n), WORDS) for n in range(count)]
    assert len({json.dumps(rendered.blocks) for rendered in texts}) == count
    with pytest.raises(IndexError):
        messages.render(SectionReply("r", report, count), WORDS)


def test_no_word_of_a_long_text_is_lost_in_the_thread() -> None:
    note = " ".join(f"word{n}" for n in range(1500))
    report = a_report(milestones=(replace(MILESTONES[0], note=note),))
    said = json.dumps([sections.reply_blocks(reply, WORDS) for reply in sections.replies(report, WORDS)])
    assert all(f"word{n}" in said for n in range(1500))


def test_the_summary_is_in_the_thread_only_where_the_post_cuts_it() -> None:
    long = "A sentence of a summary. " * 60
    heading = "*Executive summary*"
    short_thread, long_thread = (
        json.dumps([sections.reply_blocks(reply, WORDS) for reply in sections.replies(report, WORDS)])
        for report in (a_report(), a_report(executive_summary=long))
    )
    assert heading not in short_thread
    assert heading in long_thread
    assert "full text in the thread" in read(a_report(executive_summary=long))


@given(st.text(max_size=1500), st.integers(20, 700))
def test_first_sentences_begin_the_text_and_fit(text: str, limit: int) -> None:
    shown, is_cut = first_sentences(text, limit)
    assert text.strip().startswith(shown)
    assert len(shown) <= limit
    assert is_cut or shown == text.strip()


def test_a_summary_ends_with_a_whole_sentence() -> None:
    assert first_sentences("One is done. Two is at 3.5% of it. Three goes on", 40) == (
        "One is done. Two is at 3.5% of it.",
        True,
    )


@pytest.mark.parametrize("report", [a_report(), a_report_of("CANARY", 12)])
def test_text_is_free_of_money_and_of_owners_words(report: QuarterlyReport) -> None:
    named = replace(report, project_name="Portal")
    text = messages.render(ReportPost("k", named), WORDS).text
    assert "CANARY" not in text
    assert not {"$", "1.04", "1.18", "18%"} & set(text.split())
    assert "vendor" not in text


def test_right_to_left_words_cannot_turn_the_figures() -> None:
    row = rows(a_report(milestones=(replace(MILESTONES[0], name="שלום"),)))[0]
    assert row[0] == "\u2068שלום\u2069"


def test_a_date_is_printed_in_the_reports_locale() -> None:
    german = a_report(locale="de_DE", milestones=(a_line("m", "M", 5, forecast=date(2027, 3, 12)),))
    assert rows(german)[0][4] == "12. März"
