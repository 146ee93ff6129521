"""One thing that a person owes, in a line of their message: what was known, what was said, and who else has to do with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from bot.domain.rules import mismatches, over_budget, percent_used
from bot.domain.update import MilestoneUpdate, Resources
from bot.flow.messages import OwedItem, OwnerCard
from bot.slack.voice import Voice, listed, one_line
from bot.slack.words import Words
from bot.texts import SAFE

_TITLE, _SHORT_TITLE = 100, 60
_FEW = 8  # items in a message with full titles
_MOST_DELIVERABLES, _DELIVERABLE, _WORDS = 3, 120, 240  # of one answer's words: lines, and characters


def item_line(item: OwedItem, card: OwnerCard, voice: Voice) -> str:
    """One item in a line, with what its manager or its owner decided about it."""
    aside = [voice.words.say("card/more-time.j2", day=voice.day(item.more_time))] if item.more_time else []
    if item.is_reworded:
        aside.append(voice.words.say("card/reworded.j2"))
    if item.returned is not None:
        aside.append(voice.words.say("card/returned.j2", comment=one_line(item.returned, 200)))
    if item.tracker:
        who, percent = one_line(item.tracker.name, 60), voice.percent(item.tracker.percent)
        aside.append(voice.words.say("card/tracker.j2", who=who, percent=percent))
    if item.offered_to:
        aside.append(voice.words.say("card/offered.j2", person=one_line(item.offered_to, 60)))
    aside += _hands(item, card, voice)
    return " · ".join([_standing(item, card, voice), *aside])


def _hands(item: OwedItem, card: OwnerCard, voice: Voice) -> list[str]:
    """Who else has to do with an item: who answered it, who was asked to, who owns it too, in whose place it is asked."""
    said = []
    if item.late and item.published_by:
        said.append(voice.words.say("card/late.j2", state=str(item.late), manager=one_line(item.published_by, 60)))
    if item.in_place_of:
        said.append(voice.words.say("card/in-place-of.j2", person=one_line(item.in_place_of, 60)))
    if item.answered_by and item.answered_at:
        when = {"day": voice.weekday(item.answered_at, card.zone), "time": voice.time(item.answered_at, card.zone)}
        said.append(voice.words.say("card/answered-by.j2", person=one_line(item.answered_by, 60), **when))
    elif item.waits_for:
        said.append(voice.words.say("card/waits-for.j2", person=one_line(item.waits_for, 60)))
    elif item.shared_with and not item.in_place_of:
        said.append(voice.words.say("card/shared.j2", people=listed([one_line(p, 60) for p in item.shared_with], 3)))
    return said


def _standing(item: OwedItem, card: OwnerCard, voice: Voice) -> str:
    """What was known of an item while it is open, the figures as read once it is answered."""
    title = one_line(item.title, _SHORT_TITLE if len(card.items) > _FEW else _TITLE)
    if item.is_done:
        name = "card/confirmed.j2" if item.is_confirmed else "card/done.j2"
        return voice.words.say(name, title=title, said=_answered(item, voice))
    if item.needs_word:
        return voice.words.say("card/waiting.j2", title=title, reason=SAFE(_reason(item, voice)))
    if item.ref.is_resources:
        return _open_budget(item, title, voice)
    last = voice.known(item.known)
    when = voice.when(item.known.quarter) if item.known and last else ""
    return voice.words.say("card/open.j2", title=title, when=when, last=last, has_passed=item.forecast_passed)


def _open_budget(item: OwedItem, title: str, voice: Voice) -> str:
    quarter, resources = item.last_resources or (None, None)
    last = money_before(resources, item.currency, voice) if resources else ""
    when = voice.when(quarter) if quarter and last else ""
    return voice.words.say("card/open-budget.j2", title=title, when=when, last=last)


def money_before(resources: Resources, currency: str | None, voice: Voice) -> str:
    """What an earlier quarter said of the money: ``$1,150,000 spent, forecast $2,520,000``; empty where it said nothing."""
    return _money(replace(resources, budget_at_completion=None, staffing_actual=None), currency, voice)


def _reason(item: OwedItem, voice: Voice) -> str:
    """Why "Nothing changed" could not confirm this item."""
    forecast = voice.day(item.known.forecast) if item.known and item.known.forecast else ""
    return voice.words.say(f"card/needs-word/{item.needs_word}.j2", forecast=forecast)


def _answered(item: OwedItem, voice: Voice) -> str:
    """The answer as it was read: ``60 → 85%, on track, forecast Feb 12``."""
    if item.resources:
        return _money(item.resources, item.currency, voice)
    if item.answer is None:
        return voice.known(item.known)
    before = item.known.percent_complete if item.known else None
    said = item.answer
    return voice.standing(said.percent_complete, said.status, said.forecast, before=before)


def _money(resources: Resources, currency: str | None, voice: Voice) -> str:
    """Amounts in full, so that a wrong zero is seen by the one who typed it; percentages where those were given.

    Of a percentage that disagrees with the amounts, the amounts' own is said with it: they win in the report.
    """
    number = voice.locale.number
    wrong = {problem.at for problem in mismatches(resources, None)}
    used = percent_used(resources, None) if "percent_used" in wrong else None
    variance = over_budget(resources, None) if "percent_variance" in wrong else None

    def amount(value: Decimal) -> str:
        return voice.locale.money(value, currency) if currency else number(value)

    said = [
        f"{amount(resources.actual_cost)} spent" if resources.actual_cost is not None else "",
        f"budget {amount(resources.budget_at_completion)}" if resources.budget_at_completion is not None else "",
        f"forecast {amount(resources.forecast_at_completion)}" if resources.forecast_at_completion is not None else "",
        _share(resources.percent_used, used, lambda share: f"{voice.percent(share)} used"),
        _share(resources.percent_variance, variance, voice.variance),
        f"staffing {number(resources.staffing_actual)}" if resources.staffing_actual is not None else "",
    ]
    return ", ".join(filter(None, said))


def _share(given: Decimal | None, by_amounts: Decimal | None, say: Callable[[Decimal], str]) -> str:
    """A percentage as it was given; with what the amounts make of it, where they make something else."""
    if given is None:
        return ""
    return say(given) if by_amounts is None else f"{say(by_amounts)} by the amounts, which count (given: {say(given)})"


def preview(item: OwedItem, words: Words) -> str:
    """The words of an answer as leadership will read them, cut; empty where it has none."""
    said = item.answer or MilestoneUpdate()
    note = item.resources.budget_note if item.resources else said.note
    return words.say(
        "card/preview.j2",
        deliverables=[one_line(item, _DELIVERABLE) for item in said.deliverables[:_MOST_DELIVERABLES]],
        unlisted=max(0, len(said.deliverables) - _MOST_DELIVERABLES),
        impact=one_line(said.impact or "", _WORDS),
        note=one_line(note or "", _WORDS),
        recovery=one_line(said.recovery or "", _WORDS),
    )
