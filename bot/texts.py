"""Words for people, read from files: the only place that knows Jinja2.

A text is rendered strictly (a missing value is an error, not a blank) and sandboxed. Every value put into a text is
escaped once, here, by the flavour of the text: what a person typed can neither run a template nor change the markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from traceback import extract_tb
from typing import Any

from jinja2 import (
    ChoiceLoader,
    FileSystemLoader,
    StrictUndefined,
    TemplateError,
    TemplateSyntaxError,
    pass_eval_context,
)
from jinja2.filters import do_join, make_attrgetter
from jinja2.nodes import EvalContext
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

SAFE = Markup  # wrap a value in SAFE(...) when it is already in the markup of the text


def plain(text: str) -> str:
    """Values for plain text stay as they are."""
    return text


def mrkdwn(text: str) -> str:
    """Values for Slack's mrkdwn: the three characters that Slack reads as control characters, in Slack's order."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


class Texts:
    """Templates from folders, the first folder that has a file wins: a company's own before those that ship."""

    def __init__(
        self,
        folders: Sequence[Path],
        *,
        escape: Callable[[str], str] = plain,
        filters: Mapping[str, Callable[..., Any]] | None = None,
    ) -> None:
        self._folders = tuple(folders)
        self._environment = SandboxedEnvironment(
            loader=ChoiceLoader([FileSystemLoader(folder) for folder in folders]),
            # Autoescape is on so that macros and blocks know what is already markup; the escaping itself is `escape`,
            # because HTML's own would turn quotes into entities that Slack shows literally.
            autoescape=True,
            finalize=lambda value: value if isinstance(value, Markup) else Markup(escape(str(value))),  # noqa: S704 - this is the escaping
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters["join"] = _joining(escape)
        self._environment.filters.update(filters or {})

    def render(self, name: str, /, **values: object) -> str:
        """The text of one file with its values, without blank space around it.

        Raises jinja2.UndefinedError where the file asks for a value that was not given.
        """
        return str(self._environment.get_template(name).render(values)).strip()

    def problems(self) -> list[str]:
        """What no value could mend: a sentence for each file that cannot be read as a template, whatever it is used for."""
        found = []
        for path in sorted(file for folder in self._folders for file in folder.rglob("*.j2")):
            try:
                self._environment.parse(path.read_text(encoding="utf-8"), filename=str(path))
            except (TemplateError, UnicodeDecodeError) as error:
                found.append(trouble(error) or f"{path} is not UTF-8 text")
        return found

    def exists(self, name: str) -> bool:
        """Whether any folder has this file."""
        return any((folder / name).is_file() for folder in self._folders)

    def source(self, name: str) -> tuple[Path, str]:
        """A data file as it is, with its path; the first folder that has it wins."""
        return self.sources(name)[0]

    def sources(self, name: str) -> list[tuple[Path, str]]:
        """Every folder's data file of a name, the company's own before the shipped one."""
        paths = [folder / name for folder in self._folders if (folder / name).is_file()]
        return [(path, path.read_text(encoding="utf-8")) for path in paths]


def trouble(error: Exception) -> str | None:
    """What to tell whoever wrote a file of words that cannot be used: file, line, and what is wrong; None for other errors."""
    if not isinstance(error, TemplateError):
        return None
    if isinstance(error, TemplateSyntaxError):
        place = f"{error.filename or error.name}, line {error.lineno}"
    else:  # Jinja puts the template's own lines into the traceback
        lines = [f"{frame.filename}, line {frame.lineno}" for frame in extract_tb(error.__traceback__)]
        place = next((line for line in reversed(lines) if ".j2, line " in line), "A file of words")
    return f"{place} cannot be used: {error.message or type(error).__name__}"


def _joining(escape: Callable[[str], str]) -> Callable[..., str]:
    """Jinja's join. Where some values are markup already (a macro's), it would escape the others as HTML, not by our flavour."""

    @pass_eval_context
    def join(context: EvalContext, values: Iterable[object], between: str = "", attribute: str | None = None) -> str:
        given = values if attribute is None else map(make_attrgetter(context.environment, attribute), values)
        items = list(given)
        if any(isinstance(item, Markup) for item in items):
            items = [item if isinstance(item, Markup) else Markup(escape(str(item))) for item in items]  # noqa: S704 - this is the escaping
        joined: str = do_join(context, items, between)
        return joined

    return join


@cache
def shipped(kind: str) -> Path:
    """The folder of words that ships with the program: ``prompts`` or ``templates``."""
    package = Path(__file__).parent
    installed = package / "words" / kind
    return installed if installed.is_dir() else package.parent / kind
