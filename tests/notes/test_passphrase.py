"""The first passphrase, another one, and a forgotten one: every note or none."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.db import db
from tests.conftest import Person, make_person
from tests.notes.conftest import Notebook, notebook_of


def test_the_first_passphrase_is_chosen_once(either_app: Flask, clock: Any) -> None:
    ana = make_person(either_app, "Ana")
    notebook = notebook_of(ana)
    assert notebook.all()["lock"]["salt"] == notebook.salt
    other_device = Notebook(ana)
    answer = other_device.change()
    assert (answer.status_code, answer.get_json()["error"]) == (409, "other-passphrase")
    assert notebook.all()["lock"]["salt"] == notebook.salt


def test_another_passphrase_locks_every_note_anew(either_app: Flask, clock: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    notebook.write("one", note_id=7)
    notebook.write("two", note_id=8)
    before = notebook.all()
    assert notebook.change().status_code == 204
    after = notebook.all()
    assert notebook.texts() == ["one", "two"]
    assert after["lock"]["salt"] != before["lock"]["salt"]
    kept = {note["envelope"] for note in before["notes"]} & {note["envelope"] for note in after["notes"]}
    assert kept == set()


def test_a_device_with_the_old_passphrase_saves_nothing_more(notebook: Notebook) -> None:
    """Otherwise a note would lie there that the new passphrase never opens."""
    notebook.write("one", note_id=7)
    old = Notebook(notebook.person, notebook.salt, notebook.key)
    notebook.change()
    answer = old.write("two", note_id=7, version=1)
    assert (answer.status_code, answer.get_json()["error"]) == (409, "other-passphrase")
    assert notebook.change(salt=old.salt).status_code == 409
    assert notebook.texts() == ["one"]


def listed(notebook: Notebook, **other: Any) -> list[dict[str, Any]]:
    return [note | other for note in notebook.all()["notes"]]


CHANGES = {
    "a note is missing": lambda notes: notes[:1],
    "a note is too much": lambda notes: [*notes, notes[0] | {"id": "99"}],
    "a note is an older one": lambda notes: [notes[0] | {"version": 1}, notes[1]],
}


@pytest.mark.parametrize("alter", CHANGES.values(), ids=CHANGES)
def test_unless_the_notes_are_exactly_those_nothing_is_changed(either_app: Flask, clock: Any, alter: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    notebook.write("one", note_id=7)
    notebook.write("one, changed", note_id=7, version=1)
    notebook.write("two", note_id=8)
    before = notebook.all()
    answer = notebook.change(notes=alter(listed(notebook)))
    assert (answer.status_code, answer.get_json()["error"]) == (409, "changed")
    assert notebook.all() == before


@pytest.mark.parametrize(
    "other",
    [
        {"rounds": 599_999},
        {"rounds": "600000"},
        {"new_salt": "short"},
        {"new_salt": None},
        {"proof": "the passphrase itself"},
        {"notes": None},
        {"notes": {"7": "x"}},
        {"notes": ["x"]},
        {"notes": [{"id": 7, "version": 1, "envelope": "x"}]},
        {"notes": [{"id": "7"}]},
        {"salt": None},
    ],
    ids=str,
)
def test_a_bad_change_is_refused_and_changes_nothing(notebook: Notebook, other: dict[str, Any]) -> None:
    notebook.write("one", note_id=7)
    before = notebook.all()
    assert notebook.change(**other).status_code == 422
    assert notebook.all() == before


def test_one_note_named_twice_is_refused(notebook: Notebook) -> None:
    notebook.write("one", note_id=7)
    assert notebook.change(notes=listed(notebook) * 2).status_code == 422


def test_a_change_that_breaks_off_in_the_middle_changes_nothing(either_app: Flask, clock: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    for number in (7, 8, 9):
        notebook.write(f"note {number}", note_id=number)
    before, seen = notebook.all(), []

    def fail(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)
        if statement.startswith("INSERT INTO note_lock"):
            raise OperationalError(statement, {}, Exception("disk full"))

    with either_app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        assert notebook.change().status_code == 503
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert sum(statement.startswith("UPDATE note") for statement in seen) == 3
    assert notebook.all() == before
    assert notebook.texts() == ["note 7", "note 8", "note 9"]


def test_all_notes_go_for_somebody_who_has_forgotten_it_and_they_begin_again(either_app: Flask, clock: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    notebook.write("one", note_id=7)
    old = Notebook(notebook.person, notebook.salt, notebook.key)
    assert notebook.send("delete-all", confirm="delete").status_code == 204
    assert notebook.all() == {"member": str(notebook.person.id), "lock": None, "notes": []}
    anew = notebook_of(notebook.person)
    assert old.write("two").status_code == 409, "what an old key locks, the new passphrase would never open"
    assert anew.write("two").status_code == 200


@pytest.mark.parametrize("confirm", [None, "", "yes", True])
def test_without_the_confirmation_nothing_goes(notebook: Notebook, confirm: Any) -> None:
    notebook.write("one")
    assert notebook.send("delete-all", confirm=confirm).status_code == 422
    assert notebook.texts() == ["one"]


def test_a_passphrase_and_a_key_are_never_asked_for(alice: Person) -> None:
    """No field of the page has a name, so that not even a broken script could send one as a form."""
    page = alice.text("/notes/")
    main = page[page.index("data-notes") : page.index("</main>")]
    assert main.count("name=") == 1
    assert 'name="member"' in main
