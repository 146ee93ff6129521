"""The digest after the deadline as its readers see it: project by project, what is common to all said once, any number taken."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from builders import DANA, Q3, Q4, a_known, outline, the_words

from bot.domain.update import Resources
from bot.flow.messages import DigestItem, DigestProject, ItemRef, OverdueDigest
from bot.sandbox.rules import check_message
from bot.slack import digest

WORDS = the_words()
SILENT = DigestItem(
    ref=ItemRef("portal", Q4, "billing"),
    project_name="Portal",
    title="Billing",
    owner="Ravi",
    known=a_known(40, quarter=Q3),
    asked=3,
    is_unconfirmed=False,
    has_account=True,
    is_away=False,
    away_until=None,
    silent_quarters=1,
    sponsor=None,
)
PORTAL, TOOLING = (
    DigestProject(ItemRef("portal", Q4), "Portal", 9, 12),
    DigestProject(ItemRef("tools", Q4), "Tooling", 1, 2),
)


def read(*items: DigestItem, projects: tuple[DigestProject, ...] = (PORTAL,), zone: str = "UTC") -> str:
    blocks = digest.build(OverdueDigest("k", DANA, Q4, "Q4 2026", "en_US", zone, projects, items), WORDS)
    assert check_message({"text": "digest", "blocks": blocks}) == []
    return outline(blocks)


def test_how_often_they_were_asked_is_said_once_and_what_differs_beside_it() -> None:
    audit, data = (replace(SILENT, ref=ItemRef("portal", Q4, key), title=key.title()) for key in ("audit", "data"))
    said = read(SILENT, audit, replace(data, asked=1))
    assert "*Portal · Q4 2026* — 9 of 12 updates are in.\nNot answered yet, asked 3 times:" in said
    assert said.count("asked") == 2
    assert "*Data* · Ravi · last known 40%" in said
    assert "asked once" in said


def test_nothing_is_said_of_asking_where_nobody_could_be() -> None:
    said = read(replace(SILENT, has_account=False, asked=0))
    assert "Not answered yet:" in said
    assert "no account in Slack was found, so nobody was asked" in said


def test_each_silent_milestone_can_be_nudged_reassigned_and_excused_from_the_message() -> None:
    unreachable = replace(SILENT, ref=ItemRef("portal", Q4, "audit"), title="Audit", has_account=False, asked=0)
    said = read(SILENT, unreachable).split("*Audit*")
    assert ["[Nudge] [Reassign] [Excuse]" in part for part in said] == [True, False]
    assert "[Reassign] [Excuse]" in said[1]
    for_sponsor = OverdueDigest("k", DANA, Q4, "Q4 2026", "en_US", "UTC", (PORTAL,), (SILENT,), is_for_sponsor=True)
    assert "[Excuse]" not in outline(digest.build(for_sponsor, WORDS))


def test_a_budget_without_an_answer_says_what_was_spent_and_its_owner_can_be_nudged() -> None:
    last = (Q3, Resources(actual_cost=Decimal(640_000), forecast_at_completion=Decimal(1_250_000)))
    ref, title = ItemRef("portal", Q4), "Resources and budget"
    budget = replace(SILENT, ref=ref, title=title, known=None, last_resources=last, currency="USD")
    said = read(budget)
    assert "*Resources and budget* · Ravi · last known $640,000 spent, forecast $1,250,000 (Q3)" in said
    assert "[Nudge] [" not in said.split("[People and dates]")[0], "what is decided of a milestone alone is not offered"
    assert "[Nudge]" not in read(replace(budget, has_account=False, asked=0))


def test_the_quarter_of_what_was_last_known_is_named_as_the_company_does() -> None:
    long_ago = replace(SILENT, known=a_known(40, quarter=Q3.shifted(-4)))
    blocks = digest.build(OverdueDigest("k", DANA, Q4, "Q4 FY2026", "en_US", "UTC", (PORTAL,), (long_ago,)), WORDS)
    assert "(Q3 FY2025)" in outline(blocks)


def test_each_project_stands_over_its_own_milestones() -> None:
    other = replace(SILENT, ref=ItemRef("tools", Q4, "farm"), project_name="Tooling", title="Build farm", asked=2)
    said = read(SILENT, other, projects=(PORTAL, TOOLING))
    assert said.index("*Portal · Q4 2026*") < said.index("*Billing*") < said.index("*Tooling · Q4 2026*")
    assert said.index("*Tooling · Q4 2026*") < said.index("*Build farm*")
    assert said.count("Tooling") == 1, "not beside its milestones"


def test_the_day_of_return_is_the_readers() -> None:
    back = datetime(2027, 1, 8, 23, 30, tzinfo=UTC)
    away = replace(SILENT, is_away=True, away_until=back)
    assert "away until Jan 8" in read(away)
    assert "away until Jan 9" in read(away, zone="Europe/Berlin")


@pytest.mark.parametrize(
    ("published", "said"),
    [
        ((False, False), "hours. Answers are still taken until you publish."),
        (
            (True, False),
            "until you publish; the report is out for 1 of these 2 projects, and what comes later there is shown",
        ),
        ((True, True), "hours. The reports are published: answers are still taken, and shown to you as late changes"),
        ((True,), "hours. The report is published: answers are still taken, and shown to you as late changes"),
    ],
)
def test_what_becomes_of_answers_depends_on_what_is_published(published: tuple[bool, ...], said: str) -> None:
    pairs = zip((PORTAL, TOOLING), published, strict=False)
    assert said in read(SILENT, projects=tuple(replace(project, is_published=is_out) for project, is_out in pairs))


@pytest.mark.parametrize("count", [1, 26, 120])
def test_any_number_of_projects_is_one_message_that_counts_what_it_leaves_out(count: int) -> None:
    projects = tuple(DigestProject(ItemRef(f"p{n}", Q4), f"Project {n}", 0, 1) for n in range(count))
    items = [replace(SILENT, ref=ItemRef(f"p{n}", Q4, "m"), title=f"Part {n}") for n in range(count)]
    said = read(*items, projects=projects)
    assert (f"{count - 12} more" in said) == (count > 12)
