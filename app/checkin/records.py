"""What a member may take along, and what goes when an account goes. Composed by others; nothing here commits."""

from collections import defaultdict
from typing import Any

from flask import current_app
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Member
from app.checkin.models import Addition, Answer, CheckIn, Entry
from app.checkin.sealing import open_addition, open_answer, open_ratings
from app.content import Content
from app.proposals.access import find_questions
from app.spaces.models import Seat


def export_check_ins(session: Session, member_id: int) -> list[dict[str, Any]]:
    """Every check-in of a member's spaces that holds words of theirs or was revealed to them, oldest first, for JSON.

    Own drafts and ratings are in it; of others only what was revealed, or what they have shared.
    """
    key_id = session.execute(select(Member.key_id).where(Member.id == member_id)).scalar_one()
    is_discarded = Entry.deleted_at.is_not(None) | Entry.is_discarded
    discarded = (
        select(Entry.check_in_id)
        .join(CheckIn, CheckIn.id == Entry.check_in_id)
        .where(Entry.member_id == member_id, CheckIn.revealed_at.is_not(None), is_discarded)
    )
    check_ins = session.execute(
        select(CheckIn)
        .join(Seat, Seat.space_id == CheckIn.space_id)
        .where(Seat.member_id == member_id, CheckIn.id.not_in(discarded))
        .order_by(CheckIn.opened_at)
    ).scalars()
    exported = [_export(session, check_in, member_id, key_id) for check_in in check_ins.all()]
    return [row for row in exported if row["answers"] or row["my_ratings"]]


def _export(session: Session, check_in: CheckIn, member_id: int, key_id: int) -> dict[str, Any]:
    content: Content = current_app.extensions["content"]
    rows = session.execute(
        select(Answer, Entry.member_id, Member.name)
        .join(Entry, Entry.id == Answer.entry_id)
        .join(Member, Member.id == Entry.member_id)
        .where(Entry.check_in_id == check_in.id)
        .where(
            (Entry.member_id == member_id)
            | CheckIn.revealed_at.is_not(None)
            | (Entry.is_shared & CheckIn.closed_at.is_not(None))
        )
        .where(Entry.deleted_at.is_(None) | CheckIn.revealed_at.is_not(None))
        .join(CheckIn, CheckIn.id == Entry.check_in_id)
    ).all()
    entry = session.execute(
        select(Entry).where(Entry.check_in_id == check_in.id, Entry.member_id == member_id, Entry.deleted_at.is_(None))
    ).scalar()
    answers, additions = [], _additions(session, check_in.id) if check_in.revealed_at else {}
    own = find_questions([row[0].prompt for row in rows])
    for answer, writer_id, writer in rows:
        words, prompt = open_answer(answer), content.prompts.get(answer.prompt)
        if words.text:
            answers.append(
                {
                    "prompt": answer.prompt,
                    "question": prompt.text if prompt else own.get(answer.prompt, ""),
                    "writer": writer,
                    "is_mine": writer_id == member_id,
                    "text": words.text,
                    "want": words.want,
                    "added": additions.get((answer.entry_id, answer.prompt), []),
                }
            )
    order = {prompt: place for place, prompt in enumerate(check_in.prompts)}
    answers.sort(key=lambda row: (order.get(row["prompt"], len(order)), not row["is_mine"]))
    return {
        "week_on": check_in.week_on.isoformat(),
        "is_revealed": check_in.revealed_at is not None,  # when would tell when the other finished
        "i_shared_it": bool(entry and entry.is_shared),  # although it was never revealed
        "answers": answers,
        "my_ratings": open_ratings(key_id, entry) if entry else {},
    }


def _additions(session: Session, check_in_id: int) -> dict[tuple[int, str], list[dict[str, str]]]:
    """What was added to the answers of a revealed check-in, by entry and prompt, in its order."""
    rows = session.execute(
        select(Addition).join(Entry).where(Entry.check_in_id == check_in_id).order_by(Addition.number)
    ).scalars()
    additions: dict[tuple[int, str], list[dict[str, str]]] = defaultdict(list)
    for row in rows:
        added = open_addition(row)
        if added.on is not None:
            additions[row.entry_id, row.prompt].append({"on": added.on.isoformat(), "text": added.text})
    return additions


def forget_member(session: Session, member_id: int) -> None:
    """Delete what is a member's alone: everything unrevealed, every rating, and all of their solo spaces' check-ins.

    Their part of what two people hold revealed stays, sealed with the space's key, and so does what they have shared.
    """
    mine = select(Seat.space_id).where(Seat.member_id == member_id)
    solo = select(Seat.space_id).where(Seat.space_id.in_(mine)).group_by(Seat.space_id).having(func.count() == 1)
    session.execute(delete(CheckIn).where(CheckIn.space_id.in_(solo)))
    unrevealed = select(CheckIn.id).where(CheckIn.revealed_at.is_(None))
    theirs_alone = Entry.check_in_id.in_(unrevealed) & Entry.is_shared.is_(False)
    session.execute(delete(Entry).where(Entry.member_id == member_id, theirs_alone))
    session.execute(update(Entry).where(Entry.member_id == member_id).values(sealed_ratings=None, ratings_version=0))
    own_key = select(Member.key_id).where(Member.id == member_id).scalar_subquery()
    session.execute(delete(Answer).where(Answer.key_id == own_key))  # what could not be read at the reveal
