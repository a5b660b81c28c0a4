"""What members can do with thoughts of their own."""

from sqlalchemy import delete, func, select

from app.accounts.models import Member
from app.db import new_id, transaction
from app.thoughts import rules
from app.thoughts.models import Thought
from app.thoughts.sealing import seal_thought


class Full(Exception):
    """The member keeps as many thoughts as fit already."""


def keep(member_id: int, words: str, quote: rules.Quote | None) -> None:
    """Keep a thought for its writer alone. Raises Full, and keeps nothing, when there are 200 already.

    The member's row is locked, so that two devices give no two thoughts one number and no room to a 201st.
    """
    thought_id, theirs = new_id(), Thought.member_id == member_id
    with transaction() as session:
        mine = select(Member.key_id).where(Member.id == member_id).with_for_update(key_share=True)
        key_id = session.execute(mine).scalar_one()
        count, last = session.execute(select(func.count(), func.max(Thought.number)).where(theirs)).one()
        if count >= rules.MOST:
            raise Full
        sealed = seal_thought(key_id, thought_id, words, quote)
        session.add(Thought(id=thought_id, member_id=member_id, number=(last or 0) + 1, key_id=key_id, sealed=sealed))


def remove(member_id: int, thought_id: int) -> bool:
    """Remove a thought of the member's own. False when they have none with this id."""
    with transaction() as session:
        removed = session.execute(delete(Thought).where(Thought.id == thought_id, Thought.member_id == member_id))
        return bool(removed.rowcount)
