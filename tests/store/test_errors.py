"""What the database says of what it does not take carries nobody's words into the log."""

from __future__ import annotations

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from bot.store.session import Database
from bot.store.tables import PersonRow


def test_an_error_names_no_value_of_a_statement(database: Database) -> None:
    row = {"id": 1, "name": "canary"}
    with pytest.raises(IntegrityError) as refused, database.writing() as session:
        session.execute(insert(PersonRow), [row, row])
    assert "INSERT INTO people" in str(refused.value)
    assert "canary" not in str(refused.value)
