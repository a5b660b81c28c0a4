"""The switches for forgiveness and physical intimacy: chosen alone, shown to nobody else, asked only if all want it."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from app.checkin.actions import open_for_space
from app.checkin.models import CheckIn
from app.checkin.rules import draw_topics
from app.db import db, transaction
from app.keys import STEP
from app.spaces import actions
from app.spaces.access import find_space_of
from app.spaces.models import Schedule, Seat, Space
from tests.conftest import Person, link, make_app, make_person, token_for

ADDRESS = "/space/topics"
BOTH = ("forgiveness", "physical-intimacy")


def choose(person: Person, *topics: str) -> None:
    assert person.post(ADDRESS, {"topics": list(topics)}).status_code == 303


def ticked(person: Person) -> list[str]:
    page = person.text(ADDRESS)
    return [name for name in BOTH if f'value="{name}" checked' in page]


def space_of(person: Person) -> int:
    with person.client.application.app_context():
        space = find_space_of(person.id)
        assert space is not None
        return space.id


def seats(space_id: int) -> dict[int, bytes | None]:
    rows = db.session.execute(select(Seat.member_id, Seat.sealed_topics).where(Seat.space_id == space_id))
    return {row.member_id: row.sealed_topics for row in rows}


def open_weeks(app: Flask, space_id: int, weeks: int) -> dict[date, set[str]]:
    """Open one check-in a week, as the clock would: which of the two topics each of them asks about."""
    strategies = {prompt.id: prompt.strategy for prompt in app.extensions["content"].prompts.values()}
    with app.app_context():
        with transaction() as work:
            work.execute(update(Schedule).where(Schedule.space_id == space_id).values(length="full"))
        last = db.session.execute(select(func.max(CheckIn.opened_at)).where(CheckIn.space_id == space_id)).scalar()
        begin = (last or datetime.now(UTC)) + timedelta(weeks=1)
        for week in range(weeks):
            now = begin + timedelta(weeks=week)
            with transaction() as work:
                work.execute(update(Schedule).where(Schedule.space_id == space_id).values(next_due_at=now))
            open_for_space(space_id, now)
        new = select(CheckIn.week_on, CheckIn.prompts).where(CheckIn.space_id == space_id, CheckIn.opened_at >= begin)
        found = {row.week_on: {strategies[prompt] for prompt in row.prompts} for row in db.session.execute(new)}
        db.session.remove()
    assert len(found) >= weeks - 1  # the first opens with its space, and the time of that week then opens no other
    return {week_on: asked & set(BOTH) for week_on, asked in found.items()}


def drawn(topics: Iterable[str], space_id: int, weeks: Iterable[date]) -> dict[date, set[str]]:
    return {week_on: set(draw_topics(topics, week_on, str(space_id))) for week_on in weeks}


def test_both_are_off_until_somebody_chooses(alice: Person, bob: Person, sam: Person) -> None:
    assert [ticked(person) for person in (alice, bob, sam)] == [[], [], []]
    assert f'href="{ADDRESS}"' in alice.text("/space/")


@pytest.mark.parametrize("topics", [(), BOTH[:1], BOTH[1:], BOTH], ids=["none", "one", "the other", "both"])
def test_what_one_chose_is_there_again_for_them_alone(either_app: Flask, topics: tuple[str, ...]) -> None:
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    choose(ben, "forgiveness")
    choose(ana, *topics)
    assert ticked(ana) == list(topics)
    assert ticked(ben) == ["forgiveness"]
    choose(ana)
    assert ticked(ana) == []
    assert ticked(ben) == ["forgiveness"]


def test_saving_says_the_same_whatever_was_chosen(alice: Person, bob: Person) -> None:
    said = []
    for topics in ((), BOTH):
        answer = alice.post(ADDRESS, {"topics": list(topics)})
        said.append((answer.status, answer.headers["Location"], "Saved, for you alone." in alice.text(ADDRESS)))
    assert said == [("303 SEE OTHER", ADDRESS, True)] * 2


def test_the_page_has_help_at_hand_and_says_that_nothing_is_owed(alice: Person, bob: Person, sam: Person) -> None:
    for person in (alice, sam):
        page = person.text(ADDRESS)
        assert "nobody is owed closeness" in page
        assert '<a href="/help/">help and safety</a>' in page


def test_an_unknown_topic_is_refused_and_the_rest_stays_ticked(alice: Person) -> None:
    answer = alice.post(ADDRESS, {"topics": ["forgiveness", "quality-time"]})
    assert answer.status_code == 422
    assert "Choose among the topics on this page." in answer.text
    assert 'value="forgiveness" checked' in answer.text
    assert ticked(alice) == []


def test_a_stranger_changes_their_own_space_only(alice: Person, bob: Person, charlie: Person) -> None:
    choose(charlie, *BOTH)
    assert ticked(charlie) == list(BOTH)
    assert ticked(alice) == ticked(bob) == []


def test_signed_out_it_goes_to_the_sign_in(client: FlaskClient) -> None:
    for answer in (client.get(ADDRESS), client.post(ADDRESS, data={"csrf_token": token_for(client)})):
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith("/sign-in")


CHOICES: dict[str, tuple[tuple[str, ...], tuple[str, ...], set[str]]] = {
    "nobody": ((), (), set()),
    "one alone": (BOTH, (), set()),
    "the other alone": ((), BOTH, set()),
    "each another": (BOTH[:1], BOTH[1:], set()),
    "both one": (BOTH, BOTH[:1], {"forgiveness"}),
    "both both": (BOTH, BOTH, set(BOTH)),
}


@pytest.mark.parametrize(("first", "second", "expected"), CHOICES.values(), ids=CHOICES)
def test_a_topic_is_asked_about_only_where_both_have_switched_it_on(
    either_app: Flask, first: tuple[str, ...], second: tuple[str, ...], expected: set[str]
) -> None:
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    space_id = link(either_app, ana, ben)
    choose(ana, *first)
    choose(ben, *second)
    asked = open_weeks(either_app, space_id, 40)
    assert asked == drawn(expected, space_id, asked)


def test_on_ones_own_the_own_switch_is_enough(app: Flask, sam: Person) -> None:
    choose(sam, "forgiveness")
    asked = open_weeks(app, space_of(sam), 40)
    assert asked == drawn(["forgiveness"], space_of(sam), asked)


def test_a_change_counts_from_the_next_check_in_on_and_changes_nothing_before(
    app: Flask, alice: Person, bob: Person
) -> None:
    space_id = space_of(alice)
    for person in (alice, bob):
        choose(person, *BOTH)
    first = open_weeks(app, space_id, 20)
    assert first == drawn(BOTH, space_id, first)
    pages = [person.text(address) for person in (alice, bob) for address in (ADDRESS, "/check-in/")][1::2]
    choose(bob, "forgiveness")
    bob.get(ADDRESS)  # takes away what the save said
    assert [without_token(person.text("/check-in/")) for person in (alice, bob)] == [*map(without_token, pages)]
    then = open_weeks(app, space_id, 20)
    assert then == drawn(["forgiveness"], space_id, then)


def without_token(page: str) -> str:
    return re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", page)


def test_leaving_ends_the_choice_and_the_next_space_begins_with_both_off(either_app: Flask) -> None:
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    space_id = link(either_app, ana, ben)
    for person in (ana, ben):
        choose(person, *BOTH)
    assert ana.post("/space/leave", {"confirm": "leave"}).status_code == 303
    assert ticked(ana) == ticked(ben) == []
    with either_app.app_context():
        assert seats(space_id) == {ana.id: None, ben.id: None}
        assert not actions.choose_topics(space_id, ana.id, frozenset(BOTH))
        db.session.rollback()
        assert seats(space_id) == {ana.id: None, ben.id: None}


def test_a_stolen_database_does_not_tell_who_chose_what(tmp_path: Path, clock: Any) -> None:
    app = make_app(tmp_path)
    ana, ben = make_person(app, "Ana"), make_person(app, "Ben")
    space_id = link(app, ana, ben)
    with app.app_context():
        before = seats(space_id)
        db.session.remove()
    choose(ana, *BOTH)
    with app.app_context():
        after = seats(space_id)
        db.session.remove()
        db.engine.dispose()
    sealed = [*before.values(), *after.values()]
    assert {len(text or b"") for text in sealed} == {STEP + 29}  # version, nonce and tag beside the text
    assert len(set(sealed)) == 4, "both seats are sealed anew, so that it does not show whose choice changed"
    for path in tmp_path.rglob("*"):
        if path.is_file():
            assert b"physical-intimacy" not in path.read_bytes()


def test_a_choice_that_cannot_be_read_counts_as_off(app: Flask, alice: Person, bob: Person) -> None:
    for person in (alice, bob):
        choose(person, *BOTH)
    with app.app_context(), transaction() as work:
        theirs = seats(space_of(alice))
        work.execute(update(Seat).where(Seat.member_id == bob.id).values(sealed_topics=theirs[alice.id]))
    assert ticked(bob) == []
    assert not any(open_weeks(app, space_of(alice), 20).values())


def test_no_page_shows_the_number_on_which_the_draw_rests(app: Flask, alice: Person, bob: Person) -> None:
    alice.get("/check-in/")
    pages = ["/check-in/", "/check-in/history", "/space/", ADDRESS, "/agreements/", "/reminders/", "/settings/"]
    number = str(space_of(alice))
    assert not [address for address in pages if number in alice.text(address)]
    with app.app_context():
        assert db.session.get_one(Space, int(number)).ended_at is None
