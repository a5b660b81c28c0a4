"""Joining: at once on a trial machine, by a mailed code where mail is configured."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts import rules
from app.accounts.models import Joining
from app.db import db
from tests.accounts.steps import Visitor, code_in, member_of, other_code, sent, text_of
from tests.conftest import MONDAY_MORNING, PASSWORD, Person


def test_without_mail_an_account_is_usable_at_once(app: Flask, visitor: Visitor) -> None:
    answer = visitor.join("Nora@Example.org ", zone="Europe/Zurich")
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.is_signed_in()
    member = member_of(app, "nora@example.org")
    assert member is not None
    assert (member.name, member.zone) == ("Nora", "Europe/Zurich")
    assert member.key_id is not None
    assert PASSWORD not in member.password_hash


def test_without_mail_a_taken_address_is_told_beside_the_field(visitor: Visitor, alice: Person) -> None:
    answer = visitor.join(alice.email.upper())
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'id="email-error"' in page
    assert f'value="{alice.email.upper()}"' in page
    assert not visitor.is_signed_in()


@pytest.mark.parametrize(
    ("guessed", "zone"),
    [("Asia/Tokyo", "Asia/Tokyo"), ("Mars/Olympus", "UTC"), ("", "UTC"), ("../UTC", "UTC"), ("Factory", "UTC")],
)
def test_a_zone_that_no_clock_follows_becomes_utc(app: Flask, visitor: Visitor, guessed: str, zone: str) -> None:
    visitor.join(zone=guessed)
    member = member_of(app, "nora@example.org")
    assert member is not None
    assert member.zone == zone


def test_a_browser_that_guesses_no_zone_gets_utc(app: Flask, visitor: Visitor) -> None:
    visitor.join()
    member = member_of(app, "nora@example.org")
    assert member is not None
    assert member.zone == "UTC"


def test_a_refused_form_keeps_everything_but_the_password(visitor: Visitor) -> None:
    answer = visitor.post(
        "/join", {"name": "Nora", "email": "nora", "password": "seven green chairs", "zone": "Asia/Tokyo", "next": "/a"}
    )
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "There is a problem" in page
    for kept in ('value="Nora"', 'value="nora"', 'value="Asia/Tokyo"', 'name="next" value="/a"'):
        assert kept in page
    assert "seven green chairs" not in page


@pytest.mark.usefixtures("mailing")
def test_with_mail_nobody_is_a_member_before_the_code(app: Flask, visitor: Visitor) -> None:
    answer = visitor.join()
    assert (answer.status_code, answer.location) == (303, "/join/code")
    assert member_of(app, "nora@example.org") is None
    assert not visitor.is_signed_in()
    page = visitor.get("/join/code").get_data(as_text=True)
    assert "nora@example.org" in page
    assert 'inputmode="numeric"' in page
    assert 'autocomplete="one-time-code"' in page


@pytest.mark.usefixtures("mailing")
def test_the_code_makes_the_account_and_signs_in(app: Flask, visitor: Visitor) -> None:
    visitor.join(zone="Asia/Tokyo")
    message = sent(app)[-1]
    assert message["To"] == "nora@example.org"
    code = code_in(message)
    answer = visitor.type_code(f" {code[:3]} {code[3:]} ")
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.is_signed_in()
    member = member_of(app, "nora@example.org")
    assert member is not None
    assert (member.name, member.zone) == ("Nora", "Asia/Tokyo")


@pytest.mark.usefixtures("mailing")
@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef", "१२३४५६", "12\x0034"])
def test_what_is_no_code_is_no_try(app: Flask, visitor: Visitor, typed: str) -> None:
    visitor.join()
    for _ in range(rules.CODE_TRIES + 1):
        assert visitor.type_code(typed).status_code == 422
    assert visitor.type_code(code_in(sent(app)[-1])).status_code == 303


@pytest.mark.usefixtures("mailing")
def test_a_code_may_be_tried_five_times(app: Flask, visitor: Visitor) -> None:
    visitor.join()
    code = code_in(sent(app)[-1])
    for _ in range(rules.CODE_TRIES - 1):
        assert "That is not the code" in visitor.type_code(other_code(code)).get_data(as_text=True)
    assert "does not work any more" in visitor.type_code(other_code(code)).get_data(as_text=True)
    answer = visitor.type_code(code)
    assert answer.status_code == 422
    assert "does not work any more" in answer.get_data(as_text=True)
    assert f'value="{code}"' in answer.get_data(as_text=True)
    assert member_of(app, "nora@example.org") is None


@pytest.mark.usefixtures("mailing")
def test_a_code_works_for_ten_minutes(clock: Any, app: Flask, visitor: Visitor) -> None:
    visitor.join()
    code = code_in(sent(app)[-1])
    clock.move_to(MONDAY_MORNING + rules.CODE_LASTS)
    assert visitor.type_code(code).status_code == 422
    clock.move_to(MONDAY_MORNING + rules.CODE_LASTS - timedelta(seconds=1))
    assert visitor.type_code(code).status_code == 303


@pytest.mark.usefixtures("mailing")
def test_a_new_code_takes_the_place_of_a_worn_one(clock: Any, app: Flask, visitor: Visitor) -> None:
    visitor.join()
    old = code_in(sent(app)[-1])
    for _ in range(rules.CODE_TRIES):
        visitor.type_code(other_code(old))
    clock.move_to(MONDAY_MORNING + rules.CODE_LASTS + timedelta(minutes=5))
    answer = visitor.post("/join/code/again", {"next": "/guide/"})
    assert (answer.status_code, answer.location) == (303, "/join/code?next=/guide/")
    new = code_in(sent(app)[-1])
    assert old == new or visitor.type_code(old).status_code == 422
    assert visitor.type_code(new).status_code == 303


@pytest.mark.usefixtures("mailing")
def test_a_joining_that_is_over_begins_anew(clock: Any, app: Flask, visitor: Visitor) -> None:
    visitor.join()
    clock.move_to(MONDAY_MORNING + rules.CODE_LASTS + rules.JOINING_KEPT)
    Visitor(app).join("somebody.else@example.org")
    for answer in (visitor.get("/join/code"), visitor.type_code("123456"), visitor.post("/join/code/again")):
        assert (answer.status_code, answer.location) == (303, "/join")
    assert "Please begin again" in visitor.get("/join").get_data(as_text=True)


@pytest.mark.usefixtures("mailing")
def test_a_code_opens_nothing_in_another_browser(app: Flask, visitor: Visitor) -> None:
    visitor.join()
    stranger = Visitor(app)
    assert stranger.type_code(code_in(sent(app)[-1])).location == "/join"
    stranger.join("stranger@example.org")
    codes = [code_in(message) for message in sent(app)]
    assert codes[0] == codes[1] or stranger.type_code(codes[0]).status_code == 422
    assert member_of(app, "nora@example.org") is None


@pytest.mark.usefixtures("mailing")
def test_one_address_gets_five_codes_an_hour_and_no_other_opens(clock: Any, app: Flask, visitor: Visitor) -> None:
    for _ in range(rules.LIMITS["join, address"]):
        visitor.join()
    assert len(sent(app)) == rules.LIMITS["join, address"]
    answer = visitor.join()
    assert (answer.status_code, answer.location) == (303, "/join/code")
    visitor.post("/join/code/again")
    assert len(sent(app)) == rules.LIMITS["join, address"]
    assert visitor.type_code(code_in(sent(app)[-1])).status_code == 422
    clock.move_to(MONDAY_MORNING + timedelta(hours=1))
    visitor.post("/join/code/again")
    assert visitor.type_code(code_in(sent(app)[-1])).status_code == 303


@pytest.mark.usefixtures("mailing")
def test_the_owner_of_a_known_address_is_told_by_mail_alone(app: Flask, visitor: Visitor, alice: Person) -> None:
    assert visitor.join(alice.email).location == "/join/code"
    (message,) = sent(app)
    assert message["To"] == alice.email
    assert "/sign-in" in text_of(message)
    assert "/forgot" in text_of(message)
    visitor.post("/join/code/again")
    assert [text_of(each) for each in sent(app)] == [text_of(message)] * 2


@pytest.mark.usefixtures("mailing")
def test_an_address_that_got_an_account_meanwhile_leads_to_the_sign_in(app: Flask, visitor: Visitor) -> None:
    visitor.join()
    slow_code = code_in(sent(app)[-1])
    quick = Visitor(app)
    quick.join()
    quick.type_code(code_in(sent(app)[-1]))
    answer = visitor.post("/join/code", {"code": slow_code, "next": "/guide/"})
    assert (answer.status_code, answer.location) == (303, "/sign-in?next=/guide/")
    assert "There is an account with this address by now" in visitor.get("/sign-in").get_data(as_text=True)


@pytest.mark.usefixtures("mailing")
def test_the_way_back_is_carried_through_the_code(app: Flask, visitor: Visitor) -> None:
    invitation = "/invitation/abc-DEF_123"
    assert f'name="next" value="{invitation}"' in visitor.get(f"/join?next={invitation}").get_data(as_text=True)
    answer = visitor.join(next=invitation)
    assert f'name="next" value="{invitation}"' in visitor.get(answer.location).get_data(as_text=True)
    assert visitor.post("/join/code", {"code": code_in(sent(app)[-1]), "next": invitation}).location == invitation


@pytest.mark.parametrize("address", ["/join", "/join/code", "/sign-in"])
def test_who_is_signed_in_is_sent_on(alice: Person, address: str) -> None:
    assert alice.get(address).location == "/"
    assert alice.get(f"{address}?next=/settings/").location == "/settings/"
    assert alice.post(address, {"next": "/settings/"}).location == "/settings/"


def test_extra_fields_change_nothing(app: Flask, visitor: Visitor) -> None:
    visitor.join(id="7", member_id="7", key_id="7", created_at="2020-01-01", password_hash="x")
    member = member_of(app, "nora@example.org")
    assert member is not None
    assert 7 not in (member.id, member.key_id)
    assert member.password_hash.startswith("$argon2id$")


def test_of_a_field_sent_twice_the_first_counts(app: Flask, visitor: Visitor) -> None:
    visitor.post("/join", {"name": "Nora", "email": ["nora@example.org", "mallory@example.org"], "password": PASSWORD})
    assert member_of(app, "nora@example.org") is not None
    assert member_of(app, "mallory@example.org") is None


@pytest.mark.slow
@pytest.mark.usefixtures("mailing", "clock")
@pytest.mark.parametrize("case", ["a known address", "a sixth mail in an hour"])
def test_where_no_code_was_mailed_none_of_the_million_opens(
    app: Flask, visitor: Visitor, alice: Person, case: str
) -> None:
    for _ in range(1 if case == "a known address" else rules.LIMITS["join, address"] + 1):
        visitor.join(alice.email if case == "a known address" else "nora@example.org")
    with visitor.client.session_transaction() as browser:
        joining_id = browser["joining"]
    with app.app_context():
        held = db.session.execute(select(Joining.code_hash).where(Joining.id == joining_id)).scalar_one()
        db.session.remove()
    secret = app.config["SECRET_KEY"]
    assert not any(rules.hash_code(secret, f"joining|{joining_id}", f"{code:06}") == held for code in range(10**6))


@pytest.mark.usefixtures("mailing")
def test_the_search_through_the_million_would_find_a_code(app: Flask, visitor: Visitor) -> None:
    """The check of the check above."""
    visitor.join()
    with visitor.client.session_transaction() as browser:
        holder = f"joining|{browser['joining']}"
    with app.app_context():
        held = db.session.execute(select(Joining.code_hash)).scalar_one()
        db.session.remove()
    assert rules.hash_code(app.config["SECRET_KEY"], holder, code_in(sent(app)[-1])) == held
