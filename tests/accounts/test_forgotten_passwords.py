"""A forgotten password: the mailed link, once, for an hour."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.accounts import rules
from tests.accounts.steps import (
    OTHER_PASSWORD,
    Visitor,
    code_in,
    reset_link_in,
    sent,
    text_of,
)
from tests.conftest import MONDAY_MORNING, PASSWORD, Person


def ask(visitor: Visitor, person: Person) -> str:
    """Ask for a link and return it as mailed."""
    visitor.post("/forgot", {"email": person.email})
    return reset_link_in(sent(visitor.app)[-1])


def test_the_link_sets_a_new_password_and_signs_in_here(app: Flask, visitor: Visitor, alice: Person) -> None:
    link = ask(visitor, alice)
    assert sent(app)[-1]["To"] == alice.email
    assert "Choose a new password" in visitor.get(link).get_data(as_text=True)
    answer = visitor.post(link, {"password": OTHER_PASSWORD})
    assert (answer.status_code, answer.location) == (303, "/")
    assert visitor.is_signed_in()
    assert Visitor(app).sign_in(alice.email).status_code == 422
    assert Visitor(app).sign_in(alice.email, OTHER_PASSWORD).status_code == 303


def test_it_ends_every_other_sign_in_and_link(app: Flask, visitor: Visitor, alice: Person) -> None:
    first, second = ask(visitor, alice), ask(visitor, alice)
    visitor.post(second, {"password": OTHER_PASSWORD})
    assert alice.get("/settings/").status_code == 303
    assert visitor.get(first).status_code == 404


def test_it_stops_a_move_to_another_address(
    app: Flask, visitor: Visitor, alice: Person, monkeypatch: pytest.MonkeyPatch, mailing: None
) -> None:
    alice.post("/settings/address", {"email": "thief@example.org", "password": PASSWORD})
    code = code_in(sent(app)[-2])
    visitor.post(ask(visitor, alice), {"password": OTHER_PASSWORD})
    visitor.post("/settings/address", {"code": code})
    assert Visitor(app).sign_in("thief@example.org", OTHER_PASSWORD).status_code == 422
    assert Visitor(app).sign_in(alice.email, OTHER_PASSWORD).status_code == 303


def test_who_was_signed_in_here_as_somebody_else_is_signed_out(app: Flask, alice: Person, charlie: Person) -> None:
    old = charlie.client.get_cookie("sign-in")
    assert old is not None
    link = ask(Visitor(app), alice)
    charlie.post(link, {"password": OTHER_PASSWORD})
    assert alice.email in charlie.text("/settings/")
    charlie.client.set_cookie("sign-in", old.value)
    assert charlie.get("/settings/").status_code == 303


def test_looking_at_the_page_uses_nothing_up(visitor: Visitor, alice: Person) -> None:
    link = ask(visitor, alice)
    for _ in range(3):
        assert visitor.get(link).status_code == 200
    assert visitor.client.head(link).status_code == 200
    assert visitor.post(link, {"password": "short"}).status_code == 422
    assert visitor.post(link, {"password": OTHER_PASSWORD}).status_code == 303


def test_a_weak_password_is_refused_and_not_shown_again(visitor: Visitor, alice: Person) -> None:
    answer = visitor.post(ask(visitor, alice), {"password": "alice alice 1"})
    assert answer.status_code == 422
    assert "your name" in answer.get_data(as_text=True)
    assert "alice alice 1" not in answer.get_data(as_text=True)


def test_used_expired_and_unknown_links_give_one_page(clock: Any, app: Flask, alice: Person) -> None:
    used, expired = ask(Visitor(app), alice), ask(Visitor(app, "192.0.2.2"), alice)
    Visitor(app).post(used, {"password": OTHER_PASSWORD})
    late = ask(Visitor(app), alice)
    clock.move_to(MONDAY_MORNING + rules.RESET_LASTS)
    flipped = late[:-1] + ("a" if late[-1] != "a" else "b")
    pages = set()
    for link in (used, expired, late, flipped, "/reset/x", "/reset/" + "x" * 500, "/reset/%00", "/reset/%ff"):
        visitor = Visitor(app)
        shown, posted = visitor.get(link), visitor.post(link, {"password": "nine blue cups inside"})
        assert (shown.status_code, posted.status_code) == (404, 404)
        assert not visitor.is_signed_in()
        pages |= {shown.get_data(as_text=True), posted.get_data(as_text=True)}
    assert len(pages) == 1
    page = pages.pop()
    assert "This link no longer works" in page
    assert 'href="/forgot"' in page


def test_a_link_works_until_the_hour_is_over(clock: Any, visitor: Visitor, alice: Person) -> None:
    link = ask(visitor, alice)
    clock.move_to(MONDAY_MORNING + rules.RESET_LASTS - timedelta(seconds=1))
    assert visitor.post(link, {"password": OTHER_PASSWORD}).status_code == 303


def test_a_link_of_another_kind_opens_nothing(app: Flask, visitor: Visitor, alice: Person) -> None:
    found = alice.client.get_cookie("sign-in")
    assert found is not None
    assert visitor.get(f"/reset/{found.value}").status_code == 404
    token = ask(visitor, alice).rpartition("/")[2]
    visitor.client.set_cookie("sign-in", token)
    assert not visitor.is_signed_in()


def test_an_unknown_address_gets_no_mail(app: Flask, visitor: Visitor, alice: Person) -> None:
    assert visitor.post("/forgot", {"email": "nobody@example.org"}).location == "/forgot/sent"
    assert sent(app) == []


def test_the_mail_goes_to_the_address_on_record(app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.post("/forgot", {"email": " ALICE@EXAMPLE.ORG"})
    assert [message["To"] for message in sent(app)] == [alice.email]


def test_the_link_is_on_the_servers_own_address(app: Flask, visitor: Visitor, alice: Person) -> None:
    headers = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https", "Forwarded": "host=evil.example"}
    visitor.post("/forgot", {"email": alice.email}, headers=headers)
    assert f"{app.config['BASE_URL']}/reset/" in text_of(sent(app)[-1])
    answer = visitor.post("/forgot", {"email": alice.email}, headers={"Host": "evil.example"})
    assert answer.status_code == 400
    assert len(sent(app)) == 1


def test_one_address_gets_five_links_an_hour(clock: Any, app: Flask, alice: Person) -> None:
    limit = rules.LIMITS["forgot, address"]
    for turn in range(limit + 3):
        answer = Visitor(app, f"192.0.2.{turn}").post("/forgot", {"email": alice.email})
        assert (answer.status_code, answer.location) == (303, "/forgot/sent")
    assert len(sent(app)) == limit


def test_what_is_no_address_is_told(visitor: Visitor) -> None:
    answer = visitor.post("/forgot", {"email": "alice"})
    assert answer.status_code == 422
    assert 'value="alice"' in answer.get_data(as_text=True)
