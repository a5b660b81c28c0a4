"""Agreements that members make after a reveal, sealed."""

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, LargeBinary, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import ID, db, new_id


class Agreement(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """A member's if-then plan, made in the week of `week_on` and sealed with the space's key: both seats read it.

    `sealed_look_back` is what its maker says about it, sealed with the maker's own key until the next reveal, which
    puts it into `sealed`; `looked_on` is the week in which that last happened. The index lets one live per member and
    week. No time is stored: when somebody agreed, changed or withdrew is nobody's business.
    """

    __tablename__ = "agreement"
    __table_args__ = (
        Index(
            "uq_agreement_living",
            "space_id",
            "member_id",
            "week_on",
            unique=True,
            sqlite_where=text("is_living"),
            postgresql_where=text("is_living"),
        ),
    )

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    week_on: Mapped[date] = mapped_column(Date)
    looked_on: Mapped[date | None] = mapped_column(Date)
    is_living: Mapped[bool] = mapped_column(default=True)
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_look_back: Mapped[bytes | None] = mapped_column(LargeBinary)
