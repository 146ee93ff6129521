"""The words of the Slack room: prompts for owners and managers, templates for what leaders read, and short labels."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from bot.texts import Texts, mrkdwn, plain


class Words:
    """Texts by where they are shown. A company's own folders come before those that ship."""

    def __init__(
        self,
        prompts: Sequence[Path],
        templates: Sequence[Path],
        filters: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self._prompts = Texts(prompts, escape=mrkdwn, filters=filters)
        self._plain_prompts = Texts(prompts, escape=plain, filters=filters)
        self._templates = Texts(templates, escape=mrkdwn, filters=filters)
        self._plain_templates = Texts(templates, escape=plain, filters=filters)

    def say(self, name: str, **values: object) -> str:
        """A text of ``prompts/`` as mrkdwn, its values escaped."""
        return self._prompts.render(name, **values)

    def say_plain(self, name: str, **values: object) -> str:
        """A text of ``prompts/`` for a plain_text place or a notification."""
        return self._plain_prompts.render(name, **values)

    def report(self, name: str, **values: object) -> str:
        """A text of ``templates/`` as mrkdwn, its values escaped."""
        return self._templates.render(name, **values)

    def report_plain(self, name: str, **values: object) -> str:
        """A text of ``templates/`` for a plain_text place or a notification."""
        return self._plain_templates.render(name, **values)

    def label(self, key: str) -> str:
        """A short label, such as a button's, from ``labels.yaml``: the company's own where it gives one."""
        return self._labels[key]

    def source(self, name: str) -> tuple[Path, str]:
        """A data file of ``prompts/`` as it is, with its path."""
        return self._prompts.source(name)

    def problems(self) -> list[str]:
        """A sentence for each file of words, of the bot's or the company's own, that cannot be read."""
        return [*self._prompts.problems(), *self._templates.problems()]

    @cached_property
    def _labels(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for _, text in reversed(self._prompts.sources("labels.yaml")):
            found |= {str(key): str(value) for key, value in (yaml.safe_load(text) or {}).items()}
        return found
