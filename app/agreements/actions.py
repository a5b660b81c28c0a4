"""What members can do with agreements, and what a reveal does to them."""

from datetime import date

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session

from app.accounts.models import Member
from app.agreements import rules
from app.agreements.models import Agreement
from app.agreements.sealing import open_agreed, open_look_back, seal_agreed, seal_look_back
from app.db import new_id, transaction
from app.spaces.models import Seat, Space


class SpaceEnded(Exception):
    """The space has ended meanwhile; nothing new is agreed in it."""


class OneIsMade(Exception):
    """The member has another agreement of this week already."""


def agree(space_id: int, member_id: int, week_on: date, when: str, will: str) -> None:
    """Make a member's one new agreement of a revealed week; whoever calls knows that it is revealed.

    The same words once more are a second tap and change nothing. The space's row is locked, so that two taps at once
    make one, and nothing is agreed in a space that somebody is leaving. Raises SpaceEnded or OneIsMade.
    """
    agreement_id, wording = new_id(), rules.Wording(when, will, week_on)
    with transaction() as session:
        space = session.execute(select(Space).where(Space.id == space_id).with_for_update(key_share=True)).scalar_one()
        if space.ended_at is not None:
            raise SpaceEnded
        theirs = select(Agreement.id, Agreement.sealed).where(
            Agreement.space_id == space_id,
            Agreement.member_id == member_id,
            Agreement.week_on == week_on,
            Agreement.is_living,
        )
        made = session.execute(theirs).first()
        if made is not None:
            if open_agreed(space.key_id, made.id, made.sealed).wordings != (wording,):
                raise OneIsMade
            return
        sealed = seal_agreed(space.key_id, agreement_id, rules.Agreed((wording,)))
        session.add(Agreement(id=agreement_id, space_id=space_id, member_id=member_id, week_on=week_on, sealed=sealed))


def look_back(member_id: int, agreement_id: int, said: rules.LookBack | None) -> bool:
    """Keep what a member says about a living agreement of their own until the next reveal; None takes it back.

    False, and nothing is changed, when there is no such one. The member's row is locked, so that nothing is sealed
    with the key of an account that is being deleted.
    """
    with transaction() as session:
        mine = select(Member.key_id).where(Member.id == member_id).with_for_update(key_share=True)
        key_id = session.execute(mine).scalar_one()
        living = _in_my_space(member_id, agreement_id).where(Agreement.member_id == member_id, Agreement.is_living)
        agreement = session.execute(living).scalar()
        if agreement is None or key_id is None:
            return False
        agreement.sealed_look_back = seal_look_back(key_id, agreement_id, said) if said else None
        return True


def withdraw(member_id: int, agreement_id: int) -> bool:
    """End an agreement of the member's space at once, whoever made it. A second tap changes nothing.

    False when there is none with this id in their space.
    """
    with transaction() as session:
        row = session.execute(
            _in_my_space(member_id, agreement_id).add_columns(Space.key_id).join(Space, Space.id == Agreement.space_id)
        ).first()
        if row is None:
            return False
        agreement = row.Agreement
        if agreement.is_living:
            agreed = open_agreed(row.key_id, agreement_id, agreement.sealed)
            agreement.is_living, agreement.looked_on = False, None
            if not agreed.is_unreadable:
                agreement.sealed = seal_agreed(row.key_id, agreement_id, rules.withdraw(agreed))
        return True


def _in_my_space(member_id: int, agreement_id: int) -> Select[tuple[Agreement]]:
    """An agreement in the space where the member sits now, locked."""
    return (
        select(Agreement)
        .join(Seat, (Seat.space_id == Agreement.space_id) & Seat.left_at.is_(None))
        .where(Agreement.id == agreement_id, Seat.member_id == member_id)
        .with_for_update(of=Agreement)
    )


def reveal_look_backs(session: Session, space_id: int, week_on: date) -> None:
    """Put what the makers said about the space's living agreements where both can read it. Does not commit.

    It is sealed again, with the key of the space. What nobody can read stays as it is.
    """
    rows = session.execute(
        select(Agreement, Space.key_id.label("space_key"), Member.key_id.label("own_key"))
        .join(Space, Space.id == Agreement.space_id)
        .join(Member, Member.id == Agreement.member_id)
        .where(Agreement.space_id == space_id, Agreement.is_living, Agreement.sealed_look_back.is_not(None))
        .order_by(Agreement.id)
        .with_for_update(of=Agreement)
    )
    for agreement, space_key, own_key in rows.all():
        agreed = open_agreed(space_key, agreement.id, agreement.sealed)
        said = open_look_back(own_key, agreement.id, agreement.sealed_look_back)
        if said is None or agreed.is_unreadable:
            continue
        agreed = rules.look_at(agreed, said, week_on)
        agreement.sealed = seal_agreed(space_key, agreement.id, agreed)
        agreement.is_living, agreement.looked_on, agreement.sealed_look_back = not agreed.ended, week_on, None


def forget_member(session: Session, member_id: int) -> None:
    """Delete whatever a member said about an agreement that is not revealed. Does not commit.

    What two people have agreed on stays for the other, sealed with the space's key. What somebody agreed with
    themselves goes with their space.
    """
    session.execute(update(Agreement).where(Agreement.member_id == member_id).values(sealed_look_back=None))
