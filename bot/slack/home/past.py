"""Past answers as a view that only shows: one select for what to read, and the answers with who gave them and when."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from bot.domain.attachment import Attachment
from bot.domain.dates import read_day
from bot.domain.quarter import Quarter
from bot.domain.update import Decision, MilestoneUpdate, Objective, Promise, Risk
from bot.flow.home.past import PastAnswer, PastAnswers, PastChoice
from bot.locales import Locale
from bot.slack.blocks import Block, actions, clean, context, divider, grouped_select, modal, option, section, split_text
from bot.slack.forms.questions import Question, Questions
from bot.slack.home.pager import pager, span
from bot.slack.ids import Action, View
from bot.slack.voice import link_words, one_line
from bot.slack.words import Words
from bot.texts import SAFE

LIST = "past"
_MOST_PIECES = 5  # paragraphs of one answer, 14,500 characters: a page of them stays under Slack's 250 kB in any script
_MOST_CHOICES = 100  # Slack: options of one group
_VALUE = 150  # Slack: characters of an option's value

_Given = Decimal | date | str | Mapping[str, Promise] | tuple[str | Attachment, ...] | None


def build(past: PastAnswers, questions: Questions, words: Words) -> Block:
    """The view; its metadata hold what was chosen."""
    blocks = list(_blocks(past, questions, words)) if past.quarters else [section(words.say("home/past-none.j2"))]
    return modal(
        words.label("past-answers"),
        blocks,
        callback_id=View.PAST_ANSWERS,
        close=words.label("close"),
        metadata={"choice": _written(past.choice)},
    )


def choice_of(value: str) -> PastChoice:
    """What an option or the view's metadata say is to be read."""
    parts = json.loads(value)
    if len(parts) == 1:
        return PastChoice(quarter=Quarter.parse(parts[0]))
    return PastChoice(item=(parts[0], parts[1])) if parts else PastChoice()


def _written(choice: PastChoice) -> str:
    parts = choice.item or ([str(choice.quarter)] if choice.quarter else [])
    return json.dumps(parts, separators=(",", ":"), ensure_ascii=False)


def _blocks(past: PastAnswers, questions: Questions, words: Words) -> Iterator[Block]:
    yield actions(_select(past, words))
    if note := span(past.page, words):
        yield context(note)
    for answer in past.page.items:
        yield divider()
        yield from _answer(answer, past, questions, words)
    yield from pager(past.page, LIST, words)


def _select(past: PastAnswers, words: Words) -> Block:
    """Quarters, then items with their projects; one whose keys are too long for an option is read by its quarter."""
    quarters = [option(label, _written(PastChoice(quarter=quarter))) for quarter, label in past.quarters]
    items = [
        option(one_line(f"{title} · {project}", 70), value)
        for ref, title, project in past.items
        if len(value := _written(PastChoice(item=(ref.project, ref.milestone)))) <= _VALUE
    ]
    groups = [(words.label("by-quarter"), quarters), (words.label("by-milestone"), items)]
    shown = [(label, options[:_MOST_CHOICES]) for label, options in groups if options]
    element = grouped_select(Action.CHOOSE_PAST, shown, placeholder=words.label("choose-past"))
    chosen = [o for _, options in shown for o in options if o["value"] == _written(past.choice)]
    return element | ({"initial_option": chosen[0]} if chosen else {})


def _answer(answer: PastAnswer, past: PastAnswers, questions: Questions, words: Words) -> Iterator[Block]:
    zone, locale = ZoneInfo(past.zone), Locale(past.locale)
    text = words.say(
        "home/past-answer.j2",
        title=one_line(answer.title),
        project=one_line(answer.project_name),
        quarter=answer.quarter_label,
        fields=[*_fields(answer, questions, locale, words), *_beside(answer, locale, words)],
    )
    pieces = split_text(text)
    yield from (section(piece) | {"expand": True} for piece in pieces[:_MOST_PIECES])
    if len(pieces) > _MOST_PIECES:
        yield context(words.say("home/past-cut.j2"))
    yield context(
        words.say(
            "home/past-when.j2",
            by="" if answer.is_own else one_line(answer.said_by, 60),
            is_confirmed=answer.is_confirmed,
            day=locale.date_long(answer.at.astimezone(zone).date()),
            time=locale.time(answer.at, zone),
        )
    )


def _fields(
    answer: PastAnswer, questions: Questions, locale: Locale, words: Words
) -> Iterator[tuple[str, str | list[str]]]:
    """What was given, field by field as the dialog asks: its label, and what was said, or its lines."""
    dialog = "milestone" if isinstance(answer.value, MilestoneUpdate) else "resources"
    for question in questions.of(dialog):
        more = answer.value.more
        given = more.get(question.key) if question.is_own else getattr(answer.value, question.key, None)
        if said := _said(given, question, answer, locale, words):
            yield question.label, said


def _beside(answer: PastAnswer, locale: Locale, words: Words) -> Iterator[tuple[str, list[str]]]:
    """What was promised, asked for and feared in the same quarter, a heading each."""
    kinds: tuple[tuple[str, type], ...] = (("objectives", Objective), ("decisions", Decision), ("risks", Risk))
    for name, kind in kinds:
        if lines := [_line(also, locale, words) for also in answer.beside if isinstance(also, kind)]:
            yield words.label(f"section-{name}"), lines


def _line(also: Objective | Decision | Risk, locale: Locale, words: Words) -> str:
    if isinstance(also, Risk):
        return SAFE(words.say("home/past-risk.j2", title=one_line(also.title), risk=also))
    if isinstance(also, Objective):
        deliverable, target = one_line(also.deliverable or ""), (also.target or "").strip()
        day = read_day(target)
        said = words.say(
            "home/past-objective.j2",
            title=one_line(also.title),
            deliverable=deliverable,
            target=locale.date_long(day) if day else one_line(target),
            is_dated=day is not None or Quarter.find(target) is not None,
        )
        return SAFE(said)
    by = locale.date_long(also.by) if also.by else ""
    said = words.say("home/past-decision.j2", what=one_line(also.what), who=one_line(also.who or "", 60), by=by)
    return SAFE(said)


def _said(given: _Given, question: Question, answer: PastAnswer, locale: Locale, words: Words) -> str | list[str]:
    if isinstance(given, Decimal):
        return _figure(given, question, answer, locale)
    if isinstance(given, date):
        return locale.date_long(given)
    if isinstance(given, str):
        return clean(question.choices.get(given, given))
    if isinstance(given, Mapping):
        return [_promise(key, promise, answer, words) for key, promise in given.items()]
    return [_evidence(item, words) if isinstance(item, Attachment) else clean(item) for item in given or ()]


def _promise(key: str, promise: Promise, answer: PastAnswer, words: Words) -> str:
    title, reason = one_line(answer.promises.get(key, key)), one_line(promise.reason or "", 400)
    return SAFE(words.say("home/past-promise.j2", title=title, result=promise.result.value, reason=reason))


def _evidence(piece: Attachment, words: Words) -> str:
    return SAFE(words.say("home/past-evidence.j2", words=link_words(piece), url=piece.url))


def _figure(given: Decimal, question: Question, answer: PastAnswer, locale: Locale) -> str:
    if question.kind == "percent":
        return locale.percent(given)
    if question.kind == "money" and answer.currency:
        return locale.money(given, answer.currency)
    return locale.number(given)
