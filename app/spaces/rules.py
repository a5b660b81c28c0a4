"""Decisions about spaces, invitations and weekly times."""

import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

LENGTHS = ("short", "usual", "full")
DEFAULT_WEEKDAY = 6  # Sunday
DEFAULT_MINUTE = 19 * 60
DEFAULT_LENGTH = "usual"
INVITATION_LASTS = timedelta(days=7)
ENDING_SHOWS = timedelta(days=30)  # how long the page of a space of one's own says that a shared one has ended


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


def keep_or_move(next_due_at: datetime, now: datetime, weekday: int, minute: int, zone: str) -> datetime:
    """When a space is due after its weekly time was changed `now`.

    A time that has come and was not handled yet stays: moving it on would swallow a check-in without a word.
    """
    return next_due_at if next_due_at <= now else next_due(now, weekday, minute, zone)


def parse_time(text: str) -> int:
    """Minutes from midnight of a time of day such as `19:30`. Raises ValueError."""
    found = re.fullmatch(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::00)?", text.strip())
    if found is None:
        raise ValueError("not a time of day")
    return int(found[1]) * 60 + int(found[2])


def place_of(zone: str) -> str:
    """A zone as people say it: `Zurich time` for Europe/Zurich, and UTC as it is."""
    place = zone.rpartition("/")[2].replace("_", " ")
    return place if place == "UTC" else f"{place} time"


def hash_code(code: str) -> str:
    """SHA-256 of an invitation's code, as hex. The code has 192 random bits, so nobody can guess it from this."""
    return hashlib.sha256(code.encode()).hexdigest()


def judge_invitation(*, is_open: bool, inviter_id: int, member_id: int | None, partner_id: int | None) -> str:
    """What an invitation is to whoever opens it; `member_id` is None for somebody signed out.

    `together`: the two share a space already. `gone`: used, expired or withdrawn. `visitor`: to be shown to somebody
    signed out. `own`: one's own. `taken`: one shares a space with somebody else and must leave that first.
    `welcome`: may be accepted.
    """
    if partner_id == inviter_id:
        return "together"
    if not is_open:
        return "gone"
    if member_id is None:
        return "visitor"
    if member_id == inviter_id:
        return "own"
    return "welcome" if partner_id is None else "taken"
