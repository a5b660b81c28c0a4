"""How a sentence is built, and what saying how it went does to an agreement."""

from datetime import date

import pytest

from app.agreements.rules import OUTCOMES, Agreed, LookBack, Wording, look_at, tidy, withdraw

FIRST, LATER = date(2026, 11, 23), date(2026, 11, 30)
PLAN = Wording("the kettle is on", "sit down", FIRST)


@pytest.mark.parametrize(
    ("typed", "part", "kept"),
    [
        pytest.param("the kettle is on", "when", "the kettle is on", id="as it is"),
        pytest.param("When the kettle is on,", "when", "the kettle is on", id="the sentence brings when and comma"),
        pytest.param("when\n the  kettle is on", "when", "the kettle is on", id="one line"),
        pytest.param("Whenever it rains", "when", "Whenever it rains", id="another word stays"),
        pytest.param("When will you be home?", "when", "will you be home?", id="only the beginning"),
        pytest.param("I will sit down.", "will", "sit down", id="the sentence brings I will and the stop"),
        pytest.param("I’ll sit down", "will", "sit down", id="short, with the right sign"),
        pytest.param("i'll sit down", "will", "sit down", id="short, as phones type it"),
        pytest.param("will sit down", "will", "sit down", id="half of it"),
        pytest.param("willingly sit down", "will", "willingly sit down", id="another word that begins so"),
        pytest.param("I will", "will", "", id="nothing else"),
        pytest.param(" … ", "when", "", id="signs only"),
    ],
)
def test_a_part_comes_without_what_the_sentence_brings(typed: str, part: str, kept: str) -> None:
    assert tidy(typed, part) == kept


def test_a_wording_reads_as_one_sentence() -> None:
    assert PLAN.sentence == "When the kettle is on, I will sit down."


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_only_done_and_dropped_end_it(outcome: str) -> None:
    after = look_at(Agreed((PLAN,)), LookBack(outcome, "it rains", "come"), LATER)
    assert after.ended == (outcome if outcome in ("done", "dropped") else "")
    assert after.outcome == outcome


def test_a_changed_wording_is_added_beside_the_earlier_with_its_week() -> None:
    after = look_at(Agreed((PLAN,)), LookBack("changed", "it rains", "fetch you"), LATER)
    assert after.wordings == (PLAN, Wording("it rains", "fetch you", LATER))


def test_the_same_words_again_are_no_new_wording() -> None:
    assert look_at(Agreed((PLAN,)), LookBack("changed", PLAN.when, PLAN.will), LATER).wordings == (PLAN,)


def test_only_the_last_outcome_is_kept() -> None:
    once = look_at(Agreed((PLAN,)), LookBack("not"), FIRST)
    assert look_at(once, LookBack("partly"), LATER) == Agreed((PLAN,), "partly")


def test_withdrawn_it_says_nothing_but_that() -> None:
    assert withdraw(Agreed((PLAN,), "not")) == Agreed((PLAN,), "", "withdrawn")
