"""What this server stores, taking one's words along, and deleting an account."""

from flask import Blueprint, Response, make_response, redirect, render_template, session
from flask_login import current_user, login_required
from werkzeug.exceptions import TooManyRequests
from werkzeug.wrappers import Response as Answer

from app import clock, limiter, security
from app.accounts.access import drop_sign_in
from app.accounts.actions import TooManyTries, WrongPassword, check_password
from app.db import db
from app.privacy import actions, archive, rules
from app.privacy.forms import DeletionForm, PasswordForm

blueprint = Blueprint("privacy", __name__)

ADDRESSES = ("/about/",)  # the same for everybody, so the front may keep them


@blueprint.get("/about/")
def about() -> Response:
    """What this server stores, for how long, and who could read it."""
    page = render_template("privacy/about.html", is_public_page=True, tables=rules.TABLES, in_words=rules.in_words)
    return security.make_public(make_response(page))


@blueprint.get("/settings/export")
@login_required
def export() -> str:
    """What is in the file that one may take along, and what is not."""
    return render_template("privacy/export.html", form=PasswordForm())


@blueprint.post("/settings/export")
@login_required
def take_along() -> Answer:
    """The file itself, for the current password."""
    form, member_id, now = PasswordForm(), current_user.id, clock.utcnow()
    if refusal := _refusal("privacy/export.html", form):
        return refusal
    if not limiter.claim("export", str(member_id), rules.EXPORTS_AN_HOUR, now):
        raise TooManyRequests(retry_after=limiter.seconds_left(now))
    zipped = archive.pack(archive.gather(db.session(), member_id, now), now)
    disposition = f"attachment; filename=same-side-{now:%Y-%m-%d}.zip"
    return Response(zipped, mimetype="application/zip", headers={"Content-Disposition": disposition})


@blueprint.get("/settings/delete")
@login_required
def delete() -> str:
    """What goes with an account, and what stays."""
    return render_template("privacy/delete.html", form=DeletionForm())


@blueprint.post("/settings/delete")
@login_required
def delete_for_good() -> Answer:
    """Delete the account and sign this device out, for the current password."""
    form, member_id = DeletionForm(), current_user.id
    if refusal := _refusal("privacy/delete.html", form):
        return refusal
    actions.delete_account(member_id, clock.utcnow())
    session.clear()
    return drop_sign_in(redirect("/", 303))


def _refusal(template: str, form: PasswordForm) -> Answer | None:
    """The page once more, when something is missing or the password is wrong; None when the way is free."""
    status, headers = 422, {}
    if form.validate_on_submit():
        try:
            check_password(current_user.id, form.password.data, clock.utcnow())
            return None
        except WrongPassword:
            form.password.errors.append("This is not your password.")
        except TooManyTries as error:
            form.form_errors.append("That was tried too often. Wait until the next full hour, then try again.")
            status, headers = 429, {"Retry-After": str(error.retry_after)}
    return make_response(render_template(template, form=form), status, headers)
