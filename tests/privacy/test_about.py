"""The page about what this server stores: the same for everybody, and complete."""

import re

import pytest
from flask import Flask, render_template
from flask.testing import FlaskClient
from sqlalchemy import LargeBinary, inspect

from app.db import db
from app.privacy.rules import TABLES, in_words
from tests.conftest import Person


def test_every_table_and_column_of_the_database_is_declared(either_app: Flask) -> None:
    with either_app.app_context():
        schema = inspect(db.engine)
        found = {name: {column["name"] for column in schema.get_columns(name)} for name in schema.get_table_names()}
        db.session.remove()
    assert {table.name: table.columns() for table in TABLES} == found


def test_every_table_and_column_of_the_models_is_declared(app: Flask) -> None:
    declared = {table.name: table.columns() for table in TABLES if table.name != "alembic_version"}
    assert declared == {name: set(table.columns.keys()) for name, table in db.metadata.tables.items()}


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_column_is_readable_sealed_locked_or_hashed_and_only_one_of_them(table) -> None:
    assert len(table.columns()) == sum(map(len, (table.readable, table.sealed, table.locked, table.hashed)))


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_column_of_bytes_is_sealed_and_a_hash_is_a_fingerprint(table) -> None:
    if table.name == "alembic_version":
        assert not table.sealed
        return
    columns = db.metadata.tables[table.name].columns
    assert set(table.sealed) == {column.name for column in columns if isinstance(column.type, LargeBinary)}
    assert {column.name for column in columns if column.name.endswith("_hash")} <= set(table.hashed)


def test_the_page_names_every_table_and_what_is_in_it(client: FlaskClient) -> None:
    page = client.get("/about/").get_data(as_text=True)
    for table in TABLES:
        assert f"<code>{table.name}</code>" in page
        assert table.kept in page
        for columns in (table.readable, table.sealed, table.locked, table.hashed):
            assert in_words(columns.values()) in page


def test_a_word_for_several_columns_is_said_once() -> None:
    assert in_words(["whose it is", "when", "whose it is"]) == "whose it is, when"


def test_it_is_the_same_for_everybody_and_holds_nothing_of_anybody(alice: Person, client: FlaskClient) -> None:
    signed_out, signed_in = client.get("/about/"), alice.get("/about/")
    assert signed_in.data == signed_out.data
    for answer in (signed_out, signed_in):
        assert answer.status_code == 200
        assert answer.headers["X-Public"] == "1"
        assert answer.headers["Cache-Control"] == "public, max-age=0, must-revalidate"
        assert "Set-Cookie" not in answer.headers
        assert b"csrf_token" not in answer.data
        assert alice.name.encode() not in answer.data


def test_the_front_keeps_it(app: Flask) -> None:
    assert app.extensions["front"].find("/about/") is not None


def test_it_only_answers_reading(alice: Person) -> None:
    assert alice.post("/about/").status_code == 405


def test_it_says_first_that_whoever_runs_the_server_could_read(client: FlaskClient) -> None:
    page = client.get("/about/").get_data(as_text=True)
    assert page.index("Whoever runs this server could read") < page.index("<h2>")


def test_the_short_version_is_three_sentences_that_say_who_could_read(app: Flask) -> None:
    with app.test_request_context():
        words = render_template("plainly.html").strip()
    sentences = re.split(r"(?<=\.)\s+", words)
    assert len(sentences) == 3
    assert sentences[0].startswith("Whoever runs this server could read")
    assert "<" not in words
