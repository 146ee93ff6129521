"""What holds for every message: keys, limits, escaping; notices and revisions; and that no file of words is unused."""

import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from builders import (
    BUDGET,
    DONE,
    FIELDS,
    FLAVOURS,
    MOBILE,
    PUSH,
    RULES,
    SESSION,
    SPENT,
    a_confirmation,
    a_report,
    a_report_of,
    a_review,
    a_sparse_report,
    an_owner_card,
    many,
    outline,
    the_words,
)
from hypothesis import given
from hypothesis import strategies as st

from bot.domain.report import Coverage, EarnedValue
from bot.domain.update import DecisionState
from bot.flow.forms import CommandHelp
from bot.flow.messages import (
    DecisionReply,
    Message,
    Notice,
    OpenQuestion,
    ReportPost,
    RevisionReply,
    SectionReply,
    Step,
)
from bot.sandbox.rules import check_message, check_update
from bot.slack import messages
from bot.slack.blocks import clean, clip, slack_length, split_text
from bot.slack.card import item_of
from bot.slack.ids import Action
from bot.slack.post import sections
from bot.slack.review import review
from bot.texts import shipped

from dataclasses import replace  # isort: skip

WORDS = the_words()
NAMED = {"project": "Customer Portal", "quarter": "Q4 2026", "channel": "#leadership"}
LINK = "https://x.slack.com/archives/C1/p1?a=1&b=2"
RULED = {"who": "Tom Reyes", "verdict": "need more", "what": "CANARY?", "option": "CANARY", "comment": "CANARY"}
SAID = {
    **NAMED,
    "milestone": "Mobile app",
    "asker": "Ida Berg",
    "question": "CANARY\nwhy?",
    "answerer": "Dana Petrov",
    "answer": "CANARY because",
}
NOTICES: dict[str, tuple[dict[str, object], dict[str, object]]] = {  # each with a full and a sparse sample
    "post-unconfirmed": ({**NAMED, "what": "post"}, {**NAMED, "what": "section"}),
    "post-refused": ({**NAMED, "what": "post-edit"}, {**NAMED, "what": "file"}),
    "question-to-answer": (
        {**NAMED, "who": "Ida Berg", "question": "CANARY\nwhy?", "milestone": "Mobile app"},
        {**NAMED, "who": "Ida Berg", "question": "CANARY\nwhy?", "milestone": ""},
    ),
    "question-settled": (
        {**NAMED, "who": "Ravi Nair", "question": "CANARY\nwhy?", "answer": "CANARY", "milestone": "Mobile app"},
        {**NAMED, "who": "Ravi Nair", "question": "CANARY\nwhy?", "answer": "CANARY", "milestone": ""},
    ),
    "question-answered": (
        {**NAMED, "who": "Ravi Nair", "question": "CANARY\nwhy?", "answer": "CANARY", "milestone": "Mobile app"},
        {**NAMED, "who": "Ravi Nair", "question": "CANARY\nwhy?", "answer": "CANARY", "milestone": ""},
    ),
    "question-in-thread": ({**SAID, "answer": "", "answerer": ""}, {**SAID, "milestone": ""}),
    "answer-in-thread": (SAID, {**SAID, "milestone": ""}),
    "ruling": (
        {**NAMED, **RULED, "milestone": "Mobile app"},
        {**NAMED, **RULED, "milestone": "", "verdict": "", "option": "", "comment": ""},
    ),
    "returned": (
        {**NAMED, "milestone": "Mobile app", "manager": "Dana Petrov", "comment": "CANARY\nsay why.", "revision": 0},
        {**NAMED, "milestone": "Mobile app", "manager": "Dana Petrov", "comment": "", "revision": 2},
    ),
    "return-settled": (
        {**NAMED, "milestone": "Mobile app", "outcome": "answered"},
        {**NAMED, "milestone": "Mobile app", "outcome": "again"},
    ),
    "unreachable-people": (
        {**NAMED, "people": [(f"person{n}@example.com", "not-found") for n in range(30)]},
        {**NAMED, "people": [("Sam", "unreachable")]},
    ),
    "late-answer": ({**NAMED, "person": "Ravi Nair", "milestone": "Billing interface"},) * 2,
}
FOLDERS = ("opening", "reminder", "last-call", "overdue", "card", "review", "help", "notices")


def samples() -> list[Message]:
    revision = RevisionReply("r", a_report(revision=2), tuple(f"change {n}" for n in range(30)), is_broadcast=True)
    return [
        an_owner_card(),
        an_owner_card(questions=(OpenQuestion(1, "Portal", "Q3", "Mobile app", "Why? " * 99, "Ida", 3),) * 5),
        ReportPost("p", a_report(), readers=4),
        ReportPost("p", a_report_of("word " * 100, 30)),
        ReportPost("p", a_sparse_report(), is_preview=True),
        SectionReply("s", a_report(), 0),
        *decision_samples(),
        revision,
        replace(revision, changes=("one",), report=a_report()),
        *(Notice("n", name, values) for name, pair in NOTICES.items() for values in pair),
    ]


def decision_samples() -> list[Message]:
    """A decision as it is asked for, with a word on it, and taken; with and without what may be left out."""
    report, long = a_report(), a_report_of("word " * 400, 1)
    asked = report.decisions[0]
    return [
        DecisionReply("d", report, asked, ("Tom Reyes",)),
        DecisionReply("d", report, replace(asked, who=None, by=None), ()),
        DecisionReply("d", report, replace(asked, state=DecisionState.WITHDRAWN), ()),
        *(DecisionReply("d", long, line, ("Tom",) * 2, can_be_taken_back=True) for line in long.decisions),
    ]


@pytest.mark.parametrize("message", samples(), ids=lambda message: type(message).__name__)
def test_the_key_is_in_the_first_block_and_in_the_metadata(message: Message) -> None:
    rendered = messages.render(message, WORDS)
    assert rendered.blocks[0]["block_id"] == message.key
    assert rendered.metadata == {"event_type": "quarterdeck", "event_payload": {"key": message.key}}
    assert not any("block_id" in block for block in rendered.blocks[1:])


@pytest.mark.parametrize("message", samples(), ids=lambda message: type(message).__name__)
def test_every_message_has_a_text_within_the_limits(message: Message) -> None:
    rendered = messages.render(message, WORDS)
    payload = {"text": rendered.text, "blocks": rendered.blocks, "metadata": rendered.metadata}
    assert not check_message(payload) + check_update(payload)
    assert 0 < len(rendered.text) <= 3000


@pytest.mark.parametrize("name", NOTICES)
def test_notices_name_the_project_first(name: str) -> None:
    for values in NOTICES[name]:
        rendered = messages.render(Notice("k", name, values), WORDS)
        said = outline(rendered.blocks)
        assert said.startswith("*Customer Portal · Q4 2026*") or "project" not in values
        assert "None" not in said
        assert "CANARY" not in rendered.text, "words of people are not for a lock screen"


def test_a_notice_may_ask_for_a_click() -> None:
    asked = ((Action.POST_IS_THERE, "post-is-there", "1"), (Action.POST_AGAIN, "post-again", "1"))
    rendered = messages.render(Notice("k", "post-unconfirmed", {**NAMED, "what": "post"}, asked), WORDS)
    assert outline(rendered.blocks).endswith("[It is there] [Post it again]\n")
    assert not check_message({"text": rendered.text, "blocks": rendered.blocks})


def test_a_returned_milestone_brings_its_update_button() -> None:
    returned = Notice("k", "returned", NOTICES["returned"][0], item=MOBILE.ref)
    rendered = messages.render(returned, WORDS)
    (update,) = rendered.blocks[-1]["elements"]
    assert (update["action_id"], item_of(update["value"])) == (Action.UPDATE_ITEM, MOBILE.ref)
    assert not check_message({"text": rendered.text, "blocks": rendered.blocks})


@pytest.mark.parametrize("flavour", FLAVOURS)
def test_any_words_in_a_notice_or_revision_are_taken_by_slack(flavour: str) -> None:
    text = FLAVOURS[flavour]
    values = {"project": text, "quarter": text, "channel": text, "people": [(text, text)] * 30}
    revision = RevisionReply("r", a_report(project_name=text, revision=3), (text,) * 60, is_broadcast=False)
    for message in (Notice("k", "unreachable-people", values), revision):
        rendered = messages.render(message, WORDS)
        assert not check_update({"text": rendered.text, "blocks": rendered.blocks})


def test_nobody_is_pinged_by_what_people_typed() -> None:
    ping = "<!channel> <!here> <@U0LENA>"
    report = a_report_of(ping, 3)
    found: list[Message] = [
        ReportPost("k", report),
        RevisionReply("k", report, (ping,), is_broadcast=False),
        an_owner_card(replace(MOBILE, title=ping, project_name=ping), asked_by=(ping,)),
        Notice("k", "late-answer", {**NAMED, "person": ping, "milestone": ping}),
        *(DecisionReply("k", report, line, (ping,), can_be_taken_back=True) for line in report.decisions),
        an_owner_card(questions=(OpenQuestion(1, ping, ping, ping, ping, ping, 3),)),
        *(SectionReply("k", report, n) for n in range(sections.section_count(report, WORDS))),
    ]
    for message in found:
        rendered = messages.render(message, WORDS)
        marked = [block for block in rendered.blocks if block["type"] not in ("header", "table")]
        assert not [sign for sign in ("<!", "<@") if sign in rendered.text]
        for text in _mrkdwn(marked):
            assert "<!" not in text["text"]
            assert "<@" not in text["text"]
            assert text["verbatim"] is True


def _mrkdwn(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict) and value.get("type") == "mrkdwn":
        yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _mrkdwn(inner)


def test_an_endless_key_is_cut_only_in_the_block() -> None:
    rendered = messages.render(an_owner_card(key="k" * 400), WORDS)
    assert len(rendered.blocks[0]["block_id"]) == 255
    assert rendered.metadata["event_payload"]["key"] == "k" * 400


@given(st.text(max_size=400).map(lambda text: text.replace("a", "&amp;").replace("b", "&lt;")), st.integers(10, 120))
def test_a_cut_text_fits_and_leaves_no_entity_half(text: str, limit: int) -> None:
    escaped = text.replace("&", "&amp;")
    for piece in (clip(escaped, limit), *split_text(escaped, limit)):
        assert slack_length(piece) <= limit
        assert "&" not in piece.replace("&amp;", "")


@given(st.text(st.characters(categories=("Lu", "Ll", "So", "Zs")), max_size=2000), st.integers(10, 300))
def test_a_split_text_loses_nothing_but_blank_space(text: str, limit: int) -> None:
    assert "".join("".join(split_text(text, limit)).split()) == "".join(text.split())


def test_of_what_people_typed_the_characters_that_control_or_turn_it_are_dropped_and_nothing_else() -> None:
    characters = [chr(number) for number in range(0x3000)]
    dropped = {character for character in characters if clean(f"a{character}b") == "ab"}
    turning = {chr(number) for number in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}
    assert dropped == ({c for c in characters if unicodedata.category(c) == "Cc"} - set("\t\n\r\x85")) | turning


def say_everything() -> None:
    """Every text of these folders, with a full sample and a sparse one."""
    for step in Step:
        for items in ((MOBILE, PUSH, SESSION, BUDGET), (MOBILE,), DONE, (*DONE, SPENT), many(40, projects=2)):
            for over in ({}, {"is_closed": True}, {"is_superseded": True}):
                messages.render(an_owner_card(*items, step=step, **over), WORDS)
    for rule in RULES:
        messages.render(
            an_owner_card(replace(PUSH, needs_word=rule), replace(MOBILE, is_done=True, is_confirmed=True)), WORDS
        )
    for message in samples():
        messages.render(message, WORDS)
    earned = EarnedValue(Decimal(7), Decimal(6), Decimal(5), Decimal("1.2"), Decimal("0.9"))
    for report in (
        a_report(earned_value=earned),
        a_sparse_report(),
        a_report_of("word", 60),
        a_report_of("word " * 2000, 60),
    ):
        sections.full_report(report, WORDS)
        for reply in sections.replies(report, WORDS):
            sections.reply_blocks(reply, WORDS)
            sections.reply_gist(report, reply, WORDS)
        excused = replace(report, coverage=replace(report.coverage, excused=(report.milestones[0].key,)))
        review.build(a_review(excused, saved="s", stale_edits=("conclusion",)), WORDS, FIELDS)
        review.confirm(a_confirmation(replace(excused, revision=2), is_shared_channel=True, changes=("c",)), WORDS)
    review.build(a_review(a_report(checks=(), coverage=Coverage(0, 0))), WORDS, [])
    review.loading(WORDS)
    review.help_blocks(CommandHelp(), WORDS)
    review.help_blocks(CommandHelp("problem"), WORDS)


def test_no_file_of_words_is_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: set[Path] = set()
    get_source = jinja2.FileSystemLoader.get_source

    def recording(loader: jinja2.FileSystemLoader, environment: jinja2.Environment, name: str) -> Any:
        source = get_source(loader, environment, name)
        opened.add(Path(source[1]))
        return source

    monkeypatch.setattr(jinja2.FileSystemLoader, "get_source", recording)
    monkeypatch.setattr("test_messages.WORDS", the_words())
    say_everything()
    folders = [*(shipped("prompts") / folder for folder in FOLDERS), shipped("templates") / "post"]
    kept = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    code = _code()
    named = {path for path in kept if f'"{path.parent.name}/{path.name}"' in code or f'"{path.stem}"' in code}
    assert kept - opened - named == set()


def _code() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in Path(messages.__file__).parents[1].rglob("*.py"))


def test_every_label_is_a_short_text_that_something_says() -> None:
    labels = yaml.safe_load((shipped("prompts") / "labels.yaml").read_text(encoding="utf-8"))
    code = _code()
    for key, text in labels.items():
        family, _, name = key.partition("-")
        said = f'"{name}"' if family in ("column", "section", "snooze", "plan", "list") and name else key
        assert said in code, key
        assert 0 < slack_length(text) <= 75
