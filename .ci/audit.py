"""The audit of what Quarterdeck is installed with.

    python .ci/audit.py             what can be told without a network; `make check` runs it
    python .ci/audit.py --online    also asks the package index and the database of vulnerabilities; `make audit` runs it

Exit status 1: something is to be mended. A service that cannot be asked is said to be so, and fails nothing.
"""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from importlib import metadata
from itertools import chain
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

DEPLOY = Path(__file__).parents[1] / "deploy"
LOCKS = ("requirements.lock", "requirements-dev.lock")
REVIEW = "dependencies.csv"
PIP_AUDIT = "pip-audit==2.10.1"

_PINNED = re.compile(r"[a-z0-9._-]+==[0-9][0-9a-z.+!]*(?: ; .+)?")
_HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
_QUIET = 24  # months without a release, after which a note has to say why a package is kept
_REVIEW_HOLDS = 366  # days

_PERMISSIVE = {"MIT", "MIT-0", "BSD", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "PSF-2.0", "ISC", "0BSD"}
_OF_TOOLS = _PERMISSIVE | {"MPL-2.0"}  # of files, not of programs that use them
_OF_DRIVER = _PERMISSIVE | {"LGPL-3.0-only"}  # asks nothing of a program that only imports it
_CLASSIFIERS = {
    "MIT License": "MIT",
    "BSD License": "BSD",
    "Apache Software License": "Apache-2.0",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
}


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What was found when a package was looked at: the month of its project's newest release, and why it is kept."""

    package: str
    newest_release: date
    reviewed: date
    note: str


def entries(lock: str) -> list[list[str]]:
    """Each package of a lock, as its line and its fingerprints."""
    joined = lock.replace("\\\n", " ")
    return [re.split(r"\s+(?=--hash)", line.strip()) for line in joined.splitlines() if line.strip()]


def packages(lock: str) -> set[str]:
    """The names of a lock."""
    return {canonicalize_name(re.split(r"[=<> ;]", line)[0]) for line, *_ in entries(lock)}


def needed_here(lock: str) -> set[str]:
    """The names of a lock that are installed on this machine's system."""
    requirements = (Requirement(line) for line, *_ in entries(lock))
    return {canonicalize_name(r.name) for r in requirements if r.marker is None or r.marker.evaluate()}


def lock_problems(lock: str) -> Iterator[str]:
    """Whatever is not one version with its fingerprints."""
    for line, *hashes in entries(lock):
        if not _PINNED.fullmatch(line):
            yield f"{line} is not one version"
        elif not hashes or not all(map(_HASH.fullmatch, hashes)):
            yield f"{line} has no fingerprint, or one that is none"


def licence_problems(names: Iterable[str], allowed: set[str]) -> Iterator[str]:
    """Installed packages under another licence than those."""
    for name in sorted(names):
        found = licences(metadata.metadata(name))
        permitted = _OF_DRIVER if name.startswith("psycopg") else allowed
        if not found or not found <= permitted:
            yield f"{name} is under {', '.join(sorted(found)) or 'no licence'}, which is not agreed on"


def licences(told: metadata.PackageMetadata) -> set[str]:
    """The licences that a package names, as SPDX does."""
    if expression := told.get("License-Expression"):
        return set(re.findall(r"[A-Za-z0-9][\w.-]+", expression)) - {"AND", "OR"}
    classifiers = [c.split(" :: ")[-1] for c in told.get_all("Classifier") or [] if c.startswith("License")]
    named = classifiers or [told.get("License") or ""]
    return {_CLASSIFIERS.get(name, name) for name in named} - {"DFSG approved", ""}


def read_review(text: str) -> list[Reviewed]:
    """The rows of the review."""
    return [
        Reviewed(
            row["package"],
            date.fromisoformat(f"{row['newest_release']}-01"),
            date.fromisoformat(row["reviewed"]),
            row["note"],
        )
        for row in csv.DictReader(text.splitlines())
    ]


def review_problems(rows: Iterable[Reviewed], locked: set[str]) -> Iterator[str]:
    """What was never reviewed, is reviewed for nothing, or sleeps and has no word that says why it is kept."""
    listed = {row.package: row for row in rows}
    yield from (f"{name} was not reviewed: add it to deploy/{REVIEW}" for name in sorted(locked - set(listed)))
    yield from (f"{name} is in deploy/{REVIEW} and in no lock" for name in sorted(set(listed) - locked))
    for row in listed.values():
        if _months(row.newest_release, row.reviewed) > _QUIET and not row.note:
            yield f"{row.package} had no release for {_QUIET} months: say in deploy/{REVIEW} why it is kept, or replace it"


def stale(rows: Iterable[Reviewed], today: date) -> list[str]:
    """The packages that were looked at too long ago."""
    return [row.package for row in rows if (today - row.reviewed).days > _REVIEW_HOLDS]


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month


def offline() -> Iterator[str]:
    """All that can be told of what is in deploy/ and installed here."""
    runtime, tools = ((DEPLOY / name).read_text(encoding="utf-8") for name in LOCKS)
    yield from chain(lock_problems(runtime), lock_problems(tools))
    yield from licence_problems(needed_here(runtime), _PERMISSIVE)
    yield from licence_problems(needed_here(tools) - needed_here(runtime), _OF_TOOLS)
    review = read_review((DEPLOY / REVIEW).read_text(encoding="utf-8"))
    yield from review_problems(review, packages(runtime) | packages(tools))


def online() -> Iterator[str]:
    """What the index says of the locked versions, what is known against them, and which reviews are over."""
    review = read_review((DEPLOY / REVIEW).read_text(encoding="utf-8"))
    if old := stale(review, datetime.now(UTC).date()):
        yield f"reviewed more than a year ago, look at them again: {', '.join(old)}"
    yield from _withdrawn()
    with tempfile.TemporaryDirectory() as folder:
        yield from _vulnerable(Path(folder))


def _withdrawn() -> Iterator[str]:
    """Locked versions that the index does not offer any more, or that their makers have withdrawn."""
    ask = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--no-deps", "--require-hashes"]
    asked = subprocess.run([*ask, "-r", DEPLOY / LOCKS[1]], capture_output=True, text=True, check=False)  # noqa: S603 - ours
    yield from withdrawals(asked.stderr)


def withdrawals(told: str) -> Iterator[str]:
    """The problems in what pip told. Says on standard error where it could not reach the index."""
    if "Retrying" in told:
        say("The package index could not be asked. Whether versions were withdrawn is not known.")
        return
    yield from (line.strip() for line in told.splitlines() if "yanked version" in line or line.startswith("ERROR:"))


def _vulnerable(folder: Path) -> Iterator[str]:
    """What is known against the locked versions, by pip-audit in an environment of its own."""
    python = folder / "bin" / "python"
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)  # noqa: S603 - ours
    installed = subprocess.run([python, "-m", "pip", "install", "-q", PIP_AUDIT], capture_output=True, check=False)  # noqa: S603
    asked = subprocess.run(  # noqa: S603 - ours
        [python, "-m", "pip_audit", "-f", "json", "--disable-pip", "--require-hashes", "-r", DEPLOY / LOCKS[1]],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = asked.stdout if installed.returncode == 0 else ""
    yield from vulnerabilities(told)


def vulnerabilities(told: str) -> Iterator[str]:
    """The problems in what pip-audit told as JSON. Says on standard error of which packages nothing is known."""
    try:
        found = json.loads(told)["dependencies"]
    except (ValueError, KeyError):
        say("The database of vulnerabilities could not be asked. Nothing is known of any package.")
        return
    if unknown := [package["name"] for package in found if "skip_reason" in package]:
        say(
            f"The database of vulnerabilities knows nothing of {len(unknown)} of {len(found)} packages: {', '.join(unknown)}"
        )
    for package in found:
        for flaw in package.get("vulns", ()):
            mended = ", ".join(flaw["fix_versions"]) or "no version yet"
            yield f"{package['name']} {package['version']} has {flaw['id']}, mended in {mended}"


def say(line: str) -> None:
    """Tell whoever runs it."""
    sys.stderr.write(f"{line}\n")


def main(arguments: list[str]) -> int:
    """Run the audit; returns the exit status."""
    problems = list(offline())
    if arguments == ["--online"]:
        problems += online()
    for problem in problems:
        say(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
