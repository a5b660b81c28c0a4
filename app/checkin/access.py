"""Loads check-ins for the member who asks: their own part always, the other's only once it is revealed."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import abort, current_app
from flask_login import current_user
from sqlalchemy import Row, Select, bindparam, exists, func, select
from sqlalchemy.orm import aliased

from app import clock
from app.accounts.models import Member
from app.checkin import actions
from app.checkin.models import Addition, Answer, CheckIn, Entry
from app.checkin.rules import UNDO_LASTS, Kept, Mine, Revealed, Sealed, Shared, Words, judge_kept, reveal
from app.checkin.sealing import open_addition, open_answer, open_ratings
from app.content import Content, Prompt
from app.db import MAX_ID, db, read
from app.proposals.access import find_questions
from app.proposals.rules import STRATEGY as OWN
from app.spaces.access import MySpace
from app.spaces.models import Seat, Space

PAGE = 26  # check-ins on a page of the history
GAP = 3  # check-ins since a member wrote last, this one counted: then they are welcomed back
GONE = Prompt("", "", "A question that is no longer asked", "light", "", "", "", "")

# Check-ins with the member's own entry and what the page must know beside them; of nobody else anything.
_other, _mine = aliased(CheckIn), aliased(Entry)
_before, _left, _older = aliased(CheckIn), aliased(Entry), aliased(CheckIn)
_last_week_on = (
    select(func.max(_older.week_on))
    .where(_older.space_id == CheckIn.space_id, _older.week_on < CheckIn.week_on)
    .correlate(CheckIn)  # said, since two levels further in it would ask about every space there is
)
_left_alone = (  # the check-in before, when the member had finished it alone and has chosen nothing yet
    select(_before.id)
    .join(_left, (_left.check_in_id == _before.id) & (_left.member_id == Member.id))
    .where(_before.space_id == CheckIn.space_id, _before.week_on == _last_week_on.scalar_subquery())
    .where(_before.revealed_at.is_(None), _left.submitted_at.is_not(None), _left.deleted_at.is_(None))
    .where(_left.is_shared.is_(False), _left.is_carried.is_(False))
)
_added, _writer = aliased(Addition), aliased(Entry)
_back, _recent, _written = aliased(CheckIn), aliased(CheckIn), aliased(Entry)
_gap_begins = (
    select(_back.week_on)
    .where(_back.space_id == CheckIn.space_id, _back.week_on < CheckIn.week_on)
    .order_by(_back.week_on.desc())
    .offset(GAP - 2)  # this one counts, and is not written in either
    .limit(1)
    .correlate(CheckIn)
    .scalar_subquery()
)
_wrote_lately = (
    exists()
    .where(_written.check_in_id == _recent.id, _written.member_id == Member.id, _written.version > 0)
    .where(_recent.space_id == CheckIn.space_id, _recent.week_on >= _gap_begins)
)
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
        Entry.is_shared,
        Entry.is_carried,
        Entry.deleted_at,
        Entry.is_discarded,
        Member.key_id,
        Space.ended_at,
        exists().where(_other.space_id == CheckIn.space_id, _other.revealed_at.is_not(None)).label("had_reveal"),
        exists().where(_mine.member_id == Member.id, Answer.entry_id == _mine.id).label("has_written"),
        (_gap_begins.is_not(None) & ~_wrote_lately).label("has_gap"),
        exists().where(_mine.deleted_at <= bindparam("gone_before")).label("is_bin_full"),
        exists().where(_added.entry_id == _writer.id, _writer.check_in_id == CheckIn.id).label("has_additions"),
        _left_alone.scalar_subquery().label("left_alone"),
    )
    .join(Space, Space.id == CheckIn.space_id)
    .join(Member, Member.id == bindparam("member_id"))
    .outerjoin(Entry, (Entry.check_in_id == CheckIn.id) & (Entry.member_id == Member.id))
)
_CURRENT = _CHECK_INS.where(CheckIn.space_id == bindparam("space_id")).order_by(CheckIn.week_on.desc()).limit(1)
_ANY_OF_MINE = _CHECK_INS.join(Seat, (Seat.space_id == CheckIn.space_id) & (Seat.member_id == Member.id)).where(
    CheckIn.id == bindparam("check_in_id")
)
# Another's row leaves the database only when the check-in is revealed, or when its writer has shared it after the end.
_ANSWERS = (
    select(
        Answer.entry_id, Answer.prompt, Answer.key_id, Answer.sealed, Answer.version, Entry.member_id, Entry.is_shared
    )
    .join(Entry, Entry.id == Answer.entry_id)
    .join(CheckIn, CheckIn.id == Entry.check_in_id)
    .where(CheckIn.id == bindparam("check_in_id"))
    .where(
        (Entry.member_id == bindparam("member_id"))
        | CheckIn.revealed_at.is_not(None)
        | (Entry.is_shared & CheckIn.closed_at.is_not(None))
    )
    .where(Entry.deleted_at.is_(None) | CheckIn.revealed_at.is_not(None))
)


_ADDITIONS = (
    select(Addition.entry_id, Addition.number, Addition.prompt, Addition.key_id, Addition.sealed, Entry.member_id)
    .join(Entry, Entry.id == Addition.entry_id)
    .join(CheckIn, CheckIn.id == Entry.check_in_id)
    .where(CheckIn.id == bindparam("check_in_id"), CheckIn.revealed_at.is_not(None))
    .order_by(Addition.number)
)


@dataclass(frozen=True)
class Card:
    """One prompt of a check-in, with the id its answers are kept under."""

    id: str
    prompt: Prompt
    is_carried: bool = False  # from an earlier week


@dataclass(frozen=True)
class Week:
    """One check-in as one member may know it. `names` holds the names to the member ids in `view`."""

    id: int
    week_on: date
    opened_at: datetime
    cards: tuple[Card, ...]
    view: Sealed | Shared | Revealed
    kept: Kept
    names: Mapping[int, str]
    member_id: int
    is_first_reveal: bool
    has_written_before: bool
    is_current: bool  # whether it is still the space's last one
    has_ended: bool  # whether the space has
    is_copy_discarded: bool  # of a revealed check-in, and can still be brought back
    is_back: bool  # whether the member comes back after a gap
    left_alone: int | None  # the check-in before, if the member finished it alone and has chosen nothing yet

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
    row = _read_check_in(_CURRENT, member_id=space.member_id, space_id=space.id)
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
    row = _read_check_in(_ANY_OF_MINE, member_id=member_id, check_in_id=check_in_id)
    if row is None or row.is_discarded:
        abort(404)
    people = select(Member).join(Seat, Seat.member_id == Member.id).where(Seat.space_id == row.space_id)
    names = {person.id: person.name for person in db.session.execute(people).scalars()}
    return _week(row, member_id, names)


@dataclass(frozen=True)
class PastWeek:
    """A line of the history: a check-in that was revealed, of which the other shared, or in which the member wrote."""

    id: int
    week_on: date
    is_revealed: bool
    partner_name: str | None  # None in a solo space, empty when the account is deleted
    shared_by: str = ""  # of a week that was not revealed: me, other, both or nobody


def my_history(page: int) -> list[PastWeek]:
    """A page of the member's check-ins in all their spaces, newest first, and one row more if there is another page."""
    member_id = current_user.id
    partner, partner_seat, given = aliased(Member), aliased(Seat), aliased(Entry)
    query = (
        select(CheckIn.id, CheckIn.week_on, CheckIn.revealed_at, partner.name, Entry.is_shared, given.id)
        .join(Seat, (Seat.space_id == CheckIn.space_id) & (Seat.member_id == member_id))
        .outerjoin(Entry, (Entry.check_in_id == CheckIn.id) & (Entry.member_id == member_id))
        .outerjoin(partner_seat, (partner_seat.space_id == CheckIn.space_id) & (partner_seat.member_id != member_id))
        .outerjoin(partner, partner.id == partner_seat.member_id)
        .outerjoin(given, (given.check_in_id == CheckIn.id) & (given.member_id != member_id) & given.is_shared)
        .where(
            (CheckIn.revealed_at.is_not(None) & Entry.deleted_at.is_(None) & Entry.is_discarded.is_not(True))
            | (CheckIn.revealed_at.is_(None) & (Entry.version > 0) & Entry.deleted_at.is_(None))
            | (given.id.is_not(None) & CheckIn.closed_at.is_not(None))
        )
        .order_by(CheckIn.opened_at.desc(), CheckIn.week_on.desc(), CheckIn.id)
        .offset(PAGE * (page - 1))
        .limit(PAGE + 1)
    )
    return [
        PastWeek(id, week_on, revealed_at is not None, name, _who_shared(is_shared, given_id is not None))
        for id, week_on, revealed_at, name, is_shared, given_id in db.session.execute(query)
    ]


def _who_shared(by_me: bool | None, by_other: bool) -> str:
    return {(True, True): "both", (True, False): "me", (False, True): "other"}.get((bool(by_me), by_other), "")


def _read_check_in(query: Select[Any], **wanted: int) -> Row[Any] | None:
    """The row of one check-in. Whoever comes by empties the bin, where the scheduler has not."""
    now = clock.utcnow()
    row = read(query, **wanted, gone_before=now - UNDO_LASTS).first()
    if row is None or not row.is_bin_full:
        return row
    actions.empty_bin(now)
    return read(query, **wanted, gone_before=now - UNDO_LASTS).first()


def _week(row: Row[Any], member_id: int, names: Mapping[int, str]) -> Week:
    is_deleted, is_revealed = row.deleted_at is not None, row.revealed_at is not None
    has_closed = row.closed_at is not None or row.ended_at is not None
    answers, shared_by = _answers(row.check_in_id, member_id)
    if is_revealed and is_deleted:
        answers = {}  # their own copy is discarded
    elif is_revealed and row.has_additions:
        _add_additions(answers, row.check_in_id)
    mine = Mine(
        answers=answers.get(member_id, {}),
        ratings={} if is_deleted else open_ratings(row.key_id, row),
        ratings_version=row.ratings_version or 0,
        is_submitted=row.submitted_at is not None,
    )
    view = reveal(
        is_revealed=is_revealed and not is_deleted,
        is_closed=has_closed,
        mine=mine,
        answers=answers,
        shared_by=shared_by,
    )
    kept = judge_kept(
        has_words=mine.has_words,
        has_ended=row.ended_at is not None,
        is_for_two=len(names) > 1,
        is_shared=bool(row.is_shared),
        is_carried=bool(row.is_carried),
        is_deleted=is_deleted,
    )
    return Week(
        id=row.check_in_id,
        week_on=row.week_on,
        opened_at=row.opened_at,
        cards=_cards(row.prompts, view),
        view=view,
        kept=kept if view.state == "closed" else Kept(may_discard=is_revealed and has_closed),
        names=names,
        member_id=member_id,
        is_first_reveal=len(names) > 1 and not row.had_reveal,
        has_written_before=bool(row.has_written),
        is_current=row.closed_at is None and row.ended_at is None,
        has_ended=row.ended_at is not None,
        is_copy_discarded=is_revealed and is_deleted,
        is_back=bool(row.has_written and row.has_gap),
        left_alone=row.left_alone,
    )


def _add_additions(answers: dict[int, dict[str, Words]], check_in_id: int) -> None:
    """Put what was added since the reveal beside the answers."""
    for row in read(_ADDITIONS, check_in_id=check_in_id):
        words = answers.get(row.member_id, {}).get(row.prompt)
        if words is not None:
            answers[row.member_id][row.prompt] = replace(words, added=(*words.added, open_addition(row)))


def _cards(prompts: Sequence[str], view: Sealed | Shared | Revealed) -> tuple[Card, ...]:
    """The cards of a check-in, and after them those that were carried into what the reader may see of it."""
    seen = [view.mine.answers] if isinstance(view, Sealed) else [view.mine.answers, *view.answers.values()]
    carried = sorted({prompt for answers in seen for prompt in answers} - set(prompts))
    known = _prompts([*prompts, *carried])
    asked = [Card(id, known[id]) for id in prompts]
    return (*asked, *(Card(id, known[id], is_carried=True) for id in carried))


def _prompts(ids: Sequence[str]) -> dict[str, Prompt]:
    """The prompts with these ids: of the content, the members' own, or GONE."""
    content: Content = current_app.extensions["content"]
    own = {id: Prompt(id, OWN, words, "middle", "", "", "", "") for id, words in find_questions(ids).items()}
    return {id: own.get(id) or content.prompts.get(id, GONE) for id in ids}


def _answers(check_in_id: int, member_id: int) -> tuple[dict[int, dict[str, Words]], frozenset[int]]:
    """Answers by member and prompt, and which others have shared theirs."""
    answers: dict[int, dict[str, Words]] = defaultdict(dict)
    shared_by = set()
    for answer in read(_ANSWERS, check_in_id=check_in_id, member_id=member_id):
        answers[answer.member_id][answer.prompt] = open_answer(answer)
        if answer.is_shared and answer.member_id != member_id:
            shared_by.add(answer.member_id)
    return answers, frozenset(shared_by)
