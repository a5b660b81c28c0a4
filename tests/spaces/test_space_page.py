"""The page of a space: who is here, the weekly time and how it is changed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from app.db import db, transaction
from app.spaces import access, actions
from app.spaces.models import Schedule
from tests.conftest import MONDAY_MORNING, Person, link, make_person, without_tokens

WEDNESDAY_EVENING = {"weekday": "2", "time": "20:15", "zone": "America/New_York", "length": "short"}


def schedule_of(app: Flask, person: Person) -> Schedule:
    with app.app_context():
        space = access.find_space_of(person.id)
        assert space is not None
        return db.session.execute(select(Schedule).where(Schedule.space_id == space.id)).scalar_one()


def set_due(app: Flask, person: Person, moment: datetime) -> None:
    space_id = schedule_of(app, person).space_id
    with app.app_context(), transaction() as session:
        session.execute(update(Schedule).where(Schedule.space_id == space_id).values(next_due_at=moment))


def test_somebody_alone_sees_their_name_their_time_and_how_to_invite(sam: Person) -> None:
    page = sam.text("/space/")
    assert '<body data-page="space" data-private>' in page
    assert "Sam" in page
    assert "Sundays at 19:00, Zurich time" in page
    assert 'action="/space/invitations"' in page
    assert "/help/self-check" in page
    assert "/space/leave" not in page


def test_everybody_has_a_space_from_their_first_visit_on(app: Flask) -> None:
    nadia = make_person(app, "Nadia", zone="Asia/Kathmandu")
    assert "Kathmandu time" in nadia.text("/space/")
    with app.app_context():
        assert len(access.my_space_ids(nadia.id)) == 1


def test_a_couple_sees_both_names_and_the_way_out(alice: Person, bob: Person) -> None:
    for person in (alice, bob):
        page = person.text("/space/")
        assert "Alice" in page
        assert "Bob" in page
        assert 'href="/space/leave"' in page
        assert 'action="/space/invitations"' not in page


def test_it_leads_to_reminders_settings_and_history(alice: Person, bob: Person) -> None:
    page = alice.text("/space/")
    assert all(f'href="{address}"' in page for address in ("/reminders/", "/settings/", "/check-in/history"))
    assert '<a href="/space/" aria-current="page">' in page


def test_a_stranger_sees_only_their_own_space(alice: Person, bob: Person, charlie: Person) -> None:
    page = charlie.text("/space/")
    assert "Dana" in page
    assert "Alice" not in page
    assert "Bob" not in page


@pytest.mark.parametrize("address", ["/space/", "/space/schedule", "/space/leave"])
def test_signed_out_it_leads_to_the_sign_in(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert (answer.status_code, answer.location) == (303, f"/sign-in?next={address}")


def test_a_refused_form_loaded_again_leads_back_to_the_page(sam: Person) -> None:
    answer = sam.get("/space/schedule")
    assert (answer.status_code, answer.location) == (303, "/space/")


def test_the_page_does_not_tell_whether_somebody_has_opened_the_check_in(
    clock: Any, app: Flask, alice: Person, bob: Person
) -> None:
    set_due(app, alice, MONDAY_MORNING - timedelta(minutes=1))
    before = without_tokens(alice.get("/space/"))
    set_due(app, alice, MONDAY_MORNING + timedelta(days=6))
    assert without_tokens(alice.get("/space/")) == before


def test_either_of_two_may_change_the_weekly_time_for_both(app: Flask, alice: Person, bob: Person) -> None:
    answer = bob.post("/space/schedule", WEDNESDAY_EVENING)
    assert (answer.status_code, answer.location) == (303, "/space/")
    page = alice.text("/space/")
    assert "Wednesdays at 20:15, New York time" in page
    assert '<option value="2" selected>Wednesday</option>' in page
    assert 'value="20:15"' in page
    assert '<option value="America/New_York" selected>' in page
    assert 'value="short" checked' in page
    assert "Saved." in bob.text("/space/")


def test_a_change_does_not_reach_anybody_else(app: Flask, alice: Person, bob: Person, charlie: Person) -> None:
    bob.post("/space/schedule", WEDNESDAY_EVENING)
    assert schedule_of(app, charlie).weekday == 6


def test_a_change_moves_a_time_that_is_still_to_come(clock: Any, app: Flask, sam: Person) -> None:
    sam.get("/space/")
    set_due(app, sam, MONDAY_MORNING + timedelta(days=6))
    sam.post("/space/schedule", WEDNESDAY_EVENING)
    assert schedule_of(app, sam).next_due_at == datetime(2026, 11, 26, 1, 15, tzinfo=UTC)


def test_a_change_never_moves_away_what_is_due_already(clock: Any, app: Flask, sam: Person) -> None:
    sam.get("/space/")
    assert schedule_of(app, sam).next_due_at == MONDAY_MORNING
    clock.move_to(MONDAY_MORNING + timedelta(hours=2))
    sam.post("/space/schedule", WEDNESDAY_EVENING)
    changed = schedule_of(app, sam)
    assert (changed.weekday, changed.minute, changed.next_due_at) == (2, 20 * 60 + 15, MONDAY_MORNING)


def test_a_zone_with_an_older_name_is_taken_and_shown_again(sam: Person) -> None:
    assert sam.post("/space/schedule", WEDNESDAY_EVENING | {"zone": "Etc/UTC"}).status_code == 303
    assert '<option value="Etc/UTC" selected>Etc/UTC</option>' in sam.text("/space/")


BAD = {
    "a day that is none": ({"weekday": "7"}, "weekday"),
    "a day in words": ({"weekday": "Sunday"}, "weekday"),
    "a time that is none": ({"time": "25:00"}, "time"),
    "no time": ({"time": ""}, "time"),
    "a zone that is none": ({"zone": "Mars/Olympus"}, "zone"),
    "a zone with markup in it": ({"zone": '"><b>'}, "zone"),
    "a length that is none": ({"length": "endless"}, "length"),
}


@pytest.mark.parametrize(("wrong", "name"), BAD.values(), ids=BAD)
def test_bad_input_is_told_beside_the_field_and_the_rest_is_kept(
    app: Flask, sam: Person, wrong: dict[str, str], name: str
) -> None:
    sam.get("/space/")
    sent = WEDNESDAY_EVENING | wrong
    answer = sam.post("/space/schedule", sent)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert f'<li><a href="#{name}">' in page
    assert f'id="{name}-error"' in page
    assert 'value="2" selected' in page or name == "weekday"
    assert f'value="{sent["time"]}"' in page
    assert f'<option value="{sent["zone"]}" selected>' in page.replace("&#34;&gt;&lt;b&gt;", '"><b>')
    assert 'value="short" checked' in page or name == "length"
    assert "<details open>" in page
    assert schedule_of(app, sam).weekday == 6


@pytest.mark.parametrize("missing", ["weekday", "time", "zone", "length"])
def test_a_field_that_was_not_sent_is_told(sam: Person, missing: str) -> None:
    sent = {name: value for name, value in WEDNESDAY_EVENING.items() if name != missing}
    answer = sam.post("/space/schedule", sent)
    assert answer.status_code == 422
    assert f'<li><a href="#{missing}">' in answer.get_data(as_text=True)


def test_a_form_without_its_token_changes_nothing(app: Flask, sam: Person) -> None:
    sam.get("/space/")
    assert sam.client.post("/space/schedule", data=WEDNESDAY_EVENING).status_code == 400
    assert schedule_of(app, sam).weekday == 6


def test_nothing_falls_due_in_a_space_that_ended_meanwhile(app: Flask) -> None:
    ann, ben = make_person(app, "Ann"), make_person(app, "Ben")
    space_id = link(app, ann, ben)
    ben.post("/space/leave", {"confirm": "leave"})
    with app.app_context():
        weekly: dict[str, Any] = {"weekday": 2, "minute": 60, "zone": "UTC", "length": "full"}
        assert not actions.set_schedule(space_id, **weekly, now=datetime.now(UTC))
        left = db.session.execute(select(Schedule).where(Schedule.space_id == space_id)).scalar_one()
        assert (left.weekday, left.next_due_at) == (6, None)
