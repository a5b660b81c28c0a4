"""The demo couple: three months of believable weeks, for looking around."""

import secrets
import tomllib
from datetime import datetime, timedelta
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy import select

from app import clock
from app.accounts import actions as accounts
from app.accounts.models import Member
from app.accounts.rules import Device
from app.agreements.access import find_all
from app.agreements.actions import agree, look_back
from app.agreements.rules import LookBack
from app.checkin import actions
from app.checkin.models import CheckIn
from app.checkin.rules import RATINGS, Draft, Words
from app.content import FOLDER, Content
from app.db import db
from app.spaces import actions as spaces
from app.spaces.access import find_space_of
from app.spaces.models import Invitation
from app.spaces.rules import DEFAULT_MINUTE, DEFAULT_WEEKDAY, next_due
from app.thoughts.actions import keep
from app.thoughts.quotes import find_quote
from app.thoughts.rules import Quote

WEEKS = 14
ZONE = "Europe/London"
WHO = ("nora", "sami")
QUIET_WEEKS = {5: (), 9: ("nora",)}  # in the sixth week nobody wrote, in the tenth only she did
MOODS = {"nora": "33443554556556", "sami": "23343445445565"}  # one rating a week, the others near it


@click.command()
@with_appcontext
def demo() -> None:
    """Make a demo couple with three months of history and print the two sign-ins."""
    words = tomllib.loads((FOLDER / "demo.toml").read_text(encoding="utf-8"))
    now = clock.utcnow()
    began = now - timedelta(weeks=WEEKS)
    password = secrets.token_urlsafe(12)
    people = {who: _join(words[who]["name"], password, began) for who in WHO}
    space_id = _link(*people.values(), began)
    answers = {row["prompt"]: row for row in words["answer"]}
    used: set[str] = set()
    for week, moment in enumerate(_weeks(began, now)):
        actions.open_for_space(space_id, moment)
        _look_back(people, words["agreement"], week)
        for who in QUIET_WEEKS.get(week, WHO):
            draft = _fill_in(space_id, who, answers, used, int(MOODS[who][week % WEEKS]))
            if draft.answers:
                actions.submit(people[who], draft, moment + timedelta(hours=3))
        used |= set(_current(space_id).prompts)
        for row in words["agreement"]:
            if row["week"] == week:
                agree(space_id, people[row["who"]], _current(space_id).week_on, row["when"], row["will"])
    actions.open_for_space(space_id, now)
    for row in words["thought"]:
        keep(people[row["who"]], row["words"], _first_passage(row.get("page", "")))
    for who, member_id in people.items():
        email = db.session.execute(select(Member.email).where(Member.id == member_id)).scalar()
        click.echo(f"{words[who]['name']}: {email}  password: {password}")


def _join(name: str, password: str, now: datetime) -> int:
    """Make an account under the first address that is free, and return the member's id."""
    for number in ("", *map(str, range(2, 1000))):
        try:
            return accounts.join(
                name,
                f"{name.lower()}{number}@example.org",
                password,
                ZONE,
                client="demo",
                device_label="Demo",
                known_device=Device(secrets.token_hex(8)),
                now=now,
            ).member_id
        except accounts.AddressTaken:
            continue
    raise click.ClickException("There are a thousand demo couples already.")


def _link(first: int, second: int, now: datetime) -> int:
    """Link the two by an invitation, as people do, and return their space's id."""
    for member_id in (first, second):
        spaces.open_solo_space(member_id, ZONE, now)
    key_id = db.session.execute(select(Member.key_id).where(Member.id == first)).scalar_one()
    spaces.make_invitation(first, key_id, now)
    invitation_id = db.session.execute(select(Invitation.id).where(Invitation.member_id == first)).scalar_one()
    spaces.accept_invitation(invitation_id, first, second, now)
    space = find_space_of(first)
    if space is None:
        raise click.ClickException("The demo couple could not be linked.")
    return space.id


def _weeks(began: datetime, now: datetime) -> list[datetime]:
    """The first moment, and every weekly time from the second on that lies at least a day back."""
    moments, due = [began], next_due(began + timedelta(days=7), DEFAULT_WEEKDAY, DEFAULT_MINUTE, ZONE)
    while due < now - timedelta(days=1):
        moments.append(due)
        due = next_due(due, DEFAULT_WEEKDAY, DEFAULT_MINUTE, ZONE)
    return moments


def _fill_in(space_id: int, who: str, answers: dict[str, Any], used: set[str], mood: int) -> Draft:
    """A draft of one person's answers to the current prompts; one they have answered before is skipped."""
    words = {}
    for prompt in _current(space_id).prompts:
        row = answers.get(prompt, {})
        if who in row and prompt not in used:
            words[prompt] = Words(row[who], row.get(f"{who}_want", ""))
    ratings = {name: max(1, min(7, mood + shift)) for name, shift in zip(RATINGS, (0, 1, -1), strict=True)}
    return Draft(None, None, words, ratings, 0)


def _look_back(people: dict[str, int], rows: list[dict[str, Any]], week: int) -> None:
    """What the two say in this week about their agreements of earlier weeks."""
    for row in rows:
        said = dict(enumerate(row.get("then", ()), row["week"] + 1)).get(week)
        if said is None:
            continue
        begun = next(found for found in find_all(people[row["who"]]) if found.wording.when == row["when"])
        changed = (row["changed_when"], row["changed_will"]) if said == "changed" else ()
        look_back(people[row["who"]], begun.id, LookBack(said, *changed))


def _first_passage(page: str) -> Quote | None:
    """The paragraph that a page of the guide begins with; none without a page."""
    content: Content = current_app.extensions["content"]
    section = content.sections().get(page)
    return find_quote(page, section.passages[0].id) if section else None


def _current(space_id: int) -> CheckIn:
    latest = select(CheckIn).where(CheckIn.space_id == space_id).order_by(CheckIn.week_on.desc()).limit(1)
    return db.session.execute(latest).scalar_one()
