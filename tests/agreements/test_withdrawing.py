"""Abuse case 11, an agreement used as a contract: either withdraws any, at any time, with one tap and no reason."""

import re
from typing import Any

import pytest
from flask import Flask

from app.agreements.models import Agreement
from tests.agreements.conftest import SENTENCE, WEEKS, agree, ids, listed, look_back, made_by, sign_out, text_of
from tests.checkin.conftest import Sheet
from tests.conftest import Person


@pytest.fixture
def made(alice: Person, bob: Person) -> str:
    return made_by(alice, bob)


def withdraw(person: Person, agreement_id: str) -> Any:
    return person.post(f"/agreements/{agreement_id}/withdraw")


@pytest.mark.parametrize("who", ["its maker", "the other"])
def test_one_tap_is_enough_for_either(alice: Person, bob: Person, made: str, who: str, outbox: Any) -> None:
    answer = withdraw(alice if who == "its maker" else bob, made)
    assert (answer.status_code, answer.location) == (303, "/agreements/")
    for person in (alice, bob):
        assert listed(person) == ([], [SENTENCE])
        assert SENTENCE not in text_of(person.text("/check-in/"))
    assert outbox() == []


def test_the_list_does_not_tell_who_withdrew_it_or_when(alice: Person, bob: Person, made: str, clock: Any) -> None:
    withdraw(alice, made)
    clock.shift(3600)
    agree(alice)
    withdraw(bob, ids(bob)[0])
    for person in (alice, bob):
        first, second = re.findall(r"<li>(.*?)</li>", person.text("/agreements/").partition("<details")[2], re.S)
        assert first == second
        assert "Withdrawn" in first


@pytest.mark.parametrize("column", Agreement.__table__.columns.keys())
def test_no_column_tells_a_time_or_who_ended_it(column: str) -> None:
    assert not column.endswith("_at")
    assert column in ("id", "space_id", "member_id", "week_on", "looked_on", "is_living", "sealed", "sealed_look_back")


@pytest.mark.parametrize("state", ["open", "waiting"])
def test_it_is_at_once_in_any_state_of_the_week(alice: Person, bob: Person, made: str, clock: Any, state: str) -> None:
    clock.move_to(WEEKS[0])
    look_back(alice, made, "not")
    if state == "waiting":
        Sheet(alice).submit("a word")
    withdraw(bob, made)
    assert listed(alice) == ([], [SENTENCE])
    assert listed(bob) == ([], [SENTENCE])


def test_after_the_reveal_what_was_said_about_it_goes_too(alice: Person, bob: Person, made: str, clock: Any) -> None:
    clock.move_to(WEEKS[0])
    look_back(alice, made, "not")
    for person in (alice, bob):
        Sheet(person).submit("a word")
    assert "Not this time" in alice.text("/check-in/")
    withdraw(alice, made)
    for person in (alice, bob):
        for address in ("/check-in/", "/agreements/"):
            assert "Not this time" not in person.text(address)
        assert SENTENCE not in text_of(person.text("/check-in/"))


def test_words_that_were_about_to_hold_stay_with_whoever_typed_them(
    alice: Person, bob: Person, made: str, clock: Any
) -> None:
    clock.move_to(WEEKS[0])
    look_back(alice, made, "changed", when="the bus is late", will="write you a line")
    withdraw(bob, made)
    kept = "You were about to change it: “When the bus is late, I will write you a line.” Only you see this."
    assert kept in text_of(alice.text("/agreements/"))
    assert "the bus is late" not in bob.text("/agreements/")


def test_a_second_tap_changes_nothing(alice: Person, bob: Person, made: str) -> None:
    assert [withdraw(person, made).status_code for person in (alice, bob, alice)] == [303] * 3
    assert listed(alice) == ([], [SENTENCE])


def test_a_stranger_withdraws_nothing(alice: Person, bob: Person, charlie: Person, sam: Person, made: str) -> None:
    for other in (charlie, sam):
        assert withdraw(other, made).status_code == 404
    sign_out(bob)
    assert withdraw(bob, made).location.startswith("/sign-in")
    assert listed(alice) == ([SENTENCE], [])


def test_after_leaving_there_is_nothing_to_withdraw(app: Flask, alice: Person, bob: Person, made: str) -> None:
    bob.post("/space/leave", {"confirm": "leave"})
    for person in (alice, bob):
        assert withdraw(person, made).status_code == 404
        assert listed(person) == ([], [SENTENCE])
        assert "Ended with the space" in person.text("/agreements/")
