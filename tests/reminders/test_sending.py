"""What becomes of a mail that is due: every answer of a relay, every way to be interrupted."""

import threading
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from sqlalchemy import update

from app.accounts.models import Member
from app.checkin import actions as check_ins
from app.clock import utcnow
from app.db import db, transaction
from app.mail import BeforeData, Deferred, Refused, Unreachable, Unsure
from app.reminders import actions, rules, sending
from app.reminders.rules import Event, State
from app.spaces import actions as spaces
from app.spaces.access import find_space_of
from tests.conftest import empty, link, make_person
from tests.reminders.conftest import SUNDAY_EVENING, Ledger


class Faulty:
    """A transport that fails as told, before or after the mail is handed over, for the first `times` mails."""

    def __init__(self, fault: Exception, *, after: bool = True, times: int = 1, is_idempotent: bool = False) -> None:
        self.fault, self.after, self.times, self.is_idempotent = fault, after, times, is_idempotent
        self.tried = 0
        self.messages: list[EmailMessage] = []

    def send(self, message: EmailMessage, before_data: BeforeData) -> None:
        self.tried += 1
        is_faulty = self.tried <= self.times
        if is_faulty and not self.after:
            raise self.fault
        if not before_data():
            return
        self.messages.append(message)
        if is_faulty:
            raise self.fault


class Interrupted:
    """A transport in whose middle something else happens: right before the mail would leave, or right after."""

    is_idempotent = False

    def __init__(self, *, before: Callable[[], None] = lambda: None, after: Callable[[], None] = lambda: None) -> None:
        self.before, self.after = before, after
        self.tried = 0
        self.messages: list[EmailMessage] = []

    def send(self, message: EmailMessage, before_data: BeforeData) -> None:
        self.tried += 1
        self.before()
        if before_data():
            self.messages.append(message)
            self.after()


@pytest.fixture
def due(ledger: Ledger, alice, bob, sunday) -> Ledger:
    """Two mails, planned and due at this moment."""
    ledger.open()
    sunday()
    ledger.plan()
    return ledger


@pytest.fixture
def one_due(ledger: Ledger, sam, sunday) -> Ledger:
    """One mail, planned and due at this moment."""
    sam.get("/check-in/")
    sunday()
    ledger.plan()
    return ledger


def only(ledger: Ledger):
    (row,) = ledger.rows()
    return row


def test_not_now_is_tried_again_after_a_minute_and_then_ever_later(one_due, sunday):
    with one_due.through(Faulty(Deferred("451"), times=3)) as relay:
        assert one_due.send() == {"retry": 1}
        waits, moment = [], timedelta(0)
        for _ in range(3):
            row = only(one_due)
            waits.append(int((row.next_at - SUNDAY_EVENING - moment).total_seconds() // 60))
            moment = row.next_at - SUNDAY_EVENING
            sunday(seconds=moment.total_seconds() - 1)
            assert one_due.send() == {}
            sunday(seconds=moment.total_seconds())
            one_due.send()
    row = only(one_due)
    assert waits == [1, 2, 4]
    assert (row.state, row.attempts, relay.tried) == ("sent", 3, 4)


def test_not_now_for_two_days_ends_as_expired(one_due, sunday):
    with one_due.through(Faulty(Deferred("451"), times=1000)):
        while (row := only(one_due)).settled_at is None:
            sunday(seconds=(row.next_at - SUNDAY_EVENING).total_seconds())
            one_due.send()
    assert row.state == "expired"
    assert row.settled_at == row.expires_at == SUNDAY_EVENING + timedelta(hours=48)
    assert 40 < row.attempts < 60


def test_never_ends_as_failed_and_is_not_tried_again(due, sunday, alice):
    with due.through(Faulty(Refused("550"), times=1)) as relay:
        assert due.send() == {"failed": 1, "sent": 1}
        sunday(hours=5)
        assert due.send() == {}
    assert relay.tried == 2
    assert due.states() == ["failed", "sent"]


def test_a_relay_that_is_away_costs_no_try_and_ends_the_pass(due, sunday):
    with due.through(Faulty(Unreachable("refused"), after=False, times=1000)) as relay:
        assert due.send() == {"retry": 1}
    assert relay.tried == 1
    assert {(row.state, row.attempts, row.next_at) for row in due.rows()} == {("ready", 0, SUNDAY_EVENING + rules.REST)}
    sunday(seconds=30)
    assert due.send() == {"sent": 2}


def test_a_relay_that_is_away_for_hours_loses_nothing(due, sunday):
    with due.through(Faulty(Unreachable("refused"), after=False, times=1000)):
        for minutes in range(0, 360, 5):
            sunday(minutes=minutes)
            due.send()
    sunday(hours=6, seconds=30)
    assert due.send() == {"sent": 2}
    assert {row.attempts for row in due.rows()} == {0}


def test_no_answer_means_once_more_with_the_same_bytes(one_due, sunday):
    with one_due.through(Faulty(Unsure("cut"), times=1)) as relay:
        assert one_due.send() == {"in_doubt": 1}
        assert (only(one_due).state, only(one_due).settled_at) == ("in_doubt", None)
        assert one_due.send() == {}
        sunday(minutes=2)
        assert one_due.send() == {"sent": 1}
    first, second = relay.messages
    assert first.as_bytes() == second.as_bytes()
    assert (only(one_due).state, only(one_due).doubts) == ("sent", 1)


def test_no_answer_twice_stays_in_doubt_for_good(one_due, sunday):
    with one_due.through(Faulty(Unsure("cut"), times=2)) as relay:
        one_due.send()
        sunday(minutes=2)
        assert one_due.send() == {"in_doubt": 1}
        sunday(hours=40)
        assert one_due.send() == {}
    assert relay.tried == 2
    assert (only(one_due).state, only(one_due).settled_at) == ("in_doubt", SUNDAY_EVENING + timedelta(minutes=2))


def test_where_repeating_is_harmless_it_is_repeated_until_there_is_an_answer(one_due, sunday):
    with one_due.through(Faulty(OSError("no space left"), times=4, is_idempotent=True)) as relay:
        for minutes in (0, 2, 5, 10, 30):
            sunday(minutes=minutes)
            one_due.send()
    assert len({message["Message-ID"] for message in relay.messages}) == 1
    assert (only(one_due).state, only(one_due).doubts) == ("sent", 4)


def test_a_mail_that_cannot_be_made_does_not_keep_the_others_from_leaving(due, alice, outbox):
    with due.app.app_context():
        with transaction() as session:
            session.execute(update(Member).where(Member.id == alice.id).values(email="not\nan address"))
        db.session.remove()
    assert due.send() == {"retry": 1, "sent": 1}
    assert (due.of(alice).state, due.of(alice).attempts) == ("ready", 1)
    assert [message["To"] for message in outbox()] == ["bob@example.org"]


def switch_off(ledger, alice):
    actions.switch_email(alice.id, False)


def pause(ledger, alice):
    actions.choose(alice.id, email_on=True, pause_until=(SUNDAY_EVENING + timedelta(days=9)).date())


def leave(ledger, alice):
    spaces.leave_space(find_space_of(alice.id).id, utcnow())


def submit(ledger, alice):
    ledger.submit(alice)


CHANGES = {"switched off": switch_off, "paused": pause, "left": leave, "submitted": submit}


@pytest.mark.parametrize("reason", CHANGES)
def test_who_needs_it_no_more_between_planning_and_sending_gets_none(due, alice, outbox, reason):
    with due.app.app_context():
        CHANGES[reason](due, alice)
        db.session.remove()
    due.send()
    assert (due.of(alice).state, due.of(alice).reason) == ("skipped", reason)
    assert "alice@example.org" not in [message["To"] for message in outbox()]


@pytest.mark.parametrize("reason", CHANGES)
def test_it_is_asked_again_at_the_very_last_moment(due, alice, reason):
    """The relay has said yes to the address already when the member decides otherwise."""
    done = []

    def change_once():
        if not done:
            done.append(reason)
            CHANGES[reason](due, alice)

    with due.through(Interrupted(before=change_once)) as relay:
        due.send()
    assert due.of(alice).reason == reason
    assert "alice@example.org" not in [message["To"] for message in relay.messages]


def test_the_week_that_ended_while_its_mail_waited_is_not_reminded_of(one_due, sunday, sam):
    one_due.change(expires_at=SUNDAY_EVENING + timedelta(days=30))
    sunday(days=7)
    with one_due.app.app_context():
        check_ins.open_due(utcnow())
        db.session.remove()
    one_due.send()
    assert (only(one_due).state, only(one_due).reason) == ("skipped", "closed")


def test_a_changed_address_gets_the_mail(one_due, sam):
    def move_house():
        with transaction() as session:
            session.execute(update(Member).where(Member.id == sam.id).values(email="sam@new.example"))

    with one_due.through(Interrupted(before=move_house)) as relay:
        assert one_due.send() == {"sent": 1}
    assert [message["To"] for message in relay.messages] == ["sam@new.example"]


def test_a_process_that_slept_past_its_lease_sends_nothing(one_due, sunday):
    """It wakes up right before the words leave, finds its lease over, and begins anew."""
    with one_due.through(Interrupted(before=lambda: sunday(minutes=5))) as relay:
        assert one_due.send() == {"sent": 1}
    assert (relay.tried, len(relay.messages)) == (2, 1)


def test_a_lease_lost_to_another_process_sends_nothing(one_due, sunday, outbox):
    def another_takes_it():
        sunday(minutes=5)
        with one_due.app.app_context():
            (taken,) = actions.claim(utcnow(), utcnow(), is_idempotent=False).leased
            assert actions.hand_over(taken, utcnow(), utcnow()) is State.HANDING_OVER

    with one_due.through(Interrupted(before=another_takes_it)) as relay:
        assert one_due.send() == {}
    assert relay.messages == []
    assert only(one_due).state == "handing_over"


def test_a_token_of_the_past_changes_nothing_that_another_process_has_in_hand(one_due, sunday):
    with one_due.app.app_context():
        mine = claimed(one_due)
        sunday(minutes=5)
        theirs = claimed(one_due)
        assert actions.hand_over(mine, utcnow(), utcnow()) is None
        actions.release([mine], utcnow(), until=utcnow())
        assert only(one_due).state == "leased"
        assert actions.hand_over(theirs, utcnow(), utcnow()) is State.HANDING_OVER
        assert actions.record(mine, Event.ACCEPT, utcnow()) is None
        assert only(one_due).state == "handing_over"
        assert actions.record(theirs, Event.ACCEPT, utcnow()) is State.SENT
        db.session.remove()


def claimed(ledger: Ledger) -> actions.Leased:
    (leased,) = actions.claim(utcnow(), utcnow(), is_idempotent=False).leased
    return leased


def test_what_a_dead_process_had_in_hand_is_sent_by_the_next(one_due, sunday, outbox):
    with one_due.app.app_context():
        claimed(one_due)
        db.session.remove()
    sunday(minutes=5, seconds=-1)
    assert one_due.send() == {}
    sunday(minutes=5)
    assert one_due.send() == {"sent": 1}
    assert len(outbox()) == 1


def test_what_a_dead_process_was_handing_over_is_sent_once_more_and_no_third_time(one_due, sunday, outbox):
    with one_due.app.app_context():
        actions.hand_over(claimed(one_due), utcnow(), utcnow())
        db.session.remove()
    sunday(minutes=5)
    assert one_due.send() == {"in_doubt": 1}
    sunday(minutes=7)
    with one_due.app.app_context():
        actions.hand_over(claimed(one_due), utcnow(), utcnow())
        db.session.remove()
    sunday(minutes=13)
    assert one_due.send() == {"in_doubt": 1}
    sunday(hours=10)
    assert one_due.send() == {}
    assert only(one_due).settled_at == SUNDAY_EVENING + timedelta(minutes=13)


def test_an_answer_that_comes_after_the_lease_still_counts(one_due, sunday):
    """A process was asleep during the relay's answer; another gave the mail up as in doubt meanwhile."""

    def meanwhile():
        sunday(minutes=5)
        with one_due.app.app_context():
            assert actions.claim(utcnow(), utcnow(), is_idempotent=False).settled == {"in_doubt": 1}

    with one_due.through(Interrupted(after=meanwhile)) as relay:
        assert one_due.send() == {"sent": 1}
    sunday(minutes=10)
    assert one_due.send() == {}
    assert len(relay.messages) == 1


def test_sent_is_the_end(one_due):
    with one_due.app.app_context():
        leased = claimed(one_due)
        actions.hand_over(leased, utcnow(), utcnow())
        assert actions.record(leased, Event.ACCEPT, utcnow()) is State.SENT
        for event in Event:
            assert actions.record(leased, event, utcnow()) is None
        assert actions.hand_over(leased, utcnow(), utcnow()) is None
        db.session.remove()
    assert only(one_due).state == "sent"


def test_a_lease_counts_real_time_whatever_day_a_pass_is_told(one_due, sunday):
    with one_due.app.app_context():
        claimed(one_due)
        next_year = SUNDAY_EVENING + timedelta(days=366)
        assert actions.claim(next_year, utcnow(), is_idempotent=False).found == 0
        db.session.remove()


def test_stopping_finishes_the_mail_in_hand_and_puts_the_others_back(due, outbox):
    with due.app.app_context():
        sending.send_due(utcnow, lambda: len(outbox()) > 0)
    assert due.states() == ["ready", "sent"]
    assert {row.leased_until for row in due.rows()} == {None}
    assert due.send() == {"sent": 1}


def test_several_at_once_take_different_ones(either_app, clock, sunday):
    for number in range(3):
        link(either_app, make_person(either_app, f"A{number}"), make_person(either_app, f"B{number}"))
    ledger = Ledger(either_app)
    ledger.open()
    sunday()
    ledger.plan()
    with either_app.app_context():
        first = actions.claim(utcnow(), utcnow(), is_idempotent=False, limit=4)
        second = actions.claim(utcnow(), utcnow(), is_idempotent=False, limit=4)
        db.session.remove()
    assert (len(first.leased), len(second.leased)) == (4, 2)
    assert not {one.id for one in first.leased} & {one.id for one in second.leased}


def test_a_locked_row_is_passed_over_on_postgresql(postgres_app, clock, sunday):
    """Two schedulers look at the same instant: the second neither waits for the first nor gets its rows."""
    empty(postgres_app)
    ledger = Ledger(postgres_app)
    link(postgres_app, make_person(postgres_app, "Ann"), make_person(postgres_app, "Ben"))
    ledger.open()
    sunday()
    ledger.plan()
    with postgres_app.app_context(), db.engine.connect() as other:
        locked = other.execute(db.text("SELECT id FROM delivery LIMIT 1 FOR UPDATE")).scalar_one()
        letting_go = threading.Timer(2, other.rollback)  # who waits for it gets both rows, and the test is red
        letting_go.start()
        found = actions.claim(utcnow(), utcnow(), is_idempotent=False)
        letting_go.cancel()
        letting_go.join()
        other.rollback()
        db.session.remove()
    assert [one.id != locked for one in found.leased] == [True]


@pytest.mark.parametrize("act", ["handing over", "switching off"])
def test_handing_over_and_switching_off_wait_for_each_other_on_postgresql(postgres_app, clock, sunday, act):
    """Both hold the member's row until they are written down, so that after "switched off" no mail leaves."""
    empty(postgres_app)
    ledger = Ledger(postgres_app)
    ann = make_person(postgres_app, "Ann")
    link(postgres_app, ann, make_person(postgres_app, "Ben"))
    ledger.open()
    sunday()
    ledger.plan()

    def run() -> None:
        with postgres_app.app_context():
            if act == "switching off":
                actions.switch_email(ann.id, False)
            else:
                (mine,) = [one for one in leased if one.member_id == ann.id]
                actions.hand_over(mine, utcnow(), utcnow())

    with postgres_app.app_context(), db.engine.connect() as other:
        leased = actions.claim(utcnow(), utcnow(), is_idempotent=False).leased
        db.session.remove()
        other.execute(db.text("SELECT id FROM member WHERE id = :id FOR NO KEY UPDATE"), {"id": ann.id})
        thread = threading.Thread(target=run)
        thread.start()
        thread.join(0.2)
        assert thread.is_alive()
        other.rollback()
        thread.join(10)
        assert not thread.is_alive()
