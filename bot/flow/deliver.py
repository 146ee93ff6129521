"""Deliver: drain the outbox. Claim a row, compose it from the present facts, send it, record what became of it.

A row can be sent twice only if Slack says that the first one is not there: before anything whose outcome is unknown (the
reply was lost, or the sender died before recording it) goes out again, our conversation with the person is searched for its
key. A channel is never searched and never posted to twice: a person decides.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from bot.domain.errors import DeliveryFailed
from bot.flow.forms import PortfolioForm, ReviewForm
from bot.flow.kinds import IN_CHANNEL
from bot.flow.messages import Document, Message
from bot.flow.ports import Messenger, Place
from bot.store import outbox, trouble
from bot.store.outbox import Parcel, SendState
from bot.store.session import Database

logger = logging.getLogger(__name__)

# Pauses grow from two seconds to ten minutes. Slack may be out of reach for a day: what is sent then is composed from the
# facts of that moment. What breaks in our own hands is given up after four minutes, since it would break again.
MAX_ATTEMPTS = 150
MAX_BREAKS = 8
_FIRST_PAUSE = timedelta(seconds=2)
_LOOK_AGAIN = 60.0  # seconds of real time until a message that has to wait for its person is looked at again
_LONGEST_PAUSE = timedelta(minutes=10)
_DOUBLINGS = 9  # after which a pause is the longest
_IN_TIME = 9  # attempts; the pauses between them come to 17 minutes
# Seconds from a look at the outbox that found nothing to the next one: while answers pour in, people's clicks need not wait
# behind a look for each of them. The first look after a pause is at once.
_BREATH = 0.05
# A view that waits to be filled is there only once Slack has shown it, and a worker can be faster; a closed one never is again.
_NO_VIEW, _VIEW_TRIES, _VIEW_PAUSE = "not_found", 5, timedelta(seconds=0.5)
_AMISS = (SendState.FAILED, SendState.UNKNOWN, SendState.UNCONFIRMED)  # what whoever reads the log looks for
_OUT_OF_REACH = 2.0  # seconds until a database that was out of reach is asked again, for the log's sake


@dataclass(frozen=True, slots=True)
class Post:
    """A new message to a person, a channel, or a thread. `is_private` is a conversation of the bot with one person.

    One that is not `is_wanted` any more is only looked for, since it may have been sent before.
    """

    to: str
    message: Message
    is_private: bool = False
    thread: Place | None = None
    is_broadcast: bool = False
    is_wanted: bool = True


@dataclass(frozen=True, slots=True)
class Edit:
    """A message of ours as it should read now. Where Slack refuses the edit for good, `otherwise` is posted instead."""

    place: Place
    message: Message
    otherwise: Post | None = None


@dataclass(frozen=True, slots=True)
class Upload:
    """Files under a message, in one message of their own."""

    thread: Place
    documents: Sequence[Document]


@dataclass(frozen=True, slots=True)
class FillReview:
    """The compiled report for a review view that waits, or why there is none."""

    external_id: str
    form: ReviewForm | PortfolioForm | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Later:
    """Not now: the person is not to be written to at the moment."""

    reason: str


@dataclass(frozen=True, slots=True)
class Drop:
    """Nothing is to be sent any more, and why."""

    reason: str


@dataclass(frozen=True, slots=True)
class Prepare:
    """Something of our own that takes a while, done outside of any transaction; it may be done twice.

    `act` returns what is to be sent then, or None where nothing is.
    """

    act: Callable[[], Upload | None]


Work = Post | Edit | Upload | FillReview | Prepare | Later | Drop
Composer = Callable[[Session, Parcel], Work]
Recorder = Callable[[Session, Parcel, SendState, str | None], None]


def _real_now() -> datetime:
    return datetime.now(UTC)


def was_held_up(parcel: Parcel) -> bool:
    """Whether it was tried in vain for a quarter of an hour: it may be night by now where its person is."""
    return parcel.attempts > _IN_TIME


class Courier:
    """Carries parcels from the outbox to Slack.

    `composers` make each kind of row into work; `on_finished` hears what became of a row, in the transaction that records
    it. Leases, retries and due times are real time. `in_hand` is shared by the couriers of a process: the rows (ids) that
    they are carrying.
    """

    def __init__(
        self,
        database: Database,
        messenger: Messenger,
        composers: Mapping[str, Composer],
        on_finished: Recorder,
        *,
        name: str,
        now: Callable[[], datetime] = _real_now,
        in_hand: set[int] | None = None,
    ) -> None:
        self._database = database
        self._messenger = messenger
        self._composers = composers
        self._on_finished = on_finished
        self._name = name
        self._now = now
        self._in_hand = set() if in_hand is None else in_hand

    def take(self) -> Parcel | None:
        """Claim a parcel; None where none may go out now."""
        kinds = self._messenger.with_room(self._composers.keys())
        parcel = None
        try:
            with self._database.claiming() as session:
                parcel = outbox.claim(session, self._name, self._now(), kinds, self._in_hand)
                if parcel:
                    self._in_hand.add(parcel.id)  # before anybody else can see the lease
        except Exception:
            if parcel:  # a lease that may have been committed runs out like that of a sender that died
                self._in_hand.discard(parcel.id)
            raise
        return parcel

    def carry(self, parcel: Parcel) -> None:
        """Send a parcel that was taken, and record what became of it."""
        try:
            self._carry(parcel)
        finally:
            self._in_hand.discard(parcel.id)

    def _carry(self, parcel: Parcel) -> None:
        if_it_breaks = "retry"
        try:
            work = self._compose(parcel)
            if isinstance(work, Drop):
                self._record(parcel, SendState.DROPPED, error=work.reason)
                return
            if work is None:
                self._record(parcel, SendState.SENT)
                return
            if_it_breaks = "unknown"  # Slack may have taken it before something of ours breaks
            place = self._send(parcel, work)
        except _NotWantedError:
            self._record(parcel, SendState.DROPPED, error="not wanted any more")
        except DeliveryFailed as failure:
            self._record_failure(parcel, failure)
        except Exception:
            logger.exception("delivery broke key=%s kind=%s attempt=%d", parcel.key, parcel.kind, parcel.attempts)
            broken = DeliveryFailed("internal error", outcome=if_it_breaks)
            self._record_failure(parcel, broken, MAX_BREAKS)
        else:
            self._record(parcel, SendState.SENT, place=place)

    def _compose(self, parcel: Parcel) -> Post | Edit | Upload | FillReview | Drop | None:
        with self._database.reading() as session:
            work = self._composers[parcel.kind](session, parcel)
        if isinstance(work, Later):
            raise DeliveryFailed(work.reason, outcome="retry", retry_after=_LOOK_AGAIN)
        return work.act() if isinstance(work, Prepare) else work

    def _send(self, parcel: Parcel, work: Post | Edit | Upload | FillReview) -> Place | None:
        if isinstance(work, Edit):
            return self._edit(parcel, work)
        if isinstance(work, FillReview):
            self._fill(parcel, work)
            return None
        if parcel.may_have_been_sent and (found := self._look_for(parcel, work)):
            return found
        if isinstance(work, Post) and not work.is_wanted:
            raise _NotWantedError
        if isinstance(work, Upload):
            self._messenger.upload(work.thread, work.documents)
            return work.thread
        return self._messenger.post(work.to, work.message, work.thread, is_broadcast=work.is_broadcast)

    def _edit(self, parcel: Parcel, work: Edit) -> Place:
        try:
            self._messenger.edit(work.place, work.message)
        except DeliveryFailed as failure:
            if work.otherwise is None or failure.outcome != "final":
                raise
            if parcel.may_have_been_sent:
                raise _unconfirmed() from failure
            logger.warning("edit refused key=%s reason=%s, posting anew", parcel.key, failure)
            return self._post_instead(work.otherwise)
        return work.place

    def _post_instead(self, post: Post) -> Place:
        try:
            return self._messenger.post(post.to, post.message, post.thread)
        except DeliveryFailed as failure:
            if failure.outcome != "unknown":
                raise
            raise _unconfirmed() from failure

    def _look_for(self, parcel: Parcel, work: Post | Upload) -> Place | None:
        """The message that may have been sent before; a channel cannot be searched, so its outcome stays unknown."""
        if isinstance(work, Upload) or not work.is_private:
            raise _unconfirmed()
        return self._messenger.find_own_message(work.to, parcel.key)

    def _fill(self, parcel: Parcel, work: FillReview) -> None:
        try:
            if work.form is None:
                self._messenger.refuse_review(work.external_id, work.problem)
            else:
                self._messenger.fill_review(work.external_id, work.form)
        except DeliveryFailed as failure:
            if str(failure) == _NO_VIEW and parcel.attempts < _VIEW_TRIES:
                raise _NoViewYetError(_NO_VIEW, outcome="retry") from failure
            raise

    def _record(
        self,
        parcel: Parcel,
        state: SendState,
        *,
        place: Place | None = None,
        error: str | None = None,
        due_at: datetime | None = None,
        is_counted: bool = True,
    ) -> None:
        with self._database.claiming() as session:
            is_mine = outbox.finish(
                session,
                parcel,
                self._name,
                state,
                now=self._now(),
                channel=place.channel if place else None,
                ts=place.ts if place else None,
                error=error,
                due_at=due_at,
                is_counted=is_counted,
            )
            if is_mine:
                self._on_finished(session, parcel, state, error)
        logger.log(
            logging.WARNING if state in _AMISS else logging.INFO,
            "delivery key=%s kind=%s state=%s attempt=%d reason=%s",
            parcel.key,
            parcel.kind,
            state,
            parcel.attempts,
            error or "none",
        )

    def _record_failure(self, parcel: Parcel, failure: DeliveryFailed, most: int = MAX_ATTEMPTS) -> None:
        state = self._state_after(parcel, failure, most)
        first = _VIEW_PAUSE if isinstance(failure, _NoViewYetError) else _FIRST_PAUSE
        pause = min(first * 2 ** min(parcel.attempts - 1, _DOUBLINGS), _LONGEST_PAUSE)
        if failure.retry_after is not None:
            pause = timedelta(seconds=failure.retry_after)
        is_counted = failure.retry_after is None  # being asked to wait is no failed attempt
        self._record(parcel, state, error=str(failure), due_at=self._now() + pause, is_counted=is_counted)

    @staticmethod
    def _state_after(parcel: Parcel, failure: DeliveryFailed, most: int) -> SendState:
        if failure.outcome == "final":
            return SendState.FAILED
        if failure.outcome == "unconfirmed":
            return SendState.UNCONFIRMED
        is_unknown = failure.outcome == "unknown"
        if is_unknown and parcel.kind in IN_CHANNEL:
            return SendState.UNCONFIRMED
        if failure.retry_after is None and parcel.attempts >= most:
            return SendState.FAILED
        # A retry after an unknown outcome must go on looking before it sends.
        return SendState.UNKNOWN if is_unknown or parcel.may_have_been_sent else SendState.WAITING


class _NoViewYetError(DeliveryFailed):
    """A view that is to be filled, and that Slack has not shown yet."""


class _NotWantedError(Exception):
    """A message that is not there, and that nobody needs any more."""


def _unconfirmed() -> DeliveryFailed:
    return DeliveryFailed("the sender stopped before Slack's answer was recorded", outcome="unconfirmed")


class Workers:
    """Threads that carry parcels as soon as a commit wakes them, and look by themselves once a second for retries.

    One of them looks at a time; the others carry, or wait for their turn to look.
    """

    def __init__(self, couriers: list[Courier]) -> None:
        self._couriers = couriers
        self._turn = threading.Lock()
        self._news = threading.Event()
        self._ended = threading.Event()
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        """Begin to carry."""
        self.wake()
        for number, courier in enumerate(self._couriers):
            thread = threading.Thread(target=self._run, args=(courier,), name=f"courier-{number}", daemon=True)
            thread.start()
            self._threads.append(thread)

    def __len__(self) -> int:
        """How many there are to be."""
        return len(self._couriers)

    @property
    def alive(self) -> int:
        """How many run."""
        return sum(thread.is_alive() for thread in self._threads)

    def wake(self) -> None:
        """Something was put into the outbox: one of them looks, and another as soon as that one has found more than it takes."""
        self._news.set()

    def stop(self, deadline: float) -> None:
        """Take nothing more, and finish what is being carried: at the latest by an instant (seconds, monotonic)."""
        self._ended.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    def _run(self, courier: Courier) -> None:
        """Carry one parcel after the other; a stop is heard between two, so that none is left with its lease."""
        while not self._ended.is_set():
            try:
                with self._turn:
                    parcel = self._look(courier)
                if parcel:
                    courier.carry(parcel)
                    self.wake()  # what waited behind it in its lane can go now
            except Exception as error:
                # The database may be gone for a while; the rows are still there when it is back.
                if trouble.log(logger, "courier could not reach the outbox", error):
                    self._ended.wait(_OUT_OF_REACH)

    def _look(self, courier: Courier) -> Parcel | None:
        """Wait for news, at most a second, and take a parcel; what comes soon after a look in vain waits for the next one."""
        if not self._ended.is_set():
            self._news.wait(timeout=1)
        if self._ended.is_set():
            return None
        self._news.clear()
        parcel = courier.take()
        if parcel is None:
            self._ended.wait(_BREATH)
        elif not parcel.is_alone:
            self.wake()
        return parcel
