"""Talking a revealed check-in through: the order of the cards, who speaks first, and what never stands on the page."""

import re

import pytest
from sqlalchemy import update

from app.accounts.models import Member
from app.checkin.models import Entry
from app.checkin.together import Screen, lay_out, read_back
from app.db import transaction
from tests.conftest import PASSWORD

ANA, BEN = 11, 22
KINDS = {"a-win": "win", "a-mind": "mind", "first": "rotating", "second": "rotating", "a-wish": "wish"}
USUAL = [("win",), ("mind",), ("rotating",), ("wish",)]
BOTH = {ANA: dict.fromkeys(KINDS, ""), BEN: dict.fromkeys(KINDS, "")}
EVEN, ODD = 100, 101


def cards(talk) -> list[str]:
    return [screen.card for screen in talk.screens]


def test_who_speaks_first_changes_from_card_to_card():
    assert [screen.voices[0] for screen in lay_out(EVEN, [ANA, BEN], USUAL, KINDS, BOTH).screens] == [
        *(ANA, BEN, ANA, BEN, ANA)
    ]


def test_who_spoke_alone_has_not_had_the_first_word():
    wants = {ANA: dict.fromkeys(KINDS, ""), BEN: {"a-win": "", "second": "", "a-wish": ""}}
    talk = lay_out(EVEN, [ANA, BEN], USUAL, KINDS, wants)
    assert [screen.voices for screen in talk.screens] == [(ANA, BEN), (ANA,), (ANA,), (BEN, ANA), (ANA, BEN)]


def test_who_begins_depends_on_the_check_in_and_not_on_the_phone():
    for check_in, begins in ((EVEN, ANA), (ODD, BEN)):
        talks = [lay_out(check_in, members, USUAL, KINDS, BOTH) for members in ([ANA, BEN], [BEN, ANA])]
        assert talks[0] == talks[1]
        assert talks[0].screens[0].voices == (begins, ANA + BEN - begins)


ORDERS = {
    "the usual way": (USUAL, list(KINDS), ()),
    "cards without a step are left out": (
        [("win",), ("wish",)],
        ["a-win", "a-wish"],
        ("a-mind", "first", "second"),
    ),
    "the format's own order": ([("wish",), ("win",)], ["a-wish", "a-win"], ("a-mind", "first", "second")),
    "two kinds in one step keep the order of the check-in": (
        [("rotating", "mind")],
        ["a-mind", "first", "second"],
        ("a-win", "a-wish"),
    ),
    "a step without cards is spoken": ([(), ("win",), ()], ["", "a-win", ""], ("a-mind", "first", "second", "a-wish")),
}


@pytest.mark.parametrize(("steps", "expected", "left_out"), ORDERS.values(), ids=ORDERS)
def test_a_format_orders_the_same_cards(steps, expected, left_out):
    talk = lay_out(EVEN, [ANA, BEN], steps, KINDS, BOTH)
    assert (cards(talk), talk.left_out, talk.put_off) == (expected, left_out, ())


def test_both_speak_in_a_spoken_step():
    assert lay_out(ODD, [ANA, BEN], [()], KINDS, BOTH).screens == (Screen(0, "", (BEN, ANA)),)


def test_a_card_that_nobody_answered_looks_as_if_it_had_not_been_asked():
    answered = {ANA: {"a-win": ""}, BEN: {"a-wish": ""}}
    not_asked = {"a-win": "win", "a-wish": "wish"}
    talk = lay_out(EVEN, [ANA, BEN], USUAL, KINDS, answered)
    assert talk == lay_out(EVEN, [ANA, BEN], USUAL, not_asked, answered)
    assert cards(talk) == ["a-win", "a-wish"]


def test_a_card_that_one_answered_begins_with_its_writer():
    for check_in in (EVEN, ODD):
        talk = lay_out(check_in, [ANA, BEN], USUAL, KINDS, {BEN: {"a-win": "", "a-mind": ""}})
        assert [screen.voices for screen in talk.screens] == [(BEN,), (BEN,)]


NOT_THIS_WEEK = {
    "both would rather not": ({ANA: "later", BEN: "later"}, [], ("a-mind",)),
    "the only one who answered would rather not": ({ANA: "later"}, [], ("a-mind",)),
    "one would rather not": ({ANA: "later", BEN: "heard"}, [Screen(0, "a-mind", (BEN,), (ANA,))], ()),
}


@pytest.mark.parametrize(("asked", "screens", "put_off"), NOT_THIS_WEEK.values(), ids=NOT_THIS_WEEK)
def test_what_is_for_another_week_is_passed_over(asked, screens, put_off):
    wants = {member: {"a-mind": want} for member, want in asked.items()}
    talk = lay_out(EVEN, [ANA, BEN], [("mind",)], KINDS, wants)
    assert (list(talk.screens), talk.put_off) == (screens, put_off)


def test_alone_every_answer_is_read_back_in_its_order():
    talk = read_back([ANA], KINDS, {ANA: {"a-wish": "", "a-mind": "later"}})
    assert talk.screens == (Screen(0, "a-mind", (ANA,)), Screen(0, "a-wish", (ANA,)))
    assert talk.put_off == ()


# The page.


def page_of(person) -> str:
    """Where the check-in that is open now will be talked through."""
    found = re.search(r'name="check-in" value="(\d+)"', person.text("/check-in/"))
    return f"/check-in/{found[1]}/together"


@pytest.fixture
def revealed(alice, bob, sheet) -> str:
    """A check-in that both have finished: Bob would like to be heard, and skipped all but two cards."""
    address, mind = page_of(alice), sheet(bob).prompts[1]
    sheet(alice).submit("The soup on Tuesday.", "The roof.", "Enough is a full tin.", **{"rating-together": "2"})
    sheet(bob).submit("The early train.", "My mother.", **{f"want-{mind}": "heard", "rating-together": "7"})
    return address


def test_both_answers_stand_on_one_card(alice, bob, revealed):
    for person in (alice, bob):
        first = person.text(revealed).split("data-screen")[2]
        assert "The soup on Tuesday." in first
        assert "The early train." in first
        assert re.search(r"<strong>(Alice|Bob)</strong> speaks first", first)


def test_both_phones_name_the_same_speakers(alice, bob, revealed):
    named = [re.findall(r"<strong>(\w+)</strong> speaks first", person.text(revealed)) for person in (alice, bob)]
    assert named[0] == named[1]
    assert named[0][0] != named[0][1]
    assert named[0][2] == "Alice"  # she alone answered the third
    assert len(named[0]) == 3


def test_the_page_is_reached_from_the_revealed_check_in(alice, bob, revealed):
    link = f'<a class="button" href="{revealed}">Talk it through</a>'
    assert link in alice.text("/check-in/")
    assert link in bob.text(revealed.removesuffix("/together"))


def test_it_ends_with_an_agreement_while_the_week_is_current(alice, bob, revealed, clock):
    assert '<a class="button" href="/check-in/#agree">Make an agreement</a>' in alice.text(revealed)
    assert 'id="agree"' in alice.text("/check-in/")
    clock.move_to("2026-12-07T09:00:00+00:00")
    alice.get("/check-in/")
    later = alice.text(revealed)
    assert "agreement" not in later
    assert f'<a class="button" href="{revealed.removesuffix("/together")}">Done</a>' in later
    assert "data-pad" in later


def test_it_is_kept_by_no_cache_and_names_itself(alice, bob, revealed):
    response = alice.get(revealed)
    assert response.headers["Cache-Control"] == "private, no-store"
    assert '<body data-page="together" data-state="revealed" data-private>' in response.text


def test_what_the_other_asked_for_comes_before_the_hint(app, alice, bob, revealed):
    page, content = alice.text(revealed), app.extensions["content"]
    card = page.split("data-screen")[3]
    assert "<strong>Bob would like to be heard:</strong> ask two things about it before you say anything." in card
    hint = next(prompt.hint for prompt in content.prompts.values() if prompt.text in card)
    assert card.index("Bob would like") < card.index(hint)
    assert "Alice would like" not in page


ASKED = {
    "comfort": "Alice would like to be comforted:",
    "solve": "Alice would like to solve it together:",
    "heard": "Alice would like to be heard:",
}


@pytest.mark.parametrize(("want", "sentence"), ASKED.items())
def test_each_wish_has_its_own_hint(alice, bob, sheet, want, sentence):
    address, mind = page_of(alice), sheet(alice).prompts[1]
    sheet(alice).submit("The soup.", "The roof.", **{f"want-{mind}": want})
    sheet(bob).submit("The early train.")
    assert sentence in bob.text(address)


def test_what_is_for_another_week_is_folded_at_the_end(alice, bob, sheet):
    address, mind = page_of(alice), sheet(alice).prompts[1]
    sheet(alice).submit("The soup.", "The roof.", **{f"want-{mind}": "later"})
    sheet(bob).submit("The early train.")
    cards, _, end = bob.text(address).partition("Thank each other")
    assert "The roof." not in cards
    assert "For another week" in end
    assert re.search(r"<details><summary>.*</summary>.*<div class=\"yours\">.*The roof\.", end, re.DOTALL)


def test_an_answer_for_another_week_is_folded_beside_one_that_is_not(alice, bob, sheet):
    address, mind = page_of(alice), sheet(alice).prompts[1]
    sheet(alice).submit("The soup.", "The roof.", **{f"want-{mind}": "later"})
    sheet(bob).submit("The early train.", "My mother.")
    card = alice.text(address).split("data-screen")[3]
    assert "<strong>Bob</strong> speaks first" in card
    assert re.search(r'<details class="mine"><summary>.*Alice would rather leave this.*The roof\.', card, re.DOTALL)


def test_nothing_private_stands_on_the_page(app, alice, bob, revealed):
    before = alice.text(revealed)
    alice.post("/thoughts/", {"words": "bullace"})
    with app.app_context(), transaction() as work:
        work.execute(update(Entry).values(sealed_ratings=None))
    assert "of 7" not in alice.text("/check-in/")
    assert alice.text(revealed) == before
    assert "bullace" not in before


def test_what_was_skipped_looks_as_if_it_had_not_been_asked(app, alice, bob, sheet, revealed):
    asked = [card for card in app.extensions["content"].prompts.values() if card.text in alice.text(revealed)]
    assert len(asked) == 3
    assert alice.text(revealed).count('id="card-') == 3
    assert "1 of 3" in alice.text(revealed)


def test_a_format_is_chosen_by_the_address(alice, bob, revealed):
    page = alice.text(revealed + "?format=radar")
    assert "Review. Go through the month with the calendar" in page
    assert page.index("Agree on a list") < page.index("The roof.") < page.index("The soup on Tuesday.")
    assert re.search(r'data-format="radar" aria-current="true"', page)


def test_cards_that_a_format_leaves_out_are_folded_at_the_end(alice, bob, revealed):
    cards, _, end = alice.text(revealed + "?format=three-minute").partition("Thank each other")
    assert "Enough is a full tin." not in cards
    assert "You wrote more" in end
    assert "Enough is a full tin." in end


@pytest.mark.parametrize("format_", ["", "unknown", "../radar", "RADAR", "usual"])
def test_any_other_format_is_the_usual_one(alice, bob, revealed, format_):
    assert alice.get(revealed, query_string={"format": format_}).text == alice.text(revealed)


@pytest.mark.parametrize("state", ["open", "waiting", "closed"])
def test_a_check_in_that_is_not_revealed_has_no_talk(alice, bob, sheet, state):
    address = page_of(alice)
    if state != "open":
        sheet(alice).submit("medlar")
    if state == "closed":
        alice.post("/space/leave", {"confirm": "leave"})
    for person in (alice, bob):
        response = person.get(address)
        assert response.status_code == 303
        assert response.headers["Location"] == address.removesuffix("/together")
        assert "medlar" not in response.text


def test_outsiders_get_404(charlie, alice, bob, revealed):
    assert charlie.get(revealed).status_code == 404
    assert charlie.get("/check-in/1/together").status_code == 404
    assert charlie.get(f"/check-in/{2**63}/together").status_code == 404


def test_signed_out_goes_to_sign_in(client, alice, bob, revealed):
    response = client.get(revealed)
    assert response.status_code == 303
    assert response.headers["Location"] == f"/sign-in?next={revealed}"


def test_alone_it_is_read_back_without_pads_speakers_or_hints(sam, sheet):
    address, mind = page_of(sam), sheet(sam).prompts[1]
    sheet(sam).submit("The soup.", "The roof.", **{f"want-{mind}": "later"})
    page = sam.text(address)
    assert f'href="{address}">Read it card by card</a>' in sam.text("/check-in/")
    assert "The soup." in page
    assert page.index("The roof.") < page.index("That was the week")
    for part in ("data-pad", "speaks first", "data-pause", "data-clock", "would rather", 'class="hint"', "data-format"):
        assert part not in page


def test_when_the_space_has_ended_it_is_read_back_too(alice, bob, revealed):
    bob.post("/space/leave", {"confirm": "leave"})
    page = alice.text(revealed)
    assert "Read it card by card" in page
    assert "The early train." in page
    assert "data-pad" not in page
    assert "agreement" not in page


def test_two_of_one_name_are_told_apart(app, alice, bob, revealed):
    with app.app_context(), transaction() as work:
        work.execute(update(Member).values(name="Kim"))
    speakers = [set(re.findall(r"<strong>([\w ]+)</strong> speaks first", one.text(revealed))) for one in (alice, bob)]
    assert speakers == [{"Kim", "The other Kim"}] * 2


def test_somebody_who_has_left_for_good_has_no_name(alice, bob, revealed):
    bob.post("/settings/delete", {"password": PASSWORD, "confirm": "delete"})
    page = alice.text(revealed)
    assert "<h3>Someone who has left</h3>" in page
    assert "The early train." in page
    assert "Bob" not in page
