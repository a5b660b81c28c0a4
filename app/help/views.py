"""Help for everyone: the same page for all, kept nowhere, opened without a trace."""

from itertools import groupby

from flask import Blueprint, current_app, render_template

from app.content import ANYWHERE, Content

blueprint = Blueprint("help", __name__, url_prefix="/help")


@blueprint.get("/")
def index() -> str:
    """Emergency numbers, helplines by country, and how to use a phone safely."""
    texts: Content = current_app.extensions["content"]
    seen = sorted((line for line in texts.helplines if line.verified_on), key=lambda line: line.country)
    return render_template(
        "help/index.html",
        is_public_page=True,
        emergencies=[row for row in texts.emergencies if row.verified_on],
        countries=[(name, list(lines)) for name, lines in groupby(seen, lambda line: line.country) if name != ANYWHERE],
        directories=[line for line in seen if line.country == ANYWHERE],
    )


@blueprint.get("/self-check")
def self_check() -> str:
    """A few questions that only the page itself reads: no answer is stored, sent or logged."""
    return render_template("help/self_check.html", is_public_page=True)
