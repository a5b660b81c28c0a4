"""The shapes of what people read. Frozen: one load serves every thread."""

import re
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from app.content.passages import Passage, find_passages

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
ROTATING = "rotating"  # what a format calls the others
USUAL = "usual"  # the format where none is chosen
ANYWHERE = "Anywhere"  # as a country: the directories of helplines that cover many countries


@dataclass(frozen=True)
class Source:
    """A study or page that a claim rests on, cited as `[@key]`; `link` is empty or a full address."""

    key: str
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

    @cached_property
    def passages(self) -> tuple[Passage, ...]:
        """Its paragraphs and lines of lists, in their order."""
        return tuple(find_passages(self.body))

    def words(self) -> int:
        """How many words its paragraphs have."""
        return sum(len(passage.text.split()) for passage in self.passages)

    def minutes(self) -> int:
        """Reading time in whole minutes at 220 words a minute, at least one."""
        return max(1, round(self.words() / 220))


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
class Step:
    """One step of a format, and the kinds of cards it takes: of CARDS and ROTATING. With none it is only spoken."""

    text: str
    minutes: int
    cards: tuple[str, ...]


@dataclass(frozen=True)
class Format:
    """A way of talking a check-in through; `link` is empty or the full address of its source."""

    slug: str
    title: str
    order: int
    for_whom: str
    minutes: int
    source: str
    link: str
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Phrases:
    """What can be said when a talk goes wrong, and why it is offered."""

    why: str = ""
    source: str = ""
    lines: tuple[str, ...] = ()


@dataclass(frozen=True)
class Content:
    """Everything in content/, guide, articles and formats in their order, each by its slug."""

    guide: dict[str, Section]
    articles: dict[str, Section]
    strategies: dict[str, Strategy]
    prompts: dict[str, Prompt]
    helplines: tuple[Helpline, ...]
    emergencies: tuple[Emergency, ...]
    formats: dict[str, Format] = field(default_factory=dict)
    phrases: Phrases = Phrases()

    def address_of(self, section: Section) -> str:
        """Where a section or article is read: `/guide/trust`, `/guide/articles/four-ways`."""
        is_article = self.articles.get(section.slug) is section
        return f"/guide/articles/{section.slug}" if is_article else f"/guide/{section.slug}"

    def sections(self) -> dict[str, Section]:
        """Every section and article by its address."""
        return {self.address_of(section): section for section in (*self.guide.values(), *self.articles.values())}
