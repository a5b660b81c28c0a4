"""What makes the app installable and readable offline, and what robots and browsers ask for unasked."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, make_response, render_template, send_from_directory

from app import security
from app.content import ANYWHERE, READINGS, Content
from app.templating import asset

blueprint = Blueprint("pwa", __name__)
ADDRESSES = ("/manifest.webmanifest", "/sw.js", "/offline", "/robots.txt", "/sitemap.xml", "/favicon.ico")

# Whatever is not named here stays out of search engines, so that a new private page is left out by itself.
ROBOTS = """User-agent: *
Allow: /$
Allow: /guide/
Allow: /help/
Allow: /about/
Allow: /join$
Allow: /static/
Allow: /manifest.webmanifest
Allow: /sitemap.xml$
Disallow: /
"""

# For the sitemap: what below /guide/ is no page to be found, and which pages there are elsewhere.
NO_PAGES = ("/search", ".json", ".atom")
OTHER_PAGES = ("/help/", "/help/self-check", "/about/", "/join")
OTHER_READING = re.compile(rf"^/guide/({'|'.join(READINGS[1:])})/")


@blueprint.get("/manifest.webmanifest")
def manifest() -> Response:
    """The name and icons under which a phone keeps the app (W3C Web Application Manifest)."""
    response = current_app.json.response(_manifest())
    response.mimetype = "application/manifest+json"
    return security.make_public(response)


@blueprint.get("/sw.js")
def worker() -> Response:
    """The service worker. Its text changes when any public page does, and then browsers fetch the pages again."""
    front = current_app.extensions["front"]
    others = tuple(f"/guide/{reading}/" for reading in READINGS[1:])
    pages = sorted(page for page in front.addresses if page.startswith("/guide/") and not page.startswith(others))
    pages.remove("/guide/articles.atom")  # read by other programs
    start = ["/", "/offline", "/guide/", "/manifest.webmanifest"]
    start += [
        asset(name)
        for name in (
            "css/app.css",
            "js/app.js",
            "js/reading.js",
            "js/search.js",
            "js/exit.js",
            "icons/mark.svg",
            "icons/icon-192.png",
        )
    ]
    text = render_template(
        "pwa/sw.js",
        version=front.version() if front.remembers else "edited",
        start=start,
        guide=pages,
        others=others,
    )
    response = security.make_public(Response(text, mimetype="text/javascript"))
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/offline")
def offline() -> Response:
    """What a reader without a connection sees instead of a page that is not kept."""
    texts: Content = current_app.extensions["content"]
    page = render_template(
        "pwa/offline.html",
        is_public_page=True,
        emergencies=[row for row in texts.emergencies if row.verified_on],
        directories=[line for line in texts.helplines if line.verified_on and line.country == ANYWHERE],
    )
    return security.make_public(make_response(page))


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Search engines may read the public pages and nothing else."""
    sitemap_line = f"\nSitemap: {current_app.config['BASE_URL']}/sitemap.xml\n"
    return security.make_public(Response(ROBOTS + sitemap_line, mimetype="text/plain"))


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """Every page that robots may read and people look for, with the day of its last edit where it is known."""
    texts: Content = current_app.extensions["content"]
    found = current_app.extensions["front"].addresses
    guide = sorted(page for page in found if page.startswith("/guide/") and not page.endswith(NO_PAGES))
    days = {address: section.published_on for address, section in texts.sections().items()}
    pages = [(page, days.get(OTHER_READING.sub("/guide/", page))) for page in ("/", *guide, *OTHER_PAGES)]
    return security.make_public(Response(render_template("pwa/sitemap.xml", pages=pages), mimetype="application/xml"))


@blueprint.get("/favicon.ico")
def favicon() -> Response:
    """The icon where a browser looks for it by itself."""
    return security.make_public(send_from_directory(str(current_app.static_folder), "icons/favicon.ico"))


def _manifest() -> dict[str, Any]:
    return {
        "id": "/",
        "name": "Same Side",
        "short_name": "Same Side",
        "description": "A guide for two people who want to stand on the same side, and a private weekly check-in.",
        "lang": "en-GB",
        "dir": "ltr",
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "display_override": ["standalone", "minimal-ui"],
        "theme_color": "#fbf7f0",
        "background_color": "#fbf7f0",
        "categories": ["lifestyle", "education"],
        "icons": [
            _icon("icon-192.png", 192, "any"),
            _icon("icon-512.png", 512, "any"),
            _icon("maskable-192.png", 192, "maskable"),
            _icon("maskable-512.png", 512, "maskable"),
            _icon("monochrome-512.png", 512, "monochrome"),
        ],
        "shortcuts": [
            {"name": "This week", "url": "/check-in/", "icons": [_icon("icon-192.png", 192, "any")]},
            {"name": "Guide", "url": "/guide/", "icons": [_icon("icon-192.png", 192, "any")]},
        ],
    }


def _icon(name: str, size: int, purpose: str) -> dict[str, str]:
    return {"src": asset(f"icons/{name}"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
