"""The part of Home for admins: the company's quarter, sending, people with problems, and whether the bot is well."""

from __future__ import annotations

from datetime import timedelta

from bot.flow.home.company import CompanySection, Queue, UnreachablePerson
from bot.flow.home.home import Home, List
from bot.slack import campaign
from bot.slack.blocks import Block, actions, button, context, divider, section
from bot.slack.card import item_value
from bot.slack.home.pager import pager, span
from bot.slack.ids import Action
from bot.slack.voice import counted, marked, one_line
from bot.slack.words import Words


def build(home: Home, words: Words) -> list[Block]:
    """The blocks of the part; none for all but admins."""
    company = home.company
    if company is None:
        return []
    return [
        divider(),
        section(_counts(home, company, words)),
        campaign.controls(company.sending, words),
        actions(
            button(words.label("compile-all"), Action.COMPILE_ALL, value=str(company.quarter)),
            button(words.label("new-project"), Action.NEW_PROJECT),
            button(words.label("audit-trail"), Action.AUDIT_TRAIL),
        ),
        *_people(company, words),
        context(_health(company.queue, words)),
    ]


def _counts(home: Home, company: CompanySection, words: Words) -> str:
    return words.say(
        "home/company.j2",
        company=one_line(company.company),
        quarter=home.quarter_label,
        projects=counted(company.projects, "project"),
        counts=[[marked(status), f"{count:,}"] for status, count in company.counts],
        unpublished=f"{company.unpublished:,}" if company.unpublished else "",
    )


def _people(company: CompanySection, words: Words) -> list[Block]:
    if not company.people.total:
        return []
    head = words.say("home/people.j2", count=company.people.total, span=span(company.people, words))
    return [
        section(head),
        *(_person(person, words) for person in company.people.items),
        *pager(company.people, List.PEOPLE, words),
    ]


def _person(person: UnreachablePerson, words: Words) -> Block:
    text = words.say(
        "home/person.j2",
        person=one_line(person.name, 60),
        trouble=person.trouble,
        project=one_line(person.project_name),
        others=person.projects - 1,
    )
    label = f"{words.label('manage')}: {one_line(person.project_name, 50)}"
    return section(
        text, accessory=button(words.label("manage"), Action.MANAGE, value=item_value(person.ref), label=label)
    )


def _health(queue: Queue, words: Words) -> str:
    return words.say(
        "home/health.j2",
        waiting=counted(queue.waiting, "message") if queue.waiting else "",
        oldest=_duration(queue.oldest),
        unconfirmed=queue.unconfirmed,
        beat=_duration(queue.since_beat) if queue.since_beat is not None else "",
    )


def _duration(time: timedelta) -> str:
    """``40 seconds``, ``12 minutes`` or ``5 hours``."""
    seconds = max(0, round(time.total_seconds()))
    if seconds < 90:
        return counted(seconds, "second")
    return counted(round(seconds / 60), "minute") if seconds < 90 * 60 else counted(round(seconds / 3600), "hour")
