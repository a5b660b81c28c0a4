"""Loads and checks content/: the guide, its articles, the prompts and the helplines. Frozen once loaded."""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "content"
SLUGS = (
    "landscape",
    "communication",
    "empathy",
    "influences",
    "trust",
    "actions",
    "long-term",
    "professional-help",
    "conclusion",
)
STRATEGIES = (
    "regular-check-ins",
    "keep-learning",
    "quality-time",
    "individual-growth",
    "forgiveness",
    "physical-intimacy",
    "celebrate",
)
WEIGHTS = ("light", "middle", "deep")
CARDS = ("win", "mind", "wish")  # the standing cards of a check-in
READINGS = ("husband", "wife", "partner")
ANYWHERE = "Anywhere"  # as a country: the directories of helplines that cover many countries
BOXES = ("tonight", "safety", "evidence", "dialogue", "worksheet", "plan", "prompts")
PLACES = ("/guide/", "/check-in/", "/help/", "/help/self-check", "/about/", "/join")  # what a text may link to

# What a mark in braces becomes in each reading: husband, wife, partner.
MARKS = {
    "husband": ("husband", "wife", "partner"),
    "husbands": ("husbands", "wives", "partners"),
    "man": ("man", "woman", "person"),
    "men": ("men", "women", "people"),
    "he": ("he", "she", "they"),
    "him": ("him", "her", "them"),
    "his": ("his", "her", "their"),
    "hers": ("his", "hers", "theirs"),
    "himself": ("himself", "herself", "themself"),
    "is": ("is", "is", "are"),
    "was": ("was", "was", "were"),
    "has": ("has", "has", "have"),
    "does": ("does", "does", "do"),
    "isn’t": ("isn’t", "isn’t", "aren’t"),
    "wasn’t": ("wasn’t", "wasn’t", "weren’t"),
    "hasn’t": ("hasn’t", "hasn’t", "haven’t"),
    "doesn’t": ("doesn’t", "doesn’t", "don’t"),
    "he’s": ("he’s", "she’s", "they’re"),
    "s": ("s", "s", ""),
    "es": ("es", "es", ""),
    "ies": ("ies", "ies", "y"),
}
_MARK = re.compile(r"\{(?!#)([^{}]*)\}")
_HEADING = re.compile(r"(#+)\s")
_ANCHOR = re.compile(r"^#{2,6}\s.*\{#([a-z0-9-]+)\}\s*$", re.MULTILINE)
_BOX = re.compile(r":::+\s*(.*)")
_LINK = re.compile(r"\]\(([^()\s]+)\)")


class ContentError(Exception):
    """A file in content/ that cannot be used: which file, which line, and what to do."""

    def __init__(self, path: Path, line: int, advice: str) -> None:
        name = path.relative_to(path.parents[2]) if len(path.parents) > 2 else path
        super().__init__(f"{name}:{line}: {advice}")


@dataclass(frozen=True)
class Source:
    """A study or page that a claim rests on; `link` is empty or a full address."""

    authors: str
    year: int
    title: str
    where: str
    link: str


@dataclass(frozen=True)
class Section:
    """A guide section or article: Markdown `body` with marks for the three readings."""

    slug: str
    title: str
    order: int
    summary: str
    is_short: bool
    published_on: date | None
    sources: tuple[Source, ...]
    body: str

    def words(self) -> int:
        return len(self.body.split())

    def minutes(self) -> int:
        """Reading time in whole minutes at 220 words a minute, at least one."""
        return max(1, round(self.words() / 220))

    def anchors(self) -> list[str]:
        """The names of its headings, as links point to them."""
        return _ANCHOR.findall(self.body)


@dataclass(frozen=True)
class Prompt:
    """A question of one strategy. `card` is `win`, `mind` or `wish` for a standing card, empty for one that rotates."""

    id: str
    strategy: str
    text: str
    weight: str
    why: str
    source: str
    hint: str
    card: str


@dataclass(frozen=True)
class Strategy:
    """One of the seven; `needs_both`: asked only where both members have switched it on."""

    id: str
    title: str
    needs_both: bool
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True)
class Helpline:
    """Where to get help. `verified_on` None means nobody has seen the number at its source yet: it is not shown.

    `also` holds further ways in, such as a text number. A directory of helplines has a url and no number.
    """

    country: str
    name: str
    who_for: str
    number: str
    also: str
    hours: str
    url: str
    source: str
    verified_on: date | None

    @property
    def dial(self) -> str:
        """The number as a `tel:` link takes it: digits only."""
        return re.sub(r"[^0-9+]", "", self.number)


@dataclass(frozen=True)
class Emergency:
    """The number for danger at this minute, and the source at which it was seen."""

    where: str
    number: str
    note: str
    source: str
    verified_on: date | None


@dataclass(frozen=True)
class Content:
    guide: dict[str, Section]
    articles: dict[str, Section]
    strategies: dict[str, Strategy]
    prompts: dict[str, Prompt]
    helplines: tuple[Helpline, ...]
    emergencies: tuple[Emergency, ...]


def load(folder: Path = FOLDER) -> Content:
    """Read everything below `folder`. Raises ContentError naming the file, the line and what to do."""
    guide = {section.slug: section for section in _sections(folder / "guide")}
    for slug in SLUGS:
        if slug not in guide:
            raise ContentError(
                folder / "guide" / f"{slug}.md", 1, "this section of the guide is missing. Add the file."
            )
    strategies = {name: _strategy(folder / "prompts" / f"{name}.toml", name) for name in STRATEGIES}
    prompts: dict[str, Prompt] = {}
    for strategy in strategies.values():
        for prompt in strategy.prompts:
            if prompt.id in prompts:
                path = folder / "prompts" / f"{strategy.id}.toml"
                raise ContentError(path, _line_of(path.read_text(), prompt.id), f"`{prompt.id}` is used twice.")
            prompts[prompt.id] = prompt
    articles = {section.slug: section for section in _sections(folder / "articles")}
    _check_strategies_in(folder / "guide" / "long-term.md", guide["long-term"])
    _check_links(folder, guide, articles)
    helplines, emergencies = _help(folder / "help.toml")
    return Content(
        guide=dict(sorted(guide.items(), key=lambda item: item[1].order)),
        articles=dict(sorted(articles.items(), key=lambda item: item[1].order)),
        strategies=strategies,
        prompts=prompts,
        helplines=helplines,
        emergencies=emergencies,
    )


def last_edit(folder: Path = FOLDER) -> float:
    """When a file below `folder` was last changed, in seconds since 1970."""
    return max(path.stat().st_mtime for path in folder.rglob("*") if path.is_file())


def read_as(text: str, reading: str) -> str:
    """`text` with every mark in braces put into one reading: husband, wife or partner."""
    column = READINGS.index(reading)

    def put(match: re.Match[str]) -> str:
        mark = match[1]
        word = MARKS[mark[0].lower() + mark[1:]][column]
        return word[0].upper() + word[1:] if mark[0].isupper() and word else word

    return _MARK.sub(put, text)


def _sections(folder: Path) -> Iterator[Section]:
    for path in sorted(folder.glob("*.md")):
        yield _section(path)


def _section(path: Path) -> Section:
    text = path.read_text(encoding="utf-8")
    parts = text.split("+++\n", 2)
    if len(parts) != 3 or parts[0]:
        raise ContentError(path, 1, "the file must begin with a head between two lines `+++`.")
    head = _toml(path, parts[1], first_line=2)
    body_line = parts[1].count("\n") + 3
    _check_marks(path, parts[1], 2)
    _check_marks(path, parts[2], body_line)
    _check_headings(path, parts[2], body_line)
    _check_boxes(path, parts[2], body_line)
    take = _Head(path, head, 1)
    return Section(
        slug=path.stem,
        title=take.text("title"),
        order=take.number("order"),
        summary=take.text("summary"),
        is_short=bool(head.get("short", False)),
        published_on=take.optional_date("published_on"),
        sources=tuple(_source(path, row, text) for row in head.get("sources", [])),
        body=parts[2],
    )


def _source(path: Path, row: dict[str, Any], text: str) -> Source:
    key = str(row.get("key", ""))
    take = _Head(path, row, _line_of(text, f'"{key}"'))
    if not isinstance(row.get("year"), int):
        raise ContentError(path, take.line, f"the source `{key}` has no year. Add a line year = 2023.")
    link = row.get("url", "")
    if row.get("doi"):
        link = f"https://doi.org/{row['doi']}"
    elif row.get("pmc"):
        link = f"https://pmc.ncbi.nlm.nih.gov/articles/{row['pmc']}/"
    return Source(take.text("authors"), take.number("year"), row.get("title", ""), take.text("where"), link)


def _check_marks(path: Path, body: str, first_line: int) -> None:
    for number, line in enumerate(body.splitlines(), first_line):
        for mark in _MARK.findall(line):
            if not mark or mark[0].lower() + mark[1:] not in MARKS:
                raise ContentError(path, number, f"`{{{mark}}}` is no mark for a reading. Known: {', '.join(MARKS)}.")


def _check_headings(path: Path, body: str, first_line: int) -> None:
    seen: set[str] = set()
    for number, line in enumerate(body.splitlines(), first_line):
        heading = _HEADING.match(line)
        if heading is None:
            continue
        if len(heading[1]) == 1:
            raise ContentError(path, number, "the title stands in the head. Begin a heading with `##`.")
        anchor = _ANCHOR.match(line)
        if anchor is None and len(heading[1]) == 2:
            raise ContentError(path, number, "the heading needs a name to link to. Add one such as `{#first-step}`.")
        if anchor and anchor[1] in seen:
            raise ContentError(path, number, f"`{{#{anchor[1]}}}` is used twice on this page. Choose another name.")
        if anchor:
            seen.add(anchor[1])


def _check_boxes(path: Path, body: str, first_line: int) -> None:
    begun = 0  # the line on which the open box began
    for number, line in enumerate(body.splitlines(), first_line):
        box = _BOX.match(line)
        if box is None:
            continue
        name, _, rest = box[1].strip().partition(" ")
        if not name and not begun:
            raise ContentError(path, number, "`:::` closes a box here, but none is open.")
        if name and begun:
            raise ContentError(path, number, f"the box begun on line {begun} is still open. Close it with `:::`.")
        if name and name not in BOXES:
            raise ContentError(path, number, f"`{name}` is no box. Known: {', '.join(BOXES)}.")
        if name == "prompts" and rest not in STRATEGIES:
            raise ContentError(path, number, f"`{rest}` is no strategy. Known: {', '.join(STRATEGIES)}.")
        begun = number if name else 0
    if begun:
        raise ContentError(path, begun, "this box is never closed. Add a line `:::` after it.")


def _check_strategies_in(path: Path, section: Section) -> None:
    for name in STRATEGIES:
        if name not in section.anchors():
            raise ContentError(path, 1, f"the strategy `{name}` has no part here. Add a heading with {{#{name}}}.")


def _check_links(folder: Path, guide: dict[str, Section], articles: dict[str, Section]) -> None:
    pages = {f"/guide/{section.slug}": section for section in guide.values()}
    pages |= {f"/guide/articles/{section.slug}": section for section in articles.values()}
    for kind, sections in (("guide", guide), ("articles", articles)):
        for section in sections.values():
            path = folder / kind / f"{section.slug}.md"
            for link in _LINK.findall(section.body):
                target, _, anchor = link.partition("#")
                line = _line_of(path.read_text(encoding="utf-8"), f"]({link})")
                if target.startswith(("https://", "http://")) or (target in PLACES and not anchor):
                    continue
                page = pages.get(target) if target else section
                if page is None:
                    raise ContentError(path, line, f"`{target}` is no page. Known: {', '.join((*PLACES, *pages))}.")
                if anchor and anchor not in page.anchors():
                    raise ContentError(path, line, f"`{link}`: no heading has that name. {_offer(page)}")


def _offer(page: Section) -> str:
    return f"Known: {', '.join('#' + name for name in page.anchors()) or 'none'}."


def _strategy(path: Path, name: str) -> Strategy:
    if not path.exists():
        raise ContentError(path, 1, "the prompts of this strategy are missing. Add the file.")
    text = path.read_text(encoding="utf-8")
    data = _toml(path, text)
    take = _Head(path, data, 1)
    if data.get("strategy") != name:
        raise ContentError(path, 1, f'the file must say strategy = "{name}".')
    prompts = tuple(_prompt(path, name, row, text) for row in data.get("prompt", []))
    return Strategy(name, take.text("title"), bool(data.get("needs_both", False)), prompts)


def _prompt(path: Path, strategy: str, row: dict[str, Any], text: str) -> Prompt:
    line = _line_of(text, str(row.get("id", "")))
    take = _Head(path, row, line)
    prompt = Prompt(
        id=take.text("id"),
        strategy=strategy,
        text=take.text("text"),
        weight=take.text("weight"),
        why=take.text("why"),
        source=take.text("source"),
        hint=take.text("hint"),
        card=row.get("card", ""),
    )
    if not re.fullmatch(rf"{strategy}-[a-z0-9-]+", prompt.id):
        raise ContentError(path, line, f"the id `{prompt.id}` must begin with `{strategy}-`, in small letters.")
    if len(prompt.text) >= 140:
        raise ContentError(path, line, f"`{prompt.id}` has {len(prompt.text)} characters; keep it under 140.")
    if prompt.weight not in WEIGHTS:
        raise ContentError(path, line, f"the weight of `{prompt.id}` must be one of {', '.join(WEIGHTS)}.")
    if prompt.card and prompt.card not in CARDS:
        raise ContentError(path, line, f"the card of `{prompt.id}` must be one of {', '.join(CARDS)}, or left out.")
    return prompt


def _help(path: Path) -> tuple[tuple[Helpline, ...], tuple[Emergency, ...]]:
    if not path.exists():
        raise ContentError(path, 1, "the helplines are missing. Add the file.")
    text = path.read_text(encoding="utf-8")
    data = _toml(path, text)
    helplines = tuple(_helpline(path, row, text) for row in data.get("helpline", []))
    return helplines, tuple(_emergency(path, row, text) for row in data.get("emergency", []))


def _helpline(path: Path, row: dict[str, Any], text: str) -> Helpline:
    take = _Head(path, row, _line_of(text, f'"{row.get("name", "")}"'))
    if not row.get("number") and not row.get("url"):
        raise ContentError(path, take.line, f"`{row.get('name')}` needs a number or a url.")
    return Helpline(
        country=take.text("country"),
        name=take.text("name"),
        who_for=take.text("who_for"),
        number=take.number_to_ring("number") if row.get("number") else "",
        also=row.get("also", ""),
        hours=row.get("hours", ""),
        url=row.get("url", ""),
        source=take.address("source"),
        verified_on=take.optional_date("verified_on"),
    )


def _emergency(path: Path, row: dict[str, Any], text: str) -> Emergency:
    take = _Head(path, row, _line_of(text, f'"{row.get("where", "")}"'))
    return Emergency(
        where=take.text("where"),
        number=take.number_to_ring("number"),
        note=row.get("note", ""),
        source=take.address("source"),
        verified_on=take.optional_date("verified_on"),
    )


class _Head:
    """Takes values out of a parsed table; what is missing or of a wrong kind is told with file and line."""

    def __init__(self, path: Path, table: dict[str, Any], line: int) -> None:
        self.path, self.table, self.line = path, table, line

    def text(self, key: str) -> str:
        value = self.table.get(key)
        if not isinstance(value, str) or not value.strip():
            raise ContentError(self.path, self.line, f'`{key}` is missing. Add a line {key} = "…".')
        return value.strip()

    def number(self, key: str) -> int:
        value = self.table.get(key)
        if not isinstance(value, int):
            raise ContentError(self.path, self.line, f"`{key}` is missing. Add a line {key} = 1.")
        return value

    def number_to_ring(self, key: str) -> str:
        value = self.text(key)
        if not re.fullmatch(r"\+?[0-9][0-9 -]*", value):
            raise ContentError(self.path, self.line, f"`{key}` must be digits, spaces and hyphens; `{value}` is not.")
        return value

    def address(self, key: str) -> str:
        value = self.text(key)
        if not value.startswith(("https://", "http://")):
            raise ContentError(self.path, self.line, f"`{key}` must be the address of a page; `{value}` is not.")
        return value

    def optional_date(self, key: str) -> date | None:
        value = self.table.get(key)
        if value is not None and not isinstance(value, date):
            raise ContentError(self.path, self.line, f"`{key}` must be a date such as 2026-11-23, without quotes.")
        return value


def _toml(path: Path, text: str, first_line: int = 1) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = first_line + (int(at[1]) if at else 1) - 1
        raise ContentError(path, line, f"this is not valid TOML: {str(error).split(' (at')[0]}.") from None


def _line_of(text: str, needle: str) -> int:
    """The line on which `needle` first stands, 1 when it does not."""
    for number, line in enumerate(text.splitlines(), 1):
        if needle and needle in line:
            return number
    return 1
