"""Filling in a check-in as a browser would."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import Member
from app.checkin.models import CheckIn, Entry
from app.checkin.rules import Stamp
from app.checkin.sealing import seal_ratings
from app.db import db, new_id, transaction
from app.spaces.access import find_space_of
from app.spaces.rules import monday_of
from tests.conftest import Person


class Sheet:
    """The open check-in on somebody's screen: its hidden fields and prompts as the page had them when it was loaded."""

    def __init__(self, person: Person) -> None:
        self.person = person
        page = person.text("/check-in/")
        self.state = re.search(r'data-state="(\w+)"', page)[1]
        self.hidden = dict(
            re.findall(r'<input type="hidden" name="((?:check-in|member|version-)[^"]*)" value="(\d+)"', page)
        )
        self.prompts = re.findall(r'<textarea id="answer-([^"]+)"', page)

    def fields(self, *texts: str, **more: Any) -> dict[str, Any]:
        """The form with one text for each of the first prompts."""
        answers = {f"answer-{prompt}": text for prompt, text in zip(self.prompts, texts, strict=False)}
        return self.hidden | answers | more

    def save(self, *texts: str, **more: Any):
        return self.person.post("/check-in/", self.fields(*texts, **{"action": "save"} | more))

    def save_by_script(self, *texts: str, **more: Any):
        return self.person.post(
            "/check-in/", self.fields(*texts, **{"action": "save"} | more), headers={"Accept": "application/json"}
        )

    def submit(self, *texts: str, **more: Any):
        return self.person.post("/check-in/", self.fields(*texts, **{"action": "submit"} | more))


@pytest.fixture
def sheet():
    return Sheet


def rate_weeks(app: Flask, person: Person, ratings: Sequence[dict[str, int] | None]) -> None:
    """Put ended weeks before the current one, the oldest first, with these ratings of a person; None: not opened."""
    person.get("/check-in/")  # opens the space's current week, if need be
    with app.app_context():
        space = find_space_of(person.id)
        assert space is not None
        key_id = db.session.execute(select(Member.key_id).where(Member.id == person.id)).scalar_one()
        this_week = monday_of(datetime.now(UTC), "Europe/Zurich")
        check_ins, entries = [], []
        for ago, given in zip(range(len(ratings), 0, -1), ratings, strict=True):
            if given is not None:
                week_on, check_in_id, entry_id = this_week - timedelta(weeks=ago), new_id(), new_id()
                then = datetime.combine(week_on, time(19), UTC)
                ended = {"opened_at": then, "closed_at": then + timedelta(weeks=1), "prompts": []}
                check_ins.append(CheckIn(id=check_in_id, space_id=space.id, week_on=week_on, **ended))
                sealed = seal_ratings(key_id, entry_id, given, Stamp())
                mine = {"member_id": person.id, "version": 1, "sealed_ratings": sealed}
                entries.append(Entry(id=entry_id, check_in_id=check_in_id, **mine))
        with transaction() as session:
            session.add_all(check_ins)
            session.flush()
            session.add_all(entries)
        db.session.remove()
