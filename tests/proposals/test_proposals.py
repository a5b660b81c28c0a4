"""Questions of one's own: proposed by one, asked once both agree, declined without a trace, retired by either."""

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.db import MAX_ID, db
from app.proposals import rules
from app.proposals.actions import find_asked
from app.proposals.models import Proposal
from app.spaces.access import find_space_of
from tests.checkin.conftest import Sheet
from tests.conftest import PASSWORD, Person, link, make_app, make_person, token_for, without_tokens

ADDRESS = "/space/prompts"
QUESTION = "Which soup shall we learn, medlar-canary?"


def propose(person: Person, words: str = QUESTION) -> int:
    """Propose a question and return its id."""
    before = set(ids(person))
    assert person.post(ADDRESS, {"words": words}).status_code == 303
    (new,) = set(ids(person)) - before
    return int(new)


def ids(person: Person) -> list[str]:
    return re.findall(rf"{ADDRESS}/(\d+)/", person.text(ADDRESS))


def do(person: Person, verb: str, proposal_id: int) -> int:
    return person.post(f"{ADDRESS}/{proposal_id}/{verb}").status_code


def page(person: Person) -> str:
    return without_tokens(person.get(ADDRESS))


@pytest.fixture
def couple(either_app: Flask) -> tuple[Flask, Person, Person]:
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben, length="full")  # asks of everything that may be asked
    return either_app, ana, ben


MAY = {
    "the first": (0, None, True),
    "the third, on another day": (2, date(2026, 11, 22), True),
    "a fourth": (3, date(2026, 11, 1), False),
    "the second of a day": (1, date(2026, 11, 23), False),
    "the second of a day, the first being agreed on": (0, date(2026, 11, 23), False),
}


@pytest.mark.parametrize(("waiting", "last_on", "may"), MAY.values(), ids=MAY)
def test_three_wait_at_most_and_one_is_new_a_day(waiting: int, last_on: date | None, may: bool) -> None:
    assert rules.may_propose(waiting, last_on, date(2026, 11, 23)) is may


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [("own-7", 7), (rules.prompt_of(MAX_ID), MAX_ID), ("own-x", None), ("own-", None), ("celebrate-7", None)],
)
def test_a_prompt_id_names_its_proposal(prompt: str, expected: int | None) -> None:
    assert rules.proposal_of(prompt) == expected


def test_it_is_asked_once_both_agree_and_the_card_shows_its_words(couple: Any, clock: Any) -> None:
    _, ana, ben = couple
    proposal = propose(ana)
    assert QUESTION in ben.text(ADDRESS)
    assert do(ben, "agree", proposal) == 303
    week = Sheet(ana)
    assert f"own-{proposal}" in week.prompts
    assert QUESTION in ana.text("/check-in/")
    week.submit(**{f"answer-own-{proposal}": "Leek, of course."})
    Sheet(ben).submit("a word")
    assert "Leek, of course." in ben.text("/check-in/")


def test_it_is_not_asked_while_it_waits_or_was_declined(couple: Any, clock: Any) -> None:
    _, ana, ben = couple
    proposal = propose(ana)
    assert not [prompt for prompt in Sheet(ana).prompts if prompt.startswith(rules.PREFIX)]
    assert do(ben, "decline", proposal) == 303
    clock.move_to("2026-12-07T09:00:00+00:00")
    assert not [prompt for prompt in Sheet(ana).prompts if prompt.startswith(rules.PREFIX)]


def test_declining_shows_nowhere_but_to_who_declined(couple: Any, clock: Any) -> None:
    """Whatever the proposer can see or do is the same, byte for byte, for as long as it would have waited."""
    _, ana, ben = couple
    proposal = propose(ana)
    ana.get(ADDRESS)
    before = page(ana)
    assert "Waits." in before
    assert do(ben, "decline", proposal) == 303
    assert QUESTION not in ben.text(ADDRESS)
    assert page(ana) == before
    refused = [ana.post(ADDRESS, {"words": "Another today?"}).status_code, do(ana, "agree", proposal)]
    assert refused == [422, 404]
    clock.move_to("2027-01-17T09:00:00+00:00")  # the last day of eight weeks
    assert page(ana) == before
    clock.move_to("2027-01-18T09:00:00+00:00")
    assert QUESTION not in page(ana)


def test_what_waits_too_long_leaves_both_pages_and_then_the_database(couple: Any, clock: Any) -> None:
    app, ana, ben = couple
    proposal = propose(ana)
    clock.move_to("2027-01-18T09:00:00+00:00")
    assert QUESTION not in page(ana)
    assert QUESTION not in page(ben)
    assert do(ben, "agree", proposal) == 404
    propose(ben, "Something new?")
    with app.app_context():
        assert db.session.get(Proposal, proposal) is None


def test_taken_back_it_is_gone(couple: Any) -> None:
    app, ana, ben = couple
    proposal = propose(ana)
    assert do(ben, "take-back", proposal) == 404
    assert do(ana, "take-back", proposal) == 303
    assert QUESTION not in page(ben)
    with app.app_context():
        assert db.session.get(Proposal, proposal) is None
    assert do(ben, "agree", proposal) == 404


def test_a_declined_question_holds_its_place_among_the_three(couple: Any, clock: Any) -> None:
    _, ana, ben = couple
    for day in (23, 24, 25):
        clock.move_to(f"2026-11-{day}T09:00:00+00:00")
        do(ben, "decline", propose(ana, f"The question of day {day}?"))
    clock.move_to("2026-11-26T09:00:00+00:00")
    answer = ana.post(ADDRESS, {"words": "A fourth?"})
    assert answer.status_code == 422
    assert 'value="A fourth?"' in answer.text


@pytest.mark.parametrize("who", ["proposer", "partner"])
def test_either_may_retire_it_and_old_weeks_still_show_it(couple: Any, clock: Any, who: str) -> None:
    app, ana, ben = couple
    proposal = propose(ana)
    do(ben, "agree", proposal)
    Sheet(ana).submit("a", "b", "c", "d", "e")
    week = Sheet(ben).submit("one") and re.search(r"/check-in/\d+", ben.text("/check-in/history"))[0]  # type: ignore[index]
    assert do(ana if who == "proposer" else ben, "retire", proposal) == 303
    assert QUESTION not in page(ana)
    assert QUESTION in ana.text(week)
    with app.app_context():
        space = find_space_of(ana.id)
        assert space is not None
        assert find_asked(db.session(), space.id) == []
    assert ana.post("/space/leave", {"confirm": "leave"}).status_code == 303
    assert QUESTION in ben.text(week)


def test_on_ones_own_it_is_asked_at_once(app: Flask, sam: Person) -> None:
    weekly = {"weekday": "6", "time": "19:00", "zone": "Europe/Zurich", "length": "full"}
    assert sam.post("/space/schedule", weekly).status_code == 303
    propose(sam)
    assert QUESTION in sam.text("/check-in/")


BAD = {
    "nothing": ("  ", "Write a question first."),
    "too long": ("x" * 141, "This has 141 characters; 140 fit."),
}


@pytest.mark.parametrize(("words", "message"), BAD.values(), ids=BAD)
def test_bad_input_stays_in_the_field(alice: Person, bob: Person, words: str, message: str) -> None:
    answer = alice.post(ADDRESS, {"words": words})
    assert answer.status_code == 422
    assert message in answer.text
    assert words.strip() in answer.text


def test_140_characters_fit_and_become_one_line(alice: Person, bob: Person) -> None:
    propose(alice, "x" * 69 + "\r\n" + "y" * 70)
    assert "x" * 69 + " " + "y" * 70 in bob.text(ADDRESS)


@pytest.mark.parametrize("verb", ["agree", "decline", "take-back", "retire"])
def test_a_stranger_and_an_unknown_number_get_404(alice: Person, bob: Person, charlie: Person, verb: str) -> None:
    proposal = propose(alice)
    assert do(charlie, verb, proposal) == 404
    assert QUESTION not in charlie.text(ADDRESS)
    assert do(alice, verb, proposal + 1 if proposal < MAX_ID else 1) == 404
    assert do(alice, verb, MAX_ID + 1) == 404
    assert QUESTION in bob.text(ADDRESS)


def test_nobody_agrees_to_their_own(alice: Person, bob: Person) -> None:
    proposal = propose(alice)
    assert [do(alice, verb, proposal) for verb in ("agree", "decline", "retire")] == [404] * 3


def test_signed_out_it_goes_to_the_sign_in(client: FlaskClient) -> None:
    token = {"csrf_token": token_for(client)}
    posts = [client.post(f"{ADDRESS}{end}", data=token) for end in ("", "/1/agree", "/1/retire")]
    for answer in (client.get(ADDRESS), *posts):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in")


def test_a_stolen_database_holds_no_word_and_no_sign_of_declining(tmp_path: Path, clock: Any) -> None:
    app = make_app(tmp_path)
    ana, ben = make_person(app, "Ana"), make_person(app, "Ben")
    link(app, ana, ben)
    proposal = propose(ana)
    rows = []
    for verb in ("", "decline"):
        if verb:
            assert do(ben, verb, proposal) == 303
        with app.app_context():
            row = db.session.execute(select(Proposal)).scalar_one()
            rows.append((row.state, row.proposed_on, len(row.sealed), len(row.sealed_answer)))
            db.session.remove()
    with app.app_context():
        db.engine.dispose()
    assert rows[0] == rows[1]
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and b"medlar-canary" in path.read_bytes()]


def test_with_the_account_goes_what_waits_and_stays_what_both_agreed_on(couple: Any, clock: Any) -> None:
    app, ana, ben = couple
    agreed = propose(ana)
    do(ben, "agree", agreed)
    clock.move_to("2026-11-24T09:00:00+00:00")
    waiting = propose(ana, "And this one?")
    assert ana.post("/settings/delete", {"password": PASSWORD, "confirm": "delete"}).status_code == 303
    with app.app_context():
        assert db.session.get(Proposal, waiting) is None
        assert db.session.get(Proposal, agreed) is not None
