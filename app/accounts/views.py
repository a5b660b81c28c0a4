"""Pages of this feature: joining, signing in and out, a forgotten password, and the settings."""

from typing import Any

from flask import Blueprint, abort, flash, g, make_response, redirect, render_template, request, session, url_for
from flask_login import current_user, login_required
from werkzeug.wrappers import Response

from app import clock
from app.accounts import access, actions, rules
from app.accounts.addresses import read_address
from app.accounts.forms import (
    AddressForm,
    CodeForm,
    ForgotForm,
    JoinForm,
    NameForm,
    PasswordForm,
    ResetForm,
    SignInForm,
    ZoneForm,
)
from app.extensions import Form

blueprint = Blueprint("accounts", __name__)

NOT_TOGETHER = "That address and password do not belong together."
WRONG_CODE = "That is not the code. Look at the newest mail and type its six figures."
CODE_OVER = "This code does not work any more. Ask for a new one and type that."
TAKEN = "There is an account with this address already. Sign in, or use another address."
JOINED_MEANWHILE = "There is an account with this address by now. Sign in with it here."
TAKEN_MEANWHILE = "There is an account with this address by now. Choose another address in the settings."


# Joining


@blueprint.route("/join", methods=["GET", "POST"])
def join() -> Response:
    """Ask for name, address and password; then for the mailed code, or straight in where there is no mail."""
    form = JoinForm(next=request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(form.next.data, 303)
    if not form.validate_on_submit():
        return _page("accounts/join.html", form)
    wanted = form.name.data, read_address(form.email.data), form.password.data, form.zone.data
    try:
        if actions.needs_code():
            return _wait_for_code(wanted, form.next.data)
        signed_in = actions.join(*wanted, **access.this_device(), now=clock.utcnow())
    except actions.TooManyTries as error:
        return _too_many("accounts/join.html", form, error)
    except actions.AddressTaken:
        return _refuse("accounts/join.html", form, form.email, TAKEN)
    return access.carry(redirect(form.next.data, 303), signed_in)


def _wait_for_code(wanted: tuple[str, str, str, str], back: str) -> Response:
    client = access.this_device()["client"]
    session["joining"] = actions.ask_to_join(*wanted, client=client, now=clock.utcnow())
    return _to("accounts.join_code", back)


@blueprint.route("/join/code", methods=["GET", "POST"])
def join_code() -> Response:
    """Ask for the six figures that were mailed; the right ones make the account and sign this device in."""
    form = CodeForm(next=request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(form.next.data, 303)
    address = access.find_joining_address(session.get("joining", 0))
    if address is None:
        return _join_again()
    if not form.validate_on_submit():
        return _page("accounts/join_code.html", form, address=address)
    try:
        signed_in = actions.finish_joining(
            session["joining"], form.code.data, **access.this_device(), now=clock.utcnow()
        )
    except actions.Gone:
        return _join_again()
    except actions.AddressTaken:
        flash(JOINED_MEANWHILE)
        return _to("accounts.sign_in", form.next.data)
    except (actions.WrongCode, actions.CodeOver) as error:
        advice = WRONG_CODE if isinstance(error, actions.WrongCode) else CODE_OVER
        return _refuse("accounts/join_code.html", form, form.code, advice, address=address)
    return access.carry(redirect(form.next.data, 303), signed_in)


@blueprint.post("/join/code/again")
def join_code_again() -> Response:
    """Send a new code."""
    try:
        actions.send_new_code(session.get("joining", 0), clock.utcnow())
    except actions.Gone:
        return _join_again()
    flash("A new code is on its way. At most five an hour are sent to one address.")
    return _to("accounts.join_code", rules.safe_next(request.form.get("next")))


def _join_again() -> Response:
    session.pop("joining", None)
    flash("That took longer than we keep it. Please begin again.")
    return redirect(url_for("accounts.join"), 303)


# Signing in and out


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Response:
    form = SignInForm(next=request.args.get("next"))
    if current_user.is_authenticated:
        return redirect(form.next.data, 303)
    if not form.validate_on_submit():
        return _page("accounts/sign_in.html", form)
    typed = form.email.data or "", form.password.data or ""
    try:
        signed_in = actions.sign_in(*typed, **access.this_device(), now=clock.utcnow())
    except actions.TooManyTries as error:
        return _too_many("accounts/sign_in.html", form, error)
    except actions.WrongPassword:
        return _refuse("accounts/sign_in.html", form, None, NOT_TOGETHER)
    return access.carry(redirect(form.next.data, 303), signed_in)


@blueprint.post("/sign-out")
def sign_out() -> Response:
    """End this device's sign-in. What it keeps of unsent words stays: only our cookies go."""
    actions.end_sign_in(access.my_token())
    session.clear()
    return access.drop_sign_in(redirect("/", 303))


# A forgotten password


@blueprint.route("/forgot", methods=["GET", "POST"])
def forgot() -> Response:
    """Ask for the address to mail a link to. The answer is the same for every address."""
    form = ForgotForm()
    if not form.validate_on_submit():
        return _page("accounts/forgot.html", form)
    try:
        actions.send_reset(form.email.data, client=access.this_device()["client"], now=clock.utcnow())
    except actions.TooManyTries as error:
        return _too_many("accounts/forgot.html", form, error)
    return redirect(url_for("accounts.forgot_sent"), 303)


@blueprint.get("/forgot/sent")
def forgot_sent() -> str:
    return render_template("accounts/forgot_sent.html")


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
def reset(token: str) -> Response:
    """Choose a new password by a mailed link. Looking at the page uses nothing up."""
    now = clock.utcnow()
    member = access.find_member_of_link(token, now)
    if member is None:
        return _link_gone()
    form = ResetForm(member_name=member.name, member_address=member.email or "")
    if not form.validate_on_submit():
        return _page("accounts/reset.html", form, token=token)
    try:
        signed_in = actions.reset_password(token, form.password.data, **access.this_device(), now=now)
    except actions.Gone:
        return _link_gone()
    actions.end_sign_in(access.my_token())
    answer = access.carry(redirect("/", 303), signed_in)
    flash("Your new password is set, and every other device is signed out.")
    return answer


def _link_gone() -> Response:
    return make_response(render_template("accounts/link_gone.html"), 404)


# Settings


@blueprint.get("/settings/")
@login_required
def settings() -> Response:
    return _settings_page()


@blueprint.post("/settings/name")
@login_required
def rename() -> Response:
    form = NameForm()
    if not form.validate_on_submit():
        return _settings_page(name_form=form)
    actions.rename(current_user.id, form.name.data)
    return _saved("Your name is changed.")


@blueprint.post("/settings/zone")
@login_required
def move_zone() -> Response:
    form = ZoneForm()
    if not form.validate_on_submit():
        return _settings_page(zone_form=form)
    actions.move_zone(current_user.id, form.zone.data)
    return _saved("Your time zone is changed.")


@blueprint.post("/settings/password")
@login_required
def change_password() -> Response:
    form = PasswordForm(**_whose())
    if not form.validate_on_submit():
        return _settings_page(password_form=form)
    typed = form.current_password.data, form.new_password.data
    try:
        signed_in = actions.change_password(current_user.id, *typed, **access.this_device(), now=clock.utcnow())
    except actions.TooManyTries as error:
        return _settings_page(password_form=form, too_many=error)
    except actions.WrongPassword:
        return _settings_page(password_form=_fault(form, form.current_password, "This is not your current password."))
    answer = access.carry(redirect(url_for("accounts.settings"), 303), signed_in)
    flash("Your new password is set, and every other device is signed out.")
    return answer


@blueprint.route("/settings/address", methods=["GET", "POST"])
@login_required
def change_address() -> Response:
    """Asks for another address and the password; then, at the same place, for the code that was mailed there."""
    if request.method == "GET" or "code" in request.form:
        return _finish_changing_address()
    form = AddressForm(**_whose())
    if not form.validate_on_submit():
        return _settings_page(address_form=form)
    wanted = current_user.id, read_address(form.email.data), form.password.data, clock.utcnow()
    try:
        if actions.needs_code():
            actions.ask_to_change_address(*wanted)
            return redirect(url_for("accounts.change_address"), 303)
        actions.change_address(*wanted)
    except actions.TooManyTries as error:
        return _settings_page(address_form=form, too_many=error)
    except actions.WrongPassword:
        return _settings_page(address_form=_fault(form, form.password, "This is not your password."))
    except actions.AddressTaken:
        return _settings_page(address_form=_fault(form, form.email, TAKEN))
    return _saved("Your address is changed.")


def _finish_changing_address() -> Response:
    form = CodeForm()
    member_id = current_user.id
    address = access.find_new_address(member_id)
    if address is None:
        return redirect(url_for("accounts.settings"), 303)
    if not form.validate_on_submit():
        return _page("accounts/address_code.html", form, address=address)
    try:
        actions.finish_changing_address(member_id, form.code.data, clock.utcnow())
    except actions.Gone:
        return redirect(url_for("accounts.settings"), 303)
    except actions.AddressTaken:
        return _refuse("accounts/address_code.html", form, form.code, TAKEN_MEANWHILE, address=address)
    except (actions.WrongCode, actions.CodeOver) as error:
        advice = WRONG_CODE if isinstance(error, actions.WrongCode) else CODE_OVER
        return _refuse("accounts/address_code.html", form, form.code, advice, address=address)
    return _saved("Your address is changed.")


@blueprint.post("/settings/sign-ins")
@login_required
def end_sign_ins() -> Response:
    """Sign out one device, or all but this one. Needs no password: letting go is easy."""
    if "others" in request.form:
        actions.end_other_sign_ins(current_user.id, g.sign_in_id)
        return _saved("Every other device is signed out.")
    try:
        actions.end_sign_in_of(current_user.id, request.form.get("sign_in", ""))
    except actions.Gone:
        abort(404)
    return _saved("The device is signed out.")


def _settings_page(*, too_many: actions.TooManyTries | None = None, **bound: Form) -> Response:
    """The settings: every form with what is stored, but a refused one with what was typed."""
    forms: dict[str, Form] = {
        "name_form": NameForm(formdata=None, name=current_user.name),
        "zone_form": ZoneForm(formdata=None, zone=current_user.zone),
        "password_form": PasswordForm(formdata=None),
        "address_form": AddressForm(formdata=None),
    }
    refused = next(iter(bound.values()), None)
    facts: dict[str, Any] = forms | bound | {"refused": refused, "zones": rules.zones_by_area()}
    facts["sign_ins"] = access.find_sign_ins(current_user.id, clock.utcnow())
    if refused is not None and too_many is not None:
        return _too_many("accounts/settings.html", refused, too_many, **facts)
    return make_response(render_template("accounts/settings.html", **facts), 422 if refused else 200)


def _whose() -> dict[str, str]:
    return {"member_name": current_user.name, "member_address": current_user.email or ""}


def _saved(message: str) -> Response:
    flash(message)
    return redirect(url_for("accounts.settings"), 303)


# Answers


def _to(endpoint: str, back: str) -> Response:
    """On to a page that will lead back to `back`."""
    return redirect(url_for(endpoint, next=back if back != "/" else None), 303)


def _page(template: str, form: Form, **facts: Any) -> Response:
    """The page with its form: 200 when it was asked for, 422 when what was typed cannot be used."""
    return make_response(render_template(template, form=form, **facts), 422 if form.is_submitted() else 200)


def _fault(form: Form, field: Any, message: str) -> Form:
    """The form with one more fault, beside a field or above all."""
    faults = form.form_errors if field is None else field.errors
    faults.append(message)
    return form


def _refuse(template: str, form: Form, field: Any, message: str, **facts: Any) -> Response:
    return _page(template, _fault(form, field, message), **facts)


def _too_many(template: str, form: Form, error: actions.TooManyTries, **facts: Any) -> Response:
    """The page with everything typed, 429, and when to try again."""
    minutes = -(-int(error.retry_after) // 60)
    _fault(form, None, f"That was tried too often. Wait {minutes} minute{'s' if minutes > 1 else ''}, then try again.")
    answer = make_response(render_template(template, form=form, **facts), 429)
    answer.headers["Retry-After"] = str(error.retry_after)
    return answer
