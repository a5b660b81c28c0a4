"""Paragraphs of the guide: found by their address, and the name of the page they stand on."""

from flask import current_app

from app.content import READINGS, Content, Section, read_as
from app.thoughts.rules import Quote


def find_quote(page: str, passage: str) -> Quote | None:
    """The paragraph `p-1a2b3c4d` of the page `/guide/wife/trust`, as that page reads; None when there is none."""
    reading, section = _find_section(page)
    for found in section.passages if section else ():
        if found.id == passage:
            return Quote(read_as(found.text, reading), page, passage, reading)
    return None


def title_of(quote: Quote) -> str:
    """The title of the page that a quote was read on; empty when there is no such page any more."""
    reading, section = _find_section(quote.page)
    return read_as(section.title, reading) if section else ""


def _find_section(page: str) -> tuple[str, Section | None]:
    """The reading that a page's address stands for, and its section. The husband's reading has no prefix."""
    content: Content = current_app.extensions["content"]
    reading = next((name for name in READINGS[1:] if page.startswith(f"/guide/{name}/")), READINGS[0])
    address = page if reading == READINGS[0] else page.replace(f"/{reading}/", "/", 1)
    return reading, content.sections().get(address)
