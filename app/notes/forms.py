"""What the script of the notes sends: JSON, read into plain values or refused."""

import json
from dataclasses import dataclass
from typing import Any

from app.db import MAX_ID
from app.notes.rules import MOST, MOST_UNSURE, Lock, Stored, is_envelope, is_lock

MOST_SAVES = 2**31 - 1  # the highest version that a column holds


class BadInput(Exception):
    """What was sent does not have the shape of what the script sends."""


@dataclass(frozen=True)
class Save:
    """One note to save. `salt` names the passphrase it is locked with, `version` the state it was changed from."""

    salt: str
    version: int
    envelope: str
    unsure: frozenset[str]


@dataclass(frozen=True)
class Change:
    """A new passphrase: the lock for it, and every note locked anew. `salt` names the one before, empty at first."""

    salt: str
    lock: Lock
    notes: dict[int, Stored]


def read_json(body: bytes) -> dict[str, Any]:
    """The object that was sent. Raises BadInput for anything else, however deeply nested."""
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        raise BadInput from None
    if not isinstance(sent, dict):
        raise BadInput
    return sent


def read_member(sent: dict[str, Any]) -> str:
    """As whom the page was opened."""
    return _text(sent, "member")


def read_save(sent: dict[str, Any]) -> Save:
    unsure = sent.get("unsure", [])
    if not isinstance(unsure, list) or len(unsure) > MOST_UNSURE or not all(isinstance(one, str) for one in unsure):
        raise BadInput
    return Save(_text(sent, "salt"), read_version(sent), _envelope(sent), frozenset(unsure))


def read_version(sent: dict[str, Any]) -> int:
    """The version that the page knows of; 0 for a note that is new."""
    return _number(sent, "version", MOST_SAVES)


def read_change(sent: dict[str, Any]) -> Change:
    lock = Lock(_text(sent, "new_salt"), _number(sent, "rounds", MOST_SAVES), _text(sent, "proof"))
    listed = sent.get("notes")
    if not is_lock(lock) or not isinstance(listed, list) or len(listed) > MOST:
        raise BadInput
    notes = dict(_read_listed(one) for one in listed)
    if len(notes) != len(listed):
        raise BadInput
    return Change(_text(sent, "salt"), lock, notes)


def _read_listed(one: object) -> tuple[int, Stored]:
    if not isinstance(one, dict):
        raise BadInput
    note_id = _text(one, "id")  # too large a number for JavaScript, so it travels as text
    if not (note_id.isascii() and note_id.isdigit() and len(note_id) < 20 and int(note_id) <= MAX_ID):
        raise BadInput
    return int(note_id), Stored(read_version(one), _envelope(one))


def _envelope(sent: dict[str, Any]) -> str:
    envelope = _text(sent, "envelope")
    if not is_envelope(envelope):
        raise BadInput
    return envelope


def _text(sent: dict[str, Any], name: str) -> str:
    value = sent.get(name)
    if not isinstance(value, str):
        raise BadInput
    return value


def _number(sent: dict[str, Any], name: str, most: int) -> int:
    value = sent.get(name)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
        raise BadInput
    return value
