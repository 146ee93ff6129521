"""Rewording: the manager's words for the report in place of an owner's, for as long as the owner's stay as they were."""

from __future__ import annotations

from dataclasses import replace

from bot.domain.update import Given, MilestoneUpdate, QuarterAnswers, Wording, WordingEdit


def wording_of(update: MilestoneUpdate) -> Wording:
    """The words of an update."""
    return Wording(update.deliverables, update.impact, update.note)


def standing_edit(answers: QuarterAnswers, milestone: str) -> Given[WordingEdit] | None:
    """The edit that the report prints; None where there is none, or the owner has chosen other words since."""
    found = _edit(answers, milestone)
    return found if found and _words(answers, milestone) == found.value.original else None


def is_overtaken(answers: QuarterAnswers, milestone: str) -> bool:
    """Whether the owner's words have changed since they were edited, to something else than the manager's."""
    found = _edit(answers, milestone)
    if found is None:
        return False
    return _words(answers, milestone) not in (found.value.original, found.value.edited, None)


def reworded(update: MilestoneUpdate, edit: WordingEdit) -> MilestoneUpdate:
    """An update in the manager's words; its figures stay."""
    words = edit.edited
    return replace(update, deliverables=words.deliverables, impact=words.impact, note=words.note)


def _edit(answers: QuarterAnswers, milestone: str) -> Given[WordingEdit] | None:
    found = answers.wordings.get(milestone)
    return found if found and found.value.edited != found.value.original else None


def _words(answers: QuarterAnswers, milestone: str) -> Wording | None:
    given = answers.milestones.get(milestone)
    return wording_of(given.value) if given else None
