"""Thoughts that members keep for themselves, sealed."""

from sqlalchemy import ForeignKey, LargeBinary, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.db import ID, db, new_id


class Thought(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """A thought of one member, sealed with their key: own words, and the paragraph of the guide it came from.

    `number` counts a member's thoughts, for their order. No time is stored: when somebody reads and broods is theirs.
    """

    __tablename__ = "thought"
    __table_args__ = (UniqueConstraint("member_id", "number"),)

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"))
    number: Mapped[int]
    key_id: Mapped[int] = mapped_column(ForeignKey("key.id"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
