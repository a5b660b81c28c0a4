"""Help is for everyone: the same page for all, kept nowhere, opened without a trace."""

import re
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app.db import db
from tests.conftest import Person, without_tokens

PAGES = ["/help/", "/help/self-check"]


def read(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


@pytest.mark.parametrize("address", PAGES)
def test_the_page_is_the_same_for_everybody(client: FlaskClient, alice: Person, bob: Person, address: str) -> None:
    with bob.client.session_transaction() as session:
        session["_flashes"] = [("message", "Bob has been here")]
    answers = {without_tokens(browser.get(address)) for browser in (client, alice.client, bob.client)}
    assert len(answers) == 1


@pytest.mark.parametrize("address", PAGES)
def test_opening_it_leaves_no_trace(app: Flask, alice: Person, address: str) -> None:
    def everything() -> list[object]:
        with app.app_context():
            return [list(db.session.execute(text(f"SELECT * FROM {table}"))) for table in sorted(db.metadata.tables)]

    before = everything()
    answer = alice.get(address)
    assert everything() == before
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer.headers
    assert "X-Public" not in answer.headers


@pytest.mark.parametrize("address", PAGES)
def test_the_history_and_the_recent_pages_show_no_word_of_it(client: FlaskClient, address: str) -> None:
    assert "<title>Information · Same Side</title>" in read(client, address)


def test_emergency_comes_first(client: FlaskClient) -> None:
    page = read(client, "/help/")
    places = [page.index(word) for word in ("Leave this page", "In danger now", 'href="tel:112"', 'id="helplines"')]
    assert places == sorted(places)


def test_every_verified_helpline_can_be_rung_and_says_where_it_was_seen(app: Flask, client: FlaskClient) -> None:
    page = read(client, "/help/")
    verified = [line for line in app.extensions["content"].helplines if line.verified_on]
    assert len({line.country for line in verified}) >= 20
    for line in verified:
        assert line.name in page
        assert not line.number or f'<a href="tel:{line.dial}">{line.number}</a>' in page
        assert line.country == "Anywhere" or f'href="{line.source}"' in page
    assert page.count("Seen on ") == len(verified)


def test_a_helpline_nobody_has_verified_is_not_shown(app: Flask, client: FlaskClient) -> None:
    page = read(client, "/help/")
    waiting = [line for line in app.extensions["content"].helplines if line.verified_on is None]
    assert waiting
    for line in waiting:
        assert line.name not in page
        assert not line.number or line.number not in page


def test_no_number_was_seen_in_the_future(app: Flask) -> None:
    texts = app.extensions["content"]
    days = [row.verified_on for row in (*texts.helplines, *texts.emergencies) if row.verified_on]
    assert min(days) >= date(2026, 11, 1)
    assert max(days) <= date.today()


def test_a_country_without_a_helpline_finds_the_directories(client: FlaskClient) -> None:
    page = read(client, "/help/")
    for address in ("https://findahelpline.com", "https://lila.help", "https://www.hotpeachpages.net"):
        assert f'href="{address}"' in page
    assert "Numbers change" in page


def test_the_page_works_without_scripts(client: FlaskClient) -> None:
    page = read(client, "/help/")
    assert '<form class="quick-exit" method="post" action="/exit"' in page
    assert "<details" in page
    assert "csrf_token" not in page


def test_the_self_check_has_nowhere_to_send_an_answer(client: FlaskClient) -> None:
    """Without a form around them a browser cannot send the answers, with scripts or without."""
    page = read(client, "/help/self-check")
    form = re.search(r"<form.*?</form>", page, re.DOTALL)
    assert form
    assert "radio" not in form[0]
    assert page.count("<form") == 1
    assert page.count('type="radio"') == 12
    assert page.count('autocomplete="off"') == 12


def test_the_self_check_shows_both_texts_to_who_has_no_scripts(client: FlaskClient) -> None:
    page = read(client, "/help/self-check")
    assert "If you said yes to any of these, or are not sure" in page
    assert "If you said no to all of them" in page
    assert "hidden" not in re.sub(r"visually-hidden|aria-hidden", "", page)


@pytest.mark.parametrize("address", PAGES)
def test_answers_cannot_be_posted(client: FlaskClient, address: str) -> None:
    assert client.post(address, data={"afraid": "yes"}).status_code == 405
