"""The next week begins with what was agreed. What its maker says about it opens with the week, and not before.

Abuse case 7, an agreement edited afterwards: new words stand beside the earlier ones, and what ended stays as it is.
"""

import re
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text, update

from app.agreements import actions
from app.agreements.models import Agreement
from app.agreements.rules import LookBack
from app.db import MAX_ID, db, transaction
from app.spaces.access import find_space_of
from tests.agreements.conftest import (
    SENTENCE,
    WEEKS,
    ids,
    listed,
    look_back,
    made_by,
    reveal,
    said,
    sentences,
    sign_out,
    text_of,
)
from tests.checkin.conftest import Sheet
from tests.conftest import Person, without_tokens

FIRST = date(2026, 11, 23)
NEW = {"when": "the bus is late", "will": "write you a line"}
NEW_SENTENCE = "When the bus is late, I will write you a line."


def first_card(person: Person) -> str:
    """The first card of the open week."""
    return re.findall(r"<section.*?</section>", person.text("/check-in/"), re.S)[0]


@pytest.fixture
def made(alice: Person, bob: Person, clock: Any) -> str:
    """The id of Alice's agreement, in the week after it was made."""
    agreement_id = made_by(alice, bob)
    clock.move_to(WEEKS[0])
    return agreement_id


def test_it_is_the_first_card_of_the_next_week_for_both(alice: Person, bob: Person, made: str) -> None:
    for person, heading in ((alice, "You"), (bob, "Alice")):
        card = first_card(person)
        assert sentences(card) == [SENTENCE]
        assert f"<h3>{heading}</h3>" in card
        assert "1 of 8" in card
    assert "2 of 8" in alice.text("/check-in/")


def test_only_its_maker_is_asked_how_it_went(alice: Person, bob: Person, made: str) -> None:
    assert all(f'value="{outcome}"' in first_card(alice) for outcome in ("done", "partly", "not", "dropped"))
    assert "look-back" not in bob.text("/check-in/")
    assert "/change" not in bob.text("/check-in/")


def test_without_any_the_week_begins_with_its_questions(alice: Person, bob: Person) -> None:
    assert "agreed" not in alice.text("/check-in/")
    assert "1 of 7" in alice.text("/check-in/")


def test_it_is_not_on_the_page_of_who_waits(alice: Person, bob: Person, made: str) -> None:
    Sheet(alice).submit("a word")
    assert SENTENCE not in text_of(alice.text("/check-in/"))


@pytest.mark.parametrize("outcome", ["done", "partly", "not", "dropped"])
def test_what_is_said_stays_with_its_maker_until_the_week_opens(
    alice: Person, bob: Person, made: str, outcome: str
) -> None:
    before = without_tokens(bob.get("/check-in/")), without_tokens(bob.get("/agreements/"))
    answer = look_back(alice, made, outcome)
    assert (answer.status_code, answer.location) == (303, "/check-in/#agreements")
    assert said(alice.text("/check-in/")) == [outcome]
    Sheet(alice).submit("a word")
    assert (without_tokens(bob.get("/check-in/")), without_tokens(bob.get("/agreements/"))) == before
    assert listed(alice) == listed(bob) == ([SENTENCE], [])
    Sheet(bob).submit("a word")
    label = {"done": "Done", "partly": "Partly", "not": "Not this time", "dropped": "Dropped"}[outcome]
    for person in (alice, bob):
        assert f'<p class="want">{label}</p>' in first_card(person)
        ended = outcome in ("done", "dropped")
        assert listed(person) == (([], [SENTENCE]) if ended else ([SENTENCE], []))


def test_the_reveal_seals_it_with_the_spaces_key_alone(app: Flask, alice: Person, bob: Person, made: str) -> None:
    look_back(alice, made, "partly")
    assert drafts(app) == 1
    reveal(alice, bob)
    assert drafts(app) == 0


def drafts(app: Flask) -> int:
    with app.app_context():
        count = db.session.execute(text("SELECT count(sealed_look_back) FROM agreement")).scalar_one()
        db.session.remove()
    return int(count)


def test_saying_nothing_looks_like_an_agreement_that_nobody_asked_about(alice: Person, bob: Person, made: str) -> None:
    reveal(alice, bob)
    assert 'class="want"' not in first_card(bob)
    assert listed(bob)[0] == [SENTENCE]


def test_the_last_word_counts_and_can_be_taken_back(alice: Person, bob: Person, made: str) -> None:
    look_back(alice, made, "not")
    look_back(alice, made, "done")
    assert said(alice.text("/check-in/")) == ["done"]
    look_back(alice, made, "")
    assert said(alice.text("/check-in/")) == []
    reveal(alice, bob)
    assert listed(bob) == ([SENTENCE], [])


def test_changed_it_has_new_words_and_the_earlier_stay_with_their_week(
    alice: Person, bob: Person, made: str, clock: Any
) -> None:
    form = alice.text(f"/agreements/{made}/change")
    assert re.findall(r"<textarea.*?>\n(.*?)</textarea>", form, re.S) == [
        "the kettle is on after supper",
        "sit down with you",
    ]
    before = without_tokens(bob.get("/check-in/"))
    assert look_back(alice, made, "changed", **NEW).status_code == 303
    assert f"From now on: {NEW_SENTENCE}" in text_of(alice.text("/check-in/"))
    assert NEW["when"] in alice.text(f"/agreements/{made}/change")
    assert without_tokens(bob.get("/check-in/")) == before
    reveal(alice, bob)
    for person in (alice, bob):
        assert sentences(first_card(person)) == [NEW_SENTENCE]
        assert f"Changed. Until now: {SENTENCE}" in text_of(person.text("/check-in/"))
        assert listed(person)[0] == [NEW_SENTENCE]
        assert f"From the week of 23 November 2026: {SENTENCE}" in text_of(person.text("/agreements/"))
    clock.move_to(WEEKS[1])
    assert sentences(first_card(bob)) == [NEW_SENTENCE]


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        pytest.param({"when": "", "will": "come"}, "Say when:", id="no when"),
        pytest.param({"when": "it rains", "will": ""}, "Say what you will do", id="no will"),
        pytest.param({"when": "it rains", "will": "x" * 201}, "201 characters; 200 fit", id="too long"),
    ],
)
def test_new_words_need_both_parts_too(
    alice: Person, bob: Person, made: str, words: dict[str, str], advice: str
) -> None:
    answer = look_back(alice, made, "changed", **words)
    assert answer.status_code == 422
    assert advice in answer.text
    assert f">\n{words['when']}</textarea>" in answer.text
    assert f">\n{words['will']}</textarea>" in answer.text
    assert said(alice.text("/check-in/")) == []


def test_what_was_said_in_a_week_that_never_opened_waits_for_the_next(
    alice: Person, bob: Person, made: str, clock: Any
) -> None:
    look_back(alice, made, "changed", **NEW)
    Sheet(alice).submit("a word")
    clock.move_to(WEEKS[1])
    assert listed(bob)[0] == [SENTENCE]
    assert said(alice.text("/check-in/")) == ["Changed"]
    assert NEW["when"] in alice.text(f"/agreements/{made}/change")
    reveal(alice, bob)
    assert listed(bob)[0] == [NEW_SENTENCE]


def test_earlier_outcomes_are_shown_nowhere(alice: Person, bob: Person, made: str, clock: Any) -> None:
    look_back(alice, made, "not")
    reveal(alice, bob)
    week = re.search(r"/check-in/\d+", bob.text("/check-in/history"))[0]
    clock.move_to(WEEKS[1])
    for person in (alice, bob):
        for address in ("/check-in/", week, "/agreements/", "/check-in/history"):
            assert '<p class="want">' not in person.text(address)
    reveal(alice, bob)
    assert '<p class="want">' not in bob.text("/check-in/")


def test_alone_it_counts_as_soon_as_one_has_finished(sam: Person, clock: Any) -> None:
    agreement_id = made_by(sam)
    clock.move_to(WEEKS[0])
    assert "what you agreed" in text_of(sam.text("/check-in/"))
    look_back(sam, agreement_id, "done")
    assert listed(sam) == ([SENTENCE], [])
    reveal(sam)
    assert listed(sam) == ([], [SENTENCE])


def test_nobody_else_says_how_it_went(app: Flask, alice: Person, bob: Person, charlie: Person, made: str) -> None:
    for other in (bob, charlie):
        assert look_back(other, made, "dropped").status_code == 404
        with app.app_context():
            assert actions.look_back(other.id, int(made), LookBack("dropped")) is False
        assert other.get(f"/agreements/{made}/change").status_code == 404
    reveal(alice, bob)
    assert listed(alice) == ([SENTENCE], [])


@pytest.mark.parametrize("agreement_id", ["1", "0", str(MAX_ID + 1), "9" * 30, "one", "-1"])
def test_an_unknown_one_is_not_found(alice: Person, bob: Person, agreement_id: str) -> None:
    assert look_back(alice, agreement_id, "done").status_code == 404
    assert alice.post(f"/agreements/{agreement_id}/withdraw").status_code == 404
    for page in ("/change", "/calendar", ".ics"):
        assert alice.get(f"/agreements/{agreement_id}{page}").status_code == 404


def test_another_answer_than_the_five_is_refused(alice: Person, bob: Person, made: str) -> None:
    assert look_back(alice, made, "failed").status_code == 422
    assert said(alice.text("/check-in/")) == []


def test_one_that_has_ended_is_not_asked_about(alice: Person, bob: Person, made: str) -> None:
    bob.post(f"/agreements/{made}/withdraw")
    assert look_back(alice, made, "done").status_code == 404
    assert alice.get(f"/agreements/{made}/change").status_code == 404
    assert "agreed" not in alice.text("/check-in/")


def test_signed_out_the_new_words_stay_on_the_page(alice: Person, bob: Person, made: str) -> None:
    sign_out(alice)
    answer = look_back(alice, made, "changed", **NEW)
    assert answer.status_code == 401
    assert NEW["will"] in answer.text
    assert look_back(alice, made, "done").location.startswith("/sign-in")
    assert alice.get(f"/agreements/{made}/change").location.startswith("/sign-in")


def test_an_old_page_keeps_the_new_words_and_what_they_are(alice: Person, bob: Person, made: str) -> None:
    answer = look_back(alice, made, "changed", **NEW, csrf_token="old")
    assert answer.status_code == 400
    assert NEW["will"] in answer.text
    assert '<input type="hidden" name="outcome" value="changed">' in answer.text
    assert f'action="/agreements/{made}/look-back"' in answer.text


def test_a_refused_week_begins_with_it_too(alice: Person, bob: Person, made: str) -> None:
    answer = Sheet(alice).submit()
    assert answer.status_code == 422
    assert sentences(answer.text) == [SENTENCE]


def test_what_is_still_open_of_many_weeks_is_shown_up_to_twelve(app: Flask, alice: Person, bob: Person) -> None:
    with app.app_context():
        space = find_space_of(alice.id)
        assert space is not None
        for week in range(13):
            actions.agree(space.id, alice.id, FIRST - timedelta(weeks=13 - week), f"it is week {week}", "come")
        db.session.remove()
    shown = sentences(alice.text("/check-in/"))
    assert len(shown) == 12
    assert "week 12," in shown[0]
    assert len(ids(alice)) == 13


def test_one_that_no_key_opens_says_so_and_can_be_withdrawn(app: Flask, alice: Person, bob: Person, made: str) -> None:
    look_back(alice, made, "done")
    with app.app_context(), transaction() as session:
        session.execute(update(Agreement).values(sealed=b"\x01" + bytes(300)))
    assert "This one cannot be read any more." in first_card(bob)
    reveal(alice, bob)
    assert "This one cannot be read any more." in bob.text("/agreements/")
    assert bob.post(f"/agreements/{made}/withdraw").status_code == 303
    assert ids(alice) == []
