"""Short writes of many threads in one commit, since making a commit durable takes as long as several of them."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from flask import current_app
from sqlalchemy import Connection

from app.db import db, forget_what_was_read, transaction

T = TypeVar("T")


def write_with_others(work: Callable[[Connection], T]) -> T:
    """Do `work` in a transaction, on SQLite together with that of others who come at the same moment.

    When this returns, what was written is on disk; what `work` raises is raised here, and fails nobody else's. It may
    run twice, and in another thread of the same app, so it uses its connection and nothing of the request. PostgreSQL
    commits for many at once by itself.
    """
    forget_what_was_read()
    if db.engine.dialect.name != "sqlite":
        return _write(work)
    shared: SharedCommit = current_app.extensions.setdefault("shared_commit", SharedCommit())
    result: T = shared.write(work)
    return result


def _write(work: Callable[[Connection], T]) -> T:
    with transaction() as session:
        return work(session.connection())


class _Job:
    """One thread's part of a shared commit, and how it went."""

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.error: Exception | None = RuntimeError("the thread that wrote for this one was stopped")
        self.is_over = False
        self.turn = threading.Lock()
        self.turn.acquire()  # let go of when the job is over, or when its thread is to lead


class SharedCommit:
    """Whoever comes first leads: they write for themselves, then the next leads for all who have come meanwhile."""

    def __init__(self) -> None:
        self.waiting: list[_Job] = []
        self._guard = threading.Lock()
        self._is_led = False

    def write(self, work: Callable[[Connection], Any]) -> Any:
        """Do `work`, or wait until another thread has done it and committed."""
        job = _Job(work)
        with self._guard:
            self.waiting.append(job)
            is_leader, self._is_led = not self._is_led, True
        if not is_leader:
            job.turn.acquire()
        if not job.is_over:
            self._lead()
        if job.error is not None:
            raise job.error
        return job.result

    def _lead(self) -> None:
        with self._guard:
            jobs, self.waiting = self.waiting, []
        try:
            _commit(jobs)
        finally:
            with self._guard:
                self._is_led = bool(self.waiting)
                if self.waiting:
                    self.waiting[0].turn.release()
            for job in jobs:
                job.is_over = True
                job.turn.release()


def _commit(jobs: list[_Job]) -> None:
    """Do all jobs in one transaction. If that fails, each gets a transaction, and an error, of its own."""
    try:
        with transaction() as session:
            for job in jobs:
                job.result = job.work(session.connection())
    except Exception as error:
        if len(jobs) == 1:
            jobs[0].error = error
            return
        for job in jobs:
            _commit([job])
        return
    for job in jobs:
        job.error = None  # only now, when it is durable
