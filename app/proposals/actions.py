"""What members can do with questions of their own."""

from datetime import date

from sqlalchemy import Row, Select, delete, func, select
from sqlalchemy.orm import Session

from app.db import new_id, transaction
from app.proposals import rules
from app.proposals.models import Proposal
from app.proposals.sealing import is_declined, seal_answer, seal_words
from app.spaces.models import Seat, Space


class NotNow(Exception):
    """Three wait already, or one was proposed today, or the space has ended."""


def propose(space_id: int, member_id: int, words: str, today: date) -> None:
    """Propose a question to the other; on one's own it is asked from now on. Raises NotNow.

    What has waited for eight weeks is deleted on the way. The space's row is locked, so that two taps make one.
    """
    proposal_id = new_id()
    with transaction() as session:
        space = session.execute(select(Space).where(Space.id == space_id).with_for_update(key_share=True)).scalar_one()
        _forget_old(session, space_id, today)
        theirs = (Proposal.space_id == space_id) & (Proposal.member_id == member_id)
        waiting = session.execute(select(func.count()).where(theirs, Proposal.state == rules.PROPOSED)).scalar_one()
        last_on = session.execute(select(func.max(Proposal.proposed_on)).where(theirs)).scalar()
        if space.ended_at is not None or not rules.may_propose(waiting, last_on, today):
            raise NotNow
        seats = select(func.count()).where(Seat.space_id == space_id, Seat.left_at.is_(None))
        is_alone = session.execute(seats).scalar_one() == 1
        session.add(
            Proposal(
                id=proposal_id,
                space_id=space_id,
                member_id=member_id,
                proposed_on=today,
                state=rules.ASKED if is_alone else rules.PROPOSED,
                sealed=seal_words(space.key_id, proposal_id, words),
                sealed_answer=seal_answer(space.key_id, proposal_id, is_declined=False),
            )
        )


def agree(member_id: int, proposal_id: int, today: date) -> bool:
    """Agree to a question that the other has proposed; it is asked like any other from then on.

    False, and nothing is changed, where there is none for this member to agree to.
    """
    with transaction() as session:
        row = _open_to(session, member_id, proposal_id, today)
        if row is None:
            return False
        row.Proposal.state = rules.ASKED
        return True


def decline(member_id: int, proposal_id: int, today: date) -> bool:
    """Decline in silence: the question leaves this member's page, and on the proposer's it waits as before."""
    with transaction() as session:
        row = _open_to(session, member_id, proposal_id, today)
        if row is None:
            return False
        row.Proposal.sealed_answer = seal_answer(row.key_id, proposal_id, is_declined=True)
        return True


def take_back(member_id: int, proposal_id: int) -> bool:
    """Delete a question of one's own that is not agreed on. Nothing of it is left."""
    with transaction() as session:
        found = session.execute(
            _in_my_space(member_id, proposal_id).where(
                Proposal.member_id == member_id, Proposal.state == rules.PROPOSED
            )
        ).first()
        if found is None:
            return False
        session.delete(found.Proposal)
        return True


def retire(member_id: int, proposal_id: int) -> bool:
    """Ask an agreed question no more, whoever of the two wants it so. Weeks that asked it still show it."""
    with transaction() as session:
        asked = (rules.ASKED, rules.PUT_AWAY)
        found = session.execute(_in_my_space(member_id, proposal_id).where(Proposal.state.in_(asked))).first()
        if found is None:
            return False
        found.Proposal.state = rules.PUT_AWAY
        return True


def find_asked(session: Session, space_id: int) -> list[int]:
    """The ids of what both have agreed on and nobody has retired. One statement."""
    asked = select(Proposal.id).where(Proposal.space_id == space_id, Proposal.state == rules.ASKED)
    return list(session.execute(asked.order_by(Proposal.id)).scalars())


def forget_member(session: Session, member_id: int) -> None:
    """Delete what a member proposed and nobody agreed to. Does not commit. What was agreed on belongs to both."""
    session.execute(delete(Proposal).where(Proposal.member_id == member_id, Proposal.state == rules.PROPOSED))


def _in_my_space(member_id: int, proposal_id: int) -> Select[tuple[Proposal, int]]:
    """A proposal in the space where the member sits now, locked, with the key of that space."""
    return (
        select(Proposal, Space.key_id)
        .join(Space, Space.id == Proposal.space_id)
        .join(Seat, (Seat.space_id == Proposal.space_id) & Seat.left_at.is_(None))
        .where(Proposal.id == proposal_id, Seat.member_id == member_id)
        .with_for_update(of=Proposal)
    )


def _open_to(session: Session, member_id: int, proposal_id: int, today: date) -> Row[tuple[Proposal, int]] | None:
    """What the other has proposed to the member, unless it has waited too long or was declined."""
    row = session.execute(
        _in_my_space(member_id, proposal_id).where(
            Proposal.member_id != member_id,
            Proposal.state == rules.PROPOSED,
            Proposal.proposed_on > today - rules.LASTS,
        )
    ).first()
    return None if row is None or is_declined(row.key_id, proposal_id, row.Proposal.sealed_answer) else row


def _forget_old(session: Session, space_id: int, today: date) -> None:
    waits = (Proposal.space_id == space_id) & (Proposal.state == rules.PROPOSED)
    session.execute(delete(Proposal).where(waits, Proposal.proposed_on <= today - rules.LASTS))
