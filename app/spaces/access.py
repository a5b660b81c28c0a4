"""my_space(): the only door to what two people share. Who has no seat gets 404, never a reason."""

from dataclasses import dataclass
from datetime import datetime

from flask import abort
from flask_login import current_user
from sqlalchemy import select

from app import clock
from app.accounts.models import Member
from app.db import db
from app.spaces import actions
from app.spaces.models import Schedule, Seat, Space


@dataclass(frozen=True)
class MySpace:
    """The signed-in member's active space as a view may know it. `partner_name` is empty in a solo space."""

    id: int
    key_id: int
    member_id: int
    member_name: str
    partner_id: int | None
    partner_name: str
    created_at: datetime
    weekday: int
    minute: int
    zone: str
    length: str
    next_due_at: datetime

    @property
    def is_couple(self) -> bool:
        return self.partner_id is not None


def my_space() -> MySpace:
    """The active space of the signed-in member. A member without one gets a solo space now. Signed out: 404."""
    if not current_user.is_authenticated:
        abort(404)
    found = find_space_of(current_user.id)
    if found is None:
        actions.open_solo_space(current_user.id, current_user.zone, clock.utcnow())
        found = find_space_of(current_user.id)
    if found is None:
        abort(404)
    return found


def find_space_of(member_id: int) -> MySpace | None:
    """The active space of a member, or None. One statement."""
    mine = select(Seat.space_id).where(Seat.member_id == member_id, Seat.left_at.is_(None)).scalar_subquery()
    rows = db.session.execute(
        select(
            Space.id,
            Space.key_id,
            Space.created_at,
            Schedule.weekday,
            Schedule.minute,
            Schedule.zone,
            Schedule.length,
            Schedule.next_due_at,
            Member.id.label("member_id"),
            Member.name,
        )
        .join(Schedule, Schedule.space_id == Space.id)
        .join(Seat, Seat.space_id == Space.id)
        .join(Member, Member.id == Seat.member_id)
        .where(Space.id == mine, Seat.left_at.is_(None))
    ).all()
    me = next((row for row in rows if row.member_id == member_id), None)
    if me is None:
        return None
    other = next((row for row in rows if row.member_id != member_id), None)
    return MySpace(
        id=me.id,
        key_id=me.key_id,
        member_id=member_id,
        member_name=me.name,
        partner_id=other.member_id if other else None,
        partner_name=other.name if other else "",
        created_at=me.created_at,
        weekday=me.weekday,
        minute=me.minute,
        zone=me.zone,
        length=me.length,
        next_due_at=me.next_due_at,
    )
