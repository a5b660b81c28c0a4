"""The rules of reminding, as tables."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.reminders import rules
from app.reminders.rules import FINAL, ON_THE_WAY, TRANSITIONS, Event, State

DUE = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)
R, L, H, S = State.READY, State.LEASED, State.HANDING_OVER, State.SENT
SKIPPED, FAILED, EXPIRED, DOUBT = State.SKIPPED, State.FAILED, State.EXPIRED, State.IN_DOUBT

# state, what happens, doubts so far, repeating is harmless -> new state, settled
STEPS = {
    "a due one is taken in hand": (R, Event.CLAIM, 0, False, L, False),
    "one that is too late expires": (R, Event.EXPIRE, 0, False, EXPIRED, True),
    "one in hand is put back": (L, Event.RELEASE, 0, False, R, False),
    "one in hand is no longer wanted": (L, Event.SKIP, 0, False, SKIPPED, True),
    "one in hand grows too old": (L, Event.EXPIRE, 0, False, EXPIRED, True),
    "the relay says 4xx to the address": (L, Event.DEFER, 0, False, R, False),
    "the relay says 5xx to the address": (L, Event.REFUSE, 0, False, FAILED, True),
    "one in hand leaves": (L, Event.HAND_OVER, 0, False, H, False),
    "it is accepted": (H, Event.ACCEPT, 0, False, S, True),
    "the relay says 4xx to the mail": (H, Event.DEFER, 0, False, R, False),
    "the relay says 5xx to the mail": (H, Event.REFUSE, 0, False, FAILED, True),
    "no answer: it is sent once more": (H, Event.DOUBT, 0, False, DOUBT, False),
    "no answer again: it stays in doubt": (H, Event.DOUBT, 1, False, DOUBT, True),
    "no answer, but repeating is harmless": (H, Event.DOUBT, 0, True, DOUBT, False),
    "no answer again, but repeating is harmless": (H, Event.DOUBT, 7, True, DOUBT, False),
    "the second try is taken in hand": (DOUBT, Event.CLAIM, 1, False, L, False),
    "the second try leaves": (L, Event.HAND_OVER, 1, False, H, False),
    "the second try is accepted": (H, Event.ACCEPT, 1, False, S, True),
    "the first answer comes late": (DOUBT, Event.ACCEPT, 1, False, S, True),
    "the second try is put back": (L, Event.RELEASE, 1, False, DOUBT, False),
    "the second try meets 4xx": (L, Event.DEFER, 1, False, DOUBT, False),
    "the second try meets 4xx after handing over": (H, Event.DEFER, 1, False, DOUBT, False),
    "the second try meets 5xx: the first may have arrived": (H, Event.REFUSE, 1, False, DOUBT, True),
    "the second try is not wanted: the first may have arrived": (L, Event.SKIP, 1, False, DOUBT, True),
    "the second try is too late: the first may have arrived": (DOUBT, Event.EXPIRE, 1, False, DOUBT, True),
}


@pytest.mark.parametrize("name", STEPS)
def test_a_delivery_moves_as_the_table_says(name):
    state, event, doubts, is_idempotent, after, is_settled = STEPS[name]
    assert rules.follow(state, event, doubts=doubts, is_idempotent=is_idempotent) == (after, is_settled)


def test_every_step_of_the_table_is_told_by_a_row_above():
    assert {(state, event) for state, event, *_ in STEPS.values()} == set(TRANSITIONS)


def test_what_is_not_in_the_table_cannot_happen():
    for state in State:
        for event in Event:
            if (state, event) not in TRANSITIONS:
                with pytest.raises(KeyError):
                    rules.follow(state, event, doubts=0, is_idempotent=False)


def test_nothing_leads_out_of_an_end():
    assert not {state for state, _ in TRANSITIONS} & FINAL


def test_every_state_is_reached_and_every_walk_can_end():
    reached, new = set(), {R}
    while new:
        reached |= new
        new = {after for (state, _), after in TRANSITIONS.items() if state in reached} - reached
    assert reached == set(State)
    can_end = set(FINAL)
    for _ in State:
        can_end |= {state for (state, _), after in TRANSITIONS.items() if after in can_end}
    assert can_end == set(State)


def test_only_what_is_being_handed_over_is_accepted_or_in_doubt():
    assert {state for (state, event) in TRANSITIONS if event is Event.DOUBT} == {H}
    assert {state for (state, event) in TRANSITIONS if event is Event.ACCEPT} == {H, DOUBT}
    assert {state for (state, event) in TRANSITIONS if event is Event.HAND_OVER} == {L}
    assert {state for (state, event), after in TRANSITIONS.items() if after is H} == {L}


def test_over_a_plain_relay_nothing_is_handed_over_a_third_time():
    """Walks every path, and counts how often a mail can be with the relay without a word coming back."""
    walks = [(R, 0, 0)]
    seen = set()
    while walks:
        state, doubts, handed = walks.pop()
        assert handed <= 2
        for (before, event), _ in TRANSITIONS.items():
            if before is not state:
                continue
            after, is_settled = rules.follow(state, event, doubts=doubts, is_idempotent=False)
            # a mail that was surely not accepted does not count
            lost = handed + (event is Event.DOUBT)
            step = (after, doubts + (event is Event.DOUBT), lost)
            if not is_settled and step not in seen:
                seen.add(step)
                walks.append(step)


def test_a_mail_that_may_have_arrived_never_ends_as_not_sent():
    for (state, event), _ in TRANSITIONS.items():
        after, _ = rules.follow(state, event, doubts=1, is_idempotent=False)
        assert after in {State.SENT, State.IN_DOUBT} | ON_THE_WAY


@pytest.mark.parametrize(
    ("next_due_in", "expires_in"),
    [
        pytest.param(timedelta(days=7), timedelta(hours=48), id="an ordinary week"),
        pytest.param(None, timedelta(hours=48), id="the space has ended"),
        pytest.param(timedelta(days=2), timedelta(hours=36), id="the next comes soon"),
        pytest.param(timedelta(hours=12, minutes=30), timedelta(hours=1), id="the next comes very soon"),
        pytest.param(timedelta(hours=-5), timedelta(hours=1), id="the time was moved back"),
    ],
)
def test_when_a_reminder_is_too_late(next_due_in, expires_in):
    next_due_at = None if next_due_in is None else DUE + next_due_in
    assert rules.expires_at(DUE, next_due_at) == DUE + expires_in


@pytest.mark.parametrize(
    ("attempts", "minutes"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 32), (7, 60), (8, 60), (5000, 60)]
)
def test_the_next_try_waits_longer_each_time_up_to_an_hour(attempts, minutes):
    assert rules.retry_at(DUE, attempts, 0) == DUE + timedelta(minutes=minutes)
    latest = rules.retry_at(DUE, attempts, 999)
    assert DUE + timedelta(minutes=minutes) < latest < DUE + timedelta(minutes=minutes * 1.2)


def test_what_failed_together_does_not_come_back_together():
    assert len({rules.retry_at(DUE, 7, spread) for spread in range(0, 2**63, 2**63 // 97)}) > 90


@pytest.mark.parametrize(
    ("until", "zone", "paused"),
    [
        pytest.param(None, "Europe/Zurich", False, id="no pause"),
        pytest.param(date(2026, 11, 29), "Europe/Zurich", False, id="it ends today"),
        pytest.param(date(2026, 11, 30), "Europe/Zurich", True, id="it ends tomorrow"),
        pytest.param(date(2026, 11, 30), "Pacific/Auckland", False, id="tomorrow is today in Auckland"),
        pytest.param(date(2026, 11, 30), "Mars/Olympus", True, id="a zone that is no more counts as UTC"),
        pytest.param(date(2026, 11, 29), "", False, id="no zone counts as UTC"),
    ],
)
def test_a_pause_ends_on_its_day_by_the_members_calendar(until, zone, paused):
    assert rules.is_paused(until, DUE, zone) is paused


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        pytest.param({}, "", id="everybody gets one"),
        pytest.param({"has_submitted": True}, "submitted", id="who has submitted gets none"),
        pytest.param({"email_on": False}, "switched off", id="who does not want any gets none"),
        pytest.param({"is_paused": True}, "paused", id="who pauses gets none"),
        pytest.param({"has_address": False}, "no address", id="who has no address gets none"),
    ],
)
def test_who_gets_a_mail(facts, reason):
    wanted = {"has_address": True, "email_on": True, "is_paused": False, "has_submitted": False}
    assert rules.reason_to_skip(**wanted | facts) == reason


@pytest.mark.parametrize(
    ("day", "is_fine"),
    [
        pytest.param(date(2026, 11, 28), False, id="yesterday"),
        pytest.param(date(2026, 11, 29), False, id="today"),
        pytest.param(date(2026, 11, 30), True, id="tomorrow"),
        pytest.param(date(2027, 11, 29), True, id="in a year"),
        pytest.param(date(2027, 11, 30), False, id="in more than a year"),
        pytest.param(date(9999, 12, 31), False, id="never"),
    ],
)
def test_a_pause_lies_ahead_by_a_year_at_most(day, is_fine):
    assert (rules.problem_with_pause(day, date(2026, 11, 29)) == "") is is_fine
