"""Pages about reminders: what a member chose, and the link that switches them off."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required

from app import clock
from app.db import db
from app.reminders import actions
from app.reminders.access import member_behind
from app.reminders.forms import ReminderForm
from app.reminders.models import ReminderChoice
from app.security import open_to_everyone
from app.spaces.access import my_space
from app.spaces.rules import local_date

blueprint = Blueprint("reminders", __name__)


@blueprint.route("/reminders/", methods=["GET", "POST"])
@login_required
def choices() -> Any:
    space, member_id = my_space(), current_user.id
    form = _form(member_id, local_date(clock.utcnow(), current_user.zone))
    if form.validate_on_submit():
        actions.choose(member_id, email_on=form.email_on.data, pause_until=form.pause_on)
        flash("Saved.")
        return redirect(url_for("reminders.choices"), 303)
    page = render_template("reminders/choices.html", form=form, space=space, email=current_user.email)
    return page, 422 if request.method == "POST" else 200


def _form(member_id: int, today: date) -> ReminderForm:
    """The form with what the member chose so far; a pause that is over is none."""
    choice = db.session.get(ReminderChoice, member_id)
    pause = choice.pause_until if choice and choice.pause_until and choice.pause_until > today else None
    form = ReminderForm(
        data={
            "email_on": choice is None or choice.email_on,
            "pause_until": pause.isoformat() if pause else "",
        }
    )
    form.today = today
    return form


@blueprint.route("/reminders/unsubscribe/<token>", methods=["GET", "POST"])
@open_to_everyone
def unsubscribe(token: str) -> str:
    """Looking changes nothing, because mail scanners follow links; only the button, or a mail program, does."""
    member_id = member_behind(token)
    if request.method != "POST":
        return render_template("reminders/unsubscribe.html", state="asked")
    is_again = request.form.get("again") == "1"
    actions.switch_email(member_id, is_again)
    return render_template("reminders/unsubscribe.html", state="on" if is_again else "off")
