"""Two who submit in the same instant: both see both, once, on both databases."""

import re
import threading

from sqlalchemy import func, select

from app.checkin import actions, drafts
from app.checkin.models import Answer, CheckIn, Entry
from app.checkin.rules import Draft, Words
from app.clock import utcnow
from app.db import db
from app.spaces.models import Space
from tests.conftest import link, make_person

ROUNDS = 50


def at_once(app, *jobs) -> list[object]:
    """Run jobs in threads that start at the same moment, each with an app context of its own; their results."""
    barrier = threading.Barrier(len(jobs))
    results: list[object] = [None] * len(jobs)

    def run(place: int) -> None:
        with app.app_context():
            barrier.wait()
            try:
                results[place] = jobs[place]()
            except Exception as error:
                results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def open_sheet(app, person) -> str:
    """The first prompt of the person's current check-in, opened if need be."""
    return re.search(r'id="answer-([^"]+)"', person.text("/check-in/"))[1]


def current(app, space_id: int) -> int:
    with app.app_context():
        return db.session.execute(select(CheckIn.id).where(CheckIn.space_id == space_id)).scalar_one()


def draft(prompt: str, text: str) -> Draft:
    return Draft(None, None, {prompt: Words(text)}, {}, 0)


def test_two_simultaneous_submits_reveal_exactly_once(either_app):
    for round in range(ROUNDS):
        ana, ben = make_person(either_app, f"Ana{round}"), make_person(either_app, f"Ben{round}")
        space_id = link(either_app, ana, ben)
        prompt = open_sheet(either_app, ana)
        results = at_once(
            either_app,
            lambda who=ana, prompt=prompt: actions.submit(who.id, draft(prompt, "of ana"), utcnow()),
            lambda who=ben, prompt=prompt: actions.submit(who.id, draft(prompt, "of ben"), utcnow()),
        )
        assert sorted(saved.is_revealed for saved in results) == [False, True]
        with either_app.app_context():
            check_in = db.session.execute(select(CheckIn).where(CheckIn.space_id == space_id)).scalar_one()
            assert check_in.revealed_at is not None
    with either_app.app_context():
        assert db.session.execute(select(func.count()).select_from(Answer)).scalar() == 2 * ROUNDS


def test_submitting_and_taking_back_at_once_leaves_no_half_reveal(either_app):
    for round in range(ROUNDS):
        ana, ben = make_person(either_app, f"Ana{round}"), make_person(either_app, f"Ben{round}")
        space_id = link(either_app, ana, ben)
        prompt = open_sheet(either_app, ana)
        with either_app.app_context():
            actions.submit(ana.id, draft(prompt, "of ana"), utcnow())
        week = current(either_app, space_id)
        took_back, saved = at_once(
            either_app,
            lambda who=ana, week=week: actions.take_back(who.id, week),
            lambda who=ben, prompt=prompt: actions.submit(who.id, draft(prompt, "of ben"), utcnow()),
        )
        with either_app.app_context():
            check_in = db.session.execute(select(CheckIn).where(CheckIn.space_id == space_id)).scalar_one()
            assert (check_in.revealed_at is not None) is saved.is_revealed is (not took_back)


def test_a_save_that_meets_the_reveal_never_lands_after_it(either_app):
    """Ben finishes on one device while the other still saves: what is revealed is sealed with the key of the space."""
    for round in range(ROUNDS):
        ana, ben = make_person(either_app, f"Ana{round}"), make_person(either_app, f"Ben{round}")
        space_id = link(either_app, ana, ben)
        prompt = open_sheet(either_app, ana)
        with either_app.app_context():
            actions.submit(ana.id, draft(prompt, "of ana"), utcnow())
        results = at_once(
            either_app,
            lambda who=ben, prompt=prompt: actions.submit(who.id, draft(prompt, "finished"), utcnow()),
            lambda who=ben, prompt=prompt: actions.save(who.id, draft(prompt, "late"), utcnow()),
        )
        with either_app.app_context():
            used = set(db.session.execute(keys_of(space_id)).scalars())
            of_space = db.session.execute(select(Space.key_id).where(Space.id == space_id)).scalar_one()
        if isinstance(results[0], actions.Saved):
            assert results[0].is_revealed
            assert type(results[1]) is drafts.NotOpen
            assert used == {of_space}
        else:
            assert type(results[0]) is drafts.Conflicting
            assert isinstance(results[1], actions.Saved)
            assert of_space not in used


def keys_of(space_id: int):
    """The keys that the answers of a space are sealed with."""
    entries = select(Entry.id).join(CheckIn, CheckIn.id == Entry.check_in_id).where(CheckIn.space_id == space_id)
    return select(Answer.key_id).where(Answer.entry_id.in_(entries))


def test_two_devices_that_save_the_same_answer_at_once_lose_no_word(either_app):
    for round in range(ROUNDS):
        ana = make_person(either_app, f"Ana{round}")
        prompt = open_sheet(either_app, ana)
        results = at_once(
            either_app,
            lambda who=ana, prompt=prompt: actions.save(who.id, draft(prompt, "phone"), utcnow()),
            lambda who=ana, prompt=prompt: actions.save(who.id, draft(prompt, "laptop"), utcnow()),
        )
        kinds = sorted(type(result).__name__ for result in results)
        assert kinds == ["Conflicting", "Saved"]
