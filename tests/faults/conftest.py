"""What the tests of faults share: the ledger of reminders, a relay, and real processes of the app."""

import os
import secrets
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask import Flask
from sqlalchemy import update
from sqlalchemy.engine import make_url

from app.checkin.models import CheckIn
from app.db import db, transaction
from tests.conftest import link, make_app, make_person
from tests.relay import Relay, running
from tests.reminders.conftest import Ledger, ledger, sunday

__all__ = ["ledger", "sunday"]
ROOT = Path(__file__).resolve().parent.parent.parent
SETTINGS = ("HOST", "PORT", "BASE_URL", "SECRET_KEY", "DATABASE_URL", "INSTANCE_PATH", "SMTP_URL", "MAIL_FROM",
            "DATA_KEY", "TRUSTED_PROXIES", "SCHEDULER", "HASH_COST")  # fmt: skip

Start = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def relay() -> Relay:
    return Relay()


@pytest.fixture
def relay_url(relay: Relay) -> Iterator[str]:
    with running(relay) as url:
        yield url


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Start a Python process in the app's folder, with its own settings; what still runs is killed at the end."""
    processes: list[subprocess.Popen[str]] = []

    def run(*words: str, program: str = sys.executable, **settings: Any) -> subprocess.Popen[str]:
        given = {"INSTANCE_PATH": str(tmp_path), "HASH_COST": "1,8,1", **settings}
        kept = (name for name in os.environ if name not in SETTINGS and not name.startswith(("MAKE", "MFLAGS")))
        environment = {name: os.environ[name] for name in kept}
        process = subprocess.Popen(
            [program, *words],
            cwd=ROOT,
            env=environment | {name: str(value) for name, value in given.items()},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield run
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
        process.communicate()


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database that several processes use: SQLite in the instance folder, then one of its own on PostgreSQL."""
    if request.param == "sqlite":
        return ""
    server: str = request.getfixturevalue("postgres_url")
    name = f"faults_{secrets.token_hex(4)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return make_url(server).set(database=name).render_as_string(hide_password=False)


@pytest.fixture
def due_now(tmp_path: Path) -> Iterator[Callable[..., Flask]]:
    """Make an app in the instance folder of `start`, with some couples whose reminders are due at this moment."""
    apps = []

    def make(couples: int, **settings: Any) -> Flask:
        app = make_app(tmp_path, **settings)
        apps.append(app)
        for number in range(couples):
            link(app, make_person(app, f"A{number}"), make_person(app, f"B{number}"))
        Ledger(app).open()
        now = datetime.now(UTC)
        with app.app_context():
            with transaction() as session:
                session.execute(update(CheckIn).values(due_at=now, remind_at=now))
            db.session.remove()
        return app

    yield make
    for app in apps:
        with app.app_context():
            db.engine.dispose()
