"""The numbered migrations: upward from nothing, equal to the models, on both databases."""

import re
from pathlib import Path

import flask_migrate
import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text
from sqlalchemy.engine import make_url

from app import create_app
from app.db import db, transaction

VERSIONS = Path(__file__).resolve().parent.parent / "migrations" / "versions"


def test_the_migrated_schema_equals_the_models(either_app):
    with either_app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, db.metadata) == []


def test_migrations_are_numbered_without_a_gap():
    numbers = sorted(path.name[:4] for path in VERSIONS.glob("*.py"))
    assert numbers == [f"{number:04}" for number in range(1, len(numbers) + 1)]
    for path in VERSIONS.glob("*.py"):
        below = re.search(r'^down_revision = (?:"(\d{4})"|None)$', path.read_text(), re.M)
        assert (below[1] or "0000") == f"{int(path.name[:4]) - 1:04}"


def test_a_migration_imports_nothing_of_the_app():
    assert not [
        path.name for path in VERSIONS.glob("*.py") if re.search(r"^(from|import) app\b", path.read_text(), re.M)
    ]


@pytest.fixture(params=["sqlite", "postgres"])
def empty_app(request, tmp_path):
    """An app on a database in which there is nothing at all."""
    settings = {"INSTANCE_PATH": str(tmp_path)}
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        settings["DATABASE_URL"] = make_url(url).set(database="upward").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("DROP DATABASE IF EXISTS upward")
            connection.execute("CREATE DATABASE upward")
    app = create_app(settings)
    yield app
    with app.app_context():
        db.engine.dispose()


def test_upward_step_by_step_and_all_the_way_down_again(empty_app):
    with empty_app.app_context():
        for path in sorted(VERSIONS.glob("*.py")):
            flask_migrate.upgrade(revision=path.name[:4])
        full = set(inspect(db.engine).get_table_names())
        assert full == {*db.metadata.tables, "alembic_version"}
        flask_migrate.downgrade(revision="base")
        assert set(inspect(db.engine).get_table_names()) == {"alembic_version"}
        flask_migrate.upgrade()
        assert set(inspect(db.engine).get_table_names()) == full


def test_what_lies_in_the_oldest_state_survives_the_way_up(empty_app):
    with empty_app.app_context():
        flask_migrate.upgrade(revision="0001")
        with transaction() as session:
            session.execute(text("INSERT INTO key (id, wrapped) VALUES (7, :wrapped)"), {"wrapped": b"k"})
            session.execute(
                text(
                    "INSERT INTO member (id, email, name, zone, password_hash, key_id, created_at)"
                    " VALUES (5, 'a@example.org', 'Ana', 'UTC', 'x', 7, '2026-01-01 00:00:00+00:00')"
                )
            )
        db.session.remove()
        flask_migrate.upgrade()
        assert db.session.execute(text("SELECT name, email FROM member")).all() == [("Ana", "a@example.org")]
        db.session.remove()
