"""Whose reminder is written down when, and that a mail is the same whether the other has written or not."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from app.accounts.models import Member
from app.checkin.actions import open_due
from app.clock import utcnow
from app.db import db, transaction
from app.reminders import actions
from tests.conftest import link, make_person
from tests.reminders.conftest import SUNDAY_EVENING, Ledger


def test_nobody_is_reminded_before_the_time_has_come(ledger, alice, bob, sunday):
    ledger.open()
    sunday(seconds=-1)
    assert ledger.remind() == {}
    assert ledger.rows() == []


def test_each_of_the_two_is_reminded_once_at_the_time_they_chose(ledger, alice, bob, sunday, outbox):
    ledger.open()
    sunday()
    assert ledger.remind() == {"planned": 2, "sent": 2}
    assert sorted(message["To"] for message in outbox()) == ["alice@example.org", "bob@example.org"]
    assert ledger.states() == ["sent", "sent"]


def test_the_next_pass_finds_nothing_to_do(ledger, alice, bob, sunday, outbox):
    ledger.open()
    sunday()
    ledger.remind()
    sunday(minutes=1)
    assert ledger.remind() == {}
    assert len(outbox()) == 2


def test_the_next_week_brings_the_next_reminder(ledger, alice, bob, sunday, outbox):
    ledger.open()
    sunday()
    ledger.remind()
    sunday(days=7)
    assert ledger.remind() == {"opened": 1, "planned": 2, "sent": 2}
    assert len({message["Message-ID"] for message in outbox()}) == 4


def test_after_weeks_of_silence_only_the_last_week_is_reminded_of(ledger, alice, bob, sunday, outbox):
    ledger.open()
    sunday(days=35, hours=1)
    assert ledger.remind() == {"opened": 1, "planned": 2, "sent": 2}
    assert {row.due_at for row in ledger.rows()} == {SUNDAY_EVENING + timedelta(days=35)}


def test_a_visit_before_the_scheduler_does_not_swallow_the_reminder(ledger, alice, bob, sunday, outbox):
    ledger.open()
    sunday(days=7)
    alice.get("/check-in/")
    ledger.remind()
    assert {row.due_at for row in ledger.rows()} == {SUNDAY_EVENING + timedelta(days=7)}
    assert len(outbox()) == 2


def test_what_is_planned_twice_is_written_down_once(ledger, alice, bob, sunday):
    ledger.open()
    sunday()
    ledger.plan()
    with ledger.app.app_context():
        with transaction() as session:
            session.execute(db.text("UPDATE check_in SET remind_at = due_at"))
        db.session.remove()
    assert ledger.plan() == {}
    assert len(ledger.rows()) == 2


def test_somebody_who_is_alone_is_reminded_too(ledger, sam, sunday, outbox):
    sam.get("/check-in/")
    sunday()
    assert ledger.remind() == {"planned": 1, "sent": 1}
    assert [message["To"] for message in outbox()] == ["sam@example.org"]


def test_who_has_submitted_is_skipped_and_the_other_is_not(ledger, alice, bob, sunday, outbox):
    ledger.open()
    ledger.submit(alice)
    sunday()
    assert ledger.remind() == {"planned": 1, "skipped": 1, "sent": 1}
    assert (ledger.of(alice).state, ledger.of(alice).reason) == ("skipped", "submitted")
    assert [message["To"] for message in outbox()] == ["bob@example.org"]


def test_the_mail_is_the_same_whether_the_other_has_submitted_or_not(ledger, alice, bob, sunday, outbox, app):
    """The same delivery, composed and sent in both worlds, differs in no byte of headers or words."""
    ledger.open()
    sunday()
    ledger.remind()
    bobs_id = ledger.of(bob).id
    (before,) = [message.as_bytes() for message in outbox() if message["To"] == bob.email]
    outbox().clear()
    ledger.submit(alice)
    ledger.change(state="ready", settled_at=None, attempts=0)
    ledger.send()
    assert ledger.of(bob).id == bobs_id
    assert [message.as_bytes() for message in outbox()] == [before]


@pytest.mark.parametrize(
    ("choice", "reason"),
    [
        pytest.param({"email_on": False, "pause_until": None}, "switched off", id="mails switched off"),
        pytest.param({"email_on": True, "pause_until": date(2026, 12, 24)}, "paused", id="paused"),
    ],
)
def test_who_wants_none_is_skipped_and_the_row_says_why(ledger, alice, bob, sunday, outbox, choice, reason):
    ledger.open()
    with ledger.app.app_context():
        actions.choose(alice.id, **choice)
    sunday()
    assert ledger.remind() == {"planned": 1, "skipped": 1, "sent": 1}
    row = ledger.of(alice)
    assert (row.state, row.reason, row.settled_at) == ("skipped", reason, SUNDAY_EVENING)
    assert [message["To"] for message in outbox()] == ["bob@example.org"]


def test_a_pause_ends_by_itself(ledger, alice, bob, sunday, outbox):
    ledger.open()
    with ledger.app.app_context():
        actions.choose(alice.id, email_on=True, pause_until=date(2026, 12, 6))
    sunday()
    ledger.remind()
    sunday(days=7)
    ledger.remind()
    assert [message["To"] for message in outbox()].count("alice@example.org") == 1


def test_a_member_without_an_address_is_skipped(ledger, alice, bob, sunday, outbox):
    ledger.open()
    with ledger.app.app_context():
        with transaction() as session:
            session.execute(update(Member).where(Member.id == alice.id).values(email=None))
        db.session.remove()
    sunday()
    ledger.remind()
    assert (ledger.of(alice).state, ledger.of(alice).reason) == ("skipped", "no address")


def test_a_reminder_is_useful_for_two_days(ledger, alice, bob, sunday, outbox):
    ledger.open()
    sunday()
    ledger.plan()
    sunday(hours=48)
    assert ledger.send() == {"expired": 2}
    assert outbox() == []
    assert ledger.states() == ["expired", "expired"]


def test_several_couples_that_fall_due_together_are_all_planned_in_small_steps(either_app, clock, sunday):
    for number in range(4):
        link(either_app, make_person(either_app, f"A{number}"), make_person(either_app, f"B{number}"))
    ledger = Ledger(either_app)
    ledger.open()
    sunday()
    with either_app.app_context():
        open_due(utcnow())
        steps = [actions.plan(utcnow(), limit=3) for _ in range(3)]
    assert steps == [(3, {"planned": 6}), (1, {"planned": 2}), (0, {})]
    assert ledger.remind() == {"sent": 8}
