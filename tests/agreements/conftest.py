"""A couple, or somebody alone, with revealed weeks to agree in."""

import html
import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.checkin.conftest import Sheet
from tests.conftest import Person

WEEKS = tuple(f"2026-12-{day:02}T09:00:00+00:00" for day in (7, 14, 21))  # each in the week after the one before
PLAN = {"when": "the kettle is on after supper", "will": "sit down with you"}
SENTENCE = "When the kettle is on after supper, I will sit down with you."


def reveal(*people: Person) -> None:
    """Everybody hands their part in."""
    for person in people:
        assert Sheet(person).submit("a word").status_code == 303


def agree(person: Person, when: str = PLAN["when"], will: str = PLAN["will"], **more: Any) -> TestResponse:
    return person.post("/check-in/agree", {"when": when, "will": will} | more)


def text_of(page: str) -> str:
    """What a page shows in its main part: its text, as one line."""
    main = page.partition("<main")[2].partition("</main>")[0]
    main = re.sub(r"<textarea.*?</textarea>", "", main, flags=re.S)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"</?bdi>", "", main)).replace(" .", "."))


def sentences(page: str) -> list[str]:
    """Every agreement that a page shows, as it holds."""
    found = re.findall(r'<p class="words"[^>]*>(When .*?)</p>', page)
    return [html.unescape(re.sub(r"</?bdi>", "", sentence)) for sentence in found]


def listed(person: Person, address: str = "/agreements/") -> tuple[list[str], list[str]]:
    """The living agreements and the ended ones, as somebody's list shows them."""
    living, _, ended = person.text(address).partition("<summary>Ended</summary>")
    return sentences(living), sentences(ended)


def ids(person: Person) -> list[str]:
    """The ids of the living agreements, the newest first."""
    return re.findall(r"/agreements/(\d+)/withdraw", person.text("/agreements/"))


def made_by(person: Person, *others: Person) -> str:
    """The id of an agreement that the person has just made in a revealed week with the others."""
    reveal(person, *others)
    assert agree(person).status_code == 303
    return ids(person)[0]


def look_back(person: Person, agreement_id: str, outcome: str, **words: str) -> TestResponse:
    return person.post(f"/agreements/{agreement_id}/look-back", {"outcome": outcome} | words)


def said(page: str) -> list[str]:
    """The chosen answers on the first card of an open week."""
    return re.findall(r'value="(\w+)" aria-pressed="true"', page) + re.findall(r'aria-current="true">(Changed)', page)


def sign_out(person: Person) -> FlaskClient:
    person.post("/sign-out")
    return person.client
