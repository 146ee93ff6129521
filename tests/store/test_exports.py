"""Everything can be written as files and read back, on either database and from one to the other."""

from __future__ import annotations

import json
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from full_tables import ROWS, fill
from sqlalchemy import select

from bot.domain.errors import BotError
from bot.store.exports import export, import_
from bot.store.session import Database
from bot.store.tables import Base, HandledRow, PersonRow
from tests.copies import Copies
from tests.servers import KINDS


@pytest.fixture
def another(copies: Copies, tmp_path: Path) -> Iterator[Callable[[str], Database]]:
    """Makes further empty databases of a kind; they go with the test."""
    opened: list[tuple[str, Database]] = []

    def make(kind: str) -> Database:
        url = copies.make(kind, tmp_path / f"another-{len(opened)}.db")
        opened.append((url, Database(url)))
        return opened[-1][1]

    yield make
    for url, database in opened:
        database.close()
        copies.drop(url)


def contents(folder: Path) -> dict[str, bytes]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in folder.rglob("*") if file.is_file()}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(3))
def test_what_was_imported_exports_the_same_files(
    database: Database, another: Callable[[str], Database], tmp_path: Path, kind: str, seed: int
) -> None:
    fill(database, seed)
    first, second = tmp_path / "first", tmp_path / "second"
    assert export(database, first) == ROWS * len(Base.metadata.tables)
    other = another(kind)
    assert import_(other, first) == ROWS * len(Base.metadata.tables)
    export(other, second)
    assert contents(first) == contents(second)


def test_new_rows_are_numbered_after_those_that_were_imported(
    database: Database, another: Callable[[str], Database], database_kind: str, tmp_path: Path
) -> None:
    fill(database, 0)
    export(database, tmp_path / "files")
    other = another(database_kind)
    import_(other, tmp_path / "files")
    with other.writing() as session:
        session.add(PersonRow(name="New"))
        session.flush()
        assert session.scalar(select(PersonRow.id).where(PersonRow.name == "New")) == ROWS + 1


def test_an_import_adds_to_nothing(database: Database, tmp_path: Path) -> None:
    fill(database, 0)
    export(database, tmp_path / "files")
    with pytest.raises(BotError, match="not empty"):
        import_(database, tmp_path / "files")


@contextmanager
def refused(database: Database, words: str) -> Iterator[None]:
    """Whatever happens here is refused, and leaves the database as empty as it was."""
    with pytest.raises(BotError, match=words):
        yield
    with database.reading() as session:
        assert all(session.execute(select(table)).first() is None for table in Base.metadata.sorted_tables)


@pytest.fixture(scope="module")
def exported(copies: Copies, database_kind: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export of a full database."""
    folder = tmp_path_factory.mktemp("exported")
    source = Database(copies.make(database_kind, folder / "source.db"))
    fill(source, 0)
    export(source, folder / "files")
    source.close()
    return folder / "files"


@pytest.fixture
def files(exported: Path, tmp_path: Path) -> Path:
    """The same files, to be changed by a test."""
    return Path(shutil.copytree(exported, tmp_path / "files"))


def test_a_file_that_was_changed_is_refused_as_a_whole(database: Database, files: Path) -> None:
    last = files / f"{Base.metadata.sorted_tables[-1].name}.jsonl"
    last.write_bytes(last.read_bytes() + b"\n")
    with refused(database, f"{last.name} is not as it was exported"):
        import_(database, files)


def test_a_document_that_was_changed_is_refused(database: Database, files: Path) -> None:
    document = next((files / "documents").iterdir())
    document.write_bytes(b"another")
    with refused(database, "is not as it was exported"):
        import_(database, files)


def say(files: Path, table: str, lines: list[str]) -> None:
    """Write other rows, with a manifest that vouches for them."""
    import hashlib

    text = "".join(f"{line}\n" for line in lines).encode()
    (files / f"{table}.jsonl").write_bytes(text)
    manifest = json.loads((files / "export.json").read_text())
    manifest["tables"][table] = {"rows": len(lines), "sha256": hashlib.sha256(text).hexdigest()}
    (files / "export.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ("handled", '{"key": "k", "at": "yesterday"}', "handled.jsonl line 1"),
        ("handled", '{"key": "k", "at": "2025-10-01T14:00:00+00:00", "more": 1}', "there is no more in handled"),
        ("handled", "[1]", "handled.jsonl line 1"),
        ("handled", '{"key": "k"}', "does not take"),
        ("handled", '{"key": "k", "at": "2025-10-01T14:00:00"}', "does not take"),
        (
            "report_files",
            '{"report_id": 1, "name": "pdf", "content": "../../../../etc/passwd"}',
            "passwd cannot be read",
        ),
        ("report_files", '{"report_id": 1, "name": "pdf", "content": "../export.json"}', "documents/export.json"),
        ("people", '{"id": "1", "name": "N"}', "id is not a whole number"),
        ("people", '{"id": true, "name": "N"}', "id is not a whole number"),
        ("people", '{"id": 100000000000000000000, "name": "N"}', "does not take"),
        ("people", '{"id": 1, "name": {}}', "name is not a text"),
        ("people", '{"id": 1, "name": "\\ud800"}', "people.jsonl line 1"),
        ("portfolio", '{"id": 1, "body": [], "mark": "m"}', "body is not an object"),
        ("portfolio", '{"id": 1, "body": {"x": NaN}, "mark": "m"}', "portfolio.jsonl line 1"),
        ("portfolio", "[" * 20_000, "portfolio.jsonl line 1"),
    ],
)
def test_a_line_that_cannot_be_taken_is_named(
    database: Database, files: Path, table: str, line: str, words: str
) -> None:
    """A folder may come from anybody: it makes the program read no file outside of itself."""
    say(files, table, [line])
    with refused(database, words):
        import_(database, files)


@pytest.mark.parametrize("text", ["", "[]", '{"format": 1}', '{"format": 1, "schema": "0002", "tables": []}'])
def test_a_manifest_that_is_none_is_refused(database: Database, files: Path, text: str) -> None:
    (files / "export.json").write_text(text)
    with refused(database, "manifest"):
        import_(database, files)


def test_an_export_that_was_never_finished_is_refused(database: Database, files: Path) -> None:
    (files / "export.json").unlink()
    with refused(database, "no finished export"):
        import_(database, files)


def test_an_export_of_another_schema_is_refused(database: Database, files: Path) -> None:
    manifest = files / "export.json"
    manifest.write_text(manifest.read_text().replace('"schema": "', '"schema": "9'))
    with refused(database, "Export with this version"):
        import_(database, files)


def test_a_new_folder_is_for_its_owner_alone(database: Database, tmp_path: Path) -> None:
    export(database, tmp_path / "kept")
    assert stat.S_IMODE((tmp_path / "kept").stat().st_mode) == 0o700


def test_nothing_is_written_over(database: Database, tmp_path: Path) -> None:
    (tmp_path / "kept.txt").write_text("mine")
    with pytest.raises(BotError, match="is not empty"):
        export(database, tmp_path)
    assert contents(tmp_path)["kept.txt"] == b"mine"


def test_an_export_shows_one_moment(database: Database, tmp_path: Path) -> None:
    """Writers go on meanwhile: what they add is in it as a whole or not at all."""
    fill(database, 0)
    with database.reading() as session:
        before = len(session.scalars(select(HandledRow)).all())
        with database.writing() as other:
            other.add(HandledRow(key="later", at=session.scalars(select(HandledRow.at)).first()))
        assert len(session.scalars(select(HandledRow)).all()) == before
