"""Private notes, locked in the browser: what lies here opens with nothing that the server has."""

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import ID, db


class NoteLock(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """What a member's passphrase is tried on. See app/notes/rules.py for the format."""

    __tablename__ = "note_lock"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    salt: Mapped[str] = mapped_column(String(24))
    rounds: Mapped[int]
    proof: Mapped[str] = mapped_column(Text)


class Note(db.Model):  # type: ignore[name-defined]
    """One note. No time is stored, and no title: both lie in the envelope.

    The id is the browser's choice, because the envelope is bound to it. It names a note of this member alone, so
    nobody can find out whether another's has the same.
    """

    __tablename__ = "note"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False)
    version: Mapped[int]
    envelope: Mapped[str] = mapped_column(Text)
