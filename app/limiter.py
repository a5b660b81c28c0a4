"""Limits on guessing, counted in the database so that several processes share them."""

import hashlib
import hmac
from datetime import datetime

from flask import current_app
from sqlalchemy import Integer, String, text
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.db import db, transaction


class Attempt(db.Model):  # type: ignore[name-defined]  # flask-sqlalchemy builds the base at run time
    """How often something was tried in one clock hour. The key is a keyed hash: no address lies here in clear."""

    __tablename__ = "attempt"

    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    hour: Mapped[int] = mapped_column(Integer, primary_key=True, index=True)
    count: Mapped[int] = mapped_column(Integer)


_CLAIM = text(
    "INSERT INTO attempt (key, hour, count) VALUES (:key, :hour, 1)"
    " ON CONFLICT (key, hour) DO UPDATE SET count = attempt.count + 1 RETURNING count"
)
_REFUND = text("UPDATE attempt SET count = count - 1 WHERE key = :key AND hour = :hour AND count > 0")
_PRUNE = text("DELETE FROM attempt WHERE hour < :hour - 1")


def claim(kind: str, subject: str, limit: int, now: datetime) -> bool:
    """Count one try of `kind` by or against `subject` and say whether it is within `limit` tries this clock hour.

    Counting and asking are one statement, so a thousand at once get no more than `limit` between them.
    """
    with transaction() as session:
        return count_try(session, kind, subject, limit, now)


def refund(kind: str, subject: str, now: datetime) -> None:
    """Take one counted try back, because it turned out to be right."""
    with transaction() as session:
        take_back(session, kind, subject, now)


def count_try(session: Session, kind: str, subject: str, limit: int, now: datetime) -> bool:
    """What `claim` does, inside a transaction that is open. Does not commit."""
    count: int = session.execute(_CLAIM, _row(kind, subject, now)).scalar_one()
    if count == 1:
        session.execute(_PRUNE, {"hour": _hour(now)})  # a new row pays for removing the old ones
    return count <= limit


def take_back(session: Session, kind: str, subject: str, now: datetime) -> None:
    """What `refund` does, inside a transaction that is open. Does not commit."""
    session.execute(_REFUND, _row(kind, subject, now))


def seconds_left(now: datetime) -> int:
    """Seconds until the clock hour of the limits is over, for Retry-After."""
    return 3600 - int(now.timestamp()) % 3600


def _hour(now: datetime) -> int:
    return int(now.timestamp()) // 3600


def _row(kind: str, subject: str, now: datetime) -> dict[str, str | int]:
    secret = current_app.config["SECRET_KEY"].encode()
    key = hmac.new(secret, f"{kind}|{subject}".encode(), hashlib.sha256).hexdigest()
    return {"key": key, "hour": _hour(now)}
