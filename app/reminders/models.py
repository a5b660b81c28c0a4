"""The ledger of reminders, and what each member chose about them."""

from datetime import date, datetime

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import ID, UTCDateTime, db, new_id


class Delivery(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """One reminder to one member over one channel for one check-in. The row is the truth; the clock may fail.

    `state` and `reason` are words of rules.py. A row without `settled_at` still has something to happen to it, at
    `next_at` or when its lease ends. `doubts` counts the times it was handed over without an answer.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        UniqueConstraint("check_in_id", "member_id", "channel"),
        Index(
            "ix_delivery_to_do",  # looking for what is due costs the same however many reminders were ever sent
            "next_at",
            sqlite_where=text("settled_at IS NULL"),
            postgresql_where=text("settled_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    check_in_id: Mapped[int] = mapped_column(ForeignKey("check_in.id", ondelete="CASCADE"))
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    channel: Mapped[str] = mapped_column(String(8))
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(String(32), default="")
    due_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    next_at: Mapped[datetime] = mapped_column(UTCDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    doubts: Mapped[int] = mapped_column(default=0)
    lease: Mapped[str] = mapped_column(String(32), default="")
    leased_until: Mapped[datetime | None] = mapped_column(UTCDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ReminderChoice(db.Model):  # type: ignore[name-defined]
    """What one member chose. No row means: by mail, no pause."""

    __tablename__ = "reminder_choice"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    email_on: Mapped[bool] = mapped_column(default=True)
    pause_until: Mapped[date | None] = mapped_column(Date)
