"""Tables as tools export them and people keep them: what their rows say, or all that is wrong with them."""

from __future__ import annotations

import io
import sys
import zipfile
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from tracker_server import NOW, tracked

from bot.domain.errors import BotError, NotInstalled, TrackerFailed
from bot.domain.project import RagStatus
from bot.domain.tracker import TrackerFigure
from bot.trackers.files import FileTracker, figures_of
from tests.builders import a_milestone, a_project

PORTAL = a_project(a_milestone("front-end"), a_milestone("api"), a_milestone("gone", dropped_on=date(2025, 8, 1)))
BILLING = a_project(a_milestone("api"), a_milestone("ledger"), key="billing")
PROJECTS = {project.key: project for project in (PORTAL, BILLING)}

Figures = dict[tuple[str, str], TrackerFigure]
Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Put a table into a folder, as CSV or as XLSX."""

    def put(content: str | bytes | Sequence[Sequence[Any]], name: str = "progress.csv") -> Path:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if isinstance(content, (str, bytes)):
            path.write_bytes(content.encode() if isinstance(content, str) else content)
            return path
        book = Workbook()
        for row in content:
            book.active.append(row)
        book.active["B2"].number_format = "0%"
        book.save(path)
        return path

    return put


def read(path: Path, locale: str = "en_US") -> Figures:
    return figures_of(path, PROJECTS, locale=locale, at=NOW).figures


def problems_of(path: Path) -> list[str]:
    with pytest.raises(BotError) as refused:
        read(path)
    return str(refused.value).splitlines()


def test_a_row_says_percent_status_date_and_link(write: Write) -> None:
    path = write(
        "milestone_key,percent,status,forecast,link\nfront-end,72,at risk,2025-11-03,https://example.com/board/7\n"
    )
    (figure,) = read(path).values()
    assert (figure.percent, figure.status, figure.forecast) == (Decimal(72), RagStatus.AT_RISK, date(2025, 11, 3))
    assert (figure.link, figure.name, figure.read_at) == ("https://example.com/board/7", "progress.csv", NOW)


def test_columns_come_in_any_order_and_as_people_name_them(write: Write) -> None:
    assert list(read(write("Percent,Milestone key,PROJECT-KEY\n5,api,billing\n"))) == [("billing", "api")]


def test_a_table_saved_where_commas_part_decimals_is_read(write: Write) -> None:
    (figure,) = read(write("\ufeffmilestone_key;percent\r\nfront-end;72,5 %\r\n"), "de_DE").values()
    assert figure.percent == Decimal("72.5")


def test_a_spreadsheet_is_read_as_it_is_shown(write: Write) -> None:
    rows = [
        ["Milestone key", "Percent", "Forecast", "Project key"],
        ["front-end", 0.725, date(2025, 11, 3), None],
        [None, None, None, None],
        ["api", 40, date(2025, 12, 1), "billing"],
    ]
    figures = read(write(rows, "progress.xlsx"))
    assert {place: (said.percent, said.forecast) for place, said in figures.items()} == {
        ("portal", "front-end"): (Decimal("72.5"), date(2025, 11, 3)),
        ("billing", "api"): (Decimal(40), date(2025, 12, 1)),
    }


def test_an_excel_text_with_tabs_is_read(write: Write) -> None:
    (figure,) = read(write("milestone_key\tpercent\r\nfront-end\t72\r\n".encode("utf-16"))).values()
    assert figure.percent == 72


def test_a_share_that_is_not_shown_as_a_percentage_is_taken_as_it_is_with_a_warning(write: Write) -> None:
    rows = [["Milestone key", "Percent"], ["front-end", 0.45], ["ledger", 0.45]]
    found = figures_of(write(rows, "progress.xlsx"), PROJECTS, locale="en_US", at=NOW)
    assert [figure.percent for figure in found.figures.values()] == [Decimal(45), Decimal("0.45")]
    assert found.warnings == ("progress.xlsx:3: percent: less than 1%; if it is a share of 1, write 45%",)


def test_all_that_is_wrong_is_said_with_row_and_column(write: Write) -> None:
    path = write(
        "milestone_key,percent,status,forecast,link\n"
        "front-end,120,,,\n"
        "ledger,,Good,3 Nov,ftp://example.com\n"
        "\n"
        "api,5,,,\n"
        "nothing,5,,,\n"
        "gone,5,,,\n"
        "ledger,1,,,\n"
        "ledger,2,,,\n"
    )
    *lines, count = problems_of(path)
    assert [line.removeprefix("progress.csv:").split(":")[:2] for line in lines] == [
        ["2", " percent"],
        ["3", " percent"],
        ["3", " link"],
        ["3", " status"],
        ["3", " forecast"],
        ["5", " milestone_key"],
        ["6", " milestone_key"],
        ["7", " milestone_key"],
        ["9", " milestone_key"],
    ]
    assert "in portal, billing; add a column project_key" in lines[5]
    assert count == "9 problems, nothing was changed."


@pytest.mark.parametrize(
    ("header", "fault"),
    [
        ("", "progress.csv:1: no column milestone_key, percent; expected project_key,milestone_key,percent,"),
        ("milestone_key,status\n", "progress.csv:1: no column percent"),
        ("\nMilestone key,percent,Fore cast\n", 'progress.csv:2: unknown column "Fore cast"; did you mean "forecast"?'),
        ("milestone_key,percent,percent\n", "progress.csv:1: percent: is the name of two columns"),
        ("a," * 50 + "a\n", "progress.csv:1: 51 columns; expected project_key"),
        ("milestone_key,percent\nfront-end\u0007,5\n", 'progress.csv:2: "front-end  5" holds a control character'),
        ('milestone_key,percent\n"api,5\n', "progress.csv:"),
    ],
)
def test_a_table_of_something_else_is_refused(write: Write, header: str, fault: str) -> None:
    assert fault in problems_of(write(header))[0]


def a_zip(name: str, content: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"PK\x03\x04 and no more", "not an XLSX file that can be read"),
        (b"", "not an XLSX file that can be read"),
        (a_zip("other.txt", b"x"), "not an XLSX file that can be read"),
        (a_zip("[Content_Types].xml", b"<Types>"), "not an XLSX file that can be read"),
        (a_zip("xl/worksheets/sheet1.xml", bytes(100_000_001)), "unpacks to more than 100 MB"),
    ],
)
def test_what_is_no_workbook_is_refused(write: Write, content: bytes, fault: str) -> None:
    assert fault in problems_of(write(content, "progress.xlsx"))[0]


def test_bytes_that_are_no_text_are_refused(write: Write) -> None:
    assert "not UTF-8 text" in problems_of(write(b"milestone_key,percent\n\xff\xfe,5\n"))[0]


def test_too_many_rows_are_refused(write: Write) -> None:
    path = write("milestone_key,percent\n" + "api,5\n" * 20_001)
    assert problems_of(path) == ["progress.csv: more than 20,000 rows", "1 problem, nothing was changed."]


def test_without_its_reader_a_spreadsheet_is_refused_with_what_to_install(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write([["milestone_key", "percent"], ["front-end", 5]], "progress.xlsx")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(NotInstalled, match=r'pip install "quarterdeck\[xlsx\]", or save it as CSV'):
        read(path)


def test_a_milestone_is_read_from_the_table_that_its_place_names(write: Write, tmp_path: Path) -> None:
    write("milestone_key,percent,project_key\napi,40,billing\napi,50,portal\nfront-end,60,\n", "boards/a.csv")
    tracker = FileTracker(tmp_path, "en_US")
    assert tracker.read(tracked("file", "boards/a.csv", "api"), NOW).percent == 50
    assert tracker.read(tracked("file", "boards/a.csv", "front-end"), NOW).percent == 60
    assert tracker.read(tracked("file", "boards/a.csv", "front-end"), NOW).name == "a.csv"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("milestone_key,percent\nother,5\n", "a.csv has no row for front-end."),
        ("milestone_key,percent\nfront-end,x\napi,y\n", "and more"),
        (None, "a.csv: cannot be read: No such file or directory."),
    ],
)
def test_a_table_that_cannot_be_read_concerns_its_milestones_alone(
    write: Write, tmp_path: Path, content: str | None, reason: str
) -> None:
    if content:
        write(content, "a.csv")
    with pytest.raises(TrackerFailed) as failed:
        FileTracker(tmp_path, "en_US").read(tracked("file", "a.csv"), NOW)
    assert reason in str(failed.value)
    assert not failed.value.concerns_all
