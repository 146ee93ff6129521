"""What somebody hears who does not see the screen: a quarter is played, and everything that was sent is read as they get it.

Every message has a text that stands alone, every picture its words, every button a name that no other button of its
message has, and no status is a colour or a sign alone.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from world import DUE_DAY, PATIENCE, World, beside, filled_review, opened, slack_id

from bot.sandbox.delivery import Ack, Delivery, Kind
from bot.sandbox.seen import readable
from bot.slack.ids import Action, Shortcut

LONGEST_TEXT = 3000  # characters of a message's text (product rule)
LONGEST_NAME = 75  # characters of a button's accessibility_label (Slack)
MONEY = "1,417,233"  # an amount that is in no other figure
OWN_WORDS = "Zephyr"  # a word that only owners type
MESSAGES = ("chat.postMessage", "chat.update", "chat.postEphemeral", "response_url")
VIEWS = ("views.open", "views.push", "views.update", "views.publish")
PROJECTS = ("Billing Renewal", "Core Network", "Tooling")
AFTER = datetime(2025, 10, 6, 15, tzinfo=UTC)  # the first working day after the deadline
STATUSES = "On track|At risk|Off track|Not started|Complete|Not known"
_SIGNS = ("So", "Sk", "Sm", "Cn")  # Unicode categories
_MARKS = "🟢🟠🔴⚪❔"  # the colours of a status; ✅ also ends what is done, in words
ASKED = """
quarter: 2025-Q3
projects:
  billing:
    milestones:
      payment-gateway: {percent_complete: 70, status: At risk, forecast: 2025-11-14, note: Zephyr is tested.}
    decisions:
      - {key: contract, what: Extend the Zephyr contract, who: lena@example.com, by: 2025-11-15,
         options: [By a year, By two years], milestone: payment-gateway}
      - {key: hire, what: Hire two Zephyr developers}
"""


@dataclass(frozen=True)
class Played:
    """What was sent while a whole quarter was played: messages, views, and the files that were announced."""

    messages: list[Mapping[str, Any]]
    views: list[Mapping[str, Any]]
    uploads: list[Mapping[str, Any]]

    @property
    def surfaces(self) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
        """Everything with blocks: what it is called here, and the blocks."""
        yield from ((str(message.get("text"))[:60], message.get("blocks") or ()) for message in self.messages)
        yield from ((view["callback_id"], view["blocks"]) for view in self.views)


@pytest.fixture(scope="module")
def played(one_for_all: World) -> Played:
    """Everything that everybody got in a whole quarter."""
    acks: list[Mapping[str, Any]] = []
    deliver = Delivery.send

    async def noted(delivery: Delivery, kind: Kind, payload: Mapping[str, Any]) -> Ack:
        ack = await deliver(delivery, kind, payload)
        acks.append(ack.body or {})
        return ack

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Delivery, "send", noted)
        for act in (_owners_answer, _manager_publishes, _leaders_answer_back, _the_deadline_passes, _all_look_at_home):
            act(one_for_all)
    assert one_for_all.refused() == []
    answers = [ack for ack in acks if "blocks" in ack or ("text" in ack and "response_action" not in ack)]
    views = [opening["view"] for opening in (*_sent(one_for_all, VIEWS), *acks) if opening.get("view")]
    uploads = [call.args for call in one_for_all.calls("files.getUploadURLExternal")]
    return Played([*_sent(one_for_all, MESSAGES), *answers], views, uploads)


def _sent(world: World, methods: Sequence[str]) -> list[Mapping[str, Any]]:
    """What was sent with some methods, its blocks and view decoded."""
    return [_decoded(call.args) for call in world.sandbox.calls if call.method in methods]


def _decoded(args: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: json.loads(value) if name in ("blocks", "view") and isinstance(value, str) else value
        for name, value in args.items()
    }


def _owners_answer(world: World) -> None:
    maya, jonas, ines = (world.person(name) for name in ("maya", "jonas", "ines"))
    dialog = world.open("maya", "Update", near="Rating Engine")
    for extra in ("Add an objective", "Add a decision"):
        maya.click(opened(maya), extra)
    said = {
        "Percent complete": "80",
        "Promised last quarter: Parallel run for one month": "Kept",
        "Note": f"{OWN_WORDS} moved by two weeks.",
        "Objective": f"Switch {OWN_WORDS} off",
        "Decision needed": f"Buy {OWN_WORDS} licences",
    }
    assert maya.submit(opened(maya), said) is None, dialog.labels
    maya.click(world.card("maya"), "Risks")
    maya.click(opened(maya), "Keep", near=beside(opened(maya), "One engineer knows the tariffs"))
    maya.click(opened(maya), "Add a risk", near=_last_row(opened(maya).blocks))
    assert maya.submit(opened(maya), {"Title": f"{OWN_WORDS} ends", "Challenge": "Nobody can repair it."}) is not None
    maya.close(opened(maya), whole_stack=True)
    jonas.click(world.card("jonas"), "Nothing changed")
    money = {"Actual cost to date": MONEY, "Forecast at completion": "2.6M", "Budget note": f"{OWN_WORDS} costs more."}
    assert ines.submit(world.open("ines", "Budget"), money) is None
    maya.click(world.card("maya"), "Hand over")
    maya.submit(opened(maya), {"Which milestone": "Invoice Portal", "Who takes it over": slack_id("omar")})
    maya.close(opened(maya), whole_stack=True) if maya.top_view() else None
    world.settle()
    world.load(ASKED, command="answers")
    maya.shortcut(Shortcut.UPDATE)
    maya.close(opened(maya), whole_stack=True)
    world.arrive(DUE_DAY)


def _manager_publishes(world: World) -> None:
    petra = world.person("petra")
    petra.command("/compile-report help")
    petra.command("/compile-report biling")
    world.review()
    petra.click(opened(petra), "Nudge all")
    petra.click(opened(petra), "People and dates")
    petra.close(opened(petra))
    petra.click(opened(petra), "Read and edit")
    petra.close(opened(petra))
    petra.click(opened(petra), "Preview")
    petra.click(opened(petra), "Return to owner")
    petra.submit(opened(petra), {"Which updates": ["Data Migration · Jonas Weber"], "Comment": "Which are left?"})
    confirm = world.confirming(filled_review(petra))
    assert petra.submit(confirm) is None
    world.settle()
    world.publish("billing", **{"Status note": f"{OWN_WORDS} is late."})
    ada = world.person("ada")
    ada.command("/compile-report all")
    review = ada.wait_for(lambda: (v := ada.top_view()) and v.callback_id == "portfolio_review" and v, PATIENCE)
    confirm = ada.submit(review)
    assert confirm is not None
    ada.submit(confirm)
    world.settle()


def _leaders_answer_back(world: World) -> None:
    lena, petra = world.person("lena"), world.person("petra")
    post = world.posts()[0]
    for button in ("Full report", "Ask a question"):
        lena.click(post, button)
        lena.close(opened(lena))
    lena.click(post, "Acknowledge")
    lena.click(post, "Ask a question")
    lena.submit(opened(lena), {"Your question": f"Why is {OWN_WORDS} late?"})
    world.settle()
    petra.click(next(m for m in reversed(world.cards("petra")) if "asks about" in m.words), "Answer")
    petra.submit(opened(petra), {"Answer": "A certificate is missing."})
    world.settle()
    contract = next(m for m in world.thread() if "Extend the Zephyr contract" in m.words and "Approve" in m.words)
    lena.click(contract, "Approve")
    lena.submit(opened(lena), {"Which option": "By a year"})
    world.settle()


def _the_deadline_passes(world: World) -> None:
    world.arrive(AFTER)
    world.arrive(AFTER + timedelta(days=1))
    petra = world.person("petra")
    digest = next(m for m in reversed(world.cards("petra")) if "not answered" in m.words or "Nudge" in m.words)
    petra.click(digest, "Nudge", near='["network","2025-Q3","core-switch"]')


def _all_look_at_home(world: World) -> None:
    for name in ("maya", "petra", "lena", "henrik", "ada", "omar"):
        person, before = world.person(name), len(world.calls("views.publish"))
        person.open_home()
        person.wait_for(lambda before=before: len(world.calls("views.publish")) > before, PATIENCE)
    maya, ada = world.person("maya"), world.person("ada")
    for person, action in ((maya, Action.PAST_ANSWERS), (ada, Action.AUDIT_TRAIL), (ada, Action.NEW_PROJECT)):
        home = person.home()
        assert home is not None
        person.click(home, action)
        person.close(opened(person))
    maya.command("/compile-report hours")
    maya.close(opened(maya))


def _last_row(blocks: Sequence[Mapping[str, Any]]) -> str:
    return str([block["block_id"] for block in blocks if block["type"] == "actions"][-1])


def every(value: Any, kind: str) -> Iterator[Mapping[str, Any]]:
    """The parts of one type inside blocks."""
    if isinstance(value, Mapping):
        if value.get("type") == kind:
            yield value
        for part in value.values():
            yield from every(part, kind)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from every(part, kind)


def spoken(text: str) -> str:
    """A text without emoji and other signs: what is left in words and figures."""
    plain = re.sub(r":[a-z0-9_+-]+:", "", text)
    return "".join(c for c in plain if unicodedata.category(c) not in _SIGNS).strip(" *_·")


def _called(button: Mapping[str, Any]) -> str:
    return str(button.get("accessibility_label") or button["text"]["text"])


def test_the_play_reached_every_kind_of_screen(played: Played) -> None:
    assert {"milestone", "risks", "risk", "resources", "hand_over", "review", "confirm", "read_updates", "home",
            "return_to_owner", "manage", "portfolio_review", "full_report", "ask_question", "answer_question", "ruling",
            "past_answers", "hours", "audit_trail", "project_plan"} <= {view["callback_id"] for view in played.views}  # fmt: skip
    assert len(played.messages) > 40


def test_every_message_has_a_text_that_stands_alone(played: Played) -> None:
    for message in played.messages:
        text = str(message.get("text") or "")
        assert len(spoken(text)) > 15, message
        assert len(text) <= LONGEST_TEXT
        assert not text.rstrip().endswith((":", ",")), "what follows is in the blocks only"
        is_whisper = "user" in message or "channel" not in message
        assert is_whisper or "Q3 2025" in text or any(project in text for project in PROJECTS), text


def test_what_a_channel_s_notifications_say_names_no_money_and_no_owner_s_words(played: Played) -> None:
    in_channel = [m for m in played.messages if str(m.get("channel", "")).startswith("C") and "user" not in m]
    assert len(in_channel) > 10
    for message in in_channel:
        assert MONEY not in message["text"] and OWN_WORDS not in message["text"], message["text"]
    assert any(OWN_WORDS in words for m in in_channel for words in readable(m["blocks"])), "they are in the posts"


def test_every_picture_has_words(played: Played) -> None:
    pictures = [image for _, blocks in played.surfaces for image in every(blocks, "image")]
    assert all(spoken(image["alt_text"]) for image in pictures)
    charts = [upload for upload in played.uploads if upload["filename"].endswith(".png")]
    assert charts
    assert all(len(chart["alt_txt"]) > 40 for chart in charts)


def test_no_two_buttons_of_a_screen_are_called_the_same(played: Played) -> None:
    for name, blocks in played.surfaces:
        buttons = list(every(blocks, "button"))
        deeds = {(_called(button), button["action_id"], button.get("value")) for button in buttons}
        called = Counter(said for said, _, _ in deeds)
        assert [said for said, count in called.items() if count > 1] == [], name
        for button in buttons:
            label = button.get("accessibility_label")
            assert label is None or (spoken(label) and len(label) <= LONGEST_NAME), label
            assert spoken(button["text"]["text"]), button


def test_no_status_is_a_colour_or_a_sign_alone(played: Played) -> None:
    for name, blocks in played.surfaces:
        for text in readable(list(blocks)):
            assert spoken(text), (name, text)
            for found in re.finditer(f"[{_MARKS}]", text):
                after = text[found.end() :].lstrip(" *")
                assert re.match(rf"(?:\d+\*? )?\*?(?:{STATUSES})", after, re.IGNORECASE), (name, text)


def test_options_and_cells_say_in_words_what_a_sign_says(played: Played) -> None:
    for name, blocks in played.surfaces:
        options = [option for block in blocks for kind in ("static_select", "overflow") for e in every(block, kind)
                   for option in e.get("options", ())]  # fmt: skip
        for option in options:
            assert spoken(option["text"]["text"]) == option["text"]["text"].strip(" *_·"), (name, option["text"])
        for table in every(blocks, "table"):
            for cell in (cell for row in table["rows"] for cell in row):
                assert all(spoken(said) for said in readable(cell)), cell
