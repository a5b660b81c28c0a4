"""Kept thoughts in the check-in: at hand for their writer while they write, and for nobody else."""

import html
import re

import pytest
from flask import Flask
from sqlalchemy import event

from app.content import read_as
from app.db import db
from app.thoughts import rules
from tests.checkin.conftest import Sheet
from tests.conftest import Person
from tests.thoughts.conftest import PAGE, passage_of
from tests.thoughts.test_list import keep


def at_hand(page: str) -> list[str]:
    """The thoughts that a page of the check-in offers."""
    return re.findall(r'<p class="words" id="thought-\d+">(.*?)</p>', page, re.S)


def test_they_lie_closed_on_the_first_card_and_are_counted(app: Flask, alice: Person, bob: Person) -> None:
    passage = passage_of(app)
    keep(alice, "the roof")
    alice.post("/thoughts/", {"words": "like us", "page": PAGE, "passage": passage.id})
    page = alice.text("/check-in/")
    (first, *others) = re.findall(r"<section.*?</section>", page, re.S)
    assert '<details class="at-hand" data-thoughts>' in first
    assert "data-thoughts" not in "".join(others)
    assert "Thoughts you kept (<span data-count>2</span>)" in first
    quoted = read_as(passage.text, "wife").replace("“", "‘").replace("”", "’")
    assert [html.unescape(text) for text in at_hand(first)] == [f"“{quoted}”\n\nlike us", "the roof"]


def test_of_many_only_the_newest_are_shown_and_all_are_counted(alice: Person) -> None:
    keep(alice, *map(str, range(rules.AT_HAND + 3)))
    page = alice.text("/check-in/")
    assert at_hand(page) == [str(number) for number in reversed(range(3, rules.AT_HAND + 3))]
    assert f"<span data-count>{rules.AT_HAND + 3}</span>" in page


def test_without_any_the_page_does_not_speak_of_them(alice: Person) -> None:
    assert "Thoughts" not in alice.text("/check-in/")


def test_nobody_else_finds_them_there(alice: Person, bob: Person, charlie: Person) -> None:
    keep(alice, "the roof")
    for other in (bob, charlie):
        assert "data-thoughts" not in other.text("/check-in/")


@pytest.mark.parametrize("texts", [("one",), ("one", "two")], ids=["waiting", "revealed"])
def test_once_the_writer_has_finished_they_are_not_offered(alice: Person, bob: Person, texts: tuple[str, ...]) -> None:
    keep(alice, "the roof")
    for person, text in zip((alice, bob), texts, strict=False):
        Sheet(person).submit(text)
    page = alice.text("/check-in/")
    assert 'data-state="open"' not in page
    assert "the roof" not in page


def test_a_refused_form_offers_them_too(alice: Person) -> None:
    keep(alice, "the roof")
    answer = Sheet(alice).submit()
    assert answer.status_code == 422
    assert at_hand(answer.text) == ["the roof"]


def test_what_is_put_into_an_answer_is_shared_and_stays_in_the_list(alice: Person, bob: Person) -> None:
    keep(alice, "the roof", "not this one")
    Sheet(alice).submit("the roof")
    Sheet(bob).submit("two")
    page = bob.text("/check-in/")
    assert "the roof" in page
    assert "not this one" not in page
    assert "the roof" in alice.text("/thoughts/")


def test_they_cost_one_statement(app: Flask, alice: Person, bob: Person) -> None:
    def count() -> int:
        statements: list[str] = []

        def note(connection: object, cursor: object, statement: str, *_: object) -> None:
            if "thought" in statement:
                statements.append(statement)

        with app.app_context():
            engine = db.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            alice.get("/check-in/")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len(statements)

    keep(alice, *map(str, range(5)))
    assert count() == 1
    Sheet(alice).submit("one")
    assert count() == 0
