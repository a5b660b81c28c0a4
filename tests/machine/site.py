"""The app itself, through HTTP: three people at their browsers, and all that the two can look at."""

import html
import json
import re
from datetime import datetime

import time_machine
from flask import Flask
from sqlalchemy import select

from app.agreements.models import Agreement
from app.checkin.models import CheckIn
from app.db import db
from app.privacy import archive
from app.spaces.models import Seat
from app.thoughts.access import find_thoughts
from tests.checkin.conftest import Sheet
from tests.conftest import MONDAY_MORNING, Person, make_person, without_tokens

PLACES = ("/check-in/", "/check-in/history", "/space/", "/agreements/", "/thoughts/")
NAMES = ("Ana", "Ben", "Cleo")


class Clock:
    """The frozen time that the worlds of one life share."""

    def __init__(self) -> None:
        self.travel = time_machine.travel(MONDAY_MORNING, tick=False)
        self.time = self.travel.start()

    def stop(self) -> None:
        if self.travel is not None:
            self.travel.stop()
            self.travel = None


class Site:
    """One world in the app. Worlds are told apart by a figure in every name."""

    def __init__(self, app: Flask, clock: Clock, mark: str) -> None:
        self.app, self.clock, self.mark = app, clock, mark
        self.people: dict[str, Person] = {}

    def join(self) -> None:
        self.people = {name: make_person(self.app, name + self.mark) for name in NAMES}

    def close(self) -> None:
        self.clock.stop()

    def move_to(self, now: datetime) -> None:
        self.clock.time.move_to(now)

    def _current(self, who: str) -> CheckIn:
        """The last check-in of the space where somebody sits."""
        with self.app.app_context():
            seated = select(Seat.space_id).where(Seat.member_id == self.people[who].id, Seat.left_at.is_(None))
            query = select(CheckIn).where(CheckIn.space_id.in_(seated)).order_by(CheckIn.week_on.desc())
            return db.session.execute(query).scalars().first()

    def week(self, who: str) -> int:
        number: int = self._current(who).id
        return number

    def visit(self, who: str) -> None:
        self.people[who].get("/check-in/")

    def state(self, seen: dict[str, str]) -> str:
        return re.search(r'data-state="(\w+)"', seen["/check-in/"])[1]

    def page(self, who: str) -> Sheet:
        return Sheet(self.people[who])

    def send(self, who: str, page: Sheet, texts: dict[int, str], rating: int, submit: bool) -> bool:
        prompts = page.prompts or ["none-is-asked"] * 3  # a page that shows no form, kept open and sent all the same
        answers = {f"answer-{prompts[card]}": text for card, text in texts.items()}
        ratings = {"rating-together": str(rating)} if rating else {}
        fields = page.hidden | answers | ratings | {"action": "submit" if submit else "save"}
        answer = self.people[who].post("/check-in/", fields)
        assert answer.status_code in (303, 409, 422)
        if answer.status_code != 303:
            shown = answer.get_data(as_text=True)
            assert all(text in shown for text in texts.values()), "R3: a refused save keeps every word on its page"
        return self._is_done(who, answer.status_code)

    def _is_done(self, who: str, status: int) -> bool:
        self.people[who].get("/check-in/")  # takes away the sentence that is left for the next page
        return status == 303

    def take_back(self, who: str) -> None:
        assert self._is_done(who, self.people[who].post("/check-in/take-back").status_code)

    def invite(self, who: str) -> None:
        assert self._is_done(who, self.people[who].post("/space/invitations").status_code)

    def accept(self, who: str, inviter: str) -> None:
        page = self.people[inviter].text("/space/")
        link = re.search(r'data-invitation href="[^"]*(/invitation/[^"]+)"', page)
        if link is not None:
            assert self._is_done(who, self.people[who].post(html.unescape(link[1])).status_code)

    def leave(self, who: str) -> None:
        assert self._is_done(who, self.people[who].post("/space/leave", {"confirm": "leave"}).status_code)

    def agree(self, who: str, words: str) -> int | None:
        before = self._agreements(who)
        status = self.people[who].post("/check-in/agree", {"when": words, "will": "come"}).status_code
        self._is_done(who, status)
        made = self._agreements(who) - before
        assert len(made) == (status == 303)
        return made.pop() if made else None

    def _agreements(self, who: str) -> set[int]:
        with self.app.app_context():
            mine = select(Agreement.id).where(Agreement.member_id == self.people[who].id)
            return set(db.session.execute(mine).scalars())

    def look_back(self, who: str, agreement: int, outcome: str, words: str) -> bool:
        said = {"outcome": outcome} | ({"when": words, "will": "come"} if words else {})
        status = self.people[who].post(f"/agreements/{agreement}/look-back", said).status_code
        return self._is_done(who, status)

    def withdraw(self, who: str, agreement: int) -> bool:
        return self._is_done(who, self.people[who].post(f"/agreements/{agreement}/withdraw").status_code)

    def keep(self, who: str, words: str) -> None:
        assert self._is_done(who, self.people[who].post("/thoughts/", {"words": words}).status_code)

    def remove(self, who: str, words: str) -> None:
        with self.app.app_context():
            mine = {found.kept.words: found.id for found in find_thoughts(self.people[who].id)}
        assert self._is_done(who, self.people[who].post(f"/thoughts/{mine[words]}/remove").status_code)

    def trespass(self, week: int, agreement: int | None) -> None:
        """R9: whatever number a stranger puts into an address, there is nothing."""
        stranger = self.people["Cleo"]
        for number in (week, week + 1):
            assert stranger.get(f"/check-in/{number}").status_code == 404
            assert stranger.get(f"/check-in/{number}/together").status_code == 404
        if agreement is not None:
            assert stranger.post(f"/agreements/{agreement}/withdraw").status_code == 404
            assert stranger.post(f"/agreements/{agreement}/look-back", {"outcome": "done"}).status_code == 404
            assert stranger.get(f"/agreements/{agreement}.ics").status_code == 404
        stolen = {"check-in": str(week), "action": "save", "answer-none": "zq99999"}
        assert stranger.post("/check-in/", stolen).status_code in (409, 422)
        assert "zq" not in stranger.text("/check-in/history") + stranger.text("/agreements/")

    def see(self, who: str) -> dict[str, str]:
        """Every page of somebody's, the weeks they can open from their history, and what they may take along."""
        person = self.people[who]
        seen = {place: without_tokens(person.get(place)) for place in PLACES}
        weeks = re.findall(r'href="(/check-in/\d+)"', seen["/check-in/history"])
        for place in weeks[:1]:
            seen["past"] = without_tokens(person.get(place))
            seen["together"] = without_tokens(person.get(f"{place}/together"))
        return seen | self._taken_along(who)

    def glance(self, who: str) -> dict[str, str]:
        """The week, and everything of one's own."""
        return {"/check-in/": without_tokens(self.people[who].get("/check-in/"))} | self._taken_along(who)

    def _taken_along(self, who: str) -> dict[str, str]:
        with self.app.app_context():
            taken = archive.gather(db.session(), self.people[who].id, MONDAY_MORNING)
            db.session.remove()
        return {"export": json.dumps(taken, indent=0, ensure_ascii=False, default=str)}

    def plain(self, seen: dict[str, str]) -> dict[str, str]:
        """What was seen without ids, the figure in names, and the order in which equals stand, which ids decide.

        Who speaks first is decided by the check-in's id too, so the page for talking is left out.
        """
        return {place: self._plain(text) for place, text in seen.items() if place != "together"}

    def _plain(self, text: str) -> str:
        text = re.sub(r"\d{12,}|Content-Length: \d+", "#", text)
        text = re.sub(r"/invitation/[\w-]+|%2Finvitation%2F[\w-]+", "link", text)
        text = re.sub(r"<svg\b.*?</svg>", "", text, flags=re.S)
        text = re.sub(rf"\b(ana|ben|cleo){self.mark}\b", r"\1", text, flags=re.I)
        return "\n".join(sorted(text.splitlines()))
