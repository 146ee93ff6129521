"""The App Home: one place for each part, put together so that what waits for the person comes first."""

from __future__ import annotations

import json

from bot.flow.home.home import Home, List, OfferedMilestone
from bot.locales import Locale
from bot.slack import card
from bot.slack.blocks import Block, actions, button, context, divider, header, section
from bot.slack.home import company as home_company
from bot.slack.home import leader as home_leader
from bot.slack.home import projects as home_projects
from bot.slack.home.pager import pager, span
from bot.slack.home.projects import IsMember, LinkTo
from bot.slack.ids import Action, View
from bot.slack.voice import clock_of, listed, one_line
from bot.slack.words import Words

_MOST_NAMED = 5


def build(home: Home, is_member: IsMember, link_to: LinkTo, words: Words) -> Block:
    """The home view. It fits Slack's hundred blocks however long its lists are, since each is shown page by page."""
    blocks = [
        header(words.say_plain("home/title.j2", quarter=home.quarter_label)),
        *_greeting(home, words),
        *_offers(home, words),
        *home_leader.decisions(home, words),
        *home_leader.to_answer(home, words),
        *_owed(home, words),
        *home_company.build(home, words),
        *home_projects.build(home, is_member, link_to, words),
        *home_leader.reports(home, link_to, words),
        *home_leader.asked(home, words),
        *_everyone(home, words),
    ]
    places = json.dumps({"v": 1, "pages": home.pages}, separators=(",", ":"))
    return {"type": "home", "callback_id": View.HOME, "private_metadata": places, "blocks": blocks}


def first_run(slack_id: str, words: Words) -> Block:
    """The Home of everybody before a portfolio has been loaded."""
    head = header(words.say_plain("setup/first-run-title.j2"))
    paragraphs = words.say("setup/first-run.j2", slack_id=slack_id).split("\n\n")
    return {"type": "home", "blocks": [head, *(section(text) | {"expand": True} for text in paragraphs)]}


def outside(words: Words) -> Block:
    """The Home of an account that is none of a colleague: it tells nothing of the company."""
    title = header(words.say_plain("home/outsider-title.j2"))
    return {"type": "home", "callback_id": View.HOME, "blocks": [title, section(words.say("home/outsider.j2"))]}


def _greeting(home: Home, words: Words) -> list[Block]:
    """Who this is, to somebody who comes for the first time; to a stranger, whenever they come."""
    admins = listed([one_line(name, 60) for name in home.admins], _MOST_NAMED)
    if not home.is_known:
        return [section(words.say("home/stranger.j2", admins=admins))]
    if not home.is_new:
        return []
    text = words.say(
        "home/greeting.j2",
        person=one_line(home.person.name, 60),
        owes=home.has_items,
        manages=bool(home.projects.total),
        reads=bool(home.reports.total or home.decisions.total),
        left=len(home.card.open_items) if home.card else 0,
        **_offered(home),
        **_hours(home),
    )
    return [section(text) | {"expand": True}, actions(button(words.label("got-it"), Action.HIDE_GREETING))]


def _offered(home: Home) -> dict[str, bool]:
    """Which of the owner's buttons are there, so that no text speaks of others."""
    nothing = {"can_confirm": False, "can_hand_over": False, "can_snooze": False}
    return card.offered(home.card) if home.card else nothing


def _hours(home: Home) -> dict[str, str]:
    """When the person is written to, as they read times."""
    locale, hours = Locale(home.locale), home.hours
    return {"opens": locale.clock(hours.opens), "closes": locale.clock(hours.closes), "zone": clock_of(hours.zone)}


def _offers(home: Home, words: Words) -> list[Block]:
    """Milestones that others would hand over to the person."""
    if not home.offers.total:
        return []
    blocks = [divider(), section(words.say("home/offers.j2", span=span(home.offers, words)))]
    for offer in home.offers.items:
        blocks += [section(_offer(offer, home, words)), _answers(offer, words)]
    return [*blocks, *pager(home.offers, List.OFFERS, words)]


def _offer(offer: OfferedMilestone, home: Home, words: Words) -> str:
    return words.say(
        "home/offer.j2",
        giver=one_line(offer.giver, 60),
        milestone=one_line(offer.milestone),
        project=one_line(offer.project_name),
        until=Locale(home.locale).weekday_date(home.day(offer.lapses_at)),
    )


def _answers(offer: OfferedMilestone, words: Words) -> Block:
    title, number = one_line(offer.milestone, 50), str(offer.number)
    accept, decline = words.label("accept"), words.label("decline")
    return actions(
        button(accept, Action.ACCEPT_HANDOVER, value=number, style="primary", label=f"{accept}: {title}"),
        button(decline, Action.DECLINE_HANDOVER, value=number, label=f"{decline}: {title}"),
    )


def _owed(home: Home, words: Words) -> list[Block]:
    """What the person answers for; those who answered for something before can read it again."""
    if home.card is None and not home.has_items:
        return []
    blocks = [divider()]
    if home.card is None:
        blocks.append(section(words.say("home/nothing-owed.j2")))
    else:
        blocks += card.build(home.card, words, page=home.owed.items)
    past = button(words.label("past-answers"), Action.PAST_ANSWERS)
    turning = pager(home.owed, List.OWED, words)
    elements = [*(turning[0]["elements"] if turning else []), past]
    note = span(home.owed, words)
    return [*blocks, *([context(note)] if note else []), actions(*elements, block_id=List.OWED)]


def _everyone(home: Home, words: Words) -> list[Block]:
    """When and why the bot writes, for everybody it may write to."""
    why = context(words.say("home/why.j2", has_items=home.has_items, **_offered(home)))
    if not home.is_known:
        return [divider(), why]
    hours = words.say(
        "home/hours.j2",
        **_hours(home),
        are_own=home.hours.are_own,
        deputy=one_line(home.deputy or "", 60),
    )
    return [divider(), section(hours, accessory=button(words.label("change-hours"), Action.CHANGE_HOURS)), why]
