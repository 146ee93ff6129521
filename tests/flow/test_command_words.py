"""The words behind the command: any way in which people write a project and a quarter, and which word is wrong."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.errors import NotFound, WrongInput
from bot.domain.quarter import Quarter, WorkingCalendar
from bot.flow.company import Company
from bot.flow.compile.command_words import Named, read_command_words
from tests.builders import COMPANY, a_project

NOW = datetime(2025, 9, 25, 14, tzinfo=UTC)  # the third quarter has opened
PORTAL, CORE, SAME, TWIN = (
    a_project(key=key, name=name)
    for key, name in (
        ("portal", "Customer Portal"),
        ("core", "Driver’s “Core” Q3 2024 Network"),
        ("same-1", "Same"),
        ("same-2", "SAME"),
    )
)
EXAMPLE = Company(
    COMPANY, {project.key: project for project in (PORTAL, CORE, SAME, TWIN)}, WorkingCalendar(), ZoneInfo("UTC")
)
QUARTER = Quarter(2024, 1)


def read(text: str) -> Named:
    return read_command_words(EXAMPLE, text, NOW)


@pytest.mark.parametrize(
    "quarter", ["", "2024-Q1", "2024-q1", "Q1 2024", "q1 FY2024", "2024Q1", "2024 q1", '"Q1 2024"']
)
@pytest.mark.parametrize(
    ("name", "project"),
    [
        ("portal", PORTAL),
        ("PORTAL", PORTAL),
        ("Customer portal", PORTAL),
        ("  “Customer   Portal” ", PORTAL),
        ("'portal'", PORTAL),
        ("driver's core q3 2024 network", CORE),
        ("same-2", TWIN),
        ("all", None),
        ("ALL", None),
        ("", None),
    ],
)
def test_a_project_and_a_quarter_are_read_however_they_are_written(name, project, quarter) -> None:
    asked = read(f"{name} {quarter}")
    assert asked == Named(project, QUARTER if quarter else None, is_all=name.lower() == "all")


@pytest.mark.parametrize(
    ("text", "wrong", "example"),
    [
        ("portal 2025-Q9", "2025-Q9", "portal 2025-Q3"),
        ("Customer Portal q3", "q3", "Customer Portal 2025-Q3"),
        ("portal last", "last", "portal 2025-Q3"),
        ("all 2025-Q0", "2025-Q0", "all 2025-Q3"),
        ("portal 0000-Q1", "0000-Q1", "portal 2025-Q3"),
        ("2025-Q9", "2025-Q9", "2025-Q3"),
        ("Q3", "Q3", "2025-Q3"),
    ],
)
def test_what_is_no_quarter_is_said_with_one_that_is(text, wrong, example) -> None:
    with pytest.raises(WrongInput) as refused:
        read(text)
    assert str(refused.value).startswith(f'"{wrong}" is not a quarter')
    assert str(refused.value).endswith(f'such as "{example}".')


@pytest.mark.parametrize(
    ("text", "wrong", "meant"),
    [
        ("portl", "portl", 'Did you mean "portal"?'),
        ("Custmer Portal Q3 2025", "Custmer Portal", 'Did you mean "portal"?'),
        ("portl 2025-Q9", "portl", 'Did you mean "portal"?'),
        ("payroll-in-mars", "payroll-in-mars", 'There is no project "payroll-in-mars".'),
        ("same", "same", "write a key: same-1, same-2"),
    ],
)
def test_what_is_no_project_is_said_with_the_nearest_key(text, wrong, meant) -> None:
    with pytest.raises(NotFound) as refused:
        read(text)
    assert f'"{wrong}"' in str(refused.value)
    assert meant in str(refused.value)


@given(st.text(max_size=60))
def test_any_words_are_read_or_refused_in_a_sentence(text: str) -> None:
    try:
        assert read(text) is not None
    except (NotFound, WrongInput) as refused:
        assert str(refused)


def test_of_however_many_words_no_more_are_tried_than_a_name_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Anybody can type a command of 4,000 words, and others wait meanwhile."""
    tried: list[str] = []
    monkeypatch.setattr(Company, "named", lambda _, text: tried.append(text) or [])
    with pytest.raises(NotFound):
        read("a " * 4000)
    assert len(tried) <= len(CORE.name.split()) + 1
