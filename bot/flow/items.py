"""Items: what somebody is asked for in a quarter, a milestone or the budget, found by its reference."""

from __future__ import annotations

from bot.domain.errors import NotFound
from bot.domain.project import Milestone, Project
from bot.flow.company import Company
from bot.flow.messages import ItemRef

RESOURCES = "Resources and budget"  # the item beside the milestones, by the field's standard term


def milestone_of(company: Company, ref: ItemRef) -> tuple[Project, Milestone]:
    """The milestone that an item is about, with its project. Raises NotFound where it is gone, or was dropped."""
    project = company.project(ref.project)
    milestone = project.milestone(ref.milestone)
    if milestone is None or milestone.dropped_on is not None:
        raise _gone(project)
    return project, milestone


def title_of(company: Company, ref: ItemRef) -> str:
    """What an item is called; a milestone that was dropped keeps its name. Raises NotFound where it is gone."""
    project = company.project(ref.project)
    milestone = project.milestone(ref.milestone)
    if ref.milestone and milestone is None:
        raise _gone(project)
    return milestone.name if milestone else RESOURCES


def item_values(company: Company, ref: ItemRef) -> dict[str, object]:
    """How a message names an item to a person. Raises NotFound as `title_of` does."""
    return {
        "project": company.project(ref.project).name,
        "milestone": title_of(company, ref),
        "quarter": company.label(ref.quarter),
    }


def _gone(project: Project) -> NotFound:
    return NotFound(f"This milestone is no longer part of {project.name}.")
