"""The portfolio file becomes domain values, or a list of all that is wrong with it."""

from datetime import date, time
from decimal import Decimal

import pytest

from bot.domain.errors import FileProblems
from bot.domain.project import NOBODY, Person
from bot.domain.quarter import FiscalYear, Quarter, QuarterDates, ReportingRules
from bot.domain.tracker_ref import TrackerRef, TrackerSource
from bot.intake.portfolio import PortfolioFile, read_portfolio

LEAD = Person(
    ref="lead@example.com",
    name="Lead",
    slack_id="U0LEAD",
    email="lead@example.com",
    timezone="Europe/Paris",
    country="FR",
)
BARE = "company: Example\ntimezone: UTC\n"
PROJECT = BARE + "projects:\n  - {key: portal, name: Portal, manager: pm@example.com%s}\n"


def read(text: str) -> PortfolioFile:
    return read_portfolio(text, "portfolio.yaml")


def problems_of(text: str) -> list[str]:
    with pytest.raises(FileProblems) as refused:
        read(text)
    return str(refused.value).splitlines()


def test_company_settings_are_read(portfolio_text: str) -> None:
    portfolio = read(portfolio_text).portfolio
    assert (portfolio.company, portfolio.timezone, portfolio.country) == (
        "Example Networks Inc.",
        "America/New_York",
        "NO",
    )
    assert portfolio.fiscal_year == FiscalYear(starts_month=4, named_by_end=False)
    assert portfolio.admins == ("U0ADMIN",)
    assert portfolio.closing_days == {date(2025, 12, 24)}
    assert portfolio.quarters == {Quarter(2025, 3): QuarterDates(due=date(2025, 10, 8))}
    assert portfolio.reporting == ReportingRules(
        due=4, due_time=time(16, 30), opens=8, grace=2, reminders=(5, 1), hours=(time(9), time(17))
    )


def test_a_project_and_its_milestones_are_read(portfolio_text: str) -> None:
    (project,) = read(portfolio_text).projects
    assert project.budget_at_completion == Decimal(1200000)
    assert (project.layout, project.staffing_unit, project.leadership_channel) == ("memo", "developers", "#steerco")
    assert project.reporting == ReportingRules(
        due=5, due_time=time(16, 30), opens=8, grace=2, reminders=(5, 1), hours=(time(9), time(17))
    )
    front, back = project.milestones
    assert (front.baseline, front.weight, front.live_from) == (date(2023, 12, 15), Decimal(2), None)
    assert (back.baseline, back.weight, back.live_from) == (None, Decimal(1), date(2025, 10, 1))


def test_one_human_is_one_person_by_whichever_name(portfolio_text: str) -> None:
    file = read(portfolio_text)
    front, back = file.projects[0].milestones
    assert front.owner == back.owner == LEAD
    assert [person.ref for person in file.people].count("lead@example.com") == 1


def test_people_known_by_a_ref_alone_keep_it_as_written(portfolio_text: str) -> None:
    people = {person.ref: person for person in read(portfolio_text).people}
    assert people["pm@example.com"] == Person("pm@example.com", "pm@example.com", email="pm@example.com")
    assert people["@cfo"] == Person("@cfo", "@cfo", handle="@cfo")
    assert people["U0SPONSOR"] == Person("U0SPONSOR", "U0SPONSOR", slack_id="U0SPONSOR")


def test_addresses_that_differ_in_capitals_are_one_person() -> None:
    file = read(PROJECT % ", sponsor: PM@Example.com")
    assert file.projects[0].sponsor == file.projects[0].manager
    assert len(file.people) == 1


def test_defaults_hold_where_nothing_is_given() -> None:
    file = read(PROJECT % "")
    assert (file.portfolio.country, file.portfolio.locale, file.portfolio.reporting) == (
        None,
        "en_US",
        ReportingRules(),
    )
    assert (file.projects[0].staffing_unit, file.projects[0].reporting) == ("FTE", None)


def test_problems_read_as_documented() -> None:
    text = PROJECT % (
        ", milestones: [\n"
        "      {key: a, name: A, owner: dev@example.com, baseline: 2023-02-30},\n"
        "      {key: b, name: B, ownr: dev@example.com}]"
    )
    assert problems_of(text) == [
        'portfolio.yaml:5: projects[0].milestones[0].baseline: "2023-02-30" is not a date; '
        "expected YYYY-MM-DD, such as 2023-02-28",
        'portfolio.yaml:6: projects[0].milestones[1].ownr: unknown field; did you mean "owner"?',
        "2 problems, nothing was changed.",
    ]


def test_of_very_many_problems_the_first_hundred_are_told_and_all_are_counted() -> None:
    told = problems_of(BARE + "company: Again\n" * 20_000)
    assert len(told) == 102
    assert told[0] == 'portfolio.yaml:3: "company" is given twice; first on line 1'
    assert told[99].startswith("portfolio.yaml:102: ")
    assert told[100:] == ["and 19,900 more", "20,000 problems, nothing was changed."]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("timezone: UTC\n", "company: missing"),
        ("company: X\n", "timezone: missing"),
        ("company: X\ntimezone: America/NewYork\n", "did you mean America/New_York?"),
        (BARE + "timezone: UTC\n", '"timezone" is given twice'),
        (BARE + "country: Norwegen\n", "country"),
        (BARE + "country: US-XX\n", "country"),
        (BARE + "locale: en_ZZ\n", "is not a locale"),
        (BARE + "fiscal_year_starts: 13\n", "from 1 to 12"),
        (BARE + "fiscal_year_named_by: ends\n", 'none of end, start; did you mean "end"?'),
        (BARE + "leadership_channel: #leadership\n", 'such as "#leadership"'),
        (BARE + "admins: [Bob]\n", "admins[0]"),
        (BARE + "closing_days: 24.12.2025\n", "is not a date"),
        (BARE + "closing_days: [0025-12-24]\n", "expected a year from 1900"),
        (BARE + "reporting: {due: -1}\n", "from 0 to 60"),
        (BARE + "reporting: {due_time: 25:00}\n", "is not a time"),
        (BARE + "reporting: {hours: [17:00, 09:00]}\n", "the first and the last time of day"),
        (BARE + "reporting: {reminders: [0]}\n", "from 1 to 60"),
        (BARE + "quarters: {2025-5: {due: 2025-10-08}}\n", "is not a quarter"),
        (BARE + "quarters: {2025-Q3: {opens: 2025-10-09, due: 2025-10-08}}\n", "opens before due"),
        (BARE + "quarters: {2025-Q3: {opens: 2025-10-06}}\n", "opens 2025-10-06, due 2025-10-03"),
        (BARE + "quarters: {2025-Q3: {grace: 2025-10-02}}\n", "and grace not before due"),
        (BARE + "quarters: {2025-Q3: {due: 2024-10-08}}\n", "before the quarter begins; expected 2025-07-01"),
        (BARE + "people: [{name: Nobody}]\n", "expected slack, email or handle"),
        (BARE + "people: [{slack: U1A, email: a@b.c}, {email: A@b.c}]\n", "is described twice"),
        (BARE + "people: {slack: U1}\n", "expected a list"),
        (BARE + "projects: portal\n", "expected a list"),
        (BARE + "projects: [{key: a}]\n", "projects[0].name: missing"),
        (PROJECT % ", sponsor: Tom Reyes", "does not name a person"),
        (PROJECT % ", currency: dollars", "ISO 4217"),
        (PROJECT % ", currency: USD, budget_at_completion: € 5", "Amounts here are in USD"),
        (PROJECT % ", budget_at_completion: 1.200", "Is that 1,200 or 1.20? Write 1200 or 1.20."),
        (PROJECT % ", budget_at_completion: -5", "too low"),
        (PROJECT % ", milestones: [{key: a b, name: A, owner: '@x'}]", "is not a key"),
        (PROJECT % ", milestones: [{key: a, name: A, owner: '@x', weight: 0}]", "expected more than 0"),
        (
            PROJECT % ", milestones: [{key: a, name: A, owner: '@x'}, {key: A, name: A, owner: '@x'}]",
            '"A" is given twice; first on line 4',
        ),
        (PROJECT % "" + "  - {key: portal, name: P, manager: '@x'}\n", '"portal" is given twice; first on line 4'),
        (BARE + "projects: [{key: all, name: A, manager: '@x'}]\n", "a word of the /compile-report command"),
        (BARE + "projects: [{key: a, name: " + "x" * 201 + ", manager: '@x'}]\n", "expected 200 at most"),
    ],
)
def test_each_wrong_field_is_one_problem(text: str, problem: str) -> None:
    line, count = problems_of(text)
    assert problem in line
    assert count == "1 problem, nothing was changed."


def test_all_problems_come_at_once_in_the_order_of_the_file() -> None:
    lines = problems_of("projects: [{}]\ntimezone: nowhere\nreporting: {due: x}\n")
    numbers = [int(line.split(":")[1]) for line in lines[:-1]]
    assert len(numbers) == 5
    assert numbers == sorted(numbers)


def test_a_project_without_a_manager_is_the_first_admin_s() -> None:
    file = read(BARE + "admins: [boss@example.com, U0OTHER]\nprojects: [{key: a, name: A}]\n")
    assert (file.projects[0].manager.ref, file.unmanaged) == ("boss@example.com", {})


def test_without_an_admin_it_is_nobody_s_and_its_line_says_so() -> None:
    file = read(BARE + "projects:\n  - {key: a, name: A}\n  - {key: b, name: B, manager: '@b'}\n")
    assert file.projects[0].manager is NOBODY
    assert list(file.unmanaged) == ["a"]
    assert file.unmanaged["a"].startswith("portfolio.yaml:4: projects[0].manager: none is named, nor any admin")


def test_a_layout_is_one_that_there_is() -> None:
    text = PROJECT % ", layout: executiv"
    with pytest.raises(FileProblems) as refused:
        read_portfolio(text, "portfolio.yaml", layouts=("brief", "executive", "ours"))
    assert str(refused.value).splitlines()[0] == (
        'portfolio.yaml:4: projects[0].layout: "executiv" is no layout; did you mean "executive"?'
    )
    assert read_portfolio(PROJECT % ", layout: ours", "portfolio.yaml", layouts=("ours",)).projects[0].layout == "ours"


def test_an_empty_list_of_reminders_means_none() -> None:
    assert read(BARE + "reporting: {reminders: []}\n").portfolio.reporting.reminders == ()


def test_reading_is_pure(portfolio_text: str) -> None:
    assert read(portfolio_text) == read(portfolio_text)


@pytest.mark.parametrize("locale", ["de_DE", "en_US"])
def test_money_in_the_file_follows_the_locale(locale: str) -> None:
    text = PROJECT % ", currency: EUR, budget_at_completion: '1.200.000,50 €'" + f"locale: {locale}\n"
    assert read(text).projects[0].budget_at_completion == Decimal("1200000.50")


TRACKED = PROJECT % ", milestones: [{key: app, name: App, owner: dev@example.com, tracker: %s}]"


@pytest.mark.parametrize(
    ("written", "source", "place"),
    [
        ("{github: octo-org/portal#12}", TrackerSource.GITHUB, "octo-org/portal#12"),
        ('{github: "https://github.com/octo-org/portal/issues/12"}', TrackerSource.GITHUB, "octo-org/portal#12"),
        ("{github: octo-org/.github/milestone/3}", TrackerSource.GITHUB, "octo-org/.github/milestone/3"),
        ("{jira: PORTAL-7}", TrackerSource.JIRA, "PORTAL-7"),
        ('{jira: "https://example.atlassian.net/browse/PORTAL-7"}', TrackerSource.JIRA, "PORTAL-7"),
        ("{file: boards/Q3 progress.xlsx}", TrackerSource.FILE, "boards/Q3 progress.xlsx"),
    ],
)
def test_a_milestone_names_its_place_in_a_tracker(written: str, source: TrackerSource, place: str) -> None:
    (milestone,) = read(TRACKED % written).projects[0].milestones
    assert milestone.tracker == TrackerRef(source, place)


@pytest.mark.parametrize(
    ("written", "problem"),
    [
        ("{github: portal}", 'tracker.github: "portal" is not in GitHub; expected owner/repository#12'),
        ("{github: octo-org/..#12}", "tracker.github"),
        ("{github: octo-org/portal#0}", "tracker.github"),
        ("{jira: portal-7}", 'tracker.jira: "portal-7" is not an issue of Jira; expected such as PROJ-123'),
        ('{jira: "PORTAL-7 OR project = HR"}', "tracker.jira"),
        ("{file: /etc/passwd.csv}", "tracker.file"),
        ("{file: ../secrets.csv}", "tracker.file"),
        ("{file: boards/../../secrets.csv}", "tracker.file"),
        ("{file: progress.txt}", "tracker.file"),
        ("{gitlab: a/b#1}", 'tracker.gitlab: unknown field; did you mean "github"?'),
        ("{github: a/b#1, jira: PORTAL-7}", "tracker: expected one of github, jira, file"),
        ("PORTAL-7", "tracker: expected a group of fields"),
    ],
)
def test_a_place_that_cannot_be_is_refused_with_line_and_field(written: str, problem: str) -> None:
    assert any(
        line.startswith("portfolio.yaml:4: projects[0].milestones[0].") and problem in line
        for line in problems_of(TRACKED % written)
    )
