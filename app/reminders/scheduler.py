"""The clock that asks, every few seconds, what is due. It may fail: the rows are the truth, and the next tick comes."""

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from flask import Flask

from app import clock
from app.reminders import rules, sending

logger = logging.getLogger(__name__)
PERIOD = 10.0  # seconds between two ticks; TICK_SECONDS changes it for tests
PATIENCE = 20.0  # seconds that stopping waits for the message in hand

Work = Callable[[Callable[[], bool]], None]


class Every(BaseTrigger):
    """Fires one period from now, whatever was missed. The library's own lists every missed run first, and after a step
    of the clock by years that takes minutes.
    """

    def __init__(self, seconds: float) -> None:
        self.period = timedelta(seconds=seconds)

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + self.period


class Ticker:
    """Calls `work` in a thread of its own, at once and then every `period` seconds, until it is stopped.

    APScheduler only rings; when it has not rung for two periods by the clock that nobody sets (its own waiting follows
    the wall clock, and a step back by an hour silences it for an hour), the thread goes to work anyway and winds it up.
    `work` gets a function that says whether the ticker is stopping, to ask between two messages.
    """

    def __init__(self, work: Work, period: float) -> None:
        self._work = work
        self._period = period
        self._ring = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reminders", daemon=True)
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._job = self._scheduler.add_job(self._ring.set, Every(period))

    def start(self) -> None:
        self._ring.set()
        self._scheduler.start()
        self._thread.start()

    def stop(self, patience: float = PATIENCE) -> None:
        """Begin nothing new, and wait up to `patience` seconds for the message in hand."""
        self._stopping.set()
        self._ring.set()
        self._scheduler.shutdown(wait=False)
        self._thread.join(patience)

    def _run(self) -> None:
        while not self._stopping.is_set():
            if not self._ring.wait(2 * self._period):
                self._job.reschedule(Every(self._period))
            self._ring.clear()
            if self._stopping.is_set():
                return
            try:
                self._work(self._stopping.is_set)
            except Exception as error:  # a database that is away comes back; a message may quote what was typed
                logger.error("a tick failed: %s", type(error).__name__)


class Round:
    """What one tick does: open and plan what is due, and send, unless the relay was away a moment ago."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._relay_rests_until = time.monotonic()

    def __call__(self, is_stopping: Callable[[], bool]) -> None:
        with self._app.app_context():
            sending.open_and_plan(clock.utcnow, is_stopping)
            if time.monotonic() < self._relay_rests_until:
                return
            _, is_relay_there = sending.send_due(clock.utcnow, is_stopping)
            if not is_relay_there:
                self._relay_rests_until = time.monotonic() + rules.REST.total_seconds()


def start(app: Flask) -> Ticker:
    """Begin to tick. Several processes may do so on one database: each reminder is still sent by one of them."""
    ticker = Ticker(Round(app), app.config.get("TICK_SECONDS", PERIOD))
    ticker.start()
    return ticker
