"""What can go wrong, in words fit to show a person.

BotError                 the message is a plain sentence
├── WrongInput           a word of a command, a setting or a file that cannot be taken; says what is expected
│   └── FileProblems     … a file, line by line
├── NotAllowed           somebody may not do this; the sentence says who can
├── NotFound             a key that names nothing; the sentence offers the nearest one
├── NoPortfolio          nothing has been loaded yet; there is no company, and nobody who may do anything
├── NotInstalled         an optional part of the program is not there; the sentence says how to get it
├── Busy                 the database could not take it in time; nothing was saved
├── InvalidInput         several problems at once, each beside its field
├── TrackerFailed        a tracker could not be read; says when to ask again
│   └── TrackerRefused   … since it does not take what lets us in
└── DeliveryFailed       Slack refused or could not be reached; says whether trying again can help
    └── NotPermitted     … since the app was not granted a permission
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class BotError(Exception):
    """A failure whose message can be shown to the person who caused it."""


class WrongInput(BotError):
    """A word of a command, a setting or a file cannot be taken as it is."""


class NotAllowed(BotError):
    """The person may not do this."""


class NotFound(BotError):
    """A key or name that nothing carries."""


class NoPortfolio(BotError):
    """No portfolio has been loaded yet."""


class NotInstalled(BotError):
    """What was asked for needs an optional part of the program that is not installed."""


class Busy(BotError):
    """The database cannot be used at the moment; nothing was saved, and trying again may help."""


class InvalidInput(BotError):
    """Answers that cannot be accepted as they are.

    `problems` maps a field's key to the sentence shown beside that field.
    """

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(problems.values()))
        self.problems = dict(problems)


class FileProblems(WrongInput):
    """A file that cannot be taken; the message is a line a problem, how many more there are, and a last line with their count.

    `lines` are the first problems alone, each as ``portfolio.yaml:14: projects[0].name: …``, of `count` in all; `by_path` are
    their bare sentences by the field they are about, the first where a field has several.
    """

    def __init__(self, lines: Sequence[str], by_path: Mapping[str, str], count: int) -> None:
        rest = [f"and {count - len(lines):,} more"] if count > len(lines) else []
        told = "1 problem" if count == 1 else f"{count:,} problems"
        super().__init__("\n".join([*lines, *rest, f"{told}, nothing was changed."]))
        self.lines = tuple(lines)
        self.by_path = by_path
        self.count = count


class TrackerFailed(BotError):
    """A milestone's figure could not be read from its tracker.

    `concerns_all` says that nothing else can be read there either, for now; `retry_after` is in seconds, where the tracker
    asked to be left alone so long.
    """

    def __init__(self, reason: str, *, concerns_all: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.concerns_all = concerns_all or retry_after is not None
        self.retry_after = retry_after


class TrackerRefused(TrackerFailed):
    """A tracker does not take what lets us in, so nothing can be read there."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, concerns_all=True)


class DeliveryFailed(BotError):
    """A message could not be delivered.

    `outcome` is ``"final"`` (trying again cannot help), ``"retry"`` (it did not happen and may work later),
    ``"unknown"`` (it may have happened: the reply was lost) or ``"unconfirmed"`` (it may have, only a person can tell).
    `retry_after` is in seconds where the server named it.
    """

    def __init__(self, reason: str, *, outcome: str, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.outcome = outcome
        self.retry_after = retry_after


_NOT_PERMITTED = "missing_scope: "


class NotPermitted(DeliveryFailed):
    """The app lacks a permission, `scope` as Slack calls it: nothing was done, and nothing helps until it is granted."""

    def __init__(self, scope: str) -> None:
        super().__init__(f"{_NOT_PERMITTED}{scope}", outcome="final")
        self.scope = scope


def missing_permission(reason: str | None) -> str | None:
    """The permission for want of which something failed, from the recorded reason; None for any other failure."""
    return reason.removeprefix(_NOT_PERMITTED) if reason and reason.startswith(_NOT_PERMITTED) else None
