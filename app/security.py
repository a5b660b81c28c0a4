"""Response headers, and the checks that every request which changes something must pass."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, request
from flask_wtf.csrf import CSRFError, validate_csrf
from wtforms.validators import ValidationError

from app.extensions import csrf

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types same-side",
    )
)
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), browsing-topics=()",
}
PRIVATE = "private, no-store"
PUBLIC = "public, max-age=0, must-revalidate"

View = Callable[..., Any]


def init_app(app: Flask) -> None:
    app.before_request(check_origin_and_token)
    app.after_request(add_headers)


def open_to_everyone(view: View) -> View:
    """Mark a view that a mail program may POST to: no origin, cookie or token is asked for (RFC 8058)."""
    view.needs = "nothing"  # type: ignore[attr-defined]  # a mark on the function
    return view


def needs_origin_only(view: View) -> View:
    """Mark a view whose form stands on pages that are the same for everybody and so can carry no token."""
    view.needs = "origin"  # type: ignore[attr-defined]
    return view


def keeps_what_was_typed(view: View) -> View:
    """Mark a view that asks `has_valid_token()` itself, to show the form again with every word in it."""
    view.needs = "view"  # type: ignore[attr-defined]
    return view


def check_origin_and_token() -> None:
    """Refuse a state-changing request of another site (403), or a form without its token (400).

    The rule of Go's CrossOriginProtection: browsers send Sec-Fetch-Site or at least Origin with every POST. A request
    with neither is no browser's and stands or falls with its token.
    """
    if request.method in ("GET", "HEAD", "OPTIONS") or request.endpoint is None:
        return
    needs = getattr(current_app.view_functions[request.endpoint], "needs", "token")
    if needs == "nothing":
        return
    is_same_origin = _is_same_origin()
    if is_same_origin is False:
        abort(403)
    if needs == "origin" or needs == "view" or (wants_json() and is_same_origin):
        return
    csrf.protect()


def has_valid_token() -> bool:
    """Whether this request may change something: a script's save vouched for by the browser, or a form's token."""
    if wants_json() and _is_same_origin():
        return True
    try:
        validate_csrf(request.form.get("csrf_token") or request.headers.get("X-CSRFToken", ""))
    except (ValidationError, CSRFError):
        return False
    return True


def _is_same_origin() -> bool | None:
    """True or False as the browser vouches; None when nothing says where the request comes from."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = request.headers.get("Origin")
    if origin is None:
        return None
    return urlsplit(origin).netloc == request.host


def wants_json() -> bool:
    """Whether a script asks: it accepts JSON and says so first."""
    return request.accept_mimetypes.best == "application/json"


def add_headers(response: Response) -> Response:
    for name, value in HEADERS.items():
        if name not in response.headers:
            response.headers.add(name, value)  # setdefault would look through all of them once more
    response.headers.setdefault("Cache-Control", PRIVATE)  # a view that says nothing is private
    if current_app.config["HTTPS"]:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return response


def make_public(response: Response) -> Response:
    """Say that a page is the same for everybody; the worker keeps only what carries this mark."""
    response.headers["Cache-Control"] = PUBLIC
    response.headers["X-Public"] = "1"
    return response
