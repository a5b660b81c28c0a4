"""A member's own thoughts: the list, the form, keeping and removing."""

from datetime import datetime

from flask import Blueprint, Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user, login_required
from markupsafe import Markup
from sqlalchemy.exc import DBAPIError, TimeoutError

from app import clock
from app.accounts.access import StillSignedOut, carry, sign_in_with
from app.db import MAX_ID, db
from app.security import has_valid_token, keeps_what_was_typed, wants_json
from app.thoughts import actions, rules
from app.thoughts.access import find_thoughts
from app.thoughts.forms import ThoughtForm

blueprint = Blueprint("thoughts", __name__)

FULL = f"You keep {rules.MOST} thoughts already, and no more fit. Remove one from your list, then keep this."
SOMEBODY_ELSE = (
    "Somebody else is signed in here now. Nothing was kept. What was typed is below; copy it before you leave this"
    " page."
)


@blueprint.get("/thoughts/")
@login_required
def index() -> str:
    return render_template("thoughts/index.html", thoughts=find_thoughts(current_user.id))


@blueprint.get("/thoughts/new")
@login_required
def new() -> str:
    """The form, with the paragraph that the address names. Of the address itself nothing gets onto the page."""
    named = {name: request.args.get(name, "") for name in ("page", "passage")}
    return render_template("thoughts/new.html", form=ThoughtForm(formdata=None, **named))


@blueprint.post("/thoughts/")
@keeps_what_was_typed
def keep() -> ResponseReturnValue:
    """Keep a thought. Whatever goes wrong, the answer holds every word that was typed."""
    form = ThoughtForm()
    try:
        return _keep(form) if current_user.is_authenticated else _sign_in_and_keep(form, clock.utcnow())
    except (DBAPIError, TimeoutError):  # the page for this asks the database nothing
        db.session.rollback()
        return _not_kept(form, "This could not be kept just now. Copy your words, wait a minute, then try again.", 503)


@blueprint.post("/thoughts/<int:thought_id>/remove")
@login_required
def remove(thought_id: int) -> ResponseReturnValue:
    """Remove one. A script, on the page of the check-in, stays where it is."""
    if thought_id > MAX_ID or not actions.remove(current_user.id, thought_id):
        abort(404)
    if wants_json():
        return "", 204
    flash("Removed.")
    return _to_the_list()


def _keep(form: ThoughtForm) -> ResponseReturnValue:
    if not has_valid_token():
        form.form_errors.append("This page was open for a long time. Nothing was kept yet: send it once more.")
        return render_template("thoughts/new.html", form=form), 400
    if not form.is_by(current_user.id):
        return _not_kept(form, SOMEBODY_ELSE, 409)
    if not _is_kept(form, current_user.id):
        return render_template("thoughts/new.html", form=form), 422
    _say_kept(form)
    return _to_the_list()


def _is_kept(form: ThoughtForm, member_id: int) -> bool:
    """Keep what the form holds. False when it stays on the page, with the reason beside it."""
    if not form.validate():
        return False
    try:
        actions.keep(member_id, form.words.data, form.quote)
    except actions.Full:
        form.words.errors = [FULL]
        return False
    return True


def _say_kept(form: ThoughtForm) -> None:
    """Say on the next page that it is kept. The page it was read on is the same for everybody and cannot say it."""
    back = Markup(' <a href="{}">Back to the page</a>').format(form.quote.address) if form.quote else ""
    flash(Markup("Kept, for you alone.") + back)


def _to_the_list() -> Response:
    return make_response(redirect(url_for("thoughts.index"), 303))


def _not_kept(form: ThoughtForm, sentence: str, status: int) -> tuple[str, int]:
    """The words for copying, on a page that asks the database nothing."""
    return render_template("thoughts/not_kept.html", form=form, message=sentence), status


def _sign_in_and_keep(form: ThoughtForm, now: datetime) -> ResponseReturnValue:
    """The sign-in ended while somebody wrote: sign in and keep in one step, on a page that carries the words along."""
    try:
        signed_in = sign_in_with(request.form, now)
    except StillSignedOut as why:
        return _ask_to_sign_in(form, why.message, why.status)
    is_theirs = form.is_by(signed_in.member_id)
    if is_theirs and _is_kept(form, signed_in.member_id):
        answer = carry(_to_the_list(), signed_in)
        _say_kept(form)  # after the sign-in, which begins a new session
        return answer
    sentence = f"You are signed in. {form.words.errors[0]}" if is_theirs else SOMEBODY_ELSE
    return carry(make_response(_not_kept(form, sentence, 409)), signed_in)


def _ask_to_sign_in(form: ThoughtForm, message: str, status: int) -> tuple[str, int]:
    email = request.form.get("email", "")
    return render_template("thoughts/sign_in_to_keep.html", form=form, message=message, email=email), status
