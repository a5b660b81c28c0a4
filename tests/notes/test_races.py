"""Several devices at the same moment: one save wins, and no envelope is left that the passphrase does not open."""

from collections import Counter
from typing import Any

import pytest
from flask import Flask

from app.db import db
from app.notes import actions
from app.notes.access import find_notes
from app.notes.rules import Lock, Stored
from tests.checkin.test_races import at_once
from tests.conftest import make_person
from tests.notes.conftest import envelope_of, notebook_of, opened

ROUNDS = 5


@pytest.mark.parametrize("round", range(ROUNDS))
def test_of_several_saves_of_one_version_one_wins(either_app: Flask, clock: Any, round: int) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    notebook.write("first", note_id=7)
    texts = [f"device {number}" for number in range(6)]
    envelopes = [envelope_of(notebook.key, "note|7", {"text": text}) for text in texts]
    results = at_once(
        either_app,
        *[
            lambda envelope=envelope: actions.save(notebook.person.id, 7, notebook.salt, envelope, version=1)
            for envelope in envelopes
        ],
    )
    assert Counter(type(result) for result in results) == {int: 1, actions.Conflict: 5}
    winner = next(number for number, result in enumerate(results) if result == 2)
    assert notebook.texts() == [texts[winner]]


@pytest.mark.parametrize("round", range(ROUNDS))
def test_a_save_during_a_change_of_the_passphrase_leaves_nothing_unreadable(
    either_app: Flask, clock: Any, round: int
) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    notebook.write("first", note_id=7)
    member_id, fresh, salt = notebook.person.id, bytes(32), "A" * 22 + "=="
    lock = Lock(salt, 600_000, envelope_of(fresh, "proof", {}))
    anew = {7: Stored(1, envelope_of(fresh, "note|7", {"text": "first"}))}
    saves = [envelope_of(notebook.key, f"note|{id}", {"text": "second"}) for id in (7, 8)]
    at_once(
        either_app,
        lambda: actions.save(member_id, 7, notebook.salt, saves[0], version=1),
        lambda: actions.choose_passphrase(member_id, notebook.salt, lock, anew),
        lambda: actions.save(member_id, 8, notebook.salt, saves[1], version=0),
    )
    with either_app.app_context():
        found = find_notes(member_id)
        db.session.remove()
    assert found.lock is not None
    key = fresh if found.lock.salt == salt else notebook.key
    for note_id, note in found.notes.items():
        assert opened(key, f"note|{note_id}", note.envelope)
