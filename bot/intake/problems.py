"""All that is wrong with one file, a line each, and the reading of the file itself."""

from __future__ import annotations

from pathlib import Path

from bot.domain.errors import FileProblems

_LARGEST_BYTES = 10_000_000
_LONGEST_QUOTE = 60
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
    """Bytes of a file as text, without a byte order mark. Raises FileProblems when they are not UTF-8 text."""
    if b"\0" in data:
        raise refuse(filename, "not a text file; expected UTF-8 text")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise refuse(filename, "not UTF-8 text; save the file with UTF-8 encoding", line) from error


def quoted(text: str) -> str:
    """Somebody's text inside a problem: on one line, in quotes, cut when long."""
    flat = "".join(ch if ch.isprintable() else " " for ch in text)
    return f'"{flat}"' if len(flat) <= _LONGEST_QUOTE else f'"{flat[: _LONGEST_QUOTE - 1]}…"'
