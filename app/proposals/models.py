"""Questions that members propose for their check-in, sealed."""

from datetime import date

from sqlalchemy import Date, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import ID, db, new_id


class Proposal(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """A question of the members' own, sealed with the space's key: it is meant to be read by both.

    `state` is proposed, asked or retired. `sealed_answer` holds whether the other declined, sealed with the space's
    key too, and is there from the beginning: nothing in the row tells a declined question from one that waits. Which
    day it was proposed is stored, since one a day is allowed; when somebody agreed is not.
    """

    __tablename__ = "proposal"

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    space_id: Mapped[int] = mapped_column(ForeignKey("space.id", ondelete="CASCADE"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id"), index=True)
    proposed_on: Mapped[date] = mapped_column(Date)
    state: Mapped[str] = mapped_column(String(8))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_answer: Mapped[bytes] = mapped_column(LargeBinary)
