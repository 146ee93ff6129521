"""Golden documents: compared with what is written now; ``REFRESH_GOLDEN=1 pytest tests/documents`` writes them anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.texts import shipped

_GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.fixture
def folders() -> tuple[Path, ...]:
    """The templates that ship."""
    return (shipped("templates"),)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Assert that a document is the one on file, word for word."""

    def compare(name: str, document: str) -> None:
        path = _GOLDEN / name
        if os.environ.get("REFRESH_GOLDEN"):
            path.write_text(document, encoding="utf-8")
        assert path.is_file(), f"{path} is missing; REFRESH_GOLDEN=1 writes it"
        assert document == path.read_text(encoding="utf-8")

    return compare
