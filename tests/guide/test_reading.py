"""A section's Markdown becomes a page: boxes, names of headings, dialogues, links within the reading."""

import re
from datetime import date

import pytest

from app.content import READINGS, Prompt, Section, Source, Strategy
from app.guide.reading import render, within


def prompt(number: int, card: str = "") -> Prompt:
    name = f"celebrate-{number}"
    return Prompt(name, "celebrate", f"Question <{number}>?", "light", "Why.", "ours", "Listen.", card)


MIXED = Strategy("celebrate", "Celebrate", False, (prompt(1, "win"), prompt(2), prompt(3), prompt(4)))
STANDING = Strategy("celebrate", "Celebrate", False, (prompt(1, "win"), prompt(2, "win")))


def html_as_is(body: str, reading: str = "husband", strategy: Strategy = MIXED) -> str:
    section = Section("trust", "Trust", 1, "What it says.", False, date(2026, 11, 23), (), body)
    return str(render(section, reading, {"celebrate": strategy}).html)


def html(body: str, reading: str = "husband", strategy: Strategy = MIXED) -> str:
    """The text's HTML without the addresses of its paragraphs."""
    return re.sub(r' id="p-[0-9a-f]{8}"', "", html_as_is(body, reading, strategy))


def test_a_box_has_its_title_and_its_text() -> None:
    text = html("::: tonight\nAsk your {husband}.\n:::\n", "wife")
    assert text == (
        '<div class="box tonight">\n<p class="box-title">Try this tonight</p>\n<p>Ask your wife.</p>\n</div>\n'
    )


def test_the_prompts_of_a_strategy_lead_to_the_check_in() -> None:
    text = html("::: prompts celebrate\n:::\n")
    assert "Question &lt;2&gt;?" in text
    assert "Question &lt;3&gt;?" in text
    assert "Question &lt;1&gt;?" not in text  # a standing card comes every week anyway
    assert "Question &lt;4&gt;?" not in text
    assert '<a href="/check-in/">' in text


def test_a_strategy_of_standing_cards_shows_those() -> None:
    text = html("::: prompts celebrate\n:::\n", strategy=STANDING)
    assert text.count("<li>") == 2


def test_headings_carry_the_names_that_links_point_to() -> None:
    section = Section(
        "trust", "Trust", 1, "", False, None, (), "## A *small* step {#step}\n\n### Within {#in}\n\n### Bare\n"
    )
    text = render(section, "husband", {})
    assert '<h2 id="step">A <em>small</em> step</h2>' in text.html
    assert '<h3 id="in">Within</h3>' in text.html
    assert "<h3>Bare</h3>" in text.html
    assert [(heading.anchor, heading.title) for heading in text.contents] == [("step", "A small step")]


DIALOGUE = "::: dialogue\n**Before** – in the hall\n\n*Ines:* You *never* ask.\n\n**After**\n\n*Ines:* May I?\n:::\n"


def test_a_dialogue_has_two_scenes_and_says_who_speaks() -> None:
    text = html(DIALOGUE)
    assert text.count('<div class="scene">') == 2
    assert text.count("</div>") == 3
    assert '<p class="scene-title"><strong>Before</strong> – in the hall</p>' in text
    assert '<p class="said"><em>Ines:</em> You <em>never</em> ask.</p>' in text


def test_paragraphs_outside_a_dialogue_stay_plain() -> None:
    assert html(DIALOGUE + "\n**First step.** Sit down.\n").endswith("<p><strong>First step.</strong> Sit down.</p>\n")


def test_html_in_the_text_is_shown_and_not_obeyed() -> None:
    assert "<script>" not in html("<script>alert(1)</script>\n\nA <b onclick=x>word</b>.\n")


def test_a_mark_may_stand_inside_emphasis_and_links() -> None:
    assert html("*your {husband}* and [{his}](/guide/trust)\n", "partner") == (
        '<p><em>your partner</em> and <a href="/guide/partner/trust">their</a></p>\n'
    )


def test_a_citation_leads_to_its_source_in_the_list_below() -> None:
    sources = tuple(Source(key, "Le", 2023, "A trial", "A journal", "") for key in ("le-2023", "kim-2007"))
    section = Section("trust", "Trust", 1, "", False, None, sources, "It helped [@kim-2007]. So did tea [@le-2023].")
    assert re.sub(" id=[^>]*", "", render(section, "husband", {}).html) == (
        '<p>It helped<sup><a href="#source-kim-2007" aria-label="Source 2">2</a></sup>.'
        ' So did tea<sup><a href="#source-le-2023" aria-label="Source 1">1</a></sup>.</p>\n'
    )


def test_each_paragraph_and_line_has_an_address_that_follows_its_words() -> None:
    lines = "One.\n\n- Two.\n- Two.\n\n::: tonight\nAsk your {husband}.\n:::\n"
    names = {reading: re.findall(r'<(\w+) id="(p-[^"]+)"', html_as_is(lines, reading)) for reading in READINGS}
    assert [tag for tag, _ in names["husband"]] == ["p", "li", "li", "p"]
    assert names["husband"] == names["wife"] == names["partner"]
    assert names["husband"][2][1] == names["husband"][1][1] + "-2"
    assert re.findall(r'id="(p-[^"]+)"', html_as_is("Before.\n\n" + lines))[1:] == [
        name for _, name in names["husband"]
    ]


ADDRESSES = {
    "a section": ("/guide/trust", "/guide/wife/trust"),
    "a heading": ("/guide/trust#one", "/guide/wife/trust#one"),
    "an article": ("/guide/articles/a", "/guide/wife/articles/a"),
    "the contents": ("/guide/", "/guide/wife/"),
    "help": ("/help/", "/help/"),
    "the check-in": ("/check-in/", "/check-in/"),
    "elsewhere": ("https://example.org/guide/trust", "https://example.org/guide/trust"),
    "a heading here": ("#one", "#one"),
}


@pytest.mark.parametrize(("address", "for_a_wife"), ADDRESSES.values(), ids=ADDRESSES.keys())
def test_links_stay_within_the_reading(address: str, for_a_wife: str) -> None:
    assert within("husband", address) == address
    assert within("wife", address) == for_a_wife
