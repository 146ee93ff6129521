"""A CSV of milestones gives projects with nothing but names, managers and milestones."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from bot.domain.errors import FileProblems
from bot.domain.project import NOBODY
from bot.intake.milestones_csv import HEADER, MilestonesFile, read_milestones_csv
from bot.locales import Locale

TEXT = """\
project_key,project_name,manager,milestone_key,milestone_name,owner,baseline,weight
portal,"Customer Portal, new",pm@example.com,front-end,Front-End,@dev,2023-12-15,2
portal,"Customer Portal, new",pm@example.com,back-end,Back-End,@dev,,

billing,Billing,U0BILL,rating,Rating,@ravi,2024-01-31,0.5
"""


def read(text: str) -> MilestonesFile:
    return read_milestones_csv(text, "milestones.csv", locale=Locale("en_US"))


def problems_of(text: str) -> list[str]:
    with pytest.raises(FileProblems) as refused:
        read(text)
    return str(refused.value).splitlines()


def test_rows_become_projects_with_milestones() -> None:
    portal, billing = read(TEXT).projects
    assert (portal.key, portal.name, portal.manager.ref) == ("portal", "Customer Portal, new", "pm@example.com")
    assert [(m.key, m.baseline, m.weight) for m in portal.milestones] == [
        ("front-end", date(2023, 12, 15), Decimal(2)),
        ("back-end", None, Decimal(1)),
    ]
    assert billing.milestones[0].owner.handle == "@ravi"
    assert len(read(TEXT).people) == 4


def test_columns_may_come_in_any_order() -> None:
    cells = dict(zip(HEADER, ("p", "P", "@m", "a", "A", "@o", "2024-01-31", "1"), strict=True))
    texts = [f"{','.join(names)}\n{','.join(cells[name] for name in names)}" for names in (HEADER, HEADER[::-1])]
    assert read(texts[0]) == read(texts[1])


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("p,P,@m,a,A,@o,31.01.2024,1", 'milestones.csv:2: baseline: "31.01.2024" is not a date'),
        ("p,P,@m,a,A,Bob,,", "owner"),
        ("p,P,@m,,A,@o,,", "milestone_key: missing"),
        ("p,P,@m,a,A,@o,,0", "more than 0"),
        ("p,P,@m,a,A,@o", "milestones.csv:2: 6 cells; expected 8"),
        ("p,P,@m,a,A,@o,,\np,P,@m,a,A,@o,,", 'milestones.csv:3: milestone_key: "a" is given twice'),
        ("p,P,@m,a,A,@o,,\np,Q,@m,b,B,@o,,", 'milestones.csv:3: project_name: "Q" here, "P" in an earlier row'),
        ('p,"P\nP",@m,a,A,@o,,\np,P P,@m,b,B,Bob,,', "milestones.csv:4: owner"),
        ('p,"P,@m,a,A,@o,,', "not CSV"),
        ("p," + "P" * 200_000 + ",@m,a,A,@o,,", "not CSV"),
    ],
)
def test_each_wrong_row_is_one_problem(row: str, problem: str) -> None:
    line, count = problems_of(",".join(HEADER) + "\n" + row)
    assert problem in line
    assert count == "1 problem, nothing was changed."


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ["no column project_key, project_name, milestone_key, milestone_name, owner; expected project_key,"]),
        (",".join(HEADER[1:]), ["no column project_key; expected project_key,"]),
        (",".join([*HEADER, "more"]), ['unknown column "more"; did you mean "']),
        (",".join([*HEADER, "owner"]), ["owner: is the name of two columns"]),
        (
            ",".join([*HEADER[:-3], "Ownr", "Base line"]),
            ['unknown column "Ownr"; did you mean "owner"?', '"baseline"?'],
        ),
        ("a," * 50 + "b", ["51 columns; expected project_key,"]),
        ("Plan of 2025,,\n" + ",".join(HEADER), ['unknown column "Plan of 2025"', "no column"]),
    ],
)
def test_all_that_is_wrong_with_a_header_is_said_at_once(header: str, expected: list[str]) -> None:
    *lines, _ = problems_of(header)
    assert all(text in line for text, line in zip(expected, lines, strict=True))
    assert all(line.startswith("milestones.csv:1: ") for line in lines)


@pytest.mark.parametrize("name", ["A\x1b[2J", "A \u202e%01"])
def test_what_a_terminal_or_a_reader_would_not_see_as_written_is_refused(name: str) -> None:
    line, _ = problems_of(",".join(HEADER) + f"\np,P,@m,a,{name},@o,,")
    assert line.startswith("milestones.csv:2: ")
    assert "holds a control character" in line


def as_saved(separator: str, *, heading: Callable[[str], str] = str, ending: str = "\n") -> str:
    """The rows as some program saves them, a spare column behind the last included."""
    rows = [
        line.split(",") for line in (",".join(map(heading, HEADER)), "p,P,@m,a,A,@o,2024-01-31,1", "p,P,@m,b,B,@o,,")
    ]
    return ending.join(separator.join([*row, ""]) for row in rows) + ending


@pytest.mark.parametrize(
    "saved",
    [
        as_saved(";", ending="\r\n"),
        as_saved("\t"),
        as_saved(",", heading=lambda name: name.replace("_", " ").title()),
        "\n" + as_saved(",").replace("\np,", "\n , ,,,,,,,\n\np ,"),
    ],
)
def test_it_reads_alike_whichever_program_saved_it(saved: str) -> None:
    assert read(saved) == read(as_saved(","))
    assert [m.key for m in read(saved).projects[0].milestones] == ["a", "b"]


BARE = "project_key,project_name,milestone_key,milestone_name,owner\np,P,a,A,@o\n"


def test_a_project_without_a_manager_is_the_first_admin_s() -> None:
    table = read_milestones_csv(BARE, "milestones.csv", locale=Locale("en_US"), admins=("U0ADMIN", "U0OTHER"))
    assert (table.projects[0].manager.slack_id, table.unmanaged) == ("U0ADMIN", {})
    assert "U0ADMIN" in {person.ref for person in table.people}


def test_without_an_admin_the_line_is_named_on_which_somebody_is_missing() -> None:
    table = read(BARE)
    assert table.projects[0].manager is NOBODY
    assert table.unmanaged["p"].startswith("milestones.csv:2: manager: none is named, nor any admin")


def test_a_manager_may_be_named_in_any_row_of_a_project() -> None:
    rows = ("p,P,,a,A,@o,,", "p,P,@m,b,B,@o,,", "p,P,,c,C,@o,,")
    [project] = read("\n".join((",".join(HEADER), *rows))).projects
    assert project.manager.ref == "@m"
