"""Decisions about accounts: how long things last and how they are hashed before they are stored."""

import hashlib
from datetime import datetime, timedelta

SIGN_IN_SLIDES = timedelta(days=90)  # since it was last used
SIGN_IN_LASTS = timedelta(days=365)  # since it began, used or not
SIGN_IN_REFRESH = timedelta(days=1)  # how often a use is written down


def hash_token(token: str) -> str:
    """SHA-256 of a random token of at least 128 bits, as hex: enough, since nobody can guess the token itself."""
    return hashlib.sha256(token.encode()).hexdigest()


def sign_in_expires(created_at: datetime, now: datetime) -> datetime:
    """When a sign-in ends that began at `created_at` and is used `now`: 90 days on, but one year at most."""
    return min(now + SIGN_IN_SLIDES, created_at + SIGN_IN_LASTS)
