"""What a person does with the app, and people who are there already when a test begins."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from app.checkin.actions import open_for_space, submit
from app.checkin.models import CheckIn
from app.checkin.rules import Draft, Words
from app.db import db
from app.spaces.access import find_space_of
from app.spaces.actions import open_solo_space
from tests.browser.conftest import Server
from tests.conftest import PASSWORD, Person, link, make_app, make_person

expect.set_options(timeout=10_000)

SAVED = re.compile(r"^Saved \d\d:\d\d$")


@contextmanager
def backstage(server: Server) -> Iterator[Flask]:
    """An app of this process on the server's own database: for what no page can do, such as turning time back."""
    app = make_app(Path(server.folder))
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


class Stage:
    """A server and people on it whom no other test knows."""

    def __init__(self, server: Server, app: Flask) -> None:
        self.server = server
        self.app = app

    def solo(self, name: str = "Sam") -> Person:
        return make_person(self.app, f"{name}-{secrets.token_hex(3)}")

    def couple(self) -> tuple[Person, Person]:
        first, second = self.solo("Alice"), self.solo("Bob")
        link(self.app, first, second)
        return first, second

    def sign_in(self, page: Page, person: Person) -> None:
        """Sign a browser in without the form. Each call is one more device, with the same sign-in."""
        cookie = person.client.get_cookie("sign-in")
        assert cookie is not None
        page.context.add_cookies([{"name": "sign-in", "value": cookie.value, "url": self.server.url}])

    def veteran(self, weeks: int) -> Person:
        """Somebody who has written something in each of as many weeks."""
        person, begin = self.solo(), datetime.now(UTC) - timedelta(weeks=weeks)
        with self.app.app_context():
            open_solo_space(person.id, "Europe/Zurich", begin)
            space = find_space_of(person.id)
            assert space is not None
            for week in range(weeks):
                now = begin + timedelta(weeks=week)
                open_for_space(space.id, now)
                asked = select(CheckIn.prompts).where(CheckIn.space_id == space.id).order_by(CheckIn.week_on.desc())
                prompt = db.session.execute(asked.limit(1)).scalar_one()[0]
                submit(person.id, Draft(None, None, {prompt: Words("A week of my own.")}, {}, 0), now)
            db.session.remove()
        return person

    def open(self, page: Page, address: str = "/check-in/") -> Page:
        page.goto(self.server.url + address)
        return page


def join(page: Page, name: str) -> str:
    """Fill in the form to join, wherever it leads afterwards. Returns the address that was made up."""
    address = f"{name.lower()}-{secrets.token_hex(4)}@example.org"
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Address").fill(address)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Join").click()
    return address


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def area(page: Page, card: int = 1) -> Locator:
    """The field of one card, counted from 1."""
    return page.locator("main textarea").nth(card - 1)


def turn_to(page: Page, card: int) -> None:
    """Page forward until a card is shown."""
    while not page.locator("[data-card]").nth(card - 1).is_visible():
        press(page, "Next")


def status(page: Page) -> Locator:
    return page.locator("[data-status]")


def expect_saved(page: Page) -> None:
    expect(status(page)).to_have_text(SAVED)


def state(page: Page) -> Any:
    return page.locator("body").get_attribute("data-state")
