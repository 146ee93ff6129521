"""What every listener works with: who is asking, what time it is, and the parts of the bot it may use."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from bot.domain.errors import DeliveryFailed, NotAllowed
from bot.domain.project import Person
from bot.flow.company import Company
from bot.flow.home.home import request_home
from bot.flow.moment import Moment
from bot.flow.people import acting_person
from bot.flow.ports import Documents, PlanReader
from bot.slack.forms.questions import Questions
from bot.slack.messenger import SlackMessenger
from bot.slack.words import Words
from bot.store.session import Database

Payload = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Visit:
    """One interaction inside its transaction: the company, the person, and the instant on both clocks."""

    session: Session
    company: Company
    person: Person
    moment: Moment


@dataclass(frozen=True, slots=True)
class Opening:
    """A view to open. Where a worker fills it, `request` asks for that once it is there: Slack is slower than our workers."""

    view: dict[str, Any]
    request: Callable[[Visit], None] | None = None


@dataclass(frozen=True, slots=True)
class Desk:
    """The parts that listeners use.

    `company` reads it as it stands; `team` is our own workspace; `beaten_at` is when the heartbeat last ended well (UTC);
    `wake` tells the workers that something was queued.
    """

    database: Database
    messenger: SlackMessenger
    words: Words
    questions: Questions
    documents: Documents
    plans: PlanReader
    now: Callable[[], datetime]
    real_now: Callable[[], datetime]
    beaten_at: Callable[[], datetime]
    wake: Callable[[], None]
    company: Callable[[Session], Company]
    team: str

    @contextmanager
    def reading(self, body: Payload) -> Iterator[Visit]:
        """A look at the data on behalf of whoever sent a payload."""
        with self.database.showing() as session:
            yield self._visit(session, body)

    @contextmanager
    def noting(self, body: Payload) -> Iterator[Visit]:
        """One short transaction after which there is nothing to send."""
        with self.database.answering() as session:
            yield self._visit(session, body)

    @contextmanager
    def writing(self, body: Payload) -> Iterator[Visit]:
        """One short transaction on behalf of whoever sent a payload; the workers wake after its commit.

        What it changes is soon seen in that person's Home too.
        """
        with self.noting(body) as visit:
            yield visit
            request_home(visit.session, visit.person, visit.moment)
        self.wake()

    def open(self, body: Payload, choose: Callable[[Visit], Opening]) -> None:
        """Open the view that a look at the facts gives, and then queue what fills it."""
        with self.reading(body) as visit:
            opening = choose(visit)
        try:
            self.messenger.open_view(body["trigger_id"], opening.view)
        except DeliveryFailed as failure:
            if failure.outcome == "unknown":  # it may be there
                self._request(body, opening)
            raise
        self._request(body, opening)

    def _request(self, body: Payload, opening: Opening) -> None:
        if opening.request:
            with self.writing(body) as visit:
                opening.request(visit)

    def _visit(self, session: Session, body: Payload) -> Visit:
        company = self.company(session)
        account = self._account(body)
        person = company.people_by_account.get(account) or acting_person(session, account)
        return Visit(session, company, person, self.moment())

    def moment(self) -> Moment:
        """The present instant on both clocks."""
        return Moment(self.now(), self.real_now())

    def person(self, session: Session, body: Payload) -> Person:
        """Who sent a payload, before a company was loaded too; raises NotAllowed for people of another company."""
        return acting_person(session, self._account(body))

    def _account(self, body: Payload) -> str:
        """Who sent a payload; raises NotAllowed for people of another company in a shared channel."""
        user = body.get("user") or {"id": body["user_id"], "team_id": body.get("team_id")}
        if (user.get("team_id") or self.team) != self.team:
            raise NotAllowed("Only people of this workspace can use Quarterdeck.")
        return str(user["id"])


def submission_key(body: Payload, item: str) -> str:
    """The business key of a submission: the same view in the same state, with the same words, for the same item.

    The words count because a dialog under another one can be submitted again without a change of its hash.
    """
    view = body["view"]
    values = json.dumps((view.get("state") or {}).get("values"), sort_keys=True)
    words = hashlib.sha256(values.encode()).hexdigest()[:16]
    return f"submission:{view['id']}:{view.get('hash')}:{words}:{item}"[:255]


def click_key(body: Payload) -> str:
    """The business key of a click: who pressed which button when, as Slack stamps it on every delivery of it."""
    action = body["actions"][0]
    return f"click:{body['user']['id']}:{action['action_id']}:{action.get('action_ts')}"[:255]


def new_view_id(kind: str) -> str:
    """An external id for a view that is filled later."""
    return f"{kind}-{uuid.uuid4().hex}"
