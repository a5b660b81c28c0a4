"""Loads check-ins for the member who asks: their own part always, the other's only once it is revealed."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask import abort, current_app
from flask_login import current_user
from sqlalchemy import Row, bindparam, exists, select
from sqlalchemy.orm import aliased

from app import clock
from app.accounts.models import Member
from app.checkin import actions
from app.checkin.models import Answer, CheckIn, Entry
from app.checkin.rules import Mine, Revealed, Sealed, Words, reveal
from app.checkin.sealing import open_answer, open_ratings
from app.content import Content, Prompt
from app.db import MAX_ID, db, read
from app.spaces.access import MySpace
from app.spaces.models import Seat, Space

PAGE = 26  # check-ins on a page of the history
GONE = Prompt("", "", "A question that is no longer asked", "light", "", "", "", "")

# Check-ins with the member's own entry and what the page must know beside them; of nobody else anything.
_other, _mine = aliased(CheckIn), aliased(Entry)
_CHECK_INS = (
    select(
        CheckIn.id.label("check_in_id"),
        CheckIn.space_id,
        CheckIn.week_on,
        CheckIn.prompts,
        CheckIn.opened_at,
        CheckIn.revealed_at,
        CheckIn.closed_at,
        Entry.id,
        Entry.sealed_ratings,
        Entry.ratings_version,
        Entry.submitted_at,
        Member.key_id,
        Space.ended_at,
        exists().where(_other.space_id == CheckIn.space_id, _other.revealed_at.is_not(None)).label("had_reveal"),
        exists().where(_mine.member_id == Member.id, Answer.entry_id == _mine.id).label("has_written"),
    )
    .join(Space, Space.id == CheckIn.space_id)
    .join(Member, Member.id == bindparam("member_id"))
    .outerjoin(Entry, (Entry.check_in_id == CheckIn.id) & (Entry.member_id == Member.id))
)
_CURRENT = _CHECK_INS.where(CheckIn.space_id == bindparam("space_id")).order_by(CheckIn.week_on.desc()).limit(1)
_ANY_OF_MINE = _CHECK_INS.join(Seat, (Seat.space_id == CheckIn.space_id) & (Seat.member_id == Member.id)).where(
    CheckIn.id == bindparam("check_in_id")
)
# Another's row leaves the database only when the check-in is revealed.
_ANSWERS = (
    select(Answer.entry_id, Answer.prompt, Answer.key_id, Answer.sealed, Answer.version, Entry.member_id)
    .join(Entry, Entry.id == Answer.entry_id)
    .join(CheckIn, CheckIn.id == Entry.check_in_id)
    .where(CheckIn.id == bindparam("check_in_id"))
    .where((Entry.member_id == bindparam("member_id")) | CheckIn.revealed_at.is_not(None))
)


@dataclass(frozen=True)
class Card:
    """One prompt of a check-in, with the id its answers are kept under."""

    id: str
    prompt: Prompt


@dataclass(frozen=True)
class Week:
    """One check-in as one member may know it. `names` holds the names to the member ids in `view`."""

    id: int
    week_on: date
    opened_at: datetime
    cards: tuple[Card, ...]
    view: Sealed | Revealed
    names: Mapping[int, str]
    member_id: int
    is_first_reveal: bool
    has_written_before: bool
    is_current: bool  # whether it is still the space's last one
    has_ended: bool  # whether the space has

    @property
    def state(self) -> str:
        return self.view.state

    @property
    def is_for_two(self) -> bool:
        """Whether there are two who could talk it through: a couple that has not parted."""
        return len(self.names) > 1 and not self.has_ended


def open_if_due(space: MySpace) -> None:
    """Open the space's check-in if its time has come and the scheduler has not been there."""
    now = clock.utcnow()
    if space.next_due_at <= now:
        actions.open_for_space(space.id, now)


def my_week(space: MySpace) -> Week:
    """The current check-in of the signed-in member's space; opened now if its time has come."""
    open_if_due(space)
    row = read(_CURRENT, member_id=space.member_id, space_id=space.id).first()
    if row is None:
        abort(404)
    names = {space.member_id: space.member_name}
    if space.partner_id is not None:
        names[space.partner_id] = space.partner_name
    return _week(row, space.member_id, names)


def my_check_in(check_in_id: int) -> Week:
    """One check-in of any space the signed-in member has or had a seat in, or 404."""
    if not current_user.is_authenticated or check_in_id > MAX_ID:
        abort(404)
    member_id = current_user.id
    row = read(_ANY_OF_MINE, member_id=member_id, check_in_id=check_in_id).first()
    if row is None:
        abort(404)
    people = select(Member).join(Seat, Seat.member_id == Member.id).where(Seat.space_id == row.space_id)
    names = {person.id: person.name for person in db.session.execute(people).scalars()}
    return _week(row, member_id, names)


@dataclass(frozen=True)
class PastWeek:
    """A line of the history: a check-in that was revealed, or in which the member wrote something."""

    id: int
    week_on: date
    is_revealed: bool
    partner_name: str | None  # None in a solo space, empty when the account is deleted


def my_history(page: int) -> list[PastWeek]:
    """A page of the member's check-ins in all their spaces, newest first, and one row more if there is another page."""
    member_id = current_user.id
    partner, partner_seat = aliased(Member), aliased(Seat)
    query = (
        select(CheckIn.id, CheckIn.week_on, CheckIn.revealed_at, partner.name)
        .join(Seat, (Seat.space_id == CheckIn.space_id) & (Seat.member_id == member_id))
        .outerjoin(Entry, (Entry.check_in_id == CheckIn.id) & (Entry.member_id == member_id))
        .outerjoin(partner_seat, (partner_seat.space_id == CheckIn.space_id) & (partner_seat.member_id != member_id))
        .outerjoin(partner, partner.id == partner_seat.member_id)
        .where(CheckIn.revealed_at.is_not(None) | (Entry.version > 0))
        .order_by(CheckIn.opened_at.desc())
        .offset(PAGE * (page - 1))
        .limit(PAGE + 1)
    )
    return [
        PastWeek(id, week_on, revealed_at is not None, name)
        for id, week_on, revealed_at, name in db.session.execute(query)
    ]


def _week(row: Row[Any], member_id: int, names: Mapping[int, str]) -> Week:
    answers = _answers(row.check_in_id, member_id)
    mine = Mine(
        answers=answers.get(member_id, {}),
        ratings=open_ratings(row.key_id, row),
        ratings_version=row.ratings_version or 0,
        is_submitted=row.submitted_at is not None,
    )
    view = reveal(
        is_revealed=row.revealed_at is not None,
        is_closed=row.closed_at is not None or row.ended_at is not None,
        mine=mine,
        answers=answers,
    )
    content: Content = current_app.extensions["content"]
    return Week(
        id=row.check_in_id,
        week_on=row.week_on,
        opened_at=row.opened_at,
        cards=tuple(Card(id, content.prompts.get(id, GONE)) for id in row.prompts),
        view=view,
        names=names,
        member_id=member_id,
        is_first_reveal=len(names) > 1 and not row.had_reveal,
        has_written_before=bool(row.has_written),
        is_current=row.closed_at is None and row.ended_at is None,
        has_ended=row.ended_at is not None,
    )


def _answers(check_in_id: int, member_id: int) -> dict[int, dict[str, Words]]:
    """Answers by member and prompt. Another's row leaves the database only when the check-in is revealed."""
    answers: dict[int, dict[str, Words]] = defaultdict(dict)
    for answer in read(_ANSWERS, check_in_id=check_in_id, member_id=member_id):
        answers[answer.member_id][answer.prompt] = open_answer(answer)
    return answers
