"""How the texts are written: CommonMark, with boxes, names for headings, and citations."""

import re

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

BOXES = ("tonight", "safety", "evidence", "dialogue", "worksheet", "plan", "prompts")
_ANCHOR = re.compile(r"\s*\{#([a-z0-9-]+)\}\s*$")
_CITATION = re.compile(r"\[@([a-z0-9-]+)\]")


def parser() -> MarkdownIt:
    """A parser that knows our boxes, headings and citations. HTML in a text is shown and not obeyed."""
    markdown = MarkdownIt("commonmark", {"html": False})
    for name in BOXES:
        container_plugin(markdown, name)
    markdown.core.ruler.after("block", "anchors", _name_headings)
    markdown.inline.ruler.before("link", "citation", _cite)
    return markdown


def plain(inline: Token) -> str:
    """The text of an inline token without its marks, line ends as spaces, citations left out."""
    parts = [
        " " if child.type in ("softbreak", "hardbreak") else child.content
        for child in inline.children or ()
        if child.type in ("text", "code_inline", "softbreak", "hardbreak")
    ]
    return re.sub(r"\s+", " ", "".join(parts)).strip()


def _name_headings(state: StateCore) -> None:
    """`## Room to grow {#individual-growth}`: the name becomes the heading's id."""
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        found = _ANCHOR.search(inline.content) if opening.type == "heading_open" else None
        if found:
            opening.attrSet("id", found[1])
            inline.content = inline.content[: found.start()]


def _cite(state: StateInline, silent: bool) -> bool:
    """`[@le-2023]` points to the source with that key in the text's head."""
    found = _CITATION.match(state.src, state.pos)
    if found is None:
        return False
    if not silent:
        state.pending = state.pending.rstrip()
        state.push("citation", "", 0).content = found[1]
    state.pos = found.end()
    return True
