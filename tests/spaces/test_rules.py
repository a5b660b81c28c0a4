"""The small decisions: times of day, changed schedules, and what an invitation is to whom."""

from datetime import UTC, datetime

import pytest

from app.spaces import rules

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)  # a Wednesday
LATER = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)  # Sunday, 19:00 in Zurich
EARLIER = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)

TIMES = {
    "an evening": ("19:30", 19 * 60 + 30),
    "midnight": ("00:00", 0),
    "the last minute": ("23:59", 24 * 60 - 1),
    "one figure for the hour": ("7:05", 7 * 60 + 5),
    "with the seconds some browsers send": ("19:30:00", 19 * 60 + 30),
    "blanks around it": (" 19:30 ", 19 * 60 + 30),
}


@pytest.mark.parametrize(("text", "minute"), TIMES.values(), ids=TIMES)
def test_a_time_of_day_is_read(text: str, minute: int) -> None:
    assert rules.parse_time(text) == minute


@pytest.mark.parametrize("text", ["", "24:00", "19:60", "19", "19.30", "-1:00", "19:30:15", "١٩:٣٠", "19:30\n20:00"])
def test_anything_else_is_no_time_of_day(text: str) -> None:
    with pytest.raises(ValueError, match="time of day"):
        rules.parse_time(text)


CHANGES = {
    "a time to come moves to the new weekday": (LATER, (0, 1200), datetime(2026, 11, 30, 19, 0, tzinfo=UTC)),
    "it may move closer": (LATER, (2, 1200), datetime(2026, 11, 25, 19, 0, tzinfo=UTC)),
    "a time of today that is over comes next week": (LATER, (2, 480), datetime(2026, 12, 2, 7, 0, tzinfo=UTC)),
    "a time that has come and was not handled stays": (EARLIER, (0, 1200), EARLIER),
    "so does one that comes this very moment": (NOW, (0, 1200), NOW),
}


@pytest.mark.parametrize(("due", "weekly", "expected"), CHANGES.values(), ids=CHANGES)
def test_a_changed_schedule_is_due(due: datetime, weekly: tuple[int, int], expected: datetime) -> None:
    assert rules.keep_or_move(due, NOW, *weekly, "Europe/Zurich") == expected


PLACES = {
    "Europe/Zurich": "Zurich time",
    "America/New_York": "New York time",
    "America/Argentina/Buenos_Aires": "Buenos Aires time",
    "UTC": "UTC",
    "Etc/UTC": "UTC",
}


@pytest.mark.parametrize(("zone", "words"), PLACES.items())
def test_a_zone_is_called(zone: str, words: str) -> None:
    assert rules.place_of(zone) == words


ALICE, BOB, CHARLIE = 1, 2, 3
STANDINGS = {
    "signed out": (True, None, None, "visitor"),
    "signed out, but it is over": (False, None, None, "gone"),
    "signed in and alone": (True, BOB, None, "welcome"),
    "signed in, but it is over": (False, BOB, None, "gone"),
    "one's own": (True, ALICE, None, "own"),
    "one's own, over": (False, ALICE, BOB, "gone"),
    "in a couple with another": (True, BOB, CHARLIE, "taken"),
    "in a couple with another, and it is over": (False, BOB, CHARLIE, "gone"),
    "used by oneself: a second tap": (False, BOB, ALICE, "together"),
    "of one's partner, still open": (True, BOB, ALICE, "together"),
}


@pytest.mark.parametrize(("is_open", "member", "partner", "standing"), STANDINGS.values(), ids=STANDINGS)
def test_an_invitation_of_alice_is(is_open: bool, member: int | None, partner: int | None, standing: str) -> None:
    judged = rules.judge_invitation(is_open=is_open, inviter_id=ALICE, member_id=member, partner_id=partner)
    assert judged == standing
