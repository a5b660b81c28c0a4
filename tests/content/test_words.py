"""The words of the guide: long enough, sourced, readable, and right whether it speaks of a husband, wife or partner.

`pytest` prints the readability of every page below its results. Most of the tests speak of one page; what they look for
is in pages.py and pronouns.py, and is tried here on sentences that are wrong.
"""

import pytest

from app.content import READINGS, STRATEGIES
from tests.content.pages import Page, figure_in, pages, parse, readability
from tests.content.pronouns import agreement_faults, names_in, reading_faults, stray_words

EVERY = sorted(pages())
SECTIONS = [name for name in EVERY if pages()[name].is_section]
SHORT = ("guide/conclusion", *(name for name in EVERY if name not in SECTIONS))  # from 350 words, others from 700
WITHOUT_STUDIES = ("articles/if-you-came-for-the-novel",)  # speaks of a story, so it has no box of evidence
SAFETY = {  # the parts that say where their advice ends; an empty name is the page before its first heading
    "guide/communication": ["safe-place"],
    "guide/influences": ["four-steps"],
    "guide/trust": [""],
    "guide/long-term": ["forgiveness", "physical-intimacy"],
    "guide/professional-help": ["safety"],
}


@pytest.fixture(params=EVERY)
def page(request: pytest.FixtureRequest) -> Page:
    """Each section and article in turn."""
    return pages()[request.param]


@pytest.fixture(params=SECTIONS)
def section(request: pytest.FixtureRequest) -> Page:
    """Each section in turn."""
    return pages()[request.param]


def test_a_page_is_neither_thin_nor_long(page: Page) -> None:
    least = 350 if page.name in SHORT else 700
    assert least <= page.words() <= 1300


def test_a_section_has_one_thing_to_try_tonight(section: Page) -> None:
    assert len(section.boxes("tonight")) == 1


def test_a_page_says_what_the_studies_say_in_one_box(page: Page) -> None:
    if page.name == "guide/long-term":  # seven strategies, each with its own
        assert page.boxes("evidence") == list(STRATEGIES)
    else:
        assert len(page.boxes("evidence")) == (page.name not in WITHOUT_STUDIES)


def test_a_page_names_its_sources(page: Page) -> None:
    sources = page.head.get("sources", [])
    assert len(sources) >= 2
    assert [source.get("key") for source in sources if not isinstance(source.get("year"), int)] == []
    linked = [source for source in sources if source.get("doi") or source.get("pmc") or source.get("url")]
    assert 2 * len(linked) >= len(sources)


def test_a_section_has_a_door_into_the_check_in_or_an_exercise(section: Page) -> None:
    door = any("](/check-in/)" in block.text for block in section.blocks)
    assert door or section.boxes("worksheet") or section.boxes("prompts")


@pytest.mark.parametrize("name", SAFETY)
def test_where_fear_may_be_in_play_a_box_says_so(name: str) -> None:
    page = pages()[name]
    assert [part for part in page.boxes("safety") if part in SAFETY[name]] == SAFETY[name]
    boxed = [block.text for block in page.blocks if block.box == "safety" and block.text]
    assert all("](/help/)" in text for text in boxed)


def test_every_line_of_evidence_cites_its_source(page: Page) -> None:
    uncited = [block for block in page.read() if block.box == "evidence" and not block.citations]
    assert [f"line {block.line}: {block.text}" for block in uncited] == []


def test_every_figure_from_research_cites_its_source(page: Page) -> None:
    uncited = [block for block in page.read() if figure_in(block.plain()) and not block.citations]
    assert [f"line {block.line}: {figure_in(block.plain())}" for block in uncited] == []


@pytest.mark.parametrize("reading", READINGS)
def test_a_page_reads_easily(page: Page, reading: str) -> None:
    found = readability(page, reading)
    assert 9 <= found.age <= 14
    assert 10 <= found.sentence <= 16.5
    assert found.longest <= 45


def words_with_marks(page: Page) -> list[tuple[str, str]]:
    """Every text of a page that is shown, with where it stands."""
    head = [(name, page.head[name]) for name in ("title", "summary")]
    return head + [(f"line {block.line}", block.plain()) for block in page.blocks if block.kind != "box"]


@pytest.mark.parametrize("reading", READINGS)
def test_a_page_reads_right_about_a_husband_a_wife_or_a_partner(page: Page, reading: str) -> None:
    found = [(place, fault) for place, text in words_with_marks(page) for fault in reading_faults(text, reading)]
    assert found == []


def test_verbs_go_with_the_pronoun_of_every_reading(page: Page) -> None:
    assert [(place, fault) for place, text in words_with_marks(page) for fault in agreement_faults(text)] == []


def test_a_pronoun_without_a_mark_belongs_to_somebody_in_a_scene(page: Page) -> None:
    assert stray_words(page, names_in(page)) == []


# The same tools on sentences that are known to be right or wrong.

FIGURES = {
    "24% had parted": "4%",
    "about 24 per cent of them": "per cent",
    "a medium effect (d = 0.65)": "d = 0",
    "d about 0.4 in that trial": "d about 0",
    "among 130 newlywed couples": "130 newlywed couples",
    "118 older couples": "118 older couples",
    "30,645 people": "30,645 people",
    "across 94 tests": "94 tests",
    "in three experiments": "three experiments",
    "at least half of the couples": "half of the couples",
    "a third of all goals": "a third of all goals",
    "judged least likely (Rogers and others, 2018)": "(Rogers and others, 2018)",
    "Overall and McNulty (2017)": "(2017)",
    "Paul was ten, and at eleven he paid six hundred euros": "",
    "Each month Luz sends a third of her pay": "",
    "at half past eight, for two hours": "",
    "two people carrying a wardrobe": "",
    "a ward with nine patients": "",
    "In 1998 the father left the farm": "",
}


@pytest.mark.parametrize(("text", "figure"), FIGURES.items())
def test_a_figure_from_research_is_told_from_a_number_in_a_scene(text: str, figure: str) -> None:
    assert figure_in(text) == figure


RIGHT = [
    "If {he} {is} tired, ask what {he} want{s} and what {does} {he} fear.",
    "{He} may say no. Did {he} mean it? {He} never tell{s} you.",
    "Your {husband} has taken no pleasure in anything, and {he} {hasn’t} said so.",
    "{He’s} late, and {he} carr{ies} it {himself}.",
]
WRONG = {
    "a verb without a mark": "Ask what {he} wants.",
    "a plural verb without a mark": "Ask what {he} want.",
    "a plural verb that looks like the past": "Ask what {he} need.",
    "a verb behind an adverb": "Ask what {he} never says.",
    "a second verb": "If {he} shrug{s} and leaves, wait.",
    "is": "When {he} is tired, wait.",
    "are": "When {he} are tired, wait.",
    "is before the pronoun": "How is {he} today, and how are you?",
    "a marked verb after the noun": "Your {husband} {is} tired.",
    "a marked ending after the noun": "Your {husband} want{s} peace.",
    "a marked ending without a subject": "The talk help{s} them both.",
    "a marked verb without a subject": "The talk {is} over.",
}


@pytest.mark.parametrize("text", RIGHT)
def test_a_sentence_that_reads_right_is_let_through(text: str) -> None:
    assert agreement_faults(text) == []
    assert [fault for reading in READINGS for fault in reading_faults(text, reading)] == []


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_a_verb_that_reads_wrong_is_found(text: str) -> None:
    assert agreement_faults(text) + [fault for reading in READINGS for fault in reading_faults(text, reading)]


def test_a_mark_that_is_broken_is_found() -> None:
    assert reading_faults("Ask {him what it was.", "wife")


STRAYS = {
    "a pronoun of nobody": ("When he is tired, wait.", False),
    "one beside a mark": ("Paul is here. If {he} ask{s} you, he means it.", False),
    "a mark forgotten": ("Ask your husband tonight.", False),
    "a partner forgotten": ("Ask your partner tonight.", False),
    "somebody in a scene": ("Paul has a rule. Sometimes he breaks it.", True),
    "a relative of the partner": ("If {he} ring{s} his brother, the brother says he is busy.", True),
    "somebody speaking": ("You could say: “He never asks.”", True),
}


@pytest.mark.parametrize(("text", "is_right"), STRAYS.values(), ids=STRAYS)
def test_a_pronoun_without_an_owner_is_found(text: str, is_right: bool) -> None:
    page = parse("guide/example", f'+++\ntitle = "An example"\n+++\nYou sit down.\n\n{text}\n')
    assert (stray_words(page, {"Paul"}) == []) == is_right


def test_the_summary_speaks_of_the_readers_own_partner_by_a_mark() -> None:
    text = '+++\ntitle = "An example"\nsummary = "What moves your partner."\n+++\nYou sit down.\n'
    assert stray_words(parse("guide/example", text), {"Paul"})


def test_a_scene_ends_with_its_part() -> None:
    text = '+++\ntitle = "An example"\n+++\nPaul sits down.\n\n## Next {#next}\n\nHe is tired.\n'
    assert stray_words(parse("guide/example", text), {"Paul"})
