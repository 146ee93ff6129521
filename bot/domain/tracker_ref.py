"""Where a milestone's work is kept: its place in a tracker, as the portfolio names it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class TrackerSource(StrEnum):
    """The kinds of trackers that can be read; the value is the word in files."""

    GITHUB = "github"
    JIRA = "jira"
    FILE = "file"

    @property
    def label(self) -> str:
        """What people call trackers of this kind."""
        return _LABELS[self]


_LABELS = {TrackerSource.GITHUB: "GitHub", TrackerSource.JIRA: "Jira", TrackerSource.FILE: "Table"}


@dataclass(frozen=True, slots=True)
class TrackerRef:
    """A milestone's place in a tracker.

    `place` is ``owner/repo#12`` for an issue of GitHub and ``owner/repo/milestone/12`` for a milestone there, ``PROJ-123`` in
    Jira, and the path of a CSV or XLSX file below the working folder.
    """

    source: TrackerSource
    place: str

    def __str__(self) -> str:
        return f"{self.source} {self.place}"

    @property
    def whole(self) -> str:
        """What the place is a part of: GitHub's repository, Jira's project, or the file."""
        ends = {TrackerSource.GITHUB: r"(#|/milestone/)\d+$", TrackerSource.JIRA: r"-\d+$", TrackerSource.FILE: r"$"}
        return re.sub(ends[self.source], "", self.place)


def read_place(source: TrackerSource, text: str) -> TrackerRef:
    """A place as people write it, or the pasted address of its page. Raises ValueError with an example."""
    for shape, place in _SHAPES[source]:
        if match := shape.fullmatch(text):
            return TrackerRef(source, place.format(**match.groupdict()))
    raise ValueError(f'"{text[:80]}" is not {_MEANT[source]}')


# The address of a page may be pasted, of a company's own site too: which server is asked, the settings say.
_SITE = r"(?:https?://[\w.:-]+/)?"
_REPOSITORY = r"(?P<repository>[A-Za-z0-9][\w-]{0,99}/(?!\.\.?[#/])[\w.-]{1,100})"
_NUMBER = r"(?P<number>[1-9]\d{0,8})"
_SHAPES = {
    TrackerSource.GITHUB: (
        (re.compile(rf"{_SITE}{_REPOSITORY}(?:#|/issues/){_NUMBER}/?", re.ASCII), "{repository}#{number}"),
        (re.compile(rf"{_SITE}{_REPOSITORY}/milestone/{_NUMBER}/?", re.ASCII), "{repository}/milestone/{number}"),
    ),
    TrackerSource.JIRA: (
        (re.compile(rf"(?:{_SITE}(?:[\w-]+/)?browse/)?(?P<key>[A-Z][A-Z0-9_]{{0,49}}-[1-9]\d{{0,8}})/?", re.ASCII), "{key}"),
    ),
    # Below the working folder: no portfolio can name any other file of the machine.
    TrackerSource.FILE: (
        (re.compile(r"(?P<path>\w[\w .()+-]{0,99}(?:/\w[\w .()+-]{0,99}){0,9}\.(?:csv|CSV|xlsx|XLSX))"), "{path}"),
    ),
}  # fmt: skip
_MEANT = {
    TrackerSource.GITHUB: "in GitHub; expected owner/repository#12 for an issue, owner/repository/milestone/3 for a milestone",
    TrackerSource.JIRA: "an issue of Jira; expected such as PROJ-123",
    TrackerSource.FILE: "a CSV or XLSX file below the working folder; expected such as trackers/progress.csv",
}
