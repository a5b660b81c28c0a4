"""The start, the guide and its articles as everybody sees them."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.content import READINGS, SLUGS, STRATEGIES

PREFIX = {"husband": "/guide/", "wife": "/guide/wife/", "partner": "/guide/partner/"}
BOUNDED = ("communication", "trust", "influences", "professional-help", "conclusion")  # where fear may be in play


def page(client: FlaskClient, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


class Links(HTMLParser):
    """Collects addresses and names of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.names: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if name == "href" and tag == "a" and value:
                self.found.append(value)
            if name == "id" and value:
                self.names.append(value)


def test_the_start_says_what_it_is_and_where_to_go(client: FlaskClient) -> None:
    text = page(client, "/")
    assert '<body data-page="start">' in text
    assert {"/guide/", "/join", "/sign-in", "/help/"} <= set(Links(text).found)


@pytest.mark.parametrize("reading", READINGS)
def test_the_contents_lead_to_every_section_and_article(app: Flask, client: FlaskClient, reading: str) -> None:
    found = Links(page(client, PREFIX[reading])).found
    for slug in SLUGS:
        assert PREFIX[reading] + slug in found
    for slug in app.extensions["content"].articles:
        assert f"{PREFIX[reading]}articles/{slug}" in found


def test_the_contents_say_how_long_each_section_takes(client: FlaskClient) -> None:
    assert len(re.findall(r'small">[1-9]\d* minutes', page(client, "/guide/"))) == 12


@pytest.mark.parametrize("reading", READINGS)
def test_every_page_of_a_reading_speaks_of_that_person(client: FlaskClient, reading: str) -> None:
    for slug in ("long-term", "trust"):
        text = page(client, PREFIX[reading] + slug)
        assert re.search(rf"[Yy]our {reading}\b", text)
        assert not re.search(r"\{[A-Za-z’]+\}", text)
        for other in set(READINGS) - {reading, "partner"}:
            assert not re.search(rf"[Yy]our {other}\b(?!</a>)", text)


@pytest.mark.parametrize("slug", SLUGS)
def test_a_section_has_its_parts(app: Flask, client: FlaskClient, slug: str) -> None:
    section = app.extensions["content"].guide[slug]
    text = page(client, f"/guide/{slug}")
    assert '<body data-page="guide">' in text
    assert text.count("<h1>") == 1
    assert f"<h1>{section.title}</h1>" in text
    assert text.count('class="box tonight"') == 1
    assert 'class="box evidence"' in text
    assert "/check-in/" in Links(text).found
    for source in section.sources:
        assert f"({source.year})" in text
        assert not source.link or source.link in text
    if slug in BOUNDED:
        assert 'class="box safety"' in text


def every_link(client: FlaskClient, addresses: list[str]) -> Iterator[tuple[str, str]]:
    for address in addresses:
        for link in Links(page(client, address)).found:
            yield address, link


@pytest.mark.parametrize("reading", READINGS)
def test_no_link_of_the_guide_is_broken_or_leaves_the_reading(app: Flask, client: FlaskClient, reading: str) -> None:
    articles = [f"{PREFIX[reading]}articles/{slug}" for slug in app.extensions["content"].articles]
    addresses = [*(PREFIX[reading] + page for page in ("", "search", *SLUGS)), *articles]
    names = {address: Links(page(client, address)).names for address in addresses}
    switches = [prefix + address.removeprefix(PREFIX[reading]) for prefix in PREFIX.values() for address in addresses]
    for address, link in every_link(client, addresses):
        target, _, name = link.partition("#")
        if link.startswith("/guide/") and link not in switches:
            assert target in addresses, f"{address}: {link}"
        if name and (target or address) in names:
            assert name in names[target or address], f"{address}: {link}"


def test_the_seven_strategies_can_be_linked_to_and_show_two_prompts_each(client: FlaskClient) -> None:
    text = page(client, "/guide/long-term")
    assert set(STRATEGIES) <= set(Links(text).names)
    boxes = re.findall(r'<div class="box prompts">.*?</div>', text, re.DOTALL)
    assert [box.count("<li>") for box in boxes] == [2] * 7


def test_sections_lead_on_to_the_next_and_back(client: FlaskClient) -> None:
    first, middle, last = (page(client, f"/guide/{slug}") for slug in (SLUGS[0], SLUGS[4], SLUGS[-1]))
    assert 'rel="prev"' not in first
    assert f'rel="next" href="/guide/{SLUGS[1]}"' in first
    assert f'rel="prev" href="/guide/{SLUGS[3]}"' in middle
    assert f'rel="next" href="/guide/{SLUGS[5]}"' in middle
    assert 'rel="next"' not in last


def test_the_reading_can_be_changed_on_every_page(client: FlaskClient) -> None:
    found = Links(page(client, "/guide/wife/articles/if-you-came-for-the-novel")).found
    for prefix in PREFIX.values():
        assert f"{prefix}articles/if-you-came-for-the-novel" in found


def test_no_page_holds_a_token_or_anything_inline(client: FlaskClient) -> None:
    for address in ("/", "/guide/", "/guide/long-term", "/guide/articles/if-you-came-for-the-novel"):
        text = page(client, address)
        assert "csrf" not in text
        assert "style=" not in text
        assert not re.search(r'<script(?! defer src=| type="application/ld\+json">)', text)
        assert not re.search(r"<style|\son[a-z]+=", text)


def test_the_section_about_violence_can_be_left_at_once(client: FlaskClient) -> None:
    assert 'action="/exit"' in page(client, "/guide/wife/professional-help")
    assert 'action="/exit"' not in page(client, "/guide/trust")


def test_a_section_marked_short_says_so(app: Flask) -> None:
    texts = app.extensions["content"]
    section = texts.guide["trust"]
    object.__setattr__(section, "is_short", True)
    try:
        with app.test_request_context():  # past the front, which may remember the page already
            answer = app.view_functions["guide.section"](reading="wife", slug="trust")
            assert b"short for now" in answer.data  # type: ignore[union-attr]
    finally:
        object.__setattr__(section, "is_short", False)


UNKNOWN = ["/guide/husband/trust", "/guide/friend/", "/guide/wife/articles/x", "/guide/articles/", "/guide/trust.md"]


@pytest.mark.parametrize("address", UNKNOWN)
def test_what_is_no_page_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_reading_without_its_slash_is_led_on(client: FlaskClient) -> None:
    assert client.get("/guide/wife").location == "http://localhost/guide/wife/"
