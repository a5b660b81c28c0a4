"""Turns a section's Markdown into the page of one reading: boxes, anchors, and links that stay in that reading."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape

from app.content import Prompt, Section, Strategy, read_as
from app.content.markdown import parser, plain

BOX_TITLES = {
    "tonight": "Try this tonight",
    "safety": "Where this does not apply",
    "evidence": "What the studies say",
    "dialogue": "",
    "worksheet": "A worksheet to copy",
    "plan": "A plan to begin with",
}
SAMPLES = 2  # prompts shown under a strategy


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
    numbers = {source.key: number for number, source in enumerate(section.sources, 1)}
    env: dict[str, Any] = {"reading": reading, "numbers": numbers}
    tokens = markdown.parse(read_as(section.body, reading), env)
    _name_paragraphs(section, tokens)
    contents = tuple(
        Heading(str(token.attrs["id"]), plain(tokens[index + 1]))
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
    markdown = parser()
    for name, title in BOX_TITLES.items():
        markdown.add_render_rule(f"container_{name}_open", _box(name, title))
    markdown.add_render_rule("container_prompts_open", _prompts_box(strategies))
    markdown.add_render_rule("container_prompts_close", lambda *_: "")
    markdown.add_render_rule("citation", _citation)
    markdown.core.ruler.push("links", _keep_links_in_reading)
    markdown.core.ruler.push("dialogue", _set_dialogues)
    return markdown


def _box(name: str, title: str) -> Callable[..., str]:
    label = f'<p class="box-title">{title}</p>\n' if title else ""
    return lambda *_: f'<div class="box {name}">\n{label}'


def _citation(_: Any, tokens: Sequence[Token], index: int, __: Any, env: Mapping[str, Any]) -> str:
    key = tokens[index].content
    number = env["numbers"][key]
    return f'<sup><a href="#source-{key}" aria-label="Source {number}">{number}</a></sup>'


def _name_paragraphs(section: Section, tokens: Sequence[Token]) -> None:
    """Give each paragraph, and each line of a list, the id of its passage."""
    found = [(index, token) for index, token in enumerate(tokens) if token.type == "paragraph_open"]
    holders = [tokens[index - 1] if token.hidden else token for index, token in found]  # hidden: in a tight list
    for passage, holder in zip(section.passages, holders, strict=True):
        holder.attrSet("id", passage.id)


def _prompts_box(strategies: Mapping[str, Strategy]) -> Callable[..., str]:
    def render_box(_: Any, tokens: Sequence[Token], index: int, *__: Any) -> str:
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
