"""Reads content/ into memory and says what is wrong with it, all at once."""

import re
import tomllib
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

from app.content import checks
from app.content.mistakes import ContentError, Mistake, mistake
from app.content.texts import (
    CARDS,
    ROTATING,
    SLUGS,
    STRATEGIES,
    USUAL,
    WEIGHTS,
    Content,
    Emergency,
    Format,
    Helpline,
    Phrases,
    Prompt,
    Section,
    Source,
    Step,
    Strategy,
)

FOLDER = Path(__file__).resolve().parents[2] / "content"
SHELVES = {"guide": "/guide/", "articles": "/guide/articles/"}  # a folder, and where its pages are read


def load(folder: Path = FOLDER) -> Content:
    """Read everything below `folder`. Raises ContentError with every mistake: the file, the line and what to do."""
    mistakes: list[Mistake] = []
    shelves = {name: _shelf(folder / name, mistakes) for name in SHELVES}
    strategies: dict[str, Strategy] = {}
    for name in STRATEGIES:
        try:
            strategies[name] = _strategy(folder / "prompts" / f"{name}.toml", name)
        except ContentError as error:
            mistakes += error.mistakes
    try:
        helplines, emergencies = _help(folder / "help.toml")
    except ContentError as error:
        mistakes += error.mistakes
    formats = _formats(folder / "formats", mistakes)
    try:
        phrases = _phrases(folder / "phrases.toml")
    except ContentError as error:
        mistakes += error.mistakes
    mistakes += _across(folder, shelves, strategies)
    if mistakes:
        raise ContentError(mistakes)
    return Content(
        guide=shelves["guide"],
        articles=shelves["articles"],
        strategies=strategies,
        prompts={prompt.id: prompt for strategy in strategies.values() for prompt in strategy.prompts},
        helplines=helplines,
        emergencies=emergencies,
        formats=formats,
        phrases=phrases,
    )


def last_edit(folder: Path = FOLDER) -> float:
    """When a file below `folder` was last changed, in seconds since 1970."""
    return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))


def _shelf(folder: Path, mistakes: list[Mistake]) -> dict[str, Section]:
    """The sections in a folder, by slug and in their order. What cannot be read is added to `mistakes`."""
    sections: list[Section] = []
    for path in sorted(folder.glob("*.md")):
        try:
            sections.append(_section(path))
        except ContentError as error:
            mistakes += error.mistakes
    return {section.slug: section for section in sorted(sections, key=lambda section: section.order)}


def _section(path: Path) -> Section:
    text = path.read_text(encoding="utf-8")
    parts = text.split("+++\n", 2)
    if len(parts) != 3 or parts[0]:
        raise mistake(path, 1, "the file must begin with a head between two lines `+++`.")
    head, body = parts[1:]
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem):
        raise mistake(path, 1, "the file's name becomes its address. Use small letters, digits and hyphens only.")
    table = _toml(path, head, first_line=2)
    take = _Head(path, table, 1)
    sources = tuple(_source(path, row, text) for row in table.get("sources", []))
    keys = [source.key for source in sources]
    found = [(line + 1, advice) for line, advice in checks.check_marks(head)]
    for check in (checks.check_marks, checks.check_headings, checks.check_boxes):
        found += [(_place(text, body, line), advice) for line, advice in check(body)]
    found += [(_place(text, body, line), advice) for line, advice in checks.check_citations(body, keys)]
    for key in checks.uncited(body, keys):
        found.append((_line_of(text, f'"{key}"'), f"no sentence rests on the source `{key}`. Cite it with `[@{key}]`."))
    if found:
        raise ContentError(Mistake(path, line, advice) for line, advice in sorted(found))
    return Section(
        slug=path.stem,
        title=take.text("title"),
        order=take.number("order"),
        summary=take.text("summary"),
        is_short=bool(table.get("short", False)),
        published_on=take.optional_date("published_on"),
        sources=sources,
        body=body,
    )


def _place(text: str, body: str, line: int) -> int:
    """The line of the file on which a line of its body stands."""
    return text[: len(text) - len(body)].count("\n") + line


def _source(path: Path, row: dict[str, Any], text: str) -> Source:
    key = str(row.get("key", ""))
    take = _Head(path, row, _line_of(text, f'"{key}"'))
    if not isinstance(row.get("year"), int):
        raise mistake(path, take.line, f"the source `{key}` has no year. Add a line year = 2023.")
    link = row.get("url", "")
    if row.get("doi"):
        link = f"https://doi.org/{row['doi']}"
    elif row.get("pmc"):
        link = f"https://pmc.ncbi.nlm.nih.gov/articles/{row['pmc']}/"
    return Source(
        take.text("key"), take.text("authors"), take.number("year"), row.get("title", ""), take.text("where"), link
    )


def _across(folder: Path, shelves: dict[str, dict[str, Section]], strategies: dict[str, Strategy]) -> Iterator[Mistake]:
    """What only shows when all files are seen together: missing sections, links, ids that serve twice."""
    pages: dict[str, str | None] = {}
    for name, prefix in SHELVES.items():
        pages |= {f"{prefix}{path.stem}": None for path in sorted((folder / name).glob("*.md"))}
        pages |= {f"{prefix}{section.slug}": section.body for section in shelves[name].values()}
    for slug in SLUGS:
        if f"/guide/{slug}" not in pages:
            yield Mistake(folder / "guide" / f"{slug}.md", 1, "this section of the guide is missing. Add the file.")
    for name, prefix in SHELVES.items():
        for section in shelves[name].values():
            path = folder / name / f"{section.slug}.md"
            text = path.read_text(encoding="utf-8")
            for line, advice in checks.check_links(section.body, f"{prefix}{section.slug}", pages):
                yield Mistake(path, _place(text, section.body, line), advice)
    yield from _strategies_without_part(folder / "guide" / "long-term.md", shelves["guide"].get("long-term"))
    yield from _ids_used_twice(folder / "prompts", strategies.values())


def _strategies_without_part(path: Path, section: Section | None) -> Iterator[Mistake]:
    for name in STRATEGIES:
        if section is not None and name not in checks.anchors(section.body):
            yield Mistake(path, 1, f"the strategy `{name}` has no part here. Add a heading with {{#{name}}}.")


def _ids_used_twice(folder: Path, strategies: Iterable[Strategy]) -> Iterator[Mistake]:
    seen: set[str] = set()
    for strategy in strategies:
        for prompt in strategy.prompts:
            if prompt.id in seen:
                path = folder / f"{strategy.id}.toml"
                yield Mistake(
                    path, _line_of(path.read_text(encoding="utf-8"), prompt.id), f"`{prompt.id}` is used twice."
                )
            seen.add(prompt.id)


def _strategy(path: Path, name: str) -> Strategy:
    if not path.exists():
        raise mistake(path, 1, "the prompts of this strategy are missing. Add the file.")
    text = path.read_text(encoding="utf-8")
    data = _toml(path, text)
    take = _Head(path, data, 1)
    if data.get("strategy") != name:
        raise mistake(path, 1, f'the file must say strategy = "{name}".')
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
        raise mistake(path, line, f"the id `{prompt.id}` must begin with `{strategy}-`, in small letters.")
    if len(prompt.text) >= 140:
        raise mistake(path, line, f"`{prompt.id}` has {len(prompt.text)} characters; keep it under 140.")
    if prompt.weight not in WEIGHTS:
        raise mistake(path, line, f"the weight of `{prompt.id}` must be one of {', '.join(WEIGHTS)}.")
    if prompt.card and prompt.card not in CARDS:
        raise mistake(path, line, f"the card of `{prompt.id}` must be one of {', '.join(CARDS)}, or left out.")
    return prompt


def _formats(folder: Path, mistakes: list[Mistake]) -> dict[str, Format]:
    """The formats in a folder, by slug and in their order. What cannot be read is added to `mistakes`."""
    formats: list[Format] = []
    paths = sorted(folder.glob("*.toml"))
    for path in paths:
        try:
            formats.append(_format(path))
        except ContentError as error:
            mistakes += error.mistakes
    if USUAL not in [path.stem for path in paths]:
        advice = "the format that is used where none is chosen is missing. Add the file."
        mistakes.append(Mistake(folder / f"{USUAL}.toml", 1, advice))
    return {found.slug: found for found in sorted(formats, key=lambda found: found.order)}


def _format(path: Path) -> Format:
    text = path.read_text(encoding="utf-8")
    data = _toml(path, text)
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.stem):
        raise mistake(path, 1, "the file's name becomes its address. Use small letters, digits and hyphens only.")
    take = _Head(path, data, 1)
    found = Format(
        slug=path.stem,
        title=take.text("title"),
        order=take.number("order"),
        for_whom=take.text("for_whom"),
        minutes=take.minutes("minutes"),
        source=take.text("source"),
        link=take.address("link") if "link" in data else "",
        steps=_steps(path, data.get("step", []), text),
    )
    if found.source != "ours" and not re.search(r"\b(19|20)\d\d\b", found.source):
        raise mistake(path, _line_of(text, "source"), '`source` needs a year, or must be "ours".')
    total = sum(step.minutes for step in found.steps)
    if total != found.minutes:
        line = _line_of(text, "minutes")
        raise mistake(path, line, f"the steps take {total} minutes, not {found.minutes}. Change one or the other.")
    return found


def _steps(path: Path, rows: list[dict[str, Any]], text: str) -> tuple[Step, ...]:
    """The steps of a format. Raises ContentError with every mistake in them."""
    lines = [number for number, line in enumerate(text.splitlines(), 1) if line.strip().startswith("[[step]]")]
    steps: list[Step] = []
    mistakes: list[Mistake] = []
    taken: set[str] = set()
    if not rows or len(lines) != len(rows):
        raise mistake(path, 1, "a format needs steps. Begin each with [[step]], then text, minutes and cards.")
    for row, line in zip(rows, lines, strict=True):
        take = _Head(path, row, line)
        try:
            steps.append(Step(take.text("text"), take.minutes("minutes"), take.kinds("cards", (*CARDS, ROTATING))))
        except ContentError as error:
            mistakes += error.mistakes
            continue
        for kind in steps[-1].cards:
            if kind in taken:
                mistakes.append(Mistake(path, line, f"the cards `{kind}` are taken by a step before. Take them once."))
            taken.add(kind)
    if mistakes:
        raise ContentError(mistakes)
    return tuple(steps)


def _phrases(path: Path) -> Phrases:
    if not path.exists():
        raise mistake(path, 1, "the phrases for when a talk goes wrong are missing. Add the file.")
    text = path.read_text(encoding="utf-8")
    data = _toml(path, text)
    take = _Head(path, data, 1)
    lines = data.get("phrases")
    if not isinstance(lines, list) or not lines or not all(isinstance(row, str) and row.strip() for row in lines):
        raise mistake(path, _line_of(text, "phrases ="), '`phrases` must be a list of sentences: phrases = ["…"].')
    return Phrases(take.text("why"), take.text("source"), tuple(lines))


def _help(path: Path) -> tuple[tuple[Helpline, ...], tuple[Emergency, ...]]:
    if not path.exists():
        raise mistake(path, 1, "the helplines are missing. Add the file.")
    text = path.read_text(encoding="utf-8")
    data = _toml(path, text)
    helplines = tuple(_helpline(path, row, text) for row in data.get("helpline", []))
    return helplines, tuple(_emergency(path, row, text) for row in data.get("emergency", []))


def _helpline(path: Path, row: dict[str, Any], text: str) -> Helpline:
    take = _Head(path, row, _line_of(text, f'"{row.get("name", "")}"'))
    if not row.get("number") and not row.get("url"):
        raise mistake(path, take.line, f"`{row.get('name')}` needs a number or a url.")
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
            raise mistake(self.path, self.line, f'`{key}` is missing. Add a line {key} = "…".')
        return value.strip()

    def number(self, key: str) -> int:
        value = self.table.get(key)
        if not isinstance(value, int):
            raise mistake(self.path, self.line, f"`{key}` is missing. Add a line {key} = 1.")
        return value

    def minutes(self, key: str) -> int:
        value = self.number(key)
        if value < 1:
            raise mistake(self.path, self.line, f"`{key}` must be at least 1; {value} is not.")
        return value

    def kinds(self, key: str, known: tuple[str, ...]) -> tuple[str, ...]:
        value = self.table.get(key)
        names = ", ".join(known)
        if not isinstance(value, list):
            raise mistake(self.path, self.line, f"`{key}` is missing. Name its kinds ({names}), or none: {key} = [].")
        for kind in value:
            if kind not in known:
                raise mistake(self.path, self.line, f"`{kind}` is no kind of card. Known: {names}.")
        return tuple(value)

    def number_to_ring(self, key: str) -> str:
        value = self.text(key)
        if not re.fullmatch(r"\+?[0-9][0-9 -]*", value):
            raise mistake(self.path, self.line, f"`{key}` must be digits, spaces and hyphens; `{value}` is not.")
        return value

    def address(self, key: str) -> str:
        value = self.text(key)
        if not value.startswith(("https://", "http://")):
            raise mistake(self.path, self.line, f"`{key}` must be the address of a page; `{value}` is not.")
        return value

    def optional_date(self, key: str) -> date | None:
        value = self.table.get(key)
        if value is not None and not isinstance(value, date):
            raise mistake(self.path, self.line, f"`{key}` must be a date such as 2026-11-23, without quotes.")
        return value


def _toml(path: Path, text: str, first_line: int = 1) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        at = re.search(r"at line (\d+)", str(error))
        line = first_line + (int(at[1]) if at else 1) - 1
        raise mistake(path, line, f"this is not valid TOML: {str(error).split(' (at')[0]}.") from None


def _line_of(text: str, needle: str) -> int:
    """The line on which `needle` first stands, 1 when it does not."""
    for number, line in enumerate(text.splitlines(), 1):
        if needle and needle in line:
            return number
    return 1
