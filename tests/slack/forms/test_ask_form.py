"""The dialog for a reader's question: what it can be about."""

import pytest
from form_kit import filled, shown, the_words

from bot.flow.forms import AskForm
from bot.flow.messages import ItemRef
from bot.slack.forms import readers
from bot.slack.forms.fields import salt_of
from tests.builders import Q3


@pytest.mark.parametrize("number", [0, 98, 99, 149])
def test_every_milestone_of_a_long_plan_can_be_asked_about(number: int) -> None:
    milestones = tuple((f"m{n}", f"Milestone {n}") for n in range(150))
    form = AskForm(ItemRef("portal", Q3), "Customer Portal", "Q3 2025", milestones)
    view = shown(readers.build_ask(form, the_words()))
    offered = next(b["element"] for b in view["blocks"] if b.get("element", {}).get("type") == "static_select")
    values = [option["value"] for group in offered["option_groups"] for option in group["options"]]
    assert salt_of(f"m{number}") in values
    answer = filled(view, {"about": salt_of(f"m{number}"), "text": "Why?"})
    assert readers.read_ask(answer, form, the_words()) == (ItemRef("portal", Q3, f"m{number}"), "Why?")
