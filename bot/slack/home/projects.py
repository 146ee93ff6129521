"""The part of Home for those who manage projects: how each stands, what it still lacks, and what can be done about it."""

from __future__ import annotations

from collections.abc import Callable

from bot.flow.home.home import Home, List
from bot.flow.home.leader import LatestReport
from bot.flow.home.projects import HomeProject, MissingUpdate
from bot.flow.ports import Place
from bot.flow.setup.checklist import Checklist
from bot.locales import Locale
from bot.slack import campaign
from bot.slack.blocks import Block, actions, button, divider, section
from bot.slack.card import item_value
from bot.slack.home.pager import pager, span
from bot.slack.ids import Action
from bot.slack.voice import channel_link, direction, listed, marked, names_of, one_line
from bot.slack.words import Words
from bot.texts import SAFE

_MOST_NAMED = 4
_NAME = 60

IsMember = Callable[[str], bool]  # whether the bot is in a channel (its name or id), as far as Slack told
LinkTo = Callable[[Place], str]  # the address of a message; empty where it is not known


def build(home: Home, is_member: IsMember, link_to: LinkTo, words: Words) -> list[Block]:
    """The blocks of the part; none for those who manage nothing and can create nothing."""
    if not home.projects.total and home.company is None:
        return []
    head = words.say(
        "home/projects.j2",
        span=span(home.projects, words),
        is_admin=home.company is not None,
        is_empty=not home.projects.total,
    )
    blocks = [divider(), section(head)]
    if home.sending and home.company is None:
        blocks += campaign.standing(home.sending, words)
    for project in home.projects.items:
        text = _text(project, home, is_member, link_to, words)
        blocks += [section(text), _buttons(project, words)]
    return [*blocks, *pager(home.projects, List.PROJECTS, words, starts=home.project_starts)]


def report_line(report: LatestReport, home: Home, link_to: LinkTo, words: Words) -> str:
    """A published report in a line of mrkdwn: quarter, status and where it moved, and the way to its post."""
    moved = report.previous is not None and report.previous is not report.status
    return words.say(
        "home/report.j2",
        quarter=report.quarter_label,
        status=marked(report.status),
        arrow=direction(report.status, report.previous),
        before=report.previous.value if report.previous and moved else "",
        revision=report.revision,
        day=Locale(home.locale).date_short(home.day(report.published_at)),
        link=link_to(report.place) if report.place else "",
    )


def _text(project: HomeProject, home: Home, is_member: IsMember, link_to: LinkTo, words: Words) -> str:
    return words.say(
        "home/project.j2",
        title=one_line(project.name),
        quarter=project.quarter_label if project.ref.quarter != home.quarter else "",
        received=project.coverage.received,
        due=project.coverage.due,
        excused=len(project.coverage.excused),
        missing=listed([_missing(missing, words) for missing in project.missing], _MOST_NAMED),
        checks=project.checks,
        paused=one_line(project.paused_because) if project.paused_because is not None else None,
        report=SAFE(report_line(project.report, home, link_to, words)) if project.report else "",
        checklist=SAFE(_checklist(project.checklist, home, is_member, words)) if project.checklist else "",
    )


def _missing(missing: MissingUpdate, words: Words) -> str:
    return words.say_plain(
        "home/missing.j2",
        milestone=one_line(missing.milestone, _NAME),
        owner=one_line(missing.owner, _NAME),
        co_owners=names_of(missing.co_owners),
        stand_ins=names_of(missing.stand_ins),
    )


def _checklist(checklist: Checklist, home: Home, is_member: IsMember, words: Words) -> str:
    return words.say(
        "setup/checklist.j2",
        channel=channel_link(checklist.channel or ""),
        is_member=bool(checklist.channel) and is_member(checklist.channel or ""),
        milestones=checklist.milestones,
        without_account=listed([one_line(name, _NAME) for name in checklist.without_account], _MOST_NAMED),
        quarter=checklist.quarter,
        opens=Locale(home.locale).date_long(checklist.opens_on),
        has_opened=checklist.has_opened,
    )


def _buttons(project: HomeProject, words: Words) -> Block:
    """What can be done; each button says for a screen reader which project it is about."""
    item = item_value(project.ref)
    return actions(
        _button("compile", Action.COMPILE, item, project, words),
        _button("manage", Action.MANAGE, item, project, words),
        _button("edit-project", Action.EDIT_PROJECT, project.ref.project, project, words),
        _button("milestones", Action.MILESTONES, project.ref.project, project, words),
    )


def _button(name: str, action: Action, value: str, project: HomeProject, words: Words) -> Block:
    label = words.label(name)
    return button(label, action, value=value, label=f"{label}: {one_line(project.name, 50)}")
