"""What a page says of itself to those who link to it: Open Graph and schema.org."""

import json
import re
import struct
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.content import Section, Source
from app.guide.share import Site, share_section

PAGES = ("/", "/guide/", "/guide/wife/", "/guide/trust", "/guide/wife/long-term", "/guide/partner/professional-help")
ARTICLES = ("/guide/articles/if-you-came-for-the-novel", "/guide/wife/articles/four-ways-to-hold-a-check-in")
SITE = Site("https://same-side.example", "https://same-side.example/static/icons/share.png")


class Head(HTMLParser):
    """The meta elements of a page, its canonical address, its title and its data for machines."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.meta: dict[str, str] = {}
        self.said: dict[str, str] = {}
        self.canonical = ""
        self._inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "meta" and "content" in found:
            self.meta[found.get("property") or found.get("name", "")] = found["content"]
        if tag == "link" and found.get("rel") == "canonical":
            self.canonical = found["href"]
        if tag in ("title", "h1") or found.get("type") == "application/ld+json":
            self._inside = tag
            self.said.setdefault(tag, "")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._inside:
            self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.said[self._inside] += data

    @property
    def data(self) -> dict[str, Any]:
        parsed: dict[str, Any] = json.loads(self.said["script"])
        return parsed


def head(client: FlaskClient, address: str) -> Head:
    return Head(client.get(address).get_data(as_text=True))


@pytest.mark.parametrize("address", [*PAGES, *ARTICLES])
def test_a_link_elsewhere_shows_what_the_page_says_of_itself(app: Flask, client: FlaskClient, address: str) -> None:
    found = head(client, address)
    assert found.said["title"].removesuffix(" · Same Side") == found.meta["og:title"]
    assert found.meta["og:description"] == found.meta["description"]
    assert found.meta["og:url"] == found.canonical == app.config["BASE_URL"] + address
    assert found.meta["og:site_name"] == "Same Side"
    assert found.meta["og:locale"] == "en_GB"
    assert found.meta["twitter:card"] == "summary_large_image"
    assert found.meta["og:type"] == ("website" if address.endswith("/") else "article")


def test_the_picture_is_there_in_its_size_and_small(app: Flask, client: FlaskClient) -> None:
    found = head(client, "/guide/trust").meta
    assert found["og:image"].startswith(app.config["BASE_URL"] + "/static/")
    picture = client.get(found["og:image"].removeprefix(app.config["BASE_URL"])).data
    assert struct.unpack(">II", picture[16:24]) == (1200, 630)
    assert (found["og:image:width"], found["og:image:height"]) == ("1200", "630")
    assert len(picture) < 20_000


KINDS = {"/": "WebSite", "/guide/wife/": "CollectionPage", "/guide/wife/trust": "Article", ARTICLES[0]: "Article"}


@pytest.mark.parametrize(("address", "kind"), KINDS.items())
def test_a_machine_reads_what_the_page_is(client: FlaskClient, address: str, kind: str) -> None:
    found = head(client, address)
    assert (found.data["@context"], found.data["@type"]) == ("https://schema.org", kind)
    assert found.data["url"] == found.canonical
    assert found.data["inLanguage"] == "en-GB"


@pytest.mark.parametrize("address", ["/guide/wife/trust", *ARTICLES])
def test_an_article_has_what_search_engines_ask_for(app: Flask, client: FlaskClient, address: str) -> None:
    found = head(client, address)
    data, section = found.data, app.extensions["content"].sections()[address.replace("/wife", "")]
    assert data["headline"] == found.said["h1"]
    assert len(data["headline"]) <= 110
    assert data["mainEntityOfPage"] == found.canonical
    assert data["image"] == found.meta["og:image"]
    assert data["wordCount"] == section.words()
    assert data["author"]["@type"] == data["publisher"]["@type"] == "Organization"
    assert data["isPartOf"]["@type"] == "WebSite"
    assert [row["datePublished"] for row in data["citation"]] == [str(source.year) for source in section.sources]


def test_dates_stand_where_they_are_known(client: FlaskClient) -> None:
    article, section = head(client, ARTICLES[0]), head(client, "/guide/trust")
    assert article.data["datePublished"] == article.data["dateModified"] == "2026-11-23"
    assert article.meta["article:published_time"] == "2026-11-23"
    assert "datePublished" not in section.data
    assert "article:published_time" not in section.meta


def section(published_on: date | None = None) -> Section:
    source = Source("le-2023", "Le & others", 2023, "", "A journal", "https://doi.org/10.1000/1")
    return Section("trust", "{Husband}s </script>", 1, "It {is}.", False, published_on, (source,), "Two words.")


def test_the_data_follow_the_reading() -> None:
    share = share_section(SITE, section(), "/guide/wife/trust", "wife")
    assert (share.title, share.description) == ("Wifes </script>", "It is.")
    assert share.url == "https://same-side.example/guide/wife/trust"


def test_a_source_without_a_title_is_cited_by_its_authors() -> None:
    (cited,) = share_section(SITE, section(), "/guide/trust", "husband").data["citation"]
    assert cited == {
        "@type": "CreativeWork",
        "creditText": "Le & others",
        "datePublished": "2023",
        "url": "https://doi.org/10.1000/1",
    }


def test_no_title_can_end_the_data(app: Flask) -> None:
    with app.test_request_context():
        share = share_section(SITE, section(date(2026, 11, 23)), "/guide/trust", "husband")
        text = app.jinja_env.get_template("guide/share_data.html").render(share=share)
    assert text.count("</script>") == 1
    assert Head(text).data["headline"] == "Husbands </script>"
    assert re.search(r'og:title" content="Husbands &lt;/script', text)
