"""The articles as an Atom feed (RFC 4287), newest first."""

import re
from dataclasses import dataclass
from datetime import date

from app.content import Content, read_as
from app.guide.reading import render, within

READING = "partner"  # a feed has one reading: the one that fits everybody


@dataclass(frozen=True)
class Entry:
    """An article: its full address, which is its id for good, and its text as HTML with full addresses in it."""

    url: str
    title: str
    summary: str
    published_on: date
    html: str


def list_entries(texts: Content, base_url: str) -> list[Entry]:
    """The articles that have a date."""
    entries = []
    for article in texts.articles.values():
        if article.published_on is None:
            continue
        url = base_url + within(READING, texts.address_of(article))
        html = str(render(article, READING, texts.strategies).html)
        html = re.sub(r'href="(?=#)', f'href="{url}', re.sub(r'href="(?=/)', f'href="{base_url}', html))
        title, summary = read_as(article.title, READING), read_as(article.summary, READING)
        entries.append(Entry(url, title, summary, article.published_on, html))
    return sorted(entries, key=lambda entry: entry.published_on, reverse=True)
