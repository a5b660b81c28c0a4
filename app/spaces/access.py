"""my_space(): the only door to what two people share. Who has no seat gets 404, never a reason.

Beside it: what a member may know of invitations, and which spaces they have ever had a seat in.
"""

from dataclasses import dataclass
from datetime import datetime

from flask import abort
from flask_login import current_user
from sqlalchemy import bindparam, exists, select
from sqlalchemy.orm import aliased

from app import clock
from app.accounts.models import Member
from app.db import db, read
from app.keys import unseal
from app.spaces import actions, rules
from app.spaces.models import Invitation, Schedule, Seat, Space
from app.spaces.sealing import open_topics

_mine = aliased(Seat)
_SPACE_OF = (
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
    .select_from(_mine)
    .join(Space, Space.id == _mine.space_id)
    .join(Schedule, Schedule.space_id == Space.id)
    .join(Seat, (Seat.space_id == Space.id) & Seat.left_at.is_(None))
    .join(Member, Member.id == Seat.member_id)
    .where(_mine.member_id == bindparam("member_id"), _mine.left_at.is_(None))
)


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
    rows = read(_SPACE_OF, member_id=member_id).all()
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


def my_topics(space: MySpace) -> frozenset[str]:
    """What the signed-in member has switched on in their space. Nobody else's choice leaves the database."""
    row = db.session.execute(
        select(Seat.sealed_topics, Member.key_id)
        .join(Member, Member.id == Seat.member_id)
        .where(Seat.space_id == space.id, Seat.member_id == space.member_id)
    ).one()
    return open_topics(row.key_id, space.id, space.member_id, row.sealed_topics)


def my_space_ids(member_id: int) -> list[int]:
    """Every space in which the member has or had a seat, the oldest first. One statement."""
    mine = select(Seat.space_id).where(Seat.member_id == member_id).order_by(Seat.joined_at, Seat.space_id)
    return list(db.session.execute(mine).scalars())


def is_newly_alone(member_id: int, now: datetime) -> bool:
    """Whether a space that the member shared has ended within the last 30 days. The same for both who shared it."""
    other = aliased(Seat)
    was_shared = exists().where(other.space_id == Seat.space_id, other.member_id != member_id)
    ended = exists().where(Seat.member_id == member_id, Seat.left_at > now - rules.ENDING_SHOWS, was_shared)
    return bool(db.session.execute(select(ended)).scalar())


@dataclass(frozen=True)
class MyInvitation:
    """The open invitation that a member has made, as its maker may see it again."""

    code: str
    expires_at: datetime


def find_my_invitation(member_id: int, key_id: int, now: datetime) -> MyInvitation | None:
    """The invitation that the member has made and that still works, or None."""
    row = db.session.execute(
        select(Invitation.id, Invitation.sealed_code, Invitation.expires_at)
        .where(Invitation.member_id == member_id, Invitation.is_open(now))
        .order_by(Invitation.created_at.desc())
    ).first()
    if row is None:
        return None
    return MyInvitation(unseal(key_id, f"invitation|code|{row.id}", row.sealed_code), row.expires_at)


@dataclass(frozen=True)
class Invited:
    """An invitation as whoever opens its link may know it. `standing` is what it is to them: see the rule."""

    id: int
    inviter_id: int
    inviter_name: str
    standing: str


def find_invitation(code: str, space: MySpace | None, now: datetime) -> Invited | None:
    """The invitation behind a link for the member who sits in `space`; None when there never was one."""
    row = db.session.execute(
        select(Invitation.id, Invitation.member_id, Member.name, Invitation.is_open(now).label("is_open"))
        .join(Member, Member.id == Invitation.member_id)
        .where(Invitation.code_hash == rules.hash_code(code))
    ).first()
    if row is None:
        return None
    standing = rules.judge_invitation(
        is_open=bool(row.is_open),
        inviter_id=row.member_id,
        member_id=space.member_id if space else None,
        partner_id=space.partner_id if space else None,
    )
    return Invited(row.id, row.member_id, row.name, standing)
