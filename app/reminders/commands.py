"""Commands about reminders."""

import json
import logging
import signal
import threading
from datetime import datetime
from types import FrameType

import click
from flask import current_app
from flask.cli import AppGroup
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from app import clock
from app.db import db
from app.reminders import scheduler, sending
from app.reminders.models import Delivery

COUNTED = ("opened", "planned", "sent", "skipped", "retry", "failed", "expired", "in_doubt")

reminders = AppGroup("reminders", help="Send what is due, once or for ever.")


class Moment(click.ParamType):
    """A point in time with its offset, such as 2027-01-03T18:00:00Z."""

    name = "moment"

    def convert(self, value: str | datetime, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        try:
            moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            self.fail("give a moment with its offset, such as 2027-01-03T18:00:00Z.", param, ctx)
        return moment


@reminders.command()
@click.option("--now", type=Moment(), help="Act as if it were this moment, such as 2027-01-03T18:00:00Z.")
def send(now: datetime | None) -> None:
    """Do one pass over what is due and print what was done as one JSON line."""
    _check_database()

    def tell_now() -> datetime:
        return now or clock.utcnow()

    try:
        done = sending.open_and_plan(tell_now)
        sent, _ = sending.send_due(tell_now)
    except DBAPIError as error:
        raise click.ClickException(
            f"The database failed ({type(error).__name__}). What is done is written down; run it again."
        ) from None
    done += sent
    click.echo(json.dumps({name: done[name] for name in COUNTED}))


@reminders.command()
def run() -> None:
    """Send what is due, again and again, until SIGTERM or Ctrl-C."""
    _check_database()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    stopping = threading.Event()

    def stop(signum: int, frame: FrameType | None) -> None:
        stopping.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    ticker = scheduler.start(current_app._get_current_object())  # type: ignore[attr-defined]  # werkzeug's proxy
    click.echo("Reminders are being sent as they fall due.")
    stopping.wait()
    ticker.stop()


def _check_database() -> None:
    if not inspect(db.engine).has_table(Delivery.__tablename__):
        raise click.ClickException("DATABASE_URL: this database is empty. Run `flask --app wsgi db upgrade` first.")
