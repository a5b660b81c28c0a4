"""The page of all agreements: what lives, what ended, of every space that somebody sat in; no count, no score."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from app.agreements import actions
from app.agreements.access import find_all
from app.db import db
from app.spaces.access import find_space_of
from tests.agreements.conftest import SENTENCE, WEEKS, agree, ids, listed, look_back, made_by, reveal, text_of
from tests.conftest import PASSWORD, Person


def test_signed_out_it_goes_to_the_sign_in_and_back(client: FlaskClient) -> None:
    assert client.get("/agreements/").headers["Location"] == "/sign-in?next=/agreements/"


def test_without_any_it_says_where_they_come_from(sam: Person) -> None:
    page = sam.get("/agreements/")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Nothing is agreed just now." in page.text
    assert "Ended" not in page.text


def test_the_page_of_the_space_leads_there(alice: Person, bob: Person) -> None:
    assert '<a href="/agreements/">Agreements</a>' in alice.text("/space/")


def test_the_ended_lie_closed_below_and_only_say_how(alice: Person, bob: Person, clock: Any) -> None:
    first = made_by(alice, bob)
    clock.move_to(WEEKS[0])
    look_back(alice, first, "done")
    reveal(alice, bob)
    agree(bob, "it rains", "fetch you")
    page = text_of(bob.text("/agreements/"))
    assert listed(bob) == (["When it rains, I will fetch you."], [SENTENCE])
    assert re.search(r'<details class="own"> <summary>Ended</summary>', page)
    assert "Alice, from the week of 23 November 2026" in page
    assert page.count("Done") == 1
    assert not re.search(r"\d+ (agreements|of)\b|%", page)


def test_leaving_ends_them_and_both_can_still_read_them(alice: Person, bob: Person, clock: Any) -> None:
    agreement_id = made_by(alice, bob)
    clock.move_to(WEEKS[0])
    look_back(alice, agreement_id, "not")
    assert "Your agreements, on both sides" in alice.text("/space/leave")
    alice.post("/space/leave", {"confirm": "leave"})
    for person in (alice, bob):
        assert listed(person) == ([], [SENTENCE])
        assert "Ended with the space" in person.text("/agreements/")
        assert SENTENCE not in text_of(person.text("/check-in/"))
        for page in ("/change", "/calendar", ".ics"):
            assert person.get(f"/agreements/{agreement_id}{page}").status_code == 404
    assert "Not this time" not in bob.text("/agreements/")


def test_what_one_agreed_with_oneself_stays_ones_own_in_a_couple(alice: Person, sam: Person) -> None:
    made_by(sam)
    sam.get("/space/")
    sam.post("/space/invitations")
    link = re.search(r'data-invitation href="[^"]*(/invitation/[^"]+)"', sam.text("/space/"))[1]
    alice.get("/space/")
    assert alice.post(link).status_code == 303
    assert listed(sam) == ([], [SENTENCE])
    assert listed(alice) == ([], [])


def test_somebody_who_deleted_the_account_is_someone_who_has_left(alice: Person, bob: Person, clock: Any) -> None:
    agreement_id = made_by(alice, bob)
    clock.move_to(WEEKS[0])
    look_back(alice, agreement_id, "not")
    alice.post("/settings/delete", {"password": PASSWORD, "confirm": "delete"})
    page = bob.text("/agreements/")
    assert listed(bob) == ([], [SENTENCE])
    assert "Someone who has left, from the week of 23 November 2026" in page
    assert "Alice" not in page
    assert "Not this time" not in page


def test_older_ones_are_a_page_further(app: Flask, alice: Person, bob: Person) -> None:
    with app.app_context():
        space = find_space_of(alice.id)
        assert space is not None
        for week in range(23):
            actions.agree(space.id, alice.id, date(2026, 11, 23) - timedelta(weeks=week), f"it is week {week}", "come")
        for found in find_all(alice.id):
            actions.withdraw(bob.id, found.id)
        db.session.remove()
    page, older = bob.text("/agreements/"), bob.text("/agreements/?page=2")
    first, second = listed(bob)[1], listed(bob, "/agreements/?page=2")[1]
    assert (len(first), len(second), len({*first, *second})) == (20, 3, 23)
    assert 'href="/agreements/?page=2"' in page
    assert '<details class="own" open>' in older
    assert 'href="/agreements/"' in older
    assert "Nothing is agreed" not in older


@pytest.mark.parametrize("page", ["0", "-1", "one", "²", "12345", ""])
def test_a_page_that_is_none_is_not_found(alice: Person, page: str) -> None:
    assert alice.get(f"/agreements/?page={page}").status_code == 404


def test_many_that_live_come_first_and_on_as_many_pages(app: Flask, alice: Person, bob: Person) -> None:
    with app.app_context():
        space = find_space_of(alice.id)
        assert space is not None
        for week in range(22):
            actions.agree(space.id, bob.id, date(2026, 11, 23) - timedelta(weeks=week), f"it is week {week}", "come")
        actions.withdraw(alice.id, find_all(alice.id)[-1].id)
        db.session.remove()
    assert [len(part) for part in listed(alice)] == [20, 0]
    assert [len(part) for part in listed(alice, "/agreements/?page=2")] == [1, 1]


def test_its_statements_do_not_grow_with_the_agreements(app: Flask, alice: Person, bob: Person) -> None:
    def count() -> int:
        seen: list[str] = []

        def note(connection: object, cursor: object, statement: str, *_: object) -> None:
            seen.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            alice.get("/agreements/")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len([statement for statement in seen if statement.startswith("SELECT")])

    reveal(alice, bob)
    agree(alice)
    few = count()
    for _ in range(5):
        alice.post(f"/agreements/{ids(alice)[0]}/withdraw")
        agree(alice)
    assert count() == few == 2
