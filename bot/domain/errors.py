"""What can go wrong, in words fit to show a person.

BotError                 the message is a plain sentence
├── NotAllowed           somebody may not do this; the sentence says who can
├── NotFound             a key that names nothing; the sentence offers the nearest one
├── NoPortfolio          nothing has been loaded yet; there is no company, and nobody who may do anything
├── NotInstalled         an optional part of the program is not there; the sentence says how to get it
├── Busy                 the database could not take it in time; nothing was saved
├── InvalidInput         several problems at once, each beside its field
├── TrackerFailed        a tracker could not be read; says when to ask again
└── DeliveryFailed       Slack refused or could not be reached; says whether trying again can help
"""

from __future__ import annotations

from collections.abc import Mapping


class BotError(Exception):
    """A failure whose message can be shown to the person who caused it."""


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


class TrackerFailed(BotError):
    """A milestone's figure could not be read from its tracker.

    `concerns_all` says that nothing else can be read there either, for now; `retry_after` is in seconds, where the tracker
    asked to be left alone so long.
    """

    def __init__(self, reason: str, *, concerns_all: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.concerns_all = concerns_all or retry_after is not None
        self.retry_after = retry_after


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
