"""Decisions about questions that members propose to each other: how many wait, for how long, and what each is shown."""

from datetime import date, timedelta

LONGEST = 140  # characters, and one line
WAITING = 3  # proposals of one member at a time
LASTS = timedelta(weeks=8)  # then a proposal is gone from the other's page, as if it had never been
PREFIX = "own-"  # before the number of a question of one's own, where a check-in stores what it asks
STRATEGY = "own"

PROPOSED, ASKED, PUT_AWAY = "proposed", "asked", "retired"  # what a row may be; a declined one stays `proposed`


def prompt_of(proposal_id: int) -> str:
    """The prompt id under which a check-in asks it, and keeps its answers."""
    return f"{PREFIX}{proposal_id}"


def proposal_of(prompt: str) -> int | None:
    """The proposal behind a prompt id; None for one of the guide's."""
    number = prompt.removeprefix(PREFIX)
    return int(number) if number != prompt and number.isascii() and number.isdigit() else None


def may_propose(waiting: int, last_on: date | None, today: date) -> bool:
    """Whether a member may propose one more: three wait at most, and one new a day. Declining plays no part in it."""
    return waiting < WAITING and last_on != today
