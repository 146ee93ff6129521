"""Channel: a published revision as a post, and what stands in its thread, for projects and the portfolio alike."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy.orm import Session

from bot.domain.errors import missing_permission
from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.quarter import Quarter
from bot.domain.report import QuarterlyReport
from bot.flow.deliver import Drop, Edit, Post, Prepare, Upload, Work
from bot.flow.messages import Message, RevisionReply
from bot.flow.moment import Moment
from bot.flow.ports import Place
from bot.flow.publish.files import FileMaker, draft_documents, kept_chart, kept_documents, make_for_thread
from bot.store import outbox, reports
from bot.store import people as people_store
from bot.store.outbox import Parcel, SendState
from bot.store.reports import Revision
from bot.store.session import Database

R = TypeVar("R", QuarterlyReport, PortfolioReport)

_ON_THE_WAY = (SendState.WAITING, SendState.SENDING, SendState.UNKNOWN, SendState.UNCONFIRMED)


@dataclass(frozen=True, slots=True)
class PostKeys:
    """The business keys of one revision's messages. The lane keeps them in order: the post, then its thread.

    `project` is a project's key, or ALL for the portfolio.
    """

    project: str
    quarter: Quarter
    revision: int

    @property
    def lane(self) -> str:
        """The lane of everything that is said in the channel about this quarter."""
        return f"report:{self.project}:{self.quarter}"

    def of(self, kind: str) -> str:
        """The key of one kind of message of this revision."""
        return f"{kind}:{self.project}:{self.quarter}:{self.revision}"


@dataclass(frozen=True, slots=True)
class Thread(Generic[R]):
    """Makes the messages of a revision: `published` finds it, `post_of` and `reply_of` say its post and its replies."""

    published: Callable[[Session, Parcel], Revision[R]]
    post_of: Callable[[str, R], Message]
    reply_of: Callable[[str, R, int], Message]

    def post(self, session: Session, parcel: Parcel) -> Work:
        """The post in the leadership channel."""
        published = self.published(session, parcel)
        return Post(published.channel, self.post_of(parcel.key, published.report))

    def edit(self, session: Session, parcel: Parcel) -> Work:
        """The post brought to a later revision, in its place; a new one where Slack refuses the edit."""
        published = self.published(session, parcel)
        found = post_place(session, published)
        if found is None:
            return Drop("there is no post to edit")
        anew = Post(published.channel, self.post_of(parcel.key, published.report))
        return Edit(found[1], self.post_of(found[0], published.report), otherwise=anew)

    def reply(self, session: Session, parcel: Parcel) -> Work:
        """One part of the report, in the post's thread."""
        published = self.published(session, parcel)
        reply = self.reply_of(parcel.key, published.report, parcel.subject["index"])
        return _under_post(session, published, reply)

    def revision(self, session: Session, parcel: Parcel) -> Work:
        """What changed since the revision before, in the post's thread."""
        published = self.published(session, parcel)
        changes, is_broadcast = tuple(parcel.subject["changes"]), parcel.subject["broadcast"]
        names = people_store.names_of(session, reports.readers_before(session, published))
        reply = RevisionReply(parcel.key, published.report, changes, is_broadcast, tuple(sorted(names.values())))
        return _under_post(session, published, reply, is_broadcast=is_broadcast)

    def make_files(self, session: Session, parcel: Parcel, database: Database, documents: FileMaker[R]) -> Work:
        """Make the charts and documents of a revision, once, before its thread shows them."""
        published = self.published(session, parcel)

        def act() -> None:
            make_for_thread(database, published, documents)

        return Prepare(act)

    def file(self, session: Session, parcel: Parcel, documents: FileMaker[R]) -> Work:
        """A chart of a revision, or its documents together, in the post's thread."""
        published = self.published(session, parcel)
        found = post_place(session, published)
        if found is None:
            return Drop("there is no post to put it under")
        if "chart" not in parcel.subject:
            return Upload(found[1], kept_documents(session, published))
        chart = kept_chart(session, published, parcel.subject["chart"], documents)
        return Upload(found[1], (chart,)) if chart else Drop("there is no such chart")

    def after_delivery(
        self, session: Session, parcel: Parcel, state: SendState, error: str | None, moment: Moment
    ) -> None:
        """What follows from the outcome of a message: its publisher hears of what Slack refused or did not confirm."""
        if state not in (SendState.FAILED, SendState.UNCONFIRMED):
            return
        published = self.published(session, parcel)
        if permission := missing_permission(error):
            _tell_of_permission(session, published, permission, moment)
        else:
            _tell_of_outcome(session, published, parcel, state, moment)


def queue_files(session: Session, keys: PostKeys, charts: Sequence[str], moment: Moment) -> None:
    """Queue the files of a revision's thread: they are made, then each chart is shown, then the documents together."""
    prefix = "portfolio-" if keys.project == ALL else ""
    subject = {"project": keys.project, "quarter": str(keys.quarter), "revision": keys.revision}
    rows = [
        (keys.of("files"), "files", subject),
        *((f"{keys.of('file')}:{chart}", "file", {**subject, "chart": chart}) for chart in charts),
        (keys.of("file"), "file", subject),
    ]
    for key, kind, about in rows:
        outbox.put(session, key=key, kind=f"{prefix}{kind}", subject=about, lane=keys.lane, now=moment.real)


def preview_files(session: Session, parcel: Parcel, report: R, documents: FileMaker[R]) -> Work:
    """The files of a report that somebody previews, under the preview."""
    place = outbox.place_of(session, parcel.subject["under"])
    if place is None or parcel.may_have_been_sent:
        return Drop("there is no preview to put them under, or they may be there")
    return Prepare(lambda: Upload(Place(*place), draft_documents(report, documents)))


def post_place(session: Session, published: Revision[Any]) -> tuple[str, Place] | None:
    """The key and place of the post of a quarter: the newest one, since a refused edit leads to a new post."""
    for revision in range(published.revision, 0, -1):
        keys = PostKeys(published.subject, published.quarter, revision)
        for key in (keys.of("edit"), keys.of("post")):
            if place := outbox.place_of(session, key):
                return key, Place(*place)
    return None


def is_in_channel(session: Session, published: Revision[Any]) -> bool:
    """Whether the channel has a post of this quarter, or may still get one: not where Slack refused it for good."""
    if post_place(session, published):
        return True
    revisions = [PostKeys(published.subject, published.quarter, n + 1) for n in range(published.revision)]
    keys = [revision.of(kind) for revision in revisions for kind in ("post", "edit")]
    return any(outbox.state_of(session, key) in _ON_THE_WAY for key in keys)


def _under_post(session: Session, published: Revision[Any], reply: Message, *, is_broadcast: bool = False) -> Work:
    found = post_place(session, published)
    if found is None:
        return Drop("there is no post to reply to")
    return Post(found[1].channel, reply, thread=found[1], is_broadcast=is_broadcast)


def _tell_of_permission(session: Session, published: Revision[Any], permission: str, moment: Moment) -> None:
    """Whoever published hears once of a permission for want of which parts of the thread are missing."""
    keys = PostKeys(published.subject, published.quarter, published.revision)
    key = f"{keys.of('not-permitted')}:{permission}"[:255]
    _tell_publisher(session, published, key, "not-permitted", {"permission": permission}, moment)


def _tell_of_outcome(
    session: Session, published: Revision[Any], parcel: Parcel, state: SendState, moment: Moment
) -> None:
    """Whoever published hears that a message was refused, or that Slack did not confirm it and a person must decide."""
    is_lost = state is SendState.UNCONFIRMED
    buttons = [["post_is_there", "post-is-there", parcel.key], ["post_again", "post-again", parcel.key]]
    key = f"{state}:{parcel.attempts}:{parcel.key}"[:255]
    name = "post-unconfirmed" if is_lost else "post-refused"
    what = {"what": parcel.kind.removeprefix("portfolio-")}
    _tell_publisher(session, published, key, name, what, moment, buttons=buttons if is_lost else [])


def _tell_publisher(
    session: Session,
    published: Revision[Any],
    key: str,
    name: str,
    more: dict[str, str],
    moment: Moment,
    *,
    buttons: Sequence[list[str]] = (),
) -> None:
    """Queue a notice (`name`) for whoever published a revision, once by its key; `more` goes with what it is about."""
    publisher = people_store.people_by_ref(session).get(published.published_by)
    to = publisher.slack_id if publisher else published.published_by
    if not to:
        return
    about = {
        "channel": published.channel,
        "project": published.report.title,
        "quarter": published.report.quarter_label,
    }
    subject = {"to": to, "name": name, "values": about | more, "buttons": list(buttons)}
    outbox.put(session, key=key, kind="notice", subject=subject, now=moment.real)
