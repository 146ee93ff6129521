"""Who may do what: one table. What is a person's own (drafts, hours, reminders, offers made to them) needs no row in it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to a project, to one of its milestones, or to the company. One person can be several."""

    OWNER = "owner"  # of the milestone in question, the first one where there are several
    CO_OWNER = "co-owner"  # of the milestone in question
    OTHER_OWNER = "other owner"  # or co-owner, of another milestone of the project
    BUDGET_OWNER = "budget owner"
    DEPUTY = "deputy"  # was asked for the item in question, since its owner is away
    STAND_IN = "stand-in"  # was asked by the owner to answer the item in question once
    OTHER_STAND_IN = "other stand-in"  # deputy or stand-in for another item of the project
    MANAGER = "manager"
    SPONSOR = "sponsor"
    DECIDER = "decider"  # whom the decision in question names
    ADMIN = "admin"
    COLLEAGUE = "colleague"  # anybody of the workspace: who reads the channel, who has nothing to do with it
    OUTSIDER = "outsider"  # of another workspace, in a shared channel


class Action(StrEnum):
    """What not everybody may do."""

    ANSWER_MILESTONE = "answer for a milestone"
    ANSWER_BUDGET = "answer for resources and budget"
    ANSWER_RISKS = "change a project's risks"
    ANSWER_QUESTION = "answer a reader's question"
    DECIDE = "take a decision that a report asks for"
    HAND_OVER = "hand a milestone over"
    LEND_MILESTONE = "let a colleague answer for a milestone"
    LEND_BUDGET = "let a colleague answer for resources and budget"
    MANAGE_PROJECT = "compile and publish its report, change its plan, decide who answers and by when"
    RUN_COMPANY = "report on all projects, create them, load files, stop and resume messages"


_MANAGERS = frozenset({Role.MANAGER, Role.ADMIN})
_OWNERS = frozenset({Role.OWNER, Role.CO_OWNER})
_STAND_INS = frozenset({Role.DEPUTY, Role.STAND_IN})

MAY: dict[Action, frozenset[Role]] = {
    Action.ANSWER_MILESTONE: _MANAGERS | _OWNERS | _STAND_INS,
    Action.ANSWER_BUDGET: _MANAGERS | _STAND_INS | {Role.BUDGET_OWNER},
    # Whoever answers for an item can add a risk from its dialog.
    Action.ANSWER_RISKS: _MANAGERS | _OWNERS | _STAND_INS | {Role.OTHER_OWNER, Role.BUDGET_OWNER, Role.OTHER_STAND_IN},
    Action.ANSWER_QUESTION: _MANAGERS | _OWNERS | {Role.OTHER_OWNER},
    Action.DECIDE: frozenset({Role.DECIDER, Role.SPONSOR, Role.ADMIN}),
    Action.HAND_OVER: frozenset({Role.OWNER}),
    Action.LEND_MILESTONE: _OWNERS,
    Action.LEND_BUDGET: frozenset({Role.BUDGET_OWNER}),
    Action.MANAGE_PROJECT: _MANAGERS,
    Action.RUN_COMPANY: frozenset({Role.ADMIN}),
}


def may(roles: Iterable[Role], action: Action) -> bool:
    """Whether somebody with these roles may do something."""
    return not MAY[action].isdisjoint(roles)
