"""Deputies: who is asked where somebody cannot be before the deadline, and for how long.

A deputy may answer from the moment they are asked until the owner can be asked again in time, the deputy's days are over, or
the grace ends. The owner keeps the right to answer. Somebody's deputy who cannot be asked either is replaced by that
one's deputy, and nobody further.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy.orm import Session

from bot.domain.deputies import circle_of
from bot.domain.project import Deputy, Person
from bot.domain.quarter import Quarter
from bot.domain.rules import Problem
from bot.flow.ask.ask import refresh_cards
from bot.flow.ask.notices import replace_notice, tell
from bot.flow.ask.stand_ins import detail_of, item_of, subject_of
from bot.flow.company import Company
from bot.flow.items import title_of
from bot.flow.keep.trail import note, row_of
from bot.flow.messages import ItemRef, Notice
from bot.flow.moment import Moment
from bot.flow.people import chosen_person
from bot.flow.schedule.planner import Planner
from bot.flow.schedule.reach import Reach
from bot.store import ledger, outbox, stand_ins
from bot.store import people as people_store
from bot.store.audit import Deed, person_subject
from bot.store.ledger import NudgeState
from bot.store.stand_ins import Asking, StandIn, StandInKind, StandInState

_AT_MOST = 2  # deputies in a row: somebody's own, and that one's


@dataclass(frozen=True, slots=True)
class Stead:
    """Who answers in place of somebody who cannot be asked: a deputy, or the co-owners of all that is open; else nobody."""

    deputy: Person | None = None
    co_owners: tuple[str, ...] = ()

    def explain(self, reason: str | None) -> str | None:
        """The reason why somebody is not asked, with who is."""
        if self.deputy:
            return f"{reason}; {self.deputy.name} is asked instead"
        return f"{reason}; {', '.join(self.co_owners)} can answer too" if self.co_owners else reason


NOBODY = Stead()


def stead_of(company: Company, planner: Planner, reach: Reach, person: Person, at: datetime, until: datetime) -> Stead:
    """Who answers in place of somebody who cannot be asked from an instant on until another (UTC)."""

    def can_be_asked(other: Person) -> bool:
        [moment] = planner.good_moments_after(other, [at])
        return other.id != person.id and reach.takes(other) and moment is not None and moment < until

    shared = [[p for p in _others(company, person, ref) if can_be_asked(p)] for ref in planner.own_waiting(person)]
    if shared and all(shared):
        return Stead(co_owners=tuple(dict.fromkeys(p.name for owners in shared for p in owners)))
    return Stead(next(filter(can_be_asked, _deputies_of(company, person, at)), None))


def ask_deputy(
    session: Session, company: Company, person: Person, deputy: Person, quarter: Quarter, moment: Moment
) -> None:
    """Ask a deputy for everything that is open of somebody's; what they have been asked for already stays as it is."""
    known = {(item_of(asked), asked.person) for asked in stand_ins.standing(session)}
    waiting = Planner(session, company, quarter, moment.now, only=person).own_waiting(person)
    open_now = [ref for ref in waiting if not company.is_asked_for(deputy.id, ref.project, ref.milestone)]
    asked_now = (
        _ask(session, company, person, deputy, ref, moment) for ref in open_now if (ref, deputy.id) not in known
    )
    requests = list(filter(None, asked_now))
    if not requests:
        return
    new = list(map(item_of, requests))
    refresh_cards(session, [deputy, person], quarter, moment.real)
    if not _is_about_to_hear(session, deputy, quarter):
        projects = list(dict.fromkeys(company.projects[ref.project].name for ref in new))
        titles = [title_of(company, ref) for ref in new]
        values = {"owner": person.name, "quarter": company.label(quarter), "projects": projects, "titles": titles}
        tell(session, company, deputy, Notice(_key(requests[0]), "deputy-asked", values, item=new[0]), moment)


def end_over(session: Session, company: Company, moment: Moment) -> int:
    """End the requests to deputies that are over; returns how many were."""
    ended = 0
    planners: dict[Quarter, Planner] = {}
    for asked in company.stand_ins:
        if asked.kind is not StandInKind.DEPUTY:
            continue
        planner = planners.setdefault(asked.quarter, Planner(session, company, asked.quarter, moment.now))
        state = _outcome(company, planner, asked, moment.now)
        if state and stand_ins.settle(session, asked.id, state, moment.now):
            ended += 1
            note(session, None, Deed.STAND_IN_ENDED, subject_of(asked), moment, **detail_of(asked), state=str(state))
            _tell_deputy(session, company, asked, moment)
            people = [company.people[number] for number in (asked.owner, asked.person)]
            refresh_cards(session, people, asked.quarter, moment.real)
    return ended


def name_deputy(
    session: Session,
    person: Person,
    chosen: str | None,
    days: tuple[date | None, date | None],
    moment: Moment,
) -> Problem | None:
    """Keep whom somebody names as deputy (a Slack id) and on which days, both included; None for nobody."""
    if chosen is None:
        if person.deputy:
            row = row_of(session, person)
            people_store.set_deputy(session, row, None)
            note(session, person, Deed.DEPUTY_NAMED, person_subject(row), moment, to="")
        return None
    deputy = chosen_person(session, chosen)
    if deputy is None or deputy.slack_id is None:
        return Problem("deputy", "person-not-found")
    return keep_deputy(session, person, Deputy(deputy.ref, deputy.id, *days), moment)


def keep_deputy(session: Session, person: Person, named: Deputy, moment: Moment) -> Problem | None:
    """The same for a deputy who is known already, with an account or without one: somebody changes the days alone."""
    row = row_of(session, person)
    if named.id == row:
        return Problem("deputy", "deputy-is-oneself")
    if circle := circle_of(person, named, lambda following: people_store.person(session, following.id)):
        return Problem("deputy", "deputy-circle", {"names": [found.name for found in circle[1:-1]]})
    people_store.set_deputy(session, row, named.id, named.from_on, named.until_on)
    note(session, person, Deed.DEPUTY_NAMED, person_subject(row), moment, to=str(named.id))
    return None


def circles(company: Company) -> list[list[Person]]:
    """The circles of deputies there are, each once: files and people can make one together."""
    found = (
        circle_of(person, person.deputy, lambda deputy: company.people.get(deputy.id))
        for person in company.people.values()
        if person.deputy
    )
    return list({frozenset(person.id for person in circle): circle for circle in found if circle}.values())


def _ask(
    session: Session, company: Company, person: Person, deputy: Person, ref: ItemRef, moment: Moment
) -> StandIn | None:
    """Ask a deputy for one item; None where another process has just done so."""
    ends_at = company.window_of(ref.quarter, company.projects[ref.project], ref.milestone).grace_until
    asking = Asking(ref.project, ref.milestone, ref.quarter, owner=person.id, person=deputy.id, ends_at=ends_at)
    asked = stand_ins.ask_deputy(session, asking, moment.now)
    if asked:
        note(session, None, Deed.STAND_IN_ASKED, subject_of(asked), moment, **detail_of(asked))
    return asked


def _is_about_to_hear(session: Session, deputy: Person, quarter: Quarter) -> bool:
    """Whether a message that is still to be written asks a deputy: one that is queued, or the first step of all, at once."""
    nudges = ledger.nudges(session, quarter, deputy.id)
    return not nudges or any(nudge.state is NudgeState.QUEUED for nudge in nudges)


def _outcome(company: Company, planner: Planner, asked: StandIn, now: datetime) -> StandInState | None:
    """What has become of a request to a deputy; None while it holds."""
    owner, ref = company.people[asked.owner], item_of(asked)
    if not company.is_asked_for(owner.id, asked.project, asked.milestone) or asked.ends_at <= now:
        return StandInState.OVER
    if asked.person not in {deputy.id for deputy in _deputies_of(company, owner, now)}:
        return StandInState.OVER
    due_at = company.due_at(asked.quarter, company.projects[asked.project], asked.milestone)
    is_back = ref in planner.own_waiting(owner) and planner.will_be_asked(owner, due_at)
    return StandInState.NOT_NEEDED if is_back else None


def _tell_deputy(session: Session, company: Company, asked: StandIn, moment: Moment) -> None:
    """A deputy who heard by messages of their own reads there that it is over, once nothing more is asked of them.

    One message may tell of several requests, and stands under the key of the first.
    """
    requests = stand_ins.of_deputy(session, asked.owner, asked.person, asked.quarter)
    if any(request.is_standing for request in requests):
        return
    values = {"owner": company.people[asked.owner].name, "quarter": company.label(asked.quarter)}
    for key in map(_key, requests):
        if outbox.state_of(session, key):
            replace_notice(session, Notice(key, "deputy-over", values), moment)


def _deputies_of(company: Company, person: Person, at: datetime) -> Iterator[Person]:
    """Who is to be asked in somebody's place, one after another, on the day of an instant."""
    asked: Person | None = person
    for _ in range(_AT_MOST):
        asked = company.deputy_of(asked, at) if asked else None
        if asked is not None and asked.id != person.id:
            yield asked


def _others(company: Company, person: Person, ref: ItemRef) -> list[Person]:
    """The other owners of an item."""
    milestone = company.project(ref.project).milestone(ref.milestone)
    return [owner for owner in milestone.owners if owner.id != person.id] if milestone else []


def _key(asked: StandIn) -> str:
    return f"deputy-asked:{asked.id}"
