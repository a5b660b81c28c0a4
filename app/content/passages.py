"""The paragraphs of a text, each with an address of its own: to be shared, found, and kept for a check-in."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from app.content.markdown import parser, plain


@dataclass(frozen=True)
class Passage:
    """A paragraph or a line of a list: its text without Markdown, with marks for the three readings.

    `id` is its address on the page, made from its words, so that a change elsewhere does not move it. `heading` and
    `anchor` are those of the part it stands in, empty before the first heading.
    """

    id: str
    heading: str
    anchor: str
    text: str


def find_passages(body: str) -> Iterator[Passage]:
    """The passages of a Markdown text, in their order."""
    tokens = parser().parse(body)
    heading = anchor = ""
    seen: dict[str, int] = {}
    for opening, inline in zip(tokens, tokens[1:], strict=False):
        if opening.type == "heading_open" and "id" in opening.attrs:
            heading, anchor = plain(inline), str(opening.attrs["id"])
        elif opening.type == "paragraph_open":
            mark = hashlib.sha256(inline.content.encode()).hexdigest()[:8]
            seen[mark] = seen.get(mark, 0) + 1
            name = f"p-{mark}" if seen[mark] == 1 else f"p-{mark}-{seen[mark]}"
            yield Passage(name, heading, anchor, plain(inline))
