"""Answers and ratings between clear and sealed: what is bound to which row and column."""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import Row

from app.checkin.models import Addition, Answer, Entry
from app.checkin.rules import RATINGS, Added, Stamp, Words
from app.keys import Unreadable, seal, unseal


def seal_answer(key_id: int, entry_id: int, prompt: str, words: Words) -> bytes:
    """Text, want and stamp of one answer, sealed for its row and column."""
    content = {"text": words.text, "want": words.want} | _write_stamp(words.stamp)
    return seal(key_id, _answer_place(entry_id, prompt), json.dumps(content))


def open_answer(answer: Answer | Row[Any]) -> Words:
    """The words of an answer; marked unreadable, and empty, when its key does not open it."""
    try:
        content = json.loads(unseal(answer.key_id, _answer_place(answer.entry_id, answer.prompt), answer.sealed))
    except Unreadable:
        return Words(version=answer.version, is_unreadable=True)
    return Words(content["text"], content["want"], answer.version, stamp=_read_stamp(content))


def seal_addition(key_id: int, entry_id: int, number: int, added: Added) -> bytes:
    """What was added to an answer, and on which day, sealed for its row."""
    content = {"text": added.text, "on": added.on.isoformat() if added.on else ""}
    return seal(key_id, _addition_place(entry_id, number), json.dumps(content))


def open_addition(addition: Addition | Row[Any]) -> Added:
    """What was added to an answer; empty when its key does not open it."""
    try:
        content = json.loads(
            unseal(addition.key_id, _addition_place(addition.entry_id, addition.number), addition.sealed)
        )
    except Unreadable:
        return Added("", None)
    return Added(content["text"], date.fromisoformat(content["on"]))


def seal_ratings(key_id: int, entry_id: int, ratings: Mapping[str, int], stamp: Stamp) -> bytes:
    """A member's ratings of one check-in, sealed with their own key. No other key ever seals them."""
    return seal(key_id, _ratings_place(entry_id), json.dumps({**ratings, **_write_stamp(stamp)}))


def open_ratings(key_id: int, entry: Entry | Row[Any]) -> dict[str, int]:
    """Ratings by name, 1 to 7; those not given are left out. Empty when they cannot be read."""
    stored = _open_ratings(key_id, entry)
    return {name: stored[name] for name in RATINGS if stored.get(name)}


def stamp_of_ratings(key_id: int, entry: Entry) -> Stamp:
    """Which save the stored ratings are from."""
    return _read_stamp(_open_ratings(key_id, entry))


def _open_ratings(key_id: int, entry: Entry | Row[Any]) -> dict[str, Any]:
    if entry.sealed_ratings is None:
        return {}
    try:
        stored: dict[str, Any] = json.loads(unseal(key_id, _ratings_place(entry.id), entry.sealed_ratings))
    except Unreadable:
        return {}
    return stored


def _write_stamp(stamp: Stamp) -> dict[str, Any]:
    return {"page": stamp.page, "turn": stamp.turn} if stamp.page else {}


def _read_stamp(stored: Mapping[str, Any]) -> Stamp:
    return Stamp(stored.get("page", ""), stored.get("turn", 0))


def _ratings_place(entry_id: int) -> str:
    return f"entry|sealed_ratings|{entry_id}"


def _addition_place(entry_id: int, number: int) -> str:
    return f"addition|sealed|{entry_id}|{number}"


def _answer_place(entry_id: int, prompt: str) -> str:
    return f"answer|sealed|{entry_id}|{prompt}"
