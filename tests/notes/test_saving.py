"""Saving, listing and deleting: envelopes in, envelopes out, nothing overwritten, nothing of anybody else."""

import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, func, select
from sqlalchemy.exc import OperationalError

from app.db import MAX_ID, db, transaction
from app.notes import rules
from app.notes.models import Note
from tests.conftest import Person, make_person, without_tokens
from tests.notes.conftest import SCRIPT, Notebook, notebook_of


def test_a_note_is_saved_and_comes_back_as_it_was(either_app: Flask, clock: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    answer = notebook.write("the mill pond")
    assert (answer.status_code, answer.get_json()) == (200, {"version": 1})
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert notebook.texts() == ["the mill pond"]


def test_the_page_is_the_same_whatever_somebody_keeps(alice: Person) -> None:
    empty = without_tokens(alice.get("/notes/"))
    notebook = notebook_of(alice)
    notebook.write("the mill pond")
    assert without_tokens(alice.get("/notes/")) == empty
    assert "private, no-store" in empty
    assert "data-exit" in empty


def test_before_a_passphrase_there_is_nothing_and_nothing_can_be_saved(alice: Person) -> None:
    notebook = Notebook(alice)
    assert notebook.all() == {"member": str(alice.id), "lock": None, "notes": []}
    answer = notebook.write("too early")
    assert (answer.status_code, answer.get_json()["error"]) == (409, "other-passphrase")


def test_the_lists_answer_is_kept_by_no_cache(notebook: Notebook) -> None:
    assert notebook.person.get("/notes/all").headers["Cache-Control"] == "private, no-store"


def test_a_note_is_changed_and_its_version_counts_up(either_app: Flask, clock: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    notebook.write("first", note_id=7)
    assert notebook.write("second", note_id=7, version=1).get_json() == {"version": 2}
    assert notebook.texts() == ["second"]


def test_two_devices_conflict_and_nothing_is_overwritten(either_app: Flask, clock: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    notebook.write("first", note_id=7)
    notebook.write("from the laptop", note_id=7, version=1)
    answer = notebook.write("from the phone", note_id=7, version=1)
    sent = answer.get_json()
    assert (answer.status_code, sent["error"], sent["version"]) == (409, "conflict", 2)
    assert notebook.read({"id": "7", **sent})["text"] == "from the laptop"
    assert notebook.texts() == ["from the laptop"]


def test_two_new_notes_with_one_id_conflict_too(notebook: Notebook) -> None:
    notebook.write("first", note_id=7)
    assert notebook.write("second", note_id=7).status_code == 409
    assert notebook.texts() == ["first"]


def test_a_save_whose_answer_was_lost_is_not_made_twice(notebook: Notebook) -> None:
    notebook.write("first", note_id=7)
    envelope = notebook.only()["envelope"]
    assert notebook.write("", note_id=7, envelope=envelope).get_json() == {"version": 1}
    assert notebook.only()["version"] == 1


def test_a_page_follows_its_own_save_whose_answer_was_lost(notebook: Notebook) -> None:
    notebook.write("first", note_id=7)
    nonce = rules.nonce_of(notebook.only()["envelope"])
    assert notebook.write("and more", note_id=7, version=0, unsure=[nonce]).get_json() == {"version": 2}
    assert notebook.texts() == ["and more"]


def test_a_note_is_deleted(either_app: Flask, clock: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    notebook.write("first", note_id=7)
    notebook.write("second", note_id=8)
    assert notebook.send("7/delete", version=1).status_code == 204
    assert notebook.texts() == ["second"]
    assert notebook.send("7/delete", version=1).status_code == 404


def test_a_note_changed_elsewhere_is_not_deleted_unread(notebook: Notebook) -> None:
    notebook.write("first", note_id=7)
    notebook.write("second", note_id=7, version=1)
    answer = notebook.send("7/delete", version=1)
    assert (answer.status_code, answer.get_json()["version"]) == (409, 2)
    assert notebook.texts() == ["second"]


def test_a_note_deleted_elsewhere_does_not_come_back_by_itself(notebook: Notebook) -> None:
    notebook.write("first", note_id=7)
    notebook.send("7/delete", version=1)
    answer = notebook.write("second", note_id=7, version=1)
    assert (answer.status_code, answer.get_json()["error"]) == (404, "gone")
    assert notebook.texts() == []


def test_the_partner_and_a_stranger_see_and_reach_nothing(notebook: Notebook, bob: Person, charlie: Person) -> None:
    notebook.write("only Alice", note_id=7)
    for other in (bob, charlie):
        before = Notebook(other)
        assert before.all() == {"member": str(other.id), "lock": None, "notes": []}
        theirs = notebook_of(other)
        assert theirs.write("over hers", note_id=7, version=1).status_code == 404
        assert theirs.send("7/delete", version=1).status_code == 404
        assert theirs.write("theirs", note_id=7).status_code == 200
        assert theirs.texts() == ["theirs"]
        assert theirs.send("delete-all", confirm="delete").status_code == 204
    assert notebook.texts() == ["only Alice"]


def test_nothing_of_the_notes_shows_on_a_page_of_the_partner(alice: Person, bob: Person) -> None:
    pages = ("/check-in/", "/space/", "/check-in/history", "/thoughts/", "/settings/", "/notes/", "/reminders/")
    before = [without_tokens(bob.get(page)) for page in pages]
    notebook_of(alice).write("only Alice")
    assert [without_tokens(bob.get(page)) for page in pages] == before


def test_signed_out_the_page_goes_to_the_sign_in_and_a_script_is_told(client: FlaskClient) -> None:
    assert client.get("/notes/").headers["Location"] == "/sign-in?next=/notes/"
    assert client.get("/notes/all", headers=SCRIPT).status_code == 401
    for address in ("7", "7/delete", "passphrase", "delete-all"):
        answer = client.post(f"/notes/{address}", data="{}", headers=SCRIPT)
        assert answer.status_code == 401, address


def test_another_site_saves_nothing(notebook: Notebook) -> None:
    headers = SCRIPT | {"Sec-Fetch-Site": "cross-site"}
    for address in ("7", "7/delete", "passphrase", "delete-all"):
        assert notebook.person.client.post(f"/notes/{address}", data="{}", headers=headers).status_code == 403


def test_what_one_wrote_is_not_saved_among_anothers_notes(notebook: Notebook, charlie: Person) -> None:
    theirs = notebook_of(charlie)
    answer = theirs.write("typed by Alice", member=str(notebook.person.id))
    assert (answer.status_code, answer.get_json()["error"]) == (409, "other-member")
    assert theirs.send("delete-all", member=str(notebook.person.id), confirm="delete").status_code == 409
    assert theirs.texts() == []


@pytest.mark.parametrize("note_id", ["0", str(MAX_ID + 1), "9" * 30, "-1", "one"])
def test_an_impossible_id_is_not_found(notebook: Notebook, note_id: str) -> None:
    assert notebook.send(note_id, version=1, salt=notebook.salt, envelope="x").status_code == 404
    assert notebook.send(f"{note_id}/delete", version=1).status_code == 404


BAD = {
    "no envelope": {"envelope": None},
    "plain words": {"envelope": "words of somebody"},
    "too long": {"envelope": "1." + "A" * 16 + "." + "A" * 60_000},
    "a list": {"envelope": ["1"]},
    "no version": {"version": None},
    "a negative version": {"version": -1},
    "a huge version": {"version": 10**30},
    "a version in words": {"version": "1"},
    "a true version": {"version": True},
    "half a version": {"version": 0.5},
    "no salt": {"salt": None},
    "unsure of a word": {"unsure": "words"},
    "unsure of numbers": {"unsure": [1]},
    "unsure of too much": {"unsure": ["x"] * 51},
    "no member": {"member": None},
}


@pytest.mark.parametrize("other", BAD.values(), ids=BAD)
def test_bad_input_is_refused_and_saves_nothing(notebook: Notebook, other: dict[str, Any]) -> None:
    answer = notebook.write("words", **other)
    assert answer.status_code == 422
    assert answer.get_json()["error"] == "bad-input"
    assert notebook.all()["notes"] == []


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"null", b"7", b"{", b"[" * 100_000, b'{"a":' * 100_000, b"\xff\xfe", b"9" * 5_000, b"member=1"],
    ids=["nothing", "a list", "null", "a number", "cut off", "deep", "deeper", "no UTF-8", "long number", "a form"],
)
def test_what_is_no_json_object_is_refused(notebook: Notebook, body: bytes) -> None:
    for address in ("7", "7/delete", "passphrase", "delete-all"):
        answer = notebook.person.client.post(f"/notes/{address}", data=body, headers=SCRIPT)
        assert answer.status_code == 422, address
    assert notebook.texts() == []


def test_a_body_that_is_far_too_long_is_refused(notebook: Notebook) -> None:
    for address, size in (("7", 2**20), ("passphrase", rules.LARGEST_CHANGE)):
        answer = notebook.person.client.post(f"/notes/{address}", data=b" " * (size + 1), headers=SCRIPT)
        assert answer.status_code == 413


def fill(app: Flask, notebook: Notebook, count: int, envelope: str) -> None:
    rows = [
        {"member_id": notebook.person.id, "id": number, "version": 1, "envelope": envelope}
        for number in range(1, count + 1)
    ]
    with app.app_context():
        with transaction() as session:
            session.execute(Note.__table__.insert(), rows)
        db.session.remove()


def test_five_hundred_fit_and_one_more_does_not(either_app: Flask, clock: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    fill(either_app, notebook, rules.MOST - 1, "x")
    assert notebook.write("the last one", note_id=9_000).status_code == 200
    answer = notebook.write("one too many")
    assert (answer.status_code, answer.get_json()["error"]) == (422, "full")
    assert notebook.write("longer", note_id=9_000, version=1).status_code == 200, "what is there can be changed"
    notebook.send("7/delete", version=1)
    assert notebook.write("now it fits").status_code == 200


def test_together_they_are_no_longer_than_one_change_of_the_passphrase(either_app: Flask, clock: Any) -> None:
    notebook = notebook_of(make_person(either_app, "Ana"))
    fill(either_app, notebook, 1, "x" * (rules.TOGETHER - 2_000))
    assert notebook.write("fits", note_id=9_000).status_code == 200
    assert notebook.write("does not").get_json()["error"] == "full"
    with either_app.app_context():
        assert db.session.execute(select(func.count()).select_from(Note)).scalar() == 2
        db.session.remove()


def test_a_database_that_cannot_write_says_so(app: Flask, notebook: Notebook) -> None:
    def fail(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        if statement.startswith("INSERT INTO note "):
            raise OperationalError(statement, {}, Exception("disk full"))

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        answer = notebook.write("words")
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert answer.status_code == 503
    assert json.loads(answer.data)["error"]
    assert notebook.write("words").status_code == 200


@pytest.mark.parametrize("column", Note.__table__.columns.keys())
def test_no_column_tells_a_time(column: str) -> None:
    assert not column.endswith(("_at", "_on"))


def test_the_us_page_leads_to_the_notes_whether_there_are_any_or_not(alice: Person, notebook: Notebook) -> None:
    before = without_tokens(alice.get("/space/"))
    assert '<a href="/notes/">Private notes</a>' in before
    notebook.write("words")
    assert without_tokens(alice.get("/space/")) == before
