"""Deleting an account: what goes, what the partner keeps, and that nothing is left on the disk."""

import re
import threading
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text

from app import keys
from app.accounts.models import AddressChange, Joining, Member, Reset
from app.agreements.models import Agreement
from app.checkin.models import Answer, CheckIn, Entry
from app.db import db, transaction
from app.keys import Key, Unreadable
from app.notes.models import Note, NoteLock
from app.privacy import actions
from app.reminders.models import Delivery, ReminderChoice
from app.spaces.models import Invitation, Seat, Space
from app.thoughts.models import Thought
from tests.checkin.conftest import Sheet
from tests.conftest import MONDAY_MORNING, PASSWORD, Person, make_app, make_person
from tests.privacy.conftest import DRAFTS, REVEALED, Couple, make_couple

ADDRESS = "/settings/delete"
STAYS = {"seat", "entry", "agreement"}  # of the tables that point to a member: what a partner holds as well


@pytest.fixture
def couple(app: Flask, clock: Any) -> Couple:
    return make_couple(app, clock)


@pytest.fixture
def either_couple(either_app: Flask, clock: Any) -> Couple:
    return make_couple(either_app, clock)


def delete(person: Person, **other: str) -> Any:
    return person.post(ADDRESS, {"password": PASSWORD, "confirm": "delete"} | other)


def read(app: Flask, statement: Any) -> list[Any]:
    """Rows as plain tuples."""
    with app.app_context():
        rows = [tuple(row) for row in db.session.execute(statement)]
        db.session.remove()
    return rows


def snapshot(app: Flask) -> dict[str, list[Any]]:
    """Every row of every table, but the counters against guessing."""
    tables = [table for table in db.metadata.sorted_tables if table.name != "attempt"]
    return {table.name: sorted(read(app, select(table)), key=repr) for table in tables}


def sealed_by(app: Flask, person: Person) -> list[Any]:
    """The person's answers as they lie in the database."""
    rows = select(Answer.prompt, Answer.key_id, Answer.sealed, Answer.version)
    return sorted(read(app, rows.join(Entry, Entry.id == Answer.entry_id).where(Entry.member_id == person.id)))


def test_the_page_says_what_goes_and_what_stays(alice: Person) -> None:
    page = alice.get(ADDRESS)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    for words in ("What goes", "What stays", "someone who has left", "backups", "/settings/export"):
        assert words in page.text


def test_signed_out_it_goes_to_the_sign_in(client: Any) -> None:
    assert client.get(ADDRESS).headers["Location"].startswith("/sign-in")


def test_it_signs_out_everywhere_and_goes_to_the_start(couple: Couple) -> None:
    other_device = couple.ana.client.application.test_client()
    other_device.set_cookie("sign-in", couple.ana.client.get_cookie("sign-in").value)
    answer = delete(couple.ana)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    assert couple.ana.client.get_cookie("sign-in") is None
    assert couple.ana.client.get_cookie("session") is None
    assert other_device.get(ADDRESS).status_code == 303


def test_of_the_account_only_its_number_is_left(app: Flask, couple: Couple) -> None:
    delete(couple.ana)
    columns = (Member.email, Member.name, Member.zone, Member.password_hash, Member.key_id)
    assert read(app, select(*columns).where(Member.id == couple.ana.id)) == [(None, "", "UTC", "", None)]


def fill_every_table(app: Flask, person: Person) -> None:
    """A row of the member's in each table that is theirs alone, and somebody joining with their address."""
    at = MONDAY_MORNING
    ((check_in_id,),) = read(app, select(CheckIn.id).limit(1))
    ((space_id,),) = read(app, select(Seat.space_id).where(Seat.member_id == person.id))
    agreed = {"space_id": space_id, "week_on": at.date(), "sealed": b"sealed", "sealed_look_back": b"sealed"}
    code = {"code_hash": "a code", "tries": 0, "expires_at": at}
    lasting = {"member_id": person.id, "created_at": at, "expires_at": at}
    due = {"state": "ready", "due_at": at, "expires_at": at, "next_at": at}
    person.post("/space/prompts", {"words": "What would you like to cook?"})
    with app.app_context():
        with transaction() as session:
            session.add_all(
                (
                    Joining(email=person.email, name=person.name, zone="UTC", password_hash="a hash", **code),
                    Reset(id="a token", member_id=person.id, expires_at=at),
                    AddressChange(member_id=person.id, email="new@example.org", **code),
                    Invitation(code_hash="a code", sealed_code=b"sealed", **lasting),
                    Delivery(check_in_id=check_in_id, member_id=person.id, channel="email", **due),
                    ReminderChoice(member_id=person.id),
                    Agreement(member_id=person.id, **agreed),
                    Thought(member_id=person.id, number=1, key_id=keys.CHECK_ID, sealed=b"sealed"),
                    Note(member_id=person.id, id=1, version=1, envelope="locked"),
                    NoteLock(member_id=person.id, salt="salt", rounds=1, proof="locked"),
                )
            )
        db.session.remove()


def test_no_other_table_points_to_the_member_but_what_the_partner_holds(
    either_app: Flask, either_couple: Couple
) -> None:
    fill_every_table(either_app, either_couple.ana)
    pointing = {
        (table, key.parent)
        for table in db.metadata.sorted_tables
        for key in table.foreign_keys
        if key.column.table.name == "member"
    }
    rows = {table.name: select(table).where(column == either_couple.ana.id) for table, column in pointing}
    assert all(read(either_app, query) for query in rows.values())
    delete(either_couple.ana)
    assert {name for name, query in rows.items() if read(either_app, query)} == STAYS


def test_someone_joining_with_the_address_is_forgotten_too(app: Flask, couple: Couple) -> None:
    fill_every_table(app, couple.ana)
    delete(couple.ana)
    assert read(app, text("SELECT * FROM joining")) == []


def test_the_partners_words_are_not_touched(app: Flask, couple: Couple) -> None:
    before = sealed_by(app, couple.ben)
    assert len(before) == 2
    delete(couple.ana)
    assert sealed_by(app, couple.ben) == before


def test_the_partner_keeps_the_revealed_week_with_both_answers_and_without_the_name(couple: Couple) -> None:
    week = revealed_week(couple.ben)
    delete(couple.ana)
    page = couple.ben.text(week)
    for words in REVEALED.values():
        assert words in page
    assert "omeone who has left" in page
    assert "Ana" not in page.replace(REVEALED["Ana"], "")


def revealed_week(person: Person) -> str:
    """The address of the oldest week in somebody's history."""
    return re.findall(r"/check-in/\d+", person.text("/check-in/history"))[-1]


def test_what_was_not_revealed_and_every_rating_is_gone(app: Flask, couple: Couple) -> None:
    assert len(sealed_by(app, couple.ana)) == 2
    delete(couple.ana)
    assert len(sealed_by(app, couple.ana)) == 1
    entries = select(Entry.sealed_ratings, CheckIn.revealed_at.is_not(None)).join(CheckIn)
    assert read(app, entries.where(Entry.member_id == couple.ana.id)) == [(None, True)]


def test_the_partner_keeps_their_own_draft_and_sees_no_other(couple: Couple) -> None:
    delete(couple.ana)
    taken = couple.ben.post("/settings/export", {"password": PASSWORD})
    assert taken.status_code == 200
    history = couple.ben.text("/check-in/history")
    assert DRAFTS["Ana"] not in history


def test_the_key_is_shredded_so_that_nothing_opens_what_it_sealed(either_app: Flask, either_couple: Couple) -> None:
    ((key_id,),) = read(either_app, select(Member.key_id).where(Member.id == either_couple.ana.id))
    with either_app.app_context():
        kept_aside = keys.seal(key_id, "answer|sealed|1", "in an old backup")
        db.session.remove()
    delete(either_couple.ana)
    assert read(either_app, select(Key.id).where(Key.id == key_id)) == []
    with either_app.app_context():
        with pytest.raises(Unreadable):
            keys.unseal(key_id, "answer|sealed|1", kept_aside)
        db.session.remove()


def test_the_shared_space_ends_as_by_leaving(app: Flask, couple: Couple) -> None:
    delete(couple.ana)
    assert read(app, select(Space.ended_at.is_not(None)).where(Space.id == couple.space_id)) == [(True,)]
    seats = select(Seat.space_id).where(Seat.left_at.is_(None))
    ((own_space,),) = read(app, seats)
    assert own_space != couple.space_id
    assert read(app, seats.where(Seat.member_id == couple.ben.id)) == [(own_space,)]
    assert couple.ben.get("/check-in/").status_code == 200


def test_nobody_is_told(app: Flask, clock: Any, outbox: Any) -> None:
    couple = make_couple(app, clock)
    delete(couple.ana)
    assert outbox() == []
    assert "delete" not in couple.ben.text("/space/")


def test_on_ones_own_everything_goes(either_app: Flask, clock: Any) -> None:
    sam = make_person(either_app, "Sam")
    sam.post("/thoughts/", {"words": "kept, and never used"})
    Sheet(sam).submit("a word of Sam’s", **{"rating-together": "3"})
    assert delete(sam).status_code == 303
    left = {name for name, rows in snapshot(either_app).items() if rows}
    assert left == {"member", "key"}
    assert read(either_app, select(Key.id)) == [(keys.CHECK_ID,)]


def test_when_both_have_deleted_their_accounts_the_record_goes_with_its_key(
    either_app: Flask, either_couple: Couple
) -> None:
    delete(either_couple.ana)
    assert read(either_app, select(Answer.prompt))
    delete(either_couple.ben)
    left = {name for name, rows in snapshot(either_app).items() if rows}
    assert left == {"member", "key"}
    assert read(either_app, select(Key.id)) == [(keys.CHECK_ID,)]


def test_the_address_is_free_again(app: Flask, couple: Couple) -> None:
    delete(couple.ana)
    again = make_person(app, "Ana")
    assert again.id != couple.ana.id
    assert REVEALED["Ben"] not in again.text("/check-in/history")


def test_strangers_are_not_touched(app: Flask, clock: Any, charlie: Person) -> None:
    Sheet(charlie).save("a word of Charlie’s")
    before = snapshot(app)
    couple = make_couple(app, clock)
    delete(couple.ana)
    delete(couple.ben)
    after = snapshot(app)
    for name in before:
        if name != "member":
            assert after[name] == before[name], name
    assert set(before["member"]) <= set(after["member"])


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"password": ""}, id="no password"),
        pytest.param({"password": "not the one"}, id="wrong password"),
        pytest.param({"confirm": ""}, id="not confirmed"),
        pytest.param({"confirm": "leave"}, id="something else confirmed"),
    ],
)
def test_bad_input_deletes_nothing_and_shows_the_form_again(app: Flask, alice: Person, form: dict[str, str]) -> None:
    before = snapshot(app)
    answer = delete(alice, **form)
    assert answer.status_code == 422
    assert "There is a problem" in answer.text
    assert snapshot(app) == before


def test_guessing_the_password_is_limited(app: Flask, alice: Person, clock: Any) -> None:
    assert [delete(alice, password="not the one").status_code for _ in range(11)] == [422] * 10 + [429]
    answer = delete(alice)
    assert answer.status_code == 429
    assert "tried too often" in answer.text
    assert "Retry-After" in answer.headers
    assert read(app, select(Member.email)) == [(alice.email,)]


def test_it_happens_whole_or_not_at_all(app: Flask, clock: Any) -> None:
    couple = make_couple(app, clock)
    before = snapshot(app)
    with app.app_context(), transaction() as session:
        session.execute(text("CREATE TRIGGER no BEFORE DELETE ON key BEGIN SELECT RAISE(ABORT, 'no'); END"))
    try:
        assert delete(couple.ana).status_code == 503
        assert snapshot(app) == before
    finally:
        with app.app_context(), transaction() as session:
            session.execute(text("DROP TRIGGER no"))
    assert delete(couple.ana).status_code == 303


def test_deleting_twice_changes_nothing_more(app: Flask, couple: Couple) -> None:
    delete(couple.ana)
    before = snapshot(app)
    with app.app_context():
        actions.delete_account(couple.ana.id, MONDAY_MORNING)
        db.session.remove()
    assert snapshot(app) == before


def at_once(app: Flask, *acts: Any) -> list[Any]:
    """Run every act in a thread of its own, beginning in the same instant; what each gave or raised."""
    gate = threading.Barrier(len(acts))
    results: list[Any] = [None] * len(acts)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                results[number] = acts[number]()
            except Exception as error:
                results[number] = error
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("have_left", [False, True], ids=["a couple", "who have left each other"])
@pytest.mark.parametrize("round_number", range(3))
def test_two_who_delete_in_the_same_instant_leave_nothing(
    either_app: Flask, either_couple: Couple, round_number: int, have_left: bool
) -> None:
    if have_left:
        either_couple.ana.post("/space/leave", {"confirm": "leave"})
    ids = (either_couple.ana.id, either_couple.ben.id)
    found = at_once(either_app, *(partial(actions.delete_account, member_id, MONDAY_MORNING) for member_id in ids))
    assert found == [None, None]
    assert read(either_app, select(Key.id)) == [(keys.CHECK_ID,)]
    assert read(either_app, select(Space.id)) == []


@pytest.mark.parametrize("round_number", range(3))
def test_a_save_in_the_same_instant_leaves_no_word(either_app: Flask, either_couple: Couple, round_number: int) -> None:
    sheet = Sheet(either_couple.ana)
    found = at_once(
        either_app,
        lambda: actions.delete_account(either_couple.ana.id, MONDAY_MORNING),
        lambda: sheet.save_by_script("one more word").status_code,
    )
    assert found[0] is None
    assert found[1] in (200, 401, 409, 503)
    assert len(sealed_by(either_app, either_couple.ana)) == 1


def test_nothing_readable_or_sealed_of_theirs_is_left_on_the_disk(tmp_path: Path, clock: Any) -> None:
    app = make_app(tmp_path, MAIL_TRANSPORT=None)
    couple = make_couple(app, clock)
    with app.app_context():
        for person in (couple.ana, couple.ben):
            app.extensions["postman"].transport.send(letter_to(person), lambda: True)
    theirs = [couple.ana.email.encode(), *only_theirs(app, couple.ana)]
    bens = [couple.ben.email.encode(), *only_theirs(app, couple.ben)]
    assert len(theirs) == 6
    assert all(on_disk(tmp_path, trace) for trace in theirs + bens)
    assert delete(couple.ana).status_code == 303
    assert [trace for trace in theirs if on_disk(tmp_path, trace)] == []
    assert all(on_disk(tmp_path, trace) for trace in bens)
    assert [path.name for path in (tmp_path / "outbox").iterdir()] == ["Ben@localhost.eml"]
    assert (tmp_path / "same-side.sqlite-wal").stat().st_size == 0
    words = (*REVEALED.values(), *DRAFTS.values())
    assert [word for word in words if on_disk(tmp_path, word.encode())] == []
    with app.app_context():
        db.engine.dispose()


def only_theirs(app: Flask, person: Person) -> list[bytes]:
    """What must vanish with the account, as bytes: password hash, key, unrevealed answer, both ratings."""
    own = select(Member.password_hash, Member.key_id).where(Member.id == person.id)
    ((password_hash, key_id),) = read(app, own)
    ((wrapped,),) = read(app, select(Key.wrapped).where(Key.id == key_id))
    ((draft,),) = read(app, select(Answer.sealed).where(Answer.key_id == key_id))
    ratings = [row[0] for row in read(app, select(Entry.sealed_ratings).where(Entry.member_id == person.id))]
    return [password_hash.encode(), wrapped, draft, *ratings]


def letter_to(person: Person) -> EmailMessage:
    letter = EmailMessage()
    letter["To"] = person.email
    letter["Message-ID"] = f"<{person.name}@localhost>"
    letter.set_content(f"Good morning, {person.name}.")
    return letter


def on_disk(folder: Path, trace: bytes) -> list[str]:
    """The files of the instance folder in which `trace` lies."""
    return [path.name for path in folder.rglob("*") if path.is_file() and trace in path.read_bytes()]
