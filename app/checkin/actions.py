"""What members and the clock can do to check-ins."""

import logging
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.agreements.actions import reveal_look_backs
from app.checkin import drafts, kept, rules
from app.checkin.models import Answer, CheckIn, Entry
from app.checkin.sealing import open_answer, seal_answer
from app.commits import write_with_others
from app.content import Content
from app.db import db, new_id, transaction
from app.proposals.actions import find_asked
from app.proposals.rules import STRATEGY as OWN
from app.proposals.rules import prompt_of
from app.spaces.actions import read_topics
from app.spaces.models import Schedule, Seat, Space
from app.spaces.rules import latest_due, monday_of, next_due

logger = logging.getLogger(__name__)
REMEMBERED = 30  # earlier check-ins that choosing prompts looks back on


@dataclass(frozen=True)
class Saved:
    """A save that is on disk. `version` is what the next save of these answers has seen."""

    saved_at: datetime
    version: int
    is_revealed: bool


class Opened(NamedTuple):
    """How many spaces were handled, and in how many of them a check-in opened."""

    handled: int
    opened: int


@dataclass(frozen=True)
class ToRemind:
    """A check-in whose reminders are to be planned. `members` pairs ids with whether they have submitted."""

    check_in_id: int
    space_id: int
    due_at: datetime
    next_due_at: datetime | None
    members: tuple[tuple[int, bool], ...]


# Opening


def open_due(now: datetime, limit: int = 100) -> Opened:
    """Open what is due in up to `limit` spaces; `handled` 0 means that nothing is due.

    Each space has its own short transaction. One that fails is put off by an hour, so it never stops the others.
    """
    due = db.session.execute(
        select(Schedule.space_id).where(Schedule.next_due_at <= now).order_by(Schedule.next_due_at).limit(limit)
    ).scalars()
    space_ids = due.all()
    opened = 0
    for space_id in space_ids:
        try:
            opened += open_for_space(space_id, now)
        except Exception as error:
            logger.error("a check-in could not be opened: %s", type(error).__name__)
            _put_off(space_id, now)
    return Opened(len(space_ids), opened)


def open_for_space(space_id: int, now: datetime) -> bool:
    """Open the space's check-in if its time has come, close the one before, and move on to the next time, at once.

    Two who come at the same moment open one between them. After a long silence only the latest occurrence counts.
    Returns whether this call opened one.
    """
    with transaction() as session:
        schedule = session.execute(
            select(Schedule).where(Schedule.space_id == space_id, Schedule.next_due_at <= now).with_for_update()
        ).scalar()
        if schedule is None or schedule.next_due_at is None:
            return False  # somebody else was first
        last = session.execute(_last_check_in(space_id)).scalar()
        weekly = (schedule.weekday, schedule.minute, schedule.zone)
        schedule.next_due_at = next_due(now, *weekly)
        occurrence = latest_due(now, *weekly)
        if last is None:
            session.add(_new_check_in(session, schedule, now, due_at=None))  # the first opens with its space
            return True
        if rules.may_open(last.week_on, last.opened_at, occurrence, schedule.zone):
            last.closed_at = now
            session.add(_new_check_in(session, schedule, now, due_at=occurrence))
            return True
        if last.due_at is None and occurrence >= last.opened_at:
            last.due_at = last.remind_at = occurrence  # too early for a new one: the time is the first one's
        return False


def _last_check_in(space_id: int) -> Any:
    return select(CheckIn).where(CheckIn.space_id == space_id).order_by(CheckIn.week_on.desc()).limit(1)


def _new_check_in(session: Session, schedule: Schedule, now: datetime, *, due_at: datetime | None) -> CheckIn:
    week_on = monday_of(due_at or now, schedule.zone)
    return CheckIn(
        id=new_id(),
        space_id=schedule.space_id,
        week_on=week_on,
        prompts=_choose_prompts(session, schedule.space_id, schedule.length, week_on),
        opened_at=now,
        due_at=due_at,
        remind_at=due_at,
    )


def _choose_prompts(session: Session, space_id: int, length: str, week_on: date) -> list[str]:
    content: Content = current_app.extensions["content"]
    past = session.execute(
        select(CheckIn.prompts).where(CheckIn.space_id == space_id).order_by(CheckIn.week_on.desc()).limit(REMEMBERED)
    ).scalars()
    bank = [
        rules.Question(prompt.id, prompt.strategy, prompt.card, prompt.weight == "deep")
        for prompt in content.prompts.values()
    ]
    own = [rules.Question(prompt_of(id), OWN, "", False) for id in find_asked(session, space_id)]
    always = frozenset(name for name, strategy in content.strategies.items() if not strategy.needs_both)
    wanted = frozenset.intersection(*read_topics(session, space_id).values())  # by everybody, or it is as if by nobody
    enabled = always | {OWN} | rules.draw_topics(wanted, week_on, str(space_id))
    return rules.choose_prompts(bank + own, enabled, length, past.all(), str(space_id))


def _put_off(space_id: int, now: datetime) -> None:
    """Ask this space again in an hour, if it is still due and has not ended."""
    with transaction() as session:
        still_due = update(Schedule).where(Schedule.space_id == space_id, Schedule.next_due_at <= now)
        session.execute(still_due.values(next_due_at=now + timedelta(hours=1)))


# Writing


def save(member_id: int, draft: rules.Draft, now: datetime) -> Saved:
    """Save a draft. When this returns, every word of it is on disk.

    Raises a drafts.NotSaved, and changes nothing, when a check-in is due and not open yet, the draft was made for
    another week or member, the entry is submitted, a prompt is not asked, or an answer was changed elsewhere.
    """
    written = write_with_others(lambda connection: drafts.write(connection, member_id, draft, now))
    return Saved(now, written.version, is_revealed=False)


def submit(member_id: int, draft: rules.Draft, now: datetime) -> Saved:
    """Save a draft and submit it. If that was the last seat, the check-in is revealed in the same transaction.

    Raises a drafts.NotSaved like `save`, and NothingWritten when there is no answer at all.
    """
    with transaction() as session:
        written = drafts.write(session.connection(), member_id, draft, now)
        if not drafts.has_words(session.connection(), written.entry_id):
            raise drafts.NothingWritten
        check_in = session.get_one(CheckIn, written.check_in_id)
        if not written.is_submitted:  # a second tap submits nothing anew
            session.execute(update(Entry).where(Entry.id == written.entry_id).values(submitted_at=now))
            _reveal_if_complete(session, check_in, now)
        return Saved(now, written.version, is_revealed=check_in.revealed_at is not None)


def take_back(member_id: int, check_in_id: int) -> bool:
    """Take one's own entry back into a draft. False when it was revealed or its week has ended: then it is too late."""
    with transaction() as session:
        current = drafts.lock_current(session.connection(), member_id)[0]
        if current.check_in_id != check_in_id or current.revealed_at is not None:
            return False
        session.execute(update(Entry).where(Entry.id == current.id).values(submitted_at=None))
        return True


def _reveal_if_complete(session: Session, check_in: CheckIn, now: datetime) -> None:
    """Reveal once every active seat has submitted: seal every answer again, with the key of the space."""
    seats = session.execute(
        select(Seat.member_id).where(Seat.space_id == check_in.space_id, Seat.left_at.is_(None))
    ).scalars()
    entries = session.execute(select(Entry).where(Entry.check_in_id == check_in.id)).scalars().all()
    submitted = frozenset(entry.member_id for entry in entries if entry.submitted_at)
    if not rules.is_complete(frozenset(seats), submitted):
        return
    space_key = session.execute(select(Space.key_id).where(Space.id == check_in.space_id)).scalar_one()
    answers = session.execute(select(Answer).where(Answer.entry_id.in_([entry.id for entry in entries]))).scalars()
    for answer in answers.all():
        words = open_answer(answer)
        if words.is_unreadable:
            continue  # stays as it is: better kept unread than lost
        if not (words.text or words.want):
            session.delete(answer)  # a skipped prompt leaves nothing behind
            continue
        unstamped = replace(words, stamp=rules.Stamp())  # how often it was saved does not become part of the record
        answer.sealed = seal_answer(space_key, answer.entry_id, answer.prompt, unstamped)
        answer.key_id = space_key
    reveal_look_backs(session, check_in.space_id, check_in.week_on)
    check_in.revealed_at = now


# An entry whose week ended unrevealed


def share(member_id: int, check_in_id: int) -> bool:
    """Let the partner read one's own entry of a check-in that ended unrevealed, for good. Ratings stay sealed.

    A second tap changes nothing. False, and nothing is changed, when there is none, or its space has ended.
    """
    with transaction() as session:
        found = kept.lock_kept(session, member_id, check_in_id)
        if found is None or not (found.kept.is_shared or rules.SHARE in found.kept.choices):
            return False
        if not found.kept.is_shared:
            kept.share(session, found)
        return True


def carry(member_id: int, check_in_id: int, now: datetime) -> bool:
    """Put the words of one's own entry into the current check-in; the old entry stays. A second tap changes nothing.

    False, and nothing is changed, when there is none, or its space has ended. Raises a drafts.NotSaved when the
    current check-in takes no words, and rules.NoRoom when they do not fit.
    """
    with transaction() as session:
        found = kept.lock_kept(session, member_id, check_in_id)
        if found is None or not (found.kept.is_carried or rules.CARRY in found.kept.choices):
            return False
        if not found.kept.is_carried:
            kept.carry(session, found, member_id, now)
        return True


def delete_entry(member_id: int, check_in_id: int, now: datetime) -> bool:
    """Delete one's own entry that was neither revealed nor shared. For ten minutes it can be brought back.

    A second tap changes nothing. False, and nothing is changed, when there is none.
    """
    with transaction() as session:
        found = kept.lock_kept(session, member_id, check_in_id)
        if found is None or not (found.kept.is_deleted or rules.DELETE in found.kept.choices):
            return False
        if not found.kept.is_deleted:
            kept.mark(session, found, deleted_at=now)
        return True


def bring_back(member_id: int, check_in_id: int, now: datetime) -> bool:
    """Bring a deleted entry back. False when it is gone already, or never was."""
    with transaction() as session:
        found = kept.lock_kept(session, member_id, check_in_id)
        if found is None:
            deleted_at = kept.mark_copy(session, member_id, check_in_id, None)
            if deleted_at is not None and not rules.may_undo(deleted_at, now):
                kept.mark_copy(session, member_id, check_in_id, deleted_at)
                return False
            return deleted_at is not None
        if found.deleted_at is not None and not rules.may_undo(found.deleted_at, now):
            return False
        kept.mark(session, found, deleted_at=None)
        return True


def empty_bin(now: datetime) -> None:
    """Delete for good what was deleted more than ten minutes ago. Writes nothing when there is nothing."""
    if db.session.execute(select(Entry.id).where(Entry.deleted_at <= now - rules.UNDO_LASTS).limit(1)).first():
        with transaction() as session:
            kept.empty_bin(session, now)


# After the reveal


def discard_copy(member_id: int, check_in_id: int, now: datetime) -> None:
    """Discard one's own copy of a revealed check-in that has ended; the other keeps theirs.

    For ten minutes it can be brought back. A second tap changes nothing.
    """
    with transaction() as session:
        kept.mark_copy(session, member_id, check_in_id, now)


def add_to_answer(member_id: int, check_in_id: int, prompt: str, text: str, on: date) -> bool:
    """Put a dated addition beside one's own answer of a revealed check-in; the answer itself never changes.

    False, and nothing is changed, when there is no such answer, or its space has ended.
    """
    with transaction() as session:
        return kept.add_to_answer(session, member_id, check_in_id, prompt, rules.Added(text, on))


# Reminding


def take_to_remind(session: Session, now: datetime, limit: int) -> list[ToRemind]:
    """Take up to `limit` check-ins whose time has come and whose reminders nobody has planned. Does not commit."""
    rows = session.execute(
        select(CheckIn)
        .where(CheckIn.remind_at <= now)
        .order_by(CheckIn.remind_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).scalars()
    taken = []
    for check_in in rows.all():
        due_at, check_in.remind_at = check_in.remind_at, None
        members = _submitted_by_seat(session, check_in)
        next_due_at = session.execute(
            select(Schedule.next_due_at).where(Schedule.space_id == check_in.space_id)
        ).scalar()
        taken.append(ToRemind(check_in.id, check_in.space_id, due_at, next_due_at, members))
    session.flush()
    return taken


def _submitted_by_seat(session: Session, check_in: CheckIn) -> tuple[tuple[int, bool], ...]:
    rows = session.execute(
        select(Seat.member_id, Entry.submitted_at)
        .outerjoin(Entry, (Entry.check_in_id == check_in.id) & (Entry.member_id == Seat.member_id))
        .where(Seat.space_id == check_in.space_id, Seat.left_at.is_(None))
    )
    return tuple((member_id, submitted_at is not None) for member_id, submitted_at in rows)


def may_still_remind(session: Session, check_in_id: int, member_id: int) -> str:
    """Why a planned reminder no longer makes sense: left, closed, revealed, submitted; empty when it still does."""
    row = session.execute(
        select(CheckIn.closed_at, CheckIn.revealed_at, Entry.submitted_at, Seat.left_at)
        .join(Seat, (Seat.space_id == CheckIn.space_id) & (Seat.member_id == member_id))
        .outerjoin(Entry, (Entry.check_in_id == CheckIn.id) & (Entry.member_id == member_id))
        .where(CheckIn.id == check_in_id)
    ).first()
    if row is None or row.left_at is not None:
        return "left"
    if row.revealed_at is not None:
        return "revealed"
    if row.closed_at is not None:
        return "closed"
    return "submitted" if row.submitted_at is not None else ""
