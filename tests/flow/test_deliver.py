"""The outbox and its couriers: in order, once, and honest about what is not known."""

import threading
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from bot.domain.errors import DeliveryFailed
from bot.flow.deliver import (
    MAX_ATTEMPTS,
    MAX_BREAKS,
    Composer,
    Courier,
    Drop,
    Edit,
    FillReview,
    Post,
    Prepare,
    Upload,
    Work,
    Workers,
)
from bot.flow.messages import Document, Message, Notice
from bot.flow.ports import Place
from bot.store import outbox
from bot.store.outbox import LEASE, Parcel, SendState
from bot.store.session import Database
from bot.store.tables import OutboxRow
from tests.carrying import deliver_all
from tests.conftest import SettableClock

CHANNEL = "C0LEADERS"
POST = Place(CHANNEL, "100.1")


@dataclass
class RecordingMessenger:
    """Keeps what reaches Slack, and fails as told: before Slack has heard of it, or after (`is_heard`)."""

    posts: list[tuple[str, str]] = field(default_factory=list)
    edits: list[tuple[Place, str]] = field(default_factory=list)
    uploads: list[str] = field(default_factory=list)
    reviews: list[tuple[str, str]] = field(default_factory=list)
    searches: list[tuple[str, str]] = field(default_factory=list)
    full: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._failures: list[tuple[str, Exception, bool]] = []
        self._numbers = count(1)
        self._guard = threading.Lock()

    def fail_once(self, method: str, outcome: str, *, retry_after: float | None = None, is_heard: bool = False) -> None:
        """Let the next call of a method fail."""
        self._failures.append((method, DeliveryFailed(outcome, outcome=outcome, retry_after=retry_after), is_heard))

    def forget_failures(self) -> None:
        """Take everything again."""
        self._failures.clear()

    def fail_with(self, method: str, error: Exception) -> None:
        """Let the next call of a method fail in an unforeseen way."""
        self._failures.append((method, error, False))

    def post(self, to: str, message: Message, thread: Place | None = None, *, is_broadcast: bool = False) -> Place:
        with self._guard:
            self._carry_out("post", lambda: self.posts.append((to, message.key)))
            return Place(f"D{to}", f"{next(self._numbers)}.0")

    def edit(self, place: Place, message: Message) -> None:
        self._carry_out("edit", lambda: self.edits.append((place, message.key)))

    def upload(self, thread: Place, documents: Sequence[Document]) -> None:
        self._carry_out("upload", lambda: self.uploads.extend(document.filename for document in documents))

    def fill_review(self, external_id: str, form: Any) -> None:
        self._carry_out("fill_review", lambda: self.reviews.append((external_id, form)))

    def refuse_review(self, external_id: str, problem: str) -> None:
        self._carry_out("refuse_review", lambda: self.reviews.append((external_id, problem)))

    def with_room(self, kinds: Collection[str]) -> Collection[str]:
        return set(kinds) - self.full

    def find_own_message(self, person: str, key: str) -> Place | None:
        self.searches.append((person, key))
        self._carry_out("find_own_message", lambda: None)
        return Place(f"D{person}", "found") if (person, key) in self.posts else None

    def directory(self) -> list[Any]:
        return []

    def _carry_out(self, method: str, act: Callable[[], object]) -> None:
        failure = next((f for f in self._failures if f[0] == method), None)
        if failure is None:
            act()
            return
        self._failures.remove(failure)
        if failure[2]:
            act()
        raise failure[1]


def compose_private(_: Session, parcel: Parcel) -> Work:
    return Post("U0ALICE", Notice(parcel.key, "any"), is_private=True)


def compose_channel(_: Session, parcel: Parcel) -> Work:
    return Post(CHANNEL, Notice(parcel.key, "any"))


def compose_card(session: Session, parcel: Parcel) -> Work:
    place = outbox.place_of(session, parcel.subject["of"])
    return Edit(Place(*place), Notice(parcel.subject["of"], "any")) if place else Drop("never sent")


def compose_post_edit(_: Session, parcel: Parcel) -> Work:
    notice = Notice(parcel.key, "any")
    return Edit(POST, notice, otherwise=Post(CHANNEL, notice))


COMPOSERS: dict[str, Composer] = {
    "nudge": compose_private,
    "card": compose_card,
    "post": compose_channel,
    "section": compose_channel,
    "revision": compose_channel,
    "reply": compose_channel,
    "post-edit": compose_post_edit,
    "file": lambda _, parcel: Upload(POST, [Document(parcel.key, "Report", b"text")]),
    "review": lambda _, parcel: FillReview(parcel.key, None, "There is no such project."),
    "gone": lambda *_: Drop("nothing missing any more"),
}


@dataclass
class PostOffice:
    """One outbox with its courier, on a clock that is moved by hand."""

    database: Database
    messenger: RecordingMessenger
    clock: SettableClock
    finished: list[tuple[str, SendState, str | None]] = field(default_factory=list)
    composers: dict[str, Composer] = field(default_factory=lambda: dict(COMPOSERS))

    def put(self, key: str, kind: str = "nudge", lane: str | None = None, **subject: Any) -> bool:
        with self.database.writing() as session:
            return outbox.put(session, key=key, kind=kind, subject=subject, lane=lane, now=self.clock())

    def put_edit(self, of: str) -> None:
        with self.database.writing() as session:
            outbox.put_edit(session, kind="card", subject={"of": of}, lane=of, now=self.clock())

    def courier(self, name: str = "one", in_hand: set[int] | None = None) -> Courier:
        def hear(_: Session, parcel: Parcel, state: SendState, error: str | None) -> None:
            self.finished.append((parcel.key, state, error))

        return Courier(self.database, self.messenger, self.composers, hear, name=name, now=self.clock, in_hand=in_hand)

    def deliver(self, after: timedelta = timedelta()) -> int:
        self.clock.at += after
        return deliver_all(self.courier())

    def die_while_sending(self, *, is_sent: bool) -> None:
        """A worker claims a row, may have sent it, and is never heard of again."""
        with self.database.writing() as session:
            parcel = outbox.claim(session, "the dead", self.clock(), list(self.composers))
        assert parcel is not None
        if is_sent:
            self.messenger.posts.append(("U0ALICE", parcel.key))

    def state(self, key: str) -> SendState | None:
        with self.database.reading() as session:
            return outbox.state_of(session, key)

    def place(self, key: str) -> tuple[str, str] | None:
        with self.database.reading() as session:
            return outbox.place_of(session, key)

    def next_due_in(self) -> timedelta:
        with self.database.reading() as session:
            due_at = session.scalars(select(OutboxRow.due_at).where(OutboxRow.done_at.is_(None))).one()
        return due_at - self.clock()


@pytest.fixture
def office(database: Database, clock: SettableClock) -> PostOffice:
    return PostOffice(database, RecordingMessenger(), clock)


SOON = timedelta(minutes=1)
AFTER_LEASE = LEASE + timedelta(seconds=1)


def test_what_is_put_is_sent_and_its_place_is_kept(office: PostOffice) -> None:
    office.put("hello")
    assert office.deliver() == 1
    assert office.messenger.posts == [("U0ALICE", "hello")]
    assert office.place("hello") == ("DU0ALICE", "1.0")
    assert office.finished == [("hello", SendState.SENT, None)]


def test_a_key_put_twice_is_sent_once(office: PostOffice) -> None:
    assert office.put("hello")
    assert not office.put("hello")
    assert office.deliver() + office.deliver() == 1
    assert not office.put("hello")
    assert office.deliver() == 0


def test_what_is_for_later_waits(office: PostOffice) -> None:
    office.clock.at += SOON
    office.put("later")
    office.clock.at -= SOON
    assert office.deliver() == 0
    assert office.deliver(after=SOON) == 1


def test_a_composer_that_finds_nothing_to_say_drops_the_row_with_its_reason(office: PostOffice) -> None:
    office.put("late", "gone")
    office.deliver()
    assert office.finished == [("late", SendState.DROPPED, "nothing missing any more")]
    assert office.messenger.posts == []


def test_rows_of_a_lane_go_out_in_their_order_and_other_lanes_do_not_wait(office: PostOffice) -> None:
    for key in ("a1", "a2", "b1"):
        office.put(key, lane=key[0])
    office.messenger.fail_once("post", "retry")
    office.deliver()
    assert [key for _, key in office.messenger.posts] == ["b1"]
    office.deliver(after=SOON)
    assert [key for _, key in office.messenger.posts] == ["b1", "a1", "a2"]


def test_an_edit_never_overtakes_its_post(office: PostOffice) -> None:
    office.put("card")
    office.put_edit("card")
    office.messenger.fail_once("post", "retry")
    office.deliver()
    assert office.messenger.edits == []
    office.deliver(after=SOON)
    assert office.messenger.edits == [(Place("DU0ALICE", "1.0"), "card")]


def test_one_edit_that_waits_is_enough_and_one_under_way_is_not(office: PostOffice) -> None:
    office.put("card")
    office.deliver()
    office.put_edit("card")
    office.put_edit("card")
    office.die_while_sending(is_sent=False)  # it may have been composed before what follows
    office.put_edit("card")
    office.put_edit("card")
    office.deliver(after=AFTER_LEASE)
    assert len(office.messenger.edits) == 2


def test_a_failed_row_lets_its_lane_go_on(office: PostOffice) -> None:
    office.put("a1", lane="a")
    office.put("a2", lane="a")
    office.messenger.fail_once("post", "final")
    office.deliver()
    assert (office.state("a1"), office.state("a2")) == (SendState.FAILED, SendState.SENT)


def test_a_kind_for_which_slack_has_no_room_waits_and_the_others_go_on(office: PostOffice) -> None:
    office.put("a", "post")
    office.put("b", "nudge")
    office.messenger.full = {"post"}
    office.deliver()
    assert (office.state("a"), office.state("b")) == (SendState.WAITING, SendState.SENT)
    office.messenger.full = set()
    office.deliver()
    assert office.state("a") is SendState.SENT


def test_a_lane_waits_behind_a_kind_for_which_there_is_no_room(office: PostOffice) -> None:
    office.put("a1", "post", lane="a")
    office.put("a2", "nudge", lane="a")
    office.messenger.full = {"post"}
    assert office.deliver() == 0


@pytest.mark.parametrize("outcome", ["retry", "unknown"])
@pytest.mark.parametrize("kind", ["nudge", "review"])
def test_after_a_passing_failure_it_is_tried_again(office: PostOffice, kind: str, outcome: str) -> None:
    office.put("hello", kind)
    office.messenger.fail_once("post" if kind == "nudge" else "refuse_review", outcome)
    office.deliver()
    assert office.state("hello") in (SendState.WAITING, SendState.UNKNOWN)
    office.deliver(after=SOON)
    assert office.state("hello") is SendState.SENT
    assert len(office.messenger.posts + office.messenger.reviews) == 1


@pytest.mark.parametrize("looks", [1, 4])
def test_a_view_that_slack_has_not_shown_yet_is_filled_soon_after(office: PostOffice, looks: int) -> None:
    office.put("view", "review")
    for _ in range(looks):
        office.messenger.fail_with("refuse_review", DeliveryFailed("not_found", outcome="final"))
        office.deliver()
        assert office.next_due_in() <= timedelta(seconds=4)
        office.clock.at += office.next_due_in()
    office.deliver()
    assert office.state("view") is SendState.SENT
    assert len(office.messenger.reviews) == 1


def test_a_view_that_its_reader_has_closed_is_given_up(office: PostOffice) -> None:
    office.put("view", "review")
    for _ in range(5):
        office.messenger.fail_with("refuse_review", DeliveryFailed("not_found", outcome="final"))
        assert office.state("view") is not SendState.FAILED
        office.deliver(after=SOON)
    assert office.finished[-1] == ("view", SendState.FAILED, "not_found")


def test_pauses_grow_from_two_seconds_to_ten_minutes(office: PostOffice) -> None:
    office.put("hello")
    pauses = []
    for _ in range(MAX_ATTEMPTS - 1):
        office.messenger.fail_once("post", "retry")
        office.deliver()
        pauses.append(office.next_due_in())
        office.clock.at += pauses[-1]
    assert pauses == [timedelta(seconds=min(2**n, 600)) for n in range(1, MAX_ATTEMPTS)]


def test_what_slack_could_not_take_for_most_of_a_day_is_sent_when_it_can(office: PostOffice) -> None:
    office.put("hello")
    back_at = office.clock.at + timedelta(hours=23)
    while office.clock.at < back_at:
        office.messenger.fail_once("post", "retry")
        office.deliver(after=timedelta(minutes=10))
    office.messenger.forget_failures()
    office.deliver(after=timedelta(minutes=10))
    assert office.state("hello") is SendState.SENT


@pytest.mark.parametrize("outcome", ["retry", "unknown"])
def test_after_the_last_attempt_it_has_failed_with_its_reason(office: PostOffice, outcome: str) -> None:
    office.put("hello")
    for _ in range(MAX_ATTEMPTS):
        assert office.state("hello") is not SendState.FAILED
        office.messenger.fail_once("post", outcome)
        office.deliver(after=timedelta(minutes=10))
    assert office.finished[-1] == ("hello", SendState.FAILED, outcome)
    assert office.deliver(after=timedelta(days=1)) == 0


def test_slack_s_own_pause_is_kept_and_costs_no_attempt(office: PostOffice) -> None:
    office.put("hello")
    for _ in range(MAX_ATTEMPTS + 2):
        office.messenger.fail_once("post", "retry", retry_after=90)
        office.deliver()
        assert office.next_due_in() == timedelta(seconds=90)
        assert office.deliver(after=timedelta(seconds=89)) == 0
        office.clock.at += timedelta(seconds=1)
    office.messenger.fail_once("post", "retry")
    office.deliver()
    assert office.state("hello") is SendState.WAITING
    office.deliver(after=SOON)
    assert office.state("hello") is SendState.SENT


def test_what_slack_refuses_for_good_has_failed_at_once(office: PostOffice) -> None:
    office.put("hello")
    office.messenger.fail_once("post", "final")
    office.deliver()
    assert office.finished == [("hello", SendState.FAILED, "final")]
    assert office.deliver(after=timedelta(days=1)) == 0


@pytest.mark.parametrize("is_heard", [True, False])
def test_a_private_message_whose_reply_was_lost_is_looked_for_before_it_goes_out_again(
    office: PostOffice, is_heard: bool
) -> None:
    office.put("hello")
    office.messenger.fail_once("post", "unknown", is_heard=is_heard)
    office.deliver()
    assert office.state("hello") is SendState.UNKNOWN
    office.deliver(after=SOON)
    assert office.messenger.searches == [("U0ALICE", "hello")]
    assert office.messenger.posts == [("U0ALICE", "hello")]
    assert office.place("hello") == ("DU0ALICE", "found" if is_heard else "1.0")


@pytest.mark.parametrize("is_sent", [True, False])
def test_a_row_whose_sender_died_is_taken_over_after_its_lease_and_looked_for(
    office: PostOffice, is_sent: bool
) -> None:
    office.put("hello")
    office.die_while_sending(is_sent=is_sent)
    assert office.deliver(after=LEASE) == 0
    assert office.deliver(after=timedelta(seconds=1)) == 1
    assert office.messenger.searches == [("U0ALICE", "hello")]
    assert office.messenger.posts == [("U0ALICE", "hello")]
    assert office.state("hello") is SendState.SENT


def test_a_clock_set_forth_while_a_message_is_in_hand_gives_it_to_no_other_courier_of_the_process(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.put("hello")
    in_hand: set[int] = set()
    one, two = (office.courier(name, in_hand) for name in ("one", "two"))
    post, taken = office.messenger.post, []

    def post_while_the_clock_is_set(*what: Any, **how: Any) -> Place:
        office.clock.at += AFTER_LEASE
        taken.append(two.take())
        return post(*what, **how)

    monkeypatch.setattr(office.messenger, "post", post_while_the_clock_is_set)
    assert deliver_all(one) == 1
    assert taken == [None]
    assert office.state("hello") is SendState.SENT
    assert in_hand == set()


def test_a_search_that_fails_is_repeated_and_nothing_is_sent_meanwhile(office: PostOffice) -> None:
    office.put("hello")
    office.die_while_sending(is_sent=True)
    for outcome in ("retry", "unknown"):
        office.messenger.fail_once("find_own_message", outcome)
        office.deliver(after=AFTER_LEASE)
        assert office.state("hello") is SendState.UNKNOWN
    office.deliver(after=SOON)
    assert office.messenger.posts == [("U0ALICE", "hello")]
    assert office.place("hello") == ("DU0ALICE", "found")


def test_a_worker_that_lost_its_lease_records_nothing(office: PostOffice) -> None:
    office.put("hello")
    with office.database.writing() as session:
        slow = outbox.claim(session, "slow", office.clock(), ["nudge"])
    assert slow is not None
    office.deliver(after=AFTER_LEASE)
    with office.database.writing() as session:
        assert not outbox.finish(session, slow, "slow", SendState.FAILED, now=office.clock())
    assert office.state("hello") is SendState.SENT


CHANNEL_ROWS = ["post", "section", "revision", "reply", "file"]


@pytest.mark.parametrize("kind", CHANNEL_ROWS)
@pytest.mark.parametrize("way", ["lost reply", "dead sender"])
def test_a_channel_message_that_may_be_there_is_never_repeated_by_itself(
    office: PostOffice, kind: str, way: str
) -> None:
    office.put("report", kind, lane="channel")
    office.put("next", "section", lane="channel")
    if way == "lost reply":
        office.messenger.fail_once("upload" if kind == "file" else "post", "unknown", is_heard=True)
        office.deliver()
    else:
        office.die_while_sending(is_sent=False)
    for _ in range(3):
        office.deliver(after=timedelta(days=1))
    assert office.state("report") is SendState.UNCONFIRMED
    assert office.messenger.searches == []  # channels are never read
    assert [key for _, key in office.messenger.posts] + office.messenger.uploads == ["report"] * (way == "lost reply")
    assert office.state("next") is SendState.WAITING  # the thread waits for its post
    assert [state for _, state, _ in office.finished] == [SendState.UNCONFIRMED]


@pytest.mark.parametrize("is_there", [True, False])
def test_a_person_settles_what_was_not_confirmed_and_only_once(office: PostOffice, is_there: bool) -> None:
    office.put("report", "post", lane="channel")
    office.put("next", "section", lane="channel")
    office.messenger.fail_once("post", "unknown", is_heard=is_there)
    office.deliver()

    def settle() -> bool:
        place = (CHANNEL, "55.5") if is_there else (None, None)
        with office.database.writing() as session:
            return outbox.settle(
                session, "report", is_there=is_there, channel=place[0], ts=place[1], now=office.clock()
            )

    assert settle()
    assert not settle()
    office.deliver(after=SOON)
    assert [key for _, key in office.messenger.posts] == ["report", "next"]
    assert office.place("report") == ((CHANNEL, "55.5") if is_there else (f"D{CHANNEL}", "1.0"))


def test_an_edit_that_slack_refuses_is_posted_anew_and_its_new_place_kept(office: PostOffice) -> None:
    office.put("edit", "post-edit")
    office.messenger.fail_once("edit", "final")
    office.deliver()
    assert office.messenger.posts == [(CHANNEL, "edit")]
    assert office.place("edit") == (f"D{CHANNEL}", "1.0")


@pytest.mark.parametrize("outcome", ["retry", "unknown"])
def test_an_edit_that_may_work_later_is_not_posted_anew(office: PostOffice, outcome: str) -> None:
    office.put("edit", "post-edit")
    office.messenger.fail_once("edit", outcome)
    office.deliver()
    office.deliver(after=SOON)
    assert (office.messenger.posts, office.messenger.edits) == ([], [(POST, "edit")])
    assert office.place("edit") == (POST.channel, POST.ts)


def test_a_post_in_place_of_a_refused_edit_is_not_repeated_when_its_reply_is_lost(office: PostOffice) -> None:
    office.put("edit", "post-edit")
    office.messenger.fail_once("edit", "final")
    office.messenger.fail_once("post", "unknown", is_heard=True)
    office.deliver()
    assert office.deliver(after=timedelta(days=1)) == 0
    assert (office.state("edit"), len(office.messenger.posts)) == (SendState.UNCONFIRMED, 1)


def test_a_refused_edit_whose_sender_died_may_have_been_posted_anew_and_is_left_to_a_person(office: PostOffice) -> None:
    office.put("edit", "post-edit")
    office.die_while_sending(is_sent=False)
    office.messenger.fail_once("edit", "final")
    office.deliver(after=AFTER_LEASE)
    assert (office.state("edit"), office.messenger.posts) == (SendState.UNCONFIRMED, [])


def test_a_card_whose_edit_is_refused_for_good_has_failed(office: PostOffice) -> None:
    office.put("card")
    office.put_edit("card")
    office.messenger.fail_once("edit", "final")
    office.deliver()
    assert office.finished[-1][1] is SendState.FAILED
    assert len(office.messenger.posts) == 1


def test_a_composer_that_breaks_is_tried_again_and_gives_up_in_the_end(office: PostOffice) -> None:
    def broken(*_: object) -> Work:
        raise KeyError("a template asks for what is not there")

    office.composers["nudge"] = broken
    office.put("hello")
    for _ in range(MAX_BREAKS):
        assert office.state("hello") is not SendState.FAILED
        office.deliver(after=timedelta(minutes=10))
    assert office.finished[-1] == ("hello", SendState.FAILED, "internal error")


@pytest.mark.parametrize(("kind", "expected"), [("nudge", SendState.SENT), ("post", SendState.UNCONFIRMED)])
def test_an_unforeseen_error_while_sending_counts_as_not_known(
    office: PostOffice, kind: str, expected: SendState
) -> None:
    """Slack may have taken the message before something of ours broke."""
    office.put("hello", kind)
    office.messenger.posts.append(("U0ALICE", "hello"))
    office.messenger.fail_with("post", RuntimeError("the answer could not be read"))
    office.deliver()
    office.deliver(after=SOON)
    assert office.state("hello") is expected
    assert len(office.messenger.posts) == 1


def test_couriers_in_threads_send_every_row_once_and_every_lane_in_order(office: PostOffice) -> None:
    rows = [f"{lane}:{number:02}" for number in range(12) for lane in "abcde"]
    for key in rows:
        office.put(key, lane=key[0])
    start = threading.Barrier(4)

    def carry(name: str) -> int:
        start.wait()
        return sum(deliver_all(office.courier(name)) for _ in range(3))

    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(carry, ["one", "two", "three", "four"])) <= len(rows)
    office.deliver()  # a lane whose last row was under way when the others looked
    sent = [key for _, key in office.messenger.posts]
    assert sorted(sent) == sorted(rows)
    for lane in "abcde":
        assert [key for key in sent if key[0] == lane] == [key for key in rows if key[0] == lane]


def test_workers_send_what_they_are_woken_for_and_stop_when_asked(office: PostOffice) -> None:
    everything = threading.Event()
    office.clock.at = datetime.now(UTC)

    def hear(*_: object) -> None:
        if len(office.messenger.posts) == 5:
            everything.set()

    couriers = [
        Courier(office.database, office.messenger, office.composers, hear, name=name, now=office.clock)
        for name in ("one", "two")
    ]
    workers = Workers(couriers)
    workers.start()
    for number in range(5):
        office.put(f"row {number}")
        workers.wake()
    assert everything.wait(timeout=20)
    workers.stop(time.monotonic() + 10)
    office.put("after the end")
    workers.wake()
    assert office.state("after the end") is SendState.WAITING
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("courier-")]


def test_who_takes_a_row_hears_whether_another_could_go_too(office: PostOffice) -> None:
    for number in range(3):
        office.put(f"row {number}", lane=str(number % 2))
    courier = office.courier()
    taken = [courier.take(), courier.take(), courier.take()]
    assert [parcel and (parcel.key, parcel.is_alone) for parcel in taken] == [("row 0", False), ("row 1", True), None]


def test_a_worker_that_carries_keeps_no_other_from_looking() -> None:
    meeting, parcels = threading.Barrier(3), ["one", "two"]

    class Meeting:
        def take(self) -> Parcel | None:
            return Parcel(1, parcels.pop(), "nudge", {}, "", 1, is_alone=not parcels) if parcels else None

        def carry(self, _: Parcel) -> None:
            meeting.wait(timeout=10)

    workers = Workers([cast(Courier, Meeting()) for _ in range(2)])
    workers.start()
    meeting.wait(timeout=10)
    workers.stop(time.monotonic() + 10)
    assert workers.alive == 0


def test_a_database_that_is_gone_for_a_moment_does_not_end_a_worker(
    office: PostOffice, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sent, real, failures = threading.Event(), outbox.claim, [OSError("gone")]

    def claim(*arguments: Any) -> Parcel | None:
        if failures:
            raise failures.pop()
        return real(*arguments)

    monkeypatch.setattr(outbox, "claim", claim)
    courier = Courier(
        office.database, office.messenger, office.composers, lambda *_: sent.set(), name="one", now=office.clock
    )
    workers = Workers([courier])
    office.put("hello")
    workers.start()
    assert sent.wait(timeout=20)
    workers.stop(time.monotonic() + 10)
    assert "courier could not reach the outbox" in caplog.text


def test_a_row_whose_claim_was_committed_unheard_is_taken_over_after_its_lease(office: PostOffice) -> None:
    office.put("hello")
    courier = office.courier()

    def lose(_: Session) -> None:
        event.remove(Session, "after_commit", lose)
        raise OSError("the connection broke before the database's answer")

    event.listen(Session, "after_commit", lose)
    with pytest.raises(OSError, match="broke"):
        courier.take()
    assert deliver_all(courier) == 0
    office.clock.at += AFTER_LEASE
    assert deliver_all(courier) == 1
    assert office.messenger.posts == [("U0ALICE", "hello")]


def preparing(office: PostOffice, *acts: Callable[[], Upload | None]) -> None:
    """Rows of the kind "prepare" do one of these after the other."""
    left = list(acts)
    office.composers["prepare"] = lambda *_: Prepare(left.pop(0))


def test_what_is_prepared_is_done_outside_any_transaction_and_then_sent(office: PostOffice) -> None:
    def act() -> Upload:
        with office.database.writing() as session:  # would wait for ever inside of another
            outbox.put(session, key="meanwhile", kind="gone", subject={}, now=office.clock())
        return Upload(POST, [Document("made.pdf", "Report", b"made")])

    preparing(office, act)
    office.put("row", "prepare")
    office.deliver()
    assert office.messenger.uploads == ["made.pdf"]
    assert office.state("row") is SendState.SENT
    assert office.state("meanwhile") is SendState.DROPPED


def test_what_only_prepares_is_done_when_its_work_is_and_lets_its_lane_go_on(office: PostOffice) -> None:
    preparing(office, lambda: None)
    office.put("row", "prepare", lane="thread")
    office.put("next", "file", lane="thread")
    office.deliver()
    assert (office.state("row"), office.state("next")) == (SendState.SENT, SendState.SENT)
    assert office.messenger.uploads == ["next"]


def test_a_worker_that_died_preparing_sent_nothing_so_it_is_done_again_and_nobody_is_asked(office: PostOffice) -> None:
    preparing(office, lambda: None)
    office.put("row", "prepare")
    office.die_while_sending(is_sent=False)
    office.deliver(after=LEASE + timedelta(seconds=1))
    assert office.state("row") is SendState.SENT


def test_what_cannot_be_prepared_fails_and_does_not_hold_up_what_follows(
    office: PostOffice, caplog: pytest.LogCaptureFixture
) -> None:
    def act() -> None:
        raise DeliveryFailed("could not make pdf", outcome="final")

    preparing(office, act)
    office.put("row", "prepare", lane="thread")
    office.put("next", "file", lane="thread")
    office.deliver()
    assert office.finished[0] == ("row", SendState.FAILED, "could not make pdf")
    (told,) = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert told == "delivery key=row kind=prepare state=failed attempt=1 reason=could not make pdf"
    assert office.messenger.uploads == ["next"]
