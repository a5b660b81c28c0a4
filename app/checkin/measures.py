"""The signed-in member's own ratings over the weeks. No address, and no argument, asks for anybody else's."""

from datetime import date

from flask_login import current_user
from sqlalchemy import bindparam, select

from app.accounts.models import Member
from app.checkin.charts import LONGEST, Charts, draw
from app.checkin.models import CheckIn, Entry
from app.checkin.rules import RATINGS
from app.checkin.sealing import open_ratings
from app.db import read

# Of all spaces the member has been in, and of the newest weeks only, so that a long history costs no more.
_MY_RATINGS = (
    select(CheckIn.week_on, Entry.id, Entry.sealed_ratings, Member.key_id)
    .join(Entry, Entry.check_in_id == CheckIn.id)
    .join(Member, Member.id == Entry.member_id)
    .where(Entry.member_id == bindparam("member_id"), Entry.sealed_ratings.is_not(None))
    .where(Entry.deleted_at.is_(None))
    .order_by(CheckIn.week_on.desc(), CheckIn.opened_at.desc())
    .limit(LONGEST)
)


def my_charts() -> Charts | None:
    """Charts of the three ratings, over 200 weeks at most; None before the first. What cannot be read is a gap.

    Who has been in two spaces in one week gave ratings twice: each newer one counts.
    """
    weeks: dict[date, dict[str, int]] = {}
    for row in read(_MY_RATINGS, member_id=current_user.id):
        weeks[row.week_on] = open_ratings(row.key_id, row) | weeks.get(row.week_on, {})
    return draw(weeks, RATINGS)
