"""The sign-in ends while somebody writes a thought: after signing in, it is kept."""

import re

import pytest
from flask import Flask

from app.thoughts import rules
from tests.conftest import PASSWORD, Person
from tests.thoughts.conftest import PAGE, passage_of
from tests.thoughts.test_keeping import fields_of, form_at


@pytest.fixture
def typed(app: Flask, alice: Person) -> dict[str, str]:
    """What Alice's form holds when she sends it after her sign-in has ended."""
    fields = fields_of(alice.text(form_at(passage_of(app)))) | {"words": "typed on\nthe train"}
    alice.post("/sign-out")
    return fields


def carried(page: str) -> dict[str, str]:
    """The fields that the page to sign in carries along."""
    return fields_of(page) | dict(re.findall(r'<textarea name="([^"]+)" hidden>\n(.*?)</textarea>', page, re.S))


def test_it_asks_to_sign_in_and_carries_everything_along(alice: Person, typed: dict[str, str]) -> None:
    answer = alice.post("/thoughts/", typed)
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert carried(answer.text) == typed


def test_nothing_of_it_lies_in_the_browsers_session(alice: Person, typed: dict[str, str]) -> None:
    alice.post("/thoughts/", typed)
    with alice.client.session_transaction() as session:
        assert set(session) <= {"csrf_token"}


def test_signing_in_there_keeps_it(alice: Person, typed: dict[str, str]) -> None:
    fields = carried(alice.post("/thoughts/", typed).text) | {"email": alice.email, "password": PASSWORD}
    answer = alice.post("/thoughts/", fields)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/thoughts/")
    page = alice.text("/thoughts/")
    assert "typed on\nthe train" in page
    assert "Kept, for you alone." in page
    assert f'<a href="{PAGE}#{typed["passage"]}">Back to the page</a>' in page


def test_a_wrong_password_keeps_it_on_the_page(alice: Person, typed: dict[str, str]) -> None:
    answer = alice.post("/thoughts/", typed | {"email": alice.email, "password": "something else entirely"})
    assert answer.status_code == 401
    assert "do not belong together" in answer.text
    assert alice.email in answer.text
    assert "something else entirely" not in answer.text
    assert carried(answer.text) == typed


def test_too_many_tries_keep_it_on_the_page(alice: Person, typed: dict[str, str]) -> None:
    wrong = typed | {"email": alice.email, "password": "wrong and wrong again"}
    answers = [alice.post("/thoughts/", wrong) for _ in range(12)]
    assert answers[-1].status_code == 429
    assert carried(answers[-1].text) == typed


def test_somebody_else_who_signs_in_there_keeps_nothing(alice: Person, charlie: Person, typed: dict[str, str]) -> None:
    answer = alice.post("/thoughts/", typed | {"email": charlie.email, "password": PASSWORD})
    assert answer.status_code == 409
    assert "typed on\nthe train" in answer.text
    assert "the train" not in charlie.text("/thoughts/")


def test_what_cannot_be_kept_as_it_is_stays_on_the_page(alice: Person, typed: dict[str, str]) -> None:
    too_long = typed | {"words": "x" * (rules.LONGEST + 1)}
    answer = alice.post("/thoughts/", too_long | {"email": alice.email, "password": PASSWORD})
    assert answer.status_code == 409
    assert "You are signed in. This has 2,001 characters" in answer.text
    assert too_long["words"] in answer.text
    assert alice.get("/thoughts/").status_code == 200


def test_a_paragraph_that_nobody_knows_is_not_carried_along(alice: Person, typed: dict[str, str]) -> None:
    answer = alice.post("/thoughts/", typed | {"passage": "canary"})
    assert set(carried(answer.text)) == {"member", "words"}
    assert "canary" not in answer.text
