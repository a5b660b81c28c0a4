"""The list: one's own thoughts, the newest first, and removing them."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text, update

from app.db import MAX_ID, db, transaction
from app.thoughts.models import Thought
from tests.conftest import Person, make_person, token_for
from tests.thoughts.conftest import PAGE, passage_of


def keep(person: Person, *words: str) -> None:
    for one in words:
        assert person.post("/thoughts/", {"words": one}).status_code == 303


def listed(person: Person) -> list[str]:
    return re.findall(r'<p class="words"[^>]*>([^<]*)</p>', person.text("/thoughts/"))


def removals(person: Person) -> list[str]:
    return re.findall(r'action="(/thoughts/\d+/remove)"', person.text("/thoughts/"))


def test_an_empty_list_says_one_thing_to_do(alice: Person) -> None:
    page = alice.get("/thoughts/")
    assert page.headers["Cache-Control"] == "private, no-store"
    assert "Nothing is kept yet" in page.text
    assert page.text.count('class="button"') == 1


def test_the_newest_comes_first_whatever_was_removed_between(either_app: Flask, clock) -> None:
    ana = make_person(either_app, "Ana")
    keep(ana, "one", "two", "three")
    assert listed(ana) == ["three", "two", "one"]
    ana.post(removals(ana)[1])
    keep(ana, "four")
    assert listed(ana) == ["four", "three", "one"]
    ana.post(removals(ana)[0])
    keep(ana, "five")
    assert listed(ana) == ["five", "three", "one"]


def test_the_list_leads_to_this_week_and_the_us_page_to_the_list(alice: Person) -> None:
    keep(alice, "one")
    assert '<a class="button" href="/check-in/">' in alice.text("/thoughts/")
    assert '<a href="/thoughts/">' in alice.text("/space/")


def test_a_paragraph_names_the_page_it_is_from_and_leads_there(app: Flask, alice: Person) -> None:
    passage = passage_of(app)
    alice.post("/thoughts/", {"page": PAGE, "passage": passage.id})
    title = app.extensions["content"].guide["trust"].title
    assert f'<a href="{PAGE}#{passage.id}">{title}</a>' in alice.text("/thoughts/")


def test_a_paragraph_of_a_page_that_is_gone_is_still_there(app: Flask, alice: Person, monkeypatch) -> None:
    alice.post("/thoughts/", {"page": PAGE, "passage": passage_of(app).id})
    alice.get("/thoughts/")
    monkeypatch.delitem(app.extensions["content"].guide, "trust")
    page = alice.text("/thoughts/")
    assert page.count('class="quoted"') == 1
    assert PAGE not in page


def test_a_thought_is_removed_for_good(either_app: Flask, clock) -> None:
    ana = make_person(either_app, "Ana")
    keep(ana, "one", "two")
    answer = ana.post(removals(ana)[0])
    assert (answer.status_code, answer.headers["Location"]) == (303, "/thoughts/")
    assert "Removed." in ana.text("/thoughts/")
    assert listed(ana) == ["one"]
    with either_app.app_context():
        assert db.session.execute(text("SELECT count(*) FROM thought")).scalar() == 1
        db.session.remove()


def test_a_script_is_told_that_it_is_removed(alice: Person) -> None:
    keep(alice, "one")
    (address,) = removals(alice)
    script = {"Accept": "application/json"}
    assert alice.post(address, headers=script).status_code == 204
    assert alice.post(address, headers=script).status_code == 404
    assert listed(alice) == []


def test_nobody_removes_anothers_thought(alice: Person, bob: Person, charlie: Person) -> None:
    keep(alice, "one")
    (address,) = removals(alice)
    for other in (bob, charlie):
        assert other.post(address).status_code == 404
    assert listed(alice) == ["one"]


@pytest.mark.parametrize("thought_id", ["1", "0", str(MAX_ID + 1), "9" * 30, "one", "-1"])
def test_an_unknown_one_is_not_found(alice: Person, thought_id: str) -> None:
    assert alice.post(f"/thoughts/{thought_id}/remove").status_code == 404


def test_signed_out_it_goes_to_the_sign_in_and_back(client: FlaskClient) -> None:
    assert client.get("/thoughts/").headers["Location"] == "/sign-in?next=/thoughts/"
    to_sign_in = client.get(f"/thoughts/new?page={PAGE}&passage=p-1a2b3c4d").headers["Location"]
    assert to_sign_in.startswith("/sign-in?next=/thoughts/new?page%3D/guide/wife/trust%26passage%3Dp-1a2b3c4d")
    answer = client.post("/thoughts/5/remove", data={"csrf_token": token_for(client)})
    assert answer.headers["Location"].startswith("/sign-in")


def test_one_that_no_key_opens_says_so_and_can_be_removed(app: Flask, alice: Person) -> None:
    keep(alice, "one", "two")
    with app.app_context(), transaction() as session:
        session.execute(update(Thought).where(Thought.number == 2).values(sealed=b"\x01" + bytes(300)))
    assert "This one cannot be read any more." in alice.text("/thoughts/")
    assert listed(alice) == ["one"]
    assert alice.get("/check-in/").status_code == 200
    alice.post(removals(alice)[0])
    assert "cannot be read" not in alice.text("/thoughts/")
