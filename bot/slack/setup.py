"""The part of Home in which the plan is set up: what a new project still lacks, and the buttons that change projects."""

from __future__ import annotations

from collections.abc import Callable

from bot.flow.checklist import Checklist, PlannedProject, PlanSection
from bot.locales import Locale
from bot.slack.blocks import Block, actions, button, context, divider, header, option, section, select
from bot.slack.ids import Action
from bot.slack.voice import channel_link, listed, one_line
from bot.slack.words import Words

_MOST_NAMED = 5
_MOST_OPTIONS = 100  # Slack

IsMember = Callable[[str], bool]  # whether the bot is in a channel (its name or id), as far as Slack told


def build(plan: PlanSection | None, is_member: IsMember, words: Words) -> list[Block]:
    """The blocks of the section; none for those who can set nothing up."""
    if plan is None:
        return []
    blocks = [divider(), section(words.say("setup/head.j2", may_create=plan.may_create))]
    if plan.may_create:
        blocks.append(actions(button(words.label("new-project"), Action.NEW_PROJECT)))
    for project in plan.shown:
        blocks += _project(project, plan, is_member, words)
    return [*blocks, *_others(plan, words)]


def first_run(slack_id: str, words: Words) -> Block:
    """The Home of everybody before a portfolio has been loaded."""
    head = header(words.say_plain("setup/first-run-title.j2"))
    paragraphs = words.say("setup/first-run.j2", slack_id=slack_id).split("\n\n")
    return {"type": "home", "blocks": [head, *(section(text) | {"expand": True} for text in paragraphs)]}


def _project(project: PlannedProject, plan: PlanSection, is_member: IsMember, words: Words) -> list[Block]:
    if project.checklist:
        text = _checklist(project, project.checklist, plan, is_member, words)
    else:
        text = words.say("setup/project.j2", title=one_line(project.name))
    return [section(text), actions(*(_button(name, project, words) for name in _BUTTONS))]


_BUTTONS = {"edit-project": Action.EDIT_PROJECT, "milestones": Action.MILESTONES}


def _button(name: str, project: PlannedProject, words: Words) -> Block:
    """A button that says for a screen reader which project it is about."""
    label = words.label(name)
    return button(label, _BUTTONS[name], value=project.key, label=f"{label}: {one_line(project.name, 50)}")


def _checklist(
    project: PlannedProject, checklist: Checklist, plan: PlanSection, is_member: IsMember, words: Words
) -> str:
    opens = checklist.opens_at.astimezone(plan.zone)
    return words.say(
        "setup/checklist.j2",
        title=one_line(project.name),
        channel=channel_link(checklist.channel or ""),
        is_member=bool(checklist.channel) and is_member(checklist.channel or ""),
        milestones=checklist.milestones,
        without_account=listed([one_line(name, 60) for name in checklist.without_account], _MOST_NAMED),
        quarter=checklist.quarter,
        opens=Locale(plan.locale).date_long(opens.date()),
        has_opened=checklist.has_opened,
    )


def _others(plan: PlanSection, words: Words) -> list[Block]:
    """The projects without buttons of their own, in a menu."""
    if not plan.others:
        return []
    choices = [option(one_line(project.name), project.key) for project in plan.others[:_MOST_OPTIONS]]
    blocks = [actions(select(Action.MILESTONES, choices, placeholder=words.label("other-projects")))]
    unlisted = len(plan.others) - len(choices)
    return [*blocks, context(words.say("setup/unlisted.j2", count=unlisted))] if unlisted else blocks
