"""Content is checked when it is loaded: what is wrong is told with file, line and what to do."""

import re
from pathlib import Path

import pytest

from app import content
from app.content import MARKS, READINGS, SLUGS, STRATEGIES, ContentError

HEAD = '+++\ntitle = "A title"\norder = 1\nsummary = "What it says."\n'
SOURCE = '[[sources]]\nkey = "le-2023"\nauthors = "Le"\nyear = 2023\ntitle = "A trial"\nwhere = "A journal"\n'
BODY = "Somebody sits down.\n\n## One {#one}\n\nAsk your {husband} [@le-2023].\n"
PROMPT = (
    'strategy = "%s"\ntitle = "A title"\n[[prompt]]\nid = "%s-first"\ntext = "What was good?"\n'
    'weight = "light"\nwhy = "A way in."\nsource = "ours"\nhint = "Listen."\n'
)
HELP = (
    '[[helpline]]\ncountry = "Nowhere"\nname = "A line"\nwho_for = "Anyone"\nnumber = "0800 11"\n'
    'source = "https://example.org/a"\nverified_on = 2026-11-23\n'
)
FORMAT = (
    'title = "The usual way"\norder = 1\nfor_whom = "For most weeks."\nminutes = 5\nsource = "ours"\n\n'
    '[[step]]\ntext = "Good news first."\nminutes = 3\ncards = ["win"]\n\n'
    '[[step]]\ntext = "Look forward to something."\nminutes = 2\ncards = []\n'
)
PHRASES = 'why = "Early repairs worked best."\nsource = "Somebody 2015, A journal"\nphrases = ["Can I start again?"]\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The smallest content that can be loaded."""
    for name in ("guide", "articles", "prompts"):
        (tmp_path / name).mkdir()
    for slug in SLUGS:
        (tmp_path / "guide" / f"{slug}.md").write_text(f"{HEAD}{SOURCE}+++\n{BODY}")
    parts = "\n".join(f"## Part {{#{name}}}\n\nText.\n" for name in STRATEGIES)
    (tmp_path / "guide" / "long-term.md").write_text(f"{HEAD}+++\n{parts}")
    for name in STRATEGIES:
        (tmp_path / "prompts" / f"{name}.toml").write_text(PROMPT % (name, name))
    (tmp_path / "help.toml").write_text(HELP)
    (tmp_path / "formats").mkdir()
    (tmp_path / "formats" / "usual.toml").write_text(FORMAT)
    (tmp_path / "phrases.toml").write_text(PHRASES)
    return tmp_path


def test_what_lies_in_the_folder_now_can_be_loaded() -> None:
    texts = content.load()
    assert tuple(texts.guide) == SLUGS
    assert [section for section in texts.guide.values() if section.is_short] == []
    assert len(texts.articles) >= 3
    assert tuple(texts.strategies) == STRATEGIES
    assert all(len(strategy.prompts) >= 12 for strategy in texts.strategies.values())


def test_the_smallest_content_can_be_loaded(folder: Path) -> None:
    assert [part.anchor for part in content.load(folder).guide["trust"].passages] == ["", "one"]


TRUST = "guide/trust.md"
WRONG = {
    "no head": (TRUST, "+++\n", "", 1, "must begin with a head"),
    "a head that is no TOML": (TRUST, "order = 1", "order 1", 3, "not valid TOML"),
    "no title": (TRUST, 'title = "A title"\n', "", 1, "`title` is missing"),
    "a source without a year": (TRUST, "year = 2023\n", "", 6, "`le-2023` has no year"),
    "a source that appeared nowhere": (TRUST, 'where = "A journal"\n', "", 6, "`where` is missing"),
    "an unknown mark": (TRUST, "{husband}", "{spouse}", 16, "`{spouse}` is no mark"),
    "an unknown mark in the head": (TRUST, "What it says.", "About {spouse}.", 4, "`{spouse}` is no mark"),
    "a second title": (TRUST, "## One {#one}", "# One {#one}", 14, "Begin a heading with `##`"),
    "a heading nobody can link to": (TRUST, "## One {#one}", "## One", 14, "needs a name to link to"),
    "a name used twice": (TRUST, "Ask", "## Two {#one}\n\nAsk", 16, "`{#one}` is used twice"),
    "an unknown box": (TRUST, "Ask", "::: tip\n:::\n\nAsk", 16, "`tip` is no box"),
    "a box never closed": (TRUST, "Ask", "::: tonight\nAsk", 16, "never closed"),
    "a box in a box": (TRUST, "Ask", "::: tonight\n::: safety\n:::\n", 17, "the one before it is still open"),
    "a box closed twice": (TRUST, "Ask", "::: tonight\nAsk.\n:::\n:::\n", 19, "none is open"),
    "prompts of an unknown strategy": (TRUST, "Ask", "::: prompts talking\n:::\n", 16, "`talking` is no strategy"),
    "a link to no page": (TRUST, "Ask", "See [it](/guide/nowhere). Ask", 16, "`/guide/nowhere` is no page"),
    "a link to no article": (TRUST, "Ask", "See [it](/guide/articles/x). Ask", 16, "`/guide/articles/x` is no page"),
    "a link to a private page": (TRUST, "Ask", "See [it](/settings/). Ask", 16, "`/settings/` is no page"),
    "a link to no heading": (TRUST, "Ask", "See [it](/guide/empathy#two). Ask", 16, "no heading has that name"),
    "a link to no heading here": (TRUST, "Ask", "See [it](#two). Ask", 16, "no heading has that name"),
    "a citation of no source": (
        TRUST,
        "Ask",
        "Ask [@lee-2023]",
        16,
        "`[@lee-2023]` is no source of this page. Known: le-2023",
    ),
    "a source that nothing rests on": (TRUST, " [@le-2023]", "", 6, "no sentence rests on the source `le-2023`"),
    "a strategy without a part": ("guide/long-term.md", "{#forgiveness}", "{#pardon}", 1, "`forgiveness` has no part"),
    "prompts of another strategy": ("prompts/forgiveness.toml", 'y = "forgiveness"', 'y = "celebrate"', 1, "must say"),
    "a prompt with another's id": (
        "prompts/forgiveness.toml",
        'id = "forgiveness-first"',
        'id = "celebrate-first"',
        4,
        "must begin with `forgiveness-`",
    ),
    "a prompt that is too long": ("prompts/forgiveness.toml", "What was good?", "What? " * 30, 4, "keep it under 140"),
    "a prompt without a source": ("prompts/forgiveness.toml", 'source = "ours"\n', "", 4, "`source` is missing"),
    "a helpline without a number": ("help.toml", 'number = "0800 11"\n', "", 3, "needs a number or a url"),
    "a number with words in it": ("help.toml", "0800 11", "0800 LINE", 3, "must be digits"),
    "a helpline without a source": ("help.toml", 'source = "https://example.org/a"\n', "", 3, "`source` is missing"),
    "a source that is no address": ("help.toml", "https://example.org/a", "a leaflet", 3, "must be the address"),
    "a date in quotes": ("help.toml", "2026-11-23", '"2026-11-23"', 3, "must be a date"),
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


def test_every_mistake_is_told_at_once(folder: Path) -> None:
    (folder / TRUST).write_text("No head.")
    (folder / "guide" / "actions.md").write_text(
        f"{HEAD}{SOURCE}+++\n{BODY}[It](/guide/trust#one)\n\n[It](/guide/no)\n"
    )
    (folder / "articles" / "A Piece.md").write_text(f"{HEAD}{SOURCE}+++\n{BODY}{{spouse}}\n\n::: tip\n")
    (folder / "prompts" / "celebrate.toml").unlink()
    (folder / "help.toml").write_text("[[helpline]]")
    with pytest.raises(ContentError) as told:
        content.load(folder)
    assert [(mistake.path.name, mistake.line) for mistake in told.value.mistakes] == [
        ("trust.md", 1),
        ("A Piece.md", 1),
        ("celebrate.toml", 1),
        ("help.toml", 1),
        ("actions.md", 19),
    ]


MISSING = {"a section": TRUST, "the prompts of a strategy": "prompts/celebrate.toml", "the helplines": "help.toml"}


@pytest.mark.parametrize("name", MISSING.values(), ids=MISSING.keys())
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(ContentError, match=rf"{name}:1: .*Add the file"):
        content.load(folder)


def test_an_id_of_a_prompt_serves_once(folder: Path) -> None:
    path = folder / "prompts" / "celebrate.toml"
    path.write_text(path.read_text() + (PROMPT % ("celebrate", "celebrate")).split("\n", 2)[2])
    with pytest.raises(ContentError, match=r"celebrate.toml:4: `celebrate-first` is used twice"):
        content.load(folder)


SENTENCES = {
    "husband": "He has lost his keys, and he asks himself whether a man forgets. He’s tired.",
    "wife": "She has lost her keys, and she asks herself whether a woman forgets. She’s tired.",
    "partner": "They have lost their keys, and they ask themself whether a person forgets. They’re tired.",
}


@pytest.mark.parametrize(("reading", "sentence"), SENTENCES.items())
def test_the_marks_follow_whom_the_reader_reads_about(reading: str, sentence: str) -> None:
    text = "{He} {has} lost {his} keys, and {he} ask{s} {himself} whether a {man} forgets. {He’s} tired."
    assert content.read_as(text, reading) == sentence


def test_every_mark_has_a_word_for_each_reading() -> None:
    assert all(len(words) == len(READINGS) for words in MARKS.values())


# Nobody has seen these numbers at a source of their own yet. They stay out of the page; to take one off this list,
# look it up at its source, and set `verified_on` in content/help.toml.
TO_VERIFY = [
    ("Anywhere", "NO MORE Directory"),
    ("Argentina", "Línea 144"),
    ("Ireland", "Men’s Aid"),
    ("Poland", "Niebieska Linia"),
    ("Turkey", "Alo 183"),
]


def test_the_helplines_that_wait_to_be_verified_are_known() -> None:
    waiting = [line for line in content.load().helplines if line.verified_on is None]
    assert sorted((line.country, line.name) for line in waiting) == TO_VERIFY


def test_a_number_becomes_what_a_telephone_dials() -> None:
    numbers = {line.name: line.dial for line in content.load().helplines}
    assert numbers["National Domestic Violence Hotline"] == "18007997233"
    assert numbers["Kvinnofridslinjen"] == "020505050"
