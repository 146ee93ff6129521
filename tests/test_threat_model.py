"""Every proof that the threat model names is there, and its table of rights is the one that the program asks."""

from __future__ import annotations

import re
from pathlib import Path

from bot.domain.permissions import MAY, Role
from bot.slack.manifest import SCOPES

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


def test_every_proof_is_there() -> None:
    proofs = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(proofs) > 30
    missing = [
        f"{file}::{name}"
        for file, name in proofs
        if not re.search(rf"^def {name}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
    ]
    assert missing == []


def test_every_threat_has_a_proof() -> None:
    threats = re.split(r"^## ", PAGE, flags=re.MULTILINE)[5]
    rows = [
        line for line in threats.splitlines() if line.startswith("| ") and not line.startswith(("| Threat", "| ---"))
    ]
    assert len(rows) > 20
    assert [row for row in rows if "`tests/" not in row.split(" | ")[2]] == []


def test_the_table_of_rights_is_the_program_s() -> None:
    table = re.search(r"^\| \| owner .*\n\| ---.*\n((?:\|.*\n)+)", PAGE, re.MULTILINE)
    assert table
    rows = [[cell.strip() for cell in line.strip("|").split("|")][1:] for line in table[1].splitlines()]
    told = sorted([cell == "yes" for cell in row] for row in rows)
    assert told == sorted([role in roles for role in Role] for roles in MAY.values())


def test_the_number_of_scopes_is_right() -> None:
    assert len(SCOPES) == 11
    assert "eleven scopes" in PAGE
