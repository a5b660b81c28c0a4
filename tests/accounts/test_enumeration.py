"""Nothing tells whether an address has an account: the same status, body and headers, the same work."""

import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from typing import Any

import pytest
from flask import Flask

from app.mail import Postman
from tests.accounts.steps import OTHER_PASSWORD, Visitor, sent
from tests.conftest import MONDAY_MORNING, PASSWORD, Person, make_person, token_for, without_tokens

KNOWN = "alice@example.org"
UNKNOWN = "alicf@example.org"  # as long as the other

Flow = Callable[[Visitor, str], list[str]]


def seen(answer: object, address: str) -> str:
    """All of an answer that does not differ between any two answers."""
    cookies = sorted(cookie.partition("=")[0] for cookie in answer.headers.getlist("Set-Cookie"))  # type: ignore[attr-defined]
    return f"{cookies}\n{without_tokens(answer)}".replace(address, "<address>")  # type: ignore[arg-type]


def signing_in(visitor: Visitor, address: str) -> list[str]:
    answers = [visitor.get("/sign-in"), visitor.sign_in(address, OTHER_PASSWORD)]
    return [seen(answer, address) for answer in answers]


def signing_in_too_often(visitor: Visitor, address: str) -> list[str]:
    return [seen(visitor.sign_in(address, OTHER_PASSWORD), address) for _ in range(11)]


def joining(visitor: Visitor, address: str) -> list[str]:
    answers = [visitor.join(address), visitor.get("/join/code")]
    answers += [visitor.type_code("000000") for _ in range(6)]
    answers += [visitor.post("/join/code/again"), visitor.get("/join/code"), visitor.type_code("000000")]
    return [seen(answer, address) for answer in answers]


def joining_too_often(visitor: Visitor, address: str) -> list[str]:
    return [seen(visitor.join(address), address) for _ in range(7)]


def having_forgotten(visitor: Visitor, address: str) -> list[str]:
    answers = [visitor.post("/forgot", {"email": address}) for _ in range(7)]
    return [seen(answer, address) for answer in [*answers, visitor.get("/forgot/sent")]]


def moving(visitor: Visitor, address: str) -> list[str]:
    person = make_person(visitor.app, "Nora" if address == UNKNOWN else "Lena")
    answers = [person.post("/settings/address", {"email": address, "password": PASSWORD})]
    answers += [person.get("/settings/address")]
    answers += [person.post("/settings/address", {"code": "000000"}) for _ in range(6)]
    return [seen(answer, address) for answer in answers]


FLOWS = [signing_in, signing_in_too_often, joining, joining_too_often, having_forgotten, moving]


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.usefixtures("clock", "mailing", "alice")
def test_known_and_unknown_are_answered_alike(app: Flask, flow: Flow) -> None:
    known = flow(Visitor(app, "192.0.2.1"), KNOWN)
    unknown = flow(Visitor(app, "192.0.2.2"), UNKNOWN)
    assert known == unknown


@pytest.mark.usefixtures("mailing")
def test_known_and_unknown_get_as_many_mails(app: Flask, visitor: Visitor, alice: Person) -> None:
    for address in (alice.email, UNKNOWN):
        visitor.join(address)
        visitor.post("/join/code/again")
    assert sorted(message["To"] for message in sent(app)) == [alice.email] * 2 + [UNKNOWN] * 2


@pytest.mark.slow
@pytest.mark.parametrize("flow", ["sign-in", "join", "forgot"])
@pytest.mark.usefixtures("mailing")
def test_known_and_unknown_are_the_same_work(
    clock: Any, app: Flask, flow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In 60 interleaved pairs the medians of the thread's CPU time differ by less than a fifth, or half a millisecond.

    CPU time, because a busy neighbour moves the wall clock more than any account does. Hashing has threads of its own
    and takes one turn for either.
    """
    monkeypatch.setitem(app.config, "HASH_COST", (2, 19456, 1))
    monkeypatch.setattr(app.extensions["postman"], "holds_back", Postman.HOLDS_BACK)
    make_person(app, "Alice")
    looks = []
    for look in range(3):
        clock.move_to(MONDAY_MORNING + timedelta(days=look))
        known, unknown = median_times(app, clock, flow)
        if abs(known - unknown) < max(0.0005, unknown / 5):
            return
        looks.append((known, unknown))
    pytest.fail(f"{flow} tells known from unknown: {looks}")


def median_times(app: Flask, clock: Any, flow: str) -> tuple[float, float]:
    """CPU seconds of the thread that answers the form, for the known and for the unknown address."""
    spent: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
    for turn in range(60):
        clock.shift(timedelta(hours=1))  # so that no limit is reached
        for address in [KNOWN, UNKNOWN][:: 1 if turn % 2 else -1]:
            visitor = Visitor(app)
            form = {"csrf_token": token_for(visitor.client), "name": "Nora", "email": address}
            begun = time.thread_time()
            answer = visitor.client.post(f"/{flow}", data=form | {"password": OTHER_PASSWORD})
            spent[address].append(time.thread_time() - begun)
            assert answer.status_code == (422 if flow == "sign-in" else 303)
            sent(app)
    return median(spent[KNOWN]), median(spent[UNKNOWN])
