"""Which layouts there are: the shipped ones, and those a company has put into its own templates folder."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from bot.domain.errors import NotFound

_ENDING = ".md.j2"


def layout_names(folders: Sequence[Path]) -> tuple[str, ...]:
    """The names that a report's layout can have, in alphabetical order."""
    return tuple(sorted(_files(folders)))


def layout_file(name: str, folders: Sequence[Path]) -> str:
    """A layout's file, relative to its folder; the first folder that has the layout wins.

    Raises NotFound, naming the nearest layout, where no folder has it.
    """
    files = _files(folders)
    if name in files:
        return files[name]
    nearest = get_close_matches(name, sorted(files), n=1, cutoff=0)
    hint = f' Did you mean "{nearest[0]}"?' if nearest else ""
    raise NotFound(f'There is no layout "{name}".{hint}')


def _files(folders: Sequence[Path]) -> dict[str, str]:
    """Layouts by name. A file counts at the top of a templates folder or in its ``layouts``."""
    found: dict[str, str] = {}
    for folder in folders:
        for path in (*folder.glob(f"*{_ENDING}"), *folder.glob(f"layouts/*{_ENDING}")):
            found.setdefault(path.name.removesuffix(_ENDING), path.relative_to(folder).as_posix())
    return found
