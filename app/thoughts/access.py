"""Loads a member's own thoughts. Nobody else's can be asked for."""

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from app.db import read
from app.thoughts.models import Thought
from app.thoughts.quotes import title_of
from app.thoughts.rules import AT_HAND, Kept
from app.thoughts.sealing import open_thought

_THOUGHTS = (
    select(Thought.id, Thought.key_id, Thought.sealed, func.count().over().label("total"))
    .where(Thought.member_id == bindparam("member_id"))
    .order_by(Thought.number.desc())
)
_NEWEST = _THOUGHTS.limit(AT_HAND)


@dataclass(frozen=True)
class MyThought:
    """A thought as its writer sees it. `title` names the page its paragraph is from; empty when that page is gone."""

    id: int
    kept: Kept
    title: str


@dataclass(frozen=True)
class AtHand:
    """A member's newest thoughts that can be read, and how many they keep in all."""

    newest: tuple[tuple[int, Kept], ...]
    total: int


def find_thoughts(member_id: int) -> list[MyThought]:
    """All of a member's thoughts, the newest first. One statement."""
    opened = [(row.id, open_thought(row)) for row in read(_THOUGHTS, member_id=member_id)]
    return [MyThought(id, kept, title_of(kept.quote) if kept.quote else "") for id, kept in opened]


def find_newest(member_id: int) -> AtHand:
    """What a member has at hand while they write an answer. One statement, and few are unsealed."""
    rows = read(_NEWEST, member_id=member_id).all()
    opened = [(row.id, open_thought(row)) for row in rows]
    readable = tuple((id, kept) for id, kept in opened if not kept.is_unreadable)
    return AtHand(readable, rows[0].total if rows else 0)
