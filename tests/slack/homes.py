"""Homes for tests: a person's of the fourth quarter, empty by default, and one of somebody who is everything at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from builders import LENA, Q3, Q4, an_owner_card, many

from bot.domain.project import RagStatus
from bot.domain.report import Coverage
from bot.flow.forms import Sending
from bot.flow.home.company import CompanySection, Queue, Trouble, UnreachablePerson
from bot.flow.home.home import SIZES, Home, Hours, List, OfferedMilestone
from bot.flow.home.leader import AskedQuestion, FollowedProject, LatestReport, WaitingDecision
from bot.flow.home.pages import Page, page_of
from bot.flow.home.projects import HomeProject, MissingUpdate
from bot.flow.messages import ItemRef, OpenQuestion
from bot.flow.ports import Place
from bot.flow.setup.checklist import Checklist
from bot.slack.blocks import Block
from bot.slack.home import home
from bot.slack.words import Words

THEN = datetime(2026, 10, 8, 23, 30, tzinfo=UTC)  # the ninth in Berlin
NEW = Checklist("#leadership", 0, ("Ravi",), "Q4 2026", date(2026, 12, 18), has_opened=False)
REPORT = LatestReport(
    ItemRef("portal", Q3), "Q3 2026", 1, RagStatus.ON_TRACK, RagStatus.AT_RISK, THEN, Place("C0LEADERS", "1.000002")
)


def a_home(**values: Any) -> Home:
    defaults = {
        "person": LENA,
        "quarter": Q4,
        "quarter_label": "Q4 2026",
        "locale": "en_US",
        "hours": Hours(time(9, 30), time(16, 30), "Europe/Berlin", are_own=False),
    }
    return Home(**{**defaults, **values})


def a_project(key: str = "portal", name: str = "Customer Portal", **values: Any) -> HomeProject:
    defaults = {
        "ref": ItemRef(key, Q4),
        "name": name,
        "quarter_label": "Q4 2026",
        "coverage": Coverage(4, 3, ("billing",)),
        "missing": (MissingUpdate("Billing interface", "Ravi Nair"),),
        "checks": 2,
        "paused_because": None,
        "report": REPORT,
        "checklist": None,
    }
    return HomeProject(**{**defaults, **values})


def a_company(**values: Any) -> CompanySection:
    defaults = {
        "company": "Example Networks",
        "quarter": Q4,
        "projects": 12,
        "counts": ((RagStatus.OFF_TRACK, 1), (RagStatus.ON_TRACK, 4)),
        "sending": Sending(),
        "queue": Queue(0, timedelta(), 0, timedelta(seconds=4)),
        "people": Page(),
    }
    return CompanySection(**{**defaults, **values})


def a_decision(text: str = "Extend the contract", **values: Any) -> WaitingDecision:
    defaults = {
        "key": "vendor",
        "ref": ItemRef("portal", Q3),
        "project_name": text,
        "what": text,
        "by": date(2027, 1, 15),
        "days_left": 5,
    }
    return WaitingDecision(**{**defaults, **values})


def a_question(number: int, text: str = "Why so late?", answer: str | None = None) -> AskedQuestion:
    return AskedQuestion(number, text, "Q3 2026", text, text, THEN, answer, text if answer else "")


def an_open_question(number: int, text: str = "Why so late?") -> OpenQuestion:
    return OpenQuestion(number, text, "Q3 2026", text, text, text, 3)


def everything(text: str = "Words", most: int = 1000, page: int = 0) -> Home:
    """The Home of an owner, manager, leader and admin with `most` of everything, each list at one page."""

    def cut(name: List, items: list[Any]) -> Page[Any]:
        return page_of(items, page, SIZES[name])

    items = many(most, text, projects=most)
    offers = [OfferedMilestone(n, text, text, text, THEN) for n in range(most)]
    missing = tuple(MissingUpdate(text, text) for _ in range(most))
    projects = [a_project(f"p{n}", text, missing=missing, report=None, checklist=NEW) for n in range(most)]
    people = [UnreachablePerson(text, Trouble.NO_ACCOUNT, text, 2, ItemRef("p", Q4)) for _ in range(most)]
    return a_home(
        admins=(text,) * most,
        is_new=True,
        has_items=True,
        card=an_owner_card(*items),
        owed=cut(List.OWED, items),
        offers=cut(List.OFFERS, offers),
        decisions=cut(List.DECISIONS, [a_decision(text) for _ in range(most)]),
        to_answer=cut(List.TO_ANSWER, [an_open_question(n, text) for n in range(most)]),
        projects=cut(List.PROJECTS, projects),
        project_starts=tuple(text for _ in range(0, most, SIZES[List.PROJECTS])),
        sending=Sending(1, 1),
        reports=cut(List.REPORTS, [FollowedProject(text, REPORT) for _ in range(most)]),
        asked=cut(List.ASKED, [a_question(n, text, text) for n in range(most)]),
        company=a_company(company=text, people=cut(List.PEOPLE, people)),
    )


def drawn(shown: Home, words: Words, *, is_member: bool = False) -> Block:
    """A Home as its person sees it."""
    return home.build(shown, lambda _: is_member, lambda place: f"https://slack.example/{place.ts}", words)
