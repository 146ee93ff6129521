"""Findings: what a look at the bot's surroundings brings."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what it is, and how to mend it where it is amiss (None where all is well)."""

    what: str
    mend: str | None = None

    def __str__(self) -> str:
        return f"ok    {self.what}" if self.mend is None else f"amiss {self.what}: {self.mend}"


def slack_said(reason: object) -> str:
    """A refusal of Slack's as the first part of a sentence; `reason` is its error code, or that there was no answer."""
    return "Slack did not answer" if str(reason).startswith("no answer") else f"Slack says {reason}"
