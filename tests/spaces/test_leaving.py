"""Leaving: alone, at once, with one confirmation, and nobody is told."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.db import db
from app.spaces import access, actions
from app.spaces.models import Schedule, Seat, Space
from tests.conftest import MONDAY_MORNING, Person, link, make_person, without_tokens
from tests.spaces.test_invitations import assert_together, invite, space_of

ENDED = "The shared space has ended. What you opened together is in your"
CONFIRMED = {"confirm": "leave"}


def test_the_page_says_what_stays_what_ends_and_where_help_is(alice: Person, bob: Person) -> None:
    page = alice.text("/space/leave")
    assert '<body data-page="leave" data-private>' in page
    assert "Leave the space you share with Bob" in page
    assert "The weeks you opened together" in page
    assert "What was not opened stays with whoever wrote it" in page
    assert "Bob gets no message about it." in page
    assert '<a href="/help/">help and safety</a>' in page
    assert 'name="confirm" value="leave"' in page
    assert "password" not in page


@pytest.mark.parametrize("sent", [{}, {"confirm": ""}, {"confirm": "yes"}])
def test_without_the_confirmation_nothing_happens(app: Flask, alice: Person, bob: Person, sent: dict[str, str]) -> None:
    answer = alice.post("/space/leave", sent)
    assert answer.status_code == 422
    assert "Nothing was changed." in answer.get_data(as_text=True)
    assert "Leave the space you share with Bob" in answer.get_data(as_text=True)
    assert_together(app, alice, bob)


def test_somebody_alone_has_nothing_to_leave(app: Flask, sam: Person) -> None:
    before = space_of(app, touch(sam))
    assert sam.get("/space/leave").status_code == 404
    assert sam.post("/space/leave", CONFIRMED).status_code == 404
    assert space_of(app, sam) == before


def touch(person: Person) -> Person:
    """Give the person their solo space."""
    person.get("/space/")
    return person


def test_signed_out_the_form_leads_to_the_sign_in(app: Flask, alice: Person, bob: Person) -> None:
    alice.client.delete_cookie("sign-in")
    answer = alice.post("/space/leave", CONFIRMED, headers={"Referer": "http://localhost/space/leave"})
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/space/leave")
    assert_together(app, alice, bob)


def test_it_is_done_at_once_and_each_has_a_space_alone(either_app: Flask) -> None:
    ann, ben = make_person(either_app, "Ann"), make_person(either_app, "Ben", zone="America/New_York")
    shared = link(either_app, ann, ben, weekday=2)
    answer = ann.post("/space/leave", CONFIRMED)
    assert (answer.status_code, answer.location) == (303, "/space/")
    anns, bens = space_of(either_app, ann), space_of(either_app, ben)
    assert not anns.is_couple
    assert not bens.is_couple
    assert len({anns.id, bens.id, shared}) == 3
    assert [(space.weekday, space.zone) for space in (anns, bens)] == [(2, "Europe/Zurich")] * 2, (
        "no mail tells by its hour"
    )
    with either_app.app_context():
        assert set(access.my_space_ids(ann.id)) == {shared, anns.id}
        assert set(access.my_space_ids(ben.id)) == {shared, bens.id}


def test_nothing_falls_due_in_what_has_ended(clock: Any, app: Flask, alice: Person, bob: Person) -> None:
    shared = space_of(app, alice).id
    clock.move_to(MONDAY_MORNING + timedelta(hours=1))
    bob.post("/space/leave", CONFIRMED)
    with app.app_context():
        assert db.session.get_one(Space, shared).ended_at == MONDAY_MORNING + timedelta(hours=1)
        assert db.session.get_one(Schedule, shared).next_due_at is None
        left = db.session.execute(select(Seat.left_at).where(Seat.space_id == shared)).scalars()
        assert set(left) == {MONDAY_MORNING + timedelta(hours=1)}


def test_the_other_finds_one_neutral_sentence_and_both_find_the_same(alice: Person, bob: Person) -> None:
    alice.post("/space/leave", CONFIRMED)
    alices, bobs = (without_tokens(person.get("/space/")).partition("\n\n")[2] for person in (alice, bob))
    assert ENDED in bobs
    assert alices.replace("Alice", "Bob") == bobs


def test_no_mail_tells_the_other(outbox: Any, alice: Person, bob: Person) -> None:
    alice.post("/space/leave", CONFIRMED)
    assert outbox() == []


def test_the_sentence_is_there_for_thirty_days(clock: Any, app: Flask, alice: Person, bob: Person) -> None:
    alice.post("/space/leave", CONFIRMED)
    with app.app_context():
        for days, expected in ((0, True), (29, True), (30, False)):
            now = MONDAY_MORNING + timedelta(days=days)
            assert access.is_newly_alone(bob.id, now) is expected


def test_who_shares_a_space_again_does_not_read_it(alice: Person, bob: Person, sam: Person) -> None:
    alice.post("/space/leave", CONFIRMED)
    sam.post(invite(alice))
    assert ENDED not in alice.text("/space/")
    assert ENDED not in sam.text("/space/")
    assert ENDED in bob.text("/space/")


def test_a_space_that_was_ones_own_ends_without_that_sentence(app: Flask, alice: Person, sam: Person) -> None:
    sam.post(invite(alice))
    with app.app_context():
        assert not access.is_newly_alone(sam.id, datetime.now(UTC))


def test_a_second_tap_and_the_other_leaving_too_end_well(app: Flask, alice: Person, bob: Person) -> None:
    alice.post("/space/leave", CONFIRMED)
    spaces = space_of(app, alice), space_of(app, bob)
    for person in (alice, bob):
        answer = person.post("/space/leave", CONFIRMED)
        assert (answer.status_code, answer.location) == (303, "/space/")
    assert (space_of(app, alice), space_of(app, bob)) == spaces


def test_leaving_what_has_ended_meanwhile_changes_nothing(app: Flask, alice: Person, bob: Person) -> None:
    shared = space_of(app, alice).id
    alice.post("/space/leave", CONFIRMED)
    spaces = space_of(app, alice), space_of(app, bob)
    with app.app_context():
        actions.leave_space(shared, datetime.now(UTC))
    assert (space_of(app, alice), space_of(app, bob)) == spaces


def test_strangers_keep_what_they_share(app: Flask, alice: Person, bob: Person, charlie: Person) -> None:
    alice.post("/space/leave", CONFIRMED)
    assert space_of(app, charlie).partner_name == "Dana"


def test_two_who_parted_may_meet_again_in_a_new_space(app: Flask, alice: Person, bob: Person) -> None:
    first = space_of(app, alice).id
    bob.post("/space/leave", CONFIRMED)
    bob.post(invite(alice))
    assert_together(app, alice, bob)
    assert space_of(app, alice).id != first
    with app.app_context():
        assert len(access.my_space_ids(bob.id)) == 3
