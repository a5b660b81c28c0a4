"""The quick exit: ends the sign-in of this device, keeps every draft, and leaves for the weather."""

from flask import Blueprint, Response, make_response, render_template

from app import security
from app.accounts import access, actions

blueprint = Blueprint("exit", __name__)
WEATHER = "https://www.bbc.com/weather"


@blueprint.post("/exit")
@security.needs_origin_only
def leave() -> Response:
    """A neutral page that moves on by itself. Without a sign-in it does the same, so it tells nobody anything."""
    if token := access.my_token():
        actions.end_sign_in(token)
    response = make_response(render_template("accounts/exit.html", weather=WEATHER))
    response.headers["Refresh"] = f"0; url={WEATHER}"
    return access.drop_sign_in(response)
