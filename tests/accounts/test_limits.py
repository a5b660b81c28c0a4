"""Limits on guessing: counted before anything is compared, shared by all processes, and no way to lock others out."""

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import limiter
from app.accounts import passwords, rules
from app.db import db
from tests.accounts.steps import OTHER_PASSWORD, Visitor, at_once
from tests.conftest import MONDAY_MORNING, PASSWORD, Person, make_person

BY_ADDRESS = rules.LIMITS["sign-in, address"]
BY_CLIENT = rules.LIMITS["sign-in, client"]


def guess(visitor: Visitor, email: str = "alice@example.org") -> int:
    return visitor.sign_in(email, OTHER_PASSWORD).status_code


def test_one_address_may_be_tried_ten_times_an_hour_from_wherever(clock: Any, app: Flask, alice: Person) -> None:
    statuses = [guess(Visitor(app, f"192.0.2.{turn}")) for turn in range(BY_ADDRESS + 3)]
    assert statuses == [422] * BY_ADDRESS + [429] * 3


@pytest.mark.parametrize("address", ["alice@example.org", "nobody@example.org"])
def test_the_refusal_says_when_to_try_again_and_keeps_the_address(
    clock: Any, app: Flask, visitor: Visitor, alice: Person, address: str
) -> None:
    clock.move_to(MONDAY_MORNING + timedelta(minutes=50))
    for _ in range(BY_ADDRESS):
        guess(visitor, address)
    answer = visitor.sign_in(address)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "600")
    page = answer.get_data(as_text=True)
    assert "Wait 10 minutes, then try again." in page
    assert f'value="{address}"' in page
    clock.move_to(MONDAY_MORNING + timedelta(hours=1))
    assert visitor.sign_in("alice@example.org").status_code == 303


def test_one_client_may_try_thirty_times_an_hour(clock: Any, app: Flask, visitor: Visitor) -> None:
    statuses = [guess(visitor, f"person{turn}@example.org") for turn in range(BY_CLIENT + 3)]
    assert statuses == [422] * BY_CLIENT + [429] * 3
    assert guess(Visitor(app, "192.0.2.2"), "person1@example.org") == 422


def test_an_ipv6_household_is_one_client(clock: Any, app: Flask) -> None:
    statuses = [guess(Visitor(app, f"2001:db8::{turn}"), f"person{turn}@example.org") for turn in range(BY_CLIENT + 1)]
    assert statuses[-1] == 429
    assert guess(Visitor(app, "2001:db8:0:1::1"), "person1@example.org") == 422


@pytest.mark.parametrize(
    ("remote_addr", "client"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", "unknown"),
        (None, "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_a_client_is_an_address_or_a_network(remote_addr: str | None, client: str) -> None:
    assert rules.client_of(remote_addr) == client


def test_headers_do_not_make_another_client(clock: Any, visitor: Visitor) -> None:
    for turn in range(BY_CLIENT):
        guess(visitor, f"person{turn}@example.org")
    answer = visitor.post(
        "/sign-in",
        {"email": "alice@example.org", "password": PASSWORD},
        headers={"X-Forwarded-For": "198.51.100.1", "Forwarded": "for=198.51.100.1", "X-Real-IP": "198.51.100.1"},
    )
    assert answer.status_code == 429


def test_right_passwords_are_not_counted(clock: Any, app: Flask, visitor: Visitor, alice: Person) -> None:
    for _ in range(BY_CLIENT + 1):
        assert Visitor(app).sign_in(alice.email).status_code == 303


def test_a_device_that_was_signed_in_before_cannot_be_locked_out(
    clock: Any, app: Flask, visitor: Visitor, alice: Person
) -> None:
    visitor.sign_in(alice.email)
    visitor.post("/sign-out")
    for turn in range(BY_CLIENT + 5):
        guess(Visitor(app), "alice@example.org" if turn % 2 else f"person{turn}@example.org")
    assert Visitor(app).sign_in(alice.email).status_code == 429
    assert visitor.sign_in(alice.email).status_code == 303


def test_a_known_device_has_a_limit_too(clock: Any, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice.email)
    visitor.post("/sign-out")
    statuses = [guess(visitor) for _ in range(rules.LIMITS["sign-in, device"] + 1)]
    assert statuses == [422] * rules.LIMITS["sign-in, device"] + [429]


def test_a_known_device_is_known_for_its_own_members_only(
    clock: Any, app: Flask, visitor: Visitor, alice: Person, charlie: Person
) -> None:
    visitor.sign_in(charlie.email)
    visitor.post("/sign-out")
    for turn in range(BY_ADDRESS):
        guess(Visitor(app, f"198.51.100.{turn}"))
    assert visitor.sign_in(alice.email).status_code == 429
    assert visitor.sign_in(charlie.email).status_code == 303


def test_a_made_up_device_cookie_is_not_believed(clock: Any, app: Flask, visitor: Visitor, alice: Person) -> None:
    visitor.sign_in(alice.email)
    signed = visitor.cookie("device")
    thief = Visitor(app, "192.0.2.2")
    for turn in range(BY_ADDRESS):
        thief.client.set_cookie("device", signed[:-1] + ("A" if signed[-1] != "A" else "B"))
        assert guess(thief) == 422, turn
    assert thief.sign_in(alice.email).status_code == 429


def test_a_device_remembers_four_members() -> None:
    device = rules.Device("a device")
    for member_id in (1, 2, 3, 4, 5, 3):
        device = device.after_sign_in(member_id)
    assert device.members == (3, 5, 4, 2)
    assert not device.knows(None)


@pytest.mark.parametrize("flow", ["join", "forgot"])
@pytest.mark.usefixtures("mailing")
def test_one_client_may_ask_thirty_times_an_hour(clock: Any, app: Flask, visitor: Visitor, flow: str) -> None:
    limit = rules.LIMITS[f"{flow}, client"]
    form = {"name": "Nora", "password": PASSWORD, "zone": "Asia/Tokyo"}
    statuses = [
        visitor.post(f"/{flow}", form | {"email": f"person{turn}@example.org"}).status_code for turn in range(limit)
    ]
    assert statuses == [303] * limit
    answer = visitor.post(f"/{flow}", form | {"email": "late@example.org"})
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "3600")
    assert 'value="late@example.org"' in answer.get_data(as_text=True)
    assert Visitor(app, "192.0.2.2").post(f"/{flow}", form | {"email": "late@example.org"}).status_code == 303


def test_who_really_joins_is_not_counted(clock: Any, app: Flask) -> None:
    for turn in range(rules.LIMITS["join, client"] + 1):
        assert Visitor(app).join(f"person{turn}@example.org").status_code == 303


def test_what_was_too_busy_to_be_compared_is_no_try(clock: Any, visitor: Visitor, alice: Person) -> None:
    places = passwords.AT_ONCE + passwords.WAITING
    for _ in range(places):
        assert passwords._places.acquire(blocking=False)
    try:
        for _ in range(BY_ADDRESS + 1):
            answer = visitor.sign_in(alice.email)
            assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    finally:
        passwords._places.release(places)
    assert visitor.sign_in(alice.email).status_code == 303


def test_exactly_as_many_tries_are_allowed_to_many_at_once(either_app: Flask, clock: Any) -> None:
    alice = make_person(either_app, "Alice")
    visitors = [Visitor(either_app, f"192.0.2.{turn}") for turn in range(6)]
    for visitor in visitors:
        visitor.get("/sign-in")

    def guess_eight_times(turn: int) -> list[int]:
        return [guess(visitors[turn], alice.email) for _ in range(8)]

    statuses = [status for each in at_once(6, guess_eight_times) for status in each]
    assert sorted(statuses) == [422] * BY_ADDRESS + [429] * (48 - BY_ADDRESS)


def test_the_counter_itself_is_exact(either_app: Flask) -> None:
    def claim(turn: int) -> int:
        with either_app.app_context():
            allowed = sum(limiter.claim("a test", "one", 10, MONDAY_MORNING) for _ in range(25))
            db.session.remove()
        return allowed

    assert sum(at_once(8, claim)) == 10


def test_what_is_stored_is_bounded_and_holds_no_address(clock: Any, app: Flask) -> None:
    for hour in range(3):
        clock.move_to(MONDAY_MORNING + timedelta(hours=hour))
        for turn in range(40):
            guess(Visitor(app, f"192.0.2.{turn}"), f"person{hour}{turn}@example.org")
    with app.app_context():
        rows = db.session.execute(select(func.count()).select_from(limiter.Attempt)).scalar_one()
        keys = db.session.scalars(select(limiter.Attempt.key)).all()
        db.session.remove()
    assert rows == 2 * 80, "this hour and the one before"
    assert all(re.fullmatch("[0-9a-f]{64}", key) for key in keys)


@pytest.mark.slow
def test_too_many_at_once_are_told_quickly(app: Flask, alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """A flood of sign-ins with a heavy hash: some are compared, the others hear at once that they should come back."""
    monkeypatch.setitem(app.config, "HASH_COST", (8, 65536, 1))

    def flood(turn: int) -> tuple[int, float]:
        visitor = Visitor(app, f"192.0.2.{turn}")
        begun = time.perf_counter()
        status = visitor.sign_in(f"person{turn}@example.org", OTHER_PASSWORD).status_code
        return status, time.perf_counter() - begun

    answers = at_once(24, flood)
    assert {status for status, _ in answers} == {422, 503}
    assert sum(status == 422 for status, _ in answers) >= passwords.AT_ONCE
    assert max(seconds for status, seconds in answers if status == 503) < passwords.PATIENCE + 1
