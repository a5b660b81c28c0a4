"""Decisions about reminders: who gets one, what may happen to it next, when it is tried again, when it is too late."""

from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfoNotFoundError

from app.spaces.rules import local_date

EMAIL = "email"
LEASE = timedelta(minutes=5)  # how long a process may be silent before its messages are taken from it
REST = timedelta(seconds=30)  # how long a relay that cannot be reached is left alone
LONGEST_PAUSE = timedelta(days=365)
LASTS = timedelta(hours=48)
ENDS_BEFORE_NEXT = timedelta(hours=12)
LASTS_AT_LEAST = timedelta(hours=1)


class State(StrEnum):
    """Where a delivery is."""

    READY = "ready"
    LEASED = "leased"  # one process has it in hand; nothing has left yet
    HANDING_OVER = "handing_over"  # written down right before the words leave
    SENT = "sent"
    SKIPPED = "skipped"  # not wanted any more; the row says why
    FAILED = "failed"  # the relay will never take it
    EXPIRED = "expired"  # too late to be of use
    IN_DOUBT = "in_doubt"  # handed over, and the answer never came (RFC 1047)


class Event(StrEnum):
    """What happens to a delivery."""

    CLAIM = "claim"
    RELEASE = "release"  # put back untried: the relay is away, the process stops, the lease is over
    SKIP = "skip"
    EXPIRE = "expire"
    HAND_OVER = "hand over"
    ACCEPT = "accept"
    DEFER = "defer"
    REFUSE = "refuse"
    DOUBT = "doubt"


# What is not in this table cannot happen. No way leads out of `sent`, and none to the wire but through `handing_over`.
TRANSITIONS = {
    (State.READY, Event.CLAIM): State.LEASED,
    (State.READY, Event.EXPIRE): State.EXPIRED,
    (State.LEASED, Event.RELEASE): State.READY,
    (State.LEASED, Event.SKIP): State.SKIPPED,
    (State.LEASED, Event.EXPIRE): State.EXPIRED,
    (State.LEASED, Event.DEFER): State.READY,
    (State.LEASED, Event.REFUSE): State.FAILED,
    (State.LEASED, Event.HAND_OVER): State.HANDING_OVER,
    (State.HANDING_OVER, Event.ACCEPT): State.SENT,
    (State.HANDING_OVER, Event.DEFER): State.READY,
    (State.HANDING_OVER, Event.REFUSE): State.FAILED,
    (State.HANDING_OVER, Event.DOUBT): State.IN_DOUBT,
    (State.IN_DOUBT, Event.CLAIM): State.LEASED,
    (State.IN_DOUBT, Event.EXPIRE): State.EXPIRED,
    (State.IN_DOUBT, Event.ACCEPT): State.SENT,  # a process that was asleep comes back with the answer
}
FINAL = frozenset({State.SENT, State.SKIPPED, State.FAILED, State.EXPIRED})
ON_THE_WAY = frozenset({State.LEASED, State.HANDING_OVER})


def follow(state: State, event: Event, *, doubts: int, is_idempotent: bool) -> tuple[State, bool]:
    """The state after `event`, and whether that settles the delivery for good.

    `doubts` counts the times before this event that it was handed over without an answer. After the first such time it
    is sent once more, with the same Message-ID and the same bytes; over a transport that takes equal messages for one
    (`is_idempotent`), as often as needed. A mail that may have arrived never ends as skipped, failed or expired: it
    stays in doubt until it is sent. Raises KeyError for what cannot happen.
    """
    target = TRANSITIONS[state, event]
    if event is Event.DOUBT:
        return State.IN_DOUBT, doubts > 0 and not is_idempotent
    if doubts and target is not State.SENT and target not in ON_THE_WAY:
        return State.IN_DOUBT, target in FINAL
    return target, target in FINAL


def expires_at(due_at: datetime, next_due_at: datetime | None) -> datetime:
    """When a reminder is too late to be of use: after 48 hours, or 12 hours before the next, but never within one."""
    latest = due_at + LASTS
    if next_due_at is not None:
        latest = min(latest, next_due_at - ENDS_BEFORE_NEXT)
    return max(latest, due_at + LASTS_AT_LEAST)


def retry_at(now: datetime, attempts: int, spread: int) -> datetime:
    """When to try again after `attempts` tries: 1 minute doubling to 60, and up to a fifth more.

    `spread` is any number of the delivery's own, so that what failed together does not come back together.
    """
    minutes = min(2 ** min(attempts - 1, 6), 60)
    return now + timedelta(minutes=minutes) * (1 + spread % 1000 / 5000)


def is_paused(pause_until: date | None, now: datetime, zone: str) -> bool:
    """Whether a member gets no reminder now: before the day, by the calendar of `zone`, on which the pause ends."""
    if pause_until is None:
        return False
    try:
        return local_date(now, zone) < pause_until
    except (ZoneInfoNotFoundError, ValueError):
        return local_date(now, "UTC") < pause_until  # a zone that is no more must not stop a reminder


def reason_to_skip(*, has_address: bool, email_on: bool, is_paused: bool, has_submitted: bool) -> str:
    """Why a member gets no mail this time, empty when they get one."""
    if has_submitted:
        return "submitted"
    if not email_on:
        return "switched off"
    if is_paused:
        return "paused"
    return "" if has_address else "no address"


def problem_with_pause(pause_until: date, today: date) -> str:
    """What is wrong with the day a pause ends, empty when nothing is: it lies ahead, by a year at most."""
    if pause_until <= today:
        return "Choose a day that is still to come, or leave it empty."
    if pause_until > today + LONGEST_PAUSE:
        return "Choose a day within the next year."
    return ""
