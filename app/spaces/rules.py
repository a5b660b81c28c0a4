"""Decisions about spaces and weekly times."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LENGTHS = ("short", "usual", "full")
DEFAULT_WEEKDAY = 6  # Sunday
DEFAULT_MINUTE = 19 * 60
DEFAULT_LENGTH = "usual"
INVITATION_LASTS = timedelta(days=7)


def occurrence(day: date, minute: int, zone: str) -> datetime:
    """The instant, in UTC, at which the clocks of `zone` show `minute` (from midnight) on `day`.

    A time that a spring change skips is read with the offset before the gap, one that comes twice is the first of the
    two (RFC 5545, section 3.3.5); fold=0 says both. A day that a zone skipped whole moves on with its offset.
    """
    local = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=ZoneInfo(zone))
    return local.astimezone(UTC)


def local_date(moment: datetime, zone: str) -> date:
    """The date that calendars in `zone` show at `moment`."""
    return moment.astimezone(ZoneInfo(zone)).date()


def next_due(after: datetime, weekday: int, minute: int, zone: str) -> datetime:
    """The first weekly occurrence later than `after`, in UTC. The wall clock rules, not seven times 24 hours."""
    day = local_date(after, zone) - timedelta(days=1)
    day += timedelta(days=(weekday - day.weekday()) % 7)
    while (moment := occurrence(day, minute, zone)) <= after:
        day += timedelta(days=7)
    return moment


def latest_due(now: datetime, weekday: int, minute: int, zone: str) -> datetime:
    """The last weekly occurrence that is not later than `now`, in UTC."""
    day = local_date(now, zone) + timedelta(days=1)
    day -= timedelta(days=(day.weekday() - weekday) % 7)
    while (moment := occurrence(day, minute, zone)) > now:
        day -= timedelta(days=7)
    return moment


def monday_of(moment: datetime, zone: str) -> date:
    """The Monday of the ISO week in which `moment` lies by the calendar of `zone`."""
    day = local_date(moment, zone)
    return day - timedelta(days=day.weekday())
