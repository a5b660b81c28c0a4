"""Two at the same instant: however they meet, everybody ends with one seat and no space with more than two."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.db import db
from app.spaces.models import Invitation, Schedule, Seat, Space
from tests.conftest import Person, make_person, token_for
from tests.spaces.test_invitations import invite, space_of

pytestmark = pytest.mark.slow
ROUNDS = 50
FEWER = 12  # for what follows from the same locks
Post = tuple[Person, str, dict[str, str]]


@dataclass
class Ring:
    """Three people on one app, and threads that let go of their requests at the same instant."""

    app: Flask
    people: tuple[Person, Person, Person]
    threads: ThreadPoolExecutor

    def at_once(self, *posts: Post) -> list[TestResponse]:
        """Send each form from its own browser and thread; the answers, in the order of the forms."""
        barrier = threading.Barrier(len(posts))

        def send(person: Person, address: str, data: dict[str, str]) -> TestResponse:
            form = {"csrf_token": token_for(person.client), **data}
            barrier.wait()
            return person.client.post(address, data=form)

        return [sent.result() for sent in [self.threads.submit(send, *post) for post in posts]]

    def other_device_of(self, person: Person) -> Person:
        """The same member in another browser, so that two of their requests can be under way."""
        browser = self.app.test_client()
        browser.set_cookie("sign-in", person.client.get_cookie("sign-in").value)
        return Person(person.id, person.name, person.email, browser)

    def part(self) -> None:
        """Everybody is alone again."""
        for person in self.people:
            if space_of(self.app, person).is_couple:
                assert person.post("/space/leave", {"confirm": "leave"}).status_code == 303

    def is_couple(self, first: Person, second: Person) -> bool:
        return space_of(self.app, first).partner_id == second.id

    def assert_whole(self, couples: int) -> None:
        """Each has exactly one seat, so many spaces are shared by two, and what has ended is empty and not due."""
        with self.app.app_context():
            active = db.session.execute(select(Seat.member_id, Seat.space_id).where(Seat.left_at.is_(None))).all()
            assert sorted(seat.member_id for seat in active) == sorted(person.id for person in self.people)
            sizes = Counter(Counter(seat.space_id for seat in active).values())
            assert sizes == Counter({2: couples, 1: len(self.people) - 2 * couples}) - Counter()
            alive = select(Schedule.space_id).where(Schedule.next_due_at.is_not(None))
            living = select(Space.id).where(Space.ended_at.is_(None))
            here = {seat.space_id for seat in active}
            assert set(db.session.execute(alive).scalars()) == set(db.session.execute(living).scalars()) == here


@pytest.fixture
def ring(either_app: Flask) -> Iterator[Ring]:
    ann, ben, cem = (make_person(either_app, name) for name in ("Ann", "Ben", "Cem"))
    for person in (ann, ben, cem):
        person.get("/space/")
    with ThreadPoolExecutor(3) as threads:
        yield Ring(either_app, (ann, ben, cem), threads)


def play(ring: Ring, rounds: int, one_round: Callable[[], None]) -> None:
    for _ in range(rounds):
        one_round()
        ring.part()
        ring.assert_whole(couples=0)


def test_two_strangers_accept_one_link_and_one_of_them_comes_too_late(ring: Ring) -> None:
    ann, ben, cem = ring.people

    def one_round() -> None:
        path = invite(ann)
        answers = ring.at_once((ben, path, {}), (cem, path, {}))
        assert sorted(answer.status_code for answer in answers) == [303, 404]
        ring.assert_whole(couples=1)
        winner = ben if answers[0].status_code == 303 else cem
        assert ring.is_couple(ann, winner)

    play(ring, ROUNDS, one_round)


def test_two_accept_each_other_and_meet_in_one_space(ring: Ring) -> None:
    ann, ben, _ = ring.people

    def one_round() -> None:
        anns, bens = invite(ann), invite(ben)
        answers = ring.at_once((ann, bens, {}), (ben, anns, {}))
        assert [(answer.status_code, answer.location) for answer in answers] == [(303, "/space/")] * 2
        ring.assert_whole(couples=1)
        assert ring.is_couple(ann, ben)

    play(ring, ROUNDS, one_round)


def test_one_tap_twice_is_one_space(ring: Ring) -> None:
    ann, ben, _ = ring.people

    def one_round() -> None:
        path = invite(ann)
        answers = ring.at_once((ben, path, {}), (ring.other_device_of(ben), path, {}))
        assert [answer.status_code for answer in answers] == [303, 303]
        ring.assert_whole(couples=1)

    play(ring, FEWER, one_round)


def test_the_inviter_accepts_elsewhere_meanwhile(ring: Ring) -> None:
    ann, ben, cem = ring.people

    def one_round() -> None:
        anns, cems = invite(ann), invite(cem)
        by_ann, by_ben = ring.at_once((ann, cems, {}), (ben, anns, {}))
        assert (by_ann.status_code, by_ben.status_code) in {(303, 404), (422, 303)}
        ring.assert_whole(couples=1)
        assert ring.is_couple(ann, cem if by_ann.status_code == 303 else ben)

    play(ring, FEWER, one_round)


def test_a_link_is_withdrawn_or_replaced_while_it_is_accepted(ring: Ring) -> None:
    ann, ben, _ = ring.people

    def one_round() -> None:
        path = invite(ann)
        accepted, _ = ring.at_once((ben, path, {}), (ann, "/space/invitations", {}))
        assert accepted.status_code in (303, 404)
        is_linked = accepted.status_code == 303
        ring.assert_whole(couples=1 if is_linked else 0)
        with ring.app.app_context():
            still_open = db.session.execute(
                select(Invitation).where(Invitation.used_at.is_(None), Invitation.withdrawn_at.is_(None))
            ).all()
        assert len(still_open) == (0 if is_linked else 1)

    play(ring, FEWER, one_round)


def test_both_leave_at_once(ring: Ring) -> None:
    ann, ben, _ = ring.people

    def one_round() -> None:
        ben.post(invite(ann))
        confirmed = {"confirm": "leave"}
        answers = ring.at_once((ann, "/space/leave", confirmed), (ben, "/space/leave", confirmed))
        assert [answer.status_code for answer in answers] == [303, 303]
        ring.assert_whole(couples=0)

    play(ring, FEWER, one_round)


def test_one_leaves_while_the_other_accepts_somebody_else_and_changes_the_time(ring: Ring) -> None:
    ann, ben, cem = ring.people
    weekly = {"weekday": "2", "time": "20:15", "zone": "UTC", "length": "short"}

    def one_round() -> None:
        ben.post(invite(ann))
        cems = invite(cem)
        left, accepted, changed = ring.at_once(
            (ann, "/space/leave", {"confirm": "leave"}),
            (ben, cems, {}),
            (ring.other_device_of(ann), "/space/schedule", weekly),
        )
        assert (left.status_code, changed.status_code) == (303, 303)
        assert accepted.status_code in (303, 422)
        ring.assert_whole(couples=1 if accepted.status_code == 303 else 0)

    play(ring, FEWER, one_round)
