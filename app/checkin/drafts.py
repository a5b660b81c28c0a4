"""A member's own part of the open check-in while they write: found, locked and put down. Nothing here commits.

Every pause in typing saves, so these statements are put together once, and select columns instead of objects.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, text

from app.accounts.models import Member
from app.checkin import rules
from app.checkin.models import Answer, CheckIn, Entry
from app.checkin.sealing import open_answer, open_ratings, seal_answer, seal_ratings, stamp_of_ratings
from app.db import new_id
from app.spaces.models import Schedule, Seat, Space

_MY_SEAT = select(Seat.space_id).where(Seat.member_id == bindparam("member_id"), Seat.left_at.is_(None))
_LOCK_SPACE = (
    select(Space.id, Space.ended_at).where(Space.id == _MY_SEAT.scalar_subquery()).with_for_update(key_share=True)
)
_LAST = select(CheckIn.id).where(CheckIn.space_id == bindparam("space_id")).order_by(CheckIn.week_on.desc()).limit(1)
# The last check-in beside the member's entry: a row for each stored answer that is asked for, or one without an answer.
_LOCK_CURRENT = (
    select(
        CheckIn.id.label("check_in_id"),
        CheckIn.prompts,
        CheckIn.revealed_at,
        CheckIn.closed_at,
        Schedule.next_due_at,
        Member.key_id.label("my_key_id"),
        Entry.id,
        Entry.version.label("entry_version"),
        Entry.sealed_ratings,
        Entry.ratings_version,
        Entry.submitted_at,
        Answer.entry_id,
        Answer.prompt,
        Answer.key_id,
        Answer.sealed,
        Answer.version,
    )
    .select_from(CheckIn)
    .join(Schedule, Schedule.space_id == CheckIn.space_id)
    .join(Member, Member.id == bindparam("member_id"))
    .outerjoin(Entry, (Entry.check_in_id == CheckIn.id) & (Entry.member_id == Member.id))
    .outerjoin(Answer, (Answer.entry_id == Entry.id) & Answer.prompt.in_(bindparam("prompts", expanding=True)))
    .where(CheckIn.id == _LAST.scalar_subquery())
    .with_for_update(key_share=True, of=CheckIn)
)
_ANSWERS = select(Answer.entry_id, Answer.prompt, Answer.key_id, Answer.sealed, Answer.version).where(
    Answer.entry_id == bindparam("entry_id")
)
_PUT_ENTRY = text(
    "INSERT INTO entry (id, check_in_id, member_id, version, sealed_ratings, ratings_version)"
    " VALUES (:id, :check_in_id, :member_id, :version, :sealed_ratings, :ratings_version)"
    " ON CONFLICT (check_in_id, member_id) DO UPDATE SET version = excluded.version,"
    " sealed_ratings = excluded.sealed_ratings, ratings_version = excluded.ratings_version"
)
_PUT_ANSWER = text(
    "INSERT INTO answer (entry_id, prompt, key_id, sealed, version)"
    " VALUES (:entry_id, :prompt, :key_id, :sealed, :version)"
    " ON CONFLICT (entry_id, prompt)"
    " DO UPDATE SET key_id = excluded.key_id, sealed = excluded.sealed, version = excluded.version"
)


class NotSaved(Exception):
    """A save that was refused whole: nothing is changed, and the page keeps what was typed."""


class NotOpenedYet(NotSaved):
    """A check-in is due and nobody has opened it: open it, then try again."""


class OtherWeek(NotSaved):
    """Another check-in has opened since the page was loaded."""


class OtherMember(NotSaved):
    """The page was opened by somebody else than who is signed in now."""


class NotOpen(NotSaved):
    """The entry is submitted already, here or on another device, or the space has ended."""


class NotAsked(NotSaved):
    """An answer to a prompt that is not part of the check-in."""


class NothingWritten(NotSaved):
    """Submitting needs at least one answer."""


class Conflicting(NotSaved):
    """The same answer was changed elsewhere; `conflict` holds what is stored."""

    def __init__(self, conflict: rules.Conflict) -> None:
        super().__init__("conflict")
        self.conflict = conflict


@dataclass(frozen=True)
class Written:
    """An entry as a save left it, and its check-in. `version` counts the saves; 0 when nothing was ever written."""

    check_in_id: int
    entry_id: int
    version: int
    is_submitted: bool


def lock_current(connection: Connection, member_id: int, prompts: Sequence[str] = ()) -> Sequence[Row[Any]]:
    """The current check-in of the member's active space, locked until the end of the transaction.

    Beside it stand the member's entry and their answers to `prompts`: a row each, or one row without an answer. The
    space's row is locked before it, in the order in which leaving takes them, by a statement of its own: whatever
    changes an entry holds that lock, so the second statement reads what no one else is changing. Both with FOR NO KEY
    UPDATE, which lets the foreign keys of rows that others insert be checked meanwhile.
    """
    space = connection.execute(_LOCK_SPACE, {"member_id": member_id}).first()
    if space is None:
        raise NotOpenedYet
    if space.ended_at is not None:
        raise NotOpen
    wanted = {"space_id": space.id, "member_id": member_id, "prompts": prompts}
    rows = connection.execute(_LOCK_CURRENT, wanted).all()
    if not rows:
        raise NotOpenedYet
    if rows[0].closed_at is not None:
        raise OtherWeek  # the next one opened while we waited for the lock
    return rows


def write(connection: Connection, member_id: int, draft: rules.Draft, now: datetime) -> Written:
    """Put a draft into the member's entry of the current check-in. Raises a NotSaved before anything is changed."""
    rows = lock_current(connection, member_id, list(draft.answers))
    current = rows[0]
    stored = {row.prompt: open_answer(row) for row in rows if row.prompt is not None}
    _check_page(current, member_id, draft, stored, now)
    ratings = open_ratings(current.my_key_id, current)
    changed = {
        prompt: replace(words, stamp=draft.stamp)
        for prompt, words in draft.answers.items()
        if rules.changes(words, stored.get(prompt), draft.stamp)
    }
    wanted = {name: value for name, value in {**ratings, **draft.ratings}.items() if value}
    if not changed and wanted == ratings:
        return _written(current)  # also when it is submitted: a second tap, or a first one whose answer got lost
    if current.revealed_at is not None or current.submitted_at is not None:
        raise NotOpen
    rated = stamp_of_ratings(current.my_key_id, current)
    conflict = rules.find_conflicts(draft, stored, ratings, current.ratings_version or 0, rated)
    if conflict:
        raise Conflicting(conflict)
    return _put(connection, current, member_id, changed, None if wanted == ratings else wanted, draft.stamp)


def add(connection: Connection, member_id: int, words: Mapping[str, rules.Words], now: datetime) -> Written:
    """Put words of an earlier week into the member's entry, below what is there. Raises a NotSaved or rules.NoRoom."""
    rows = lock_current(connection, member_id, list(words))
    current = rows[0]
    if current.next_due_at is not None and current.next_due_at <= now:
        raise NotOpenedYet
    if current.revealed_at is not None or current.submitted_at is not None:
        raise NotOpen
    stored = {row.prompt: open_answer(row) for row in rows if row.prompt is not None}
    return _put(connection, current, member_id, rules.carry(words, stored), None, rules.Stamp())


def has_words(connection: Connection, entry_id: int) -> bool:
    """Whether anything is written in an entry. What cannot be read counts."""
    answers = map(open_answer, connection.execute(_ANSWERS, {"entry_id": entry_id}))
    return any(words.text or words.is_unreadable for words in answers)


def _check_page(
    current: Row[Any], member_id: int, draft: rules.Draft, stored: Mapping[str, rules.Words], now: datetime
) -> None:
    """Whether the draft's page was made for this member and this check-in, and no other is due."""
    if current.next_due_at is not None and current.next_due_at <= now:
        raise NotOpenedYet
    if draft.member_id not in (None, member_id):
        raise OtherMember
    if draft.check_in_id not in (None, current.check_in_id):
        raise OtherWeek
    if not set(draft.answers) <= {*current.prompts, *stored}:  # what was carried along is stored, and not asked
        raise NotAsked


def _put(
    connection: Connection,
    current: Row[Any],
    member_id: int,
    answers: Mapping[str, rules.Words],
    ratings: Mapping[str, int] | None,
    stamp: rules.Stamp,
) -> Written:
    """Seal answers, and ratings unless they stay as they are, and put them down as the entry's next version."""
    key_id, entry_id = current.my_key_id, current.id or new_id()
    version = (current.entry_version or 0) + 1
    entry = {
        "id": entry_id,
        "check_in_id": current.check_in_id,
        "member_id": member_id,
        "version": version,
        "sealed_ratings": current.sealed_ratings,
        "ratings_version": current.ratings_version or 0,
    }
    if ratings is not None:
        entry |= {"sealed_ratings": seal_ratings(key_id, entry_id, ratings, stamp), "ratings_version": version}
    connection.execute(_PUT_ENTRY, entry)
    for prompt, words in answers.items():
        sealed = seal_answer(key_id, entry_id, prompt, words)
        answer = {"entry_id": entry_id, "prompt": prompt, "key_id": key_id, "sealed": sealed, "version": version}
        connection.execute(_PUT_ANSWER, answer)
    return replace(_written(current), entry_id=entry_id, version=version)


def _written(current: Row[Any]) -> Written:
    return Written(
        check_in_id=current.check_in_id,
        entry_id=current.id or 0,
        version=current.entry_version or 0,
        is_submitted=current.submitted_at is not None,
    )
