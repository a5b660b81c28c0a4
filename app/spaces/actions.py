"""What members can do to the spaces they sit in."""

from datetime import datetime

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.db import new_id, transaction
from app.keys import create_key
from app.spaces import rules
from app.spaces.models import Schedule, Seat, Space


def open_solo_space(member_id: int, zone: str, now: datetime) -> None:
    """Give a member without an active space one of their own. Two requests at once make one space between them."""
    try:
        with transaction() as session:
            add_space(
                session,
                [member_id],
                weekday=rules.DEFAULT_WEEKDAY,
                minute=rules.DEFAULT_MINUTE,
                zone=zone,
                length=rules.DEFAULT_LENGTH,
                now=now,
            )
    except IntegrityError:
        return  # the other request was first, and its space is the one


def add_space(
    session: Session, member_ids: list[int], *, weekday: int, minute: int, zone: str, length: str, now: datetime
) -> Space:
    """Add a space with a seat for each member. Its first check-in is due at once. Does not commit.

    Raises IntegrityError when one of them still holds an active seat elsewhere.
    """
    space = Space(id=new_id(), key_id=create_key(session), created_at=now)
    session.add(space)
    session.flush()
    session.add_all(Seat(space_id=space.id, member_id=member_id, joined_at=now) for member_id in member_ids)
    session.add(Schedule(space_id=space.id, weekday=weekday, minute=minute, zone=zone, length=length, next_due_at=now))
    session.flush()
    return space
