"""Inviting and accepting: one link, one use, and exactly one space with two seats."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import db, transaction
from app.spaces import access, actions
from app.spaces.models import Invitation, Schedule, Seat, Space
from tests.conftest import MONDAY_MORNING, Person, link, make_person, without_tokens

GONE = "This invitation no longer works. Ask for a new one."
UNKNOWN = "/invitation/" + "A" * 32
WEEK = timedelta(days=7)


def invite(person: Person) -> str:
    """Have the person make an invitation; returns its path."""
    assert person.post("/space/invitations").status_code == 303
    return shown_link(person).removeprefix("http://127.0.0.1:8000")


def shown_link(person: Person) -> str:
    found = re.search(r'data-invitation href="([^"]+)"', person.text("/space/"))
    assert found is not None
    return html.unescape(found[1])


def space_of(app: Flask, person: Person) -> access.MySpace:
    with app.app_context():
        space = access.find_space_of(person.id)
        assert space is not None
        return space


def assert_together(app: Flask, first: Person, second: Person) -> None:
    space = space_of(app, first)
    assert space.partner_id == second.id
    assert space_of(app, second).id == space.id


# Making one


def test_it_is_shown_as_link_for_sharing_and_as_qr_code(clock: Any, alice: Person) -> None:
    address = "http://127.0.0.1:8000" + invite(alice)
    page = alice.text("/space/")
    assert re.fullmatch(r"http://127\.0\.0\.1:8000/invitation/[A-Za-z0-9_-]{32}", address)
    assert f'<input id="link" type="url" value="{address}" readonly>' in page
    assert f'data-share="{address}"' in page
    assert re.search(r'<figure class="qr" role="img" aria-label="[^"]+"><svg viewBox', page)
    assert "Monday 30 November 2026 at 10:00" in page
    assert 'action="/space/invitations/withdraw"' in page


def test_its_page_carries_no_inline_style(alice: Person) -> None:
    invite(alice)
    assert " style=" not in alice.text("/space/")


def test_it_is_built_from_the_address_people_use_not_from_the_request(alice: Person) -> None:
    invite(alice)
    alice.client.environ_base["HTTP_HOST"] = "localhost"
    assert shown_link(alice).startswith("http://127.0.0.1:8000/")


def test_nothing_stored_gives_its_code_away(app: Flask, alice: Person) -> None:
    code = invite(alice).rpartition("/")[2]
    with app.app_context():
        rows = [row for table in db.metadata.sorted_tables for row in db.session.execute(select(table))]
    stored = repr(rows)
    assert len(code) == 32  # 24 random bytes, 192 bits
    assert code not in stored
    assert code[:12] not in stored


def test_a_new_one_takes_the_place_of_the_one_before(client: FlaskClient, alice: Person) -> None:
    first, second = invite(alice), invite(alice)
    assert client.get(first).status_code == 404
    assert client.get(second).status_code == 200


def test_it_can_be_withdrawn(client: FlaskClient, alice: Person) -> None:
    path = invite(alice)
    assert alice.post("/space/invitations/withdraw").status_code == 303
    assert client.get(path).status_code == 404
    page = alice.text("/space/")
    assert "Its link no longer works." in page
    assert "data-invitation" not in page


def test_withdrawing_reaches_only_ones_own(client: FlaskClient, alice: Person, sam: Person) -> None:
    path = invite(alice)
    sam.post("/space/invitations/withdraw")
    assert client.get(path).status_code == 200


def test_it_works_for_seven_days(clock: Any, client: FlaskClient, alice: Person) -> None:
    path = invite(alice)
    clock.move_to(MONDAY_MORNING + timedelta(days=7, seconds=-1))
    assert client.get(path).status_code == 200
    clock.move_to(MONDAY_MORNING + timedelta(days=7))
    assert client.get(path).status_code == 404
    assert "data-invitation" not in alice.text("/space/")


def test_expired_ones_go_when_a_new_one_is_made(clock: Any, app: Flask, alice: Person) -> None:
    invite(alice)
    clock.move_to(MONDAY_MORNING + timedelta(days=8))
    invite(alice)
    with app.app_context():
        assert len(db.session.execute(select(Invitation)).all()) == 1


def test_a_couple_is_told_to_leave_first(app: Flask, alice: Person, bob: Person) -> None:
    assert alice.post("/space/invitations").status_code == 303
    assert "To invite somebody else, leave it first." in alice.text("/space/")
    with app.app_context():
        assert not db.session.execute(select(Invitation)).all()


@pytest.mark.parametrize("address", ["/space/invitations", "/space/invitations/withdraw"])
def test_signed_out_its_forms_lead_to_the_sign_in(app: Flask, alice: Person, address: str) -> None:
    alice.client.delete_cookie("sign-in")
    answer = alice.post(address, headers={"Referer": "http://localhost/space/"})
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/space/")
    with app.app_context():
        assert not db.session.execute(select(Invitation)).all()


def test_accepting_signed_out_leads_to_the_sign_in_and_from_there_back(app: Flask, alice: Person, sam: Person) -> None:
    path = invite(alice)
    sam.client.delete_cookie("sign-in")
    answer = sam.post(path)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={path}")
    assert not space_of(app, alice).is_couple


# Looking at one


def test_signed_out_it_says_who_invites_what_is_shared_and_what_is_not(client: FlaskClient, alice: Person) -> None:
    path = invite(alice)
    page = client.get(path).get_data(as_text=True)
    assert '<body data-page="invitation">' in page
    assert "Alice invites you" in page
    for shared in ("answers of a week, once you have both finished", "names", "day and time"):
        assert shared in page
    for own in ("written before, on your own", "Drafts", "ratings", "Whether and when you opened"):
        assert own in page
    assert f'href="/join?next={path}"' in page
    assert f'href="/sign-in?next={path}"' in page
    assert 'href="/help/self-check"' in page
    assert "<form" not in page


def test_signed_in_it_offers_to_accept_or_not(alice: Person, sam: Person) -> None:
    path = invite(alice)
    page = sam.text(path)
    assert "signed in as Sam" in page
    assert f'<form method="post" action="{path}">' in page
    assert "Not now" in page
    assert '<meta name="referrer" content="strict-origin">' in page  # or plain http would refuse the form
    assert 'href="/help/self-check"' in page


def test_no_cache_search_engine_or_other_site_learns_of_it(client: FlaskClient, alice: Person) -> None:
    path = invite(alice)
    for answer in (client.get(path), client.get(UNKNOWN)):
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_looking_leaves_no_trace(app: Flask, client: FlaskClient, alice: Person) -> None:
    path, before = invite(alice), without_tokens(alice.get("/space/"))
    client.get(path)
    with app.app_context():
        assert db.session.execute(select(Invitation.used_at)).scalar_one() is None
    assert without_tokens(alice.get("/space/")) == before


def test_ones_own_link_is_met_kindly(app: Flask, alice: Person) -> None:
    path = invite(alice)
    page = alice.text(path)
    assert "This invitation is your own." in page
    assert "<form" not in page
    assert alice.post(path).status_code == 422
    assert not space_of(app, alice).is_couple
    assert alice.get(path).status_code == 200


def test_who_shares_a_space_with_another_is_told_to_leave_it_first(app: Flask, alice: Person, charlie: Person) -> None:
    path = invite(alice)
    page = charlie.text(path)
    assert "You share a space with Dana already." in page
    assert 'href="/space/leave"' in page
    assert "<form" not in page
    before = space_of(app, charlie)
    assert charlie.post(path).status_code == 422
    assert space_of(app, charlie) == before
    assert charlie.get(path).status_code == 200


def test_unknown_used_expired_and_withdrawn_links_are_the_very_same_page(
    clock: Any, app: Flask, client: FlaskClient, alice: Person, sam: Person
) -> None:
    nadia = make_person(app, "Nadia")
    expired = invite(nadia)
    clock.move_to(MONDAY_MORNING + timedelta(days=7))
    withdrawn = invite(nadia)
    nadia.post("/space/invitations/withdraw")
    used = invite(alice)
    sam.post(used)
    answers = [
        without_tokens(person.get(path))
        for person in (client, make_person(app, "Olga"))
        for path in (UNKNOWN, "/invitation/x", used, expired, withdrawn)
    ]
    assert len(set(answers)) == 1
    assert answers[0].startswith("404")
    assert GONE in answers[0]


def test_accepting_a_dead_link_is_that_page_too(alice: Person, sam: Person) -> None:
    path = invite(alice)
    alice.post("/space/invitations/withdraw")
    for address in (path, UNKNOWN):
        answer = sam.post(address)
        assert answer.status_code == 404
        assert GONE in answer.get_data(as_text=True)


# Accepting one


def test_accepting_seats_both_in_a_new_space(app: Flask, alice: Person, sam: Person) -> None:
    path = invite(alice)
    sam.get("/space/")
    old = {space_of(app, alice).id, space_of(app, sam).id}
    answer = sam.post(path)
    assert (answer.status_code, answer.location) == (303, "/space/")
    assert "You two share a space now." in sam.text("/space/")
    assert_together(app, alice, sam)
    with app.app_context():
        spaces = db.session.execute(select(Space)).scalars().all()
        assert {space.id for space in spaces if space.ended_at} == old
        assert len({space.key_id for space in spaces}) == 3
        ended = db.session.execute(select(Schedule.next_due_at).where(Schedule.space_id.in_(old))).scalars()
        assert set(ended) == {None}
        assert len(access.my_space_ids(sam.id)) == 2


def test_the_new_space_takes_time_and_length_of_the_inviter(clock: Any, app: Flask, sam: Person) -> None:
    nadia = make_person(app, "Nadia", zone="Asia/Kathmandu")
    nadia.post("/space/schedule", {"weekday": "4", "time": "06:30", "zone": "Asia/Kathmandu", "length": "full"})
    sam.post(invite(nadia))
    space = space_of(app, sam)
    assert (space.weekday, space.minute, space.zone, space.length) == (4, 6 * 60 + 30, "Asia/Kathmandu", "full")
    assert space.next_due_at == MONDAY_MORNING  # its first check-in opens at once


def test_the_rest_of_what_both_have_offered_is_withdrawn(
    app: Flask, client: FlaskClient, alice: Person, sam: Person
) -> None:
    path, sams = invite(alice), invite(sam)
    sam.post(path)
    assert client.get(sams).status_code == 404
    with app.app_context():
        now = datetime.now(UTC)
        assert not db.session.execute(select(Invitation).where(Invitation.is_open(now))).all()


def test_two_who_invited_each_other_meet_in_one_space(app: Flask, alice: Person, sam: Person) -> None:
    alices, sams = invite(alice), invite(sam)
    sam.post(alices)
    together = space_of(app, sam)
    for answer in (alice.get(sams), alice.post(sams)):
        assert (answer.status_code, answer.location) == (303, "/space/")
    assert "You two share a space already." in alice.text("/space/")
    assert space_of(app, alice).id == together.id


def test_a_second_tap_changes_nothing(app: Flask, alice: Person, sam: Person) -> None:
    path = invite(alice)
    sam.post(path)
    together = space_of(app, sam)
    assert sam.post(path).location == "/space/"
    assert sam.get(path).location == "/space/"
    assert space_of(app, sam) == together


def test_a_third_person_comes_too_late(app: Flask, alice: Person, sam: Person, charlie: Person) -> None:
    path = invite(alice)
    sam.post(path)
    assert charlie.get(path).status_code == 404
    assert charlie.post(path).status_code == 404
    assert_together(app, alice, sam)


def test_no_mail_tells_anybody(outbox: Any, alice: Person, sam: Person) -> None:
    sam.post(invite(alice))
    assert outbox() == []


@pytest.fixture
def offered(either_app: Flask) -> tuple[Flask, Person, int]:
    """An app, Ann, and the id of the invitation she has made."""
    ann = make_person(either_app, "Ann")
    invite(ann)
    with either_app.app_context():
        return either_app, ann, db.session.execute(select(Invitation.id)).scalar_one()


def assert_refused(app: Flask, invitation_id: int, inviter: Person, member: Person) -> None:
    before = seats(app)
    with app.app_context():
        assert not actions.accept_invitation(invitation_id, inviter.id, member.id, datetime.now(UTC))
    assert seats(app) == before


def test_the_action_refuses_ones_own(offered: tuple[Flask, Person, int]) -> None:
    app, ann, invitation_id = offered
    assert_refused(app, invitation_id, ann, ann)


def test_the_action_refuses_what_is_withdrawn(offered: tuple[Flask, Person, int]) -> None:
    app, ann, invitation_id = offered
    ann.post("/space/invitations/withdraw")
    assert_refused(app, invitation_id, ann, make_person(app, "Ben"))


def test_the_action_refuses_whoever_shares_a_space(offered: tuple[Flask, Person, int]) -> None:
    app, ann, invitation_id = offered
    ben = make_person(app, "Ben")
    link(app, ben, make_person(app, "Cem"))
    assert_refused(app, invitation_id, ann, ben)


def test_the_action_refuses_when_the_inviter_shares_a_space_by_now(either_app: Flask) -> None:
    ann, ben = make_person(either_app, "Ann"), make_person(either_app, "Ben")
    link(either_app, ann, make_person(either_app, "Cem"))
    with either_app.app_context(), transaction() as session:
        now = datetime.now(UTC)
        stale = Invitation(member_id=ann.id, code_hash="", sealed_code=b"", created_at=now, expires_at=now + WEEK)
        session.add(stale)
    ben.get("/space/")
    assert_refused(either_app, stale.id, ann, ben)


def seats(app: Flask) -> set[tuple[int, int]]:
    with app.app_context():
        active = select(Seat.space_id, Seat.member_id).where(Seat.left_at.is_(None))
        return {(seat.space_id, seat.member_id) for seat in db.session.execute(active)}


def test_on_both_databases_accepting_moves_two_people(either_app: Flask) -> None:
    ann, ben = make_person(either_app, "Ann"), make_person(either_app, "Ben")
    assert ben.post(invite(ann)).status_code == 303
    assert_together(either_app, ann, ben)
    assert len(seats(either_app)) == 2
