"""Who is asking: the sign-in cookie and the member behind it."""

from flask import Request, Response, current_app, g, request
from sqlalchemy import select

from app import clock
from app.accounts import actions, rules
from app.accounts.models import Member, SignIn
from app.db import db


def cookie_name() -> str:
    return "__Host-sign-in" if current_app.config["HTTPS"] else "sign-in"


def load_member(from_request: Request) -> Member | None:
    """The member whose device sent this request, by one indexed read; None when nobody is signed in."""
    token = from_request.cookies.get(cookie_name())
    if not token:
        return None
    now = clock.utcnow()
    row = db.session.execute(
        select(SignIn, Member)
        .join(Member, Member.id == SignIn.member_id)
        .where(SignIn.id == rules.hash_token(token), SignIn.expires_at > now)
    ).first()
    if row is None:
        return None
    sign_in, member = row
    g.sign_in_id = sign_in.id
    if now - sign_in.seen_at >= rules.SIGN_IN_REFRESH:
        db.session.expunge_all()  # writing forgets what was read; these two rows stay as they are
        actions.note_use(sign_in.id, sign_in.created_at, now)
        g.renewed_sign_in = token
    return member


def carry_sign_in(response: Response, token: str) -> Response:
    """Put the sign-in into the response's cookie, for 90 days from now."""
    response.set_cookie(
        cookie_name(),
        token,
        max_age=rules.SIGN_IN_SLIDES,
        secure=current_app.config["HTTPS"],
        httponly=True,
        samesite="Lax",
        path="/",
    )
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
