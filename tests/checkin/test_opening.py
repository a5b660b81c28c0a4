"""When a check-in opens: by the clock or by a visit, at most once an ISO week; and what is to be reminded."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from app.checkin import actions
from app.checkin.models import CheckIn
from app.db import db, transaction
from app.spaces.models import Schedule
from tests.conftest import link, make_person


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.fixture
def space(either_app):
    """A couple's space made on Monday, 23 November 2026, due on Sundays at 19:00 in Zurich (18:00 UTC)."""
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    space_id = link(either_app, ana, ben)
    with either_app.app_context():
        actions.open_due(at("2026-11-23 09:00"))
        yield space_id


def check_ins(space_id: int) -> list[CheckIn]:
    db.session.rollback()
    rows = db.session.execute(select(CheckIn).where(CheckIn.space_id == space_id).order_by(CheckIn.week_on)).scalars()
    return list(rows)


def schedule_of(space_id: int) -> Schedule:
    db.session.rollback()
    return db.session.execute(select(Schedule).where(Schedule.space_id == space_id)).scalar_one()


def test_the_first_opens_with_the_space_and_waits_for_no_time(space):
    (first,) = check_ins(space)
    assert str(first.week_on) == "2026-11-23"
    assert first.due_at is None
    assert first.remind_at is None
    assert schedule_of(space).next_due_at == at("2026-11-29 18:00")


def test_nothing_opens_before_its_time(space):
    assert actions.open_due(at("2026-11-29 17:59")) == (0, 0)


def test_the_first_time_that_comes_in_the_same_week_reminds_of_the_first_check_in(space):
    actions.open_due(at("2026-11-29 18:00"))
    (first,) = check_ins(space)
    assert first.due_at == first.remind_at == at("2026-11-29 18:00")
    assert schedule_of(space).next_due_at == at("2026-12-06 18:00")


def test_the_next_week_opens_a_new_one_and_closes_the_last(space):
    actions.open_due(at("2026-11-29 18:00"))
    actions.open_due(at("2026-12-06 18:03"))
    first, second = check_ins(space)
    assert first.closed_at == at("2026-12-06 18:03")
    assert str(second.week_on) == "2026-11-30"
    assert second.due_at == second.remind_at == at("2026-12-06 18:00")
    assert second.closed_at is None


def test_a_visit_and_a_tick_open_one_between_them(space):
    actions.open_due(at("2026-11-29 18:00"))
    actions.open_for_space(space, at("2026-12-06 18:00"))
    assert actions.open_due(at("2026-12-06 18:00")) == (0, 0)
    actions.open_for_space(space, at("2026-12-06 18:01"))
    assert len(check_ins(space)) == 2


def test_after_a_long_silence_only_the_latest_time_counts(space):
    actions.open_due(at("2027-01-20 12:00"))
    first, second = check_ins(space)
    assert str(second.week_on) == "2027-01-11"
    assert second.due_at == at("2027-01-17 18:00")
    assert schedule_of(space).next_due_at == at("2027-01-24 18:00")


def test_moving_the_time_within_a_week_opens_and_reminds_nothing_again(space):
    actions.open_due(at("2026-11-29 18:00"))
    actions.open_due(at("2026-12-06 18:00"))
    with transaction() as session:
        session.execute(update(CheckIn).values(remind_at=None))  # the reminders are planned
        session.execute(update(Schedule).values(weekday=1, next_due_at=at("2026-12-08 18:00")))
    actions.open_due(at("2026-12-08 18:00"))  # Tuesday, two days after the last one opened
    first, second = check_ins(space)
    assert second.remind_at is None
    assert schedule_of(space).next_due_at == at("2026-12-15 18:00")


def test_a_schedule_that_moves_while_a_time_is_due_counts_from_its_new_time(space):
    actions.open_due(at("2026-11-29 18:00"))
    with transaction() as session:
        session.execute(update(Schedule).values(weekday=2))  # Wednesdays from now on; Sunday was due and not handled
    assert actions.open_due(at("2026-12-06 19:00")) == (1, 1)
    assert check_ins(space)[-1].due_at == at("2026-12-02 18:00")
    assert schedule_of(space).next_due_at == at("2026-12-09 18:00")


def test_a_time_put_off_into_the_next_week_still_counts_for_its_own(space):
    actions.open_due(at("2026-11-29 18:00"))
    with transaction() as session:  # Sunday 23:30 failed and is asked again on Monday at half past midnight
        session.execute(update(Schedule).values(minute=23 * 60 + 30, next_due_at=at("2026-12-06 23:30")))
    assert actions.open_due(at("2026-12-06 23:30")) == (1, 1)
    assert str(check_ins(space)[-1].week_on) == "2026-11-30"
    assert actions.open_due(at("2026-12-13 22:30")) == (1, 1)


def test_putting_off_brings_no_ended_space_back(space):
    with transaction() as session:
        session.execute(update(Schedule).values(zone="Mars/Olympus", next_due_at=None))
    actions._put_off(space, at("2026-12-06 18:00"))
    assert schedule_of(space).next_due_at is None


def test_weeks_are_those_of_the_spaces_zone(either_app):
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    space_id = link(either_app, ana, ben, zone="Pacific/Kiritimati")
    with either_app.app_context():
        actions.open_due(at("2026-11-29 10:30"))  # Monday 00:30 there
        assert str(check_ins(space_id)[0].week_on) == "2026-11-30"


def test_one_space_that_fails_never_stops_the_others(either_app):
    ana, ben, cem, dora = (make_person(either_app, name) for name in ("Ana", "Ben", "Cem", "Dora"))
    broken, whole = link(either_app, ana, ben), link(either_app, cem, dora)
    with either_app.app_context():
        with transaction() as session:
            session.execute(update(Schedule).where(Schedule.space_id == broken).values(zone="Mars/Olympus"))
        assert actions.open_due(at("2026-11-23 09:00")) == (2, 1)
        assert len(check_ins(whole)) == 1
        assert check_ins(broken) == []
        assert schedule_of(broken).next_due_at == at("2026-11-23 10:00")


def test_an_ended_space_opens_nothing(space):
    with transaction() as session:
        session.execute(update(Schedule).values(next_due_at=None))
    assert actions.open_due(at("2027-06-01 00:00")) == (0, 0)


def test_reminders_are_taken_once_with_who_has_submitted(space):
    due = at("2026-11-29 18:00")
    actions.open_due(due)
    with transaction() as session:
        assert actions.take_to_remind(session, due - timedelta(seconds=1), 10) == []
        (taken,) = actions.take_to_remind(session, due, 10)
    assert taken.due_at == due
    assert taken.next_due_at == at("2026-12-06 18:00")
    assert [has_submitted for _, has_submitted in taken.members] == [False, False]
    with transaction() as session:
        assert actions.take_to_remind(session, due, 10) == []
