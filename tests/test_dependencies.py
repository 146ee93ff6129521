"""The audit of dependencies finds what is wrong with a lock, a licence, a review, or what is known of a package."""

from __future__ import annotations

import importlib.util
import json
import sys
import tomllib
from email.message import Message
from itertools import chain
from pathlib import Path
from types import ModuleType

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
HASH = f"--hash=sha256:{'0' * 64}"
REVIEW = "package,newest_release,reviewed,note\n"


def load() -> ModuleType:
    """The audit as `make check` runs it."""
    spec = importlib.util.spec_from_file_location("audit", ROOT / ".ci" / "audit.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules["audit"] = module  # where its dataclass looks for its own names
    spec.loader.exec_module(module)
    return module


audit = load()


def test_what_is_locked_here_has_nothing_against_it() -> None:
    assert list(audit.offline()) == []


@pytest.mark.parametrize("lock", audit.LOCKS)
def test_the_lock_holds_what_the_project_asks_for(lock: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = [*map(Requirement, chain(project["dependencies"], *project["optional-dependencies"].values()))]
    lines = [Requirement(line) for line, *_ in audit.entries((ROOT / "deploy" / lock).read_text(encoding="utf-8"))]
    versions = {canonicalize_name(line.name): next(iter(line.specifier)).version for line in lines}
    assert len(versions) > 20
    assert [
        str(wanted) for wanted in asked if versions.get(canonicalize_name(wanted.name)) not in wanted.specifier
    ] == []


@pytest.mark.parametrize(
    "line",
    [
        "jinja2==3.1.6",
        f"jinja2>=3.1.6 {HASH}",
        f"jinja2 {HASH}",
        f"jinja2==3.* {HASH}",
        f"jinja2 @ https://example.com/jinja2.whl {HASH}",
        "jinja2==3.1.6 --hash=sha256:12",
        f"jinja2==3.1.6 {HASH} --hash=md5:00",
    ],
)
def test_a_line_that_is_not_one_version_with_its_fingerprints_is_named(line: str) -> None:
    good = f"babel==2.18.0 ; sys_platform == 'win32' \\\n    {HASH}\n"
    assert list(audit.lock_problems(good)) == []
    [problem] = audit.lock_problems(good + line)
    assert "jinja2" in problem


def test_a_licence_that_is_not_agreed_on_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(audit.licence_problems(["jinja2", "hypothesis"], audit._OF_TOOLS)) == []
    assert list(audit.licence_problems(["hypothesis"], audit._PERMISSIVE)) == [
        "hypothesis is under MPL-2.0, which is not agreed on"
    ]
    monkeypatch.setattr(audit.metadata, "metadata", lambda _: Message())
    assert list(audit.licence_problems(["jinja2"], audit._PERMISSIVE)) == [
        "jinja2 is under no licence, which is not agreed on"
    ]


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ("", "jinja2 was not reviewed"),
        ("jinja2,2026-10,2026-11-21,\nsix,2026-10,2026-11-21,\n", "six is in deploy/dependencies.csv and in no lock"),
        ("jinja2,2024-10,2026-11-21,\n", "jinja2 had no release for 24 months"),
    ],
)
def test_a_review_that_lacks_something_is_named(rows: str, problem: str) -> None:
    [found] = audit.review_problems(audit.read_review(REVIEW + rows), {"jinja2"})
    assert found.startswith(problem)


@pytest.mark.parametrize("row", ["jinja2,2024-11,2026-11-21,", "jinja2,2020-01,2026-11-21,finished"])
def test_a_package_that_is_alive_or_kept_for_a_reason_passes(row: str) -> None:
    assert list(audit.review_problems(audit.read_review(REVIEW + row), {"jinja2"})) == []


def test_a_review_holds_for_a_year() -> None:
    rows = audit.read_review(f"{REVIEW}jinja2,2026-10,2026-11-21,")
    assert audit.stale(rows, audit.date(2027, 11, 22)) == []
    assert audit.stale(rows, audit.date(2027, 11, 23)) == ["jinja2"]


def test_known_flaws_are_named_with_the_version_that_mends_them(capsys: pytest.CaptureFixture[str]) -> None:
    flaw = {"id": "PYSEC-2026-1", "fix_versions": ["3.1.7"]}
    told = [
        {"name": "jinja2", "version": "3.1.6", "vulns": [flaw]},
        {"name": "babel", "version": "2.18.0", "vulns": []},
    ]
    assert list(audit.vulnerabilities(json.dumps({"dependencies": told}))) == [
        "jinja2 3.1.6 has PYSEC-2026-1, mended in 3.1.7"
    ]
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("told", ["", "Traceback", "{}"])
def test_a_database_that_cannot_be_asked_is_said_to_be_so_and_fails_nothing(
    told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert list(audit.vulnerabilities(told)) == []
    assert "could not be asked. Nothing is known of any package" in capsys.readouterr().err


def test_packages_of_which_nothing_is_known_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    told = [{"name": "jinja2", "skip_reason": "not found"}, {"name": "babel", "version": "2.18.0", "vulns": []}]
    assert list(audit.vulnerabilities(json.dumps({"dependencies": told}))) == []
    assert "knows nothing of 1 of 2 packages: jinja2" in capsys.readouterr().err


def test_a_version_that_was_withdrawn_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    yanked = "WARNING: The candidate selected for download or install is a yanked version: 'jinja2' candidate"
    assert list(audit.withdrawals(f"Collecting\n{yanked}\n")) == [yanked]
    assert list(audit.withdrawals("ERROR: No matching distribution found for jinja2==9\n")) != []
    assert list(audit.withdrawals("WARNING: Retrying (Retry(total=4))\nERROR: No matching distribution\n")) == []
    assert "The package index could not be asked" in capsys.readouterr().err
