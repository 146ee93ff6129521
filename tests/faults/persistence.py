"""What people do when Slack says that the app did not answer: they try again, until it is accepted."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from bot.sandbox.actor import Actor
from bot.sandbox.reach import RefusedError
from bot.sandbox.seen import SeenMessage, SeenView
from tests.scale import scaled

PATIENCE = scaled(120.0, 900.0)  # seconds of real time until a person gives up
_BREATH = 0.2  # seconds between two tries


def answer(person: Actor, percent: int) -> None:
    """Answer for one's milestone; returns when the bot has accepted."""
    person.wait_for(person.last_dm, PATIENCE)
    until(person, lambda: _filled_in(person, {"Percent complete": str(percent), "Status": "On track"}))


def look(person: Actor, percent: int) -> None:
    """Open one's update, type, and leave it unsent; returns when it is closed."""
    person.wait_for(person.last_dm, PATIENCE)
    until(person, lambda: _looked(person, {"Percent complete": str(percent), "Status": "At risk"}))


def publish(person: Actor, project: str) -> None:
    """Compile, review, publish and confirm; returns when the bot has accepted."""
    until(person, lambda: _published(person, project))


def settle(person: Actor, message: SeenMessage, link: str | None) -> None:
    """Say what became of a message that Slack did not confirm: it is there, behind this link, or is to be posted again."""
    until(person, lambda: _settled(person, message, link))


def until(person: Actor, accepted: Callable[[], bool]) -> None:
    """Do something again and again until it is accepted."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            if accepted():
                return
        except (RefusedError, LookupError):
            pass  # the view or the message has changed under the click
        assert time.monotonic() < deadline, f"{person.id} gave up: {person.notice()}, {person.top_view()}"
        time.sleep(_BREATH)


def _filled_in(person: Actor, said: Mapping[str, Any]) -> bool:
    view = _front(person, "milestone")
    if view is None:
        person.click(_last_card(person), "Update")
        view = _front(person, "milestone")
    if view is None:
        return False
    lacking = {
        name: value for name, value in said.items() if view.value(name) != value
    }  # what stands there is sent again
    return person.submit(view, lacking) is None


def _looked(person: Actor, typed: Mapping[str, Any]) -> bool:
    person.click(_last_card(person), "Update")
    view = _front(person, "milestone")
    if view is not None:
        person.close(person.fill(view, typed))
    return view is not None


def _last_card(person: Actor) -> SeenMessage:
    """The latest message that asks; a word that only this person sees and that goes away is none."""
    return [message for message in person.messages() if not message.ephemeral][-1]


def _published(person: Actor, project: str) -> bool:
    if view := _front(person, "confirm"):
        return person.submit(view) is None
    if view := _front(person, "review"):
        person.submit(view)
    elif _front(person, "loading") is None:
        person.command(f"/compile-report {project}")
    return False


def _settled(person: Actor, message: SeenMessage, link: str | None) -> bool:
    if person.top_view() and "settled already" in person.top_view().words:
        person.close(person.top_view(), whole_stack=True)
        return True
    if link is None:
        person.click(message, "Post it again")
        return person.notice() is None and person.top_view() is None
    view = _front(person, "post_link")
    if view is None:
        person.click(message, "It is there")
        view = _front(person, "post_link")
    return view is not None and person.submit(view, {"Link to the post": link}) is None


def _front(person: Actor, kind: str) -> SeenView | None:
    """The dialog in front, if it is of a kind; a word about a failure that lies on it is closed."""
    view = person.top_view()
    while view is not None and view.callback_id == "message":
        person.close(view)
        view = person.top_view()
    return view if view is not None and view.callback_id == kind else None
