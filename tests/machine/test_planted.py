"""Defects planted one at a time: each must make the machine cry out, or its silence is worth nothing."""

import sys
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask_login import current_user
from hypothesis import Phase
from hypothesis.errors import Flaky
from sqlalchemy import select, update

from app.checkin import access as weeks
from app.checkin import actions as acts
from app.checkin import rules
from app.checkin.models import CheckIn, Entry
from app.db import db, transaction
from app.privacy import archive
from app.spaces import access as spaces
from app.spaces import actions as space_acts
from app.spaces.models import Seat
from app.thoughts.access import find_thoughts
from tests.machine import test_rules_alone, test_through_http

Plant = Callable[[pytest.MonkeyPatch], None]
RUNS = 20


def partner_of(member_id: int) -> int | None:
    space = spaces.find_space_of(member_id)
    return space.partner_id if space else None


def a_draft_is_handed_on(plant: pytest.MonkeyPatch) -> None:
    """The query forgets to ask whether the week is revealed, and so does the rule."""
    unguarded = (
        select(*weeks._ANSWERS.selected_columns)
        .join(Entry, Entry.id == weeks.Answer.entry_id)
        .where(Entry.check_in_id == weeks.bindparam("check_in_id"))
    )
    honest = rules.reveal

    def reveal(*, is_revealed: bool, **facts: Any) -> Any:
        return honest(is_revealed=is_revealed or len(facts["answers"]) > 1, **facts)

    plant.setattr(weeks, "_ANSWERS", unguarded)
    plant.setattr(weeks, "reveal", reveal)


def that_a_draft_exists_is_told(plant: pytest.MonkeyPatch) -> None:
    """The history has a line more once the partner has begun to write."""
    honest = weeks.my_history

    def my_history(page: int) -> list[weeks.PastWeek]:
        begun = select(CheckIn).join(Entry, Entry.check_in_id == CheckIn.id)
        theirs = begun.where(Entry.member_id == partner_of(current_user.id), CheckIn.closed_at.is_(None))
        found = db.session.execute(theirs).scalars().all()
        return [weeks.PastWeek(week.id, week.week_on, False, "") for week in found] + honest(page)

    plant.setattr(sys.modules["app.checkin.views"], "my_history", my_history)


def ratings_are_taken_along(plant: pytest.MonkeyPatch) -> None:
    """The partner's ratings are in the export."""
    honest = archive.gather

    def gather(session: Any, member_id: int, now: Any) -> Any:
        versions = session.execute(select(Entry.ratings_version).where(Entry.member_id == partner_of(member_id)))
        return honest(session, member_id, now) | {"partner": sum(versions.scalars())}

    plant.setattr(archive, "gather", gather)


def a_conflict_loses_a_draft(plant: pytest.MonkeyPatch) -> None:
    """An old page writes over what it has not seen."""
    plant.setattr(rules, "find_conflicts", lambda *_: rules.Conflict())


def one_is_enough_to_reveal(plant: pytest.MonkeyPatch) -> None:
    plant.setattr(rules, "is_complete", lambda seats, submitted: bool(submitted))


def a_pair_is_half_linked(plant: pytest.MonkeyPatch) -> None:
    """Who invited is not seated."""
    honest = space_acts.add_space

    def add_space(session: Any, member_ids: list[int], **more: Any) -> Any:
        return honest(session, member_ids[-1:], **more)

    plant.setattr(space_acts, "add_space", add_space)


def what_was_revealed_is_taken_back(plant: pytest.MonkeyPatch) -> None:
    def take_back(member_id: int, check_in_id: int) -> bool:
        with transaction() as session:
            mine = update(Entry).where(Entry.check_in_id == check_in_id, Entry.member_id == member_id)
            session.execute(mine.values(submitted_at=None))
            session.execute(update(CheckIn).where(CheckIn.id == check_in_id).values(revealed_at=None))
        return True

    plant.setattr(acts, "take_back", take_back)


def leaving_takes_two(plant: pytest.MonkeyPatch) -> None:
    """The first to ask for it is left where they are."""
    plant.setattr(space_acts, "leave_space", lambda space_id, now: None)


def the_one_who_stays_keeps_the_seat_of_the_one_who_left(plant: pytest.MonkeyPatch) -> None:
    """Leaving gives both one new space again, in which all that is new is shared."""

    def part(session: Any, space_id: int, now: Any) -> None:
        members = session.execute(select(Seat.member_id).where(Seat.space_id == space_id)).scalars().all()
        space_acts.end_spaces(session, [space_id], now)
        space_acts.add_space(
            session, list(members), weekday=6, minute=1140, zone="Europe/Zurich", length="usual", now=now
        )

    plant.setattr(space_acts, "part", part)


def a_thought_is_in_the_partners_export(plant: pytest.MonkeyPatch) -> None:
    honest = archive.gather

    def gather(session: Any, member_id: int, now: Any) -> Any:
        thoughts = [found.kept.words for found in find_thoughts(partner_of(member_id) or 0)]
        return honest(session, member_id, now) | {"more": thoughts}

    plant.setattr(archive, "gather", gather)


def revealed_words_vanish_when_somebody_leaves(plant: pytest.MonkeyPatch) -> None:
    honest = space_acts.end_spaces

    def end_spaces(session: Any, space_ids: Any, now: Any) -> None:
        honest(session, space_ids, now)
        session.execute(update(CheckIn).where(CheckIn.space_id.in_(space_ids)).values(revealed_at=None))

    plant.setattr(space_acts, "end_spaces", end_spaces)


def a_page_says_who_has_finished(plant: pytest.MonkeyPatch) -> None:
    """R5: the name of whoever one waits for."""
    honest = archive.gather

    def gather(session: Any, member_id: int, now: Any) -> Any:
        space = spaces.find_space_of(member_id)
        return honest(session, member_id, now) | {"hint": f"{space.partner_name} has finished"}

    plant.setattr(archive, "gather", gather)


PLANTED = [
    a_draft_is_handed_on,
    that_a_draft_exists_is_told,
    ratings_are_taken_along,
    a_conflict_loses_a_draft,
    one_is_enough_to_reveal,
    a_pair_is_half_linked,
    what_was_revealed_is_taken_back,
    leaving_takes_two,
    the_one_who_stays_keeps_the_seat_of_the_one_who_left,
    a_thought_is_in_the_partners_export,
    revealed_words_vanish_when_somebody_leaves,
    a_page_says_who_has_finished,
]


@pytest.mark.long
@pytest.mark.parametrize("defect", PLANTED, ids=lambda defect: defect.__name__)
def test_the_machine_finds_it_in_the_app(
    sqlite_app: Flask, monkeypatch: pytest.MonkeyPatch, same_questions: None, defect: Plant
) -> None:
    defect(monkeypatch)
    with pytest.raises((AssertionError, Flaky)):  # found, even where random ids hide it the second time
        test_through_http.live(sqlite_app, RUNS)


RULES = {
    "everything is revealed": ("reveal", lambda is_revealed, is_closed, mine, answers: rules.Revealed(mine, answers)),
    "one is enough to reveal": ("is_complete", lambda seats, submitted: bool(submitted)),
    "nothing is ever revealed": ("is_complete", lambda seats, submitted: False),
    "a conflict loses a draft": ("find_conflicts", lambda *_: rules.Conflict()),
}


@pytest.mark.parametrize("name", RULES)
def test_the_machine_finds_it_in_the_rules(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(rules, *RULES[name])
    with pytest.raises(AssertionError):
        test_rules_alone.live(50, Phase.generate)
