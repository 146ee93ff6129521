"""What a process has heard: histories remembered from one look to the next, since answers are only ever added."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from bot.domain.quarter import Quarter
from bot.domain.update import Answer, Given, QuarterAnswers, Remark
from bot.store import answers
from bot.store.answers import History
from bot.store.replay import standing

_MOST = 10_000  # answers that are remembered at a time, some 20 MB: of the projects that were looked at last

_LOOKED = "projects-looked-at"


@dataclass(frozen=True, slots=True)
class _Version:
    """One version of one item; `given` is what it says, None for a manager's choice about a late answer."""

    kind: str
    item_key: str
    version: int
    body: Mapping[str, Any]
    given: Given[Answer | Remark] | None


@dataclass(frozen=True, slots=True)
class _Project:
    """All that was said about a project up to its answer with the number `newest`."""

    newest: int = 0
    said: Mapping[Quarter, Sequence[_Version]] = field(default_factory=dict)
    history: History = field(default_factory=dict)

    def __len__(self) -> int:
        return sum(map(len, self.said.values()))

    def hearing(self, rows: Sequence[Row[Any]]) -> _Project:
        """The same with what was said since; only the quarters of which something is new are worked out again."""
        new: dict[Quarter, list[_Version]] = {}
        for row in rows:
            version = _Version(row.kind, row.item_key, row.version, row.body, answers.given_in(row))
            new.setdefault(Quarter.parse(row.quarter), []).append(version)
        said = {quarter: (*self.said.get(quarter, ()), *versions) for quarter, versions in new.items()}
        history = self.history | {quarter: _standing(versions) for quarter, versions in said.items()}
        return _Project(rows[-1].id, {**self.said, **said}, {quarter: history[quarter] for quarter in sorted(history)})


class Heard:
    """Remembers what stands of each project's answers, with those that were left out of a report.

    It is for one company as it stood: what changes answers without adding any, such as forgetting a person, changes that
    company too. A look may tell of more than its transaction sees, never of less.
    """

    def __init__(self, most: int = _MOST) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._projects: OrderedDict[str, _Project] = OrderedDict()

    def history(self, session: Session, project: str, until: Quarter) -> History:
        """Everything said about a project, quarter by quarter up to one."""
        return self.histories(session, [project], until)[project]

    def histories(self, session: Session, projects: Collection[str], until: Quarter) -> dict[str, History]:
        """The same of some projects.

        One statement a transaction, for what was not heard yet: a second look finds nothing new, unless of its own.
        """
        looked = session.info.setdefault(_LOOKED, set())
        with self._guard:
            known = {project: self._projects.get(project) for project in projects}
        is_open = answers.may_be_taken_back(session)
        unheard = [key for key, project in known.items() if project is None or is_open or key not in looked]
        heard = self._listen(session, {key: known[key] or _Project() for key in unheard})
        looked.update(unheard)
        told = {project: (heard.get(project) or known[project] or _Project()).history for project in projects}
        return {key: {quarter: said for quarter, said in of.items() if quarter <= until} for key, of in told.items()}

    def _listen(self, session: Session, known: Mapping[str, _Project]) -> dict[str, _Project]:
        """Some projects with what was said since each was looked at last."""
        after = min((project.newest for project in known.values()), default=None)
        new: dict[str, list[Row[Any]]] = {}
        for row in [] if after is None else answers.said_after(session, known.keys(), after):
            if row.id > known[row.project].newest:
                new.setdefault(row.project, []).append(row)
        heard = {key: project.hearing(new[key]) if key in new else project for key, project in known.items()}
        if not answers.may_be_taken_back(session):
            self._remember(heard, has_grown=bool(new))
        return heard

    def _remember(self, heard: Mapping[str, _Project], *, has_grown: bool) -> None:
        with self._guard:
            for key, project in heard.items():
                self._projects[key] = project
                self._projects.move_to_end(key)
            while has_grown and sum(map(len, self._projects.values())) > self._most:
                self._projects.popitem(last=False)


def _standing(said: Sequence[_Version]) -> QuarterAnswers:
    found = standing(said, with_left=True)
    return answers.quarter_answers({item: version.given for item, version in found.items() if version.given})
