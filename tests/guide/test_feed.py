"""The articles as an Atom feed, read as a feed reader reads it and held to RFC 4287."""

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import feedparser
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.content import Content, Section
from app.guide.feed import list_entries

FEED = "/guide/articles.atom"
ATOM = "{http://www.w3.org/2005/Atom}"
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


@pytest.fixture
def parsed(client: FlaskClient) -> Any:
    answer = client.get(FEED)
    assert answer.mimetype == "application/atom+xml"
    feed = feedparser.parse(answer.data, response_headers={"content-type": answer.content_type}, sanitize_html=False)
    assert not feed.bozo
    return feed


@pytest.fixture
def tree(client: FlaskClient) -> ElementTree.Element:
    return ElementTree.fromstring(client.get(FEED).data)


def texts_of(tree: ElementTree.Element, path: str) -> list[str]:
    return [element.text or "" for element in tree.findall(re.sub(r"(\w+)", ATOM + r"\1", path))]


def test_a_reader_finds_the_feed_and_every_article(app: Flask, parsed: Any) -> None:
    base = app.config["BASE_URL"]
    assert parsed.version == "atom10"
    assert parsed.feed.title == "Same Side: articles"
    assert parsed.feed.language == "en-GB"
    assert {(link.rel, link.href) for link in parsed.feed.links} == {
        ("self", base + FEED),
        ("alternate", base + "/guide/partner/"),
    }
    articles = app.extensions["content"].articles
    assert {entry.link for entry in parsed.entries} == {f"{base}/guide/partner/articles/{slug}" for slug in articles}


def test_each_element_that_must_be_there_is_there_once(tree: ElementTree.Element) -> None:
    assert tree.tag == f"{ATOM}feed"
    for parent in (tree, *tree.findall(f"{ATOM}entry")):
        assert [len(parent.findall(ATOM + name)) for name in ("id", "title", "updated")] == [1, 1, 1]
    assert texts_of(tree, "author/name") == ["Same Side"]  # stands for every entry (RFC 4287, 4.1.1)


def test_ids_are_addresses_and_serve_once(app: Flask, tree: ElementTree.Element) -> None:
    ids = texts_of(tree, "id") + texts_of(tree, "entry/id")
    assert len(set(ids)) == len(ids)
    assert all(name.startswith(app.config["BASE_URL"] + "/guide/") for name in ids)


def test_dates_are_those_of_the_articles(app: Flask, tree: ElementTree.Element) -> None:
    dates = texts_of(tree, "updated") + texts_of(tree, "entry/updated") + texts_of(tree, "entry/published")
    assert all(RFC_3339.fullmatch(moment) for moment in dates)
    days = [article.published_on.isoformat() for article in app.extensions["content"].articles.values()]
    assert sorted(moment[:10] for moment in texts_of(tree, "entry/updated")) == sorted(days)
    assert texts_of(tree, "updated") == [max(texts_of(tree, "entry/updated"))]


class Page(HTMLParser):
    """The addresses and the text of some HTML."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def test_each_article_is_there_whole_with_full_addresses(app: Flask, parsed: Any) -> None:
    for entry in parsed.entries:
        assert entry.content[0].type == "text/html"
        page = Page(entry.content[0].value)
        section = app.extensions["content"].sections()["/guide" + entry.link.split("/guide/partner")[1]]
        assert len(page.text.split()) >= section.words()
        assert page.links
        assert all(link.startswith(("https://", app.config["BASE_URL"] + "/")) for link in page.links)
        assert not re.search(r"\{[A-Za-z’]+\}", page.text + entry.summary + entry.title)


def test_every_address_in_the_feed_is_there(app: Flask, client: FlaskClient, parsed: Any) -> None:
    base = app.config["BASE_URL"]
    links = {parsed.feed.icon, *(link.href for link in parsed.feed.links)}
    for entry in parsed.entries:
        links |= {entry.link, *Page(entry.content[0].value).links}
    ours = {link.removeprefix(base).split("#")[0] for link in links if link.startswith(base)}
    assert len(ours) > 6
    for address in ours - {"/check-in/"}:  # asks for a sign-in
        assert client.get(address).status_code == 200, address


def article(slug: str, published_on: date | None, body: str = "Words.") -> Section:
    return Section(slug, slug.title(), 1, "Summary.", False, published_on, (), body)


def test_the_newest_article_comes_first_and_one_without_a_date_waits() -> None:
    days = {"old": date(2026, 1, 2), "new": date(2026, 11, 23), "undated": None}
    articles = {slug: article(slug, day) for slug, day in days.items()}
    entries = list_entries(Content({}, articles, {}, {}, (), ()), "https://same-side.example")
    assert [entry.title for entry in entries] == ["New", "Old"]


def test_what_an_article_shows_as_code_stays_text() -> None:
    texts = Content({}, {"a": article("a", date(2026, 1, 2), "Type `<b>` & go.")}, {}, {}, (), ())
    assert "<code>&lt;b&gt;</code> &amp; go." in list_entries(texts, "https://same-side.example")[0].html


def test_pages_of_the_guide_offer_the_feed(client: FlaskClient) -> None:
    link = f'<link rel="alternate" type="application/atom+xml" title="Same Side: articles" href="{FEED}">'
    for address in ("/", "/guide/", "/guide/wife/trust", "/guide/articles/if-you-came-for-the-novel"):
        assert link in client.get(address).get_data(as_text=True)


def test_the_feed_is_answered_by_the_front(client: FlaskClient) -> None:
    answer = client.get(FEED, headers={"Accept-Encoding": "br"})
    assert answer.headers["X-Public"] == "1"
    assert answer.headers["Content-Encoding"] == "br"
    assert client.get(FEED, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
