"""The extensions, made once and bound to the app in create_app, and the base of every form."""

from typing import Any

from flask import request
from flask_login import LoginManager
from flask_migrate import Migrate
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import MultiDict

migrate = Migrate()
login_manager = LoginManager()
login_manager.session_protection = None  # a sign-in is a row of ours; this would only mark a session that holds none
csrf = CSRFProtect()


class Form(FlaskForm):
    """Reads what a form sent. FlaskForm alone would read files and JSON as fields, too: lists, numbers, any depth."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc,name-defined]  # flask-wtf carries no types
        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            if formdata is None or isinstance(formdata, MultiDict):
                return formdata
            return request.form if form.is_submitted() else None
