"""What each kind of ack asks of the database stays as little as it is: every statement more is paid by everybody who waits."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import event
from world import World, opened

from bot.store.session import Database
from tests.servers import KINDS

pytestmark = pytest.mark.parametrize("database_kind", KINDS, scope="session")

_BEGINS = 1  # of a transaction: on PostgreSQL it asks for its turn in a statement, on SQLite BEGIN is one


@pytest.fixture
def asked(world: World) -> Iterator[list[str]]:
    """The statements of transactions in which somebody waits for an answer: those of workers are left out."""
    statements: list[str] = []
    patience = _answering_patience(world.database)

    def note(connection: Any, _: Any, statement: str, *__: Any) -> None:
        if connection.get_execution_options().get("patience") == patience:
            statements.append(statement)

    event.listen(world.database.engine, "before_cursor_execute", note)
    yield statements
    event.remove(world.database.engine, "before_cursor_execute", note)


def _answering_patience(database: Database) -> float:
    """By which such transactions are known from others'."""
    with database.answering() as session:
        patience: float = session.connection().get_execution_options()["patience"]
    return patience


def test_no_kind_of_ack_asks_more_of_the_database_than_it_did(world: World, asked: list[str]) -> None:
    omar, maya = world.person("omar"), world.person("maya")
    message, card = world.card("omar"), world.card("maya")

    def count(do: Callable[[], object]) -> int:
        asked.clear()
        do()
        found = len(asked) - _BEGINS
        world.settle()
        return found

    assert count(lambda: omar.click(message, "Update")) <= 9
    assert count(lambda: omar.fill(opened(omar), {"Percent complete": "50"})) <= 2
    assert count(lambda: omar.submit(opened(omar))) <= 12
    assert count(lambda: maya.click(card, "Nothing changed")) <= 11  # she has one milestone that can be confirmed
    omar.open_home()
    omar.wait_for(omar.home)
    omar.fill(world.open("omar", "Update"), {"Percent complete": "51"})
    world.settle()
    assert count(lambda: omar.submit(opened(omar))) <= 13  # and asks for his Home to be drawn again
    assert omar.top_view() is None
    # His Home is drawn when others can write again.
    assert count(lambda: omar.click(omar.wait_for(omar.home), "Got it")) <= 6
