"""Leaving a revealed week with an agreement: one each, in both parts, in the open."""

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

from app.agreements import actions
from app.agreements.rules import LONGEST
from app.db import db
from app.spaces.access import find_space_of
from app.spaces.actions import leave_space
from app.spaces.rules import monday_of
from tests.agreements.conftest import PLAN, SENTENCE, WEEKS, agree, ids, listed, reveal, sentences, sign_out, text_of
from tests.checkin.conftest import Sheet
from tests.conftest import MONDAY_MORNING, Person, token_for

FORM = 'action="/check-in/agree"'


def test_the_revealed_week_ends_with_the_form(alice: Person, bob: Person) -> None:
    assert FORM not in alice.text("/check-in/")
    Sheet(alice).submit("a word")
    assert FORM not in alice.text("/check-in/")
    Sheet(bob).submit("a word")
    page = alice.text("/check-in/")
    assert FORM in page
    assert "Leave with one agreement" in page
    assert "js/agreement.js" in page


def test_both_see_it_as_soon_as_it_is_made(alice: Person, bob: Person, charlie: Person) -> None:
    reveal(alice, bob)
    answer = agree(alice)
    assert (answer.status_code, answer.location) == (303, "/check-in/#agree")
    for person in (alice, bob):
        assert sentences(person.text("/check-in/")) == [SENTENCE]
        assert listed(person) == ([SENTENCE], [])
    assert FORM not in alice.text("/check-in/")
    assert FORM in bob.text("/check-in/")
    assert listed(charlie) == ([], [])


def test_each_makes_one_of_their_own(alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    agree(alice)
    assert agree(bob, "it rains", "fetch you").status_code == 303
    assert listed(alice)[0] == [SENTENCE, "When it rains, I will fetch you."]
    assert listed(bob)[0] == ["When it rains, I will fetch you.", SENTENCE]


def test_alone_one_agrees_with_oneself(sam: Person) -> None:
    reveal(sam)
    page = text_of(sam.text("/check-in/"))
    assert "you may withdraw it at any time" in page
    assert "both" not in page.partition("Leave with one agreement")[2]
    agree(sam)
    assert listed(sam)[0] == [SENTENCE]


def test_a_second_one_in_the_same_week_stays_on_the_page(alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    agree(alice)
    answer = agree(alice, "it rains", "fetch you")
    assert answer.status_code == 422
    assert listed(alice)[0] == [SENTENCE]


def test_the_same_words_again_are_a_second_tap(alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    assert [agree(alice).status_code for _ in range(2)] == [303, 303]
    assert listed(alice)[0] == [SENTENCE]


def test_the_next_week_has_room_for_another(alice: Person, bob: Person, clock: Any) -> None:
    reveal(alice, bob)
    agree(alice)
    clock.move_to(WEEKS[0])
    reveal(alice, bob)
    assert agree(alice, "it rains", "fetch you").status_code == 303
    assert listed(bob)[0] == ["When it rains, I will fetch you.", SENTENCE]


@pytest.mark.parametrize(
    ("when", "will", "advice"),
    [
        pytest.param("", "sit down", "Say when:", id="no when"),
        pytest.param("When,", "sit down", "Say when:", id="nothing but the word"),
        pytest.param("the kettle is on", " \n ", "Say what you will do", id="no will"),
        pytest.param("k" * (LONGEST + 1), "sit down", "This has 201 characters; 200 fit.", id="a long when"),
        pytest.param("the kettle is on", "s" * (LONGEST + 1), "This has 201 characters; 200 fit.", id="a long will"),
    ],
)
def test_both_parts_are_needed_and_fit_a_line(alice: Person, bob: Person, when: str, will: str, advice: str) -> None:
    reveal(alice, bob)
    answer = agree(alice, when, will)
    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert 'class="error-summary"' in answer.text
    assert advice in answer.text
    for typed in (when, will):
        assert f">\n{typed.rstrip()}</textarea>" in answer.text
    assert listed(alice) == ([], [])


def test_the_longest_fit_and_long_words_with_the_beginning_too(alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    assert agree(alice, "When " + "k" * LONGEST, "I will " + "s" * LONGEST + ".").status_code == 303
    assert listed(bob)[0] == [f"When {'k' * LONGEST}, I will {'s' * LONGEST}."]


@pytest.mark.parametrize("how", ["before anybody has written", "while one waits", "in the next week"])
def test_before_the_reveal_and_after_the_week_nothing_is_agreed(
    alice: Person, bob: Person, clock: Any, how: str
) -> None:
    if how == "while one waits":
        Sheet(alice).submit("a word")
    if how == "in the next week":
        reveal(alice, bob)
        clock.move_to(WEEKS[0])
    answer = agree(alice)
    assert answer.status_code == 409
    assert PLAN["when"] in answer.text
    assert PLAN["will"] in answer.text
    assert listed(alice) == ([], [])


def test_the_answer_before_the_reveal_is_the_same_whatever_the_partner_did(alice: Person, bob: Person) -> None:
    before = agree(bob).data
    Sheet(alice).submit("a word")
    assert agree(bob).data == before


def test_words_are_shown_as_they_were_typed_and_never_run(alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    agree(alice, "<script>alert(1)</script> {{ 7*7 }}", "say “שלום” & \u202eleave")
    for page in (bob.text("/check-in/"), bob.text("/agreements/")):
        assert "<script>alert" not in page
        assert "<bdi>&lt;script&gt;alert(1)&lt;/script&gt; {{ 7*7 }}</bdi>" in page
        assert "<bdi>say “שלום” &amp; \u202eleave</bdi>" in page


def test_signed_out_the_words_stay_on_the_page(alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    sign_out(alice)
    answer = agree(alice)
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert PLAN["when"] in answer.text
    assert PLAN["will"] in answer.text
    assert agree(alice, "", "").location.startswith("/sign-in")


def test_an_old_page_keeps_the_words_and_can_be_sent_again(alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    answer = agree(alice, csrf_token="old")
    assert answer.status_code == 400
    assert FORM in answer.text
    assert PLAN["will"] in answer.text
    assert listed(alice) == ([], [])


def test_what_somebody_else_typed_on_this_device_does_not_become_ones_own(alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    answer = agree(alice, member=str(bob.id))
    assert answer.status_code == 409
    assert PLAN["will"] in answer.text
    assert listed(alice) == ([], [])


def test_a_database_that_is_away_takes_no_word(app: Flask, alice: Person, bob: Person) -> None:
    reveal(alice, bob)

    def fail(connection: object, cursor: object, statement: str, *_: object) -> None:
        if statement.startswith("INSERT INTO agreement"):
            raise db.session.connection().dialect.dbapi.OperationalError("database is locked")

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        answer = agree(alice)
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert answer.status_code == 503
    assert FORM in answer.text
    assert PLAN["will"] in answer.text
    assert agree(alice).status_code == 303


def test_in_a_space_that_has_ended_meanwhile_nothing_is_agreed(app: Flask, alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    with app.app_context():
        space = find_space_of(alice.id)
        assert space is not None
        leave_space(space.id, MONDAY_MORNING)
        db.session.remove()
    assert agree(alice).status_code == 409
    with app.app_context():
        with pytest.raises(actions.SpaceEnded):  # as when somebody leaves between the page and the tap
            actions.agree(space.id, alice.id, monday_of(MONDAY_MORNING, space.zone), "it rains", "come")
        assert db.session.execute(text("SELECT count(*) FROM agreement")).scalar() == 0
        db.session.remove()


def test_without_a_sign_in_or_a_token_nothing_happens(client: FlaskClient, alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    assert client.post("/check-in/agree", data={"csrf_token": token_for(client)} | PLAN).status_code == 401
    assert alice.client.post("/check-in/agree", data=PLAN).status_code == 400
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert alice.post("/check-in/agree", PLAN, headers=foreign).status_code == 403
    assert listed(alice) == ([], [])


def test_no_mail_is_sent(alice: Person, bob: Person, outbox: Any) -> None:
    reveal(alice, bob)
    agree(alice)
    assert outbox() == []


def test_a_mistake_is_put_right_by_withdrawing_and_making_it_anew(alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    agree(alice, "the kettel is on")
    alice.post(f"/agreements/{ids(alice)[0]}/withdraw")
    assert FORM in alice.text("/check-in/")
    assert agree(alice).status_code == 303
    assert listed(bob) == ([SENTENCE], ["When the kettel is on, I will sit down with you."])


def test_the_week_costs_one_statement_more(app: Flask, alice: Person, bob: Person) -> None:
    reveal(alice, bob)
    agree(alice)
    seen: list[str] = []

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        if re.search(r"\bagreement\b", statement):
            seen.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        alice.get("/check-in/")
    finally:
        event.remove(engine, "before_cursor_execute", note)
    assert len(seen) == 1
