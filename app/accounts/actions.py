"""What members can do to their accounts."""

import secrets
from datetime import datetime

from sqlalchemy import delete, update

from app.accounts import rules
from app.accounts.models import SignIn
from app.db import transaction


def begin_sign_in(member_id: int, device: str, now: datetime) -> str:
    """Sign a device in and return the token for its cookie, 256 random bits. Only its hash is stored."""
    token = secrets.token_urlsafe(32)
    with transaction() as session:
        session.execute(delete(SignIn).where(SignIn.expires_at <= now))
        session.add(
            SignIn(
                id=rules.hash_token(token),
                member_id=member_id,
                device=device,
                created_at=now,
                seen_at=now,
                expires_at=rules.sign_in_expires(now, now),
            )
        )
    return token


def end_sign_in(token: str) -> None:
    """Sign one device out; its cookie opens nothing from now on."""
    with transaction() as session:
        session.execute(delete(SignIn).where(SignIn.id == rules.hash_token(token)))


def note_use(sign_in_id: str, created_at: datetime, now: datetime) -> None:
    """Let a sign-in that is used last longer: 90 days from now, one year in all."""
    with transaction() as session:
        session.execute(
            update(SignIn)
            .where(SignIn.id == sign_in_id)
            .values(seen_at=now, expires_at=rules.sign_in_expires(created_at, now))
        )
