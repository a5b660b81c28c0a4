"""Forms that ask for the password once more."""

from wtforms import PasswordField, StringField
from wtforms.validators import AnyOf, InputRequired

from app.extensions import Form


class PasswordForm(Form):
    """The current password, before words leave the server."""

    password = PasswordField("Your password", [InputRequired("Type your password.")])


class DeletionForm(PasswordForm):
    """The current password and the button's own word, before an account goes for good."""

    confirm = StringField(validators=[AnyOf(["delete"], "Use the button below to say that you mean it.")])
