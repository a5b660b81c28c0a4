"""Decisions about private notes, and the format in which they are locked. The server can open none of them.

How to open a note without this app. The passphrase is put into Unicode's composed form (NFC) and encoded as UTF-8;
PBKDF2 with HMAC-SHA-256, the stored salt (16 bytes, base64) and the stored number of rounds makes 32 bytes of it: the
key. An envelope is text, `1.NONCE.SEALED`: its version, then in base64 the nonce of 12 bytes, and what AES-256-GCM made
of the content, its tag of 16 bytes at the end. The additional data are `same-side|1|note|ID`: the envelope's version
and the note's id in decimal, so that no envelope opens in another's place. The content is JSON in UTF-8 with spaces
after it, up to the next multiple of 1,024 bytes: `title`, `text`, and `written`, the time of the last change. The proof
is an envelope too, under `same-side|1|proof`: the key that opens it is the key of the notes.
"""

import base64
import binascii
import re
from dataclasses import dataclass

VERSION = "1"
SALT = 16  # bytes
NONCE = 12
TAG = 16
STEP = 1024  # contents are filled up to a multiple of this many bytes, so their length says little
LONGEST = 40  # steps; so an envelope fits into the 64 KiB that a browser still sends for a page that is being left
FEWEST_ROUNDS = 600_000  # of PBKDF2 with SHA-256, as OWASP advises
MOST_ROUNDS = 10_000_000  # a phone would be busy for minutes with more
MOST = 500  # notes of one member
TOGETHER = 3 * 1024 * 1024  # characters of all their envelopes, since a new passphrase sends them all at once
LARGEST_CHANGE = 4 * 1024 * 1024  # bytes of that one request
MOST_UNSURE = 50  # envelopes that one page has sent without hearing back

_ENVELOPE = re.compile(r"1\.([A-Za-z0-9+/]{16})\.([A-Za-z0-9+/]+={0,2})")


@dataclass(frozen=True)
class Lock:
    """What a passphrase is tried on: the salt and rounds that make a key of it, and the proof that only this key opens.

    Every passphrase gets a new salt, so the salt also names the passphrase under which something was locked.
    """

    salt: str
    rounds: int
    proof: str


@dataclass(frozen=True)
class Stored:
    """A note as the server knows it: how often it was saved, and an envelope that only its writer can open."""

    version: int
    envelope: str


@dataclass(frozen=True)
class Notes:
    """Everything of a member's notes. `lock` is None as long as no passphrase was chosen."""

    lock: Lock | None
    notes: dict[int, Stored]


def is_envelope(text: str) -> bool:
    """Whether this has the shape of an envelope: version 1, a nonce, and a content of whole steps."""
    found = _ENVELOPE.fullmatch(text)
    if found is None:
        return False
    length = _bytes_in(found[2])
    return length is not None and (length - TAG) % STEP == 0 and 1 <= (length - TAG) // STEP <= LONGEST


def is_lock(lock: Lock) -> bool:
    """Whether this has the shape of a lock, and costs whoever guesses enough rounds."""
    return (
        FEWEST_ROUNDS <= lock.rounds <= MOST_ROUNDS
        and _bytes_in(lock.salt) == SALT
        and len(lock.salt) == 24
        and is_envelope(lock.proof)
    )


def nonce_of(envelope: str) -> str:
    """The nonce, which no two envelopes share; so it names one."""
    return envelope.split(".")[1]


def is_the_same(stored: Stored, envelope: str) -> bool:
    """Whether a save has arrived already, and only its answer was lost."""
    return stored.envelope == envelope


def may_replace(stored: Stored, version: int, unsure: frozenset[str]) -> bool:
    """Whether a save made after `version` overwrites nothing that its page does not know.

    `unsure` names by their nonces what the page had sent before without hearing back: it may follow itself.
    """
    return stored.version == version or nonce_of(stored.envelope) in unsure


def _bytes_in(text: str) -> int | None:
    """How many bytes a base64 text stands for; None when it is none."""
    try:
        return len(base64.b64decode(text, validate=True))
    except (binascii.Error, ValueError):
        return None
