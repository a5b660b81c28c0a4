"""Loads a member's own notes, locked as they are. Nobody else's can be asked for."""

from sqlalchemy import bindparam, select

from app.db import read
from app.notes.models import Note, NoteLock
from app.notes.rules import Lock, Notes, Stored

_NOTES = (
    select(NoteLock.salt, NoteLock.rounds, NoteLock.proof, Note.id, Note.version, Note.envelope)
    .outerjoin(Note, Note.member_id == NoteLock.member_id)
    .where(NoteLock.member_id == bindparam("member_id"))
    .order_by(Note.id)
)


def find_notes(member_id: int) -> Notes:
    """All that the server has of a member's notes. One statement, so that lock and envelopes always fit."""
    rows = read(_NOTES, member_id=member_id).all()
    lock = Lock(rows[0].salt, rows[0].rounds, rows[0].proof) if rows else None
    return Notes(lock, {row.id: Stored(row.version, row.envelope) for row in rows if row.id is not None})
