"""Thoughts between clear and sealed: each is bound to its row and column."""

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row

from app.keys import Unreadable, seal, unseal
from app.thoughts.rules import Kept, Quote


def seal_thought(key_id: int, thought_id: int, words: str, quote: Quote | None) -> bytes:
    """A thought, sealed for its row: where it was read as well as what was written."""
    return seal(key_id, _place(thought_id), json.dumps({"words": words, "quote": asdict(quote) if quote else None}))


def open_thought(row: Row[Any]) -> Kept:
    """The thought in a row; marked unreadable, and empty, when its key does not open it."""
    try:
        content = json.loads(unseal(row.key_id, _place(row.id), row.sealed))
    except Unreadable:
        return Kept(is_unreadable=True)
    return Kept(content["words"], Quote(**content["quote"]) if content["quote"] else None)


def _place(thought_id: int) -> str:
    return f"thought|sealed|{thought_id}"
