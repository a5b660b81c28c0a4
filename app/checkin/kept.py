"""A member's own entry once its week is over: what may still be done with it, or added. Nothing here commits."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Member
from app.checkin import drafts, rules
from app.checkin.models import Addition, Answer, CheckIn, Entry
from app.checkin.sealing import open_addition, open_answer, seal_addition, seal_answer
from app.spaces.models import Seat, Space


@dataclass(frozen=True)
class Found:
    """The entry, its words by prompt, the key of its space, and what may be done with it."""

    entry_id: int
    space_key: int
    words: dict[str, rules.Words]
    kept: rules.Kept
    deleted_at: datetime | None


def lock_kept(session: Session, member_id: int, check_in_id: int) -> Found | None:
    """The member's entry of an ended, unrevealed check-in, locked; None when there is none.

    The space's row is locked before it, in the order in which leaving and saving take them.
    """
    space = session.execute(
        select(Space.id, Space.key_id, Space.ended_at)
        .join(CheckIn, CheckIn.space_id == Space.id)
        .where(CheckIn.id == check_in_id)
        .with_for_update(key_share=True, of=Space)
    ).first()
    row = session.execute(
        select(Entry, CheckIn.revealed_at, CheckIn.closed_at)
        .join(CheckIn, CheckIn.id == Entry.check_in_id)
        .where(CheckIn.id == check_in_id, Entry.member_id == member_id)
        .with_for_update(of=Entry)
    ).first()
    if space is None or row is None or row.revealed_at is not None:
        return None
    if row.closed_at is None and space.ended_at is None:
        return None
    entry: Entry = row.Entry
    answers = session.execute(select(Answer).where(Answer.entry_id == entry.id)).scalars()
    words = {answer.prompt: open_answer(answer) for answer in answers}
    seats = session.execute(select(func.count()).select_from(Seat).where(Seat.space_id == space.id)).scalar_one()
    kept = rules.judge_kept(
        has_words=any(written.text for written in words.values()),
        has_ended=space.ended_at is not None,
        is_for_two=seats > 1,
        is_shared=entry.is_shared,
        is_carried=entry.is_carried,
        is_deleted=entry.deleted_at is not None,
    )
    return Found(entry.id, space.key_id, words, kept, entry.deleted_at)


def share(session: Session, found: Found) -> None:
    """Seal the words again with the key of the space, and let the other read them. Ratings stay as they are."""
    for prompt, words in found.words.items():
        answer = session.get_one(Answer, (found.entry_id, prompt))
        if words.is_unreadable:
            continue  # stays as it is: better kept unread than lost
        if not (words.text or words.want):
            session.delete(answer)
            continue
        unstamped = rules.Words(words.text, words.want, words.version)
        answer.sealed = seal_answer(found.space_key, found.entry_id, prompt, unstamped)
        answer.key_id = found.space_key
    mark(session, found, is_shared=True)


def carry(session: Session, found: Found, member_id: int, now: datetime) -> None:
    """Put the words into the member's entry of the current check-in. Raises a drafts.NotSaved, or rules.NoRoom."""
    old = {prompt: words for prompt, words in found.words.items() if words.text or words.want}
    drafts.add(session.connection(), member_id, old, now)
    mark(session, found, is_carried=True)


def mark(session: Session, found: Found, **values: bool | datetime | None) -> None:
    """Put down what was done with the entry."""
    session.execute(update(Entry).where(Entry.id == found.entry_id).values(**values))


def mark_copy(session: Session, member_id: int, check_in_id: int, deleted_at: datetime | None) -> datetime | None:
    """Set `deleted_at` of the member's entry of a revealed, ended check-in; returns what it was before.

    A copy that is discarded for good, or of an open check-in, stays as it is.
    """
    row = session.execute(
        select(Entry)
        .join(CheckIn, CheckIn.id == Entry.check_in_id)
        .join(Space, Space.id == CheckIn.space_id)
        .where(CheckIn.id == check_in_id, Entry.member_id == member_id, Entry.is_discarded.is_(False))
        .where(CheckIn.revealed_at.is_not(None), CheckIn.closed_at.is_not(None) | Space.ended_at.is_not(None))
        .with_for_update(of=Entry)
    ).scalar()
    if row is None:
        return None
    before = row.deleted_at
    if before is None or deleted_at is None:
        row.deleted_at = deleted_at
    return before


def add_to_answer(session: Session, member_id: int, check_in_id: int, prompt: str, added: rules.Added) -> bool:
    """Put something beside the member's own answer of a revealed check-in while its space lives.

    The same words once more on the same day are a second tap. False when there is no such answer.
    """
    space = session.execute(
        select(Space.key_id, Space.ended_at)
        .join(CheckIn, CheckIn.space_id == Space.id)
        .where(CheckIn.id == check_in_id)
        .with_for_update(key_share=True, of=Space)
    ).first()
    if space is None or space.ended_at is not None:
        return False
    entry_id = session.execute(
        select(Entry.id)
        .join(CheckIn, CheckIn.id == Entry.check_in_id)
        .join(Answer, Answer.entry_id == Entry.id)
        .where(CheckIn.id == check_in_id, CheckIn.revealed_at.is_not(None))
        .where(Entry.member_id == member_id, Answer.prompt == prompt)
        .with_for_update(of=Entry)
    ).scalar()
    if entry_id is None:
        return False
    stored = session.execute(select(Addition).where(Addition.entry_id == entry_id)).scalars().all()
    if not any(row.prompt == prompt and open_addition(row) == added for row in stored):
        number = len(stored) + 1
        sealed = seal_addition(space.key_id, entry_id, number, added)
        session.add(Addition(entry_id=entry_id, number=number, prompt=prompt, key_id=space.key_id, sealed=sealed))
    return True


def empty_bin(session: Session, now: datetime) -> None:
    """Delete every entry that was deleted too long ago to be brought back.

    A revealed one stays for the other; it goes with its check-in once nobody who has an account holds a copy.
    """
    is_over = Entry.deleted_at <= now - rules.UNDO_LASTS
    revealed = select(CheckIn.id).where(CheckIn.revealed_at.is_not(None))
    session.execute(delete(Entry).where(is_over, Entry.check_in_id.not_in(revealed)))
    ids = session.execute(select(Entry.check_in_id).where(is_over).order_by(Entry.id).with_for_update()).scalars().all()
    discarded = {"is_discarded": True, "deleted_at": None, "sealed_ratings": None, "ratings_version": 0}
    session.execute(update(Entry).where(is_over).values(**discarded))
    held = select(Entry.check_in_id).join(Member, Member.id == Entry.member_id)
    held = held.where(Entry.is_discarded.is_(False), Member.email.is_not(None))
    session.execute(delete(CheckIn).where(CheckIn.id.in_(ids), CheckIn.id.not_in(held)))
