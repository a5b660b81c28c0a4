"""What lies on the disk: no word that was typed, before or after the reveal."""

import logging
import re
from pathlib import Path

import pytest

from app.checkin.records import forget_member
from app.db import db, transaction
from tests.conftest import link, make_app, make_person

CANARY = "persimmon-canary"


@pytest.fixture
def folder(tmp_path, clock):
    """An app on a file of its own, whose whole instance folder can be searched."""
    app = make_app(tmp_path)
    yield app, tmp_path
    with app.app_context():
        db.engine.dispose()


def found(folder: Path, word: str) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.is_file() and word.encode() in path.read_bytes()]


def test_no_typed_word_lies_in_the_database_its_wal_or_the_log(folder, sheet, caplog):
    app, path = folder
    caplog.set_level(logging.DEBUG)
    ana, ben = make_person(app, "Ana"), make_person(app, "Ben")
    link(app, ana, ben)
    sheet(ana).save(f"{CANARY} as a draft")
    assert found(path, CANARY) == []
    sheet(ana).submit(f"{CANARY} submitted")
    sheet(ben).submit(f"{CANARY} of the other")
    assert CANARY in ana.text("/check-in/")
    assert found(path, CANARY) == []
    assert CANARY not in caplog.text
    assert found(path, "ana@example.org"), "the search itself finds what is readable"


def test_the_reveal_changes_the_key_from_the_writers_to_the_spaces(either_app, sheet):
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)

    def keys() -> list[tuple[int, int]]:
        with either_app.app_context():
            rows = db.session.execute(
                db.text(
                    "SELECT a.key_id, s.key_id FROM answer a JOIN entry e ON e.id = a.entry_id"
                    " JOIN check_in c ON c.id = e.check_in_id JOIN space s ON s.id = c.space_id"
                )
            )
            return [tuple(row) for row in rows]

    sheet(ana).submit("one", "two")
    assert all(used != of_space for used, of_space in keys())
    sheet(ben).submit("three")
    assert len(keys()) == 3
    assert all(used == of_space for used, of_space in keys())


def test_forgetting_a_member_leaves_the_partner_what_was_revealed(either_app, sheet, clock):
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    sheet(ana).submit("revealed by ana", **{"rating-together": "2"})
    sheet(ben).submit("revealed by ben")
    week = re.search(r"/check-in/\d+", ben.text("/check-in/history"))[0]
    clock.move_to("2026-12-07T09:00:00+00:00")
    sheet(ana).save("a draft of ana")
    with either_app.app_context(), transaction() as session:
        forget_member(session, ana.id)
    kept = ben.text(week)
    assert "revealed by ana" in kept
    assert "revealed by ben" in kept
    assert "a draft of ana" not in ana.text("/check-in/")
