"""What templates may use: where they lie, the address of an asset, and how dates and times are written."""

import hashlib
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask, current_app
from flask_login import current_user
from jinja2 import ChoiceLoader, FileSystemLoader, PrefixLoader, StrictUndefined

FOLDER = Path(__file__).resolve().parent
FEATURES = (
    *("guide", "help", "accounts", "spaces", "thoughts", "notes", "proposals"),
    *("agreements", "checkin", "reminders", "privacy", "pwa"),
)
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def init_app(app: Flask) -> None:
    app.jinja_loader = ChoiceLoader(  # type: ignore[assignment]  # a feature's template is `feature/name.html`
        [
            FileSystemLoader(FOLDER / "templates"),
            PrefixLoader({name: FileSystemLoader(FOLDER / name / "templates") for name in FEATURES}),
        ]
    )
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(asset=asset, current_user=current_user, WEEKDAYS=WEEKDAYS)
    app.jinja_env.filters.update(day=day, clock_time=clock_time, minute=minute)
    app.extensions["assets"] = {}


def asset(name: str) -> str:
    """The address of a static file, with a mark that changes with its content."""
    known: dict[str, str] = current_app.extensions["assets"]
    if name not in known or current_app.debug:
        content = (FOLDER / "static" / name).read_bytes()
        known[name] = hashlib.sha256(content).hexdigest()[:12]
    return f"{current_app.static_url_path}/{name}?v={known[name]}"  # url_for cannot say it to a foreign Host


def day(moment: datetime, zone: str) -> str:
    """`Sunday 29 November 2026`, by the calendar of `zone`."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{WEEKDAYS[local.weekday()]} {local.day} {local:%B %Y}"


def clock_time(moment: datetime, zone: str) -> str:
    """`19:42`, by the clocks of `zone`."""
    return f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def minute(value: int) -> str:
    """Minutes from midnight as `19:30`."""
    return f"{value // 60:02}:{value % 60:02}"
