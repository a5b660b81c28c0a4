"""Who is asking: the sign-in cookie and the member behind it, the device, and what waits for a code or by a link."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypedDict
from urllib.parse import quote, urlsplit

from flask import Request, abort, current_app, g, redirect, request, session, url_for
from flask_login import UserMixin
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy import bindparam, select
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import ServiceUnavailable
from werkzeug.wrappers import Response

from app import clock
from app.accounts import actions, rules
from app.accounts.models import AddressChange, Joining, Member, Reset, SignIn
from app.db import db, read
from app.security import has_valid_token, wants_json

DEVICE_LASTS = timedelta(days=400)  # browsers keep no cookie longer


_SIGNED_IN = (
    select(
        SignIn.id.label("sign_in_id"),
        SignIn.created_at,
        SignIn.seen_at,
        Member.id,
        Member.name,
        Member.email,
        Member.zone,
        Member.key_id,
    )
    .join(Member, Member.id == SignIn.member_id)
    .where(SignIn.id == bindparam("sign_in_id"), SignIn.expires_at > bindparam("now"))
)


@dataclass(frozen=True, eq=False)
class CurrentMember(UserMixin):
    """The signed-in member as Flask-Login's `current_user`; no row of the database, so that no write makes it stale."""

    id: int
    name: str
    email: str | None
    zone: str
    key_id: int | None


class ThisDevice(TypedDict):
    """What the actions that sign a device in want to know about it; unpack it with **."""

    client: str
    device_label: str
    known_device: rules.Device


def cookie_name() -> str:
    return "__Host-sign-in" if current_app.config["HTTPS"] else "sign-in"


def device_cookie_name() -> str:
    return "__Host-device" if current_app.config["HTTPS"] else "device"


def load_member(from_request: Request) -> CurrentMember | None:
    """The member whose device sent this request, by one indexed read; None when nobody is signed in."""
    token = from_request.cookies.get(cookie_name())
    if not token:
        return None
    now = clock.utcnow()
    row = read(_SIGNED_IN, sign_in_id=rules.hash_token(token), now=now).first()
    if row is None:
        return None
    g.sign_in_id = row.sign_in_id
    if now - row.seen_at >= rules.SIGN_IN_REFRESH:
        _renew(row.sign_in_id, row.created_at, token, now)
    return CurrentMember(row.id, row.name, row.email, row.zone, row.key_id)


def _renew(sign_in_id: str, created_at: datetime, token: str, now: datetime) -> None:
    """Let a sign-in in use last longer. A disk that cannot write must not keep anybody from reading."""
    try:
        actions.note_use(sign_in_id, created_at, now)
    except SQLAlchemyError:
        db.session.rollback()
    else:
        g.renewed_sign_in = token


def send_to_sign_in() -> Response:
    """Somebody signed out asked for a private page: to the sign-in, and from there back. A script gets 401."""
    if wants_json():
        abort(401)
    if request.method in ("GET", "HEAD"):
        query = request.query_string.decode(errors="replace")
        back = quote(request.path) + (f"?{query}" if query else "")
    else:
        came_from = urlsplit(request.referrer or "")
        back = came_from.path if came_from.netloc == request.host else "/"
    back = rules.safe_next(back)
    return redirect(url_for("accounts.sign_in", next=back if back != "/" else None), 303)


def this_device() -> ThisDevice:
    """The request's client, the coarse name of its browser, and the device it shows itself to be."""
    return {
        "client": rules.client_of(request.remote_addr),
        "device_label": rules.device_label(request.user_agent.string),
        "known_device": _read_device(request.cookies.get(device_cookie_name(), "")),
    }


def carry(response: Response, signed_in: actions.SignedIn) -> Response:
    """Put a new sign-in on the response; nothing else of the session before it stays."""
    session.clear()
    device = signed_in.device
    _set_cookie(response, device_cookie_name(), _signer().dumps([device.id, *device.members]), DEVICE_LASTS)
    return carry_sign_in(response, signed_in.token)


class StillSignedOut(Exception):
    """Why a form that brought an address and a password signed nobody in; `message` is empty when it brought none."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.message, self.status = message, status


def sign_in_with(form: Mapping[str, str], now: datetime) -> actions.SignedIn:
    """Sign in with the `email` and `password` of a form whose sign-in ended while it was filled in.

    Put the result on the response with `carry`. Raises StillSignedOut.
    """
    email, password = form.get("email", ""), form.get("password", "")
    if not (email and password and has_valid_token()):
        raise StillSignedOut("", 401)
    try:
        return actions.sign_in(email, password, **this_device(), now=now)
    except actions.WrongPassword:
        raise StillSignedOut("That address and password do not belong together.", 401) from None
    except (actions.TooManyTries, ServiceUnavailable):
        raise StillSignedOut("There were too many tries. Wait a while, then try again.", 429) from None


def carry_sign_in(response: Response, token: str) -> Response:
    """Put the sign-in into the response's cookie, for 90 days from now."""
    _set_cookie(response, cookie_name(), token, rules.SIGN_IN_SLIDES)
    return response


def drop_sign_in(response: Response) -> Response:
    """Remove the sign-in cookie from the device."""
    response.delete_cookie(cookie_name(), secure=current_app.config["HTTPS"], httponly=True, samesite="Lax", path="/")
    return response


def renew_cookie(response: Response) -> Response:
    """After a request that made the sign-in last longer, let its cookie last as long."""
    token = g.pop("renewed_sign_in", None)
    return carry_sign_in(response, token) if token and "Set-Cookie" not in response.headers else response


def my_token() -> str:
    """The token of the request's own sign-in, empty when there is none."""
    return request.cookies.get(cookie_name(), "")


def find_joining_address(joining_id: int) -> str | None:
    """The address that a joining waits for; None when it is over."""
    return db.session.execute(select(Joining.email).where(Joining.id == joining_id)).scalar()


def find_new_address(member_id: int) -> str | None:
    """The address that a member asked to move to and has not confirmed."""
    return db.session.execute(select(AddressChange.email).where(AddressChange.member_id == member_id)).scalar()


def find_member_of_link(token: str, now: datetime) -> Member | None:
    """The member who may choose a new password by this link, None when it is used, expired or unknown."""
    works = (Reset.id == rules.hash_token(token)) & (Reset.expires_at > now)
    return db.session.execute(select(Member).join(Reset, Reset.member_id == Member.id).where(works)).scalar()


def find_sign_ins(member_id: int, now: datetime) -> Sequence[SignIn]:
    """The devices on which a member is signed in, the newest first."""
    current = (SignIn.member_id == member_id) & (SignIn.expires_at > now)
    return db.session.scalars(select(SignIn).where(current).order_by(SignIn.created_at.desc())).all()


def _read_device(cookie: str) -> rules.Device:
    """The device that a signed cookie tells of; a new one for no cookie and for one that we did not write."""
    try:
        device_id, *members = _signer().loads(cookie)
    except BadSignature:
        return rules.Device(secrets.token_urlsafe(16))
    return rules.Device(device_id, tuple(members))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="device")


def _set_cookie(response: Response, name: str, value: str, lasts: timedelta) -> None:
    secure = current_app.config["HTTPS"]
    response.set_cookie(name, value, max_age=lasts, secure=secure, httponly=True, samesite="Lax", path="/")
