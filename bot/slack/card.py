"""The owner's message: one for everything a person owes, edited in place as answers arrive."""

from __future__ import annotations

import json
from collections.abc import Sequence
from zoneinfo import ZoneInfo

from bot.domain.project import RagStatus
from bot.domain.quarter import Quarter
from bot.flow.messages import ItemRef, Late, OpenQuestion, OwedItem, OwnerCard
from bot.locales import Locale
from bot.slack.blocks import (
    Block,
    actions,
    button,
    clip,
    context,
    grouped_select,
    option,
    section,
    select,
    slack_length,
)
from bot.slack.ids import Action
from bot.slack.owed import item_line, preview
from bot.slack.voice import Voice, channel_link, counted, listed, number_word, one_line
from bot.slack.words import Words
from bot.texts import SAFE

MOST_SHOWN = 8  # product rule: an Update button beside each of the eight most pressing items
_MOST_CHOICES = 100  # Slack: options of one select
_OPTION_VALUE = 150  # Slack: characters of an option's value
_OPTION_TEXT = 36  # a hundred of them must leave room under the 10,000 characters of a message
_UNNAMED = "–"  # a name of nothing that can be seen: Slack refuses an empty text
_SHORT_TITLE = 60
_LISTING = 800  # characters of the items that have no button of their own
_PREVIEW = 2500  # characters of all words under the items, once everything is in
_SECONDS_AN_ITEM = 40
_MOST_QUESTIONS, _QUESTION = 3, 200


def item_value(ref: ItemRef) -> str:
    """An item as the value of a button or option: a JSON list of project, quarter and, for a milestone, its key."""
    parts = [ref.project, str(ref.quarter), *filter(None, [ref.milestone])]
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)


def item_of(value: str) -> ItemRef:
    """The item that `item_value` wrote."""
    project, quarter, *milestone = json.loads(value)
    return ItemRef(project, Quarter.parse(quarter), *milestone)


def build(card: OwnerCard, words: Words, *, page: Sequence[OwedItem] | None = None) -> list[Block]:
    """The message's blocks: what is asked and by when, the items, the buttons, and why the person gets it.

    `page` are the items of one page, where the others can be turned to.
    """
    if not card.items:
        return [section(words.say("card/nothing.j2", label=card.quarter_label))]
    voice = Voice(words, Locale(card.locale), card.quarter, card.quarter_label, card.due_at.date())
    shown, hidden = _split(card) if page is None else (page, [])
    return [
        section(f"{_head(card, voice)}\n{_ask(card, voice)}"),
        *_items(card, shown, voice),
        *_rest(card, hidden, voice),
        *_buttons(card, shown, words),
        *_questions(card, words),
        *_last_lines(card, words),
    ]


def gist(card: OwnerCard, words: Words) -> str:
    """The message in a sentence, for notifications and screen readers: no figures, no words of owners."""
    if not card.items:
        return words.say("card/nothing.j2", label=card.quarter_label)
    voice = Voice(words, Locale(card.locale), card.quarter, card.quarter_label, card.due_at.date())
    counts = {"left": counted(len(card.open_items), "item"), "done": card.done, "total": len(card.items)}
    return words.say(_gist_name(card), title=_title(card), **counts, **_due(card, voice))


def _gist_name(card: OwnerCard) -> str:
    if not card.open_items:
        return "card/text-done.j2"
    if _is_inert(card):
        return "card/text-quiet.j2"
    return "card/text-published.j2" if _is_published(card) else f"{card.step}/text.j2"


def _head(card: OwnerCard, voice: Voice) -> str:
    if not card.open_items:
        return voice.words.say("card/head-done.j2", title=_title(card), done=card.done)
    if _is_inert(card) or _is_published(card):
        return voice.words.say("card/head-quiet.j2", title=_title(card))
    return voice.words.say(f"{card.step}/head.j2", title=_title(card), **_due(card, voice))


def _title(card: OwnerCard) -> str:
    """Whose quarter it is, the projects first."""
    projects = [one_line(name, _SHORT_TITLE) for name in _projects(card)]
    return f"{listed(projects, 2)} · {card.quarter_label} update"


def _projects(card: OwnerCard) -> list[str]:
    return list(dict.fromkeys(item.project_name for item in card.items))


def _due(card: OwnerCard, voice: Voice) -> dict[str, object]:
    return {
        "day": voice.weekday(card.due_at, card.zone),
        "time": voice.time(card.due_at, card.zone),
        "days_left": card.days_left,
        "is_today": card.is_due_today,
    }


def _ask(card: OwnerCard, voice: Voice) -> str:
    if not card.open_items and (back := sum(item.returned is not None for item in card.items)):
        return voice.words.say("card/back.j2", count=number_word(back), is_one=back == 1)
    if not card.open_items:
        return voice.words.say(
            "card/thanks.j2",
            count=number_word(len(card.items)),
            total=len(card.items),
            late=sum(item.late is Late.WAITING for item in card.items),
            managers=_deciders(card),
            is_published=all(item.published_by and not item.late for item in card.items),
        )
    if _is_published(card) and not _is_inert(card):
        values = {"done": card.done, "total": len(card.items), "managers": _deciders(card)}
        return voice.words.say("card/published.j2", **values)
    waiting = sum(item.needs_word is not None for item in card.open_items)
    if card.done or waiting or _is_inert(card):
        values = {"done": card.done, "total": len(card.items), "waiting": number_word(waiting) if waiting else ""}
        return voice.words.say("card/progress.j2", **values)
    return voice.words.say(
        f"{card.step}/ask.j2", owned=_owned(card), minutes=_minutes(card), can_confirm=_can_confirm(card)
    )


def _is_published(card: OwnerCard) -> bool:
    """Whether all that is still open came too late for its report."""
    return bool(card.open_items) and all(item.published_by for item in card.open_items)


def _deciders(card: OwnerCard) -> str:
    """Who decides about answers by now, where a report is published."""
    names = [one_line(item.published_by, 60) for item in card.items if item.published_by]
    return listed(list(dict.fromkeys(names)), 2)


def _owned(card: OwnerCard) -> str:
    """What the person answers for: ``3 milestones and the budget``."""
    milestones = sum(not item.ref.is_resources for item in card.items)
    budgets = len(card.items) - milestones
    owned = [counted(milestones, "milestone")] if milestones else []
    return listed([*owned, *(["the budget" if budgets == 1 else counted(budgets, "budget")] if budgets else [])], 2)


def _minutes(card: OwnerCard) -> str:
    minutes = max(1, round(len(card.items) * _SECONDS_AN_ITEM / 60))
    return f"{number_word(minutes)} minute{'s' if minutes > 1 else ''}"


def _can_confirm(card: OwnerCard) -> bool:
    """Whether "Nothing changed" could confirm anything that is open."""
    return any(item.known and not item.needs_word for item in card.open_items)


def _split(card: OwnerCard) -> tuple[list[OwedItem], list[OwedItem]]:
    """The items with a button of their own, as the portfolio orders them, and the others, the most pressing first."""
    if len(card.items) <= MOST_SHOWN:
        return list(card.items), []
    ranked = sorted(card.items, key=_pressing)
    foremost = {item.ref for item in ranked[:MOST_SHOWN]}
    return [item for item in card.items if item.ref in foremost], ranked[MOST_SHOWN:]


_TROUBLE = {RagStatus.OFF_TRACK: 0, RagStatus.AT_RISK: 1}


def _pressing(item: OwedItem) -> tuple[bool, bool, bool, int]:
    """Open before done, then what needs a word, what has passed its date, and what was in trouble."""
    status = item.known.status if item.known else None
    trouble = _TROUBLE.get(status, 2) if status else 2
    return item.is_done, item.needs_word is None, not item.forecast_passed, trouble


def _items(card: OwnerCard, shown: Sequence[OwedItem], voice: Voice) -> list[Block]:
    """A line an item, with its button; grouped by project where there are several. Once all are in, with their words."""
    blocks: list[Block] = []
    is_grouped = len(_projects(card)) > 1
    room = _PREVIEW if not card.open_items and not _is_inert(card) else 0
    for project, items in _by_project(shown, card).items():
        if is_grouped:
            blocks.append(context(voice.words.say("card/project.j2", project=one_line(project, _SHORT_TITLE))))
        for item in items:
            text, said = item_line(item, card, voice), preview(item, voice.words)
            room -= slack_length(said)
            shown_text = f"{text}\n{said}" if said and room > 0 else text
            blocks.append(section(shown_text, accessory=_update(item, card, voice.words)) | {"expand": True})
    return blocks


def _by_project(items: Sequence[OwedItem], card: OwnerCard) -> dict[str, list[OwedItem]]:
    """Items under their projects, both in the order of the portfolio."""
    groups: dict[str, list[OwedItem]] = {project: [] for project in _projects(card)}
    for item in items:
        groups[item.project_name].append(item)
    return {project: found for project, found in groups.items() if found}


def _update(item: OwedItem, card: OwnerCard, words: Words) -> Block | None:
    if _is_inert(card):
        return None
    name, action = ("budget", Action.BUDGET) if item.ref.is_resources else ("update", Action.UPDATE_ITEM)
    label = f"{words.label(name)}: {one_line(item.title, 60)}"
    return button(words.label(name), action, value=item_value(item.ref), label=label)


def _is_inert(card: OwnerCard) -> bool:
    return card.is_closed or card.is_superseded


def _rest(card: OwnerCard, hidden: Sequence[OwedItem], voice: Voice) -> list[Block]:
    """The items without a button of their own: the foremost by name, the others counted, all behind one select."""
    if not hidden:
        return []
    lines, room = [], _LISTING
    for item in hidden:
        line = item_line(item, card, voice)
        room -= slack_length(line) + 1
        if room < 0:
            break
        lines.append(line)
    blocks = [
        section(
            voice.words.say(
                "card/rest.j2",
                lines=[SAFE(line) for line in lines],
                unlisted=len(hidden) - len(lines),
                can_update_all=_can_update_all(card),
            )
        )
    ]
    return blocks if _is_inert(card) else [*blocks, *_choice(card, hidden, voice.words)]


def _choice(card: OwnerCard, hidden: Sequence[OwedItem], words: Words) -> list[Block]:
    """One select for up to a hundred more items; a key too long for an option is reached through "Update all"."""
    fitting = [item for item in hidden if slack_length(item_value(item.ref)) <= _OPTION_VALUE][:_MOST_CHOICES]
    if not fitting:
        return []
    placeholder = words.label("choose-milestone")
    if len(_projects(card)) == 1:
        options = [_choose(item, words) for item in fitting]
        return [actions(select(Action.CHOOSE_ITEM, options, placeholder=placeholder))]
    groups = [
        (one_line(project, _OPTION_TEXT) or _UNNAMED, [_choose(item, words) for item in items])
        for project, items in _by_project(fitting, card).items()
    ]
    return [actions(grouped_select(Action.CHOOSE_ITEM, groups, placeholder=placeholder))]


def _choose(item: OwedItem, words: Words) -> Block:
    title = one_line(item.title) or _UNNAMED
    said = words.say_plain("card/option.j2", title=title, is_done=item.is_done)
    return option(clip(said, _OPTION_TEXT), item_value(item.ref))


def _buttons(card: OwnerCard, shown: Sequence[OwedItem], words: Words) -> list[Block]:
    """What acts on the whole message: "Update all" for several, "Nothing changed" where one can be confirmed."""
    if _is_inert(card):
        return []
    quarter = str(card.quarter)
    elements = []
    if _can_update_all(card):
        elements.append(button(words.label("update-all"), Action.UPDATE_ALL, value=quarter, style="primary"))
    if _can_confirm(card):
        elements.append(button(words.label("nothing-changed"), Action.NOTHING_CHANGED, value=quarter))
    elements.append(button(words.label("risks"), Action.RISKS, value=quarter))
    budgets = (item for item in card.items if item.ref.is_resources and item not in shown)
    if budget := min(budgets, key=lambda item: item.is_done, default=None):  # others have their button beside them
        elements.append(button(words.label("budget"), Action.BUDGET, value=item_value(budget.ref)))
    if _can_hand_over(card):
        elements.append(button(words.label("hand-over"), Action.HAND_OVER, value=quarter))
    if any(item.in_place_of is None for item in card.open_items):
        elements.append(button(words.label("lend"), Action.LEND, value=quarter))
    if _can_snooze(card):
        elements.append(_snooze(card, words))
    return [actions(*elements)]


def offered(card: OwnerCard) -> dict[str, bool]:
    """Which of the buttons that a text may speak of the message has just now."""
    return {
        "can_confirm": not _is_inert(card) and _can_confirm(card),
        "can_hand_over": not _is_inert(card) and _can_hand_over(card),
        "can_snooze": not _is_inert(card) and _can_snooze(card),
    }


def _can_hand_over(card: OwnerCard) -> bool:
    return any(not item.ref.is_resources and item.in_place_of is None for item in card.items)


def _can_snooze(card: OwnerCard) -> bool:
    return bool(card.open_items and card.snoozes)


def _questions(card: OwnerCard, words: Words) -> list[Block]:
    """Readers' questions about the person's milestones that wait for an answer, each with its button."""
    if not card.questions or _is_inert(card):
        return []
    shown = card.questions[:_MOST_QUESTIONS]
    more = len(card.questions) - len(shown)
    return [
        section(words.say("card/questions.j2", count=len(card.questions))),
        *(_question(question, words) for question in shown),
        *([context(words.say("card/more-questions.j2", count=more))] if more else []),
    ]


def _question(question: OpenQuestion, words: Words) -> Block:
    asker, milestone = one_line(question.asked_by, 60), one_line(question.milestone, _SHORT_TITLE)
    said = one_line(question.text, _QUESTION)
    text = words.say("card/question.j2", asker=asker, milestone=milestone, question=said, days=question.days)
    label = f"{words.label('answer')}: {one_line(question.text, 50)}"
    value = str(question.number)
    return section(text, accessory=button(words.label("answer"), Action.ANSWER_QUESTION, value=value, label=label))


def _snooze(card: OwnerCard, words: Words) -> Block:
    """ "Remind me later": each choice says when that would be on the person's own clock."""
    locale, zone = Locale(card.locale), ZoneInfo(card.zone)
    options = []
    for choice in card.snoozes:
        day, time = locale.weekday_date(choice.at.astimezone(zone).date()), locale.time(choice.at, zone)
        text = words.say_plain("card/snooze.j2", label=words.label(f"snooze-{choice.name}"), day=day, time=time)
        options.append(option(text, f"{card.quarter} {choice.name}"))
    return select(Action.SNOOZE, options, placeholder=words.label("snooze"))


def _can_update_all(card: OwnerCard) -> bool:
    return len(card.open_items) > 1 and not _is_inert(card)


def _last_lines(card: OwnerCard, words: Words) -> list[Block]:
    """What can still be changed, or why nothing can be pressed; then why the person gets this."""
    if card.is_superseded:
        return [context(words.say("card/superseded.j2"))]
    if card.is_closed:
        return [context(words.say("card/closed.j2", label=card.quarter_label))]
    change = [] if card.open_items else [context(_can_change(card, words))]
    return [*_snoozed(card, words), *change, context(_why(card, words))]


def _can_change(card: OwnerCard, words: Words) -> str:
    """Until when a change goes into the report by itself, and who decides about it afterwards."""
    return words.say(
        "card/can-change.j2",
        managers=_deciders(card),
        is_published=all(item.published_by for item in card.items),
        is_said=any(item.late is Late.WAITING for item in card.items),
    )


def _snoozed(card: OwnerCard, words: Words) -> list[Block]:
    """When the reminder comes that the person chose."""
    if not card.snoozed_until:
        return []
    locale, zone = Locale(card.locale), ZoneInfo(card.zone)
    day = locale.weekday_date(card.snoozed_until.astimezone(zone).date())
    return [context(words.say("card/snoozed.j2", day=day, time=locale.time(card.snoozed_until, zone)))]


def _why(card: OwnerCard, words: Words) -> str:
    owned = [item for item in card.items if item.in_place_of is None]
    if not owned:
        away = listed(list(dict.fromkeys(one_line(item.in_place_of or "", 60) for item in card.items)), 3)
        return words.say("card/why-deputy.j2", away=away, channel=channel_link(card.channel))
    milestones = any(not item.ref.is_resources for item in owned)
    budgets = any(item.ref.is_resources for item in owned)
    roles = [*(["owner"] if milestones else []), *(["budget owner"] if budgets else [])]
    named_by = listed([one_line(name, 60) for name in card.asked_by], 3)
    return words.say("card/why.j2", named_by=named_by, role=" and ".join(roles), channel=channel_link(card.channel))
