"""What a file says of the plan, before anything of it is stored."""

from __future__ import annotations

from dataclasses import dataclass

from bot.domain.project import Person, Portfolio, Project


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A portfolio file, or a file of milestones alone, which has no `portfolio`: it drops nothing and changes no setting.

    Persons are not stored yet (`id` 0).
    """

    portfolio: Portfolio | None
    people: tuple[Person, ...]
    projects: tuple[Project, ...]
