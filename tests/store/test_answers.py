"""Answers are versions: added, never changed, never lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select

from bot.domain.update import Given, ProjectSummary, Provenance, QuarterAnswers, Resources
from bot.flow.collect.load_answers import save_answers
from bot.store import answers
from bot.store.portfolio import save_project
from bot.store.session import Database
from bot.store.tables import AnswerRow
from tests.builders import Q1, Q2, Q3, Q4, a_project, a_risk, an_update

NOON = datetime(2025, 10, 1, 12, tzinfo=UTC)
ALICE_AT_NOON = Provenance("U0ALICE", NOON)
BOB_LATER = Provenance("U0BOB", NOON + timedelta(hours=1))


def with_project(database: Database) -> None:
    with database.writing() as session:
        save_project(session, a_project(), today=date(2025, 1, 1))
        save_project(session, a_project(key="other"), today=date(2025, 1, 1))


def count_of_versions(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(AnswerRow)) or 0


def test_the_latest_version_counts_and_the_earlier_ones_stay(database: Database) -> None:
    with_project(database)
    with database.writing() as session:
        assert answers.record(session, "portal", Q3, "front-end", an_update(40), ALICE_AT_NOON)
        assert answers.record(session, "portal", Q3, "front-end", an_update(50), BOB_LATER)
        given = answers.history(session, "portal")[Q3].milestones["front-end"]
        bodies = session.scalars(select(AnswerRow.body).order_by(AnswerRow.version)).all()
    assert (given.value, given.provenance, given.version) == (an_update(50), BOB_LATER, 2)
    assert [body["percent_complete"] for body in bodies] == ["40", "50"]


def test_the_same_words_said_again_later_are_a_version_but_no_change(database: Database) -> None:
    with_project(database)
    with database.writing() as session:
        answers.record(session, "portal", Q3, "front-end", an_update(40), ALICE_AT_NOON)
        again = answers.record(session, "portal", Q3, "front-end", an_update(40), BOB_LATER)
        assert again is answers.Recorded.PROVENANCE
        assert answers.history(session, "portal")[Q3].milestones["front-end"].provenance == BOB_LATER


def test_the_same_words_said_again_without_a_time_are_no_version(database: Database) -> None:
    with_project(database)
    undated = Provenance("U0ALICE", NOON + timedelta(hours=1), is_dated=False)
    with database.writing() as session:
        answers.record(session, "portal", Q3, "front-end", an_update(40), ALICE_AT_NOON)
        assert answers.record(session, "portal", Q3, "front-end", an_update(40), undated) is answers.Recorded.NOTHING
        assert answers.record(session, "portal", Q3, "front-end", an_update(50), undated) is answers.Recorded.ANSWER
    assert count_of_versions(database) == 2


FILE = {
    "portal": QuarterAnswers(
        milestones={"front-end": Given(an_update(40), ALICE_AT_NOON)},
        risks={"training": Given(a_risk(), ALICE_AT_NOON)},
        resources=Given(Resources(vendors="As planned"), ALICE_AT_NOON),
        summary=Given(ProjectSummary(conclusion="We go on."), ALICE_AT_NOON),
    )
}


def test_the_same_file_twice_adds_nothing(database: Database) -> None:
    with_project(database)
    for expected in (4, 0):
        with database.writing() as session:
            assert len(save_answers(session, Q3, FILE)) == expected
        assert count_of_versions(database) == 4


def test_the_same_file_again_does_not_go_over_what_was_answered_since(database: Database) -> None:
    with_project(database)
    with database.writing() as session:
        save_answers(session, Q3, FILE)
        answers.record(session, "portal", Q3, "front-end", an_update(90), BOB_LATER)
        assert save_answers(session, Q3, FILE) == []
        assert answers.history(session, "portal")[Q3].milestones["front-end"].value == an_update(90)


def test_a_history_ends_with_its_quarter_and_is_one_project_s(database: Database) -> None:
    with_project(database)
    with database.writing() as session:
        for quarter in (Q4, Q1, Q2):
            answers.record(session, "portal", quarter, "front-end", an_update(quarter.number), ALICE_AT_NOON)
        answers.record(session, "other", Q1, "front-end", an_update(99), ALICE_AT_NOON)
        assert list(answers.history(session, "portal", until=Q2)) == [Q1, Q2]
        assert [(key, set(said)) for key, said in answers.histories(session)] == [
            ("portal", {Q1, Q2, Q4}),
            ("other", {Q1}),
        ]
        assert answers.history(session, "unknown") == {}


def test_an_interaction_is_carried_out_once(database: Database) -> None:
    with database.writing() as session:
        assert answers.is_first_time(session, "view:1:hash", NOON)
    with database.writing() as session:
        assert answers.was_handled(session, "view:1:hash")
        assert not answers.is_first_time(session, "view:1:hash", NOON)


def test_eight_writers_at_once_lose_nothing_and_none_is_turned_away(database: Database) -> None:
    """Each reads the latest version before it adds its own, which a deferred transaction would get wrong."""
    with_project(database)
    start = threading.Barrier(8)

    def write(writer: int) -> None:
        start.wait()
        for turn in range(15):
            said = Provenance(f"U{writer}", NOON + timedelta(seconds=turn))
            with database.writing() as session:
                answers.record(session, "portal", Q3, "front-end", an_update(turn), said)
            with database.reading() as session:
                assert answers.history(session, "portal")

    with ThreadPoolExecutor(8) as writers:
        list(writers.map(write, range(8)))
    with database.reading() as session:
        versions = session.scalars(select(AnswerRow.version).order_by(AnswerRow.version)).all()
    assert versions == list(range(1, 8 * 15 + 1))


def test_two_processes_worth_of_engines_on_one_file_lose_nothing(database: Database, database_url: str) -> None:
    """A second engine has a queue of its own: SQLite itself has to make its writers wait."""
    with_project(database)
    other = Database(database_url)

    def write(engine: Database, name: str) -> None:
        for turn in range(20):
            said = Provenance(name, NOON + timedelta(seconds=turn))
            with engine.writing() as session:
                answers.record(session, "portal", Q3, "front-end", an_update(turn), said)

    with ThreadPoolExecutor(2) as writers:
        for running in [writers.submit(write, database, "a"), writers.submit(write, other, "b")]:
            running.result()
    other.close()
    assert count_of_versions(database) == 40


def test_a_reader_does_not_wait_for_a_writer_and_sees_what_was_committed(database: Database) -> None:
    with_project(database)
    with database.writing() as writing:
        answers.record(writing, "portal", Q3, "front-end", an_update(), ALICE_AT_NOON)
        with database.reading() as reading:
            assert answers.history(reading, "portal") == {}
    with database.reading() as reading:
        assert Q3 in answers.history(reading, "portal")
