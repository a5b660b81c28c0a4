"""The forms of this feature. Their messages say what to do."""

from typing import Any

from wtforms import EmailField, Field, HiddenField, PasswordField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from app.accounts import rules
from app.accounts.addresses import read_address
from app.extensions import Form


def whole(form: Form, field: Field) -> None:
    """Refuse line breaks, NUL, other control characters and what was broken on the way."""
    if not rules.is_whole(field.data or ""):
        raise ValidationError("There is a character in it that did not arrive whole. Type it once more by hand.")


def visible(form: Form, field: Field) -> None:
    if not rules.is_visible(field.data or ""):
        raise ValidationError("Type the name you go by.")


def mailable(form: Form, field: Field) -> None:
    try:
        read_address(field.data or "")
    except ValueError:
        local_part = (field.data or "").partition("@")[0]
        advice = "" if local_part.isascii() else " Letters with accents do not work before the @."
        raise ValidationError(f"Type a full mail address, such as anna@example.org.{advice}") from None


NAME = (visible, Length(max=rules.NAME_MAX, message=f"Use at most {rules.NAME_MAX} characters."), whole)


class SignInForm(Form):
    """Whatever is typed here is answered by one neutral sentence, so nothing is checked before."""

    email = EmailField("Mail address")
    password = PasswordField("Password")
    next = HiddenField(filters=[rules.safe_next])


class JoinForm(Form):
    name = StringField("Your name", NAME, filters=[rules.tidy])
    email = EmailField("Mail address", [mailable])
    password = PasswordField("Password")
    zone = HiddenField(default="UTC", filters=[rules.zone_or_utc])
    next = HiddenField(filters=[rules.safe_next])

    def validate_password(self, field: Field) -> None:
        _check_password(field, name=self.name.data, address=self.email.data)


class CodeForm(Form):
    code = StringField("Code", filters=[lambda typed: "".join((typed or "").split())])
    next = HiddenField(filters=[rules.safe_next])

    def validate_code(self, field: Field) -> None:
        if not (len(field.data) == 6 and field.data.isascii() and field.data.isdigit()):
            raise ValidationError("Type the six figures from the mail.")


class ForgotForm(Form):
    email = EmailField("Mail address", [mailable])


class _ForMember(Form):
    """A form that knows whose it is, to refuse a password made of their name or address."""

    def __init__(self, *args: Any, member_name: str = "", member_address: str = "", **more: Any) -> None:
        self.member_name, self.member_address = member_name, member_address
        super().__init__(*args, **more)


class ResetForm(_ForMember):
    password = PasswordField("New password")

    def validate_password(self, field: Field) -> None:
        _check_password(field, name=self.member_name, address=self.member_address)


class NameForm(Form):
    name = StringField("Name", NAME, filters=[rules.tidy])


class ZoneForm(Form):
    zone = StringField("Time zone")

    def validate_zone(self, field: Field) -> None:
        if not rules.is_zone(field.data):
            raise ValidationError("Choose a place from the list.")


class PasswordForm(_ForMember):
    current_password = PasswordField("Current password", [InputRequired("Type your current password.")])
    new_password = PasswordField("New password")

    def validate_new_password(self, field: Field) -> None:
        _check_password(field, name=self.member_name, address=self.member_address)


class AddressForm(_ForMember):
    email = EmailField("New mail address", [mailable])
    password = PasswordField("Password", [InputRequired("Type your password.")])

    def validate_email(self, field: Field) -> None:
        if not field.errors and read_address(field.data) == self.member_address:
            raise ValidationError("This is your address already.")


def _check_password(field: Field, *, name: str | None, address: str | None) -> None:
    problem = rules.password_problem(field.data or "", name=rules.tidy(name), address=rules.tidy(address))
    if problem:
        raise ValidationError(problem)
