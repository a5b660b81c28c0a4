"""The public start, the guide and its articles, each in three readings. The same bytes for everybody."""

import json
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, render_template, request
from flask_login import current_user

from app import content, security
from app.content import READINGS, Content, Section
from app.guide.feed import list_entries
from app.guide.reading import render, within
from app.guide.search import LONGEST, Index, build, find, pack
from app.guide.share import Site, share_contents, share_section, share_start
from app.templating import asset

blueprint = Blueprint("guide", __name__)
READING = "<any(wife, partner):reading>"  # the husband's reading has no prefix


def addresses(texts: Content) -> tuple[str, ...]:
    """Every public address of this feature, the start first. What is not among them is no page."""
    pages = ("/guide/", *texts.sections(), "/guide/search", "/guide/search.json")
    return "/", "/guide/articles.atom", *(within(reading, page) for reading in READINGS for page in pages)


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
    return _public("guide/start.html", texts=_texts(), share=share_start(_site()))


@blueprint.get("/guide/", defaults={"reading": "husband"})
@blueprint.get(f"/guide/{READING}/")
def index(reading: str) -> Response:
    """What the guide holds."""
    share = share_contents(_site(), reading)
    return _public("guide/index.html", texts=_texts(), reading=reading, address="/guide/", share=share)


@blueprint.get("/guide/search", defaults={"reading": "husband"})
@blueprint.get(f"/guide/{READING}/search")
def search(reading: str) -> Response:
    """The field to search with; static/js/search.js answers on the device."""
    return _public("guide/search.html", reading=reading, typed="", found=None)


@blueprint.post("/guide/search", defaults={"reading": "husband"})
@blueprint.post(f"/guide/{READING}/search")
@security.needs_origin_only
def answer(reading: str) -> str:
    """The search for who has no script. The words come in a form, so that no address or log holds them."""
    typed = request.form.get("q", "").strip()[:LONGEST]
    found = find(_index(reading), typed) if typed else None
    return render_template("guide/search.html", within=within, reading=reading, typed=typed, found=found)


@blueprint.get("/guide/search.json", defaults={"reading": "husband"})
@blueprint.get(f"/guide/{READING}/search.json")
def search_texts(reading: str) -> Response:
    """What the device searches in."""
    text = json.dumps(pack(_index(reading)), ensure_ascii=False, separators=(",", ":"))
    return security.make_public(Response(text, mimetype="application/json"))


@blueprint.get("/guide/articles.atom")
def feed() -> Response:
    """The articles for a feed reader. Without an article that has a date there is no feed."""
    entries = list_entries(_texts(), current_app.config["BASE_URL"]) or abort(404)
    text = render_template("guide/articles.xml", entries=entries)
    return security.make_public(Response(text, mimetype="application/atom+xml"))


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
        share=share_section(_site(), section, within(reading, _address(section)), reading),
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


def _site() -> Site:
    url = current_app.config["BASE_URL"]
    return Site(url, url + asset("icons/share.png"))


def _texts() -> Content:
    texts: Content = current_app.extensions["content"]
    return texts


def _index(reading: str) -> Index:
    """The index of a reading, built when it is first asked for and when the texts were edited."""
    kept = current_app.extensions.setdefault("search", {})
    if reading not in kept or kept[reading][0] is not _texts():
        kept[reading] = (_texts(), build(_texts(), reading))
    index: Index = kept[reading][1]
    return index


def _address(section: Section) -> str:
    is_article = _texts().articles.get(section.slug) is section
    return f"/guide/articles/{section.slug}" if is_article else f"/guide/{section.slug}"
