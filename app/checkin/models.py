"""Check-ins and what two people wrote in them, sealed."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import ID, UTCDateTime, db, new_id


class CheckIn(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """A space's week. `week_on` is the Monday of its ISO week; `prompts` holds prompt ids in the order of the cards.

    `remind_at` is set when the space's time has come for this check-in and emptied when its reminders are planned.
    """

    __tablename__ = "check_in"
    __table_args__ = (
        UniqueConstraint("space_id", "week_on"),
        Index(
            "ix_check_in_to_remind",
            "remind_at",
            sqlite_where=text("remind_at IS NOT NULL"),
            postgresql_where=text("remind_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"))
    week_on: Mapped[date] = mapped_column(Date)
    prompts: Mapped[list[Any]] = mapped_column(JSON)
    opened_at: Mapped[datetime] = mapped_column(UTCDateTime)
    due_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    remind_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revealed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Entry(db.Model):  # type: ignore[name-defined]
    """One member's part of a check-in: a draft until `submitted_at` is set. `version` counts its saves.

    Ratings stay sealed with the member's own key, before and after the reveal. `is_shared`, `is_carried` and
    `deleted_at` say what the member did with an entry whose week ended unrevealed; a deleted one can be brought back
    for ten minutes. Of a revealed week only the member's own copy is deleted: `is_discarded`, once the ten minutes are
    over.
    """

    __tablename__ = "entry"
    __table_args__ = (
        UniqueConstraint("check_in_id", "member_id"),
        Index(
            "ix_entry_deleted_at",
            "deleted_at",
            sqlite_where=text("deleted_at IS NOT NULL"),
            postgresql_where=text("deleted_at IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    check_in_id: Mapped[int] = mapped_column(ForeignKey("check_in.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    version: Mapped[int] = mapped_column(default=0)
    sealed_ratings: Mapped[bytes | None] = mapped_column(LargeBinary)
    ratings_version: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    is_carried: Mapped[bool] = mapped_column(default=False, server_default=false())
    deleted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    is_discarded: Mapped[bool] = mapped_column(default=False, server_default=false())


class Answer(db.Model):  # type: ignore[name-defined]
    """The text to one prompt, sealed with its writer's key until the reveal and with the space's key after it.

    An answer whose prompt its check-in does not ask was carried along from an earlier week.
    `version` is the entry's version when this answer was last changed.
    """

    __tablename__ = "answer"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    prompt: Mapped[str] = mapped_column(String(80), primary_key=True)
    key_id: Mapped[int] = mapped_column(ForeignKey("key.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    version: Mapped[int]


class Addition(db.Model):  # type: ignore[name-defined]
    """What its writer added to an answer after the reveal, sealed with the space's key. The answer never changes."""

    __tablename__ = "addition"

    entry_id: Mapped[int] = mapped_column(ForeignKey("entry.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    prompt: Mapped[str] = mapped_column(String(80))
    key_id: Mapped[int] = mapped_column(ForeignKey("key.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
