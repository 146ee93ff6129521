"""Who may do what: one table. What is a person's own (drafts, hours, reminders, offers made to them) needs no row in it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to a project, to one of its milestones, or to the company. One person can be several."""

    OWNER = "owner"  # of the milestone in question
    OTHER_OWNER = "other owner"  # of another milestone of the project
    BUDGET_OWNER = "budget owner"
    MANAGER = "manager"
    SPONSOR = "sponsor"
    ADMIN = "admin"
    COLLEAGUE = (
        "colleague"  # anybody of the workspace: who decides, who reads the channel, who has nothing to do with it
    )
    OUTSIDER = "outsider"  # of another workspace, in a shared channel


class Action(StrEnum):
    """What not everybody may do."""

    ANSWER_MILESTONE = "answer for a milestone"
    ANSWER_BUDGET = "answer for resources and budget"
    ANSWER_RISKS = "change a project's risks"
    ANSWER_QUESTION = "answer a reader's question"
    HAND_OVER = "hand a milestone over"
    MANAGE_PROJECT = "compile and publish its report, change its plan, decide who answers and by when"
    RUN_COMPANY = "report on all projects, create them, load files, stop and resume messages"


_MANAGERS = frozenset({Role.MANAGER, Role.ADMIN})

MAY: dict[Action, frozenset[Role]] = {
    Action.ANSWER_MILESTONE: _MANAGERS | {Role.OWNER},
    Action.ANSWER_BUDGET: _MANAGERS | {Role.BUDGET_OWNER},
    Action.ANSWER_RISKS: _MANAGERS | {Role.OWNER, Role.OTHER_OWNER, Role.BUDGET_OWNER},
    Action.ANSWER_QUESTION: _MANAGERS | {Role.OWNER, Role.OTHER_OWNER},
    Action.HAND_OVER: frozenset({Role.OWNER}),
    Action.MANAGE_PROJECT: _MANAGERS,
    Action.RUN_COMPANY: frozenset({Role.ADMIN}),
}


def may(roles: Iterable[Role], action: Action) -> bool:
    """Whether somebody with these roles may do something."""
    return not MAY[action].isdisjoint(roles)
