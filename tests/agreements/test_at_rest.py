"""What lies on the disk: no word that was agreed or reworded, and before the reveal nothing but for its maker."""

import logging
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.accounts.models import Member
from app.agreements.models import Agreement
from app.db import db, transaction
from app.keys import Unreadable, unseal
from app.spaces.models import Space
from tests.agreements.conftest import SENTENCE, WEEKS, agree, ids, listed, look_back, made_by, reveal
from tests.checkin.test_at_rest import folder, found  # noqa: F401  # a fixture, and the search that goes with it
from tests.conftest import link, make_person

CANARY = "loquat-canary"


def test_no_typed_word_lies_in_the_database_its_wal_or_the_log(folder: Any, caplog: Any, clock: Any) -> None:  # noqa: F811
    app, path = folder
    caplog.set_level(logging.DEBUG)
    ana, ben = make_person(app, "Ana"), make_person(app, "Ben")
    link(app, ana, ben)
    reveal(ana, ben)
    agree(ana, f"{CANARY} comes", f"{CANARY} goes")
    assert CANARY in ben.text("/agreements/")
    clock.move_to(WEEKS[0])
    ana.get("/check-in/")
    look_back(ana, ids(ana)[0], "changed", when=f"{CANARY} stays", will="see")
    ana.post(f"/agreements/{ids(ana)[0]}.ics", {"weekday": "1", "time": "10:00", "title": CANARY})
    reveal(ana, ben)
    assert f"{CANARY} stays" in ben.text("/agreements/")
    ben.post(f"/agreements/{ids(ben)[0]}/withdraw")
    assert found(path, CANARY) == []
    assert CANARY not in caplog.text
    assert found(path, "ana@example.org"), "the search itself finds what is readable"


def test_it_is_sealed_with_the_spaces_key_and_a_look_back_with_its_makers(either_app: Flask, clock: Any) -> None:
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    agreement_id = made_by(ana, ben)
    clock.move_to(WEEKS[0])
    ana.get("/check-in/")
    look_back(ana, agreement_id, "not")
    with either_app.app_context():
        row = db.session.execute(select(Agreement, Space.key_id).join(Space, Space.id == Agreement.space_id)).one()
        keys = dict(db.session.execute(select(Member.name, Member.key_id)).all())
        place = f"agreement|sealed|{row.Agreement.id}"
        looking = f"agreement|sealed_look_back|{row.Agreement.id}"
        assert "the kettle is on" in unseal(row.key_id, place, row.Agreement.sealed)
        assert "not" in unseal(keys["Ana"], looking, row.Agreement.sealed_look_back)
        for key_id in (row.key_id, keys["Ben"]):
            with pytest.raises(Unreadable):
                unseal(key_id, looking, row.Agreement.sealed_look_back)
        db.session.remove()


def test_it_has_the_length_of_others_and_opens_in_its_own_row_only(either_app: Flask, clock: Any) -> None:
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    reveal(ana, ben)
    agree(ana, "x", "y")
    agree(ben)
    with either_app.app_context():
        rows = dict(db.session.execute(select(Agreement.member_id, Agreement.sealed)).all())
        db.session.remove()
        with transaction() as session:
            session.execute(update(Agreement).where(Agreement.member_id == ben.id).values(sealed=rows[ana.id]))
    assert len(rows[ana.id]) == len(rows[ben.id])
    page = ana.text("/agreements/")
    assert page.count("This one cannot be read any more.") == 1
    assert listed(ana)[0] == ["When x, I will y."]


def test_of_a_deleted_account_only_what_both_hold_is_left(either_app: Flask, clock: Any) -> None:
    ana, ben, sam = (make_person(either_app, name) for name in ("Ana", "Ben", "Sam"))
    link(either_app, ana, ben)
    for people in ((ana, ben), (sam,)):
        made_by(*people)
    clock.move_to(WEEKS[0])
    for person in (ana, sam):
        person.get("/check-in/")
        look_back(person, ids(person)[0], "not")
        person.post("/settings/delete", {"password": "a quiet kitchen table", "confirm": "delete"})
    with either_app.app_context():
        left = db.session.execute(select(Agreement.member_id, Agreement.sealed_look_back)).all()
        db.session.remove()
    assert [tuple(row) for row in left] == [(ana.id, None)]
    assert listed(ben) == ([], [SENTENCE])
