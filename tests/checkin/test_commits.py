"""Saves of many at once share one commit: each is durable before it is acknowledged, and none fails another's."""

import threading
import time
from dataclasses import replace

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from app.checkin import actions, drafts
from app.checkin.rules import Draft, Words
from app.clock import utcnow
from app.commits import SharedCommit, write_with_others
from app.db import db, transaction
from tests.conftest import make_person

WRITERS = 8


def all_at_once(app, jobs) -> list[object]:
    """Run jobs in threads that all wait for the database, which is held; what each of them returns or raises."""
    shared = app.extensions.setdefault("shared_commit", SharedCommit())
    results: list[object] = [None] * len(jobs)

    def run(place: int) -> None:
        with app.app_context():
            try:
                results[place] = jobs[place]()
            except Exception as error:
                results[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    with app.app_context(), transaction():
        for thread in threads:
            thread.start()
        while len(shared.waiting) < len(jobs) - 1:  # one of them leads already
            time.sleep(0.001)
    for thread in threads:
        thread.join()
    return results


@pytest.fixture
def writers(app):
    """People who each have a space of their own."""
    return [make_person(app, f"Ana{number}") for number in range(WRITERS)]


def prompt_of(sheet, person) -> str:
    return sheet(person).prompts[0]


def draft(prompt: str, text: str) -> Draft:
    return Draft(None, None, {prompt: Words(text)}, {}, 0)


def saves(sheet, people, week: int | None = None):
    """A save for each, of words of their own; the third's is made for `week`."""
    drafts_of = [draft(prompt_of(sheet, who), f"word-{place}") for place, who in enumerate(people)]
    drafts_of[2] = replace(drafts_of[2], check_in_id=week)
    return [
        lambda who=who, written=written: actions.save(who.id, written, utcnow())
        for who, written in zip(people, drafts_of, strict=True)
    ]


def commits_during(app, act) -> int:
    with app.app_context():
        engine = db.engine
    seen: list[object] = []
    note = lambda connection: seen.append(connection)  # noqa: E731  # a listener of one line
    event.listen(engine, "commit", note)
    try:
        act()
    finally:
        event.remove(engine, "commit", note)
    return len(seen)


def test_many_saves_become_few_commits_and_every_word_is_there(app, writers, sheet):
    jobs, results = saves(sheet, writers), []
    commits = commits_during(app, lambda: results.extend(all_at_once(app, jobs)))
    assert {type(result) for result in results} == {actions.Saved}
    assert commits == 3  # whoever held the database, who led first, and all the others
    for place, person in enumerate(writers):
        assert f"word-{place}" in person.text("/check-in/")
        assert f"word-{place + 1}" not in person.text("/check-in/")


def test_a_save_that_is_refused_fails_nobody_elses(app, writers, sheet):
    results = all_at_once(app, saves(sheet, writers, week=5))
    assert type(results.pop(2)) is drafts.OtherWeek
    assert {type(result) for result in results} == {actions.Saved}
    assert "word-2" not in writers[2].text("/check-in/")
    assert all(f"word-{place}" in writers[place].text("/check-in/") for place in range(WRITERS) if place != 2)


def test_nothing_is_acknowledged_when_the_commit_fails(app, writers, sheet):
    jobs = saves(sheet, writers)
    with app.app_context():
        engine = db.engine

    def fail(_: object) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise OperationalError("disk full", None, Exception())

    event.listen(engine, "commit", fail)
    try:
        results = all_at_once(app, jobs)
    finally:
        event.remove(engine, "commit", fail)
    assert {type(result) for result in results} == {OperationalError}
    assert not any("word-" in person.text("/check-in/") for person in writers)


def test_the_next_save_works_after_one_that_failed(app, writers, sheet):
    all_at_once(app, saves(sheet, writers, week=5))
    with app.app_context():
        assert actions.save(writers[2].id, draft(prompt_of(sheet, writers[2]), "again"), utcnow()).version == 1


def test_who_is_in_a_transaction_cannot_wait_for_others(either_app):
    with either_app.app_context(), transaction(), pytest.raises(RuntimeError):
        write_with_others(lambda connection: None)
