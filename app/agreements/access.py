"""Loads agreements for the member who asks: of their spaces only, and what is not revealed to its maker only."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import abort
from flask_login import current_user
from sqlalchemy import Row, bindparam, case, select

from app.accounts.models import Member
from app.agreements import rules
from app.agreements.models import Agreement
from app.agreements.sealing import open_agreed, open_look_back
from app.db import MAX_ID, read
from app.spaces.access import MySpace
from app.spaces.models import Seat, Space

# Before the reveal, another's look-back does not leave the database, nor whether there is one.
_is_mine = Agreement.member_id == bindparam("member_id")
_MINE = (
    select(
        Agreement.id,
        Agreement.member_id,
        Agreement.week_on,
        Agreement.looked_on,
        Agreement.is_living,
        Agreement.sealed,
        case((_is_mine, Agreement.sealed_look_back)).label("sealed_look_back"),
        Space.key_id,
        Space.ended_at,
        Member.name,
        Member.key_id.label("own_key"),
    )
    .join(Space, Space.id == Agreement.space_id)
    .join(Seat, (Seat.space_id == Agreement.space_id) & (Seat.member_id == bindparam("member_id")))
    .join(Member, Member.id == Agreement.member_id)
    .order_by(Agreement.week_on.desc(), _is_mine.desc(), Agreement.id)
)
_lives = Agreement.is_living & Space.ended_at.is_(None)
_OF_WEEK = _MINE.where(
    Agreement.space_id == bindparam("space_id"), Agreement.is_living | (Agreement.looked_on == bindparam("week_on"))
).limit(rules.AT_ONCE)
_ONE = _MINE.where(_lives, Agreement.id == bindparam("agreement_id"))
_LISTED = (
    _MINE.order_by(None)
    .order_by(_lives.desc(), Agreement.week_on.desc(), _is_mine.desc(), Agreement.id)
    .limit(rules.PAGE + 1)
    .offset(bindparam("skipped"))
)
_ALL = _MINE.order_by(None).order_by(Agreement.week_on, _is_mine.desc(), Agreement.id)


@dataclass(frozen=True)
class MyAgreement:
    """An agreement as a member of its space may know it. `name` is its maker's, empty when the account is deleted.

    `ended` is empty while it lives. `said` is what the reader, being its maker, says about it and is not revealed yet.
    """

    id: int
    name: str
    is_mine: bool
    week_on: date
    looked_on: date | None
    agreed: rules.Agreed
    ended: str
    said: rules.LookBack | None

    @property
    def wording(self) -> rules.Wording | None:
        """The wording that holds; None when it cannot be read."""
        return self.agreed.wordings[-1] if self.agreed.wordings else None


@dataclass(frozen=True)
class OfWeek:
    """The agreements that a week shows: those from before, which are looked at first, and those made in it."""

    earlier: tuple[MyAgreement, ...]
    new: tuple[MyAgreement, ...]

    @property
    def has_mine(self) -> bool:
        """Whether the reader has made theirs of this week."""
        return any(agreement.is_mine for agreement in self.new)


def find_of_week(space: MySpace, week_on: date) -> OfWeek:
    """The newest agreements of the space that live, and those that this week’s look-back has ended. One statement."""
    found = _open(read(_OF_WEEK, member_id=space.member_id, space_id=space.id, week_on=week_on), space.member_id)
    return OfWeek(
        earlier=tuple(agreement for agreement in found if agreement.week_on < week_on),
        new=tuple(agreement for agreement in found if agreement.week_on == week_on and not agreement.ended),
    )


def find_page(member_id: int, page: int) -> list[MyAgreement]:
    """A page of the member's agreements in all their spaces, and one more if there is another page. One statement.

    Those that live come first, and the newest first among them and among those that ended.
    """
    return _open(read(_LISTED, member_id=member_id, skipped=rules.PAGE * (page - 1)), member_id)


def find_all(member_id: int) -> list[MyAgreement]:
    """Every agreement of every space that the member has or had a seat in, the oldest first."""
    return _open(read(_ALL, member_id=member_id), member_id)


def my_agreement(agreement_id: int) -> MyAgreement:
    """One living agreement of the space in which the signed-in member sits, or 404."""
    if not current_user.is_authenticated or agreement_id > MAX_ID:
        abort(404)
    found = _open(read(_ONE, member_id=current_user.id, agreement_id=agreement_id), current_user.id)
    if not found:
        abort(404)
    return found[0]


def _open(rows: Iterable[Row[Any]], member_id: int) -> list[MyAgreement]:
    return [
        MyAgreement(
            id=row.id,
            name=row.name,
            is_mine=row.member_id == member_id,
            week_on=row.week_on,
            looked_on=row.looked_on,
            agreed=(agreed := open_agreed(row.key_id, row.id, row.sealed)),
            ended=_how_it_ended(row, agreed),
            said=open_look_back(row.own_key, row.id, row.sealed_look_back),
        )
        for row in rows
    ]


def _how_it_ended(row: Row[Any], agreed: rules.Agreed) -> str:
    if row.is_living:
        return rules.ENDED_WITH_SPACE if row.ended_at is not None else ""
    return agreed.ended or rules.WITHDRAWN
