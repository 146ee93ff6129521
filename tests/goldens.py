"""Texts that are kept and read in the diff: `GOLDEN=write` keeps what is written now."""

from __future__ import annotations

import os
from pathlib import Path


def assert_kept(path: Path, text: str) -> None:
    """Assert that a text is the one on file, word for word."""
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    assert path.is_file(), f"{path} is missing; GOLDEN=write keeps it"
    assert text == path.read_text(encoding="utf-8")
