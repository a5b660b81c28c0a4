"""A reminder for somebody's own calendar, as a file (RFC 5545)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from icalendar import Alarm, Calendar, Event

LASTS = timedelta(minutes=15)
ZONE_KNOWN_FOR = timedelta(days=3653)  # how long a repeated event finds the summer times of its zone in the file


def write_event(uid: str, title: str, starts_at: datetime, zone: str, *, every_week: bool, now: datetime) -> bytes:
    """One event at `starts_at`, by the clocks of `zone`, once or every week. It says nothing but `title`.

    The same uid replaces the event in a calendar that has it. Without METHOD the file carries a snapshot and asks
    nobody for anything (RFC 5545, section 3.7.2); PUBLISH would have to name an organizer (RFC 5546, section 3.2.1).
    """
    local = starts_at.astimezone(ZoneInfo(zone))
    event = Event()
    event.add("uid", uid)
    event.add("dtstamp", now)
    event.add("dtstart", local)
    event.add("duration", LASTS)
    if every_week:
        event.add("rrule", {"freq": "weekly"})
    event.add("summary", title)
    event.add("class", "PRIVATE")
    event.add("transp", "TRANSPARENT")
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("trigger", timedelta(0))
    alarm.add("description", title)
    event.add_component(alarm)
    calendar = Calendar()
    calendar.add("prodid", "-//Same Side//EN")
    calendar.add("version", "2.0")
    calendar.add_component(event)
    calendar.add_missing_timezones(local.date() - timedelta(days=1), local.date() + ZONE_KNOWN_FOR)
    written: bytes = calendar.to_ical()
    return written
