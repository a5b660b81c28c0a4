"""Is the process up, and can it do its work: what is answered, and what asking leaves behind."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from app import keys
from app.db import db, transaction
from app.health import Readiness
from app.keys import Key
from tests.conftest import MONDAY_MORNING, make_app

ALL_WELL = {"ready": True, "database": True, "schema": True, "key": True, "writable": True}


@pytest.fixture
def own_app(tmp_path: Path) -> Flask:
    """An app whose database a test may break."""
    return make_app(tmp_path)


def ask(app: Flask) -> tuple[int, Any]:
    answer = app.test_client().get("/readyz")
    return answer.status_code, answer.json


def change(app: Flask, statement: str) -> None:
    with app.app_context():
        with transaction() as session:
            session.execute(text(statement))
        db.session.remove()


def test_a_process_that_runs_says_ok(client: FlaskClient) -> None:
    answer = client.get("/healthz")
    assert (answer.status_code, answer.data) == (200, b"ok\n")


def test_the_process_says_ok_even_when_the_database_is_broken(own_app: Flask) -> None:
    change(own_app, "DROP TABLE alembic_version")
    change(own_app, "DROP TABLE attempt")
    assert own_app.test_client().get("/healthz").status_code == 200
    assert ask(own_app)[0] == 503


def test_a_server_that_can_serve_says_so(either_app: Flask) -> None:
    either_app.extensions["readiness"] = Readiness()
    assert ask(either_app) == (200, ALL_WELL)


@pytest.mark.parametrize("address", ["/healthz", "/readyz"])
def test_asking_begins_no_session_and_is_kept_nowhere(client: FlaskClient, address: str) -> None:
    answer = client.get(address)
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "private, no-store"


def test_older_tables_than_the_code_are_told(own_app: Flask) -> None:
    change(own_app, "UPDATE alembic_version SET version_num = '0001'")
    assert ask(own_app) == (503, ALL_WELL | {"ready": False, "schema": False})


def test_a_database_that_reads_but_does_not_write_is_told(own_app: Flask) -> None:
    change(own_app, "CREATE TRIGGER full BEFORE INSERT ON attempt BEGIN SELECT RAISE(ABORT, 'disk is full'); END")
    assert ask(own_app) == (503, ALL_WELL | {"ready": False, "writable": False})


def test_a_wrong_server_key_is_told(own_app: Flask) -> None:
    with own_app.app_context():
        stranger = keys.Keyring(bytes(32))
        with transaction() as session:
            session.get_one(Key, keys.CHECK_ID).wrapped = stranger.wrap(keys.CHECK_ID, bytes(32))
        del own_app.extensions["keyring"]  # as after a start from which the key table was still missing
    assert ask(own_app) == (503, ALL_WELL | {"ready": False, "key": False})


def test_nothing_is_said_about_what_went_wrong(own_app: Flask) -> None:
    change(own_app, "DROP TABLE alembic_version")
    status, found = ask(own_app)
    assert status == 503
    assert set(found) == set(ALL_WELL)
    assert all(isinstance(value, bool) for value in found.values())


def test_many_questions_within_seconds_write_once(own_app: Flask, clock: Any) -> None:
    def written() -> int:
        with own_app.app_context():
            count = db.session.execute(text("SELECT coalesce(sum(count), 0) FROM attempt")).scalar_one()
            db.session.remove()
        return int(count)

    for _ in range(20):
        assert ask(own_app)[0] == 200
    assert written() == 1
    clock.move_to(MONDAY_MORNING + timedelta(seconds=5))
    assert ask(own_app)[0] == 200
    assert written() == 2


def test_a_broken_server_that_works_again_says_so(own_app: Flask, clock: Any) -> None:
    change(own_app, "UPDATE alembic_version SET version_num = '0001'")
    assert ask(own_app)[0] == 503
    change(own_app, f"UPDATE alembic_version SET version_num = '{own_app.extensions['schema_head']}'")
    assert ask(own_app)[0] == 503
    clock.move_to(MONDAY_MORNING + timedelta(seconds=5))
    assert ask(own_app)[0] == 200


def test_a_clock_set_back_does_not_stop_the_checking(own_app: Flask, clock: Any) -> None:
    assert ask(own_app)[0] == 200
    clock.move_to(MONDAY_MORNING - timedelta(hours=2))
    change(own_app, "UPDATE alembic_version SET version_num = '0001'")
    assert ask(own_app)[0] == 503
