"""Members, their sign-ins, and the codes and links that are waiting to be used."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.db import ID, UTCDateTime, db, new_id


class Member(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """A person with an account. `key_id` names the key of everything that is theirs alone.

    Of a deleted account only the id is left, because a partner's revealed check-ins point to it: no address, no name.
    """

    __tablename__ = "member"

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    email: Mapped[str | None] = mapped_column(String(254), unique=True)
    name: Mapped[str] = mapped_column(String(60))
    zone: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))
    key_id: Mapped[int | None] = mapped_column(ForeignKey("key.id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class SignIn(db.Model):  # type: ignore[name-defined]
    """One device that is signed in. `id` is the SHA-256 of the cookie's token, so the table opens no account."""

    __tablename__ = "sign_in"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    device: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Joining(db.Model):  # type: ignore[name-defined]
    """Somebody who asked to join and has not typed the mailed code yet. A known address gets such a row too."""

    __tablename__ = "joining"

    id: Mapped[int] = mapped_column(ID, primary_key=True, autoincrement=False, default=new_id)
    email: Mapped[str] = mapped_column(String(254))
    name: Mapped[str] = mapped_column(String(60))
    zone: Mapped[str] = mapped_column(String(64))
    password_hash: Mapped[str] = mapped_column(String(200))
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class Reset(db.Model):  # type: ignore[name-defined]
    """A mailed link for a new password: single use, one hour. `id` is the SHA-256 of its token."""

    __tablename__ = "reset"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)


class AddressChange(db.Model):  # type: ignore[name-defined]
    """A new address waiting for the code that was mailed to it; one at a time a member."""

    __tablename__ = "address_change"

    member_id: Mapped[int] = mapped_column(ForeignKey("member.id", ondelete="CASCADE"), primary_key=True)
    email: Mapped[str] = mapped_column(String(254))
    code_hash: Mapped[str] = mapped_column(String(64))
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
