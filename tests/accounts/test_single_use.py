"""What may be used once is used once, by twenty threads at the same instant and on both databases."""

import time
from concurrent.futures import ThreadPoolExecutor

from flask import Flask
from sqlalchemy import func, select, update

from app.accounts import actions, passwords
from app.accounts.models import Member, Reset, SignIn
from app.accounts.rules import Device, hash_code, hash_token
from app.clock import utcnow
from app.db import db, transaction
from app.limiter import Attempt
from tests.accounts.steps import Visitor, at_once, code_in, sent
from tests.conftest import PASSWORD, Person, make_person

THREADS = 20
DEVICE = {"client": "192.0.2.1", "device_label": "a test", "known_device": Device("a test")}


def attempt(app: Flask, act: object, *args: object) -> str:
    """Run one action in a context of its own; "done", or the name of what it raised."""
    with app.app_context():
        try:
            act(*args)  # type: ignore[operator]
        except Exception as error:
            return type(error).__name__
        finally:
            db.session.remove()
    return "done"


def count(app: Flask, table: type) -> int:
    with app.app_context():
        rows: int = db.session.execute(select(func.count()).select_from(table)).scalar_one()
        db.session.remove()
    return rows


def test_a_reset_link_sets_one_password(either_app: Flask) -> None:
    alice = make_person(either_app, "Alice")
    now = utcnow()
    with either_app.app_context(), transaction() as work:
        work.add(Reset(id=hash_token("a link"), member_id=alice.id, expires_at=now.replace(year=now.year + 1)))

    def use(turn: int) -> str:
        def reset() -> None:
            actions.reset_password("a link", f"{turn} green chairs outside", **DEVICE, now=now)  # type: ignore[arg-type]

        answer = attempt(either_app, reset)
        while answer == "ServiceUnavailable":
            answer = attempt(either_app, reset)
        return answer

    answers = at_once(THREADS, use)
    assert sorted(answers) == ["Gone"] * (THREADS - 1) + ["done"]
    winner = answers.index("done")
    assert Visitor(either_app).sign_in(alice.email, f"{winner} green chairs outside").status_code == 303
    assert count(either_app, SignIn) == 2, "the one that the link began, and the one just now"


def test_two_links_of_one_member_do_not_wait_for_each_other_for_ever(either_app: Flask) -> None:
    alice = make_person(either_app, "Alice")
    now = utcnow()
    with either_app.app_context(), transaction() as work:
        for turn in range(6):
            link = Reset(id=hash_token(f"link {turn}"), member_id=alice.id, expires_at=now.replace(year=now.year + 1))
            work.add(link)

    def use(turn: int) -> str:
        def reset() -> None:
            actions.reset_password(f"link {turn}", f"{turn} green chairs outside", **DEVICE, now=now)  # type: ignore[arg-type]

        return attempt(either_app, reset)

    assert sorted(at_once(6, use)) == ["Gone"] * 5 + ["done"]


def test_a_joining_makes_one_member(either_mailing: Flask) -> None:
    visitor = Visitor(either_mailing)
    visitor.join()
    code = code_in(sent(either_mailing)[-1])
    with visitor.client.session_transaction() as browser:
        joining_id = browser["joining"]

    def use(turn: int) -> str:
        def finish() -> None:
            actions.finish_joining(joining_id, code, **DEVICE, now=utcnow())  # type: ignore[arg-type]

        return attempt(either_mailing, finish)

    assert sorted(at_once(THREADS, use)) == ["Gone"] * (THREADS - 1) + ["done"]
    assert count(either_mailing, Member) == 1


def test_a_code_is_tried_five_times_by_many_at_once(either_mailing: Flask) -> None:
    visitor = Visitor(either_mailing)
    visitor.join()
    wrong = f"{(int(code_in(sent(either_mailing)[-1])) + 1) % 10**6:06}"
    with visitor.client.session_transaction() as browser:
        joining_id = browser["joining"]

    def use(turn: int) -> str:
        def finish() -> None:
            actions.finish_joining(joining_id, wrong, **DEVICE, now=utcnow())  # type: ignore[arg-type]

        return attempt(either_mailing, finish)

    assert sorted(at_once(THREADS, use)) == ["CodeOver"] * (THREADS - 4) + ["WrongCode"] * 4


def test_an_address_is_joined_with_once(either_app: Flask) -> None:
    def use(turn: int) -> str:
        def join() -> None:
            actions.join("Nora", "nora@example.org", PASSWORD, "UTC", **DEVICE, now=utcnow())  # type: ignore[arg-type]

        return attempt(either_app, join)

    answers = at_once(6, use)
    assert sorted(answers) == ["AddressTaken"] * 5 + ["done"]
    assert count(either_app, Member) == 1


def test_two_joinings_for_one_address_make_one_member(either_mailing: Flask) -> None:
    ready = []
    for _ in range(4):
        visitor = Visitor(either_mailing)
        visitor.join()
        with visitor.client.session_transaction() as browser:
            ready.append((browser["joining"], code_in(sent(either_mailing)[-1])))

    def use(turn: int) -> str:
        def finish() -> None:
            actions.finish_joining(*ready[turn], **DEVICE, now=utcnow())  # type: ignore[arg-type]

        return attempt(either_mailing, finish)

    assert sorted(at_once(4, use)) == ["AddressTaken"] * 3 + ["done"]


def test_a_code_moves_an_address_once(either_mailing: Flask) -> None:
    alice = make_person(either_mailing, "Alice")
    alice.post("/settings/address", {"email": "new@example.org", "password": PASSWORD})
    code = code_in(sent(either_mailing)[-2])

    def use(turn: int) -> str:
        return attempt(either_mailing, actions.finish_changing_address, alice.id, code, utcnow())

    assert sorted(at_once(THREADS, use)) == ["Gone"] * (THREADS - 1) + ["done"]


def test_a_password_that_was_changed_while_it_was_compared_opens_nothing(app: Flask, alice: Person) -> None:
    def sign_in(turn: int) -> str:
        def use() -> None:
            actions.sign_in(alice.email, PASSWORD, **DEVICE, now=utcnow())  # type: ignore[arg-type]

        return attempt(app, use)

    for _ in range(passwords.AT_ONCE):
        passwords._turns.acquire()
    with ThreadPoolExecutor(1) as thread:
        waiting = thread.submit(sign_in, 0)
        while count(app, Attempt) < 2:  # the try is counted, the password not yet compared
            time.sleep(0.001)
        with app.app_context(), transaction() as work:
            work.execute(update(Member).values(password_hash="changed"))
        passwords._turns.release(passwords.AT_ONCE)
        assert waiting.result() == "WrongPassword"


def test_a_code_is_bound_to_what_holds_it_and_to_this_server() -> None:
    hashes = {hash_code(secret, holder, "123456") for secret in ("one", "two") for holder in ("joining|1", "move|1")}
    assert len(hashes) == 4
