"""Golden documents: compared with what is written now; ``GOLDEN=write pytest tests/documents`` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from bot.texts import shipped
from tests.goldens import assert_kept

_GOLDEN = Path(__file__).parent.parent / "golden"


@pytest.fixture
def folders() -> tuple[Path, ...]:
    """The templates that ship."""
    return (shipped("templates"),)


@pytest.fixture
def golden() -> Callable[[str, str], None]:
    """Assert that a document is the one on file, word for word."""
    return lambda name, document: assert_kept(_GOLDEN / name, document)
