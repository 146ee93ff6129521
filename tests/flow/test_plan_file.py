"""A dropped file: fetched with patience, answered in any case, loaded only as it was shown and only by its person."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pytest
from managed import DANA, OPENING, Stage, an_account
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.errors import BotError, DeliveryFailed, NotAllowed, NotFound
from bot.flow.company import Company
from bot.flow.messages import Notice
from bot.flow.people import acting_person
from bot.flow.ports import SharedFile
from bot.flow.setup import plan_file
from bot.intake.plan import PlanReader
from bot.store import outbox, people
from bot.store.outbox import Parcel
from bot.store.portfolio import portfolio, save_project
from bot.store.session import Database
from bot.store.tables import ChangeRow, OutboxRow

Companies = Callable[[Session], Company | None]

NOW = datetime(2025, 9, 19, 14, tzinfo=UTC)
HEAD = "project_key,project_name,manager,milestone_key,milestone_name,owner,baseline,weight\n"
ROW = "portal,Customer Portal,U0BOB,lab,Test Lab,U0DANA,2025-12-19,\n"
FIRST = """
company: Example Networks
timezone: America/New_York
admins: [dana@example.com]
people: [{email: dana@example.com, name: Dana}]
projects: [{key: portal, name: Portal, manager: bob@example.com}]
"""


@dataclass
class Files:
    """Slack's files, as far as it gives them."""

    name: str = "plan.csv"
    bytes: bytes = (HEAD + ROW).encode()
    size: int | None = None
    failures: list[DeliveryFailed] = field(default_factory=list)
    fetched: int = 0

    def shared_file(self, file_id: str) -> SharedFile:
        return SharedFile(self.name, len(self.bytes) if self.size is None else self.size, "https://files.slack.com/x")

    def content(self, file: SharedFile, *, most: int) -> bytes:
        if self.failures:
            raise self.failures.pop(0)
        self.fetched += 1
        return self.bytes


@pytest.fixture
def stage(database: Database) -> Stage:
    return Stage(database)


def fetch(database: Database, files: Files, *, to: str = "U0BOB", attempts: int = 1) -> None:
    """A worker fetches the file that somebody dropped."""
    parcel = Parcel(1, "dropped-file:F1", "dropped-file", {"file": "F1", "to": to}, "dropped-file:F1", attempts)
    plan_file.fetch(parcel, database, files, PlanReader(), NOW).act()


def answer(session: Session, company: Company | None) -> Notice:
    """What the person is told."""
    row = session.scalars(select(OutboxRow).where(OutboxRow.key == "plan-file:F1")).one()
    parcel = Parcel(row.id, row.key, row.kind, row.subject, row.lane, 1)
    message = plan_file.compose(session, company, PlanReader(), parcel).message
    assert isinstance(message, Notice)
    return message


def told(database: Database) -> Notice:
    """The same, where there is a company."""
    with database.reading() as session:
        return answer(session, Company.load(session))


def press(database: Database, notice: Notice, who: str = "U0BOB", company: Companies = Company.load) -> None:
    """Somebody says: load these changes; then a worker does, and once more, as after a crash."""
    with database.writing() as session:
        plan_file.accept(session, acting_person(session, people_ref(session, who)), notice.buttons[0][2], OPENING)
    work(database, company)


def work(database: Database, company: Companies = Company.load) -> None:
    """Workers load what is to be loaded."""
    with database.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "plan-load")).all()
        parcels = [Parcel(row.id, row.key, row.kind, row.subject, row.lane, 1) for row in rows]
    for parcel in parcels * 2:
        plan_file.load(parcel, database, company, PlanReader(), OPENING).act()


def is_kept(database: Database) -> bool:
    """Whether what the file says is still there."""
    with database.reading() as session:
        return "text" in outbox.subject_of(session, "plan-file:F1")


def people_ref(session: Session, ref: str) -> str:
    """The Slack id of somebody whom a file names."""
    known = people.people_by_ref(session).get(ref)
    return (known and known.slack_id) or ref


def changes(database: Database) -> list[tuple[str, str, str | None]]:
    with database.reading() as session:
        return [(row.milestone_key, row.what, row.by) for row in session.scalars(select(ChangeRow))]


def edits(database: Database) -> list[str]:
    """What became of the message, in order."""
    with database.reading() as session:
        rows = session.scalars(select(OutboxRow).where(OutboxRow.kind == "notice-edit").order_by(OutboxRow.id))
        said = [row.subject["values"] for row in rows]
    return [values.get("outcome") or "\n".join(values["lines"]) for values in said]


def test_the_same_file_is_taken_once(database: Database) -> None:
    for _ in range(2):
        with database.writing() as session:
            plan_file.take(session, "F1", "U0BOB", NOW)
    with database.reading() as session:
        assert len(session.scalars(select(OutboxRow)).all()) == 1


def test_a_file_that_slack_does_not_give_yet_is_asked_for_again_then_said_to_be_lost(
    stage: Stage, database: Database
) -> None:
    files = Files(failures=[DeliveryFailed("busy", outcome="retry")] * 4)
    for attempt in (1, 2, 3):
        with pytest.raises(DeliveryFailed):
            fetch(database, files, attempts=attempt)
    fetch(database, files, attempts=4)
    assert (told(database).name, told(database).values["reason"]) == ("plan-file-unread", "fetch")


def test_a_file_that_was_refused_is_said_to_be_lost_at_once(stage: Stage, database: Database) -> None:
    fetch(database, Files(failures=[DeliveryFailed("no", outcome="final")]))
    assert told(database).values["reason"] == "fetch"


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        (Files(name="plan.xlsx"), "type"),
        (Files(size=plan_file.LARGEST + 1), "size"),
    ],
)
def test_what_is_no_plan_or_too_large_is_not_fetched(
    stage: Stage, database: Database, files: Files, reason: str
) -> None:
    fetch(database, files)
    assert told(database).values["reason"] == reason
    assert files.fetched == 0


def test_a_file_of_the_largest_size_is_read(stage: Stage, database: Database) -> None:
    padding = b"\n" * (plan_file.LARGEST - len(HEAD + ROW))
    fetch(database, Files(bytes=(HEAD + ROW).encode() + padding))
    assert told(database).values["lines"] == ["portal/lab: added: Test Lab"]


def test_nothing_is_changed_until_its_person_says_so_and_then_once(stage: Stage, database: Database) -> None:
    fetch(database, Files())
    notice = told(database)
    assert changes(database) == []
    for _ in range(2):
        press(database, notice)
    assert changes(database) == [("lab", "added", "U0BOB")]
    assert edits(database) == ["loaded"]
    assert not is_kept(database)


def test_nobody_else_can_press(stage: Stage, database: Database) -> None:
    fetch(database, Files())
    with pytest.raises(NotAllowed, match="Only the person who dropped this file"):
        press(database, told(database), "@charlie")
    assert changes(database) == []


def test_the_first_decision_counts(stage: Stage, database: Database) -> None:
    fetch(database, Files())
    notice = told(database)
    with database.writing() as session:
        plan_file.decline(session, people.people_by_ref(session)["U0BOB"], notice.buttons[1][2], OPENING)
    press(database, notice)
    assert changes(database) == []
    assert edits(database) == ["cancelled"]
    assert not is_kept(database)


def test_a_file_that_was_let_go_of_is_not_loaded_and_asked_for_again(stage: Stage, database: Database) -> None:
    fetch(database, Files())
    notice = told(database)
    with database.writing() as session:
        assert is_kept(database)
        outbox.shed(session, ["plan-file:F1"], "text")
    press(database, notice)
    assert changes(database) == []
    assert edits(database) == ["This file is no longer here; drop it again."]
    assert told(database).name == "plan-file-refused"


def test_who_lost_the_project_meanwhile_cannot_load_it(stage: Stage, database: Database) -> None:
    fetch(database, Files())
    notice = told(database)
    with stage.scene() as scene:
        given_away = replace(scene.company.project("portal"), manager=scene.person("@charlie"))
        save_project(scene.session, given_away, today=NOW.date())
    press(database, notice)
    assert edits(database) == ["Only admins can load a portfolio file: U0ADMIN."]
    assert changes(database) == []


def test_what_somebody_drops_who_may_load_nothing_is_not_even_read(stage: Stage, database: Database) -> None:
    fetch(database, Files(bytes=b"unknown,columns\n"), to=DANA)
    assert told(database).values["lines"] == ["Only admins can load a portfolio file: U0ADMIN."]


def test_a_long_list_of_changes_is_cut_and_counted(stage: Stage, database: Database) -> None:
    rows = "".join(f"portal,Customer Portal,U0BOB,m{n},M {n},U0DANA,,\n" for n in range(55))
    fetch(database, Files(bytes=(HEAD + rows).encode()))
    values = told(database).values
    assert (len(values["lines"]), values["unlisted"], values["count"]) == (40, 15, 55)  # type: ignore[arg-type]  # a list


def test_of_very_many_problems_the_first_are_told_and_all_are_counted(stage: Stage, database: Database) -> None:
    fetch(database, Files(bytes=(HEAD + ROW * 3000).encode()))
    values = told(database).values
    assert (len(values["lines"]), values["unlisted"]) == (40, 2959)  # type: ignore[arg-type]  # a list


def test_a_file_that_is_gone_is_said_to_be(stage: Stage, database: Database) -> None:
    with database.writing() as session, pytest.raises(NotFound, match="drop it again"):
        bob = people.people_by_ref(session)["U0BOB"]
        plan_file.decline(session, bob, "0:plan-file:F404", OPENING)


@pytest.fixture
def nothing(database: Database) -> Database:
    """A workspace of which nothing but its people is known."""
    with database.writing() as session:
        dana = replace(an_account(DANA, "Dana"), email="dana@example.com")
        people.save_directory(session, [dana, an_account("U0BOB", "Bob")])
    return database


def load_first(database: Database, who: str) -> None:
    """Somebody drops the first portfolio, and loads it if that is offered."""
    with database.writing() as session:
        subject = {"to": who, "name": "portfolio.yaml", "text": FIRST}
        outbox.put(session, key="plan-file:F1", kind="plan-file", subject=subject, now=NOW)
    with database.reading() as session:
        notice = answer(session, None)
    if notice.name == "plan-file-refused":
        raise BotError(str(notice.values["lines"]))
    press(database, notice, who, lambda _: None)


def test_the_first_portfolio_makes_its_admin_one(nothing: Database) -> None:
    load_first(nothing, DANA)
    with nothing.reading() as session:
        company = Company.load(session)
        dana = people.person_by_slack_id(session, DANA)
        assert dana is not None
        assert company.is_admin(dana), "whom it names by address only"
    assert changes(nothing) == [("", "added", DANA)] * 2


@pytest.mark.parametrize("who", ["U0BOB", "U0UNKNOWN"])
def test_the_first_portfolio_is_refused_from_anybody_else(nothing: Database, who: str) -> None:
    with pytest.raises(BotError, match=rf"admins: \[{who}\]"):
        load_first(nothing, who)
    with nothing.reading() as session:
        assert portfolio(session) is None
