"""Slack's account of a person: by id, e-mail or unique name, never by a guess."""

import pytest

from bot.domain.directory import Directory, DirectoryEntry
from bot.domain.project import Person
from bot.slack.accounts import entry_of_user

DIRECTORY = [
    DirectoryEntry("U1", "alice", "Alice A.", "alice@example.com"),
    DirectoryEntry("U2", "bob", "Bob", "bob@example.com", is_reachable=False),
    DirectoryEntry("U3", "sam.one", "Sam", None),
    DirectoryEntry("U4", "sam.two", "Sam", None),
    DirectoryEntry("U5", "dana", "sam.one", None),
]


@pytest.mark.parametrize(
    ("person", "slack_id", "problem"),
    [
        (Person("U1", "U1", slack_id="U1"), "U1", None),
        (Person("ALICE@example.com", "ALICE@example.com", email="ALICE@example.com"), "U1", None),
        (Person("@alice", "@alice", handle="@alice"), "U1", None),
        (Person("x@example.com", "Alice A.", email="x@example.com"), "U1", None),
        (Person("@sam.one", "@sam.one", handle="@sam.one"), "U3", None),  # a handle before a display name
        (Person("U2", "U2", slack_id="U2"), "U2", "unreachable"),
        (Person("@Sam", "@Sam", handle="@Sam"), None, "several"),
        (Person("nobody@example.com", "nobody@example.com", email="nobody@example.com"), None, "not-found"),
        # An id that is not there is not replaced by somebody of the same name.
        (Person("U9", "Alice A.", slack_id="U9", email="alice@example.com"), None, "not-found"),
        (Person("@alic", "@alic", handle="@alic"), None, "not-found"),
    ],
)
def test_a_person_is_matched_exactly_or_not_at_all(person: Person, slack_id: str | None, problem: str | None) -> None:
    match = Directory(DIRECTORY).match(person)
    assert (match.entry.slack_id if match.entry else None, match.problem) == (slack_id, problem)


@pytest.mark.parametrize(
    ("told", "is_reachable"),
    [
        ({}, True),
        ({"team_id": "T1"}, True),
        ({"is_restricted": True, "team_id": "T1"}, True),  # a guest works here
        ({"is_bot": True}, False),
        ({"id": "USLACKBOT"}, False),  # for which Slack says is_bot=false
        ({"deleted": True}, False),
        ({"is_stranger": True}, False),
        ({"team_id": "T2"}, False),  # of another company, in a shared channel
        ({"is_stranger": False, "team_id": "T2"}, False),
        ({"team_id": "T2", "enterprise_user": {"teams": ["T1", "T2"]}}, True),  # another workspace of our own company
    ],
)
def test_whom_messages_can_reach(told: dict[str, object], is_reachable: bool) -> None:
    """A user object as Slack's reference describes it, T1 being our own workspace."""
    entry = entry_of_user({"id": "U1", "name": "alice", **told}, "T1")
    assert entry is not None
    assert entry.is_reachable is is_reachable
