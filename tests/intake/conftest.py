"""Readers with the defaults that tests need."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from whole_files import ANSWERS, PORTFOLIO

from bot.domain.project import Project
from bot.intake.answers import Against, AnswersFile, read_answers
from bot.intake.portfolio import read_portfolio
from bot.locales import Locale


@pytest.fixture
def portfolio_text() -> str:
    return PORTFOLIO


@pytest.fixture
def answers_text() -> str:
    return ANSWERS


@pytest.fixture(scope="session")
def projects() -> dict[str, Project]:
    return {project.key: project for project in read_portfolio(PORTFOLIO, "portfolio.yaml").projects}


@pytest.fixture(scope="session")
def answers_of(projects: dict[str, Project]) -> Callable[..., AnswersFile]:
    """Reads an answers text against the portfolio above."""

    def read(text: str, **more: object) -> AnswersFile:
        settings = {
            "projects": projects,
            "locale": Locale("en_US"),
            "default_at": lambda *_: datetime(2024, 1, 4, tzinfo=UTC),
        }
        return read_answers(text, "answers.yaml", Against(**(settings | more)))

    return read
