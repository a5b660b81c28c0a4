"""The topics a member has switched on in a space, between clear and sealed: bound to their seat, all of one length."""

import json
from collections.abc import Iterable

from app.keys import Unreadable, seal, unseal


def seal_topics(key_id: int | None, space_id: int, member_id: int, topics: Iterable[str]) -> bytes | None:
    """The topics, sealed with the member's own key. Nothing switched on looks like everything switched on.

    None for an account that is being deleted at this moment: its key is gone.
    """
    try:
        return seal(key_id, _place(space_id, member_id), json.dumps(sorted(topics))) if key_id is not None else None
    except Unreadable:
        return None


def open_topics(key_id: int | None, space_id: int, member_id: int, sealed: bytes | None) -> frozenset[str]:
    """What is switched on. What nobody can read counts as off."""
    if key_id is None or sealed is None:
        return frozenset()
    try:
        return frozenset(json.loads(unseal(key_id, _place(space_id, member_id), sealed)))
    except Unreadable:
        return frozenset()


def _place(space_id: int, member_id: int) -> str:
    return f"seat|sealed_topics|{space_id}|{member_id}"
