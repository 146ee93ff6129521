"""Reach: whose Slack account takes messages, as the directory was last read."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.domain.ladder import Action, Decision
from bot.domain.project import Person
from bot.store import people as people_store

NO_ACCOUNT = "no Slack account was found"
CLOSED_ACCOUNT = "the Slack account is closed, a bot's or another company's"


class Reach:
    """Who can be written to; `assumes_accounts` takes it that those whose account is not known yet have one."""

    def __init__(self, session: Session, *, assumes_accounts: bool = False) -> None:
        self._closed = people_store.closed_accounts(session)
        self._assumes_accounts = assumes_accounts

    def judged(self, person: Person, decision: Decision) -> Decision:
        """A decision as it is for somebody who may not be reachable."""
        why_not = self.why_not(person)
        return Decision(decision.rung, Action.SKIP, why_not) if why_not and decision.action is Action.SEND else decision

    def takes(self, person: Person) -> bool:
        """Whether something can be sent to a person."""
        return self.why_not(person) is None

    def why_not(self, person: Person) -> str | None:
        """Why nothing can be sent to a person; None where it can."""
        if person.slack_id is None:
            return None if self._assumes_accounts else NO_ACCOUNT
        return CLOSED_ACCOUNT if person.slack_id in self._closed else None
