"""Deleting an account."""

from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from app import keys
from app.accounts.models import AddressChange, Joining, Member, Reset, SignIn
from app.agreements.actions import forget_member as forget_agreements
from app.checkin.records import forget_member
from app.db import db, transaction
from app.mail import FileTransport, postman
from app.notes.models import Note, NoteLock
from app.privacy.rules import NOBODYS_TIME
from app.proposals.actions import forget_member as forget_proposals
from app.reminders.models import Delivery, ReminderChoice
from app.spaces.actions import part
from app.spaces.models import Invitation, Seat, Space
from app.thoughts.models import Thought

# Rows with a `member_id`.
THEIRS_ALONE = (SignIn, Reset, AddressChange, Invitation, Delivery, ReminderChoice, Thought, Note, NoteLock)


def delete_account(member_id: int, now: datetime) -> None:
    """Delete a member's account, all of it or nothing.

    What was revealed to a partner stays with them. Everything else goes with its key: unrevealed words, ratings,
    thoughts, notes, invitations, reminders, sign-ins. A space that they share ends as if they had left. Of the account
    only its id is left, and spaces in which nobody has an account any more go as a whole.
    """
    with transaction() as session:
        _lock_with_partners(session, member_id)
        member = session.get_one(Member, member_id)
        email, key_id = member.email, member.key_id
        if email is None or key_id is None:
            return  # another device was first
        seat = select(Seat.space_id).where(Seat.member_id == member_id, Seat.left_at.is_(None))
        space_id = session.execute(seat).scalar()
        if space_id is not None:
            part(session, space_id, now)
        forget_member(session, member_id)
        forget_agreements(session, member_id)
        forget_proposals(session, member_id)
        for table in THEIRS_ALONE:
            session.execute(delete(table).where(table.member_id == member_id))
        session.execute(delete(Joining).where(Joining.email == email))
        _empty(member)
        session.flush()
        keys.shred_key(session, key_id)
        _delete_spaces_of_nobody(session, member_id)
    _sweep(email)


def _lock_with_partners(session: Session, member_id: int) -> None:
    """Let nobody else seat, part or delete these people meanwhile. Always in the order of the ids: see spaces."""
    mine = select(Seat.space_id).where(Seat.member_id == member_id)
    partners = select(Seat.member_id).where(Seat.space_id.in_(mine))
    session.execute(
        select(Member.id)
        .where(or_(Member.id == member_id, Member.id.in_(partners)))
        .order_by(Member.id)
        .with_for_update(key_share=True)
    )


def _empty(member: Member) -> None:
    """Take everything out of the row but its id, to which a partner's revealed weeks point."""
    member.email = member.key_id = None
    member.name = member.password_hash = ""
    member.zone = "UTC"
    member.created_at = NOBODYS_TIME


def _delete_spaces_of_nobody(session: Session, member_id: int) -> None:
    """Delete the member's spaces in which nobody has an account any more, and the keys of what was revealed there."""
    mine = select(Seat.space_id).where(Seat.member_id == member_id)
    held = select(Seat.space_id).join(Member, Member.id == Seat.member_id).where(Member.email.is_not(None))
    rows = session.execute(select(Space.id, Space.key_id).where(Space.id.in_(mine), Space.id.not_in(held))).all()
    session.execute(delete(Space).where(Space.id.in_([row.id for row in rows])))
    for row in rows:
        keys.shred_key(session, row.key_id)


def _sweep(email: str) -> None:
    """Take what was deleted out of SQLite's write-ahead log too, and out of the folder of a server without SMTP.

    Somebody who reads all the while can keep the log from being emptied; then SQLite writes over it in time.
    """
    if db.engine.dialect.name == "sqlite":
        connection = db.engine.raw_connection()
        try:
            connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()
    transport = postman().transport
    if isinstance(transport, FileTransport):
        transport.forget(email)
