"""The calendar entry: one neutral event for one's own calendar, at a time of one's own."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from icalendar import Calendar

from tests.agreements.conftest import PLAN, made_by, sign_out
from tests.conftest import MONDAY_MORNING, Person

CHOICE = {"weekday": "3", "time": "20:15", "title": ""}
ZURICH = ZoneInfo("Europe/Zurich")


@pytest.fixture
def made(alice: Person, bob: Person) -> str:
    return made_by(alice, bob)


def ask(person: Person, agreement_id: str, **fields: str) -> Any:
    return person.post(f"/agreements/{agreement_id}.ics", CHOICE | fields)


def event_in(answer: Any) -> tuple[Calendar, Any]:
    """The calendar and its one event, read as calendars read them."""
    calendar = Calendar.from_ical(answer.data)
    (event,) = calendar.walk("VEVENT")
    return calendar, event


def test_it_is_one_event_at_the_chosen_time_of_ones_own_zone(alice: Person, bob: Person, made: str) -> None:
    answer = ask(alice, made)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=reminder.ics"
    assert answer.headers["Cache-Control"] == "private, no-store"
    calendar, event = event_in(answer)
    assert calendar["version"] == "2.0"
    assert "prodid" in calendar
    assert event.start == datetime(2026, 11, 26, 20, 15, tzinfo=ZURICH)
    assert event.duration == timedelta(minutes=15)
    assert event.decoded("dtstamp") == MONDAY_MORNING
    assert event["uid"] == f"{made}@127.0.0.1"
    assert "rrule" not in event


def test_it_carries_no_scheduling(alice: Person, bob: Person, made: str) -> None:
    """RFC 5545, section 3.7.2: without METHOD a file is a snapshot, which asks and answers nobody."""
    calendar, event = event_in(ask(alice, made))
    for name in ("method", "organizer", "attendee"):
        assert name not in calendar
        assert name not in event


def test_it_says_nothing_but_neutral_words(alice: Person, bob: Person, made: str) -> None:
    for answer in (ask(alice, made), alice.get(f"/agreements/{made}.ics")):
        _, event = event_in(answer)
        assert event["summary"] == "Weekly reminder"
        (alarm,) = event.walk("VALARM")
        assert alarm["description"] == "Weekly reminder"
        for word in (*PLAN.values(), "Alice", "Bob", "gree", "partner", "check-in", "example.org"):
            assert word not in answer.text


def test_or_the_words_that_somebody_typed_for_it(alice: Person, bob: Person, made: str) -> None:
    _, event = event_in(ask(alice, made, title="Tea; two cups, " + "long " * 8))
    assert event["summary"] == "Tea; two cups, long long long long long long long long"


def test_typed_words_cannot_break_out_of_their_line(alice: Person, bob: Person, made: str) -> None:
    answer = ask(alice, made, title="Tea\r\nATTENDEE:mailto:x@example.org\nEND:VEVENT")
    assert b"\r\nATTENDEE" not in answer.data
    _, event = event_in(answer)
    assert event["summary"] == "Tea ATTENDEE:mailto:x@example.org END:VEVENT"


def test_every_line_is_short_and_ends_as_the_format_wants(alice: Person, bob: Person, made: str) -> None:
    data = ask(alice, made, title="größer " * 11).data
    assert data.endswith(b"END:VCALENDAR\r\n")
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not any(b"\n" in line for line in lines)


def test_every_week_it_keeps_to_the_wall_clock_over_the_change_of_time(alice: Person, bob: Person, made: str) -> None:
    calendar, event = event_in(ask(alice, made, every_week="y"))
    assert event["rrule"] == {"FREQ": ["WEEKLY"]}
    assert event["dtstart"].params["tzid"] == "Europe/Zurich"
    (zone,) = calendar.walk("VTIMEZONE")
    assert zone["tzid"] == "Europe/Zurich"
    july = datetime(2030, 7, 4, 20, 15, tzinfo=zone.to_tz())
    assert july.astimezone(UTC) == datetime(2030, 7, 4, 18, 15, tzinfo=UTC)


def test_the_same_entry_again_replaces_the_first(alice: Person, bob: Person, made: str, clock: Any) -> None:
    _, first = event_in(ask(alice, made))
    clock.shift(60)
    _, second = event_in(ask(alice, made, time="21:00"))
    assert first["uid"] == second["uid"]
    assert second.decoded("dtstamp") > first.decoded("dtstamp")


def test_without_a_choice_it_is_the_time_of_the_check_in(alice: Person, bob: Person, made: str) -> None:
    answer = alice.get(f"/agreements/{made}.ics?title=canary&weekday=2")
    _, event = event_in(answer)
    assert event.start == datetime(2026, 11, 29, 19, 0, tzinfo=ZURICH)
    assert "canary" not in answer.text


def test_the_page_offers_that_time_and_says_what_the_calendar_will_show(alice: Person, bob: Person, made: str) -> None:
    page = alice.text(f"/agreements/{made}/calendar")
    assert '<option value="6" selected>Sunday</option>' in page
    assert 'value="19:00"' in page
    assert "Weekly reminder" in page
    assert PLAN["when"] not in page


@pytest.mark.parametrize(
    ("fields", "advice"),
    [
        pytest.param({"weekday": "7"}, "Choose a day of the week.", id="no such day"),
        pytest.param({"time": "25:00"}, "Enter a time of day such as 19:30.", id="no such time"),
        pytest.param({"time": ""}, "Enter a time of day such as 19:30.", id="no time"),
        pytest.param({"title": "x" * 81}, "This has 81 characters; 80 fit.", id="long words"),
    ],
)
def test_a_mistake_brings_the_form_back_with_everything_in_it(
    alice: Person, bob: Person, made: str, fields: dict[str, str], advice: str
) -> None:
    answer = ask(alice, made, **({"title": "Tea", "every_week": "y"} | fields))
    assert answer.status_code == 422
    assert advice in answer.text
    assert f'value="{fields.get("title", "Tea")}"' in answer.text
    assert 'name="every_week" value="y" checked' in answer.text


def test_both_may_have_one_and_nobody_else(alice: Person, bob: Person, charlie: Person, made: str) -> None:
    assert ask(bob, made).status_code == 200
    for page in (f"/agreements/{made}/calendar", f"/agreements/{made}.ics"):
        assert charlie.get(page).status_code == 404
        assert bob.get(page).status_code == 200
    assert ask(charlie, made).status_code == 404
    bob.post(f"/agreements/{made}/withdraw")
    assert ask(alice, made).status_code == 404
    sign_out(alice)
    for page in (f"/agreements/{made}/calendar", f"/agreements/{made}.ics"):
        assert alice.get(page).location.startswith("/sign-in")
    assert ask(alice, made).location.startswith("/sign-in")
