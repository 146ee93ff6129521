"""Two managers, owners who answer whenever they like, crashes and double clicks: what is published was on a screen before.

Random sequences of events against the flow's own functions on a database; what each manager was shown is remembered, and
every revision must be what one of those screens would have published, text for text.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from managed import BACK, FRONT, Stage
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.domain.errors import BotError
from bot.domain.project import RagStatus
from bot.domain.report import QuarterlyReport
from bot.domain.update import MilestoneUpdate, ProjectSummary, Wording
from bot.flow.collect import collect
from bot.flow.company import Company
from bot.flow.compile import late, review, send_back, wording
from bot.flow.compile.compile import without_manager_checks
from bot.flow.forms import ConfirmForm, MilestoneSubmission
from bot.flow.keep.trail import disagreements
from bot.flow.messages import ItemRef
from bot.flow.moment import Moment
from bot.flow.people import acting_person
from bot.flow.publish import publish
from bot.settings import Settings
from bot.store import codec
from bot.store.session import Database
from bot.store.tables import ReportRow
from bot.store.upgrade import make_ready
from bot.surfaces import ReportDocuments
from tests.builders import Q3

DOCUMENTS = ReportDocuments(Settings())
MANAGERS = st.sampled_from(["U0BOB", "U0ADMIN"])
PLACES = st.sampled_from([(FRONT, "U0ALICE"), (BACK, "U0CHARLIE")])
TEXTS = st.sampled_from(["", "All is well.", "We wait for the vendor.", "The parser is merged."])
LAYOUTS = st.sampled_from(["brief", "executive", "memo", "detailed"])


class Crash(Exception):
    """The process dies before its transaction ends."""


class ReviewCycle(RuleBasedStateMachine):
    """A project whose quarter is over."""

    @initialize()
    def begin(self) -> None:
        """A database of its own, on the morning after the deadline."""
        self.folder = TemporaryDirectory()
        self.database = Database(f"sqlite:///{Path(self.folder.name) / 'cycle.db'}")
        make_ready(self.database)
        self.stage = Stage(self.database)
        self.now = datetime(2025, 10, 6, 9, tzinfo=UTC)
        self.shown: list[ConfirmForm] = []
        self.confirming: dict[str, ConfirmForm] = {}
        self.clicks = 0

    def teardown(self) -> None:
        """Close the database and remove its folder."""
        if hasattr(self, "database"):
            self.database.close()
            self.folder.cleanup()

    @contextmanager
    def acting(self, who: str) -> Iterator[tuple[Session, Company, Any]]:
        """One transaction of somebody."""
        with self.database.writing() as session:
            yield session, Company.load(session, "C0LEADERS"), acting_person(session, who)

    @property
    def moment(self) -> Moment:
        """The present on both clocks."""
        return Moment(self.now, self.now)

    def key(self) -> str:
        """The business key of a click that nobody has made before."""
        self.clicks += 1
        return f"click:{self.clicks}"

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        """Up to the next day."""
        self.now += timedelta(hours=hours)

    @rule(place=PLACES, percent=st.integers(0, 99), note=TEXTS, delivered=st.booleans())
    def owner_answers(self, place: tuple[ItemRef, str], percent: int, note: str, delivered: bool) -> None:
        """An owner's dialog is sent, and Slack may deliver it twice."""
        ref, owner = place
        update = MilestoneUpdate(Decimal(percent), RagStatus.AT_RISK, note=note or "A word.")
        key = self.key()
        for _ in range(1 + delivered):
            with self.acting(owner) as (session, company, person):
                form = collect.milestone_form(session, company, person, ref, self.now)
                assert (
                    collect.record_milestone(
                        session, company, person, form, MilestoneSubmission(update), key=key, moment=self.moment
                    )
                    is None
                )

    @rule(who=MANAGERS, place=PLACES)
    def manager_returns(self, who: str, place: tuple[ItemRef, str]) -> None:
        """An update goes back; one that was never answered cannot."""
        with contextlib.suppress(BotError), self.acting(who) as (session, company, person):
            send_back.return_updates(session, company, person, [place[0]], "Why?", key=self.key(), moment=self.moment)

    @rule(who=MANAGERS, place=PLACES)
    def manager_takes_back(self, who: str, place: tuple[ItemRef, str]) -> None:
        """A return is taken back, if there is one."""
        with self.acting(who) as (session, company, person):
            send_back.take_back(session, company, person, place[0], key=self.key(), moment=self.moment)

    @rule(who=MANAGERS, place=PLACES, note=TEXTS, is_stale=st.booleans())
    def manager_rewords(self, who: str, place: tuple[ItemRef, str], note: str, is_stale: bool) -> None:
        """Other words, typed over the present ones or over older ones."""
        with contextlib.suppress(BotError), self.acting(who) as (session, company, person):
            form = wording.wording_form(session, company, person, place[0], self.moment)
            seen = "other words" if is_stale else form.fingerprint
            outcome = wording.edit_wording(
                session, company, person, place[0], Wording(note=note), seen=seen, key=self.key(), moment=self.moment
            )
            assert (outcome is not None) is is_stale

    @rule(who=MANAGERS, words=TEXTS, layout=LAYOUTS)
    def manager_writes_the_summary(self, who: str, words: str, layout: str) -> None:
        """The manager's fields in the review are saved, the layout among them."""
        summary = ProjectSummary(executive_summary=words or None, layout=layout)
        with self.acting(who) as (session, company, person):
            project = company.project("portal")
            review.save_summary(
                session, company, person, project, Q3, summary, DOCUMENTS, key=self.key(), moment=self.moment
            )

    @rule(who=MANAGERS, is_left=st.booleans(), data=st.data())
    def manager_decides_about_late_answers(self, who: str, is_left: bool, data: st.DataObject) -> None:
        """Take or leave one of them, or all."""
        with self.acting(who) as (session, company, person):
            project = company.project("portal")
            refs = [change.ref for change in late.late_changes(session, project, Q3)]
            chosen = data.draw(st.lists(st.sampled_from(refs), unique=True)) if refs else []
            late.choose(
                session, company, person, project, Q3, chosen, is_left=is_left, key=self.key(), moment=self.moment
            )

    @rule(who=MANAGERS)
    def manager_presses_publish(self, who: str) -> None:
        """The confirming view comes up."""
        with self.acting(who) as (session, company, _):
            self.show(who, review.confirm_form(session, company, company.project("portal"), Q3, DOCUMENTS, self.moment))

    @precondition(lambda self: self.confirming)
    @rule(data=st.data(), times=st.integers(1, 2))
    def manager_confirms(self, data: st.DataObject, times: int) -> None:
        """Whatever stands in a confirming view that is open is confirmed, once or with a double click."""
        who = data.draw(st.sampled_from(sorted(self.confirming)))
        form = self.confirming.pop(who)
        for _ in range(times):
            with self.acting(who) as (session, company, person):
                outcome = self.publish(session, company, person, form)
            if isinstance(outcome, ConfirmForm):
                self.show(who, outcome)

    @precondition(lambda self: self.confirming)
    @rule(data=st.data())
    def the_process_dies_while_somebody_confirms(self, data: st.DataObject) -> None:
        """Nothing is stored, and the view is still open."""
        who = data.draw(st.sampled_from(sorted(self.confirming)))
        with contextlib.suppress(Crash), self.acting(who) as (session, company, person):
            self.publish(session, company, person, self.confirming[who])
            raise Crash

    def publish(self, session: Session, company: Company, person: Any, form: ConfirmForm) -> Any:
        """What the confirming view sends; a publication leaves nothing undecided behind."""
        before = len(session.scalars(select(ReportRow)).all())
        outcome = publish.publish_report(
            session,
            company,
            person,
            company.project("portal"),
            Q3,
            DOCUMENTS,
            confirmed=form.confirmed,
            moment=self.moment,
        )
        made = len(session.scalars(select(ReportRow)).all()) - before
        assert made in (0, 1)
        assert not made or outcome is None
        if outcome is None or outcome.already:
            changes = late.late_changes(session, company.project("portal"), Q3)
            assert not made or all(change.is_left for change in changes)
        return outcome

    def show(self, who: str, form: ConfirmForm) -> None:
        """Somebody has this on the screen."""
        self.shown.append(form)
        self.confirming[who] = form

    @invariant()
    def every_revision_was_on_a_screen(self) -> None:
        """Text for text; only the day on which it went out may be another than the one on which it was shown."""
        if not hasattr(self, "database"):
            return
        with self.database.reading() as session:
            rows = session.scalars(select(ReportRow).order_by(ReportRow.revision)).all()
            for row in rows:
                report = codec.load(QuarterlyReport, row.value)
                assert any(self.texts(form, report) == row.texts for form in self.shown if form.facts == row.facts)
            assert [row.revision for row in rows] == list(range(1, len(rows) + 1))
            assert disagreements(session)[2] == []

    def texts(self, form: ConfirmForm, report: QuarterlyReport) -> dict[str, str]:
        """What a screen would have published on the day that a report carries."""
        seen = without_manager_checks(replace(form.report, report_date=report.report_date))
        return {name: render(seen) for name, render in publish.renderings(DOCUMENTS).items()}


ReviewCycle.TestCase.settings = settings(
    max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
TestReviewCycle = ReviewCycle.TestCase
