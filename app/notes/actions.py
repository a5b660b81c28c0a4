"""What members can do with their private notes. Nothing here can open one."""

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Member
from app.db import transaction
from app.notes import rules
from app.notes.models import Note, NoteLock


class OtherPassphrase(Exception):
    """It is locked with a passphrase that is not the member's any more, or there is none yet."""


class Conflict(Exception):
    """The note was saved elsewhere since. `stored` is what is there; nothing was overwritten."""

    def __init__(self, stored: rules.Stored) -> None:
        super().__init__()
        self.stored = stored


class Changed(Exception):
    """The notes are not the ones that were locked anew: another device was between. Nothing was changed."""


class Gone(Exception):
    """The member has no note with this id."""


class Full(Exception):
    """The member has as many notes as fit, or as long ones."""


def choose_passphrase(member_id: int, salt: str, lock: rules.Lock, notes: dict[int, rules.Stored]) -> None:
    """Put a new lock and every note locked anew in place of the old, all of it or nothing.

    `salt` names the passphrase before, and is empty for the first. Raises OtherPassphrase when that is not the one
    that counts, and Changed unless `notes` are exactly the member's notes in their versions.
    """
    with transaction() as session:
        if _salt_of(session, member_id) != salt:
            raise OtherPassphrase
        stored = select(Note.id, Note.version).where(Note.member_id == member_id)
        if {row.id: row.version for row in session.execute(stored)} != {id: new.version for id, new in notes.items()}:
            raise Changed
        if sum(len(new.envelope) for new in notes.values()) > rules.TOGETHER:
            raise Full
        for note_id, new in notes.items():
            _put(session, member_id, note_id, new.version, new.envelope)  # the words are the same, and so the version
        session.execute(delete(NoteLock).where(NoteLock.member_id == member_id))
        session.add(NoteLock(member_id=member_id, salt=lock.salt, rounds=lock.rounds, proof=lock.proof))


def save(
    member_id: int, note_id: int, salt: str, envelope: str, *, version: int, unsure: frozenset[str] = frozenset()
) -> int:
    """Save a note and return its new version. `version` is the one it was changed from, 0 for a new note.

    Raises OtherPassphrase, Conflict, Gone or Full, and then nothing is saved. A save that has arrived already is not
    made twice; a note deleted elsewhere does not come back by itself.
    """
    with transaction() as session:
        if not salt or _salt_of(session, member_id) != salt:
            raise OtherPassphrase
        stored = _find(session, member_id, note_id)
        if stored and rules.is_the_same(stored, envelope):
            return stored.version
        if stored and not rules.may_replace(stored, version, unsure):
            raise Conflict(stored)
        if not stored and version > 0:
            raise Gone
        _make_room(session, member_id, note_id, envelope)
        new = stored.version + 1 if stored else 1
        if stored:
            _put(session, member_id, note_id, new, envelope)
        else:
            session.add(Note(member_id=member_id, id=note_id, version=new, envelope=envelope))
        return new


def remove(member_id: int, note_id: int, version: int) -> None:
    """Delete a note. Raises Gone when there is none, and Conflict when it was saved elsewhere since `version`."""
    with transaction() as session:
        _hold(session, member_id)
        stored = _find(session, member_id, note_id)
        if stored is None:
            raise Gone
        if stored.version != version:
            raise Conflict(stored)
        session.execute(delete(Note).where(Note.member_id == member_id, Note.id == note_id))


def remove_all(member_id: int) -> None:
    """Delete every note of a member and the lock, so that they can begin again with another passphrase."""
    with transaction() as session:
        _hold(session, member_id)
        for table in (Note, NoteLock):
            session.execute(delete(table).where(table.member_id == member_id))


def _hold(session: Session, member_id: int) -> None:
    """Let no other device write this member's notes meanwhile. Raises Gone when the account was just deleted."""
    mine = select(Member.key_id).where(Member.id == member_id).with_for_update(key_share=True)
    if session.execute(mine).scalar() is None:
        raise Gone


def _salt_of(session: Session, member_id: int) -> str:
    """The salt that names the passphrase that counts, empty when none was chosen; held until the transaction ends."""
    _hold(session, member_id)
    return session.execute(select(NoteLock.salt).where(NoteLock.member_id == member_id)).scalar() or ""


def _find(session: Session, member_id: int, note_id: int) -> rules.Stored | None:
    mine = select(Note.version, Note.envelope).where(Note.member_id == member_id, Note.id == note_id)
    row = session.execute(mine).first()
    return rules.Stored(row.version, row.envelope) if row else None


def _put(session: Session, member_id: int, note_id: int, version: int, envelope: str) -> None:
    mine = (Note.member_id == member_id) & (Note.id == note_id)
    session.execute(update(Note).where(mine).values(version=version, envelope=envelope))


def _make_room(session: Session, member_id: int, note_id: int, envelope: str) -> None:
    """Raises Full unless the member's other notes leave room for this one."""
    others = (Note.member_id == member_id) & (Note.id != note_id)
    sizes = select(func.count(), func.coalesce(func.sum(func.length(Note.envelope)), 0)).where(others)
    count, together = session.execute(sizes).one()
    if count >= rules.MOST or together + len(envelope) > rules.TOGETHER:
        raise Full
