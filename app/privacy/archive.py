"""What a member can take along: everything of theirs in one zip, made in memory and left nowhere."""

import io
import json
import zipfile
from dataclasses import asdict
from datetime import datetime
from typing import Any

from flask import render_template
from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.accounts.models import Member, SignIn
from app.agreements.access import find_all
from app.checkin.records import export_check_ins
from app.notes.access import find_notes
from app.privacy.rules import GONE, HOW_TO_OPEN_NOTES
from app.proposals.access import find_all as find_questions
from app.reminders.models import ReminderChoice
from app.spaces.models import Schedule, Seat
from app.spaces.sealing import open_topics
from app.thoughts.access import find_thoughts

FORMAT = 1  # counts up when a name in the file changes its meaning


def gather(session: Session, member_id: int, now: datetime) -> dict[str, Any]:
    """All of a member's own words and settings, ready for JSON: times in UTC, dates as YYYY-MM-DD.

    Of others there is only what was revealed to this member, and the name they go by.
    """
    member = session.get_one(Member, member_id)
    choice = session.get(ReminderChoice, member_id)
    sign_ins = session.execute(
        select(SignIn).where(SignIn.member_id == member_id).order_by(SignIn.created_at)
    ).scalars()
    return {
        "format": f"same-side {FORMAT}",
        "made_at": now.isoformat(),
        "profile": {
            "name": member.name,
            "email": member.email,
            "zone": member.zone,
            "joined_at": member.created_at.isoformat(),
        },
        "reminders": {
            "email_on": choice.email_on if choice else True,
            "pause_until": choice.pause_until.isoformat() if choice and choice.pause_until else None,
        },
        "sign_ins": [
            {"device": row.device, "since": row.created_at.isoformat(), "last_used": row.seen_at.isoformat()}
            for row in sign_ins
        ],
        "spaces": _spaces(session, member_id),
        "check_ins": [_with_names(check_in) for check_in in export_check_ins(session, member_id)],
        "agreements": _agreements(member_id),
        "own_questions": find_questions(member_id),
        "thoughts": _thoughts(member_id),
        "private_notes": _notes(member_id),
    }


def _spaces(session: Session, member_id: int) -> list[dict[str, Any]]:
    """Every space the member has or had a seat in, oldest first, with the other's name where there is another."""
    other_seat, other = aliased(Seat), aliased(Member)
    rows = session.execute(
        select(Seat, Schedule, other, Member.key_id)
        .join(Member, Member.id == Seat.member_id)
        .join(Schedule, Schedule.space_id == Seat.space_id)
        .outerjoin(other_seat, (other_seat.space_id == Seat.space_id) & (other_seat.member_id != Seat.member_id))
        .outerjoin(other, other.id == other_seat.member_id)
        .where(Seat.member_id == member_id)
        .order_by(Seat.joined_at)
    )
    return [
        {
            "with": (partner.name or GONE) if partner else None,
            "since": seat.joined_at.isoformat(),
            "until": seat.left_at.isoformat() if seat.left_at else None,
            "weekday": schedule.weekday,
            "time": f"{schedule.minute // 60:02}:{schedule.minute % 60:02}",
            "zone": schedule.zone,
            "length": schedule.length,
            "my_topics": sorted(open_topics(key_id, seat.space_id, member_id, seat.sealed_topics)),
        }
        for seat, schedule, partner, key_id in rows
    ]


def _agreements(member_id: int) -> list[dict[str, Any]]:
    """Every agreement of the member's spaces, oldest first; what is not revealed is only what they say themselves."""
    return [
        {
            "maker": found.name or GONE,
            "is_mine": found.is_mine,
            "week_on": found.week_on.isoformat(),
            "wordings": [asdict(wording) | {"since": wording.since.isoformat()} for wording in found.agreed.wordings],
            "how_it_went": found.agreed.outcome,
            "ended": found.ended,
            "not_revealed_yet": asdict(found.said) if found.said else None,
        }
        for found in find_all(member_id)
        if not found.agreed.is_unreadable
    ]


def _thoughts(member_id: int) -> list[dict[str, Any]]:
    """Every thought that the member keeps, oldest first; `quote` is the paragraph it belongs to, or nothing."""
    thoughts = [thought.kept for thought in reversed(find_thoughts(member_id)) if not thought.kept.is_unreadable]
    return [{"words": kept.words, "quote": asdict(kept.quote) if kept.quote else None} for kept in thoughts]


def _notes(member_id: int) -> dict[str, Any]:
    """The member's private notes as they are stored, locked, and how to open them without this app."""
    found = find_notes(member_id)
    envelopes = [{"id": str(note_id), "envelope": note.envelope} for note_id, note in found.notes.items()]
    lock = vars(found.lock) if found.lock else None
    return {"how_to_open": HOW_TO_OPEN_NOTES, "lock": lock, "notes": envelopes}


def _with_names(check_in: dict[str, Any]) -> dict[str, Any]:
    """The check-in with a word for a writer whose name went with their account."""
    answers = [{**answer, "writer": answer["writer"] or GONE} for answer in check_in["answers"]]
    return {**check_in, "answers": answers}


def pack(archive: dict[str, Any], now: datetime) -> bytes:
    """The zip: same-side.json for programs, same-side.html for people, needing nothing but a browser of any age."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in (
            ("same-side.json", json.dumps(archive, ensure_ascii=False, indent=2)),
            ("same-side.html", render_template("privacy/archive.html", archive=archive)),
        ):
            file = zipfile.ZipInfo(name, now.timetuple()[:6])
            file.external_attr = 0o600 << 16
            zipped.writestr(file, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
