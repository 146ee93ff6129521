"""What people are told when the database cannot take their answer, and that it can be sent again."""

from __future__ import annotations

import time
from collections.abc import Mapping

from bot.sandbox.seen import SeenView
from tests.faults.workplace import Workplace

SAID = {"Percent complete": "30", "Status": "On track"}


def filled_in(place: Workplace, name: str, said: Mapping[str, str] = SAID) -> SeenView:
    """Somebody's update, filled in and not sent yet."""
    person = place.person(name)
    person.click(person.wait_for(person.last_dm, 20), "Update")
    view = person.top_view()
    assert view is not None
    return person.fill(view, said)


def assert_told_and_nothing_lost(place: Workplace, name: str, view: SeenView) -> None:
    """The person hears within Slack's three seconds that nothing was saved, and the dialog is still there."""
    began = time.monotonic()
    told = place.person(name).submit(view)
    assert time.monotonic() - began < 3
    assert told is not None
    assert "nothing was saved" in told.words, (told.words, place.person(name).notice())
    place.person(name).close(told)
    assert place.person(name).top_view() is not None
