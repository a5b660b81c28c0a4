"""Which passwords will do, and how they are kept."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from werkzeug.exceptions import ServiceUnavailable

from app.accounts import passwords, rules
from app.config import DEFAULTS
from tests.conftest import PASSWORD

WILL_DO = [
    PASSWORD,
    "seven green chairs",
    "correct horse battery staple lemon",
    "alice likes green tea",
    "пятнадцать зелёных стульев",
    "十五把绿色的椅子放在外面的地方",
    "🪑" * 11 + "🍵",
    "d8f2c1b97a4e",
    "            x",
    "a" * 255 + "b",
    "718281828459",
]
REFUSED = {
    "": "at least 12",
    "short": "at least 12",
    "eleven char": "at least 12",
    "a b" * 86: "at most 256",
    "aaaaaaaaaaaa": "one character",
    "            ": "one character",
    "alice.miller@example.org": "your name",
    "ALICE.MILLER@EXAMPLE.ORG": "your name",
    "alice1234567": "your name",
    "alicealicealice": "your name",
    "Miller-Alice-2026!": "your name",
    "alice.miller1": "your name",
    "sameside12345": "this app",
    "Same Side Same Side": "this app",
    "password1234": "one of the first",
    "passwordpassword": "one of the first",
    "P a s s w o r d 1 2 3": "one of the first",
    "qwertyuiop123": "one of the first",
    "letmein-letmein": "one of the first",
    "iloveyou-alice!": "one of the first",
    "abcdefghijkl": "one of the first",
    "123456789012": "one of the first",
    "098765432109": "one of the first",
    "seven green\x00chairs": "arrive whole",
    "seven green\r\nchairs": "arrive whole",
    "seven green \ufffd chairs": "arrive whole",
}


@pytest.mark.parametrize("password", WILL_DO)
def test_a_long_password_will_do_whatever_it_is_made_of(password: str) -> None:
    assert rules.password_problem(password, name="Alice Miller", address="alice.miller@example.org") == ""


@pytest.mark.parametrize(("password", "advice"), REFUSED.items())
def test_an_obvious_one_is_refused_with_advice(password: str, advice: str) -> None:
    assert advice in rules.password_problem(password, name="Alice Miller", address="alice.miller@example.org")


def test_half_a_character_is_refused() -> None:
    assert "arrive whole" in rules.password_problem("seven green chairs" + chr(0xD800), name="", address="")


def test_the_names_of_others_are_no_reason() -> None:
    assert rules.password_problem("alicealicealice", name="Bo", address="b@example.org") == ""


def test_without_name_and_address_it_is_judged_all_the_same() -> None:
    assert rules.password_problem("password1234", name="", address="") != ""
    assert rules.password_problem(PASSWORD, name="", address="") == ""


def test_the_hash_is_argon2id_and_never_twice_the_same(app: Flask) -> None:
    with app.app_context():
        first, second = passwords.hash_password(PASSWORD), passwords.hash_password(PASSWORD)
        assert first.startswith("$argon2id$v=19$m=8,t=1,p=1$")
        assert first != second
        assert passwords.is_right(first, PASSWORD)
        assert not passwords.is_right(first, PASSWORD + " ")
        assert not passwords.is_right("", PASSWORD)


def test_the_default_cost_is_what_is_recommended() -> None:
    """OWASP's Password Storage Cheat Sheet: argon2id with 19 MiB, two passes, one lane."""
    assert DEFAULTS["HASH_COST"] == "2,19456,1"


def test_no_more_than_a_few_are_hashed_at_a_time(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two at work, six waiting; the ninth is told at once to come back."""
    monkeypatch.setattr(passwords, "PATIENCE", 0.05)
    with app.app_context():
        for _ in range(passwords.AT_ONCE):
            assert passwords._turns.acquire(blocking=False)

        def hash_one(_: int) -> float:
            begun = time.perf_counter()
            with app.app_context(), pytest.raises(ServiceUnavailable):
                passwords.hash_password(PASSWORD)
            return time.perf_counter() - begun

        try:
            with ThreadPoolExecutor(16) as threads:
                waited = sorted(threads.map(hash_one, range(16)))
        finally:
            passwords._turns.release(passwords.AT_ONCE)
        assert waited[0] < 0.03, "the ones without a place are told at once"
        assert passwords.is_right(passwords.hash_password(PASSWORD), PASSWORD), "and the gate is open again"
