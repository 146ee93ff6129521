"""The evidence of an update in its dialog: links and earlier files one a line, and a field for new files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from bot.domain.attachment import MOST, Attachment, read_attachment
from bot.domain.errors import BotError
from bot.slack.blocks import Block, clip
from bot.slack.forms.fields import Fields
from bot.slack.forms.filled import Filled
from bot.slack.forms.questions import Questions

FIELDS = ("evidence", "files")
_LONGEST_NAME = 150


def evidence_blocks(pieces: Sequence[Attachment], fields: Fields, questions: Questions) -> list[Block]:
    """The fields, as far as a company asks for them. Files that were given stand among the links, to be taken off there."""
    lines = tuple(piece.line for piece in pieces)
    return [
        block
        for question in questions.of("milestone")
        if question.key in FIELDS
        for block in fields.ask(question, lines if question.key == "evidence" else None)
    ]


def read_pieces(filled: Filled, before: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """The evidence that was given, each address once; a line that holds no link is noted beside its field."""
    known = {piece.line: piece for piece in before}
    lines = filled.lines("evidence", tuple(known))
    try:
        given = [*(known.get(line) or read_attachment(line) for line in lines), *_files(filled)]
    except BotError as wrong:
        filled.refuse("evidence", str(wrong))
        return before
    pieces = {piece.url: piece for piece in given}
    if len(pieces) > MOST:
        filled.refuse_as("evidence" if filled.is_shown("evidence") else "files", "too-much-evidence", most=MOST)
    return tuple(pieces.values())


def _files(filled: Filled) -> Iterator[Attachment]:
    """The files that were put into the dialog; Slack keeps them, we keep where."""
    for file in filled.files("files"):
        name = " ".join(str(file.get("title") or file.get("name") or "").split())
        yield replace(
            read_attachment(str(file["permalink"])), title=clip(name, _LONGEST_NAME) or None, file=str(file["id"])
        )
