"""Two addresses for whoever watches the server: is the process up, and can it do its work."""

import threading
from datetime import datetime, timedelta

from alembic.script import ScriptDirectory
from flask import Blueprint, Flask, Response, current_app, jsonify
from flask.blueprints import BlueprintSetupState
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app import clock, keys, limiter
from app.db import db

blueprint = Blueprint("health", __name__)
FRESH = timedelta(seconds=5)  # nobody can keep the disk busy by asking more often


class Readiness:
    """What the last check found. One request at a time checks; the others get the last answer at once."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._checked_at: datetime | None = None
        self._found: dict[str, bool] = {}

    def ask(self, now: datetime) -> dict[str, bool]:
        """The findings, checked anew when the last ones are older than `FRESH`. Empty before the first check ends."""
        if self._guard.acquire(blocking=False):
            try:
                if self._checked_at is None or not timedelta(0) <= now - self._checked_at < FRESH:
                    self._found = check(now)
                    self._checked_at = now
            finally:
                self._guard.release()
        return self._found


def check(now: datetime) -> dict[str, bool]:
    """Ask for everything that a page needs. A full disk still reads, so something is written and committed as well."""
    found = dict.fromkeys(("database", "schema", "key", "writable"), False)
    try:
        found["database"] = db.session.execute(text("SELECT 1")).scalar() == 1
        found["schema"] = _schema() == current_app.extensions["schema_head"]
        found["key"] = keys.is_at_hand()
        limiter.claim("readiness", "", 1, now)
        found["writable"] = True
    except SQLAlchemyError:
        db.session.rollback()
    return found


def _schema() -> str | None:
    """The version of the tables that the database has."""
    version: str | None = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return version


@blueprint.record_once
def _remember_head(state: BlueprintSetupState) -> None:
    app: Flask = state.app
    folder = app.extensions["migrate"].directory
    app.extensions["schema_head"] = ScriptDirectory(folder).get_current_head()
    app.extensions["readiness"] = Readiness()


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process answers. Nothing else is asked."""
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Whether people can be served: 200 or 503, and which part works, without details."""
    found = current_app.extensions["readiness"].ask(clock.utcnow())
    is_ready = bool(found) and all(found.values())
    return jsonify(ready=is_ready, **found), 200 if is_ready else 503
