"""The sign-in ends while somebody writes: after signing in, the text is there."""

import re

import pytest

from tests.conftest import PASSWORD


@pytest.fixture
def carried(alice, bob, sheet):
    """Alice's page after her sign-in has ended, and its form with what she had typed."""
    page = sheet(alice)
    alice.post("/sign-out")
    return page


def fields_of(html: str) -> dict[str, str]:
    """The fields of the page's form as a browser would send them; the token comes with `post`."""
    hidden = dict(re.findall(r'<input type="hidden" name="(?!csrf)([^"]+)" value="([^"]*)"', html))
    return hidden | dict(re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', html, re.S))


def test_a_save_without_a_sign_in_asks_for_it_and_carries_every_word(carried):
    response = carried.save("typed on the train", "and the roof", **{"rating-together": "5"})
    assert response.status_code == 401
    fields = fields_of(response.get_data(as_text=True))
    assert "typed on the train" in fields.values()
    assert fields["rating-together"] == "5"


def test_signing_in_there_saves_it(alice, carried):
    fields = fields_of(carried.save("typed on the train").get_data(as_text=True))
    response = alice.post("/check-in/", fields | {"email": alice.email, "password": PASSWORD, "action": "save"})
    assert response.status_code == 303
    page = alice.text("/check-in/")
    assert "typed on the train" in page
    assert "your words are saved" in page


def test_a_wrong_password_keeps_the_text_on_the_page(alice, carried):
    fields = carried.fields("typed on the train") | {"email": alice.email, "password": "something else entirely"}
    response = alice.post("/check-in/", fields)
    assert response.status_code == 401
    page = response.get_data(as_text=True)
    assert "do not belong together" in page
    assert "typed on the train" in page
    assert alice.email in page
    assert "something else entirely" not in page


def test_too_many_tries_keep_the_text_on_the_page(alice, carried):
    fields = carried.fields("typed on the train") | {"email": alice.email, "password": "wrong and wrong again"}
    answers = [alice.post("/check-in/", fields).status_code for _ in range(12)]
    assert answers[-1] == 429
    assert "typed on the train" in alice.post("/check-in/", fields).get_data(as_text=True)


def test_somebody_else_who_signs_in_there_saves_nothing(alice, charlie, carried):
    fields = carried.fields("typed by Alice") | {"email": charlie.email, "password": PASSWORD}
    response = alice.post("/check-in/", fields)
    assert response.status_code == 409
    assert "typed by Alice" in response.get_data(as_text=True)
    assert "typed by Alice" not in charlie.text("/check-in/")


def test_a_week_that_ended_meanwhile_keeps_the_text_on_the_page(alice, carried, clock):
    clock.move_to("2026-12-07T09:00:00+00:00")
    response = alice.post("/check-in/", carried.fields("late words") | {"email": alice.email, "password": PASSWORD})
    assert response.status_code == 409
    assert "late words" in response.get_data(as_text=True)
    assert "late words" not in alice.text("/check-in/")


def test_a_script_is_told_and_keeps_the_text_itself(carried):
    response = carried.save_by_script("typed on the train")
    assert response.status_code == 401
    assert response.json["error"] == "signed-out"
