"""Two taps at once, a tap and a reveal, a tap and a leaving: on both databases."""

from typing import Any

from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import Member
from app.agreements import actions
from app.agreements.models import Agreement
from app.agreements.rules import LookBack
from app.agreements.sealing import open_agreed
from app.checkin import actions as check_ins
from app.checkin.rules import Draft, Words
from app.clock import utcnow
from app.db import db
from app.spaces.actions import leave_space
from app.spaces.models import Space
from app.spaces.rules import monday_of
from tests.agreements.conftest import WEEKS, ids, listed, made_by
from tests.checkin.conftest import Sheet
from tests.checkin.test_races import at_once
from tests.conftest import MONDAY_MORNING, link, make_person

ROUNDS = 10
WEEK = monday_of(MONDAY_MORNING, "Europe/Zurich")


def couple(app: Flask, number: int) -> Any:
    ana, ben = make_person(app, f"Ana{number}"), make_person(app, f"Ben{number}")
    return ana, ben, link(app, ana, ben)


def count(app: Flask) -> int:
    with app.app_context():
        found = db.session.execute(select(func.count()).select_from(Agreement)).scalar_one()
        db.session.remove()
    return int(found)


def test_two_taps_at_once_make_one(either_app: Flask) -> None:
    for number in range(ROUNDS):
        ana, _, space_id = couple(either_app, number)
        results = at_once(
            either_app,
            *(lambda who=ana, space=space_id: actions.agree(space, who.id, WEEK, "it rains", "come"),) * 2,
        )
        assert results == [None, None]
        assert count(either_app) == number + 1


def test_of_two_different_ones_at_once_the_second_is_refused(either_app: Flask) -> None:
    for number in range(ROUNDS):
        ana, _, space_id = couple(either_app, number)
        results = at_once(
            either_app,
            lambda who=ana, space=space_id: actions.agree(space, who.id, WEEK, "it rains", "come"),
            lambda who=ana, space=space_id: actions.agree(space, who.id, WEEK, "it snows", "stay"),
        )
        assert sorted(type(result).__name__ for result in results) == ["NoneType", "OneIsMade"]
        assert count(either_app) == number + 1


def test_both_may_make_theirs_in_the_same_instant(either_app: Flask) -> None:
    for number in range(ROUNDS):
        ana, ben, space_id = couple(either_app, number)
        results = at_once(
            either_app,
            *(
                lambda who=who, space=space_id: actions.agree(space, who.id, WEEK, "it rains", "come")
                for who in (ana, ben)
            ),
        )
        assert results == [None, None]
    assert count(either_app) == 2 * ROUNDS


def test_leaving_at_once_leaves_nothing_living_behind(either_app: Flask) -> None:
    for number in range(ROUNDS):
        ana, ben, space_id = couple(either_app, number)
        made, left = at_once(
            either_app,
            lambda who=ana, space=space_id: actions.agree(space, who.id, WEEK, "it rains", "come"),
            lambda space=space_id: leave_space(space, utcnow()),
        )
        assert left is None
        assert made is None or isinstance(made, actions.SpaceEnded)
        living, ended = listed(ben)
        assert living == []
        assert len(ended) == (1 if made is None else 0)


def test_a_look_back_and_a_reveal_at_once_lose_nothing(either_app: Flask, clock: Any) -> None:
    """It is either in the revealed week or still its maker's own, and the words that hold are whole."""
    for number in range(ROUNDS // 2):
        clock.move_to(MONDAY_MORNING)
        ana, ben, space_id = couple(either_app, number)
        agreement_id = int(made_by(ana, ben))
        clock.move_to(WEEKS[0])
        Sheet(ana).submit("a word")
        prompt = Sheet(ben).prompts[0]
        new = LookBack("changed", "it snows", "stay")
        saved, kept = at_once(
            either_app,
            lambda who=ben, prompt=prompt: check_ins.submit(
                who.id, Draft(None, None, {prompt: Words("a word")}, {}, 0), utcnow()
            ),
            lambda who=ana, id=agreement_id, said=new: actions.look_back(who.id, id, said),
        )
        assert saved.is_revealed
        assert kept is True
        with either_app.app_context():
            row = db.session.execute(select(Agreement).where(Agreement.id == agreement_id)).scalar_one()
            key_id = db.session.execute(select(Space.key_id).where(Space.id == space_id)).scalar_one()
            wordings = open_agreed(key_id, agreement_id, row.sealed).wordings
            assert len(wordings) == (1 if row.sealed_look_back else 2)
            db.session.remove()


def test_two_who_withdraw_and_look_back_at_once_end_it(either_app: Flask, clock: Any) -> None:
    for number in range(ROUNDS):
        clock.move_to(MONDAY_MORNING)
        ana, ben, _ = couple(either_app, number)
        agreement_id = int(made_by(ana, ben))
        withdrawn, again, kept = at_once(
            either_app,
            lambda who=ana, id=agreement_id: actions.withdraw(who.id, id),
            lambda who=ben, id=agreement_id: actions.withdraw(who.id, id),
            lambda who=ana, id=agreement_id: actions.look_back(who.id, id, LookBack("partly")),
        )
        assert (withdrawn, again) == (True, True)
        assert kept in (True, False)
        assert ids(ben) == []


def test_an_account_deleted_meanwhile_keeps_nothing(either_app: Flask, clock: Any) -> None:
    ana, ben, _ = couple(either_app, 0)
    agreement_id = int(made_by(ana, ben))
    ana.post("/settings/delete", {"password": "a quiet kitchen table", "confirm": "delete"})
    with either_app.app_context():
        assert actions.look_back(ana.id, agreement_id, LookBack("not")) is False
        assert db.session.execute(select(Member.key_id).where(Member.id == ana.id)).scalar() is None
        db.session.remove()
