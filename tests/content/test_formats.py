"""The formats and phrases: what is wrong is told with file, line and what to do, and the words are fit to be read."""

import re
from pathlib import Path

import pytest
from flask import Flask

from app import content
from app.content import CARDS, ROTATING, USUAL, ContentError
from tests.content.pages import figure_in
from tests.test_content import folder

LOADED = content.load()
KINDS = {*CARDS, ROTATING}
NAMES = ("three-minute", "usual", "full", "state-of-the-union", "radar", "marriage-meeting", "roses-thorns-bud")
EVERY_TEXT = [
    *(text for found in LOADED.formats.values() for text in (found.title, found.for_whom)),
    *(step.text for found in LOADED.formats.values() for step in found.steps),
    *(LOADED.phrases.lines),
]

__all__ = ["folder"]  # the smallest content, as a fixture


def test_the_formats_are_there_in_their_order() -> None:
    assert tuple(LOADED.formats) == NAMES
    assert [found.minutes for found in LOADED.formats.values()] == [3, 20, 40, 60, 50, 30, 20]


@pytest.mark.parametrize("name", [USUAL, "full"])
def test_our_longer_formats_take_every_card(name: str) -> None:
    assert {kind for step in LOADED.formats[name].steps for kind in step.cards} == KINDS


@pytest.mark.parametrize("name", NAMES)
def test_every_format_takes_what_is_on_the_mind_and_what_went_well(name: str) -> None:
    assert {"win", "mind", "wish"} <= {kind for step in LOADED.formats[name].steps for kind in step.cards}


@pytest.mark.parametrize("name", [name for name in NAMES if LOADED.formats[name].source != "ours"])
def test_a_borrowed_format_is_described_in_an_article(name: str) -> None:
    article = LOADED.articles["four-ways-to-hold-a-check-in"]
    assert f"{{#{name}}}" in article.body
    if link := LOADED.formats[name].link:
        assert link in [source.link for source in article.sources]


def test_there_are_about_ten_phrases_each_short_enough_to_say() -> None:
    assert 8 <= len(LOADED.phrases.lines) <= 12
    assert max(len(line.split()) for line in LOADED.phrases.lines) <= 10
    assert re.search(r"\b(19|20)\d\d\b", LOADED.phrases.source)


@pytest.mark.parametrize("text", EVERY_TEXT)
def test_a_text_speaks_as_the_rest_does(text: str) -> None:
    assert not re.search(r"[!\"']|proven|guarantee|should|must", text)
    assert figure_in(text) == ""


def test_the_check_counts_the_formats(app: Flask) -> None:
    assert "7 formats" in app.test_cli_runner().invoke(args=["content", "check"]).output


FORMAT, PHRASES = f"formats/{USUAL}.toml", "phrases.toml"
WRONG = {
    "no TOML": (FORMAT, "order = 1", "order 1", 2, "not valid TOML"),
    "no title": (FORMAT, 'title = "The usual way"\n', "", 1, "`title` is missing"),
    "no line for whom": (FORMAT, "for_whom", "for_who", 1, "`for_whom` is missing"),
    "no source": (FORMAT, 'source = "ours"\n', "", 1, "`source` is missing"),
    "a source without a year": (FORMAT, '"ours"', '"Berger"', 5, "`source` needs a year"),
    "a link that is no address": (FORMAT, "order = 1", 'order = 1\nlink = "a book"', 1, "must be the address"),
    "minutes that do not add up": (FORMAT, "minutes = 5", "minutes = 6", 4, "the steps take 5 minutes, not 6"),
    "a step that takes no time": (FORMAT, "minutes = 3", "minutes = 0", 7, "must be at least 1"),
    "a step without minutes": (FORMAT, "minutes = 2\n", "", 12, "`minutes` is missing"),
    "a step without a text": (FORMAT, 'text = "Good news first."\n', "", 7, "`text` is missing"),
    "a step that does not say its cards": (FORMAT, "cards = []\n", "", 12, "`cards` is missing"),
    "an unknown kind of card": (
        FORMAT,
        '["win"]',
        '["win", "roses"]',
        7,
        "`roses` is no kind of card. Known: win, mind",
    ),
    "cards taken twice": (FORMAT, "cards = []", 'cards = ["win"]', 12, "the cards `win` are taken by a step before"),
    "a single step": (FORMAT, "[[step]]", "[step]", 12, "not valid TOML"),
    "phrases without a why": (PHRASES, 'why = "Early repairs worked best."\n', "", 1, "`why` is missing"),
    "phrases without a source": (PHRASES, 'source = "Somebody 2015, A journal"\n', "", 1, "`source` is missing"),
    "no phrases": (PHRASES, '["Can I start again?"]', "[]", 3, "must be a list of sentences"),
    "an empty phrase": (PHRASES, '["Can I start again?"]', '[" "]', 3, "must be a list of sentences"),
}


@pytest.mark.parametrize(("name", "old", "new", "line", "advice"), WRONG.values(), ids=WRONG.keys())
def test_what_is_wrong_is_told_with_file_and_line(
    folder: Path, name: str, old: str, new: str, line: int, advice: str
) -> None:
    path = folder / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))
    with pytest.raises(ContentError, match=re.escape(advice)) as told:
        content.load(folder)
    assert f"{name}:{line}: " in str(told.value)


def test_a_format_without_steps_is_told(folder: Path) -> None:
    path = folder / FORMAT
    path.write_text(path.read_text().partition("[[step]]")[0])
    with pytest.raises(ContentError, match=r"usual.toml:1: a format needs steps"):
        content.load(folder)


def test_every_mistake_in_the_steps_is_told_at_once(folder: Path) -> None:
    path = folder / FORMAT
    path.write_text(path.read_text().replace('["win"]', '["roses"]').replace("minutes = 2", "minutes = -2"))
    (folder / "formats" / "Radar.toml").write_text('title = "RADAR"\n')
    (folder / PHRASES).unlink()
    with pytest.raises(ContentError) as told:
        content.load(folder)
    assert [(mistake.path.name, mistake.line) for mistake in told.value.mistakes] == [
        ("Radar.toml", 1),
        ("usual.toml", 7),
        ("usual.toml", 12),
        ("phrases.toml", 1),
    ]


@pytest.mark.parametrize("name", [FORMAT, PHRASES])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ContentError, match=rf"{name}:1: .*Add the file"):
        content.load(folder)
