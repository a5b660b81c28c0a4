"""Adding to one's own answer after the reveal: beside it, dated, for both; the answer itself never changes."""

import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from app.checkin import actions
from app.checkin.models import Addition
from app.checkin.records import export_check_ins
from app.checkin.rules import LONGEST_ANSWER
from app.db import db
from app.spaces.models import Space
from tests.checkin.test_races import at_once
from tests.conftest import link, make_person

LATER = "2026-12-07T09:00:00+00:00"


@pytest.fixture
def revealed(either_app, sheet):
    """Ana and Ben have revealed a week; the app, both, its address, and the prompt that both have answered."""
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    page = sheet(ana)
    page.submit("the words of ana")
    sheet(ben).submit("the words of ben")
    return either_app, ana, ben, f"/check-in/{page.hidden['check-in']}", page.prompts[0]


def add(person, week: str, prompt: str, text: str, **more: str):
    return person.post(f"{week}/add/{prompt}", {f"answer-{prompt}": text} | more)


def exported(app, person) -> str:
    with app.app_context():
        found = str(export_check_ins(db.session(), person.id))
        db.session.remove()
        return found


def test_it_stands_beside_the_answer_with_its_day_for_both(revealed, clock):
    app, ana, ben, week, prompt = revealed
    clock.move_to(LATER)
    assert add(ana, week, prompt, "what i meant").headers["Location"].endswith(week)
    for person in (ana, ben):
        for address in (week, f"{week}/together"):
            page = person.text(address)
            assert "the words of ana" in page
            assert "Added on 7 December 2026" in page
            assert page.index("the words of ana") < page.index("what i meant")
        assert "{'on': '2026-12-07', 'text': 'what i meant'}" in exported(app, person)


def test_several_stand_in_their_order(revealed):
    _, ana, ben, week, prompt = revealed
    for text in ("one more", "two more", "three more"):
        add(ana, week, prompt, text)
    assert re.findall(r"(\w+) more</p>", ben.text(week)) == ["one", "two", "three"]


def test_the_page_shows_the_answer_and_offers_it_on_ones_own_cards_only(revealed):
    _, ana, _, week, prompt = revealed
    assert "the words of ana" in ana.text(f"{week}/add/{prompt}")
    assert ana.text(week).count("/add/") == 1


def test_it_is_sealed_with_the_key_of_the_space(revealed):
    app, ana, _, week, prompt = revealed
    add(ana, week, prompt, "what i meant")
    with app.app_context():
        stored = db.session.execute(select(Addition)).scalar_one()
        assert stored.key_id == db.session.execute(select(Space.key_id).where(Space.ended_at.is_(None))).scalar_one()
        assert b"what i meant" not in stored.sealed
        db.session.remove()


@pytest.mark.parametrize("text", ["", "  \n ", "x" * (LONGEST_ANSWER + 1)], ids=["empty", "blank", "too long"])
def test_bad_input_is_422_with_the_text_still_there(revealed, text):
    _, ana, ben, week, prompt = revealed
    refused = add(ana, week, prompt, text)
    assert refused.status_code == 422
    assert "error-summary" in refused.text
    assert text.strip() in refused.text
    assert "Added on" not in ben.text(week)


def test_an_old_page_keeps_the_text(revealed):
    _, ana, _, week, prompt = revealed
    refused = add(ana, week, prompt, "what i meant", csrf_token="old")
    assert refused.status_code == 400
    assert "what i meant" in refused.text


def test_somebody_else_or_nobody_signed_in_gets_the_words_back(revealed):
    app, ana, ben, week, prompt = revealed
    other = add(ben, week, prompt, "what i meant", member=str(ana.id))
    assert (other.status_code, "what i meant" in other.text) == (409, True)
    ana.client = app.test_client()
    nobody = add(ana, week, prompt, "what i meant")
    assert (nobody.status_code, "what i meant" in nobody.text) == (401, True)
    assert "/sign-in" in ana.get(f"{week}/add/{prompt}").headers["Location"]
    assert "Added on" not in ben.text(week)


def test_before_the_reveal_to_another_prompt_or_by_a_stranger_is_404(revealed, sheet, clock):
    app, ana, ben, week, prompt = revealed
    unanswered = sheet_prompt(ana, clock, sheet)
    for address in (f"{week}/add/unknown", f"{unanswered}"):
        assert ana.get(address).status_code == 404
        assert ana.post(address, {"answer-unknown": "a word"}).status_code == 404
    stranger = make_person(app, "Charlie")
    assert add(stranger, week, prompt, "a word").status_code == 404
    assert stranger.get(f"{week}/add/{prompt}").status_code == 404


def sheet_prompt(person, clock, sheet) -> str:
    """The address for adding to an answer that waits."""
    clock.move_to(LATER)
    page = sheet(person)
    page.submit("a word that waits")
    return f"/check-in/{page.hidden['check-in']}/add/{page.prompts[0]}"


def test_once_the_space_has_ended_nothing_reaches_the_other(revealed):
    app, ana, ben, week, prompt = revealed
    add(ana, week, prompt, "what i meant")
    ben.post("/space/leave", {"confirm": "leave"})
    assert add(ana, week, prompt, "come back").status_code == 404
    with app.app_context():
        check_in_id = int(week.rsplit("/", 1)[1])
        assert not actions.add_to_answer(ana.id, check_in_id, prompt, "come back", date(2026, 12, 7))
    assert "come back" not in ben.text(week)
    assert "what i meant" in ben.text(week)


def test_two_taps_at_once_add_once_and_two_texts_twice(revealed):
    app, ana, _, week, prompt = revealed
    check_in_id, today = int(week.rsplit("/", 1)[1]), datetime.now(UTC).date()

    def adding(text: str):
        return lambda: actions.add_to_answer(ana.id, check_in_id, prompt, text, today)

    assert at_once(app, adding("tap"), adding("tap"), adding("another")) == [True, True, True]
    assert ana.text(week).count("tap</p>") == 1
    assert ana.text(week).count("another</p>") == 1
    assert ana.text(week).count("Added on") == 2
