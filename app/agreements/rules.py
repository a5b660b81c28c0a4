"""Decisions about agreements: how one is worded, and what saying how it went does to it."""

import re
from dataclasses import dataclass, replace
from datetime import date

LONGEST = 200  # characters of each of the two parts
LONGEST_TITLE = 80  # characters of what somebody writes into their calendar
NEUTRAL_TITLE = "Weekly reminder"
OUTCOMES = ("done", "partly", "not", "changed", "dropped")
ENDING = ("done", "dropped")
WITHDRAWN = "withdrawn"
ENDED_WITH_SPACE = "space"
PAGE = 20  # agreements on a page of the list
AT_ONCE = 12  # agreements that a week shows; all are on their own page

_BEGINNINGS = {"when": r"when\b", "will": r"(?:i\s+will|i[’']ll|will)\b"}


@dataclass(frozen=True)
class Wording:
    """An if-then plan as it was worded in one week; `since` is that week's Monday."""

    when: str
    will: str
    since: date

    @property
    def sentence(self) -> str:
        """The plan as people read it: `When I come home, I will put the phone away.`"""
        return f"When {self.when}, I will {self.will}."


@dataclass(frozen=True)
class LookBack:
    """What its maker says about an agreement: one of OUTCOMES, and the new wording where it is `changed`."""

    outcome: str
    when: str = ""
    will: str = ""


@dataclass(frozen=True)
class Agreed:
    """What is sealed of an agreement: every wording it has had, the last one being what holds.

    `outcome` is what its maker said about it at the last reveal, `ended` how it ended; both empty at first.
    `is_unreadable`: something is stored, but its key does not open it.
    """

    wordings: tuple[Wording, ...] = ()
    outcome: str = ""
    ended: str = ""
    is_unreadable: bool = False


def tidy(text: str, part: str) -> str:
    """One part of the sentence, without the words and signs that the sentence brings itself; `part` is when or will.

    `When I come home,` becomes `I come home`, and `I’ll put it away.` becomes `put it away`.
    """
    line = " ".join(text.split())
    return re.sub(rf"^{_BEGINNINGS[part]}\s*", "", line, flags=re.IGNORECASE).strip(" .,;…")


def look_at(agreed: Agreed, said: LookBack, week_on: date) -> Agreed:
    """An agreement after what its maker said about it was revealed in the week of `week_on`.

    Done and dropped ends it. A changed wording is added after the earlier ones, which stay as they were.
    """
    ended = said.outcome if said.outcome in ENDING else ""
    wordings = agreed.wordings
    if said.outcome == "changed" and (said.when, said.will) != (wordings[-1].when, wordings[-1].will):
        wordings = (*wordings, Wording(said.when, said.will, week_on))
    return replace(agreed, wordings=wordings, outcome=said.outcome, ended=ended)


def withdraw(agreed: Agreed) -> Agreed:
    """An agreement after somebody withdrew it: what was said about it last goes, who withdrew it is nowhere."""
    return replace(agreed, outcome="", ended=WITHDRAWN)
