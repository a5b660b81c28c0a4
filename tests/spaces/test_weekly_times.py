"""When a weekly time comes, by the wall clock of its zone: spring gaps, autumn overlaps, days that never were."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import WEEKLY, rrule
from hypothesis import given, settings
from hypothesis import strategies as some

from app.spaces import rules
from app.spaces.rules import latest_due, local_date, monday_of, next_due, occurrence

MONDAY, FRIDAY, SUNDAY = 0, 4, 6


def at(text: str) -> datetime:
    """`2026-11-29 18:00` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def minutes(text: str) -> int:
    return rules.parse_time(text)


OCCURRENCES = {
    "Zurich in winter": ("2026-11-29", "19:00", "Europe/Zurich", "2026-11-29 18:00"),
    "Zurich in summer": ("2026-07-05", "19:00", "Europe/Zurich", "2026-07-05 17:00"),
    "midnight belongs to the day that begins": ("2026-11-29", "00:00", "Europe/Zurich", "2026-11-28 23:00"),
    "Zurich 02:30, skipped: 03:30 on the clock": (
        "2026-03-29",
        "02:30",
        "Europe/Zurich",
        "2026-03-29 01:30",
    ),
    "Zurich, the hour after the gap": ("2026-03-29", "03:00", "Europe/Zurich", "2026-03-29 01:00"),
    "Zurich, twice in autumn: the first": ("2026-10-25", "02:30", "Europe/Zurich", "2026-10-25 00:30"),
    "New York 01:30, before the gap": ("2026-03-08", "01:30", "America/New_York", "2026-03-08 06:30"),
    "New York 02:30, skipped: 03:30 on the clock": ("2026-03-08", "02:30", "America/New_York", "2026-03-08 07:30"),
    "New York 01:30, twice: the first": ("2026-11-01", "01:30", "America/New_York", "2026-11-01 05:30"),
    "New York 02:30, after the overlap": ("2026-11-01", "02:30", "America/New_York", "2026-11-01 07:30"),
    "Lord Howe, a gap of half an hour": ("2026-10-04", "02:15", "Australia/Lord_Howe", "2026-10-03 15:45"),
    "Lord Howe, an overlap of half an hour": ("2026-04-05", "01:45", "Australia/Lord_Howe", "2026-04-04 14:45"),
    "Troll, a gap of two hours": ("2026-03-29", "02:30", "Antarctica/Troll", "2026-03-29 02:30"),
    "Troll, an overlap of two hours: the first": ("2026-10-25", "02:30", "Antarctica/Troll", "2026-10-25 00:30"),
    "Apia, a Friday that never was: the same time the day after": (
        *("2011-12-30", "19:00", "Pacific/Apia", "2011-12-31 05:00"),
    ),
    "Kathmandu, three quarters of an hour": ("2026-11-29", "19:00", "Asia/Kathmandu", "2026-11-29 13:15"),
}


@pytest.mark.parametrize(("day", "time", "zone", "instant"), OCCURRENCES.values(), ids=OCCURRENCES)
def test_a_wall_time_on_a_day_is_this_instant(day: str, time: str, zone: str, instant: str) -> None:
    assert occurrence(date.fromisoformat(day), minutes(time), zone) == at(instant)


NEXT = {
    "later today": ("2026-11-29 17:59", SUNDAY, "19:00", "Europe/Zurich", "2026-11-29 18:00"),
    "now is not later": ("2026-11-29 18:00", SUNDAY, "19:00", "Europe/Zurich", "2026-12-06 18:00"),
    "a moment after": ("2026-11-29 18:00:00.000001", SUNDAY, "19:00", "Europe/Zurich", "2026-12-06 18:00"),
    "tomorrow, over the turn of the week": ("2026-11-29 18:00", MONDAY, "19:00", "Europe/Zurich", "2026-11-30 18:00"),
    "yesterday is six days away": ("2026-11-30 18:00", SUNDAY, "19:00", "Europe/Zurich", "2026-12-06 18:00"),
    "Sunday in UTC, Monday in Auckland": ("2026-11-29 12:00", MONDAY, "08:00", "Pacific/Auckland", "2026-11-29 19:00"),
    "Monday in UTC, Sunday in Honolulu": ("2026-11-30 02:00", SUNDAY, "19:00", "Pacific/Honolulu", "2026-11-30 05:00"),
    "over a spring change, an hour sooner": ("2026-03-22 18:00", SUNDAY, "19:00", "Europe/Zurich", "2026-03-29 17:00"),
    "over an autumn change, an hour later": ("2026-10-18 17:00", SUNDAY, "19:00", "Europe/Zurich", "2026-10-25 18:00"),
    "into a gap": ("2026-03-01 07:30", SUNDAY, "02:30", "America/New_York", "2026-03-08 07:30"),
    "out of a gap": ("2026-03-08 07:30", SUNDAY, "02:30", "America/New_York", "2026-03-15 06:30"),
    "between the two 01:30s the first is over": (
        *("2026-11-01 06:00", SUNDAY, "01:30", "America/New_York", "2026-11-08 06:30"),
    ),
    "at the second 01:30": ("2026-11-01 06:30", SUNDAY, "01:30", "America/New_York", "2026-11-08 06:30"),
    "between the two 01:45s of Lord Howe": (
        *("2026-04-04 15:00", SUNDAY, "01:45", "Australia/Lord_Howe", "2026-04-11 15:15"),
    ),
    "the Friday that Apia skipped": ("2011-12-24 05:00", FRIDAY, "19:00", "Pacific/Apia", "2011-12-31 05:00"),
    "and the one after it": ("2011-12-31 05:00", FRIDAY, "19:00", "Pacific/Apia", "2012-01-06 05:00"),
    "Kwajalein, which skipped a Saturday": ("1993-08-20 12:00", 5, "19:00", "Pacific/Kwajalein", "1993-08-22 07:00"),
}


@pytest.mark.parametrize(("after", "weekday", "time", "zone", "expected"), NEXT.values(), ids=NEXT)
def test_the_next_time_after_a_moment(after: str, weekday: int, time: str, zone: str, expected: str) -> None:
    assert next_due(at(after), weekday, minutes(time), zone) == at(expected)


LATEST = {
    "an hour ago": ("2026-11-29 19:00", SUNDAY, "19:00", "Europe/Zurich", "2026-11-29 18:00"),
    "this very moment": ("2026-11-29 18:00", SUNDAY, "19:00", "Europe/Zurich", "2026-11-29 18:00"),
    "a moment too early": ("2026-11-29 17:59:59", SUNDAY, "19:00", "Europe/Zurich", "2026-11-22 18:00"),
    "tomorrow's was six days ago": ("2026-11-29 18:00", MONDAY, "19:00", "Europe/Zurich", "2026-11-23 18:00"),
    "between the two 01:30s": ("2026-11-01 06:00", SUNDAY, "01:30", "America/New_York", "2026-11-01 05:30"),
    "just before a gap's time": ("2026-03-08 07:29", SUNDAY, "02:30", "America/New_York", "2026-03-01 07:30"),
    "after the Friday that Apia skipped": ("2011-12-31 06:00", FRIDAY, "19:00", "Pacific/Apia", "2011-12-31 05:00"),
    "before the Friday that Apia skipped": ("2011-12-31 04:00", FRIDAY, "19:00", "Pacific/Apia", "2011-12-24 05:00"),
}


@pytest.mark.parametrize(("now", "weekday", "time", "zone", "expected"), LATEST.values(), ids=LATEST)
def test_the_last_time_up_to_a_moment(now: str, weekday: int, time: str, zone: str, expected: str) -> None:
    assert latest_due(at(now), weekday, minutes(time), zone) == at(expected)


ZONES = (
    *("Europe/Zurich", "Europe/London", "Europe/Dublin", "America/New_York", "America/St_Johns", "America/Santiago"),
    *("Africa/Casablanca", "Africa/Cairo", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham"),
    *("Pacific/Apia", "Antarctica/Troll", "UTC"),
)
AWKWARD = ((SUNDAY, "01:30"), (SUNDAY, "02:30"), (5, "23:45"))


@pytest.mark.parametrize("zone", ZONES)
def test_ten_years_of_weeks_are_those_of_another_calendar_library(zone: str) -> None:
    for weekday, time in AWKWARD:
        first = datetime(2026, 1, 1, minutes(time) // 60, minutes(time) % 60)
        theirs = [
            local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
            for local in rrule(WEEKLY, dtstart=first, byweekday=weekday, count=522)
        ]
        moment = theirs[0] - timedelta(seconds=1)
        ours = [moment := next_due(moment, weekday, minutes(time), zone) for _ in theirs]
        assert ours == theirs


@pytest.mark.parametrize("zone", ZONES)
def test_times_that_follow_each_other_are_seven_local_days_apart(zone: str) -> None:
    for weekday, time in AWKWARD:
        moment = at("2026-01-01 00:00")
        weeks = [moment := next_due(moment, weekday, minutes(time), zone) for _ in range(522)]
        assert all(earlier < later for earlier, later in pairwise(weeks))
        days = [local_date(week, zone) for week in weeks]
        assert {later - earlier for earlier, later in pairwise(days)} == {timedelta(days=7)}
        assert {day.weekday() for day in days} == {weekday}


MOMENTS = some.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=some.just(UTC))


@settings(max_examples=150, deadline=None)
@given(
    moment=MOMENTS,
    weekday=some.integers(0, 6),
    minute=some.integers(0, 24 * 60 - 1),
    zone=some.sampled_from(ZONES),
)
def test_every_moment_lies_between_two_times_that_know_each_other(
    moment: datetime, weekday: int, minute: int, zone: str
) -> None:
    before, after = latest_due(moment, weekday, minute, zone), next_due(moment, weekday, minute, zone)
    assert before <= moment < after
    assert next_due(before, weekday, minute, zone) == after
    assert latest_due(after, weekday, minute, zone) == after
    assert latest_due(after - timedelta(microseconds=1), weekday, minute, zone) == before


WEEKS = {
    "a Sunday evening belongs to the week that ends": ("2026-11-29 18:00", "Europe/Zurich", "2026-11-23"),
    "Monday just after midnight is a new week": ("2026-11-29 23:00", "Europe/Zurich", "2026-11-30"),
    "the same moment is still Sunday further west": ("2026-11-29 23:00", "America/New_York", "2026-11-23"),
    "the turn of the year does not cut a week": ("2026-12-31 23:30", "Europe/Zurich", "2026-12-28"),
}


@pytest.mark.parametrize(("moment", "zone", "monday"), WEEKS.values(), ids=WEEKS)
def test_a_moment_lies_in_the_week_of_its_zone(moment: str, zone: str, monday: str) -> None:
    assert monday_of(at(moment), zone) == date.fromisoformat(monday)
