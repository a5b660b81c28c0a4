"""A couple whose reminders fall due, and looking into the ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.checkin import actions as check_ins
from app.checkin.models import CheckIn
from app.checkin.rules import Draft, Words
from app.clock import utcnow
from app.db import db, transaction
from app.mail import Transport
from app.reminders import sending
from app.reminders.models import Delivery
from tests.conftest import Person

SUNDAY_EVENING = datetime(2026, 11, 29, 18, 0, tzinfo=UTC)  # 19:00 in Zurich, the time of every space in the cast


class Ledger:
    """The reminders of one app: runs passes over them and reads the rows."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def open(self) -> None:
        """Let every space have its first check-in, which comes with the space and reminds nobody."""
        with self.app.app_context():
            sending.open_and_plan(utcnow)

    def plan(self) -> dict[str, int]:
        with self.app.app_context():
            return dict(sending.open_and_plan(utcnow))

    def send(self) -> dict[str, int]:
        with self.app.app_context():
            return dict(sending.send_due(utcnow)[0])

    def remind(self) -> dict[str, int]:
        """One whole pass."""
        return self.plan() | self.send()

    def rows(self) -> list[Delivery]:
        with self.app.app_context():
            rows = db.session.execute(select(Delivery).order_by(Delivery.due_at, Delivery.member_id)).scalars().all()
            db.session.remove()
        return list(rows)

    def of(self, person: Person) -> Delivery:
        """The one delivery of a person."""
        (row,) = [row for row in self.rows() if row.member_id == person.id]
        return row

    def states(self) -> list[str]:
        return sorted(row.state for row in self.rows())

    def change(self, **values: Any) -> None:
        """Put every row into some state, as a fault would leave it."""
        with self.app.app_context():
            with transaction() as session:
                session.execute(update(Delivery).values(**values))
            db.session.remove()

    def submit(self, person: Person) -> None:
        """Let a person submit the check-in that is open."""
        with self.app.app_context():
            person.get("/check-in/")
            prompts = db.session.execute(select(CheckIn.prompts).order_by(CheckIn.opened_at.desc())).scalars().first()
            check_ins.submit(person.id, Draft(None, None, {prompts[0]: Words("a word")}, {}, 0), utcnow())
            db.session.remove()

    @contextmanager
    def through(self, transport: Transport) -> Iterator[Transport]:
        """Send by another way for a while."""
        postman = self.app.extensions["postman"]
        before, postman.transport = postman.transport, transport
        try:
            yield transport
        finally:
            postman.transport = before


@pytest.fixture
def ledger(app: Flask) -> Ledger:
    return Ledger(app)


@pytest.fixture
def sunday(clock: Any) -> Callable[..., None]:
    """Moves the clock to the couple's time on Sunday evening, and as far beyond it as a test says."""

    def move(**later: float) -> None:
        clock.move_to(SUNDAY_EVENING + timedelta(**later))

    return move
