"""Keeping a thought: with a paragraph or without one, and what is refused."""

import html
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.content import Passage, read_as
from app.db import db
from app.thoughts import actions, rules
from tests.conftest import Person, make_person
from tests.thoughts.conftest import PAGE, passage_of


def form_at(passage: Passage, page: str = PAGE) -> str:
    return f"/thoughts/new?page={page}&passage={passage.id}"


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the form, but the token, which comes with `post`."""
    return dict(re.findall(r'<input type="hidden" name="(member|page|passage)" value="([^"]*)"', page))


@pytest.mark.parametrize(
    ("page", "reading"),
    [("/guide/trust", "husband"), ("/guide/wife/trust", "wife"), ("/guide/partner/trust", "partner")],
)
def test_the_form_shows_the_paragraph_as_it_was_read(alice: Person, passage: Passage, page: str, reading: str) -> None:
    shown = alice.text(form_at(passage, page))
    assert html.escape(read_as(passage.text, reading)) in shown
    assert fields_of(shown) == {"member": str(alice.id), "page": page, "passage": passage.id}


def test_a_paragraph_is_kept_with_a_line_of_ones_own(either_app: Flask, clock: Any) -> None:
    ana, passage = make_person(either_app, "Ana"), passage_of(either_app)
    answer = ana.post("/thoughts/", fields_of(ana.text(form_at(passage))) | {"words": "like us,\r\nin spring"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/thoughts/")
    kept = ana.text("/thoughts/")
    assert html.escape(read_as(passage.text, "wife")) in kept
    assert "like us,\nin spring" in kept


def test_a_paragraph_needs_no_words(alice: Person, passage: Passage) -> None:
    assert alice.post("/thoughts/", {"page": PAGE, "passage": passage.id}).status_code == 303
    assert html.escape(read_as(passage.text, "wife")) in alice.text("/thoughts/")


def test_a_thought_needs_no_paragraph(alice: Person) -> None:
    assert alice.post("/thoughts/", {"words": "the roof"}).status_code == 303
    assert "the roof" in alice.text("/thoughts/")


def test_the_next_page_says_that_it_is_kept_and_leads_back_to_the_paragraph(alice: Person, passage: Passage) -> None:
    alice.post("/thoughts/", {"page": PAGE, "passage": passage.id})
    assert f'Kept, for you alone. <a href="{PAGE}#{passage.id}">Back to the page</a>' in alice.text("/thoughts/")
    assert "Back to the page" not in alice.text("/thoughts/")
    alice.post("/thoughts/", {"words": "the roof"})
    assert "Kept, for you alone.</p>" in alice.text("/thoughts/")


def test_the_pages_of_the_guide_stay_the_same_for_everybody(
    alice: Person, client: FlaskClient, passage: Passage
) -> None:
    before = client.get(PAGE).data
    alice.post("/thoughts/", {"page": PAGE, "passage": passage.id, "words": "a canary"})
    assert alice.get(PAGE).data == before == client.get(PAGE).data


ASTRAY = [
    pytest.param("/guide/wife/trust", "p-00000000", id="unknown passage"),
    pytest.param("/guide/wife/canary", "p-00000000", id="unknown page"),
    pytest.param("/guide/husband/trust", "", id="no such reading"),
    pytest.param("https://canary.example/guide/trust", "p-00000000", id="elsewhere"),
    pytest.param("", "canary", id="no page"),
    pytest.param("canary\x00\ud83d", "“>canary", id="rubbish"),
]


@pytest.mark.parametrize(("page", "passage"), ASTRAY)
def test_a_paragraph_that_is_not_there_gives_the_plain_form(alice: Person, page: str, passage: str) -> None:
    query = {"page": page.encode("utf-8", "replace"), "passage": passage, "words": "canary"}
    answer = alice.get("/thoughts/new", query_string=query)
    assert answer.status_code == 200
    assert "That paragraph is not in the guide." in answer.text
    assert "canary" not in answer.text
    assert set(fields_of(answer.text)) == {"member"}


def test_without_a_paragraph_the_form_says_nothing_of_one(alice: Person) -> None:
    assert "paragraph" not in alice.text("/thoughts/new")


def test_a_paragraph_that_is_gone_when_it_is_sent_leaves_the_words_on_the_form(alice: Person) -> None:
    answer = alice.post("/thoughts/", {"page": PAGE, "passage": "p-00000000", "words": "the roof"})
    assert answer.status_code == 422
    assert "The paragraph is not in the guide any more." in answer.text
    assert "the roof" in answer.text
    assert alice.post("/thoughts/", fields_of(answer.text) | {"words": "the roof"}).status_code == 303


@pytest.mark.parametrize("words", ["", "  \r\n ", "\x00\x07"], ids=["nothing", "blanks", "invisible"])
def test_nothing_at_all_is_refused(alice: Person, words: str) -> None:
    answer = alice.post("/thoughts/", {"words": words})
    assert answer.status_code == 422
    assert answer.text.count("Write a line, then keep it.") == 2
    assert 'href="#words"' in answer.text
    assert "Nothing is kept yet" in alice.text("/thoughts/")


def test_words_that_are_too_long_are_refused_and_still_there(alice: Person, passage: Passage) -> None:
    longest = "x" * rules.LONGEST
    answer = alice.post("/thoughts/", {"words": longest + "y", "page": PAGE, "passage": passage.id})
    assert answer.status_code == 422
    assert "This has 2,001 characters; 2,000 fit." in answer.text
    assert longest + "y" in answer.text
    assert fields_of(answer.text)["passage"] == passage.id
    assert alice.post("/thoughts/", {"words": longest}).status_code == 303


def test_two_hundred_fit_and_one_more_is_refused_with_its_words(either_app: Flask, clock: Any) -> None:
    ana = make_person(either_app, "Ana")
    with either_app.app_context():
        for number in range(rules.MOST - 1):
            actions.keep(ana.id, f"number {number}", None)
        db.session.remove()
    assert ana.post("/thoughts/", {"words": "the last one"}).status_code == 303
    answer = ana.post("/thoughts/", {"words": "one too many"})
    assert answer.status_code == 422
    assert "You keep 200 thoughts already" in answer.text
    assert "one too many" in answer.text
    page = ana.text("/thoughts/")
    assert "one too many" not in page
    ana.post(re.findall(r"/thoughts/\d+/remove", page)[-1])
    assert ana.post("/thoughts/", {"words": "one too many"}).status_code == 303


def test_words_are_shown_as_they_were_typed(alice: Person) -> None:
    words = "<script>alert(1)</script> & “quoted” 🌻\n  second line {{ 7*7 }} \u202eright to left"
    alice.post("/thoughts/", {"words": words})
    assert html.escape(words, quote=False) in alice.text("/thoughts/").replace("&#34;", '"')


def test_an_old_page_gets_the_form_again_with_every_word(alice: Person, passage: Passage) -> None:
    old = {"csrf_token": "old", "words": "the roof", "page": PAGE, "passage": passage.id}
    answer = alice.client.post("/thoughts/", data=old)
    assert answer.status_code == 400
    assert "send it once more" in answer.text
    assert "the roof" in answer.text
    assert fields_of(answer.text)["passage"] == passage.id
    assert "the roof" not in alice.text("/thoughts/")


def test_what_one_typed_is_not_kept_among_the_thoughts_of_another(alice: Person, charlie: Person) -> None:
    fields = fields_of(alice.text("/thoughts/new")) | {"words": "typed by Alice"}
    answer = charlie.post("/thoughts/", fields)
    assert answer.status_code == 409
    assert "Somebody else is signed in here now." in answer.text
    assert "typed by Alice" in answer.text
    assert "typed by Alice" not in charlie.text("/thoughts/") + alice.text("/thoughts/")


def test_a_database_that_cannot_write_leaves_the_words_on_the_page(app: Flask, alice: Person) -> None:
    def fail(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO thought"):
            raise OperationalError(statement, {}, Exception("disk full"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        answer = alice.post("/thoughts/", {"words": "the roof"})
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert answer.status_code == 503
    assert "the roof" in answer.text
    assert alice.post("/thoughts/", {"words": "the roof"}).status_code == 303
