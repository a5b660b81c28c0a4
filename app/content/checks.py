"""What a text must hold to: known marks, headings that can be linked to, closed boxes, links and citations that lead
somewhere."""

import re
from collections.abc import Collection, Iterator, Mapping

from app.content.markdown import BOXES
from app.content.readings import MARKS, unknown_marks
from app.content.texts import STRATEGIES

Found = Iterator[tuple[int, str]]  # a line, counted from 1, and what to do there
PLACES = ("/guide/", "/guide/search", "/check-in/", "/help/", "/help/self-check", "/about/", "/join")
_HEADING = re.compile(r"(#+)\s")
_ANCHOR = re.compile(r"^#{2,6}\s.*\{#([a-z0-9-]+)\}\s*$")
_BOX = re.compile(r":::+\s*(.*)")
_LINK = re.compile(r"\]\(([^()\s]+)\)")
_CITATION = re.compile(r"\[@([^\]\s]*)\]")


def check_marks(text: str) -> Found:
    """Every mark for the readings is one that has words."""
    for number, line in enumerate(text.splitlines(), 1):
        for mark in unknown_marks(line):
            yield number, f"`{{{mark}}}` is no mark for a reading. Known: {', '.join(MARKS)}."


def check_headings(body: str) -> Found:
    """The title stands in the head; every part has a name of its own to link to."""
    seen: set[str] = set()
    for number, line in enumerate(body.splitlines(), 1):
        heading, anchor = _HEADING.match(line), _ANCHOR.match(line)
        if heading and len(heading[1]) == 1:
            yield number, "the title stands in the head. Begin a heading with `##`."
        elif heading and len(heading[1]) == 2 and anchor is None:
            yield number, "the heading needs a name to link to. Add one such as `{#first-step}`."
        if anchor and anchor[1] in seen:
            yield number, f"`{{#{anchor[1]}}}` is used twice on this page. Choose another name."
        seen |= {anchor[1]} if anchor else set()


def check_boxes(body: str) -> Found:
    """A box has a known name and is closed before the next begins."""
    begun = 0  # the line on which the open box began
    for number, line in enumerate(body.splitlines(), 1):
        box = _BOX.match(line)
        if box is None:
            continue
        name, _, rest = box[1].strip().partition(" ")
        if not name and not begun:
            yield number, "`:::` closes a box here, but none is open."
        if name and begun:
            yield number, "a box begins here while the one before it is still open. Close that one with `:::`."
        if name and name not in BOXES:
            yield number, f"`{name}` is no box. Known: {', '.join(BOXES)}."
        if name == "prompts" and rest not in STRATEGIES:
            yield number, f"`{rest}` is no strategy. Known: {', '.join(STRATEGIES)}."
        begun = number if name else 0
    if begun:
        yield begun, "this box is never closed. Add a line `:::` after it."


def check_citations(body: str, keys: Collection[str]) -> Found:
    """Every citation names a source of the head."""
    for number, line in enumerate(body.splitlines(), 1):
        for key in _CITATION.findall(line):
            if key not in keys:
                known = ", ".join(keys) or "none yet"
                yield number, f"`[@{key}]` is no source of this page. Known: {known}. Add a [[sources]] to the head."


def uncited(body: str, keys: Collection[str]) -> list[str]:
    """The sources of the head that no sentence rests on."""
    return [key for key in keys if key not in _CITATION.findall(body)]


def anchors(body: str) -> list[str]:
    """The names of its headings, as links point to them."""
    return [found[1] for line in body.splitlines() if (found := _ANCHOR.match(line))]


def check_links(body: str, address: str, pages: Mapping[str, str | None]) -> Found:
    """A link leads to a place, another site, or a page and a heading that exist.

    `pages` has the body of each page by its address, None for a page that could not be read.
    """
    for number, line in enumerate(body.splitlines(), 1):
        for link in _LINK.findall(line):
            target, _, anchor = link.partition("#")
            if target.startswith(("https://", "http://")) or (target in PLACES and not anchor):
                continue
            if (target or address) not in pages:
                yield number, f"`{target}` is no page. Known: {', '.join((*PLACES, *pages))}."
                continue
            page = pages[target or address]
            if anchor and page is not None and anchor not in anchors(page):
                known = ", ".join("#" + name for name in anchors(page)) or "none"
                yield number, f"`{link}`: no heading has that name. Known: {known}."
