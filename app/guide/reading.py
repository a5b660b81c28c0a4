"""Turns a section's Markdown into the page of one reading: boxes, anchors, and links that stay in that reading."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape
from mdit_py_plugins.container import container_plugin

from app.content import BOXES, Prompt, Section, Strategy, read_as

BOX_TITLES = {
    "tonight": "Try this tonight",
    "safety": "Where this does not apply",
    "evidence": "What the studies say",
    "dialogue": "",
    "worksheet": "A worksheet to copy",
    "plan": "A plan to begin with",
}
SAMPLES = 2  # prompts shown under a strategy
_ANCHOR = re.compile(r"\s*\{#([a-z0-9-]+)\}\s*$")


@dataclass(frozen=True)
class Heading:
    """A line of a page's list of contents."""

    anchor: str
    title: str


@dataclass(frozen=True)
class Text:
    """A section as HTML, and the headings in it that its list of contents names."""

    html: Markup
    contents: tuple[Heading, ...]


def render(section: Section, reading: str, strategies: Mapping[str, Strategy]) -> Text:
    """The section's text in one reading: `husband`, `wife` or `partner`.

    The marks are put before Markdown is read, so that a mark may stand inside emphasis or a link.
    """
    markdown = _markdown(strategies)
    env: dict[str, Any] = {"reading": reading}
    tokens = markdown.parse(read_as(section.body, reading), env)
    contents = tuple(
        Heading(str(token.attrs["id"]), _plain(tokens[index + 1]))
        for index, token in enumerate(tokens)
        if token.type == "heading_open" and token.tag == "h2"
    )
    html = markdown.renderer.render(tokens, markdown.options, env)  # safe: HTML is off, and the files are our own
    return Text(Markup(html), contents)


def within(reading: str, address: str) -> str:
    """`address` moved into a reading: `/guide/trust` becomes `/guide/wife/trust`. Other addresses stay as they are."""
    if reading == "husband" or not address.startswith("/guide/"):
        return address
    return f"/guide/{reading}/{address.removeprefix('/guide/')}"


def _markdown(strategies: Mapping[str, Strategy]) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False})
    for name in BOXES:
        container_plugin(markdown, name, render=_prompts_box(strategies) if name == "prompts" else _box(name))
    markdown.core.ruler.after("block", "anchors", _name_headings)
    markdown.core.ruler.push("links", _keep_links_in_reading)
    markdown.core.ruler.push("dialogue", _set_dialogues)
    return markdown


def _box(name: str) -> Callable[..., str]:
    title = BOX_TITLES[name]
    label = f'<p class="box-title">{title}</p>\n' if title else ""

    def render_box(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
        return f'<div class="box {name}">\n{label}' if tokens[index].nesting == 1 else "</div>\n"

    return render_box


def _prompts_box(strategies: Mapping[str, Strategy]) -> Callable[..., str]:
    def render_box(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
        if tokens[index].nesting != 1:
            return ""
        strategy = strategies[tokens[index].info.split()[1]]
        rows = "".join(f"<li>{escape(prompt.text)}</li>\n" for prompt in _samples(strategy))
        return (
            '<div class="box prompts">\n<p class="box-title">Two of its questions</p>\n'
            f'<ul>\n{rows}</ul>\n<p><a href="/check-in/">To the weekly check-in</a></p>\n</div>\n'
        )

    return render_box


def _samples(strategy: Strategy) -> Sequence[Prompt]:
    """The first prompts that rotate; a strategy that has none shows its standing cards."""
    return ([prompt for prompt in strategy.prompts if not prompt.card] or strategy.prompts)[:SAMPLES]


def _name_headings(state: StateCore) -> None:
    """`## Room to grow {#individual-growth}`: the name becomes the heading's id."""
    for opening, inline in zip(state.tokens, state.tokens[1:], strict=False):
        found = _ANCHOR.search(inline.content) if opening.type == "heading_open" else None
        if found:
            opening.attrSet("id", found[1])
            inline.content = inline.content[: found.start()]


def _keep_links_in_reading(state: StateCore) -> None:
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "link_open":
                child.attrSet("href", within(state.env["reading"], str(child.attrs["href"])))


def _set_dialogues(state: StateCore) -> None:
    """Inside a dialogue a paragraph that begins **bold** opens a scene, and one that begins *in italics* is spoken."""
    tokens: list[Token] = []
    inside = scene = False
    for index, token in enumerate(state.tokens):
        if token.type == "container_dialogue_open":
            inside = True
        elif inside and token.type == "paragraph_open":
            first = _first(state.tokens[index + 1])
            if first == "strong_open":
                tokens += [_div(closing=True)] if scene else []
                tokens.append(_div())
                scene = True
            token.attrSet("class", "scene-title" if first == "strong_open" else "said")
        elif token.type == "container_dialogue_close":
            tokens += [_div(closing=True)] if scene else []
            inside = scene = False
        tokens.append(token)
    state.tokens = tokens


def _div(closing: bool = False) -> Token:
    if closing:
        return Token("scene_close", "div", -1, block=True)
    return Token("scene_open", "div", 1, attrs={"class": "scene"}, block=True)


def _first(inline: Token) -> str:
    """What an inline text begins with: the type of its first token that is not empty text."""
    return next((child.type for child in inline.children or () if child.type != "text" or child.content), "")


def _plain(inline: Token) -> str:
    return "".join(child.content for child in inline.children or () if child.type in ("text", "code_inline"))
