"""This week: writing, saving, submitting, waiting, opening together."""

import re

import pytest

from app.checkin.rules import LONGEST_ANSWER


def state_of(person) -> str:
    return re.search(r'data-page="check-in" data-state="(\w+)"', person.text("/check-in/"))[1]


def test_the_first_check_in_opens_as_soon_as_the_space_exists(alice, bob):
    assert state_of(alice) == state_of(bob) == "open"


def test_both_get_the_same_prompts(alice, bob, sheet):
    assert sheet(alice).prompts == sheet(bob).prompts
    assert len(sheet(alice).prompts) == 5


def test_signed_out_goes_to_sign_in(client):
    response = client.get("/check-in/")
    assert response.status_code == 303
    assert response.headers["Location"] == "/sign-in?next=/check-in/"


def test_what_was_saved_is_there_again(alice, bob, sheet):
    assert sheet(alice).save("the soup on Tuesday", "the roof").status_code == 303
    page = alice.text("/check-in/")
    assert "the soup on Tuesday" in page
    assert "the roof" in page


def test_a_script_is_told_when_it_was_saved(alice, bob, sheet, clock):
    response = sheet(alice).save_by_script("one word")
    assert response.json == {"saved_at": "2026-11-23T09:00:00+00:00", "version": 1}


def test_ratings_are_kept_and_can_be_taken_back(alice, bob, sheet):
    sheet(alice).save("x", **{"rating-together": "3", "rating-understood": "7"})
    page = alice.text("/check-in/")
    assert 'name="rating-together" value="3" checked' in page
    assert 'name="rating-understood" value="7" checked' in page
    sheet(alice).save("x", **{"rating-together": ""})
    assert 'name="rating-together" value="3" checked' not in alice.text("/check-in/")
    assert 'name="rating-understood" value="7" checked' in alice.text("/check-in/")


def test_what_i_want_from_the_other_is_kept(alice, bob, sheet):
    mind = next(prompt for prompt in sheet(alice).prompts if prompt.startswith("regular-check-ins"))
    sheet(alice).save(**{f"answer-{mind}": "the roof", f"want-{mind}": "heard"})
    assert f'name="want-{mind}" value="heard" checked' in alice.text("/check-in/")


def test_it_stays_sealed_until_both_have_submitted(alice, bob, sheet):
    sheet(alice).submit("alices word")
    assert state_of(alice) == "waiting"
    assert state_of(bob) == "open"
    assert "alices word" not in bob.text("/check-in/")
    sheet(bob).submit("bobs word")
    for person in (alice, bob):
        assert state_of(person) == "revealed"
        page = person.text("/check-in/")
        assert "alices word" in page
        assert "bobs word" in page


def test_a_draft_is_not_submitted_by_saving(alice, bob, sheet):
    sheet(bob).submit("bobs word")
    sheet(alice).save("alices draft")
    assert state_of(alice) == "open"
    assert "alices draft" not in bob.text("/check-in/")


def test_ratings_never_reach_the_partner(alice, bob, sheet):
    sheet(alice).submit("a", **{"rating-together": "2"})
    sheet(bob).submit("b")
    assert "2 of 7" in alice.text("/check-in/")
    assert "of 7" not in bob.text("/check-in/")


def test_a_skipped_prompt_looks_like_one_that_was_not_asked(alice, bob, sheet):
    asked = sheet(alice)
    asked.submit("only the first", "", "")
    sheet(bob).submit("only the first too")
    page = bob.text("/check-in/")
    assert page.count('<section class="card prompt') == 1


def test_taking_back_makes_it_a_draft_again(alice, bob, sheet):
    sheet(alice).submit("not yet")
    assert alice.post("/check-in/take-back").status_code == 303
    assert state_of(alice) == "open"
    assert "not yet" in alice.text("/check-in/")
    sheet(bob).submit("bobs word")
    assert state_of(bob) == "waiting"


def test_taking_back_concerns_the_week_of_its_page_only(alice, bob, sheet, clock):
    old = sheet(alice).hidden["check-in"]
    clock.move_to("2026-12-07T09:00:00+00:00")
    sheet(alice).submit("of the new week")
    alice.post("/check-in/take-back", {"check-in": old})
    assert state_of(alice) == "waiting"


def test_a_wish_without_words_is_kept_and_shown(alice, bob, sheet):
    page = sheet(alice)
    mind = next(prompt for prompt in page.prompts if prompt.startswith("regular-check-ins"))
    page.submit("something else", **{f"answer-{mind}": "", f"want-{mind}": "comfort"})
    sheet(bob).submit("b")
    assert "Be comforted" in bob.text("/check-in/")


@pytest.mark.parametrize("page", ["0", "-1", "x", "²", "00000199999999999999999999", "10000"])
def test_a_page_of_the_history_that_cannot_be_is_404(alice, page):
    assert alice.get(f"/check-in/history?page={page}").status_code == 404


def test_after_the_reveal_nothing_can_be_taken_back_or_changed(alice, bob, sheet):
    before = sheet(alice)
    before.submit("as it is")
    sheet(bob).submit("bobs word")
    alice.post("/check-in/take-back")
    assert state_of(alice) == "revealed"
    assert "It has opened already" in alice.post("/check-in/take-back", follow_redirects=True).get_data(as_text=True)
    response = before.save("something else")
    assert response.status_code == 409
    assert "something else" in response.get_data(as_text=True)
    assert "something else" not in bob.text("/check-in/")


def test_a_second_tap_on_finish_is_no_error(alice, bob, sheet, clock):
    page = sheet(alice)
    for _ in range(2):
        assert page.submit("finished", "", **{"rating-together": "3"}).status_code == 303
        assert state_of(alice) == "waiting"
    sheet(bob).submit("bobs word")
    first = alice.text("/check-in/history")
    clock.shift(60)
    assert page.submit("finished", "", **{"rating-together": "3"}).status_code == 303
    assert state_of(alice) == "revealed"
    assert alice.text("/check-in/history") == first


def test_solo_works_all_through(sam, sheet):
    assert state_of(sam) == "open"
    sheet(sam).submit("a week of my own")
    assert state_of(sam) == "revealed"
    assert "a week of my own" in sam.text("/check-in/")
    assert "on your own" in sam.text("/check-in/history")


def test_submitting_needs_an_answer_and_keeps_the_rest(alice, bob, sheet):
    response = sheet(alice).submit("   ", **{"rating-together": "4"})
    assert response.status_code == 422
    page = response.get_data(as_text=True)
    assert "Write an answer to at least one question" in page
    assert 'name="rating-together" value="4" checked' in page
    assert state_of(alice) == "open"


@pytest.mark.parametrize(
    ("case", "field", "value"),
    [
        ("too long", "answer-{first}", "x" * (LONGEST_ANSWER + 1)),
        ("no rating", "rating-together", "8"),
        ("no number", "rating-together", "²"),
        ("no version", "version-{first}", "-1"),
        ("a huge version", "version-{first}", "9" * 30),
        ("no week", "check-in", "1e3"),
        ("no wish", "want-{first}", "everything"),
    ],
)
def test_bad_input_is_told_and_everything_typed_is_still_there(alice, bob, sheet, case, field, value):
    asked = sheet(alice)
    fields = asked.fields("kept <b>words</b>", "more words") | {field.format(first=asked.prompts[0]): value}
    response = alice.post("/check-in/", fields | {"action": "save"})
    assert response.status_code == 422, case
    assert "more words" in response.get_data(as_text=True)
    assert response.get_data(as_text=True).count("There is a problem") + 1
    assert alice.post("/check-in/", fields, headers={"Accept": "application/json"}).status_code == 422
    assert "more words" not in alice.text("/check-in/")


def test_the_longest_answer_fits(alice, bob, sheet):
    longest = "ä" * LONGEST_ANSWER
    assert sheet(alice).save(longest).status_code == 303
    assert longest in alice.text("/check-in/")


@pytest.mark.parametrize(
    ("case", "typed", "kept"),
    [
        ("markup", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"),
        ("a template", "{{ 7 * 7 }}", "{{ 7 * 7 }}"),
        ("a family", "\U0001f468‍\U0001f469‍\U0001f467", "\U0001f468‍\U0001f469‍\U0001f467"),
        ("right to left", "שלום ‮abc", "שלום ‮abc"),
        ("decomposed", "e\u0301", "é"),
        ("lines", "one\r\n\r\ntwo", "one\n\ntwo"),
        ("a leading empty line", "\none", "\none"),
        ("control characters", "a\x00b\x07c", "abc"),
    ],
)
def test_text_comes_back_as_it_was_typed(alice, bob, sheet, case, typed, kept):
    sheet(alice).save(typed)
    assert f"\n{kept}</textarea>" in alice.text("/check-in/"), case


def test_a_stranger_gets_404_for_a_check_in_of_two_others(alice, bob, charlie, sheet):
    sheet(alice).submit("alices word")
    sheet(bob).submit("bobs word")
    link = re.search(r"/check-in/\d+", alice.text("/check-in/history"))[0]
    assert alice.get(link).status_code == bob.get(link).status_code == 200
    assert charlie.get(link).status_code == 404


@pytest.mark.parametrize("unknown", ["0", "1", "9223372036854775807", "9223372036854775808", "1" + "0" * 40])
def test_unknown_ids_are_404(alice, bob, unknown):
    assert alice.get(f"/check-in/{unknown}").status_code == 404


def test_the_current_check_in_has_one_address(alice, bob, sheet):
    response = alice.get(f"/check-in/{sheet(alice).hidden['check-in']}")
    assert response.status_code == 303
    assert response.headers["Location"] == "/check-in/"


def test_the_letter_sentence_stands_there_until_the_first_reveal(alice, bob, sheet, clock):
    assert "as with a letter" in alice.text("/check-in/")
    sheet(alice).submit("a")
    sheet(bob).submit("b")
    clock.move_to("2026-12-07T09:00:00+00:00")
    assert state_of(alice) == "open"
    assert "as with a letter" not in alice.text("/check-in/")


def test_who_can_read_it_is_said_before_the_first_answer(alice, bob, sheet):
    assert "Whoever runs this server" in alice.text("/check-in/")
    sheet(alice).save("a first word")
    assert "Whoever runs this server" not in alice.text("/check-in/")
    assert "Whoever runs this server" in bob.text("/check-in/")
