"""Forget: a person who wants to be forgotten leaves the database and the published reports; old quarters shed their rest."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, time

from sqlalchemy.orm import Session

from bot.domain.errors import BotError, NotFound
from bot.domain.portfolio_report import ALL, PortfolioReport
from bot.domain.project import Person
from bot.domain.quarter import Quarter, instant
from bot.domain.report import QuarterlyReport
from bot.flow.company import Company
from bot.flow.compile.compile import compile_report, facts_hash
from bot.flow.moment import Moment
from bot.flow.ports import Documents
from bot.flow.publish import portfolio, publish
from bot.store import audit, forgetting, reports
from bot.store import people as people_store
from bot.store.audit import Deed, Entry, Via
from bot.store.forgetting import ReportKey
from bot.store.reports import Published, PublishedPortfolio

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What came of it.

    `redacted` are the revisions that named the person, `revised` the new ones; `still` is what the person answered for;
    `parts` are the single words of the name, and `leftovers` counts the rows of each table that still hold one of them.
    """

    person: int
    redacted: list[ReportKey]
    revised: list[ReportKey]
    still: list[str]
    namesakes: int
    parts: list[str]
    leftovers: Counter[str]


def forget_person(
    session: Session, company: Company, ref: str, words: Iterable[str], documents: Documents, moment: Moment
) -> Forgotten:
    """Blank a person's row, take the name out of every text, and revise the published reports that name the person.

    `words` are taken out too: a first name, a nickname. Raises NotFound where nobody goes by the ref. What Slack, backups
    and exports hold is not touched.
    """
    person = _person(session, ref)
    redaction = forgetting.redaction_of(session, person, frozenset(words))
    naming = forgetting.reports_naming(session, redaction)
    newest = [key for key in naming if _published(session, key[0], key[1]).revision == key[2]]
    newest.sort(key=lambda key: key[0] == ALL)  # the portfolio last: it tells of the projects' newest revisions
    current = [key for key in newest if _is_current(session, company, key, documents, moment)]
    namesakes = forgetting.namesakes(session, person)
    forgetting.blank(session, person, redaction, moment.now)
    forgetting.drop_files(session)
    forgetting.scrub(session, redaction)
    for subject, quarter, revision in naming:
        report = _published(session, subject, quarter, revision).report
        forgetting.set_texts(session, (subject, quarter, revision), _rendered(report, documents))
    after = Company.load(session, company.default_channel)
    revised = [_revise(session, after, key, documents, moment, is_current=key in current) for key in newest]
    _note(session, person, naming, revised, moment)
    logger.info("person forgotten person=%d redacted=%d revised=%d", person.id, len(naming), len(revised))
    return Forgotten(
        person=person.id,
        redacted=naming,
        revised=revised,
        still=_still_answers_for(company, person),
        namesakes=namesakes,
        parts=redaction.parts,
        leftovers=forgetting.leftovers(session, redaction),
    )


def forget_before(session: Session, company: Company, quarter: Quarter, moment: Moment) -> Counter[str]:
    """Remove what is not kept of the quarters before one; returns how much of what.

    Raises BotError for a quarter after the one before the present: nudges of the last two quarters still matter.
    """
    last = company.latest_opened(moment.now).previous
    if quarter > last:
        raise BotError(f"{quarter} is too recent: name {last} or an earlier quarter. Nothing was removed.")
    first: date = company.portfolio.fiscal_year.first_day(quarter)
    removed = forgetting.prune(session, quarter, instant(first, time(), company.zone))
    audit.record(session, Entry(moment.now, None, Deed.PRUNED, ALL, {"before": str(quarter)}, Via.COMMAND))
    logger.info("pruned before=%s rows=%d", quarter, removed.total())
    return removed


def _person(session: Session, ref: str) -> Person:
    known = people_store.people_by_ref(session)
    person = known.get(ref) or people_store.person_by_slack_id(session, ref)
    if person is None:
        person = next((found for found in known.values() if ref in {found.email, found.handle}), None)
    if person is None:
        raise NotFound(
            f'Nobody goes by "{ref}". Give a Slack id, an e-mail address or an @handle, as in the portfolio.'
        )
    return person


def _still_answers_for(company: Company, person: Person) -> list[str]:
    """What somebody else must be named for."""
    found = []
    for project in company.projects.values():
        roles = {"manager": project.manager, "budget owner": project.budget_owner, "sponsor": project.sponsor}
        found += [f"{project.key}: {role}" for role, holder in roles.items() if holder and holder.id == person.id]
        milestones = [m for m in project.milestones if m.dropped_on is None]
        found += [f"{project.key}/{m.key}: owner" for m in milestones if m.owner.id == person.id]
    return found


def _published(
    session: Session, subject: str, quarter: str, number: int | None = None
) -> Published | PublishedPortfolio:
    """A revision that is there, of a project or of the portfolio; the newest one where no number is given."""
    of = Quarter.parse(quarter)
    found: Published | PublishedPortfolio | None
    if subject == ALL:
        found = reports.portfolio_revision(session, of, number) if number else reports.latest_portfolio(session, of)
    else:
        found = reports.revision(session, subject, of, number) if number else reports.latest(session, subject, of)
    if found is None:
        raise NotFound(f"{subject} {quarter} has no revision {number or ''}.")
    return found


def _rendered(report: QuarterlyReport | PortfolioReport, documents: Documents) -> dict[str, str]:
    """The texts that are kept with a revision."""
    if isinstance(report, PortfolioReport):
        return {name: render(report) for name, render in portfolio.renderings(documents.portfolio).items()}
    return {name: render(report) for name, render in publish.renderings(documents).items()}


def _is_current(session: Session, company: Company, key: ReportKey, documents: Documents, moment: Moment) -> bool:
    """Whether the newest revision of a report says what would be compiled today."""
    return _published(session, key[0], key[1]).facts == _facts_today(session, company, key, documents, moment)


def _facts_today(session: Session, company: Company, key: ReportKey, documents: Documents, moment: Moment) -> str:
    """The fingerprint of a report as it would be compiled today."""
    subject, quarter = key[0], Quarter.parse(key[1])
    if subject == ALL:
        return portfolio.portfolio_hash(portfolio.compile_portfolio(session, company, quarter, moment))
    facts = company.facts(session, company.project(subject), quarter, moment.now)
    return facts_hash(compile_report(facts, documents))


def _revise(
    session: Session, company: Company, key: ReportKey, documents: Documents, moment: Moment, *, is_current: bool
) -> ReportKey:
    """Freeze the newest revision once more, without the name and under the next number; nothing is posted.

    One that said what would be compiled today still does: publishing the same facts again adds nothing. It is of the instant
    of the one before it, since it prints nothing that was said later, and whoever has read that one has read it.
    """
    last = _published(session, key[0], key[1])
    report = replace(last.report, revision=last.revision + 1)
    facts = _facts_today(session, company, key, documents, moment) if is_current else last.facts
    texts = _rendered(report, documents)
    reports.freeze(
        session,
        report,
        texts,
        facts=facts,
        channel=last.channel,
        by=last.published_by,
        at=last.published_at,
        seen=last.seen,
    )
    reports.hand_on_readers(session, last.id, _published(session, key[0], key[1]).id)
    return key[0], key[1], last.revision + 1


def _note(
    session: Session, person: Person, redacted: Iterable[ReportKey], revised: Iterable[ReportKey], moment: Moment
) -> None:
    """Lines of the trail: whom, and what became of which revision."""
    reports_of = [(Deed.REDACTED, key) for key in redacted] + [(Deed.PUBLISHED, key) for key in revised]
    audit.record(
        session,
        Entry(moment.now, None, Deed.FORGOTTEN, audit.person_subject(person.id), {}, Via.COMMAND),
        *(
            Entry(moment.now, None, deed, subject, {"quarter": quarter, "revision": str(revision)}, Via.COMMAND)
            for deed, (subject, quarter, revision) in reports_of
        ),
    )
