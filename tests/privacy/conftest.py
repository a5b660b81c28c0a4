"""A couple with a revealed week behind them and a draft of each in the week that is open."""

from dataclasses import dataclass
from typing import Any

from flask import Flask

from tests.checkin.conftest import Sheet
from tests.conftest import Person, link, make_person

LATER = "2026-12-07T09:00:00+00:00"  # the second check-in of a couple that began on 23 November is open

REVEALED = {"Ana": "cornflower, said by Ana to both", "Ben": "buttercup, said by Ben to both"}
DRAFTS = {"Ana": "nightshade, only for Ana", "Ben": "foxglove, only for Ben"}
RATINGS = {"rating-together": "2", "rating-understood": "6"}


@dataclass
class Couple:
    """Two members who share a space, and its address of the revealed week."""

    ana: Person
    ben: Person
    space_id: int


def make_couple(app: Flask, clock: Any) -> Couple:
    ana, ben = make_person(app, "Ana"), make_person(app, "Ben")
    space_id = link(app, ana, ben)
    for person in (ana, ben):
        assert Sheet(person).submit(REVEALED[person.name], **RATINGS).status_code == 303
    clock.move_to(LATER)
    for person in (ana, ben):
        assert Sheet(person).save(DRAFTS[person.name], **RATINGS).status_code == 303
    return Couple(ana, ben, space_id)
