"""The sitemap names every page that search engines may read, and robots.txt names the sitemap."""

import re
from xml.etree import ElementTree

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.content import READINGS
from tests.pwa.test_pwa import is_allowed

SITEMAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture
def pages(app: Flask, client: FlaskClient) -> dict[str, str]:
    """The day of the last edit of each page, or nothing, by its address without the host."""
    answer = client.get("/sitemap.xml")
    assert answer.mimetype == "application/xml"
    tree = ElementTree.fromstring(answer.data)
    assert tree.tag == f"{SITEMAP}urlset"
    rows = [(row.findtext(f"{SITEMAP}loc", ""), row.findtext(f"{SITEMAP}lastmod", "")) for row in tree]
    assert all(address.startswith(app.config["BASE_URL"] + "/") for address, _ in rows)
    assert len(dict(rows)) == len(rows)
    return {address.removeprefix(app.config["BASE_URL"]): day for address, day in rows}


def test_every_page_of_the_guide_is_named_in_each_reading(app: Flask, pages: dict[str, str]) -> None:
    for address in ("/guide/", *app.extensions["content"].sections()):
        for reading in READINGS:
            assert (address if reading == "husband" else address.replace("/guide", f"/guide/{reading}", 1)) in pages
    assert {"/", "/help/", "/about/"} <= set(pages)


def test_every_page_named_is_there_and_may_be_read(client: FlaskClient, pages: dict[str, str]) -> None:
    robots = client.get("/robots.txt").get_data(as_text=True)
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "noindex" not in answer.get_data(as_text=True), address
        assert is_allowed(robots, address), address


def test_a_page_named_is_its_own_canonical_address(app: Flask, client: FlaskClient, pages: dict[str, str]) -> None:
    for address in pages:
        found = re.search(r'rel="canonical" href="([^"]*)"', client.get(address).get_data(as_text=True))
        assert found is None or found[1] == app.config["BASE_URL"] + address


def test_what_is_no_page_is_left_out(pages: dict[str, str]) -> None:
    assert not [page for page in pages if "search" in page or "." in page or page == "/offline"]


def test_articles_carry_their_day_in_each_reading(app: Flask, pages: dict[str, str]) -> None:
    for slug, article in app.extensions["content"].articles.items():
        assert article.published_on is not None
        for prefix in ("/guide/", "/guide/wife/", "/guide/partner/"):
            assert pages[f"{prefix}articles/{slug}"] == article.published_on.isoformat()
    assert pages["/guide/"] == ""


def test_robots_are_told_where_it_is(app: Flask, client: FlaskClient) -> None:
    robots = client.get("/robots.txt").get_data(as_text=True)
    assert re.search(rf"^Sitemap: {re.escape(app.config['BASE_URL'])}/sitemap\.xml$", robots, re.MULTILINE)
    for address in ("/sitemap.xml", "/guide/articles.atom"):
        assert is_allowed(robots, address)
