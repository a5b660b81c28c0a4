"""Signing in and out, and the cookies that carry it."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts import access, actions, rules
from app.accounts.models import SignIn
from app.db import db
from tests.accounts.steps import OTHER_PASSWORD, Visitor, reset_link_in, sent, with_cookie
from tests.conftest import MONDAY_MORNING, PASSWORD, Person


def count_sign_ins(app: Flask, member_id: int) -> int:
    with app.app_context():
        count = db.session.execute(select(func.count()).where(SignIn.member_id == member_id)).scalar_one()
        db.session.remove()
    return count


def test_address_and_password_sign_in(visitor: Visitor, alice: Person) -> None:
    answer = visitor.sign_in(alice.email)
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.is_signed_in()


@pytest.mark.parametrize("typed", ["ALICE@example.org", "  alice@example.org ", "Alice@EXAMPLE.ORG"])
def test_the_spelling_of_the_address_does_not_matter(visitor: Visitor, alice: Person, typed: str) -> None:
    assert visitor.sign_in(typed).status_code == 303


def test_the_same_password_may_be_typed_on_another_keyboard(visitor: Visitor, alice: Person) -> None:
    alice.post("/settings/password", {"current_password": PASSWORD, "new_password": "das gr\u00fcne K\u00e4nguru"})
    assert visitor.sign_in(alice.email, "das gru\u0308ne Ka\u0308nguru").status_code == 303


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("alice@example.org", OTHER_PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("alice@example.org", ""),
        ("", PASSWORD),
        ("no address", PASSWORD),
    ],
)
def test_what_does_not_fit_gets_one_neutral_sentence(
    visitor: Visitor, alice: Person, email: str, password: str
) -> None:
    answer = visitor.sign_in(email, password, next="/guide/")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "That address and password do not belong together." in page
    assert f'value="{email}"' in page
    assert 'name="next" value="/guide/"' in page
    assert not password or password not in page
    assert not visitor.is_signed_in()


def test_every_sign_in_has_a_token_of_its_own(visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice.email)
    first = visitor.cookie("sign-in")
    visitor.post("/sign-out")
    visitor.sign_in(alice.email)
    assert visitor.cookie("sign-in") not in ("", first)


def test_a_token_chosen_before_the_sign_in_stays_worthless(app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.client.set_cookie("sign-in", "planted")
    visitor.sign_in(alice.email)
    assert visitor.cookie("sign-in") != "planted"
    assert not with_cookie(app, "planted").is_signed_in()


def test_nothing_of_the_session_before_stays(visitor: Visitor, alice: Person) -> None:
    with visitor.client.session_transaction() as before:
        before["joining"] = 7
    visitor.sign_in(alice.email)
    with visitor.client.session_transaction() as after:
        assert "joining" not in after


def test_the_cookies_are_for_this_host_and_not_for_scripts(visitor: Visitor, alice: Person) -> None:
    cookies = visitor.sign_in(alice.email).headers.getlist("Set-Cookie")
    assert {cookie.partition("=")[0] for cookie in cookies} >= {"sign-in", "device"}
    for cookie in cookies:
        assert "HttpOnly" in cookie
        assert "SameSite=Lax" in cookie
        assert "Path=/" in cookie
        assert "Domain" not in cookie
        assert "alice" not in cookie.casefold()


def test_signing_out_ends_the_row_and_drops_the_cookie(app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice.email)
    token = visitor.cookie("sign-in")
    answer = visitor.post("/sign-out")
    assert (answer.status_code, answer.location) == (303, "/")
    assert "Clear-Site-Data" not in answer.headers
    assert visitor.cookie("sign-in") == ""
    assert not with_cookie(app, token).is_signed_in()
    assert alice.get("/settings/").status_code == 200


def test_signing_out_twice_does_no_harm(visitor: Visitor) -> None:
    assert visitor.post("/sign-out").location == "/"
    assert visitor.get("/sign-out").status_code == 405


def replay_after_signing_out(app: Flask, person: Person, token: str) -> None:
    person.post("/sign-out")


def replay_after_a_password_change(app: Flask, person: Person, token: str) -> None:
    person.post("/settings/password", {"current_password": PASSWORD, "new_password": OTHER_PASSWORD})


def replay_after_a_reset(app: Flask, person: Person, token: str) -> None:
    visitor = Visitor(app)
    visitor.post("/forgot", {"email": person.email})
    visitor.post(reset_link_in(sent(app)[-1]), {"password": OTHER_PASSWORD})
    assert visitor.is_signed_in()


def replay_after_being_ended_elsewhere(app: Flask, person: Person, token: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(person.email)
    visitor.post("/settings/sign-ins", {"sign_in": rules.hash_token(token)})


def replay_after_all_others_were_ended(app: Flask, person: Person, token: str) -> None:
    visitor = Visitor(app)
    visitor.sign_in(person.email)
    visitor.post("/settings/sign-ins", {"others": "1"})


@pytest.mark.parametrize(
    "end",
    [
        replay_after_signing_out,
        replay_after_a_password_change,
        replay_after_a_reset,
        replay_after_being_ended_elsewhere,
        replay_after_all_others_were_ended,
    ],
)
def test_a_captured_cookie_is_dead(app: Flask, alice: Person, end: Any) -> None:
    found = alice.client.get_cookie("sign-in")
    assert found is not None
    assert with_cookie(app, found.value).is_signed_in()
    end(app, alice, found.value)
    assert not with_cookie(app, found.value).is_signed_in()


def test_the_other_cookies_open_nothing(app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice.email)
    thief = Visitor(app)
    thief.client.set_cookie("device", visitor.cookie("device"))
    thief.client.set_cookie("session", visitor.cookie("session"))
    assert not thief.is_signed_in()


@pytest.mark.parametrize("cookie", ["garbage", "x" * 8000, "é\ud83d", "%00", '"', "a=b; c", "0" * 64])
def test_a_made_up_cookie_is_nobody(app: Flask, cookie: str) -> None:
    stranger = Visitor(app)
    raw = f"sign-in={cookie}; device={cookie}; session={cookie}; remember_token={cookie}"
    headers = {"Cookie": raw.encode(errors="replace").decode("latin-1")}
    assert stranger.get("/settings/", headers=headers).status_code == 303
    assert stranger.get("/sign-in", headers=headers).status_code == 200


def test_a_cookie_of_another_app_on_this_host_signs_nobody_out(alice: Person) -> None:
    alice.client.set_cookie("remember_token", "7|abc")
    assert alice.get("/settings/").status_code == 200


def test_a_sign_in_lasts_ninety_days_without_use(clock: Any, app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice.email)
    token = visitor.cookie("sign-in")
    clock.move_to(MONDAY_MORNING + rules.SIGN_IN_SLIDES)
    assert not with_cookie(app, token).is_signed_in()
    clock.move_to(MONDAY_MORNING + rules.SIGN_IN_SLIDES - timedelta(seconds=1))
    assert with_cookie(app, token).is_signed_in()


def test_with_use_it_lasts_a_year_and_no_longer(clock: Any, app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice.email)
    token = visitor.cookie("sign-in")
    for days in range(60, 365, 60):
        clock.move_to(MONDAY_MORNING + timedelta(days=days))
        answer = with_cookie(app, token).get("/settings/")
        assert answer.status_code == 200
        assert f"sign-in={token}" in str(answer.headers.getlist("Set-Cookie"))
    clock.move_to(MONDAY_MORNING + rules.SIGN_IN_LASTS)
    assert not with_cookie(app, token).is_signed_in()


def test_a_member_keeps_twenty_devices(clock: Any, app: Flask, alice: Person) -> None:
    with app.app_context():
        for minute in range(rules.SIGN_INS_KEPT + 3):
            actions.begin_sign_in(alice.id, "a phone", MONDAY_MORNING + timedelta(minutes=minute + 1))
    assert count_sign_ins(app, alice.id) == rules.SIGN_INS_KEPT
    assert alice.get("/settings/").status_code == 303, "the one that was used longest ago made room"


def test_rows_that_have_expired_are_removed(clock: Any, app: Flask, alice: Person, charlie: Person) -> None:
    clock.move_to(MONDAY_MORNING + rules.SIGN_IN_SLIDES)
    Visitor(app).sign_in(charlie.email)
    assert count_sign_ins(app, alice.id) == 0


def test_another_page_can_sign_a_person_in_and_go_on(app: Flask, alice: Person) -> None:
    """As the check-in does when a sign-in ran out while somebody wrote."""
    with app.test_request_context("/", environ_overrides={"REMOTE_ADDR": "192.0.2.1"}):
        signed_in = actions.sign_in(alice.email, PASSWORD, **access.this_device(), now=MONDAY_MORNING)
        assert signed_in.member_id == alice.id
        answer = access.carry(app.make_response("saved"), signed_in)
        db.session.remove()
    assert f"sign-in={signed_in.token}" in str(answer.headers.getlist("Set-Cookie"))
    assert "device=" in str(answer.headers.getlist("Set-Cookie"))


def test_a_script_that_is_signed_out_gets_401(visitor: Visitor) -> None:
    answer = visitor.get("/settings/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype) == (401, "application/json")


@pytest.mark.parametrize(
    ("method", "address", "referrer", "back"),
    [
        ("GET", "/settings/", None, "/sign-in?next=/settings/"),
        ("GET", "/settings/?a=b&c=d", None, "/sign-in?next=/settings/?a%3Db%26c%3Dd"),
        ("POST", "/settings/name", "http://localhost/settings/", "/sign-in?next=/settings/"),
        ("POST", "/settings/name", "https://elsewhere.example/settings/", "/sign-in"),
        ("POST", "/settings/name", None, "/sign-in"),
    ],
)
def test_who_is_signed_out_comes_back_after_signing_in(
    visitor: Visitor, method: str, address: str, referrer: str | None, back: str
) -> None:
    headers = {"Referer": referrer} if referrer else {}
    answer = visitor.get(address, headers=headers) if method == "GET" else visitor.post(address, headers=headers)
    assert (answer.status_code, answer.location) == (303, back)


@pytest.mark.parametrize(
    ("user_agent", "label"),
    [
        ("Mozilla/5.0 (Android 16; Mobile; rv:153.0) Gecko/153.0 Firefox/153.0", "Firefox on Android"),
        (
            "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/156.0 Mobile Safari/537.36",
            "Chrome on Android",
        ),
        (
            "Mozilla/5.0 (Linux; Android 16) AppleWebKit/537.36 SamsungBrowser/29.0 Chrome/136.0 Mobile Safari/537.36",
            "Samsung Internet on Android",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1",
            "Safari on iPhone",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 19_0 like Mac OS X) CriOS/156.0 Safari/604.1",
            "Chrome on iPad",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/156.0.0.0 Safari/537.36 Edg/156.0.0.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Version/19.0 Safari/605.1.15", "Safari on Mac"),
        ("Mozilla/5.0 (X11; CrOS x86_64 16181.61.0) Chrome/156.0 Safari/537.36", "Chrome on ChromeOS"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0", "Firefox on Linux"),
        ("curl/8.5.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_device_goes_by_a_coarse_name(user_agent: str, label: str) -> None:
    assert rules.device_label(user_agent) == label
