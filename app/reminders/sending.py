"""One pass over what is due: open check-ins, plan their reminders, send the mails."""

import hashlib
import hmac
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from flask import current_app

from app import clock
from app.checkin.actions import empty_bin, open_due
from app.mail import Deferred, Refused, Transport, Unreachable, Unsure, compose, postman, sender_domain
from app.reminders import actions, rules
from app.reminders.access import unsubscribe_token
from app.reminders.rules import Event, State

logger = logging.getLogger(__name__)
BATCHES = 1000  # of one pass: more than anything real, so that no fault can make it endless

Clock = Callable[[], datetime]
IsStopping = Callable[[], bool]


def never() -> bool:
    return False


def open_and_plan(tell_now: Clock, is_stopping: IsStopping = never) -> Counter[str]:
    """Open every check-in that is due, write down its reminders, and delete for good what nobody brought back.

    Returns how many were opened and planned.
    """
    done: Counter[str] = Counter()
    for _ in range(BATCHES):
        if is_stopping():
            break
        handled, opened = open_due(tell_now())
        done += Counter(opened=opened)
        if not handled:
            break
    for _ in range(BATCHES):
        taken, counted = (0, Counter[str]()) if is_stopping() else actions.plan(tell_now())
        done += counted
        if not taken:
            break
    empty_bin(tell_now())
    return done


def send_due(tell_now: Clock, is_stopping: IsStopping = never) -> tuple[Counter[str], bool]:
    """Send every mail that is due, one after the other.

    Returns how many ended in which way, and False when the relay was away: then the pass leaves it alone.
    """
    transport = postman().transport
    done: Counter[str] = Counter()
    for _ in range(BATCHES):
        if is_stopping():
            break
        claim = actions.claim(tell_now(), clock.utcnow(), is_idempotent=transport.is_idempotent)
        done += claim.settled
        if not claim.found:
            break
        if not _send_all(claim.leased, transport, tell_now, is_stopping, done):
            return done, False
    return done, True


def _send_all(
    batch: list[actions.Leased], transport: Transport, tell_now: Clock, is_stopping: IsStopping, done: Counter[str]
) -> bool:
    """Send a batch in hand and count in `done` what became of it. False when the relay is away."""
    for index, leased in enumerate(batch):
        if is_stopping():
            actions.release(batch[index:], tell_now(), until=tell_now())
            break
        try:
            state = _send(leased, transport, tell_now)
        except Unreachable as error:
            logger.warning("the mail relay cannot be used (%s); its mails wait", error)
            actions.release(batch[index:], tell_now(), until=tell_now() + rules.REST)
            done["retry"] += 1
            return False
        if state is not None:
            done["retry" if state is State.READY else state] += 1
    return True


def _send(leased: actions.Leased, transport: Transport, tell_now: Clock) -> State | None:
    """Try to send one mail and return the state it is in now, or None when there is nothing to count: another process
    has it, or its address has changed and it is made anew. Raises Unreachable when the relay is away.
    """
    handed_over: list[State | None] = []

    def hand_over() -> bool:
        handed_over.append(actions.hand_over(leased, tell_now(), clock.utcnow()))
        return handed_over[-1] is State.HANDING_OVER

    event = Event.ACCEPT
    try:
        if leased.to:
            transport.send(compose_reminder(leased), hand_over)
        else:
            hand_over()
    except Unreachable:
        raise
    except Deferred:
        event = Event.DEFER
    except Refused:
        event = Event.REFUSE
    except Unsure:
        event = Event.DOUBT
    except Exception as error:  # one mail that cannot be made or written must not keep the others from leaving
        logger.error("a reminder could not be sent: %s", type(error).__name__)
        event = Event.DOUBT if handed_over else Event.DEFER
    if event is Event.ACCEPT and handed_over[-1] is not State.HANDING_OVER:
        return None if handed_over[-1] is State.READY else handed_over[-1]
    return actions.record(leased, event, tell_now(), is_idempotent=transport.is_idempotent)


def compose_reminder(leased: actions.Leased) -> EmailMessage:
    """The mail of one delivery. Made twice, it is the same to the byte, so that a repeat can be told for one.

    One-click unsubscribing as RFC 8058 wants it.
    """
    base_url = current_app.config["BASE_URL"]
    unsubscribe = f"{base_url}/reminders/unsubscribe/{unsubscribe_token(leased.member_id)}"
    domain = sender_domain()
    headers = {
        "Message-ID": f"<r.{leased.id}.{_mark(leased.id)}@{domain}>",
        "Date": format_datetime(leased.due_at),
        "List-Unsubscribe": f"<{unsubscribe}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        "List-Id": f"<weekly.{domain}>",
    }
    return compose("reminders/mail/weekly", leased.to, headers=headers, base_url=base_url, unsubscribe_url=unsubscribe)


def _mark(delivery_id: int) -> str:
    """A keyed hash, so that nobody outside can make the Message-ID of a mail to come."""
    secret = current_app.config["SECRET_KEY"].encode()
    return hmac.new(secret, b"message-id|%d" % delivery_id, hashlib.sha256).hexdigest()[:16]
