"""All that is wrong with one file, a line each, and the reading of the file itself."""

from __future__ import annotations

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from pathlib import Path

from bot.domain.characters import has_controls
from bot.domain.errors import FileProblems

_LARGEST_BYTES = 10_000_000
_LONGEST_QUOTE = 60
_IN_EXCEL = " (in Excel: CSV UTF-8)"
_NO_TEXT = f"not a text file; expected UTF-8 text{_IN_EXCEL}"
_MOST_LINES = 100  # more are not read by anybody before the first are mended


class Problems:
    """Collects what is wrong with one file, so that all of it can be mended at once."""

    def __init__(self, filename: str) -> None:
        self._filename = filename
        self._found: list[tuple[int, str, str]] = []

    def add(self, line: int, path: str, sentence: str) -> None:
        """Note a problem on a line (from 1; 0 for the file as a whole) at a path (may be empty)."""
        self._found.append((line, path, sentence))

    def line(self, line: int, path: str, sentence: str) -> str:
        """How a remark on a place in the file is printed."""
        place = f"{self._filename}:{line}" if line else self._filename
        return ": ".join(part for part in (place, path, sentence) if part)

    def raise_any(self) -> None:
        """Raise FileProblems, the first ones in the order of the file and a count, if anything was noted."""
        if self._found:
            ordered = sorted(self._found, key=lambda found: found[0])
            by_path = {path: sentence for _, path, sentence in reversed(ordered)}
            lines = [self.line(*found) for found in ordered[:_MOST_LINES]]
            raise FileProblems(lines, by_path, len(ordered))


def refuse(filename: str, sentence: str, line: int = 0) -> FileProblems:
    """The error for a file with one problem that makes further reading pointless."""
    return FileProblems([Problems(filename).line(line, "", sentence)], {"": sentence}, 1)


def read_text(path: Path) -> str:
    """The text of a file. Raises FileProblems when it is missing, a folder, too large or not UTF-8 text."""
    filename = str(path)
    try:
        if path.stat().st_size > _LARGEST_BYTES:
            raise refuse(filename, f"larger than {_LARGEST_BYTES // 1_000_000} MB")
        return decode(path.read_bytes(), filename)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "no usable file name"
        raise refuse(filename, f"cannot be read: {reason}") from error


def decode(data: bytes, filename: str) -> str:
    """Bytes of a file as text, without a byte order mark, which tells UTF-16 (Excel's "Unicode Text").

    Raises FileProblems when they are not UTF-8 text otherwise.
    """
    is_utf_16 = data.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if is_utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        if b"\0" in data:
            raise refuse(filename, _NO_TEXT) from error
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse(filename, f"not UTF-8 text; save the file with UTF-8 encoding{_IN_EXCEL}", line) from error
    if "\0" in text:
        raise refuse(filename, _NO_TEXT)
    return text


def unwanted(text: str) -> str | None:
    """What is wrong with a text whose characters do something instead of being read; None for all others."""
    return f"{quoted(text)} holds a control character" if has_controls(text) else None


def quoted(text: str) -> str:
    """Somebody's text inside a problem: on one line, in quotes, cut when long."""
    flat = "".join(ch if ch.isprintable() else " " for ch in text)
    return f'"{flat}"' if len(flat) <= _LONGEST_QUOTE else f'"{flat[: _LONGEST_QUOTE - 1]}…"'
