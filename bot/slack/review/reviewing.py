"""The review as its listeners find it: whose it is, what stands in its fields, and how it is drawn again."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bot.domain.project import Project
from bot.domain.quarter import Quarter
from bot.flow.compile import review as review_flow
from bot.flow.forms import ReviewForm
from bot.flow.people import require_manager
from bot.slack.blocks import metadata_of
from bot.slack.card import item_of
from bot.slack.desk import Desk, Payload, Visit
from bot.slack.forms import summary
from bot.slack.review import review


class Reviews:
    """The reviews that managers have open."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def form(self, visit: Visit, project: Project, quarter: Quarter) -> ReviewForm:
        """The review as it stands now. Raises NotAllowed for all but the project's manager and admins."""
        require_manager(visit.company, visit.person, project)
        return review_flow.review_form(
            visit.session, visit.company, project, quarter, self._desk.documents, visit.moment
        )

    def view(
        self, visit: Visit, project: Project, quarter: Quarter, *, saved: str | None = None, sent: str | None = None
    ) -> dict[str, Any]:
        """The review drawn again; `saved` says at its top, `sent` beside its last buttons, what was just done."""
        form = replace(self.form(visit, project, quarter), saved=saved, sent=sent)
        return review.build(form, self._desk.words, summary.fields_of(form, self._desk.words, self._desk.questions))

    def save(
        self, visit: Visit, view: Payload, project: Project, quarter: Quarter, *, key: str, is_final: bool = False
    ) -> dict[str, str]:
        """Keep the manager's words; returns what is wrong with them, by block, and then nothing was kept.

        Until they are `is_final`, required answers may lack.
        """
        form = self.form(visit, project, quarter)
        said, problems = summary.read(view, form, self._desk.words, self._desk.questions, is_final=is_final)
        if not problems:
            review_flow.save_summary(
                visit.session,
                visit.company,
                visit.person,
                project,
                quarter,
                said,
                self._desk.documents,
                key=key,
                moment=visit.moment,
            )
        return problems


def place_of(visit: Visit, view: Payload) -> tuple[Project, Quarter]:
    """The project and quarter that a view of the review is about."""
    metadata = metadata_of(view)
    return visit.company.project(metadata["project"]), Quarter.parse(metadata["quarter"])


def place_in(visit: Visit, value: str) -> tuple[Project, Quarter]:
    """The project and quarter in a button's value."""
    ref = item_of(value)
    return visit.company.project(ref.project), ref.quarter
