"""Agreements on their own pages: all of them, rewording, withdrawing, and the calendar. Making one is the week's."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, abort, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from sqlalchemy.exc import DBAPIError, TimeoutError

from app import clock
from app.agreements import actions, rules
from app.agreements.access import MyAgreement, find_page, my_agreement
from app.agreements.calendar import write_event
from app.agreements.forms import AgreementForm, CalendarForm
from app.db import MAX_ID, db
from app.extensions import login_manager
from app.paging import page_asked_for
from app.security import has_valid_token, keeps_what_was_typed
from app.spaces.access import MySpace, my_space
from app.spaces.rules import next_due, parse_time
from app.templating import minute

blueprint = Blueprint("agreements", __name__)

View = Callable[..., ResponseReturnValue]

SOMEBODY_ELSE = "Somebody else is signed in here now. Nothing was kept. Copy your words before you leave this page."
SIGNED_OUT = "You are signed out. Nothing was kept yet. Copy your words, sign in, and enter them once more."
TOO_LATE = (
    "A new week has opened since this page was loaded, or the space has ended. Nothing was kept: copy your words."
)
OLD_PAGE = "This page was open for a long time. Nothing was kept yet: send it once more."
BUSY = "This could not be kept just now. Your words are still here: wait a minute, then send them once more."
ONE_IS_MADE = "You have one agreement of this week already. Withdraw it first, or wait for next week."


def keeps_words(view: View) -> View:
    """Hand a view the form of an agreement. Whatever goes wrong, the answer holds every word that was typed."""

    @keeps_what_was_typed
    @wraps(view)
    def answer(**named: Any) -> ResponseReturnValue:
        form = AgreementForm()
        try:
            return refuse(form) or view(form, **named)
        except (DBAPIError, TimeoutError):  # the page for this asks the database nothing
            db.session.rollback()
            return not_kept(form, BUSY, 503, can_send_again=True)

    return answer


def refuse(form: AgreementForm) -> ResponseReturnValue | None:
    """The answer to somebody who is signed out, or somebody else, or comes with an old page; None when all is well."""
    if not current_user.is_authenticated:
        return not_kept(form, SIGNED_OUT, 401) if form.has_words else login_manager.unauthorized()
    if not form.is_by(current_user.id):
        return not_kept(form, SOMEBODY_ELSE, 409)
    return None if has_valid_token() else not_kept(form, OLD_PAGE, 400, can_send_again=True)


def not_kept(form: AgreementForm, sentence: str, status: int, *, can_send_again: bool = False) -> tuple[str, int]:
    """The words, for copying or for sending once more."""
    address = request.path if can_send_again else ""
    outcome = request.form.get("outcome", "")
    page = render_template("agreements/not_kept.html", form=form, message=sentence, address=address, outcome=outcome)
    return page, status


def is_agreed(form: AgreementForm, space: MySpace, week_on: date) -> bool:
    """Make the agreement that the form holds. False when it stays on the page, with the reason beside it."""
    if not form.validate():
        return False
    try:
        actions.agree(space.id, space.member_id, week_on, *form.parts)
    except actions.OneIsMade:
        form.when.errors = [ONE_IS_MADE]
    except actions.SpaceEnded:
        form.when.errors = [TOO_LATE]
    return not form.errors


@blueprint.get("/agreements/")
@login_required
def index() -> str:
    page = page_asked_for()
    found = find_page(current_user.id, page)
    shown, has_more = found[: rules.PAGE], len(found) > rules.PAGE
    living = [agreement for agreement in shown if not agreement.ended]
    ended = shown[len(living) :]
    return render_template("agreements/index.html", living=living, ended=ended, page=page, has_more=has_more)


@blueprint.get("/agreements/<int:agreement_id>/change")
@login_required
def change(agreement_id: int) -> str:
    """The two fields, with the wording that holds or the one that is about to."""
    found = _mine(agreement_id)
    begun = found.said if found.said and found.said.outcome == "changed" else found.wording
    words = {"when": begun.when, "will": begun.will} if begun else {}
    return _change_page(found, AgreementForm(formdata=None, **words))


@blueprint.post("/agreements/<int:agreement_id>/look-back")
@keeps_words
def look_back(form: AgreementForm, agreement_id: int) -> ResponseReturnValue:
    """Say how one's own agreement went, or nothing after all. It is kept for its maker alone until the reveal."""
    found, outcome = _mine(agreement_id), request.form.get("outcome", "")
    if outcome and outcome not in rules.OUTCOMES:
        abort(422)
    if outcome == "changed" and not form.validate():
        return _change_page(found, form), 422
    words = form.parts if outcome == "changed" else ()
    said = rules.LookBack(outcome, *words) if outcome else None
    if not actions.look_back(current_user.id, agreement_id, said):
        abort(404)
    flash("Kept." if said else "Taken back.")
    return redirect(url_for("checkin.week", _anchor="agreements"), 303)


@blueprint.post("/agreements/<int:agreement_id>/withdraw")
@login_required
def withdraw(agreement_id: int) -> ResponseReturnValue:
    if agreement_id > MAX_ID or not actions.withdraw(current_user.id, agreement_id):
        abort(404)
    flash("Withdrawn.")
    return redirect(url_for("agreements.index"), 303)


@blueprint.get("/agreements/<int:agreement_id>/calendar")
@login_required
def calendar(agreement_id: int) -> str:
    my_agreement(agreement_id)
    return _calendar_page(agreement_id, _usual_time(my_space()))


@blueprint.get("/agreements/<int:agreement_id>.ics")
@login_required
def usual_event(agreement_id: int) -> Response:
    """The event at the time of the check-in. Nothing of the address gets into it."""
    my_agreement(agreement_id)
    return _event(agreement_id, _usual_time(my_space()))


@blueprint.post("/agreements/<int:agreement_id>.ics")
@login_required
def chosen_event(agreement_id: int) -> ResponseReturnValue:
    """The event at the time and in the words that were chosen; the words stay out of addresses and their logs."""
    my_agreement(agreement_id)
    form = CalendarForm()
    if not form.validate():
        return _calendar_page(agreement_id, form), 422
    return _event(agreement_id, form)


def _mine(agreement_id: int) -> MyAgreement:
    """A living agreement of one's own, or 404: how somebody else's went is not one's to say."""
    found = my_agreement(agreement_id)
    if not found.is_mine:
        abort(404)
    return found


def _change_page(found: MyAgreement, form: AgreementForm) -> str:
    return render_template("agreements/change.html", found=found, form=form)


def _calendar_page(agreement_id: int, form: CalendarForm) -> str:
    neutral = rules.NEUTRAL_TITLE
    return render_template("agreements/calendar.html", agreement_id=agreement_id, form=form, neutral=neutral)


def _usual_time(space: MySpace) -> CalendarForm:
    return CalendarForm(formdata=None, weekday=str(space.weekday), time=minute(space.minute), title="")


def _event(agreement_id: int, form: CalendarForm) -> Response:
    """A file to open or keep. Its name and its uid say nothing, as its title does unless somebody typed one."""
    now, zone = clock.utcnow(), current_user.zone
    written = write_event(
        f"{agreement_id}@{urlsplit(current_app.config['BASE_URL']).hostname}",
        form.title.data or rules.NEUTRAL_TITLE,
        next_due(now, int(form.weekday.data), parse_time(form.time.data), zone),
        zone,
        every_week=bool(form.every_week.data),
        now=now,
    )
    headers = {"Content-Disposition": "attachment; filename=reminder.ics"}
    return Response(written, content_type="text/calendar; charset=utf-8", headers=headers)
