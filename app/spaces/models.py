"""Spaces, the seats in them, invitations, and each space's weekly schedule."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, Index, LargeBinary, String, and_, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import ID, UTCDateTime, db, new_id


class Space(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """Where check-ins live. `key_id` names the key of everything revealed in it."""

    __tablename__ = "space"

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    key_id: Mapped[int] = mapped_column(ForeignKey("key.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Seat(db.Model):  # type: ignore[name-defined]
    """A member's place in a space. The index lets a member hold exactly one seat that is not left.

    `sealed_topics` is what this member has switched on here, sealed with their own key. Every seat has it from the
    beginning, also where nothing is on, and loses it when the space ends: a choice is for the one it was made with.
    """

    __tablename__ = "seat"
    __table_args__ = (
        Index(
            "uq_seat_active_member",
            "member_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), primary_key=True, index=True)
    joined_at: Mapped[datetime] = mapped_column(UTCDateTime)
    left_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    sealed_topics: Mapped[bytes | None] = mapped_column(LargeBinary)


class Schedule(db.Model):  # type: ignore[name-defined]
    """A space's weekly time. Weekday, minute and zone are the truth; `next_due_at` is worked out from them.

    `weekday` 0 is Monday, `minute` counts from local midnight. `next_due_at` is empty once the space has ended.
    """

    __tablename__ = "schedule"

    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), primary_key=True)
    weekday: Mapped[int]
    minute: Mapped[int]
    zone: Mapped[str] = mapped_column(String(64))
    length: Mapped[str] = mapped_column(String(8))
    next_due_at: Mapped[datetime | None] = mapped_column(UTCDateTime, index=True)


class Invitation(db.Model):  # type: ignore[name-defined]
    """An offer to share a new space. The code is found by its hash; `sealed_code` lets its maker see it again."""

    __tablename__ = "invitation"

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    sealed_code: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    withdrawn_at: Mapped[datetime | None] = mapped_column(UTCDateTime)

    @classmethod
    def is_open(cls, now: datetime) -> ColumnElement[bool]:
        """The condition that an invitation may still be accepted `now`."""
        return and_(cls.used_at.is_(None), cls.withdrawn_at.is_(None), cls.expires_at > now)
