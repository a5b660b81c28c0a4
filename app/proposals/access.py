"""Loads questions of their own for the member who asks. Whether one was declined never reaches its proposer."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from app.db import db
from app.proposals import rules
from app.proposals.models import Proposal
from app.proposals.sealing import is_declined, open_words
from app.spaces.access import MySpace
from app.spaces.models import Seat, Space


@dataclass(frozen=True)
class MyProposal:
    """A question as a member may know it."""

    id: int
    words: str


@dataclass(frozen=True)
class MyProposals:
    """What waits from the member, what the other offers them, and what is asked by now."""

    waiting: tuple[MyProposal, ...]
    offered: tuple[MyProposal, ...]
    asked: tuple[MyProposal, ...]


def my_proposals(space: MySpace, today: date) -> MyProposals:
    """The questions of the signed-in member's space. One statement, whatever the other said to them."""
    rows = db.session.execute(
        select(Proposal)
        .where(Proposal.space_id == space.id, Proposal.state != rules.PUT_AWAY)
        .order_by(Proposal.proposed_on, Proposal.id)
    ).scalars()
    waiting, offered, asked = [], [], []
    for row in rows:
        one = MyProposal(row.id, open_words(space.key_id, row.id, row.sealed))
        if row.state == rules.ASKED:
            asked.append(one)
        elif row.proposed_on <= today - rules.LASTS:
            continue
        elif row.member_id == space.member_id:
            waiting.append(one)
        elif not is_declined(space.key_id, row.id, row.sealed_answer):
            offered.append(one)
    return MyProposals(tuple(waiting), tuple(offered), tuple(asked))


def find_questions(prompts: Iterable[str]) -> dict[str, str]:
    """The words of questions of one's own among prompt ids, retired ones too. No statement where there is none.

    Whoever calls has the ids from a check-in that the reader may see.
    """
    wanted = {number: prompt for prompt in prompts if (number := rules.proposal_of(prompt)) is not None}
    if not wanted:
        return {}
    rows = db.session.execute(
        select(Proposal.id, Proposal.sealed, Space.key_id)
        .join(Space, Space.id == Proposal.space_id)
        .where(Proposal.id.in_(wanted))
    )
    return {wanted[row.id]: open_words(row.key_id, row.id, row.sealed) for row in rows}


def find_all(member_id: int) -> list[dict[str, str | bool]]:
    """A member's own questions and those that were agreed on in their spaces, for taking along."""
    rows = db.session.execute(
        select(Proposal, Space.key_id)
        .join(Space, Space.id == Proposal.space_id)
        .join(Seat, (Seat.space_id == Proposal.space_id) & (Seat.member_id == member_id))
        .where((Proposal.member_id == member_id) | (Proposal.state != rules.PROPOSED))
        .order_by(Proposal.proposed_on, Proposal.id)
    )
    return [
        {
            "words": open_words(key_id, row.id, row.sealed),
            "is_mine": row.member_id == member_id,
            "state": row.state,
        }
        for row, key_id in rows
    ]
