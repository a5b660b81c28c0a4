"""Finds places in the guide by the stems of words. static/js/search.js follows the same rules on the device."""

import math
import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import snowballstemmer

from app.content import Content, Section, read_as
from app.guide.reading import within

LONGEST = 200  # characters of what is typed
SHOWN = 3  # places of one page
EVERYDAY = (
    "a about am an and are as at be been but by can could did do does for from had has have he her hers him his how i"
    " if in into is it its me my of on or our ours she so than that the their theirs them then there these they this"
    " those to too up us was we were what when where which who whom why will with would you your yours"
)
# How words begin that somebody in danger may type. They are offered the help page first.
ALARMING = (
    "abus afraid assault attack beat bruis chok coerc control cruel danger escap fear forc fright harm helpline hit"
    " hurt kick kill murder polic punch rape refuge safe scar shelter slap stalk strangl suicid terrif threat unsafe"
    " violen weapon"
)
_EVERYDAY, _ALARMING = frozenset(EVERYDAY.split()), tuple(ALARMING.split())
_WORD = re.compile(r"[^\W_]+(?:['’‘ʼ][^\W_]+)*")
_SENTENCE = re.compile(r"\S.*?(?:[.!?…]+[”’\")]*(?=\s)|$)")
_ACCENT = re.compile("[\u0300-\u036f]")
_APOSTROPHE = re.compile("['’‘ʼ](?:s$)?")  # the owner’s s goes with it: husband’s, husband

Stems = tuple[int, ...]  # of a text; a tuple, as sets of some thousand texts would take megabytes
Term = frozenset[int]  # the stems that a typed word may mean
Pieces = list[tuple[str, bool]]  # a text cut up, and whether each piece is a found word


@dataclass(frozen=True)
class Place:
    """Something to find: the summary at the beginning of a page, or one of its passages.

    `heading` is that of the part it stands in. A summary has none and weighs as much as one.
    """

    id: str  # empty for the beginning of the page
    heading: str
    text: str
    title_stems: Stems
    heading_stems: Stems
    stems: Stems
    is_first: bool  # of the page, or below its heading

    def holds(self, term: Term) -> int:
        """How much a word counts here: 4 in the title, 2 in the heading, 1 in the text, added up."""
        return 4 * _has(self.title_stems, term) + 2 * _has(self.heading_stems, term) + _has(self.stems, term)

    def is_about(self, terms: Sequence[Term]) -> bool:
        """Whether it has one of the words itself. A title or heading counts for what stands first under it only."""
        own = self.stems
        if self.is_first:
            own += self.heading_stems if self.id else self.title_stems
        return any(_has(own, term) for term in terms)


@dataclass(frozen=True)
class Page:
    """A section or article in one reading, its places in their order."""

    address: str
    title: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Index:
    """The pages of one reading, and for every word in them its stem, as a number."""

    pages: tuple[Page, ...]
    stems: Mapping[str, int]

    def meant(self, word: str) -> Term:
        """The stem of a known word; of an unknown one the stems of all words that share its longest known beginning.

        `apologised` means `apologies` by `apologi`, and `tru` is on its way to `trust`. A beginning has four letters,
        unless the word itself has three, and is more than half of the word.
        """
        if word in self.stems:
            return frozenset((self.stems[word],))
        shortest = 3 if len(word) == 3 else max(4, len(word) // 2 + 1)
        for end in range(len(word), shortest - 1, -1):
            if found := frozenset(stem for known, stem in self.stems.items() if known.startswith(word[:end])):
                return found
        return frozenset()

    def terms(self, typed: str) -> list[Term]:
        """What each typed word means. Everyday words and those too short to know yet are left out, unless alone."""
        words = list(dict.fromkeys(_words(_composed(typed))))
        telling = [word for word in words if word not in _EVERYDAY and (len(word) > 2 or word in self.stems)]
        return [self.meant(word) for word in telling or words]

    def stems_in(self, text: str) -> Stems:
        """The stems of a text of this reading, each once."""
        return tuple({self.stems[word]: None for word in _words(text)})

    def mark(self, text: str, terms: Sequence[Term]) -> Pieces:
        """`text` in pieces, its found words apart."""
        pieces, end = [], 0
        for match in _WORD.finditer(text):
            if any(self.stems[_fold(match[0])] in term for term in terms):
                pieces += [(text[end : match.start()], False), (match[0], True)]
                end = match.end()
        return [piece for piece in (*pieces, (text[end:], False)) if piece[0]]


@dataclass(frozen=True)
class FoundPlace:
    """A place to show: its address, heading, and the sentence that has most of the words."""

    address: str
    heading: Pieces
    sentence: Pieces


@dataclass(frozen=True)
class FoundPage:
    """A page to show with its best places; `more` counts the others on it."""

    address: str
    title: Pieces
    places: list[FoundPlace]
    more: int


@dataclass(frozen=True)
class Found:
    """The answer, best first. `is_whole`: every place has all the words. `is_alarming`: show the help page first."""

    pages: list[FoundPage]
    count: int
    is_whole: bool
    is_alarming: bool


def build(texts: Content, reading: str) -> Index:
    """The index of one reading: `husband`, `wife` or `partner`."""
    sections = {within(reading, address): section for address, section in texts.sections().items()}
    shown = [text for section in sections.values() for text in _shown(section)]
    known = sorted({word for text in shown for word in _words(_read(text, reading))})
    stems = snowballstemmer.stemmer("english").stemWords(known)
    numbers = {stem: number for number, stem in enumerate(dict.fromkeys(stems))}
    index = Index((), {word: numbers[stem] for word, stem in zip(known, stems, strict=True)})
    return Index(tuple(_page(index, *item, reading) for item in sections.items()), index.stems)


def pack(index: Index) -> dict[str, Any]:
    """What the device needs to search by itself: the texts, and the words of each stem in one string."""
    groups: dict[int, list[str]] = {}
    for word, stem in index.stems.items():
        groups.setdefault(stem, []).append(word)
    return {
        "everyday": EVERYDAY,
        "alarming": ALARMING,
        "words": [" ".join(words) for _, words in sorted(groups.items())],
        "pages": [[page.address, page.title, _parts(page)] for page in index.pages],
    }


def find(index: Index, typed: str) -> Found:
    """Where the typed words stand. If no place has them all, the places that have some."""
    terms = index.terms(typed)
    places = [place for page in index.pages for place in page.places]
    standing = [sum(1 for place in places if place.holds(term)) for term in terms]
    weights = [math.log(1 + len(places) / count) if count else 0 for count in standing]  # rare words weigh more
    fitting = [place for place in places if place.is_about(terms)]
    whole = [place for place in fitting if all(place.holds(term) for term in terms)]
    worth = {
        id(place): sum(weight * place.holds(term) for weight, term in zip(weights, terms, strict=True))
        for place in whole or fitting
    }
    pages = []
    for page in index.pages:
        best = sorted((place for place in page.places if id(place) in worth), key=lambda place: -worth[id(place)])
        if best:
            pages.append((worth[id(best[0])], _found(index, page, best, terms)))
    return Found(
        pages=[page for _, page in sorted(pages, key=lambda pair: -pair[0])],
        count=len(worth),
        is_whole=bool(whole),
        is_alarming=any(word.startswith(_ALARMING) for word in _words(_composed(typed))),
    )


def _has(stems: Stems, term: Term) -> bool:
    return not term.isdisjoint(stems)


def _words(text: str) -> Iterator[str]:
    return map(_fold, _WORD.findall(text))


def _fold(word: str) -> str:
    """A word without what must not matter: capitals, accents, apostrophes."""
    return _APOSTROPHE.sub("", _ACCENT.sub("", unicodedata.normalize("NFKD", word).lower()))


def _composed(text: str) -> str:
    """Each letter in one with its accent (Unicode NFC), as a word would end between them."""
    return unicodedata.normalize("NFC", text)


def _read(text: str, reading: str) -> str:
    return _composed(read_as(text, reading))


def _shown(section: Section) -> Iterator[str]:
    """Every text of a section that can be found."""
    yield from (section.title, section.summary)
    for passage in section.passages:
        yield from (passage.heading, passage.text)


def _page(index: Index, address: str, section: Section, reading: str) -> Page:
    title, summary = _read(section.title, reading), _read(section.summary, reading)
    title_stems, summary_stems = index.stems_in(title), index.stems_in(summary)
    places = [Place("", "", summary, title_stems, summary_stems, summary_stems, True)]
    for heading, passages in groupby(section.passages, lambda passage: _read(passage.heading, reading)):
        heading_stems = index.stems_in(heading)
        for nth, passage in enumerate(passages):
            text = _read(passage.text, reading)
            stems = index.stems_in(text)
            places.append(Place(passage.id, heading, text, title_stems, heading_stems, stems, nth == 0))
    return Page(address, title, tuple(places))


def _parts(page: Page) -> list[Any]:
    """A page's places below their headings: `["", ["", summary], [id, text], ...], [heading, [id, text], ...], ...`."""
    parts: list[Any] = []
    for place in page.places:
        if not parts or place.heading != parts[-1][0]:
            parts.append([place.heading])
        parts[-1].append([place.id, place.text])
    return parts


def _found(index: Index, page: Page, best: Sequence[Place], terms: Sequence[Term]) -> FoundPage:
    places = [
        FoundPlace(
            address=f"{page.address}#{place.id}" if place.id else page.address,
            heading=index.mark(place.heading, terms),
            sentence=index.mark(_sentence(index, place.text, terms), terms),
        )
        for place in best[:SHOWN]
    ]
    return FoundPage(page.address, index.mark(page.title, terms), places, len(best) - len(places))


def _sentence(index: Index, text: str, terms: Sequence[Term]) -> str:
    """The first of the sentences that hold most of the words."""

    def words(sentence: str) -> int:
        stems = index.stems_in(sentence)
        return sum(_has(stems, term) for term in terms)

    return max(_SENTENCE.findall(text), key=words)
