"""What members choose about their reminders, and what happens to each delivery. The rows are the truth."""

import secrets
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.accounts.models import Member
from app.checkin.actions import ToRemind, may_still_remind, take_to_remind
from app.db import new_id, transaction
from app.reminders import rules
from app.reminders.models import Delivery, ReminderChoice
from app.reminders.rules import Event, State


@dataclass(frozen=True)
class Leased:
    """A delivery that this process has in hand, as long as its token is the row's."""

    id: int
    token: str
    member_id: int
    to: str  # empty when the member has no address
    due_at: datetime


@dataclass(frozen=True)
class Claim:
    """What one look at the ledger found: how many rows were touched, the ones now in hand, and what was settled."""

    found: int
    leased: list[Leased]
    settled: Counter[str] = field(default_factory=Counter)


# Choosing


def choose(member_id: int, *, email_on: bool, pause_until: date | None) -> None:
    """Remember what a member chose. Mails planned already obey it too."""
    with transaction() as session:
        choice = _lock_choice(session, member_id)
        choice.email_on, choice.pause_until = email_on, pause_until


def switch_email(member_id: int, on: bool) -> None:
    """Switch one member's reminder mails off or on again; for a member who is gone this does nothing.

    When it returns, no mail leaves that is not on the wire already.
    """
    with transaction() as session:
        if session.get(Member, member_id) is not None:
            _lock_choice(session, member_id).email_on = on


def _lock_choice(session: Session, member_id: int) -> ReminderChoice:
    """The member's choice, added if there is none yet. Sending waits for whoever holds it, and the other way round."""
    _lock_member(session, member_id)
    choice = session.get(ReminderChoice, member_id)
    if choice is None:
        choice = ReminderChoice(member_id=member_id, email_on=True, pause_until=None)
        session.add(choice)
    return choice


def _lock_member(session: Session, member_id: int) -> Member | None:
    locked = select(Member).where(Member.id == member_id).with_for_update(key_share=True)
    member: Member | None = session.execute(locked).scalar()
    return member


# Planning


def plan(now: datetime, limit: int = 100) -> tuple[int, Counter[str]]:
    """Write down the deliveries of up to `limit` check-ins whose time has come, in one transaction.

    Returns how many check-ins that were, and how many deliveries were planned or skipped.
    """
    counted: Counter[str] = Counter()
    with transaction() as session:
        taken = take_to_remind(session, now, limit)
        people = _people(session, taken)
        known = _planned_already(session, taken)
        for check_in in taken:
            for member_id, has_submitted in check_in.members:
                if (check_in.check_in_id, member_id) in known:
                    continue  # a time that was moved does not remind twice of the same check-in
                member, choice = people[member_id]
                reason = _reason_to_skip(member, choice, has_submitted, now)
                session.add(_delivery(check_in, member_id, reason, now))
                counted["skipped" if reason else "planned"] += 1
    return len(taken), counted


def _people(session: Session, taken: list[ToRemind]) -> dict[int, tuple[Member, ReminderChoice | None]]:
    ids = [member_id for check_in in taken for member_id, _ in check_in.members]
    rows = session.execute(
        select(Member, ReminderChoice)
        .outerjoin(ReminderChoice, ReminderChoice.member_id == Member.id)
        .where(Member.id.in_(ids))
    )
    return {member.id: (member, choice) for member, choice in rows}


def _planned_already(session: Session, taken: list[ToRemind]) -> set[tuple[int, int]]:
    ids = [check_in.check_in_id for check_in in taken]
    rows = session.execute(
        select(Delivery.check_in_id, Delivery.member_id).where(
            Delivery.check_in_id.in_(ids), Delivery.channel == rules.EMAIL
        )
    )
    return {(check_in_id, member_id) for check_in_id, member_id in rows}


def _reason_to_skip(member: Member, choice: ReminderChoice | None, has_submitted: bool, now: datetime) -> str:
    return rules.reason_to_skip(
        has_address=bool(member.email),
        email_on=choice is None or choice.email_on,
        is_paused=choice is not None and rules.is_paused(choice.pause_until, now, member.zone),
        has_submitted=has_submitted,
    )


def _delivery(check_in: ToRemind, member_id: int, reason: str, now: datetime) -> Delivery:
    return Delivery(
        id=new_id(),
        check_in_id=check_in.check_in_id,
        member_id=member_id,
        channel=rules.EMAIL,
        state=State.SKIPPED if reason else State.READY,
        reason=reason,
        due_at=check_in.due_at,
        expires_at=rules.expires_at(check_in.due_at, check_in.next_due_at),
        next_at=check_in.due_at,
        attempts=0,
        doubts=0,
        lease="",
        settled_at=now if reason else None,
    )


# Sending. `now` is the time that reminders are measured by; `real_now` is what leases count, whatever `now` says.


def claim(now: datetime, real_now: datetime, *, is_idempotent: bool, limit: int = 20) -> Claim:
    """Take up to `limit` deliveries in hand that are due, or whose process has been silent for too long.

    Of several processes each gets others. What is too late expires instead.
    """
    result = Claim(0, [])
    with transaction() as session:
        rows = session.execute(
            select(Delivery, Member.email)
            .join(Member, Member.id == Delivery.member_id)
            .where(Delivery.settled_at.is_(None), Delivery.next_at <= now)
            .where(or_(Delivery.leased_until.is_(None), Delivery.leased_until <= real_now))
            .order_by(Delivery.next_at)
            .limit(limit)
            .with_for_update(skip_locked=True, of=Delivery)
        ).all()
        for delivery, email in rows:
            if delivery.state == State.HANDING_OVER:
                _follow(delivery, Event.DOUBT, now, is_idempotent=is_idempotent)
                result.settled[delivery.state] += 1
                continue
            if delivery.state == State.LEASED:
                _follow(delivery, Event.RELEASE, now)
            if delivery.expires_at <= now:
                _follow(delivery, Event.EXPIRE, now)
                result.settled[delivery.state] += 1
                continue
            _follow(delivery, Event.CLAIM, now)
            delivery.lease, delivery.leased_until = secrets.token_hex(16), real_now + rules.LEASE
            result.leased.append(Leased(delivery.id, delivery.lease, delivery.member_id, email or "", delivery.due_at))
    return Claim(len(rows), result.leased, result.settled)


def hand_over(leased: Leased, now: datetime, real_now: datetime) -> State | None:
    """Ask once more whether the mail is wanted and, if so, write down that it leaves now. Only then may it leave.

    Returns the delivery's new state: handing_over, skipped, expired, or ready when the address has changed since.
    None when the lease was lost: then another process decides.
    """
    with transaction() as session:
        member = _lock_member(session, leased.member_id)  # before the delivery, as deleting an account does
        delivery = _find_leased(session, leased, State.LEASED)
        if delivery is None or delivery.leased_until is None or delivery.leased_until <= real_now:
            return None
        email = member.email or "" if member else ""
        reason = _reason_to_skip_now(session, delivery, member, now)
        if reason:
            delivery.reason = reason
            return _follow(delivery, Event.SKIP, now)
        if delivery.expires_at <= now:
            return _follow(delivery, Event.EXPIRE, now)
        if email != leased.to:
            return _follow(delivery, Event.RELEASE, now)
        delivery.leased_until = real_now + rules.LEASE
        return _follow(delivery, Event.HAND_OVER, now)


def _reason_to_skip_now(session: Session, delivery: Delivery, member: Member | None, now: datetime) -> str:
    if member is None:
        return "no address"
    reason = may_still_remind(session, delivery.check_in_id, member.id)
    choice = session.get(ReminderChoice, member.id)
    return reason or _reason_to_skip(member, choice, False, now)


def record(leased: Leased, event: Event, now: datetime, *, is_idempotent: bool = False) -> State | None:
    """Write down what became of a delivery in hand; None when another process has it now."""
    with transaction() as session:
        delivery = _find_leased(session, leased, *rules.ON_THE_WAY, State.IN_DOUBT)
        if delivery is None or (delivery.state, event) not in rules.TRANSITIONS:
            return None
        return _follow(delivery, event, now, is_idempotent=is_idempotent)


def release(leased: list[Leased], now: datetime, *, until: datetime) -> None:
    """Put deliveries in hand back untried; nobody takes them before `until`."""
    with transaction() as session:
        for one in leased:
            delivery = _find_leased(session, one, State.LEASED)
            if delivery is not None:
                _follow(delivery, Event.RELEASE, now)
                delivery.next_at = min(until, delivery.expires_at)


def _find_leased(session: Session, leased: Leased, *states: State) -> Delivery | None:
    found = select(Delivery).where(Delivery.id == leased.id, Delivery.lease == leased.token, Delivery.state.in_(states))
    delivery: Delivery | None = session.execute(found.with_for_update()).scalar()
    return delivery


def _follow(delivery: Delivery, event: Event, now: datetime, *, is_idempotent: bool = False) -> State:
    """Move a delivery on as the table of rules.py says. Does not commit."""
    state, is_settled = rules.follow(State(delivery.state), event, doubts=delivery.doubts, is_idempotent=is_idempotent)
    if event is Event.DEFER:
        delivery.attempts += 1
        delivery.next_at = min(rules.retry_at(now, delivery.attempts, delivery.id), delivery.expires_at)
    if event is Event.DOUBT:
        delivery.doubts += 1
        delivery.next_at = min(rules.retry_at(now, delivery.doubts, delivery.id), delivery.expires_at)
    if state not in rules.ON_THE_WAY:
        delivery.leased_until = None
    delivery.state = state
    delivery.settled_at = now if is_settled else None
    return state
