"""The public start, the guide and its articles, each in three readings. The same bytes for everybody."""

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from flask_login import current_user

from app import content, security
from app.content import READINGS, Content, Section
from app.guide.reading import render, within

blueprint = Blueprint("guide", __name__)
READING = "<any(wife, partner):reading>"  # the husband's reading has no prefix


def addresses(texts: Content) -> tuple[str, ...]:
    """Every public address of this feature, the start first. What is not among them is no page."""
    sections = [f"/guide/{slug}" for slug in texts.guide] + [f"/guide/articles/{slug}" for slug in texts.articles]
    return "/", *(within(reading, address) for reading in READINGS for address in ("/guide/", *sections))


@blueprint.before_app_request
def reload_edited_content() -> None:
    """While somebody writes (`flask --app wsgi run --debug`), an edit in content/ shows at the next reload."""
    if current_app.debug and (stamp := content.last_edit()) != current_app.extensions.get("content_edited_at"):
        current_app.extensions.update(content=content.load(), content_edited_at=stamp)


@blueprint.get("/")
def start() -> Response:
    """The public start; who is signed in goes on to this week."""
    if request.cookies and current_user.is_authenticated:  # without a cookie there is nobody to ask for
        return redirect("/check-in/", 303)  # type: ignore[return-value]  # werkzeug's own response class
    return _public("guide/start.html", texts=_texts())


@blueprint.get("/guide/", defaults={"reading": "husband"})
@blueprint.get(f"/guide/{READING}/")
def index(reading: str) -> Response:
    """What the guide holds."""
    return _public("guide/index.html", texts=_texts(), reading=reading, address="/guide/")


@blueprint.get("/guide/<slug>", defaults={"reading": "husband"})
@blueprint.get(f"/guide/{READING}/<slug>")
def section(reading: str, slug: str) -> Response:
    """One section of the guide."""
    shelf = _texts().guide
    return _page(shelf.get(slug) or abort(404), reading, list(shelf.values()), data_page="guide")


@blueprint.get("/guide/articles/<slug>", defaults={"reading": "husband"})
@blueprint.get(f"/guide/{READING}/articles/<slug>")
def article(reading: str, slug: str) -> Response:
    """One of the shorter pieces beside the guide."""
    shelf = _texts().articles
    return _page(shelf.get(slug) or abort(404), reading, list(shelf.values()), data_page="article")


def _page(section: Section, reading: str, shelf: list[Section], data_page: str) -> Response:
    place = shelf.index(section)
    return _public(
        "guide/section.html",
        section=section,
        text=render(section, reading, _texts().strategies),
        reading=reading,
        address=_address(section),
        previous=shelf[place - 1] if place else None,
        following=shelf[place + 1] if place + 1 < len(shelf) else None,
        number=place + 1,
        total=len(shelf),
        data_page=data_page,
        needs_exit=section.slug == "professional-help",  # speaks of violence at home
    )


def _public(template: str, **values: Any) -> Response:
    helpers = {"within": within, "read_as": content.read_as, "address_of": _address, "readings": READINGS}
    page = render_template(template, is_public_page=True, **helpers, **values)
    return security.make_public(make_response(page))


def _texts() -> Content:
    texts: Content = current_app.extensions["content"]
    return texts


def _address(section: Section) -> str:
    is_article = _texts().articles.get(section.slug) is section
    return f"/guide/articles/{section.slug}" if is_article else f"/guide/{section.slug}"
