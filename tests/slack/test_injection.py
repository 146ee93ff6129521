"""No message, dialog or home lets people's words ping anybody: each list of attacks stands wherever people's words can."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from builders import FIELDS, LENA, Q4, a_confirmation, a_review, an_owner_card, many, the_words
from homes import drawn, everything
from test_messages import NOTICES

from bot.domain.said import SaidUpdate
from bot.domain.update import Wording
from bot.flow.forms import LateChange, LateRef, PublishedAs, ReadForm, WordingForm
from bot.flow.messages import DigestItem, DigestProject, ItemRef, Notice, OverdueDigest, OwnerCard, ReturnedUpdate, Step
from bot.slack.forms import reading
from bot.slack.messages import render
from bot.slack.post import sections
from bot.slack.review import review
from tests.test_security_injection import PINGS, a_report, mrkdwn_of, poisoned

WORDS = the_words()
NOW = datetime(2027, 1, 6, 16, tzinfo=UTC)


def in_values(value: Any, attack: str) -> Any:
    """A notice's values with an attack in the place of every text that is somebody's words or name."""
    if isinstance(value, Mapping):
        kept = ("what", "outcome", "reason", "name")
        return {name: item if name in kept else in_values(item, attack) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [in_values(item, attack) for item in value]
    return attack if isinstance(value, str) and value else value


@pytest.mark.parametrize("name", NOTICES)
def test_no_notice_pings(name: str) -> None:
    for sample in NOTICES[name]:
        for attack in PINGS:
            values = in_values(sample, attack)
            if name == "unreachable-people":  # each with the name of a problem
                values["people"] = [[attack, problem] for _, problem in sample["people"]]  # type: ignore[attr-defined]
            shown = render(Notice("k", name, values), WORDS)
            assert [text for text in (shown.text, *mrkdwn_of(shown.blocks)) if attack in text] == []


def cards(attack: str) -> Iterator[OwnerCard | OverdueDigest]:
    """The messages that ask, and those to managers and sponsors, with an attack in every text."""
    for step in Step:
        for count in (1, 3, 12):
            yield poisoned(an_owner_card(*many(count), step=step), attack)
    yield poisoned(an_owner_card(is_closed=True), attack)
    item = DigestItem(
        ItemRef("portal", Q4, "m"), attack, attack, attack, None, 2, True, True, True, NOW, 2, attack, NOW.date()
    )
    items = (item, replace(item, until=None), replace(item, has_account=False, is_away=False, until=None))
    projects = (DigestProject(ItemRef("portal", Q4), attack, 1, 2),)
    returned = (ReturnedUpdate(attack, attack, attack, NOW, attack),)
    for is_for_sponsor in (False, True):
        yield OverdueDigest("k", LENA, Q4, attack, "en_US", "UTC", projects, items, returned, is_for_sponsor)


@pytest.mark.parametrize("attack", PINGS)
def test_no_message_that_asks_pings(attack: str) -> None:
    for message in cards(attack):
        shown = render(message, WORDS)
        assert [text for text in (shown.text, *mrkdwn_of(shown.blocks)) if attack in text] == []


def back_and_forth(attack: str) -> Iterator[dict[str, Any]]:
    """What goes on between a manager and owners, with an attack in every text."""
    report, ref = a_report(attack), ItemRef("portal", Q4, "m")
    returned = (ReturnedUpdate(attack, attack, attack, NOW, attack),)
    late = (LateChange(LateRef("milestone", "m", 2), attack, attack, NOW, (("note", attack, (attack,)),)),)
    published, words = PublishedAs(1, attack, NOW), Wording((attack,), attack, attack)
    form = a_review(report, published=published, returned=returned, overtaken=(attack,), late=late)
    confirm = a_confirmation(report, returned=returned, late=late, overtaken_by=published, is_changed=True)
    yield review.build(form, WORDS, FIELDS)
    yield review.confirm(confirm, WORDS)
    yield review.confirm(replace(confirm, already=published), WORDS)
    updates = tuple(SaidUpdate(Q4, line) for line in report.milestones)
    read = ReadForm(ref, report, updates, frozenset(["m"]), "UTC", check_id="x", check=report.checks[0])
    yield reading.build(read, WORDS, review="V0REVIEW", saved=attack)
    yield reading.build_wording(
        WordingForm(ref, attack, attack, attack, words, words, "f"), reading.Origin("", ""), WORDS
    )


def views(attack: str) -> Iterator[dict[str, Any]]:
    """What opens in front of people, with an attack in every text."""
    report = a_report(attack)
    yield review.build(poisoned(a_review(report), attack), WORDS, FIELDS)
    yield review.confirm(poisoned(a_confirmation(report, changes=("x",)), attack), WORDS)
    yield from back_and_forth(attack)
    yield sections.full_report(report, WORDS)
    yield drawn(everything(attack, most=2), WORDS)


@pytest.mark.parametrize("attack", PINGS)
def test_no_view_pings(attack: str) -> None:
    for view in views(attack):
        texts = list(mrkdwn_of(view))
        assert texts
        assert [text for text in texts if attack in text] == []
