"""Proposed questions between clear and sealed: each is bound to its row and column."""

from app.keys import Unreadable, seal, unseal

UNREADABLE = "A question that cannot be read any more"


def seal_words(space_key: int, proposal_id: int, words: str) -> bytes:
    """The question itself, for both to read."""
    return seal(space_key, _place("sealed", proposal_id), words)


def open_words(space_key: int, proposal_id: int, sealed: bytes) -> str:
    """The question; a sentence in its place when its key does not open it."""
    try:
        return unseal(space_key, _place("sealed", proposal_id), sealed)
    except Unreadable:
        return UNREADABLE


def seal_answer(space_key: int, proposal_id: int, *, is_declined: bool) -> bytes:
    """Whether the other has declined. Both look alike."""
    return seal(space_key, _place("sealed_answer", proposal_id), "declined" if is_declined else "")


def is_declined(space_key: int, proposal_id: int, sealed: bytes) -> bool:
    """Whether the other has declined; what cannot be read was not."""
    try:
        return unseal(space_key, _place("sealed_answer", proposal_id), sealed) == "declined"
    except Unreadable:
        return False


def _place(column: str, proposal_id: int) -> str:
    return f"proposal|{column}|{proposal_id}"
