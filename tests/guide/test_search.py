"""Search: word stems, what ranks first, and the page that works without a script."""

import json
from datetime import date

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.content import READINGS, Content, Section
from app.guide.search import SHOWN, Found, Index, build, find, pack
from tests.conftest import Person

ADDRESS = {"husband": "/guide/search", "wife": "/guide/wife/search", "partner": "/guide/partner/search"}

TRUST = """
The plumber rang. Your {husband} didn’t answer, and I won’t ask why.

## Saying sorry {#sorry}

Most apologies fail at a single word. “But” is the word.

The café was closed. They cried, tête against tête.

## A long-term plan {#plan}

- Listening to the husband’s family is a beginning.
- Money is a dull subject. Ask about it on Thursday. A debt and money come up again.
"""
MONEY = """
Sorry is a word. A plumber costs money.

## The plumber {#plumber}

Ring before noon.
"""


def section(slug: str, title: str, summary: str, body: str) -> Section:
    return Section(slug, title, 1, summary, False, date(2026, 11, 23), (), body)


def index(reading: str = "husband") -> Index:
    guide = {"trust": section("trust", "Trust in your {husband}", "What a repair sounds like.", TRUST)}
    articles = {"money": section("money", "Plans for quarrels", "Four of them.", MONEY)}
    return build(Content(guide, articles, {}, {}, (), ()), reading)


def marked(found: Found) -> set[str]:
    """Every found word, as it stands in the text."""
    pieces = [piece for page in found.pages for piece in page.title]
    pieces += [piece for page in found.pages for place in page.places for piece in (*place.heading, *place.sentence)]
    return {text for text, is_found in pieces if is_found}


def plain(pieces: list[tuple[str, bool]]) -> str:
    return "".join(text for text, _ in pieces)


FORMS = {
    "the word itself": ("apologies", {"apologies"}),
    "another form": ("apologising", {"apologies"}),
    "American spelling": ("apologizing", {"apologies"}),
    "a past form": ("listened", {"Listening"}),
    "the beginning of a word": ("apolo", {"apologies"}),
    "three letters on the way": ("plu", {"plumber"}),
    "two letters": ("pl", set()),
    "capitals": ("PLUMBER", {"plumber"}),
    "no accent": ("cafe", {"café"}),
    "an accent too many": ("plumbér", {"plumber"}),
    "an accent in two characters": ("te\u0302te", {"tête"}),
    "a straight apostrophe": ("didn't", {"didn’t"}),
    "a curly apostrophe": ("didn’t", {"didn’t"}),
    "no apostrophe": ("didnt", {"didn’t"}),
    "an owner": ("family's", {"family"}),
    "a hyphen": ("long-term", {"long", "term"}),
    "no hyphen": ("long term", {"long", "term"}),
    "a sentence": ("How can I listen to the family?", {"Listening", "family"}),
    "an everyday word alone": ("your", {"Your", "your"}),
    "half of a known word": ("plumpest", set()),
    "no word of the guide": ("xylophone", set()),
    "signs": ("?!", set()),
    "nothing": ("", set()),
}


@pytest.mark.parametrize(("typed", "words"), FORMS.values(), ids=FORMS.keys())
def test_a_word_is_found_in_whatever_form_it_is_typed(typed: str, words: set[str]) -> None:
    assert marked(find(index(), typed)) == words


ORDERS = {
    "a title before a heading": ("plan", ["/guide/articles/money", "/guide/trust"]),
    "a heading before a text": ("plumber", ["/guide/articles/money", "/guide/trust"]),
    "a heading before a text, on the other page": ("sorry", ["/guide/trust", "/guide/articles/money"]),
    "equal pages in the guide's order": ("money", ["/guide/trust", "/guide/articles/money"]),
    "all words before one": ("plumber rang", ["/guide/trust"]),
    "the title lends its word to what stands below": ("quarrel noon", ["/guide/articles/money"]),
    "where none has all, the rarer word first": ("noon thursday money", ["/guide/trust", "/guide/articles/money"]),
}


@pytest.mark.parametrize(("typed", "pages"), ORDERS.values(), ids=ORDERS.keys())
def test_pages_come_in_the_order_of_their_best_place(typed: str, pages: list[str]) -> None:
    assert [page.address for page in find(index(), typed).pages] == pages


def test_places_on_a_page_come_by_worth_and_then_in_their_order() -> None:
    found = find(index(), "plumber").pages[0]
    assert [plain(place.heading) for place in found.places] == ["The plumber", ""]
    assert [plain(place.sentence) for place in found.places] == ["Ring before noon.", "A plumber costs money."]


def test_a_rare_word_weighs_more_than_a_common_one() -> None:
    rows = [f"- The {word} is here.\n" for word in ("common common", "common", "common", "rare")]
    texts = Content({"trust": section("trust", "A title", "Short.", "".join(rows))}, {}, {}, {}, (), ())
    assert plain(find(build(texts, "husband"), "common rare").pages[0].places[0].sentence) == "The rare is here."


def test_a_place_leads_to_its_paragraph_and_a_title_to_its_page() -> None:
    first = find(index(), "trust").pages[0]
    assert first.address == first.places[0].address == "/guide/trust"
    assert find(index(), "noon").pages[0].places[0].address.startswith("/guide/articles/money#p-")


def test_a_heading_is_found_once_and_not_for_every_paragraph_below() -> None:
    assert find(index(), "saying").count == 1


def test_the_sentence_with_most_of_the_words_is_shown() -> None:
    (page,) = find(index(), "debt money").pages
    assert plain(page.places[0].sentence) == "A debt and money come up again."


def test_a_page_shows_its_best_places_and_counts_the_rest() -> None:
    body = "\n\n".join(f"Paragraph {number} speaks of heron." for number in range(SHOWN + 2))
    texts = Content({"trust": section("trust", "A title", "Short.", body)}, {}, {}, {}, (), ())
    found = find(build(texts, "husband"), "herons")
    assert (found.count, len(found.pages[0].places), found.pages[0].more) == (SHOWN + 2, SHOWN, 2)


def test_where_no_place_has_all_words_those_with_some_are_shown_and_it_says_so() -> None:
    assert find(index(), "plumber rang").is_whole
    some = find(index(), "plumber thursday xylophone")
    assert not some.is_whole
    assert some.count == 4


def test_the_search_speaks_of_the_person_the_reader_reads_about() -> None:
    assert find(index("wife"), "wife").pages[0].address == "/guide/wife/trust"
    assert marked(find(index("wife"), "husband")) == {"husband’s"}
    assert plain(find(index("partner"), "trust").pages[0].title) == "Trust in your partner"


ALARMING = ["violence", "afraid", "I'm scared", "he hits", "control", "controlling", "Abuse", "threatened", "strangled"]


@pytest.mark.parametrize("typed", ALARMING)
def test_a_word_that_somebody_in_danger_may_type_brings_the_help_page(typed: str) -> None:
    assert find(index(), typed).is_alarming


@pytest.mark.parametrize("typed", ["trust", "plumber", "how to listen", ""])
def test_other_words_do_not(typed: str) -> None:
    assert not find(index(), typed).is_alarming


def test_the_device_gets_every_word_with_its_stem_and_every_text() -> None:
    packed = pack(index())
    stems = {word: stem for stem, group in enumerate(packed["words"]) for word in group.split()}
    assert stems == index().stems
    (address, title, parts) = packed["pages"][0]
    assert (address, title, parts[0][:2]) == (
        "/guide/trust",
        "Trust in your husband",
        ["", ["", "What a repair sounds like."]],
    )
    assert [heading for heading, *_ in parts] == ["", "Saying sorry", "A long-term plan"]
    assert [len(passages) for _, *passages in parts] == [2, 2, 2]


# The page


@pytest.mark.parametrize("reading", READINGS)
def test_the_texts_of_each_reading_are_public_and_small(client: FlaskClient, reading: str) -> None:
    answer = client.get(ADDRESS[reading] + ".json", headers={"Accept-Encoding": "br"})
    assert len(answer.data) < 40_000
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Public"] == "1"
    assert {page[0] for page in json.loads(brotli.decompress(answer.data))["pages"]} < set(
        client.application.extensions["front"].addresses
    )


@pytest.mark.parametrize("reading", READINGS)
def test_every_place_that_can_be_found_is_there(app: Flask, client: FlaskClient, reading: str) -> None:
    for address, _, parts in client.get(ADDRESS[reading] + ".json").get_json()["pages"]:
        page = client.get(address).get_data(as_text=True)
        assert all(f' id="{name}"' in page for _, *passages in parts for name, _ in passages if name)


@pytest.mark.parametrize("reading", READINGS)
def test_the_page_is_public_and_sends_its_words_in_a_form(client: FlaskClient, reading: str) -> None:
    answer = client.get(ADDRESS[reading])
    text = answer.get_data(as_text=True)
    assert answer.headers["X-Public"] == "1"
    assert f'method="post" action="{ADDRESS[reading]}"' in text
    assert 'autocomplete="off"' in text
    assert 'spellcheck="false"' in text  # a browser may send what it checks to its maker


def test_without_a_script_the_server_searches_and_keeps_nothing(client: FlaskClient) -> None:
    answer = client.post("/guide/wife/search", data={"q": "listened"}, headers={"Sec-Fetch-Site": "same-origin"})
    text = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "no-store" in answer.headers["Cache-Control"]
    assert "X-Public" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert "<mark>listen</mark>" in text
    assert 'value="listened"' in text
    assert 'href="/guide/wife/communication#p-' in text


def test_the_answer_is_the_same_for_a_member(client: FlaskClient, alice: Person) -> None:
    ours, theirs = (browser.post("/guide/search", data={"q": "trust"}) for browser in (alice.client, client))
    assert ours.data == theirs.data


SAID = {
    "one": ("xylophones", "Nothing found."),
    "many": ("trust", " places"),
    "some of them": ("trust xylophone", "None has all of these words; these have some."),
}


@pytest.mark.parametrize(("typed", "said"), SAID.values(), ids=SAID.keys())
def test_the_answer_says_how_much_was_found(client: FlaskClient, typed: str, said: str) -> None:
    text = client.post("/guide/search", data={"q": typed}).get_data(as_text=True)
    assert said in text.split('role="status">')[1].split("</p>")[0]


HIDDEN = {
    "before anything is typed": (None, {"data-alarming", "data-nothing"}),
    "blank": (" ", {"data-alarming", "data-nothing"}),
    "found": ("trust", {"data-alarming", "data-nothing", "data-empty"}),
    "not found": ("xylophone", {"data-alarming", "data-empty"}),
    "in danger": ("afraid", {"data-nothing", "data-empty"}),
}


@pytest.mark.parametrize(("typed", "hidden"), HIDDEN.values(), ids=HIDDEN.keys())
def test_each_state_shows_what_to_do_next(client: FlaskClient, typed: str | None, hidden: set[str]) -> None:
    answer = client.get("/guide/search") if typed is None else client.post("/guide/search", data={"q": typed})
    text = answer.get_data(as_text=True)
    assert {name for name in ("data-alarming", "data-nothing", "data-empty") if f"{name} hidden" in text} == hidden


def test_what_is_typed_is_shown_as_text(client: FlaskClient) -> None:
    text = client.post("/guide/search", data={"q": '"><script>alert(1)</script>'}).get_data(as_text=True)
    assert "<script>alert" not in text


def test_a_very_long_text_is_cut(client: FlaskClient) -> None:
    assert client.post("/guide/search", data={"q": "trust " * 10_000}).get_data(as_text=True).count("trust ") < 100


def test_another_site_cannot_search_in_ones_name(client: FlaskClient) -> None:
    answer = client.post("/guide/search", data={"q": "trust"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403


def test_an_edited_text_is_searched_anew(app: Flask, client: FlaskClient) -> None:
    before = app.extensions["content"]
    texts = Content({"trust": section("trust", "A title", "Short.", "The heron stood.")}, {}, {}, {}, (), ())
    assert "heron stood" not in client.post("/guide/search", data={"q": "heron"}).get_data(as_text=True)
    app.extensions["content"] = texts
    try:
        assert "<mark>heron</mark> stood" in client.post("/guide/search", data={"q": "heron"}).get_data(as_text=True)
    finally:
        app.extensions["content"] = before
