"""A quarter is rehearsed with the real Rust goals, their owners in three countries, while the clocks change."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from world import Ran, run_command

from bot import demo
from bot.rehearse import Event, closing_line

RUST = Path(demo.__file__).parent / "examples" / "rust-goals"
GOALS, ANSWERS = (RUST / name for name in ("portfolio.yaml", "answers-2025-Q3.yaml"))
HOMES = (("America/New_York", "US"), ("Europe/Berlin", "DE"), ("Asia/Tokyo", "JP"))
ROW = re.compile(r"  (?P<when>\w{3} \d\d \w{3} \d\d:\d\d)  (?P<step>\S+) +(?P<words>.+)")
CLOSING = re.compile(r"(\d+) people, (\d+) messages, 0 not sent, refused calls = 0")
NOT_LOOKED_UP = "Slack accounts have not been looked up yet"


class Season(NamedTuple):
    """A quarter whose window crosses a change of the clocks, and when each step is due by each zone's own clock.

    In `answered`, two quarters before, the owners answered with their published words, and not since.
    """

    quarter: str
    answered: str
    starts_month: int
    steps: dict[str, dict[str, str]]
    utc: tuple[str, str]
    due: dict[str, str]


# Aug–Oct: Europe changes on 26 October, the US on 2 November. Due Wednesday 5 November, 17:00 in New York.
AUTUMN = Season(
    "2026-Q3",
    "2026-Q1",
    2,
    {
        "America/New_York": {
            "opening": "Wed 22 Oct 09:30",
            "reminder-5": "Wed 29 Oct 09:30",
            "reminder-2": "Mon 03 Nov 09:30",
            "last-call": "Wed 05 Nov 09:30",
            "overdue": "Thu 06 Nov 09:30",
        },
        "Europe/Berlin": {
            "opening": "Wed 22 Oct 09:30",
            "reminder-5": "Wed 29 Oct 09:30",
            "reminder-2": "Mon 03 Nov 09:30",
            "last-call": "Wed 05 Nov 09:30",
            "overdue": "Thu 06 Nov 09:30",
        },
        "Asia/Tokyo": {
            "opening": "Wed 22 Oct 13:00",  # the window opens at midnight in New York
            "reminder-5": "Wed 29 Oct 09:30",  # 3 November is Culture Day: five working days before the 6th
            "reminder-2": "Tue 04 Nov 09:30",
            "last-call": "Wed 05 Nov 09:30",  # it is due on the 6th at 7:00, before the day begins
            "overdue": "Fri 07 Nov 09:30",
        },
    },
    ("2025-10-22T13:30:00Z", "2025-11-03T14:30:00Z"),
    {
        "America/New_York": "due Wed, Nov 5, 5:00 PM (your time)",
        "Europe/Berlin": "due Wed, Nov 5, 11:00 PM (your time)",
        "Asia/Tokyo": "due Thu, Nov 6, 7:00 AM (your time)",
    },
)
# Jan–Mar: Europe changes on 29 March. Due Friday 3 April, 17:00 in New York, which is Good Friday in Germany.
SPRING = Season(
    "2026-Q1",
    "2025-Q3",
    1,
    {
        "America/New_York": {
            "opening": "Fri 20 Mar 09:30",
            "reminder-5": "Fri 27 Mar 09:30",
            "reminder-2": "Wed 01 Apr 09:30",
            "last-call": "Fri 03 Apr 09:30",
            "overdue": "Mon 06 Apr 09:30",
        },
        "Europe/Berlin": {
            "opening": "Fri 20 Mar 09:30",
            "reminder-5": "Fri 27 Mar 09:30",
            "reminder-2": "Wed 01 Apr 09:30",
            "last-call": "Thu 02 Apr 09:30",  # the last morning before Good Friday
            "overdue": "Tue 07 Apr 09:30",  # after Easter Monday
        },
        "Asia/Tokyo": {
            "opening": "Mon 23 Mar 09:30",  # 20 March is the equinox, a holiday
            "reminder-5": "Mon 30 Mar 09:30",
            "reminder-2": "Thu 02 Apr 09:30",
            "last-call": "Fri 03 Apr 09:30",  # it is due on Saturday at 6:00
            "overdue": "Mon 06 Apr 09:30",
        },
    },
    ("2026-03-20T13:30:00Z", "2026-04-01T13:30:00Z"),
    {
        "America/New_York": "due Fri, Apr 3, 5:00 PM (your time)",
        "Europe/Berlin": "due Fri, Apr 3, 11:00 PM (your time)",
        "Asia/Tokyo": "due Sat, Apr 4, 6:00 AM (your time)",
    },
)


class Row(NamedTuple):
    """One line of the rehearsal with what stands above it."""

    chapter: str
    person: str
    zone: str
    when: str
    step: str
    words: str


class Rehearsed(NamedTuple):
    """A season, what the rehearsal of it printed, and the folder it was run in."""

    season: Season
    ran: Ran
    rows: list[Row]
    environment: dict[str, str]


def at_home_in_three_countries(season: Season) -> dict[str, Any]:
    """The real portfolio with its owners spread over three countries; Quinn in Berlin sponsors it."""
    portfolio: dict[str, Any] = yaml.safe_load(GOALS.read_text(encoding="utf-8"))
    portfolio |= {"timezone": "America/New_York", "country": "US", "fiscal_year_starts": season.starts_month}
    for number, person in enumerate(portfolio["people"]):
        person["timezone"], person["country"] = HOMES[number % len(HOMES)]
    portfolio["people"].append({"handle": "@quinn", "name": "Quinn", "timezone": "Europe/Berlin", "country": "DE"})
    portfolio["projects"][0]["sponsor"] = "@quinn"
    return portfolio


def rows_of(text: str) -> Iterator[Row]:
    chapter = person = zone = ""
    for line in text.replace("\u202f", " ").splitlines():
        if found := ROW.fullmatch(line):
            yield Row(chapter, person, zone, found["when"], found["step"], found["words"])
        elif " · " in line:
            person, *_, zone = line.split(" · ")
        else:
            chapter = line or chapter


@pytest.fixture(scope="module", params=[AUTUMN, SPRING], ids=["autumn", "spring"])
def rehearsed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Rehearsed:
    folder = tmp_path_factory.mktemp("rehearsal")
    portfolio, answers = folder / "portfolio.yaml", folder / "answers.yaml"
    portfolio.write_text(yaml.safe_dump(at_home_in_three_countries(request.param)), encoding="utf-8")
    said = ANSWERS.read_text(encoding="utf-8").replace("quarter: 2025-Q3", f"quarter: {request.param.answered}", 1)
    answers.write_text(said, encoding="utf-8")
    environment = {
        "DATABASE_URL": f"sqlite:///{folder / 'quarterdeck.db'}",
        "QUARTERDECK_NOW": "2025-09-01T12:00:00Z",
        "LOG_LEVEL": "ERROR",
    }
    for command, file in (("load", portfolio), ("answers", answers)):
        assert run_command(command, file, environment=environment).status == 0
    ran = run_command("rehearse", "--quarter", request.param.quarter, environment=environment)
    assert ran.status == 0, ran.err
    return Rehearsed(request.param, ran, list(rows_of(ran.out)), environment)


def asked(rehearsed: Rehearsed) -> dict[tuple[str, str], list[Row]]:
    people: dict[tuple[str, str], list[Row]] = {}
    for row in rehearsed.rows:
        if row.chapter == "Who is asked":
            people.setdefault((row.person, row.zone), []).append(row)
    return people


@pytest.mark.parametrize(
    ("sent", "told"), [(1, "1 person, 1 message, 0 not sent"), (2, "2 people, 2 messages, 0 not sent")]
)
def test_the_closing_line_counts_one_as_one(sent: int, told: str) -> None:
    events = [Event(n, datetime(2025, 9, 19, tzinfo=UTC), "opening", "Hello", is_sent=True) for n in range(sent)]
    assert closing_line(events, 0) == f"{told}, refused calls = 0"


def test_every_owner_is_asked_once_a_step_at_the_right_time_of_their_own_clock(rehearsed: Rehearsed) -> None:
    people = asked(rehearsed)
    goals = yaml.safe_load(GOALS.read_text(encoding="utf-8"))["projects"][0]["milestones"]
    assert len(people) == len({goal["owner"] for goal in goals})
    assert {zone for _, zone in people} == {zone for zone, _ in HOMES}
    for (person, zone), rows in people.items():
        assert [(row.step, row.when) for row in rows] == list(rehearsed.season.steps[zone].items()), person


def test_everybody_reads_the_deadline_on_their_own_clock(rehearsed: Rehearsed) -> None:
    for row in rehearsed.rows:
        if row.step in ("opening", "reminder-5", "reminder-2"):
            assert rehearsed.season.due[row.zone] in row.words, row


def test_the_manager_and_the_sponsor_are_told_once_after_the_deadline(rehearsed: Rehearsed) -> None:
    told = [(row.step, row.zone, row.when) for row in rehearsed.rows if row.chapter == "Who is told"]
    overdue = {zone: steps["overdue"] for zone, steps in rehearsed.season.steps.items()}
    assert sorted(told) == [
        ("digest", "America/New_York", overdue["America/New_York"]),
        ("sponsor", "Europe/Berlin", overdue["Europe/Berlin"]),
    ]


def test_the_closing_line_counts_what_stands_above_it(rehearsed: Rehearsed) -> None:
    closing = CLOSING.fullmatch(rehearsed.ran.out.splitlines()[-1])
    assert closing, rehearsed.ran.out[-200:]
    assert (int(closing[1]), int(closing[2])) == (len({row.person for row in rehearsed.rows}), len(rehearsed.rows))
    assert NOT_LOOKED_UP in rehearsed.ran.err
    assert rehearsed.ran.err.count("\n") == 1


def test_the_plan_says_the_same_before_anything_is_played(rehearsed: Rehearsed) -> None:
    """The two are made in different ways: one foresees, the other is what the bot did."""
    span = ("--from", "2025-10-01", "--to", "2025-11-20") if rehearsed.season is AUTUMN else ("--from", "2026-03-01")
    plan = run_command("tick", "--dry-run", *span, environment=rehearsed.environment)
    header, *lines = plan.out.splitlines()
    cells = [re.split(r" {2,}", line) for line in lines if rehearsed.season.quarter in line]
    planned = {(step, f"{person} {local}", what) for _, local, step, _, person, _, what in cells}
    assert planned == {(row.step, f"{row.person} {row.when} {row.zone}", "send") for row in rehearsed.rows}
    assert re.split(r" {2,}", header)[:3] == ["UTC", "LOCAL TIME", "STEP"]
    assert [line[0] for line in cells] == sorted(line[0] for line in cells)
    new_york = {line[2]: line[0] for line in cells if line[1].endswith("America/New_York")}
    assert (new_york["opening"], new_york["reminder-2"]) == rehearsed.season.utc, "the hour in UTC follows the clocks"
