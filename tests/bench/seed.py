"""Databases to measure on: couples with weeks of sealed answers, written in bulk."""

import json
import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import flask_migrate
from flask import Flask
from sqlalchemy import insert
from sqlalchemy.orm import Session

from app import create_app, keys
from app.accounts.models import Member, SignIn
from app.accounts.rules import hash_token
from app.checkin.models import Answer, CheckIn, Entry
from app.checkin.rules import Words
from app.checkin.sealing import seal_answer
from app.db import db, new_id, transaction
from app.keys import Key
from app.spaces.models import Schedule, Seat, Space
from app.spaces.rules import monday_of
from tests.bench.load import Answer as Received
from tests.bench.load import Script, request

Row = tuple[Any, dict[str, Any]]  # a table and the values of one row

CARDS = 8
CHUNK = 500  # couples of one transaction
READABLE = 300  # couples that are visited; what the others "wrote" is noise of the same size
NOISE = os.urandom(285)
ZONE = "Europe/Zurich"
TEXT = "You took the children out on Saturday so that I could sleep, and you did not even mention it. " * 2


@dataclass
class Person:
    """A member with a signed-in browser, in the middle of this week's check-in."""

    token: str
    prompt: str
    id: int = field(default_factory=new_id)
    key_id: int = field(default_factory=new_id)
    check_in_id: int = 0
    version: int = 1
    saved: str = TEXT  # the words that were acknowledged last
    session: str = ""

    @property
    def cookie(self) -> str:
        return f"sign-in={self.token}; {self.session}"

    def get(self) -> bytes:
        return request("/check-in/", Cookie=self.cookie, Accept_Encoding="gzip, deflate, br")

    def look(self) -> Script:
        """Open this week, and keep the cookie that comes with it, as a browser would."""
        answer = yield self.get()
        self.session = answer.header("Set-Cookie").partition(";")[0]

    def form(self, words: str) -> dict[str, object]:
        """What the page's script sends after a pause in typing."""
        form = {"check-in": self.check_in_id, "member": self.id, "action": "save"}
        return form | {f"answer-{self.prompt}": words, f"version-{self.prompt}": self.version}

    def save(self, words: str) -> bytes:
        vouched = {"Accept": "application/json", "Sec_Fetch_Site": "same-origin"}
        return request("/check-in/", self.form(words), Cookie=self.cookie, **vouched)

    def write(self, times: int) -> Script:
        """Save one draft again and again, other words each time."""
        for _ in range(times):
            words = f"{TEXT} {os.urandom(8).hex()}"
            self.note(words, (yield self.save(words)))

    def note(self, words: str, answer: Received) -> None:
        if answer.status == 200:
            self.saved, self.version = words, json.loads(answer.body)["version"]


@dataclass
class Couple:
    """Two people and the space they share. A couple that is not readable is there to make the tables long."""

    people: tuple[Person, Person]
    weeks: int
    is_readable: bool
    id: int = field(default_factory=new_id)
    key_id: int = field(default_factory=new_id)


@dataclass
class World:
    """An instance folder with a database in it. `people` holds one of each couple that may be visited."""

    folder: Path
    app: Flask
    people: list[Person] = field(default_factory=list)


def make_world(folder: Path, accounts: int, weeks: tuple[int, ...] = ()) -> World:
    """Write `accounts` members, linked in pairs. `weeks` says how many weeks the first couples have; the others one."""
    app = create_app({"INSTANCE_PATH": str(folder), "SCHEDULER": "off"})
    world, now = World(folder, app), datetime.now(UTC)
    prompts = _prompts(app)
    with app.app_context():
        flask_migrate.upgrade()
        keys.check_server_key(app)
        for first in range(0, accounts // 2, CHUNK):
            numbers = range(first, min(first + CHUNK, accounts // 2))
            couples = [_couple(number, prompts[0], weeks) for number in numbers]
            _write(couples, app.extensions["keyring"].wrap, prompts, now)
            world.people += [couple.people[0] for couple in couples if couple.is_readable]
        db.session.remove()
    return world


def _prompts(app: Flask) -> list[str]:
    """As many prompts as the longest check-in has: the standing cards, and one of each other strategy."""
    bank = app.extensions["content"].prompts.values()
    return list({prompt.card or prompt.strategy: prompt.id for prompt in bank}.values())[:CARDS]


def _couple(number: int, prompt: str, weeks: tuple[int, ...]) -> Couple:
    people = Person(f"first-{number}", prompt), Person(f"second-{number}", prompt)
    return Couple(people, weeks[number] if number < len(weeks) else 1, is_readable=number < READABLE)


def _write(couples: list[Couple], wrap: Callable[[int, bytes], bytes], prompts: list[str], now: datetime) -> None:
    """Write some couples with all their weeks, in one transaction."""
    with transaction() as session:
        _insert(session, (row for couple in couples for row in _keys(couple, wrap)))
        _insert(session, (row for couple in couples for row in _accounts(couple, now)))
        _insert(session, (row for couple in couples for row in _weeks(couple, prompts, now)))


def _insert(session: Session, rows: Iterable[Row]) -> None:
    """Write rows, a table at a time, in the order in which the tables first come up."""
    tables: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for table, values in rows:
        tables[table].append(values)
    for table, many in tables.items():
        session.execute(insert(table), many)


def _keys(couple: Couple, wrap: Callable[[int, bytes], bytes]) -> Iterator[Row]:
    for key_id in (couple.key_id, *(person.key_id for person in couple.people)):
        yield Key, {"id": key_id, "wrapped": wrap(key_id, os.urandom(32))}


def _accounts(couple: Couple, now: datetime) -> Iterator[Row]:
    due, ends = now + timedelta(days=3), now + timedelta(days=90)
    weekly = {"weekday": due.weekday(), "minute": 19 * 60, "zone": ZONE, "length": "full", "next_due_at": due}
    yield Space, {"id": couple.id, "key_id": couple.key_id, "created_at": now}
    yield Schedule, {"space_id": couple.id, **weekly}
    for person in couple.people:
        named = {"name": person.token, "email": f"{person.token}@example.org", "zone": ZONE, "password_hash": "-"}
        used = {"device": "a bench", "created_at": now, "seen_at": now, "expires_at": ends}
        yield Member, {"id": person.id, "key_id": person.key_id, "created_at": now, **named}
        yield SignIn, {"id": hash_token(person.token), "member_id": person.id, **used}
        yield Seat, {"space_id": couple.id, "member_id": person.id, "joined_at": now}


def _weeks(couple: Couple, prompts: list[str], now: datetime) -> Iterator[Row]:
    """Revealed weeks with both entries, and the current one, in which the first of the two has saved all answers."""
    for ago in reversed(range(couple.weeks)):
        check_in_id, opened_at = new_id(), now - timedelta(weeks=ago)
        ended_at = opened_at + timedelta(days=1) if ago else None
        week = {"week_on": monday_of(opened_at, ZONE), "prompts": prompts, "opened_at": opened_at}
        ended = {"revealed_at": ended_at, "closed_at": ended_at}
        yield CheckIn, {"id": check_in_id, "space_id": couple.id, **week, **ended}
        for person in couple.people if ago else couple.people[:1]:
            person.check_in_id = check_in_id
            key_id = couple.key_id if ago else person.key_id
            yield from _entry(person, key_id, prompts, ended_at, is_readable=couple.is_readable)


def _entry(
    person: Person, key_id: int, prompts: list[str], submitted_at: datetime | None, *, is_readable: bool
) -> Iterator[Row]:
    entry_id = new_id()
    mine = {"check_in_id": person.check_in_id, "member_id": person.id, "version": 1, "submitted_at": submitted_at}
    yield Entry, {"id": entry_id, **mine}
    for prompt in prompts:
        sealed = seal_answer(key_id, entry_id, prompt, Words(TEXT)) if is_readable else NOISE
        yield Answer, {"entry_id": entry_id, "prompt": prompt, "key_id": key_id, "sealed": sealed, "version": 1}
