"""What is installed is what was locked: exact versions with fingerprints, under licences that a company can live with.

Whether a locked version has a known vulnerability is not asked here: that needs a database on the internet (`pip-audit -r
deploy/requirements.lock` does it).
"""

from __future__ import annotations

import re
import tomllib
from importlib import metadata
from itertools import chain
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-dev.lock")
PINNED = re.compile(r"(?P<name>[a-z0-9._-]+)==(?P<version>[0-9][0-9a-z.+!]*)(?: ; (?P<marker>.+))?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")

PERMISSIVE = {"MIT", "BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "ISC"}
WEAK_COPYLEFT = {"MPL-2.0"}  # of files, not of programs that use them; development tools only
CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


def entries(lock: str) -> list[list[str]]:
    """Each package of a lock, as its line and its fingerprints."""
    text = (ROOT / "deploy" / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    return [re.split(r"\s+(?=--hash)", line.strip()) for line in text.splitlines() if line.strip()]


def names(lock: str) -> set[str]:
    """The packages of a lock that this machine needs."""
    found = set()
    for line, *_ in entries(lock):
        pinned = Requirement(line)
        if pinned.marker is None or pinned.marker.evaluate():
            found.add(canonicalize_name(pinned.name))
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_one_version_with_its_fingerprints(lock: str) -> None:
    assert len(entries(lock)) > 20
    for line, *hashes in entries(lock):
        assert PINNED.fullmatch(line), line
        assert hashes and all(map(HASH.fullmatch, hashes)), line


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_holds_what_the_project_asks_for(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"]
    asked = [*map(Requirement, (*project["dependencies"], *chain.from_iterable(extras.values())))]
    versions = {
        canonicalize_name(p.name): next(iter(p.specifier)).version for p in (Requirement(e[0]) for e in entries(lock))
    }
    assert [
        str(wanted) for wanted in asked if versions.get(canonicalize_name(wanted.name)) not in wanted.specifier
    ] == []


@pytest.mark.parametrize("name", sorted(names(LOCKS[0])))
def test_what_a_bot_runs_with_has_a_permissive_licence(name: str) -> None:
    """The driver of PostgreSQL alone is under the LGPL, which asks nothing of a program that only imports it."""
    allowed = PERMISSIVE | {"LGPL-3.0-only"} if name.startswith("psycopg") else PERMISSIVE
    assert licences(name) and licences(name) <= allowed


@pytest.mark.parametrize("name", sorted(names(LOCKS[1]) - names(LOCKS[0])))
def test_what_it_is_developed_with_has_a_licence_that_binds_only_itself(name: str) -> None:
    assert licences(name) and licences(name) <= PERMISSIVE | WEAK_COPYLEFT


def licences(name: str) -> set[str]:
    """The licences that an installed package names, as SPDX does."""
    told = metadata.metadata(name)
    if expression := told.get("License-Expression"):
        return set(re.findall(r"[A-Za-z][\w.-]+", expression)) - {"AND", "OR"}
    classifiers = [c.split(" :: ")[-1] for c in told.get_all("Classifier") or [] if c.startswith("License")]
    named = classifiers or [told.get("License") or ""]
    return {CLASSIFIERS.get(name, name) for name in named} - {"DFSG approved", ""}
