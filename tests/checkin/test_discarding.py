"""Discarding one's own copy of a revealed week: it goes from one's own pages, and the other keeps theirs."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.checkin.models import CheckIn
from app.checkin.records import export_check_ins
from app.db import db
from app.reminders.sending import open_and_plan
from tests.checkin.test_races import at_once
from tests.conftest import link, make_person, without_tokens

LATER = "2026-12-07T09:00:00+00:00"


@pytest.fixture
def revealed(either_app, sheet, clock):
    """Ana and Ben with a revealed week behind them: the app, both, and its address."""
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    page = sheet(ana)
    page.submit("the words of ana", **{"rating-together": "6"})
    sheet(ben).submit("the words of ben", **{"rating-together": "2"})
    clock.move_to(LATER)
    for person in (ana, ben):
        person.get("/check-in/")
    return either_app, ana, ben, f"/check-in/{page.hidden['check-in']}"


def seen_by(app, person, week: str) -> list[str]:
    with app.app_context():
        exported = str(export_check_ins(db.session(), person.id))
        db.session.remove()
    addresses = (week, f"{week}/together", "/check-in/history", "/check-in/")
    return [exported, *(without_tokens(person.get(address)) for address in addresses)]


def weeks(app) -> int:
    with app.app_context():
        found = db.session.execute(select(func.count()).select_from(CheckIn)).scalar_one()
        db.session.remove()
        return found


def test_it_goes_from_every_page_of_ones_own_and_the_other_notices_nothing(revealed, clock):
    app, ana, ben, week = revealed
    before = seen_by(app, ben, week)
    assert "the words of ana" in before[1]
    assert ana.post(f"{week}/discard").headers["Location"].endswith(week)
    for passed in (timedelta(0), timedelta(minutes=10)):
        clock.shift(passed)
        assert not any("the words of" in page or "'together'" in page for page in seen_by(app, ana, week))
        assert week not in ana.text("/check-in/history")
        assert seen_by(app, ben, week) == before
    assert ana.get(week).status_code == 404


def test_it_can_be_brought_back_for_ten_minutes(revealed, clock):
    app, ana, _, week = revealed
    before = seen_by(app, ana, week)
    ana.post(f"{week}/discard")
    page = ana.text(week)
    assert "Your copy of this week is discarded." in page
    assert f'action="{week}/bring-back"' in page
    assert 'data-state="closed"' in page
    clock.shift(timedelta(minutes=9))
    ana.post(f"{week}/discard")  # a second tap begins no new ten minutes
    ana.post(f"{week}/bring-back")
    assert seen_by(app, ana, week) == before
    ana.post(f"{week}/discard")
    clock.shift(timedelta(minutes=10))
    assert ana.post(f"{week}/bring-back").status_code in (303, 404)
    assert ana.get(week).status_code == 404


def test_once_both_have_discarded_it_nothing_is_left(revealed, clock):
    app, ana, ben, week = revealed
    before = weeks(app)
    at_once(app, lambda: ana.post(f"{week}/discard"), lambda: ben.post(f"{week}/discard"))
    clock.shift(timedelta(minutes=10))
    with app.app_context():
        open_and_plan(lambda: datetime.now(UTC))
    assert weeks(app) == before - 1


def test_one_copy_that_is_left_keeps_it(revealed, clock):
    app, ana, ben, week = revealed
    before = weeks(app)
    ana.post(f"{week}/discard")
    clock.shift(timedelta(minutes=30))
    with app.app_context():
        open_and_plan(lambda: datetime.now(UTC))
    assert weeks(app) == before
    assert "the words of ana" in ben.text(week)


def test_the_current_week_stays(alice, bob, sheet):
    page = sheet(alice)
    for person in (alice, bob):
        sheet(person).submit("a word")
    assert "Discard my copy" not in alice.text("/check-in/")
    alice.post(f"/check-in/{page.hidden['check-in']}/discard")
    assert "a word" in alice.text("/check-in/")


def test_a_stranger_gets_404_and_who_is_signed_out_goes_to_sign_in(revealed):
    app, ana, ben, week = revealed
    assert make_person(app, "Charlie").post(f"{week}/discard").status_code == 404
    ana.client = app.test_client()
    assert "/sign-in" in ana.post(f"{week}/discard").headers["Location"]
    assert "the words of ana" in ben.text(week)
