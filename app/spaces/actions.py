"""What members can do to the spaces they sit in."""

import secrets
from collections import defaultdict
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.accounts.models import Member
from app.db import new_id, transaction
from app.keys import create_key, seal
from app.spaces import rules
from app.spaces.models import Invitation, Schedule, Seat, Space
from app.spaces.sealing import open_topics, seal_topics


def open_solo_space(member_id: int, zone: str, now: datetime) -> None:
    """Give a member without an active space one of their own. Two requests at once make one space between them."""
    try:
        with transaction() as session:
            add_solo_space(session, member_id, zone, now)
    except IntegrityError:
        return  # the other request was first, and its space is the one


def add_solo_space(session: Session, member_id: int, zone: str, now: datetime) -> Space:
    """Add a space of one's own with the usual schedule in the member's zone. Does not commit."""
    return add_space(
        session,
        [member_id],
        weekday=rules.DEFAULT_WEEKDAY,
        minute=rules.DEFAULT_MINUTE,
        zone=zone,
        length=rules.DEFAULT_LENGTH,
        now=now,
    )


def add_space(
    session: Session, member_ids: list[int], *, weekday: int, minute: int, zone: str, length: str, now: datetime
) -> Space:
    """Add a space with a seat for each member. Its first check-in is due at once. Does not commit.

    Raises IntegrityError when one of them still holds an active seat elsewhere.
    """
    space = Space(id=new_id(), key_id=create_key(session), created_at=now)
    session.add(space)
    session.flush()
    keys = session.execute(select(Member.id, Member.key_id).where(Member.id.in_(member_ids)))
    for member_id, key_id in keys.all():
        nothing = seal_topics(key_id, space.id, member_id, ())
        session.add(Seat(space_id=space.id, member_id=member_id, joined_at=now, sealed_topics=nothing))
    session.add(Schedule(space_id=space.id, weekday=weekday, minute=minute, zone=zone, length=length, next_due_at=now))
    session.flush()
    return space


def set_schedule(space_id: int, *, weekday: int, minute: int, zone: str, length: str, now: datetime) -> bool:
    """Change a space's weekly time and the length of its check-ins, for everybody in it.

    A check-in that is due already stays due. False, and nothing is changed, when the space has ended.
    """
    with transaction() as session:
        schedule = session.execute(select(Schedule).where(Schedule.space_id == space_id).with_for_update()).scalar_one()
        if schedule.next_due_at is None:
            return False
        schedule.weekday, schedule.minute, schedule.zone, schedule.length = weekday, minute, zone, length
        schedule.next_due_at = rules.keep_or_move(schedule.next_due_at, now, weekday, minute, zone)
        return True


def choose_topics(space_id: int, member_id: int, topics: frozenset[str]) -> bool:
    """Keep which topics a member has switched on, for the next check-in that opens.

    Every seat of the space is sealed anew, so that two copies of the database do not tell whose choice changed. The
    space's row is locked, as it is by whoever leaves. False, and nothing is changed, when the space has ended.
    """
    with transaction() as session:
        ended_at = session.execute(
            select(Space.ended_at).where(Space.id == space_id).with_for_update(key_share=True)
        ).scalar_one()
        if ended_at is not None:
            return False
        for chosen_by, chosen in read_topics(session, space_id).items():
            key_id = session.execute(select(Member.key_id).where(Member.id == chosen_by)).scalar_one()
            sealed = seal_topics(key_id, space_id, chosen_by, topics if chosen_by == member_id else chosen)
            theirs = update(Seat).where(Seat.space_id == space_id, Seat.member_id == chosen_by)
            session.execute(theirs.values(sealed_topics=sealed))
        return True


def read_topics(session: Session, space_id: int) -> dict[int, frozenset[str]]:
    """What everybody who sits in a space has switched on, by member id. One statement. Never for a page."""
    rows = session.execute(
        select(Seat.member_id, Seat.sealed_topics, Member.key_id)
        .join(Member, Member.id == Seat.member_id)
        .where(Seat.space_id == space_id, Seat.left_at.is_(None))
        .order_by(Seat.member_id)
    )
    return {row.member_id: open_topics(row.key_id, space_id, row.member_id, row.sealed_topics) for row in rows.all()}


def make_invitation(member_id: int, key_id: int, now: datetime) -> bool:
    """Offer to share a new space, by a link that works once within 7 days. An earlier link stops working.

    False, and nothing is changed, for a member who shares a space already: they must leave it first.
    """
    code, invitation_id = secrets.token_urlsafe(24), new_id()
    with transaction() as session:
        _lock_members(session, [member_id])
        if _is_shared(_read_seats(session, [member_id])):
            return False
        session.execute(delete(Invitation).where(Invitation.member_id == member_id, Invitation.expires_at <= now))
        withdraw_invitations(session, [member_id], now)
        session.add(
            Invitation(
                id=invitation_id,
                member_id=member_id,
                code_hash=rules.hash_code(code),
                sealed_code=seal(key_id, f"invitation|code|{invitation_id}", code),
                created_at=now,
                expires_at=now + rules.INVITATION_LASTS,
            )
        )
        return True


def withdraw_invitation(member_id: int, now: datetime) -> None:
    """Take back what a member has offered; the link stops working at once."""
    with transaction() as session:
        withdraw_invitations(session, [member_id], now)


def withdraw_invitations(session: Session, member_ids: Collection[int], now: datetime) -> None:
    """Take back every open invitation that one of the members has made. Does not commit."""
    session.execute(
        update(Invitation).where(Invitation.member_id.in_(member_ids), Invitation.is_open(now)).values(withdrawn_at=now)
    )


def accept_invitation(invitation_id: int, inviter_id: int, member_id: int, now: datetime) -> bool:
    """Seat inviter and member in a new space with the inviter's schedule, and end the spaces they had for themselves.

    False, and nothing is changed, when the invitation works no more or one of the two shares a space already, be it
    with the other. However many accept at the same instant, exactly one space with two seats comes of it.
    """
    both = [inviter_id, member_id]
    if inviter_id == member_id:
        return False
    with transaction() as session:
        _lock_members(session, both)
        seats = _read_seats(session, both)
        if _is_shared(seats) or not _claim_invitation(session, invitation_id, now):
            return False
        schedule = session.execute(
            select(Schedule.weekday, Schedule.minute, Schedule.zone, Schedule.length)
            .join(Seat, Seat.space_id == Schedule.space_id)
            .where(Seat.member_id == inviter_id, Seat.left_at.is_(None))
        ).one()
        end_spaces(session, list(seats), now)
        withdraw_invitations(session, both, now)
        add_space(session, both, **schedule._mapping, now=now)
        return True


def leave_space(space_id: int, now: datetime) -> None:
    """End a shared space at once. Each of the two has a space of their own again, and nobody is told."""
    with transaction() as session:
        part(session, space_id, now)


def part(session: Session, space_id: int, now: datetime) -> None:
    """End a space and give each of its members a new one of their own. Does not commit.

    A space that has ended already stays as it is, so that two who leave at the same instant both succeed.
    """
    member_ids = session.execute(select(Seat.member_id).where(Seat.space_id == space_id)).scalars().all()
    zones = _lock_members(session, member_ids)
    ended_at = session.execute(
        select(Space.ended_at).where(Space.id == space_id).with_for_update(key_share=True)
    ).scalar_one()
    if ended_at is not None:
        return
    weekly = session.execute(
        select(Schedule.weekday, Schedule.minute, Schedule.zone, Schedule.length).where(Schedule.space_id == space_id)
    ).one()
    end_spaces(session, [space_id], now)
    for member_id in zones:  # the same weekly time as before, so that no mail tells by its hour that somebody left
        add_space(session, [member_id], **weekly._asdict(), now=now)


def end_spaces(session: Session, space_ids: Collection[int], now: datetime) -> None:
    """Empty every seat of the spaces; nothing falls due in them any more. Does not commit.

    What was revealed in them stays readable for those who sat there, and every draft for its writer.
    """
    session.execute(update(Space).where(Space.id.in_(space_ids)).values(ended_at=now))
    session.execute(update(Seat).where(Seat.space_id.in_(space_ids)).values(left_at=now, sealed_topics=None))
    session.execute(update(Schedule).where(Schedule.space_id.in_(space_ids)).values(next_due_at=None))


def _lock_members(session: Session, member_ids: Collection[int]) -> dict[int, str]:
    """Let nobody else move these members until the transaction ends; returns the zone of each.

    Everything that empties or fills a seat begins here, and in the order of the ids, so no two can wait for each other.
    On PostgreSQL it is FOR NO KEY UPDATE: rows that point to a member may be added meanwhile, such as an entry.
    """
    rows = session.execute(
        select(Member.id, Member.zone)
        .where(Member.id.in_(member_ids))
        .order_by(Member.id)
        .with_for_update(key_share=True)
    )
    return {row.id: row.zone for row in rows}


def _read_seats(session: Session, member_ids: Collection[int]) -> dict[int, set[int]]:
    """The active spaces in which the members sit, each with the ids of everybody who sits there."""
    theirs = select(Seat.space_id).where(Seat.member_id.in_(member_ids), Seat.left_at.is_(None))
    rows = session.execute(
        select(Seat.space_id, Seat.member_id).where(Seat.space_id.in_(theirs), Seat.left_at.is_(None))
    )
    seats: dict[int, set[int]] = defaultdict(set)
    for space_id, member_id in rows:
        seats[space_id].add(member_id)
    return seats


def _is_shared(seats: dict[int, set[int]]) -> bool:
    return any(len(people) > 1 for people in seats.values())


def _claim_invitation(session: Session, invitation_id: int, now: datetime) -> bool:
    """Use an invitation up, by one conditional UPDATE. False when somebody was first or its time is over."""
    claimed = session.execute(
        update(Invitation).where(Invitation.id == invitation_id, Invitation.is_open(now)).values(used_at=now)
    )
    return claimed.rowcount == 1
