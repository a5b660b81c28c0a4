"""What lies on the disk: no word, no paragraph, no page and no time."""

import logging

import pytest
from flask import Flask
from sqlalchemy import text, update

from app.content import read_as
from app.db import db, transaction
from app.thoughts.models import Thought
from tests.checkin.test_at_rest import folder, found  # noqa: F401  # a fixture, and the search that goes with it
from tests.conftest import make_person
from tests.thoughts.conftest import PAGE, passage_of

CANARY = "sorb-canary"


def test_no_typed_word_and_no_place_lies_in_the_database_its_wal_or_the_log(folder, caplog) -> None:  # noqa: F811
    app, path = folder
    caplog.set_level(logging.DEBUG)
    ana, passage = make_person(app, "Ana"), passage_of(app)
    ana.post("/thoughts/", {"words": CANARY, "page": PAGE, "passage": passage.id})
    assert CANARY in ana.text("/thoughts/")
    for word in (CANARY, passage.id, PAGE, read_as(passage.text, "wife")[:20]):
        assert found(path, word) == []
        assert word not in caplog.text
    assert found(path, "ana@example.org"), "the search itself finds what is readable"


def test_a_sealed_thought_has_the_length_of_others_and_opens_in_its_own_row_only(either_app: Flask, clock) -> None:
    ana = make_person(either_app, "Ana")
    for words in ("short", "a little longer than that"):
        ana.post("/thoughts/", {"words": words})
    with either_app.app_context():
        rows = db.session.execute(text("SELECT id, sealed FROM thought ORDER BY number")).all()
        db.session.remove()
        with transaction() as session:
            session.execute(update(Thought).where(Thought.id == rows[1].id).values(sealed=rows[0].sealed))
    assert len(rows[0].sealed) == len(rows[1].sealed)
    page = ana.text("/thoughts/")
    assert page.count("short") == 1
    assert page.count("This one cannot be read any more.") == 1


@pytest.mark.parametrize("column", Thought.__table__.columns.keys())
def test_no_column_tells_a_time(column: str) -> None:
    assert not column.endswith(("_at", "_on"))
