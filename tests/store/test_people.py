"""People: several refs, one person; and their accounts in Slack."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.domain.directory import DirectoryEntry
from bot.domain.project import Person
from bot.store import drafts, homes, ledger, people
from bot.store.homes import DrawnHome
from bot.store.ledger import Nudge, NudgeState
from bot.store.portfolio import projects, save_project
from bot.store.session import Database
from bot.store.tables import PersonRow
from tests.builders import Q3, a_milestone, a_project

DEV = Person("dev@example.com", "dev@example.com", email="dev@example.com")
DEV_BY_ID = Person("U0DEV", "U0DEV", slack_id="U0DEV")
DEV_BY_HANDLE = Person("@dev", "@dev", handle="@dev")
ACCOUNT = DirectoryEntry("U0DEV", "dev", "Dev Eloper", "dev@example.com", "Asia/Tokyo")
TODAY = datetime(2025, 9, 1, tzinfo=UTC).date()


def count_of_people(session: Session) -> int | None:
    return session.scalar(select(func.count()).select_from(PersonRow))


def test_the_same_ref_is_the_same_person(database: Database) -> None:
    with database.writing() as session:
        assert people.save_person(session, DEV) == people.save_person(session, DEV)
        assert count_of_people(session) == 1


def test_what_a_file_leaves_out_stays_as_it_was_learned(database: Database) -> None:
    with database.writing() as session:
        people.save_person(session, Person("U0DEV", "Dev", slack_id="U0DEV", timezone="Europe/Paris", country="FR"))
        people.save_person(session, DEV_BY_ID)
        [person] = people.all_people(session).values()
    assert (person.name, person.timezone, person.country) == ("Dev", "Europe/Paris", "FR")


def test_slack_tells_the_account_and_the_name_of_somebody_known_by_a_ref_alone(database: Database) -> None:
    with database.writing() as session:
        number = people.save_person(session, DEV)
        people.set_account(session, number, ACCOUNT)
        person = people.person_by_slack_id(session, "U0DEV")
    assert person is not None
    assert (person.id, person.name, person.email) == (number, "Dev Eloper", "dev@example.com")


def test_a_name_that_the_file_gave_is_kept(database: Database) -> None:
    with database.writing() as session:
        number = people.save_person(session, Person("dev@example.com", "Devina", email="dev@example.com"))
        people.set_account(session, number, ACCOUNT)
        assert people.all_people(session)[number].name == "Devina"


@pytest.mark.parametrize("order", [(DEV, DEV_BY_ID, DEV_BY_HANDLE), (DEV_BY_HANDLE, DEV, DEV_BY_ID)])
def test_refs_that_turn_out_to_be_one_account_become_one_person(database: Database, order: tuple[Person, ...]) -> None:
    with database.writing() as session:
        numbers = [people.save_person(session, person) for person in order]
        save_project(
            session, a_project(a_milestone("a", owner=DEV), manager=DEV_BY_ID, sponsor=DEV_BY_HANDLE), today=TODAY
        )
        for number in numbers:
            if number in people.all_people(session):
                people.set_account(session, number, ACCOUNT)
    with database.reading() as session:
        assert count_of_people(session) == 1
        assert {person.id for person in people.people_by_ref(session).values()} == set(people.all_people(session))
        assert set(people.people_by_ref(session)) == {"dev@example.com", "U0DEV", "@dev"}
        portal = projects(session)["portal"]
        assert portal.manager.slack_id == portal.milestones[0].owner.slack_id == "U0DEV"
        assert portal.sponsor == portal.manager


def test_what_the_file_said_of_either_ref_holds_for_the_one_person(database: Database) -> None:
    abroad = Person("dev@example.com", "Devina", email="dev@example.com", timezone="Europe/Paris", country="FR")
    with database.writing() as session:
        people.save_person(session, DEV_BY_ID)
        people.set_account(session, people.save_person(session, abroad), ACCOUNT)
        [person] = people.all_people(session).values()
    assert (person.name, person.timezone, person.country, person.email) == (
        "Devina",
        "Europe/Paris",
        "FR",
        "dev@example.com",
    )


def test_a_file_that_ties_a_known_ref_to_an_account_known_by_itself_makes_them_one(database: Database) -> None:
    """First `owner: dev@example.com` and `manager: U0DEV` apart, later a `people:` entry that names both."""
    both = Person("dev@example.com", "Dev", slack_id="U0DEV", email="dev@example.com")
    with database.writing() as session:
        save_project(session, a_project(a_milestone("a", owner=DEV), manager=DEV_BY_ID), today=TODAY)
        number = people.save_person(session, both)
        assert count_of_people(session) == 1
        portal = projects(session)["portal"]
    assert portal.manager.id == portal.milestones[0].owner.id == number


def test_the_plans_of_a_row_without_an_account_go_and_those_of_the_account_stay(database: Database) -> None:
    def nudge(person: int, state: NudgeState) -> Nudge:
        return Nudge(person, Q3, "opening", 0, state, datetime(2025, 9, 19, tzinfo=UTC))

    with database.writing() as session:
        account, lost = people.save_person(session, DEV_BY_ID), people.save_person(session, DEV)
        ledger.add(
            session,
            [nudge(account, NudgeState.SENT), nudge(lost, NudgeState.SKIPPED)],
            at=datetime(2025, 9, 19, tzinfo=UTC),
        )
        people.set_account(session, lost, ACCOUNT)
        assert [n.state for n in ledger.nudges(session, Q3)] == [NudgeState.SENT]


def test_an_account_that_a_file_corrects_takes_over_from_one_that_was_used(database: Database) -> None:
    """The file named the wrong account at first, whose person opened Home and a dialog."""
    at = datetime(2025, 9, 19, tzinfo=UTC)
    with database.writing() as session:
        wrong = people.save_person(session, Person("dev@example.com", "Dev", slack_id="U0WRONG"))
        homes.keep(session, wrong, DrawnHome())
        drafts.open_dialog(session, wrong, "milestone:portal:2025-Q3:a", Q3, at)
        right = people.save_person(session, DEV_BY_ID)
        assert people.save_person(session, Person("dev@example.com", "Dev", slack_id="U0DEV")) == right
    with database.reading() as session:
        assert count_of_people(session) == 1
        assert homes.drawn(session, right) is None
        assert drafts.others(session, 0, "milestone:portal:2025-Q3:a", at) == []


def test_the_directory_is_replaced_as_a_whole(database: Database) -> None:
    gone = DirectoryEntry("U0GONE", "gone", "Gone")
    with database.writing() as session:
        people.save_directory(session, [ACCOUNT, gone])
        people.save_directory(session, [ACCOUNT])
        assert people.directory(session) == [ACCOUNT]
        assert people.entry_of(session, "U0GONE") is None


def test_an_event_that_leaves_the_language_out_does_not_forget_it(database: Database) -> None:
    german = replace(ACCOUNT, locale="de-DE")
    with database.writing() as session:
        people.save_directory(session, [german])
        people.save_entry(session, replace(german, locale=None, is_away=True))
        assert people.entry_of(session, "U0DEV") == replace(german, is_away=True)
        people.save_entry(session, replace(german, locale="fr-FR"))
        people.save_entry(session, DirectoryEntry("U0NEW", "new", "New"))
        assert [entry.locale for entry in people.directory(session)] == ["fr-FR", None]


def test_names_are_found_by_every_ref_and_by_slack_id(database: Database) -> None:
    with database.writing() as session:
        people.save_directory(session, [ACCOUNT, DirectoryEntry("U0X", "x", "Xaver")])
        people.set_account(session, people.save_person(session, DEV), ACCOUNT)
        assert people.names_by_ref(session) == {
            "U0DEV": "Dev Eloper",
            "@dev": "Dev Eloper",
            "U0X": "Xaver",
            "@x": "Xaver",
            "dev@example.com": "Dev Eloper",
        }


def test_whoever_the_directory_knows_has_a_name_however_they_are_written(database: Database) -> None:
    xaver = DirectoryEntry("U0X", "x", "Xaver", email="xaver@example.com")
    with database.writing() as session:
        people.save_directory(session, [ACCOUNT, xaver])
        people.set_account(session, people.save_person(session, DEV), ACCOUNT)
        refs = {"dev@example.com", "xaver@example.com", "@x", "U0X", "nobody@example.com", "Legal"}
        found = {ref: (person.name, person.slack_id) for ref, person in people.named(session, refs).items()}
    there = ("Xaver", "U0X")
    assert found == {
        "dev@example.com": ("Dev Eloper", "U0DEV"),
        "xaver@example.com": there,
        "@x": there,
        "U0X": there,
    }
