"""Answers and ratings between clear and sealed: what is bound to which row and column."""

import json
from collections.abc import Mapping

from app.checkin.models import Answer, Entry
from app.checkin.rules import RATINGS, Words
from app.keys import Unreadable, seal, unseal


def seal_answer(key_id: int, entry_id: int, prompt: str, words: Words) -> bytes:
    """Text and want of one answer, sealed for its row and column."""
    return seal(key_id, _answer_place(entry_id, prompt), json.dumps({"text": words.text, "want": words.want}))


def open_answer(answer: Answer) -> Words:
    """The words of an answer; marked unreadable, and empty, when its key does not open it."""
    try:
        content = json.loads(unseal(answer.key_id, _answer_place(answer.entry_id, answer.prompt), answer.sealed))
    except Unreadable:
        return Words(version=answer.version, is_unreadable=True)
    return Words(content["text"], content["want"], answer.version)


def seal_ratings(key_id: int, entry_id: int, ratings: Mapping[str, int]) -> bytes:
    """A member's ratings of one check-in, sealed with their own key. No other key ever seals them."""
    return seal(key_id, f"entry|sealed_ratings|{entry_id}", json.dumps(dict(ratings)))


def open_ratings(key_id: int, entry: Entry) -> dict[str, int]:
    """Ratings by name, 1 to 7; those not given are left out. Empty when they cannot be read."""
    if entry.sealed_ratings is None:
        return {}
    try:
        stored = json.loads(unseal(key_id, f"entry|sealed_ratings|{entry.id}", entry.sealed_ratings))
    except Unreadable:
        return {}
    return {name: stored[name] for name in RATINGS if stored.get(name)}


def _answer_place(entry_id: int, prompt: str) -> str:
    return f"answer|sealed|{entry_id}|{prompt}"
