"""What members can do to their accounts: join, sign in and out, choose a new password, move to another address."""

import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert, literal, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session
from werkzeug.exceptions import ServiceUnavailable, TooManyRequests

from app import limiter
from app.accounts import passwords, rules
from app.accounts.addresses import find_address
from app.accounts.models import AddressChange, Joining, Member, Reset, SignIn
from app.db import UTCDateTime, new_id, transaction
from app.keys import create_key
from app.mail import postman

Letter = Callable[[], None]


class WrongPassword(Exception):
    """That address and password do not belong together; nobody learns which of the two is at fault."""


class TooManyTries(TooManyRequests):
    """A limit of rules.LIMITS is reached. `retry_after` says in how many seconds it begins anew."""


class AddressTaken(Exception):
    """The address has an account. Said only to who has proved to own it, or where no mail is configured."""


class WrongCode(Exception):
    """Not the six digits that were mailed; there are tries left."""


class CodeOver(Exception):
    """The code is older than ten minutes or was tried five times; a new one is needed."""


class Gone(Exception):
    """What was to be used, a joining or a link, is used, expired or was never there."""


@dataclass(frozen=True)
class SignedIn:
    """A device that has just been signed in. Put it on the response with access.carry(response, signed_in)."""

    member_id: int
    token: str
    device: rules.Device


def needs_code() -> bool:
    """Whether joining and moving to an address need a mailed code: only where mails leave this machine."""
    return current_app.config["SMTP_URL"] is not None


# Joining


def join(
    name: str,
    address: str,
    password: str,
    zone: str,
    *,
    client: str,
    device_label: str,
    known_device: rules.Device,
    now: datetime,
) -> SignedIn:
    """Make an account at once and sign its device in: a trial machine without mail.

    Raises AddressTaken, TooManyTries.
    """
    claims = [("join, client", client)]
    _claim(claims, now)
    password_hash = passwords.hash_password(password)
    try:
        with transaction() as session:
            member_id = _add_member(session, name, address, zone, password_hash, now)
            token = _add_sign_in(session, member_id, device_label, now)
            _give_back(session, claims, now)
    except IntegrityError:
        raise AddressTaken from None
    return SignedIn(member_id, token, known_device.after_sign_in(member_id))


def ask_to_join(name: str, address: str, password: str, zone: str, *, client: str, now: datetime) -> int:
    """Mail a six-digit code to the address and return the id of the joining that waits for it.

    A known address costs the same work and gets the same answer; its owner gets a mail that says so. Raises
    TooManyTries for the client; too many mails to one address are left out without a word.
    """
    _claim([("join, client", client)], now)
    password_hash = passwords.hash_password(password)
    joining_id = new_id()
    with transaction() as session:
        session.execute(delete(Joining).where(Joining.expires_at <= now - rules.JOINING_KEPT))
        may_write = _count(session, "join, address", address, now)
        code_hash, letter = _write_code(session, address, f"joining|{joining_id}", may_write)
        session.add(
            Joining(
                id=joining_id,
                email=address,
                name=name,
                zone=zone,
                password_hash=password_hash,
                code_hash=code_hash,
                tries=0,
                expires_at=now + rules.CODE_LASTS,
            )
        )
    letter()
    return joining_id


def send_new_code(joining_id: int, now: datetime) -> None:
    """Mail a new code for a joining; the old one stops working. Raises Gone when there is no such joining."""
    with transaction() as session:
        joining = session.get(Joining, joining_id, with_for_update=True)
        if joining is None:
            raise Gone
        may_write = _count(session, "join, address", joining.email, now)
        code_hash, letter = _write_code(session, joining.email, f"joining|{joining_id}", may_write)
        if may_write:
            joining.code_hash, joining.tries, joining.expires_at = code_hash, 0, now + rules.CODE_LASTS
    letter()


def finish_joining(
    joining_id: int, code: str, *, client: str, device_label: str, known_device: rules.Device, now: datetime
) -> SignedIn:
    """Make the account that a joining asked for, once, and sign its device in.

    Raises WrongCode, CodeOver, Gone, and AddressTaken when the address got an account meanwhile.
    """
    try:
        with transaction() as session:
            joining = session.get(Joining, joining_id, with_for_update=True)
            if joining is None:
                raise Gone
            problem = _check_code(joining, f"joining|{joining_id}", code, now)
            if problem is None:
                session.delete(joining)
                _give_back(session, [("join, client", client)], now)
                wanted = joining.name, joining.email, joining.zone, joining.password_hash
                member_id = _add_member(session, *wanted, now)
                token = _add_sign_in(session, member_id, device_label, now)
    except IntegrityError:
        raise AddressTaken from None
    if problem is not None:
        raise problem  # only now, so that the try stays counted
    return SignedIn(member_id, token, known_device.after_sign_in(member_id))


def _add_member(session: Session, name: str, address: str, zone: str, password_hash: str, now: datetime) -> int:
    """Add a member with a key of their own. Does not commit. Raises IntegrityError when the address is taken."""
    member = Member(
        id=new_id(),
        email=address,
        name=name,
        zone=zone,
        password_hash=password_hash,
        key_id=create_key(session),
        created_at=now,
    )
    session.add(member)
    session.flush()
    return member.id


# Signing in and out


def sign_in(
    email: str, password: str, *, client: str, device_label: str, known_device: rules.Device, now: datetime
) -> SignedIn:
    """Sign a device in with what was typed. Raises WrongPassword, TooManyTries, ServiceUnavailable (503).

    Any page can offer this and go on in the same request, with access.this_device() for the three keywords:

        signed_in = actions.sign_in(email, password, **access.this_device(), now=now)
        save_something(signed_in.member_id, ...)
        return access.carry(redirect(...), signed_in)

    `current_user` stays who it was until the next request, so go on with `signed_in.member_id`. It opens and ends
    transactions of its own. Known and unknown addresses take the same time; tries are counted before hashing.
    """
    address = find_address(email)
    with transaction() as session:
        member = session.execute(select(Member.id, Member.password_hash).where(Member.email == address)).first()
        claims = rules.sign_in_claims(address, member.id if member else None, client, known_device)
        _count_all(session, claims, now)
    if not _is_right(member.password_hash if member else None, password, claims, now) or member is None:
        raise WrongPassword
    with transaction() as session:
        if not _still_has(session, member.id, member.password_hash):
            raise WrongPassword  # it was changed while we hashed
        _give_back(session, claims, now)
        token = _add_sign_in(session, member.id, device_label, now)
    return SignedIn(member.id, token, known_device.after_sign_in(member.id))


def begin_sign_in(member_id: int, device: str, now: datetime) -> str:
    """Sign a device in and return the token for its cookie, 256 random bits. Only its hash is stored."""
    with transaction() as session:
        return _add_sign_in(session, member_id, device, now)


def end_sign_in(token: str) -> None:
    """Sign one device out; its cookie opens nothing from now on."""
    with transaction() as session:
        session.execute(delete(SignIn).where(SignIn.id == rules.hash_token(token)))


def end_sign_in_of(member_id: int, sign_in_id: str) -> None:
    """Sign out one of a member's own devices. Raises Gone for one that is not theirs or no longer there."""
    if not rules.is_hash(sign_in_id):
        raise Gone
    with transaction() as session:
        ended = session.execute(delete(SignIn).where(SignIn.id == sign_in_id, SignIn.member_id == member_id))
        if ended.rowcount == 0:  # type: ignore[attr-defined]  # a delete answers with a cursor
            raise Gone


def end_other_sign_ins(member_id: int, kept_id: str) -> None:
    """Sign out all of a member's devices but one."""
    with transaction() as session:
        session.execute(delete(SignIn).where(SignIn.member_id == member_id, SignIn.id != kept_id))


def note_use(sign_in_id: str, created_at: datetime, now: datetime) -> None:
    """Let a sign-in that is used last longer: 90 days from now, one year in all."""
    with transaction() as session:
        session.execute(
            update(SignIn)
            .where(SignIn.id == sign_in_id)
            .values(seen_at=now, expires_at=rules.sign_in_expires(created_at, now))
        )


def _add_sign_in(session: Session, member_id: int, device: str, now: datetime) -> str:
    """Add a sign-in and return its token; what has expired, and more than twenty devices, goes. Does not commit."""
    token = secrets.token_urlsafe(32)
    latest_first = (
        select(SignIn.id)
        .where(SignIn.member_id == member_id)
        .order_by(SignIn.seen_at.desc())
        .offset(rules.SIGN_INS_KEPT - 1)
    )
    superfluous = session.scalars(latest_first).all()
    session.execute(delete(SignIn).where((SignIn.expires_at <= now) | SignIn.id.in_(superfluous)))
    session.add(
        SignIn(
            id=rules.hash_token(token),
            member_id=member_id,
            device=device,
            created_at=now,
            seen_at=now,
            expires_at=rules.sign_in_expires(now, now),
        )
    )
    session.flush()
    return token


# Passwords


def send_reset(email: str, *, client: str, now: datetime) -> None:
    """Mail a link for a new password, if the address has an account; nothing tells whether it has.

    Raises TooManyTries for the client; too many mails to one address are left out without a word.
    """
    address = find_address(email)
    token = secrets.token_urlsafe(32)
    link = literal(rules.hash_token(token)), Member.id, literal(now + rules.RESET_LASTS, UTCDateTime)
    with transaction() as session:
        _count_all(session, [("forgot, client", client)], now)
        owner = (Member.email == address) & literal(_count(session, "forgot, address", address, now))
        session.execute(delete(Reset).where(Reset.expires_at <= now))
        # One statement for known and unknown, since the time of a second one would tell.
        add = insert(Reset).from_select(["id", "member_id", "expires_at"], select(*link).where(owner))
        is_mailed = session.execute(add.returning(Reset.member_id)).first() is not None
    if is_mailed:
        postman().post("accounts/mail/reset", address, token=token)


def reset_password(
    token: str, password: str, *, client: str, device_label: str, known_device: rules.Device, now: datetime
) -> SignedIn:
    """Set a new password by a mailed link, once: every other sign-in, link and pending move ends; this device enters.

    Raises Gone for a link that is used, expired or unknown; of many at once exactly one succeeds.
    """
    password_hash = passwords.hash_password(password)
    reset_id = rules.hash_token(token)
    with transaction() as session:
        member_id = session.execute(select(Reset.member_id).where(Reset.id == reset_id)).scalar()
        _lock(session, member_id)
        used = session.execute(delete(Reset).where(Reset.id == reset_id, Reset.expires_at > now))
        if member_id is None or used.rowcount == 0:  # type: ignore[attr-defined]  # a delete answers with a cursor
            raise Gone
        session.execute(update(Member).where(Member.id == member_id).values(password_hash=password_hash))
        sign_in_token = _begin_anew(session, member_id, device_label, now)
    return SignedIn(member_id, sign_in_token, known_device.after_sign_in(member_id))


def change_password(
    member_id: int,
    current: str,
    new: str,
    *,
    client: str,
    device_label: str,
    known_device: rules.Device,
    now: datetime,
) -> SignedIn:
    """Set a new password in place of the current one; as after a reset, only this device stays, with a new token.

    Raises WrongPassword, TooManyTries.
    """
    checked = check_password(member_id, current, now)
    password_hash = passwords.hash_password(new)
    with transaction() as session:
        if not _still_has(session, member_id, checked):
            raise WrongPassword
        session.execute(update(Member).where(Member.id == member_id).values(password_hash=password_hash))
        token = _begin_anew(session, member_id, device_label, now)
    return SignedIn(member_id, token, known_device.after_sign_in(member_id))


def check_password(member_id: int, password: str, now: datetime) -> str:
    """Ask a signed-in member for their password again; returns its hash as it was when it was right.

    Raises WrongPassword, TooManyTries (ten wrong ones an hour).
    """
    claims = [("password, member", str(member_id))]
    with transaction() as session:
        stored = session.execute(select(Member.password_hash).where(Member.id == member_id)).scalar()
        _count_all(session, claims, now)
    if not _is_right(stored, password, claims, now) or stored is None:
        raise WrongPassword
    with transaction() as session:
        _give_back(session, claims, now)
    return stored


def _begin_anew(session: Session, member_id: int, device_label: str, now: datetime) -> str:
    """End every sign-in, link and pending move of a member, and sign this device in. Does not commit."""
    for table in (SignIn, Reset, AddressChange):
        session.execute(delete(table).where(table.member_id == member_id))
    return _add_sign_in(session, member_id, device_label, now)


def _is_right(password_hash: str | None, password: str, claims: rules.Claims, now: datetime) -> bool:
    """Compare, in the same time with and without a hash. What was too busy to be compared is no try."""
    try:
        if password_hash is None:
            passwords.spend_the_same(password)
            return False
        return passwords.is_right(password_hash, password)
    except ServiceUnavailable:
        with transaction() as session:
            _give_back(session, claims, now)
        raise


def _still_has(session: Session, member_id: int, password_hash: str) -> bool:
    """Whether a member has the password hash that was compared, and keeps it until this transaction ends."""
    return _lock(session, member_id) == password_hash


def _lock(session: Session, member_id: int | None) -> str | None:
    """Let nobody else change a member until this transaction ends; returns the password hash.

    Always the first of several locks: two transactions that lock in turn cannot wait for each other.
    """
    return session.execute(select(Member.password_hash).where(Member.id == member_id).with_for_update()).scalar()


# Name, zone and address


def rename(member_id: int, name: str) -> None:
    """Change the name that a member goes by."""
    _change(member_id, name=name)


def move_zone(member_id: int, zone: str) -> None:
    """Change the zone by which a member sees dates and times. Their space keeps its own."""
    _change(member_id, zone=zone)


def _change(member_id: int, **values: Any) -> None:
    with transaction() as session:
        session.execute(update(Member).where(Member.id == member_id).values(**values))


def change_address(member_id: int, address: str, password: str, now: datetime) -> None:
    """Move an account to another address at once: a trial machine without mail.

    Raises WrongPassword, TooManyTries, AddressTaken.
    """
    checked = check_password(member_id, password, now)
    try:
        with transaction() as session:
            if not _still_has(session, member_id, checked):
                raise WrongPassword
            _set_address(session, member_id, address)
    except IntegrityError:
        raise AddressTaken from None


def ask_to_change_address(member_id: int, address: str, password: str, now: datetime) -> None:
    """Mail a code to the new address, and to the old one that a move was asked for.

    For a new address that has an account the work and the answer are the same, and its owner gets a mail that says so.
    Raises WrongPassword, TooManyTries.
    """
    check_password(member_id, password, now)
    with transaction() as session:
        _count_all(session, [("move, member", str(member_id))], now)
        may_write = _count(session, "move, address", address, now)
        code_hash, letter = _write_code(session, address, f"move|{member_id}", may_write)
        _lock(session, member_id)
        old = session.execute(select(Member.email).where(Member.id == member_id)).scalar()
        session.execute(
            delete(AddressChange).where((AddressChange.member_id == member_id) | (AddressChange.expires_at <= now))
        )
        session.add(
            AddressChange(
                member_id=member_id, email=address, code_hash=code_hash, tries=0, expires_at=now + rules.CODE_LASTS
            )
        )
    letter()
    if old is not None:
        postman().post("accounts/mail/moving", old)


def finish_changing_address(member_id: int, code: str, now: datetime) -> None:
    """Move the account to the address whose code was typed.

    Raises WrongCode, CodeOver, Gone, and AddressTaken when the address got an account meanwhile.
    """
    try:
        with transaction() as session:
            _lock(session, member_id)
            move = session.get(AddressChange, member_id)
            if move is None:
                raise Gone
            problem = _check_code(move, f"move|{member_id}", code, now)
            if problem is None:
                session.delete(move)
                _set_address(session, member_id, move.email)
    except IntegrityError:
        raise AddressTaken from None
    if problem is not None:
        raise problem


def _set_address(session: Session, member_id: int, address: str) -> None:
    """Store a member's new address; links mailed to the old one end. Does not commit."""
    session.execute(update(Member).where(Member.id == member_id).values(email=address))
    session.execute(delete(Reset).where(Reset.member_id == member_id))


# Codes and limits


def _write_code(session: Session, address: str, holder: str, may_write: bool) -> tuple[str, Letter]:
    """The hash of a new code for `holder`, and the mail to post after the commit. Does not commit.

    Where the address has an account, or may get no more mails, no code opens what the hash is stored in.
    """
    code = f"{secrets.randbelow(10**6):06}"
    is_known = _find_member(session, address) is not None
    code_hash = rules.hash_code(_secret(), holder, secrets.token_hex() if is_known or not may_write else code)

    def post() -> None:
        if not may_write:
            return
        if is_known:
            postman().post("accounts/mail/known", address)
        else:
            postman().post("accounts/mail/code", address, code=code)

    return code_hash, post


def _check_code(held: Joining | AddressChange, holder: str, code: str, now: datetime) -> Exception | None:
    """None when `code` is the one that was mailed, otherwise what is wrong; a wrong one is counted. Does not commit."""
    if held.expires_at <= now or held.tries >= rules.CODE_TRIES:
        return CodeOver()
    if hmac.compare_digest(held.code_hash, rules.hash_code(_secret(), holder, code)):
        return None
    held.tries += 1
    return WrongCode() if held.tries < rules.CODE_TRIES else CodeOver()


def _secret() -> str:
    secret: str = current_app.config["SECRET_KEY"]
    return secret


def _find_member(session: Session, address: str) -> int | None:
    return session.execute(select(Member.id).where(Member.email == address)).scalar()


def _claim(claims: rules.Claims, now: datetime) -> None:
    with transaction() as session:
        _count_all(session, claims, now)


def _count_all(session: Session, claims: rules.Claims, now: datetime) -> None:
    """Count a try against each limit, or against none and raise TooManyTries. Does not commit."""
    for kind, subject in claims:
        if not _count(session, kind, subject, now):
            raise TooManyTries(retry_after=limiter.seconds_left(now))


def _count(session: Session, kind: str, subject: str, now: datetime) -> bool:
    return limiter.count_try(session, kind, subject, rules.LIMITS[kind], now)


def _give_back(session: Session, claims: rules.Claims, now: datetime) -> None:
    for kind, subject in claims:
        limiter.take_back(session, kind, subject, now)
