"""The error pages, and what an error leaves in the log: where it happened, never what was typed."""

import traceback
from typing import Any

from flask import Flask, Response, current_app, jsonify, make_response, render_template
from sqlalchemy.exc import DBAPIError, TimeoutError
from werkzeug.exceptions import HTTPException, InternalServerError, SecurityError, ServiceUnavailable

from app.content import ContentError
from app.db import db
from app.security import wants_json

PAGES = {
    400: (
        "This form is out of date",
        "It may have been open for a long time. Go back, load the page again and send it once more.",
    ),
    401: ("You are signed out", "Sign in, then send it once more."),
    403: ("That did not come from this app", "Open the page here and send it once more."),
    404: ("There is nothing here", "The address may be mistyped, or what was here is gone."),
    405: ("That does not work here", "Go back and use the buttons on the page."),
    413: ("That is too long", "Shorten it and send it once more."),
    429: ("Too many tries", "Wait a while, then try again."),
    500: ("Something went wrong on our side", "Nothing was changed. Go back and try again in a minute."),
    503: ("We cannot do that just now", "Nothing was changed. Wait a minute, then send it once more."),
}


def init_app(app: Flask) -> None:
    app.register_error_handler(HTTPException, show_error)
    app.register_error_handler(DBAPIError, show_database_error)
    app.register_error_handler(TimeoutError, show_database_error)
    app.register_error_handler(ContentError, show_mistakes)
    app.log_exception = _log_exception  # type: ignore[method-assign,assignment]  # see there


def show_error(error: HTTPException) -> Response:
    """The page, or the JSON, for an HTTP error; redirects and ready responses pass through."""
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    if isinstance(error, InternalServerError):
        db.session.rollback()
    title, advice = PAGES.get(error.code, PAGES[400] if error.code < 500 else PAGES[500])
    if isinstance(error, SecurityError):
        title, advice = "This server has another address", f"Open {current_app.config['BASE_URL']} instead."
    if wants_json():
        response = jsonify(error=title, advice=advice)
    else:
        response = make_response(render_template("error.html", title=title, advice=advice, code=error.code))
    response.status_code = error.code
    for name, value in error.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def show_mistakes(error: ContentError) -> Response:
    """While somebody writes: what to mend in content/ before the page can be shown."""
    return Response(f"To mend in content/, then reload this page:\n\n{error}\n", 500, mimetype="text/plain")


def show_database_error(error: Exception) -> Response:
    """The database is locked, full or away: say that nothing was saved, and that trying again is right."""
    db.session.rollback()
    _log_exception((type(error), error, error.__traceback__))
    return show_error(ServiceUnavailable(retry_after=30))


def _log_exception(info: Any) -> None:
    """Log type and place of an exception. Its message may quote what somebody typed, so it stays out."""
    kind, _, trace = info
    frames = "".join(traceback.format_tb(trace))
    current_app.logger.error("%s\n%s", kind.__name__, frames)
