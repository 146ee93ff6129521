"""A company of any size for the tests of faults: owners with a milestone each, some of them a project."""

from __future__ import annotations

from collections.abc import Sequence

from bot.sandbox.people import SlackChannel, SlackPerson
from tests.journeys.world import LEADERSHIP, accounts

MANAGER, LEADER = "petra", "lena"
_HEAD = """\
company: Example Networks
timezone: America/New_York
country: US
leadership_channel: '#leadership'
projects:
"""


def owner_names(count: int) -> list[str]:
    """So many owners."""
    return [f"owner{number:04d}" for number in range(count)]


def project_keys(count: int) -> list[str]:
    """So many projects."""
    return [f"project{number:02d}" for number in range(count)]


def owners_of(project: str, owners: Sequence[str], projects: Sequence[str]) -> Sequence[str]:
    """The owners of one project's milestones; each milestone's key is its owner's name."""
    return owners[projects.index(project) :: len(projects)]


def portfolio(owners: Sequence[str], projects: Sequence[str]) -> str:
    """The company as a file."""
    return _HEAD + "".join(_project(project, owners_of(project, owners, projects)) for project in projects)


def _project(project: str, owners: Sequence[str]) -> str:
    head = f"  - key: {project}\n    name: {project.title()}\n    manager: {MANAGER}@example.com\n    milestones:\n"
    line = "      - {{key: {0}, name: Part of {0}, owner: {0}@example.com, baseline: 2025-12-01}}\n"
    return head + "".join(line.format(owner) for owner in owners)


def people(owners: Sequence[str]) -> list[SlackPerson]:
    """Everybody as Slack knows them."""
    return accounts((MANAGER, LEADER, *owners))


def leadership() -> SlackChannel:
    """The channel that the reports go to."""
    return SlackChannel(LEADERSHIP, "leadership", members=["U0PETRA", "U0LENA"])
