"""The guide and its articles as an editor sees them: paragraphs, boxes, citations, sentences, figures."""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pyphen import Pyphen

from app import content
from app.content import READINGS, read_as

_BOX = re.compile(r":::+\s*(\S*)")
_HEADING = re.compile(r"#+\s+(.*?)\s*(?:\{#([a-z0-9-]+)\})?$")
_ITEM = re.compile(r"(?:-|\d+\.)\s+")
_CITATION = re.compile(r"\s*\[@([^\]\s]*)\]")
SPEAKER = re.compile(r"\*([^*]+):\*\s*")
_SENTENCE_END = re.compile(r"(?<=[.!?…])[”’)*]*\s+|(?<=:)\s+(?=“)")
WORD = re.compile(r"[^\W\d_]+(?:[’-][^\W\d_]+)*|\d[\d.,]*")
_BREAKS = Pyphen(lang="en_US")
_UNBROKEN = 1.044  # syllables for each that it finds: the CMU Pronouncing Dictionary over 12,900 words of these texts


@dataclass(frozen=True)
class Block:
    """A heading, a paragraph or a line of a list, as it stands in the file: with marks, links and citations."""

    line: int
    kind: str  # heading, paragraph or item
    box: str  # the box it stands in, or empty
    part: str  # the name of the heading above it
    text: str
    level: int = 0  # of a heading: 2 for a part of the page, 3 within a part

    @property
    def citations(self) -> list[str]:
        return _CITATION.findall(self.text)

    def plain(self) -> str:
        """Its words, still with marks for the readings."""
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", _CITATION.sub("", SPEAKER.sub("", self.text)))
        return text.replace("*", "").strip()


@dataclass(frozen=True)
class Page:
    """A section of the guide (`guide/trust`) or an article (`articles/four-ways`)."""

    name: str
    head: dict[str, Any]
    blocks: tuple[Block, ...]

    @property
    def is_section(self) -> bool:
        return self.name.startswith("guide/")

    def boxes(self, name: str) -> list[str]:
        """The part each box of that name stands in."""
        return [text.part for text in self.blocks if text.kind == "box" and text.box == name]

    def read(self) -> list[Block]:
        """What is read as sentences: everything but headings."""
        return [block for block in self.blocks if block.kind in ("paragraph", "item")]

    def words(self) -> int:
        """How many words its body has, boxes and dialogues with it, headings and sources without."""
        return sum(len(WORD.findall(read_as(block.plain(), "husband"))) for block in self.read())


@cache
def pages() -> dict[str, Page]:
    """Every section and article."""
    paths = [*sorted((content.FOLDER / "guide").glob("*.md")), *sorted((content.FOLDER / "articles").glob("*.md"))]
    return {page.name: page for page in (parse(f"{p.parent.name}/{p.stem}", p.read_text("utf-8")) for p in paths)}


def parse(name: str, text: str) -> Page:
    """A page from its file."""
    _, head, body = text.split("+++\n", 2)
    return Page(name, tomllib.loads(head), tuple(_blocks(body, head.count("\n") + 3)))


def _blocks(body: str, first_line: int) -> list[Block]:
    blocks: list[Block] = []
    box = part = ""
    goes_on = False  # whether a line still belongs to the block before
    for number, line in enumerate(body.splitlines(), first_line):
        begins_box, heading = _BOX.match(line), _HEADING.match(line)
        if begins_box:
            box = begins_box[1]
            blocks += [Block(number, "box", box, part, "")] if box else []
        elif heading:
            part = heading[2] or part
            blocks.append(Block(number, "heading", box, part, heading[1], line.count("#", 0, line.index(" "))))
        elif line.strip() and goes_on and not _ITEM.match(line):
            blocks[-1] = replace(blocks[-1], text=f"{blocks[-1].text} {line.strip()}")
        elif line.strip():
            item = _ITEM.match(line)
            blocks.append(Block(number, "item" if item else "paragraph", box, part, _ITEM.sub("", line, count=1)))
        goes_on = bool(line.strip()) and not begins_box and not heading
    return blocks


# Length and readability.


@dataclass(frozen=True)
class Readability:
    """Means over one page in one reading. The age is the school grade of Flesch and Kincaid, plus five."""

    words: int
    sentence: float
    longest: int
    age: float


def sentences(page: Page, reading: str) -> list[str]:
    """Its sentences, headings left out; a dialogue too, whose “Mm.” would flatter the mean."""
    whole = (read_as(block.plain(), reading) for block in page.read() if block.box != "dialogue")
    return [part for text in whole for part in _SENTENCE_END.split(text) if WORD.search(part)]


def readability(page: Page, reading: str) -> Readability:
    """How long its sentences are, and from which age it reads easily."""
    counts = [len(WORD.findall(sentence)) for sentence in sentences(page, reading)]
    words = [word for sentence in sentences(page, reading) for word in WORD.findall(sentence)]
    syllables = _UNBROKEN * sum(len(_BREAKS.positions(word)) + 1 for word in words)
    grade = 0.39 * len(words) / len(counts) + 11.8 * syllables / len(words) - 15.59
    return Readability(page.words(), len(words) / len(counts), max(counts), grade + 5)


def table() -> list[str]:
    """The readability of every page in each reading, as lines for a terminal."""
    heads = ("".join(f"{reading:>9}" for reading in READINGS), "".join(f"{reading:>9}" for reading in READINGS))
    lines = [
        f"{'':44}{'':7}{'words a sentence':^27}{'longest':>9}{'reading age':^29}",
        f"{'':44}{'words':>7}{heads[0]}{'':9}{heads[1]}",
    ]
    for page in pages().values():
        rows = [readability(page, reading) for reading in READINGS]
        sentence, age = (
            "".join(f"{mean:9.1f}" for mean in means)
            for means in zip(*((r.sentence, r.age) for r in rows), strict=True)
        )
        lines.append(f"{page.name:44}{rows[0].words:7}{sentence}{max(row.longest for row in rows):9}{age}")
    return lines


# Figures that come from research.

_PEOPLE = (
    "couples|people|participants|men|women|spouses|husbands|wives|partners|adults|newlyweds|students|parents|therapists"
    "|diaries|goals|answers"
)
_STUDIES = "studies|trials|experiments|tests|surveys|reviews|programmes|papers|samples"
_COUNT = r"\d[\d,]*|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty"
_FIGURES = re.compile(
    rf"\d\s?%|per\s?cent\b|percentage"  # 24%
    rf"|\bd\s(?:=|of|about|around)\s(?:about\s)?\d"  # d = 0.4
    rf"|\b\d[\d,]*\s(?:[\w-]+\s){{0,3}}(?:{_PEOPLE})\b"  # 130 newlywed couples
    rf"|\b(?:{_COUNT})\s(?:[\w-]+\s){{0,2}}(?:{_STUDIES})\b"  # three experiments
    rf"|\b(?:half|a third|a quarter|a fifth|two thirds|three quarters|most|one in \w+)(?: of)?(?: all| the)*"
    rf"\s(?:{_PEOPLE})\b"  # half of the couples
    rf"|\((?:[^()]*\s)?(?:19|20)\d\d\)"  # (Le and others, 2023)
    rf"|\btimes (?:as|more) likely\b"
)


def figure_in(text: str) -> str:
    """What looks like a figure from research in `text`, or nothing. Ages, clock times and money pass."""
    found = _FIGURES.search(text)
    return found[0] if found else ""
