"""When each step is due on a person's own clock, and what is done about it."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.calendars import working_calendar
from bot.domain.ladder import Action, Decision, Hours, Rung, climb, decide, foresee, ladder, overdue_rung, plain_step
from bot.domain.presence import Presence
from bot.domain.quarter import (
    FiscalYear,
    Quarter,
    QuarterDates,
    ReportingRules,
    ReportingWindow,
    WorkingCalendar,
    reporting_window,
)
from tests.builders import Q3

RULES = ReportingRules()
OPENS, CLOSES = RULES.hours


def hours_in(zone: str, country: str | None = None) -> Hours:
    return Hours(ZoneInfo(zone), working_calendar(country), OPENS, CLOSES)


def a_window(
    quarter: Quarter = Q3, rules: ReportingRules = RULES, dates: QuarterDates | None = None
) -> ReportingWindow:
    """The window of a company in New York: 19 September to 3 October 17:00."""
    return reporting_window(
        quarter,
        fiscal_year=FiscalYear(),
        rules=rules,
        calendar=working_calendar("US"),
        zone=ZoneInfo("America/New_York"),
        dates=dates,
    )


def steps_of(window: ReportingWindow, hours: Hours, rules: ReportingRules = RULES) -> dict[str, str]:
    """The steps as the person's own calendar and clock show them."""
    return {rung.step: f"{rung.at.astimezone(hours.zone):%a %d %b %H:%M}" for rung in ladder(window, rules, hours)}


def test_the_steps_of_somebody_in_the_company_s_own_zone() -> None:
    assert steps_of(a_window(), hours_in("America/New_York", "US")) == {
        "opening": "Fri 19 Sep 09:30",
        "reminder-5": "Fri 26 Sep 09:30",
        "reminder-2": "Wed 01 Oct 09:30",
        "last-call": "Fri 03 Oct 09:30",
    }


def test_each_person_is_written_to_in_the_morning_of_their_own_zone() -> None:
    steps = steps_of(a_window(), hours_in("Europe/Paris", "FR"))
    assert steps["opening"] == "Fri 19 Sep 09:30"
    assert steps["last-call"] == "Fri 03 Oct 09:30"


def test_east_of_the_company_the_opening_waits_until_the_window_has_opened() -> None:
    """When 19 September begins in New York it is 13:00 in Tokyo and 16:00 in Auckland; in Apia work has ended."""
    assert steps_of(a_window(), hours_in("Asia/Tokyo"))["opening"] == "Fri 19 Sep 13:00"
    assert steps_of(a_window(), hours_in("Pacific/Auckland"))["opening"] == "Fri 19 Sep 16:00"
    assert steps_of(a_window(), hours_in("Pacific/Apia"))["opening"] == "Mon 22 Sep 09:30"


def test_a_due_instant_in_the_night_has_its_last_call_in_the_working_hours_before() -> None:
    """Friday 17:00 in New York is Saturday 06:00 in Tokyo: the last good moment begins on Friday morning."""
    steps = steps_of(a_window(), hours_in("Asia/Tokyo", "JP"))
    assert steps["last-call"] == "Fri 03 Oct 09:30"
    assert steps["reminder-2"] == "Thu 02 Oct 09:30"


def test_reminders_count_the_person_s_own_working_days() -> None:
    """In Germany 3 October is a holiday, so five working days before Friday 3 October still begin on the 26th, and the
    last call moves to Thursday morning."""
    steps = steps_of(a_window(), hours_in("Europe/Berlin", "DE"))
    assert steps["last-call"] == "Thu 02 Oct 09:30"
    assert steps["reminder-2"] == "Wed 01 Oct 09:30"


def test_an_opening_on_a_holiday_waits_for_the_next_working_day() -> None:
    window = a_window(dates=QuarterDates(opens=date(2025, 9, 1)))
    steps = steps_of(window, hours_in("America/New_York", "US"))  # 1 September is Labor Day
    assert steps["opening"] == "Tue 02 Sep 09:30"


def test_a_deadline_before_the_working_hours_has_its_last_call_on_the_day_before() -> None:
    window = a_window(rules=ReportingRules(due_time=time(9)))
    assert steps_of(window, hours_in("America/New_York", "US"))["last-call"] == "Thu 02 Oct 09:30"


def test_a_deadline_on_monday_night_has_its_last_call_on_friday() -> None:
    window = a_window(rules=ReportingRules(due_time=time(1)), dates=QuarterDates(due=date(2025, 10, 6)))
    assert steps_of(window, hours_in("America/New_York", "US"))["last-call"] == "Fri 03 Oct 09:30"


def test_somebody_away_from_opening_to_deadline_is_skipped_with_that_reason_as_the_window_opens() -> None:
    closed = WorkingCalendar(lambda day: date(2025, 9, 15) <= day <= date(2025, 10, 20))
    away = Hours(ZoneInfo("America/New_York"), closed, OPENS, CLOSES)
    window = a_window()
    [opening] = ladder(window, RULES, away)
    assert opening == Rung("opening", new_york(9, 19, 0), window.due_at)
    [decision] = decide([opening], is_missing=True, hours=away, now=opening.at)
    assert (decision.action, decision.reason) == (Action.SKIP, "no good moment before the deadline")


@pytest.mark.parametrize("opens", [3, 5])
def test_a_reminder_on_or_before_the_opening_day_is_left_out(opens: int) -> None:
    """The first thing that somebody hears is the opening, which says what is asked."""
    window = a_window(rules=ReportingRules(opens=opens))
    assert list(steps_of(window, hours_in("America/New_York", "US"))) == ["opening", "reminder-2", "last-call"]


def test_the_opening_never_follows_the_last_call() -> None:
    """A window that opens on its due day has its opening and its last call in the same morning."""
    window = a_window(dates=QuarterDates(opens=date(2025, 10, 3)))
    rungs = {rung.step: rung.at for rung in ladder(window, RULES, hours_in("America/New_York", "US"))}
    assert rungs["last-call"] == rungs["opening"]


ZONES = st.sampled_from(["America/New_York", "Asia/Tokyo", "Europe/Berlin", "Pacific/Auckland", "Pacific/Honolulu"])
COUNTRIES = st.sampled_from(["US", "JP", "DE", "NZ", None])
HOURS = st.builds(hours_in, ZONES, COUNTRIES)
QUARTERS = st.builds(Quarter, st.integers(2020, 2030), st.integers(1, 4))
MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(QUARTERS, HOURS)
def test_every_step_lies_in_the_person_s_hours_before_the_deadline_and_in_order(quarter: Quarter, hours: Hours) -> None:
    window = a_window(quarter)
    rungs = ladder(window, RULES, hours)
    assert [rung.step for rung in rungs][-1] == "last-call"
    assert all(one.at <= other.at for one, other in pairwise(rungs))
    for rung in rungs:
        assert rung.at < window.due_at
        assert is_within(hours, rung.at)


@given(HOURS, MOMENTS)
def test_the_next_moment_is_the_first_good_one(hours: Hours, moment: datetime) -> None:
    found = hours.next_moment(moment)
    assert found >= moment
    assert is_within(hours, found)
    if found > moment:
        assert not is_within(hours, moment)
        assert not is_within(hours, found - timedelta(minutes=1))
    assert hours.next_moment(found) == found


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2025, 10, 3, 13, 29, tzinfo=UTC), datetime(2025, 10, 3, 13, 30, tzinfo=UTC)),  # 09:29 in New York
        (datetime(2025, 10, 3, 20, 29, tzinfo=UTC), datetime(2025, 10, 3, 20, 29, tzinfo=UTC)),  # 16:29
        (datetime(2025, 10, 3, 20, 30, tzinfo=UTC), datetime(2025, 10, 6, 13, 30, tzinfo=UTC)),  # 16:30 on a Friday
    ],
)
def test_hours_are_half_open(now: datetime, expected: datetime) -> None:
    assert hours_in("America/New_York", "US").next_moment(now) == expected


NEW_YORK = hours_in("America/New_York", "US")
WINDOW = a_window()
RUNGS = ladder(WINDOW, RULES, NEW_YORK)


def decisions_at(now: datetime, *, settled: set[str] = frozenset(), is_missing: bool = True) -> list[Decision]:
    rungs = [rung for rung in RUNGS if rung.step not in settled]
    return list(decide(rungs, is_missing=is_missing, hours=NEW_YORK, now=now))


def new_york(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2025, month, day, hour, minute, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)


def test_a_step_is_sent_from_its_instant_on_and_not_before() -> None:
    assert decisions_at(RUNGS[0].at - timedelta(seconds=1)) == []
    assert decisions_at(RUNGS[0].at) == [Decision(RUNGS[0], Action.SEND)]


def test_only_the_latest_of_several_missed_steps_is_sent_and_the_others_say_why_not() -> None:
    opening, five, two, _ = RUNGS
    assert decisions_at(new_york(10, 2, 11)) == [
        Decision(opening, Action.DROP, "replaced by reminder-2"),
        Decision(five, Action.DROP, "replaced by reminder-2"),
        Decision(two, Action.SEND),
    ]


def test_nobody_who_has_answered_everything_is_reminded() -> None:
    [decision] = decisions_at(new_york(9, 26, 10), settled={"opening"}, is_missing=False)
    assert (decision.action, decision.reason) == (Action.SKIP, "nothing missing")


def test_a_settled_step_is_not_decided_again() -> None:
    assert decisions_at(new_york(9, 26, 10), settled={"opening", "reminder-5"}) == []


def test_nothing_is_sent_after_the_deadline() -> None:
    decisions = decisions_at(WINDOW.due_at, settled={"opening", "reminder-5", "reminder-2"})
    assert [(d.action, d.reason) for d in decisions] == [(Action.DROP, "the deadline has passed")]


def test_a_step_missed_during_the_day_waits_for_the_next_morning() -> None:
    [decision] = decisions_at(new_york(9, 19, 22))
    assert decision.action is Action.WAIT


def test_a_last_call_missed_until_after_hours_on_the_due_day_is_skipped_with_the_reason() -> None:
    decisions = decisions_at(new_york(10, 3, 16, 45), settled={"opening", "reminder-5", "reminder-2"})
    assert [(d.action, d.reason) for d in decisions] == [(Action.SKIP, "no good moment before the deadline")]


@given(
    HOURS,
    st.lists(st.tuples(st.integers(0, 25 * 24 * 60), st.booleans()), min_size=1, max_size=25),
)
def test_whenever_the_bot_looks_nothing_is_sent_twice_or_outside_hours_or_after_the_deadline(
    hours: Hours, looks: list[tuple[int, bool]]
) -> None:
    """The bot may be down for any time between two looks, and people may have answered at any of them."""
    rungs = ladder(WINDOW, RULES, hours)
    settled: set[str] = set()
    sent: list[Rung] = []
    start = datetime(2025, 9, 17, tzinfo=UTC)
    for minutes, is_missing in sorted(looks):
        now = start + timedelta(minutes=minutes)
        left = [rung for rung in rungs if rung.step not in settled]
        decisions = list(decide(left, is_missing=is_missing, hours=hours, now=now))
        sends = [d.rung for d in decisions if d.action is Action.SEND]
        assert len(sends) <= 1
        if sends:
            assert is_missing
            assert is_within(hours, now)
            assert sends[0].at <= now < WINDOW.due_at
        assert all(d.reason for d in decisions if d.action in (Action.SKIP, Action.DROP))
        sent += sends
        settled |= {d.rung.step for d in decisions if d.action is not Action.WAIT}
    assert len({rung.step for rung in sent}) == len(sent)
    assert sent == sorted(sent, key=lambda rung: rung.at)


PRESENCES = st.builds(
    lambda away, days, dnd, hours: Presence(
        is_away=away,
        away_until=WINDOW.opens_at + timedelta(days=days) if days is not None else None,
        dnd_from=WINDOW.opens_at + timedelta(hours=dnd),
        dnd_until=WINDOW.opens_at + timedelta(hours=dnd + hours),
    ),
    st.booleans(),
    st.none() | st.integers(-2, 25),
    st.integers(0, 20 * 24),
    st.integers(0, 100),
)


@given(HOURS, PRESENCES, st.booleans())
def test_what_is_foreseen_is_what_is_decided_when_the_time_comes(
    hours: Hours, presence: Presence, is_missing: bool
) -> None:
    """A bot that is always up looks whenever a step comes due and whenever one stops waiting."""
    rungs = [*ladder(WINDOW, RULES, hours), overdue_rung(WINDOW, hours)]
    foreseen = list(foresee(rungs, is_missing=is_missing, hours=hours, presence=presence))
    assert [decision.rung for decision in foreseen] == rungs
    settled: dict[str, tuple[Action, str | None, datetime]] = {}
    for now in sorted({rung.at for rung in rungs} | {d.waits_until for d in foreseen if d.waits_until}):
        left = [rung for rung in rungs if rung.step not in settled]
        for decision in decide(left, is_missing=is_missing, hours=hours, now=now, presence=presence):
            if decision.action is not Action.WAIT:
                settled[decision.rung.step] = (decision.action, decision.reason, now)
    for decision in foreseen:
        action, reason, at = settled[decision.rung.step]
        if decision.action is Action.WAIT:
            assert (action, at) == (Action.SEND, decision.waits_until)
        else:
            assert (action, reason) == (decision.action, decision.reason)


DUE_DAYS = st.lists(st.dates(date(2025, 9, 22), date(2025, 11, 10)), min_size=1, max_size=4, unique=True).map(sorted)


@given(HOURS, DUE_DAYS, st.integers(1, 12))
def test_of_several_deadlines_each_is_heard_of_before_it_comes_and_none_while_an_earlier_one_is_spoken_of(
    hours: Hours, due_days: list[date], opens: int
) -> None:
    windows = [a_window(rules=ReportingRules(opens=opens), dates=QuarterDates(due=due)) for due in due_days]
    ladders = [[*ladder(w, RULES, hours), overdue_rung(w, hours)] for w in windows]
    named = [[rung.about(w.due_on) for rung in rungs] for w, rungs in zip(windows, ladders, strict=True)]
    way = climb(named)
    assert [rung for rung in way if rung in named[0]] == named[0]
    assert way == sorted(way, key=lambda rung: rung.at)
    assert len({rung.step for rung in way}) == len(way)
    for n, (window, rungs) in enumerate(zip(windows, named, strict=True)):
        kept = [rung for rung in way if rung in rungs]
        assert not any(earlier[0].at <= rung.at < earlier[-2].at for rung in kept for earlier in named[:n])
        assert any(rungs[0].at <= rung.at < window.due_at for rung in way)


def test_a_step_is_named_after_a_deadline_of_its_own_and_keeps_its_plain_name() -> None:
    step = RUNGS[1].about(date(2025, 10, 9)).step
    assert (step, plain_step(step), plain_step("opening")) == ("reminder-5@10-09", "reminder-5", "opening")


def is_within(hours: Hours, moment: datetime) -> bool:
    local = moment.astimezone(hours.zone)
    return hours.calendar.is_working_day(local.date()) and hours.opens <= local.time() < hours.closes
