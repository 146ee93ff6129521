"""What a file says of the plan, before anything of it is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.domain.project import Person, Portfolio, Project


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A portfolio file, or a file of milestones alone, which has no `portfolio`: it drops nothing and changes no setting.

    Persons are not stored yet (`id` 0). `unmanaged` are the keys of the projects for which the file has no
    manager, nor the company an admin, each with a line that says so.
    """

    portfolio: Portfolio | None
    people: tuple[Person, ...]
    projects: tuple[Project, ...]
    unmanaged: Mapping[str, str] = field(default_factory=dict)
