"""The clock behind the reminders: it rings whatever the machine's clock does, and one bad tick is not the last."""

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from app.mail import Unreachable
from app.reminders import scheduler
from app.reminders.scheduler import Every, Ticker
from tests.reminders.test_sending import Faulty

PERIOD = 0.03


class Work:
    """Counts its calls, and does something in the middle of one."""

    def __init__(self, then: Any = lambda count: None) -> None:
        self.count, self.then = 0, then
        self._called = threading.Condition()

    def __call__(self, is_stopping: Any) -> None:
        with self._called:
            self.count += 1
            self._called.notify_all()
        self.then(self.count)

    def reaches(self, count: int) -> bool:
        """Whether that many calls come; five seconds are only there so that a broken clock ends the test."""
        with self._called:
            return self._called.wait_for(lambda: self.count >= count, 5)


@pytest.fixture
def ticking():
    tickers = []

    def start(work: Work, period: float = PERIOD) -> Ticker:
        ticker = Ticker(work, period)
        tickers.append(ticker)
        ticker.start()
        return ticker

    yield start
    for ticker in tickers:
        ticker.stop()


def test_it_begins_at_once_and_goes_on(ticking):
    work = Work()
    ticking(work)
    assert work.reaches(4)


def test_the_first_tick_does_not_wait_for_the_period(ticking):
    work = Work()
    ticking(work, period=3600)
    assert work.reaches(1)


@pytest.mark.parametrize("hours", [-1, 1, 10 * 8766, -50 * 8766])
def test_a_step_of_the_clock_does_not_stop_it(ticking, hours):
    work = Work()
    start = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)
    with time_machine.travel(start, tick=True) as clock:
        ticking(work)
        assert work.reaches(2)
        clock.shift(timedelta(hours=hours))
        assert work.reaches(work.count + 4)


def test_its_trigger_looks_ahead_only():
    now = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)
    long_ago = now - timedelta(days=9000)
    assert Every(10).get_next_fire_time(long_ago, now) == now + timedelta(seconds=10)
    assert Every(10).get_next_fire_time(None, now) == now + timedelta(seconds=10)


def test_a_tick_that_fails_is_logged_without_its_words_and_the_next_one_comes(ticking, caplog):
    def fail(count: int) -> None:
        if count < 3:
            raise ValueError("something that Alice wrote")

    work = Work(fail)
    ticking(work)
    assert work.reaches(4)
    assert [record.message for record in caplog.records] == ["a tick failed: ValueError"] * 2
    assert "Alice" not in caplog.text


def test_ticks_never_overlap(ticking):
    busy, overlaps = threading.Lock(), []

    def slow(count: int) -> None:
        if not busy.acquire(blocking=False):
            overlaps.append(count)
            return
        time.sleep(3 * PERIOD)
        busy.release()

    work = Work(slow)
    ticking(work)
    assert work.reaches(4)
    assert overlaps == []


def test_stopping_waits_for_the_work_in_hand_but_not_for_ever():
    may_end, has_ended = threading.Event(), threading.Event()

    def slow(count: int) -> None:
        may_end.wait(5)
        has_ended.set()

    work = Work(slow)
    ticker = Ticker(work, PERIOD)
    ticker.start()
    assert work.reaches(1)
    ticker.stop(patience=0.05)
    assert not has_ended.is_set()
    may_end.set()
    ticker._thread.join(5)
    assert has_ended.is_set()
    assert work.count == 1


def test_a_round_opens_plans_and_sends_what_is_due(ledger, alice, bob, sunday, outbox):
    ledger.open()
    sunday()
    scheduler.Round(ledger.app)(lambda: False)
    assert ledger.states() == ["sent", "sent"]


def test_a_round_that_is_stopping_begins_nothing(ledger, alice, bob, sunday, outbox):
    ledger.open()
    sunday()
    scheduler.Round(ledger.app)(lambda: True)
    assert ledger.rows() == []


def test_after_the_relay_was_away_rounds_still_plan_but_leave_it_alone(ledger, alice, bob, sam, sunday, outbox):
    ledger.open()
    sunday()
    round = scheduler.Round(ledger.app)
    with ledger.through(Faulty(Unreachable("away"), after=False, times=99)) as relay:
        round(lambda: False)
        sam.get("/check-in/")
        sunday(days=7)
        round(lambda: False)
    assert relay.tried == 1
    assert len(ledger.rows()) == 5
