"""A company's own questions in the post's thread: each answer stands once, in the reply of its section."""

from __future__ import annotations

from dataclasses import replace

import pytest
from builders import a_line, a_report, a_sparse_report, the_words

from bot.domain.placing import place
from bot.domain.sections import HOME, Dialog, PlacedAnswer, ReportSection
from bot.slack.post import sections

WORDS = the_words()
TITLES = {
    ReportSection.STATUS: "Status",
    ReportSection.EXECUTIVE_SUMMARY: "Executive summary",
    ReportSection.KEY_MILESTONES: "Key milestones",
    ReportSection.IMPACT: "Impact on company goals",
    ReportSection.RISKS: "Risks and blockers",
    ReportSection.OBJECTIVES: "Next-quarter objectives",
    ReportSection.RESOURCES: "Resources and budget",
    ReportSection.DECISIONS: "Decisions",
    ReportSection.CONCLUSION: "Conclusion",
}


def said(dialog: Dialog, section: ReportSection) -> str:
    return f"said in {dialog} for {section}."


def more(dialog: Dialog) -> dict[str, str]:
    return {f"{dialog}-{section}": said(dialog, section) for section in ReportSection}


def test_each_answer_stands_once_in_the_reply_of_its_section() -> None:
    every = {(dialog, f"{dialog}-{section}"): section for dialog in Dialog for section in ReportSection}
    report = a_report()
    assert report.resources
    report = place(
        replace(
            report,
            milestones=(a_line("mobile-app", "Mobile app", more=more(Dialog.MILESTONE)),),
            risks=(replace(report.risks[0], more=more(Dialog.RISK)),),
            resources=replace(report.resources, more=more(Dialog.RESOURCES)),
            more=more(Dialog.SUMMARY),
        ),
        every,
    )
    thread = [
        (reply.section.title, text) for reply in sections.replies(report, WORDS) for text in reply.section.paragraphs
    ]
    for (dialog, _), section in every.items():
        assert [title for title, text in thread for _ in range(text.count(said(dialog, section)))] == [TITLES[section]]
    [resources] = [text for title, text in thread if said(Dialog.MILESTONE, ReportSection.RESOURCES) in text]
    assert f"_Milestone resources ({report.milestones[0].name}):_ said in milestone" in resources


@pytest.mark.parametrize("section", ReportSection)
def test_a_section_that_holds_nothing_else_gets_its_reply(section: ReportSection) -> None:
    answer = PlacedAnswer(section, Dialog.RISK, "team-mood", "Good <!channel>", "fire", "Fire")
    report = a_sparse_report(placed_answers=(answer,), executive_summary="Short.")
    [reply] = [r for r in sections.replies(report, WORDS) if "Team mood" in "\n".join(r.section.paragraphs)]
    assert reply.section.title == TITLES[section]
    assert "_Team mood (Fire):_ Good &lt;!channel&gt;" in "\n".join(reply.section.paragraphs)


def test_a_summary_that_the_post_shows_whole_is_not_said_again_with_the_answers_below_it() -> None:
    alone = a_sparse_report(executive_summary="All is well.")
    below = replace(alone, more={"team-mood": "Good"})
    assert "Executive summary" not in [reply.section.title for reply in sections.replies(alone, WORDS)]
    [reply] = [r for r in sections.replies(below, WORDS) if r.section.title == "Executive summary"]
    assert reply.section.paragraphs == ("_Team mood:_ Good",)
    assert HOME[Dialog.SUMMARY] is ReportSection.EXECUTIVE_SUMMARY
    [whole] = [part for part in sections.sections(below, WORDS) if part.title == "Executive summary"]
    assert whole.paragraphs == ("All is well.", "_Team mood:_ Good")
