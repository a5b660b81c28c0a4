"""No word is lost: two devices, old pages, other people, ended sign-ins, a database that cannot write."""

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import OperationalError

from app.db import db
from tests.conftest import link, make_person


def test_two_devices_on_different_cards_do_not_conflict(alice, bob, sheet):
    phone, laptop = sheet(alice), sheet(alice)
    assert phone.save(**{f"answer-{phone.prompts[0]}": "from the phone"}).status_code == 303
    assert laptop.save(**{f"answer-{laptop.prompts[1]}": "from the laptop"}).status_code == 303
    page = alice.text("/check-in/")
    assert "from the phone" in page
    assert "from the laptop" in page


def test_the_same_card_on_two_devices_is_a_conflict_and_nothing_is_overwritten(alice, bob, sheet):
    phone, laptop = sheet(alice), sheet(alice)
    phone.save("from the phone")
    response = laptop.save("from the laptop", "and a second answer")
    page = response.get_data(as_text=True)
    assert response.status_code == 409
    assert "from the phone" in page
    assert "from the laptop" in page
    assert "and a second answer" in page
    stored = alice.text("/check-in/")
    assert "from the phone" in stored
    assert "from the laptop" not in stored
    assert "and a second answer" not in stored


def test_saving_again_from_the_conflict_page_is_a_choice_and_goes_through(alice, bob, sheet):
    phone, laptop = sheet(alice), sheet(alice)
    phone.save("from the phone")
    response = laptop.save("from the laptop")
    first = laptop.prompts[0]
    assert f'name="version-{first}" value="1"' in response.get_data(as_text=True)
    assert laptop.save("from the laptop", **{f"version-{first}": "1"}).status_code == 303
    assert "from the laptop" in alice.text("/check-in/")


def test_a_script_gets_both_texts_of_a_conflict(alice, bob, sheet):
    phone, laptop = sheet(alice), sheet(alice)
    phone.save("from the phone")
    response = laptop.save_by_script("from the laptop")
    assert response.status_code == 409
    assert response.json["error"] == "conflict"
    assert response.json["conflicts"] == {laptop.prompts[0]: {"text": "from the phone", "want": "", "version": 1}}


def test_a_save_without_a_version_counts_as_never_having_seen_anything(alice, bob, sheet):
    first = sheet(alice).prompts[0]
    assert alice.post("/check-in/", {f"answer-{first}": "one", "action": "save"}).status_code == 303
    assert alice.post("/check-in/", {f"answer-{first}": "two", "action": "save"}).status_code == 409
    assert alice.post("/check-in/", {f"answer-{first}": "one", "action": "save"}).status_code == 303


def test_one_device_saves_again_and_again(alice, bob, sheet):
    page = sheet(alice)
    for count in range(1, 6):
        answer = page.save_by_script("word " * count)
        assert answer.json["version"] == count
        page.hidden[f"version-{page.prompts[0]}"] = str(answer.json["version"])


def test_a_page_with_a_script_follows_itself_when_an_answer_got_lost(alice, bob, sheet):
    page = sheet(alice)
    assert page.save_by_script("one", page="abcdefgh", turn="1").status_code == 200
    assert page.save_by_script("one two", page="abcdefgh", turn="2").status_code == 200
    assert page.save_by_script("one", page="abcdefgh", turn="1").status_code == 409  # overtaken on the way
    assert page.save_by_script("three", page="hgfedcba", turn="3").status_code == 409
    assert "one two" in alice.text("/check-in/")


@pytest.mark.parametrize(
    "stamp", [{"page": "abcdefgh"}, {"page": "a" * 41, "turn": "1"}, {"page": "é" * 8, "turn": "-1"}]
)
def test_what_is_no_stamp_counts_as_none(alice, bob, sheet, stamp):
    page = sheet(alice)
    assert page.save_by_script("one", **stamp).status_code == 200
    assert page.save_by_script("two", **stamp).status_code == 409


def test_an_empty_field_leaves_what_another_device_wrote(alice, bob, sheet):
    phone, laptop = sheet(alice), sheet(alice)
    phone.save("", "the roof", **{f"want-{phone.prompts[1]}": "heard"})
    assert laptop.save("the soup", "").status_code == 303
    page = alice.text("/check-in/")
    assert "the roof" in page
    assert "the soup" in page


def test_what_a_refused_form_did_not_hold_is_shown_as_it_is_stored(alice, bob, sheet):
    page = sheet(alice)
    mind = page.prompts[1]
    page.save("the soup", "the roof", **{f"want-{mind}": "heard", "rating-together": "3"})
    refused = alice.post("/check-in/", {"check-in": page.hidden["check-in"], f"answer-{page.prompts[0]}": "x" * 10_001})
    assert refused.status_code == 422
    shown = refused.get_data(as_text=True)
    assert "the roof" in shown
    assert f'name="want-{mind}" value="heard" checked' in shown
    assert 'name="rating-together" value="3" checked' in shown


def test_ratings_changed_elsewhere_are_not_overwritten(alice, bob, sheet):
    phone, laptop = sheet(alice), sheet(alice)
    phone.save("x", **{"rating-together": "2"})
    laptop.hidden[f"version-{laptop.prompts[0]}"] = "1"
    assert laptop.save("x", **{"rating-together": "6"}).status_code == 409
    assert 'name="rating-together" value="2" checked' in alice.text("/check-in/")


def test_a_page_of_last_week_saves_nothing_into_the_new_one(alice, bob, sheet, clock):
    old = sheet(alice)
    clock.move_to("2026-12-07T09:00:00+00:00")
    response = old.save("meant for last week")
    assert response.status_code == 409
    assert "meant for last week" in response.get_data(as_text=True)
    assert "meant for last week" not in alice.text("/check-in/")
    assert old.save_by_script("meant for last week").json["error"] == "other-week"


def test_a_save_opens_the_week_that_nobody_has_looked_at_yet(sam):
    assert sam.post("/check-in/", {"action": "save", "rating-together": "3"}).status_code == 303
    assert 'name="rating-together" value="3" checked' in sam.text("/check-in/")


def test_a_save_that_names_no_week_meets_the_one_that_is_due(alice, bob, sheet, clock):
    alice.text("/check-in/")
    clock.move_to("2026-12-07T09:00:00+00:00")
    assert alice.post("/check-in/", {"action": "save", "rating-together": "3"}).status_code == 303
    assert 'name="rating-together" value="3" checked' in alice.text("/check-in/")


def test_a_page_of_somebody_else_saves_nothing(alice, bob, charlie, sheet):
    page = sheet(alice)
    page.person = charlie
    response = page.save("typed by Alice")
    assert response.status_code == 409
    assert "typed by Alice" in response.get_data(as_text=True)
    assert "typed by Alice" not in charlie.text("/check-in/")


def test_the_partners_page_saves_nothing_either(alice, bob, sheet):
    page = sheet(alice)
    page.person = bob
    assert page.save("typed by Alice").status_code == 409
    assert page.save_by_script("typed by Alice").json["error"] == "other-member"
    assert "typed by Alice" not in bob.text("/check-in/")


def test_a_prompt_that_is_not_asked_is_refused_whole(alice, bob, sheet):
    response = sheet(alice).save("a whole answer", **{"answer-celebrate-of-another-week": "stray words"})
    assert response.status_code == 422
    assert "stray words" in response.get_data(as_text=True)
    assert "a whole answer" not in alice.text("/check-in/")


def test_an_old_token_costs_a_second_press_and_no_word(alice, bob, sheet):
    response = alice.client.post("/check-in/", data=sheet(alice).fields("typed over night") | {"csrf_token": "old"})
    assert response.status_code == 400
    assert "typed over night" in response.get_data(as_text=True)


def test_an_old_token_never_puts_words_into_the_form_of_somebody_else(alice, bob, sheet):
    """Alice's page is open in a tab, and Bob has signed in beside it: her words must not turn up in his form."""
    fields = sheet(alice).fields("typed by Alice") | {"csrf_token": "old"}
    response = bob.client.post("/check-in/", data=fields)
    assert response.status_code == 400
    page = response.get_data(as_text=True)
    assert "typed by Alice" in page
    assert 'name="member"' not in page


def test_bad_input_on_a_page_of_last_week_keeps_every_old_answer(alice, bob, sheet, clock):
    old = sheet(alice)
    clock.move_to("2026-12-07T09:00:00+00:00")
    texts = [f"old words {number}" for number in range(len(old.prompts))]
    page = old.save(*texts, **{"rating-together": "9"}).get_data(as_text=True)
    assert all(text in page for text in texts)


def test_a_database_that_cannot_be_read_either_still_keeps_the_text(app, alice, bob, sheet):
    page = sheet(alice)

    def fail(*_):
        raise OperationalError("away", None, Exception())

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    try:
        response = page.save("nowhere to put it")
        by_script = page.save_by_script("nowhere to put it")
        other = alice.get("/space/")
    finally:
        event.remove(engine, "before_cursor_execute", fail)
    assert response.status_code == 503
    assert "nowhere to put it" in response.get_data(as_text=True)
    assert by_script.status_code == 503
    assert by_script.json["error"] == "busy"
    assert other.status_code == 503


def test_a_cross_site_form_saves_nothing(alice, bob, sheet):
    response = alice.post("/check-in/", sheet(alice).fields("forged"), headers={"Sec-Fetch-Site": "cross-site"})
    assert response.status_code == 403
    assert "forged" not in alice.text("/check-in/")


def test_a_scripts_save_needs_no_token_when_the_browser_vouches_for_it(alice, bob, sheet):
    vouched = {"Accept": "application/json", "Sec-Fetch-Site": "same-origin"}
    page = sheet(alice)
    assert alice.client.post("/check-in/", data=page.fields("by script"), headers=vouched).status_code == 200
    unvouched = {"Accept": "application/json"}
    assert alice.client.post("/check-in/", data=page.fields("by nobody"), headers=unvouched).status_code == 400
    assert "by nobody" not in alice.text("/check-in/")


def test_a_database_that_cannot_write_is_told_and_the_text_stays(app, alice, bob, sheet):
    page = sheet(alice)

    def fail(*_):
        raise OperationalError("disk full", None, Exception())

    with app.app_context():
        engine = db.engine
    event.listen(engine, "commit", fail)
    try:
        response = page.save("not on disk")
        by_script = page.save_by_script("not on disk")
    finally:
        event.remove(engine, "commit", fail)
    assert response.status_code == 503
    assert "not on disk" in response.get_data(as_text=True)
    assert by_script.status_code == 503
    assert "saved_at" not in by_script.json
    assert "not on disk" not in alice.text("/check-in/")


def run(app, statement: str, **values) -> object:
    """Something done to the database behind the app's back."""
    with app.app_context(), db.engine.begin() as connection:
        result = connection.execute(text(statement), values)
        return result.scalar() if result.returns_rows else None


def test_a_damaged_answer_breaks_nothing_else(app, alice, bob, sheet):
    sheet(alice).save("will be damaged", "stays whole")
    first = sheet(alice).prompts[0]
    run(app, "UPDATE answer SET sealed = :junk WHERE prompt = :prompt", junk=b"x" * 300, prompt=first)
    page = alice.text("/check-in/")
    assert "cannot be read" in page
    assert "stays whole" in page


def test_an_empty_field_does_not_replace_a_damaged_answer(app, alice, bob, sheet):
    sheet(alice).save("will be damaged")
    run(app, "UPDATE answer SET sealed = :junk", junk=b"x" * 300)
    assert sheet(alice).save("", "another").status_code == 303
    assert run(app, "SELECT count(*) FROM answer WHERE sealed = :junk", junk=b"x" * 300) == 1


def test_an_answer_moved_to_another_row_does_not_open(app, alice, bob, sheet):
    sheet(alice).save("for this row only", "another")
    first, second = sheet(alice).prompts[:2]
    sealed = run(app, "SELECT sealed FROM answer WHERE prompt = :prompt", prompt=first)
    run(app, "UPDATE answer SET sealed = :sealed WHERE prompt = :prompt", sealed=sealed, prompt=second)
    assert alice.text("/check-in/").count("for this row only") == 1


@pytest.mark.parametrize("address", ["/check-in/", "/check-in/history"])
def test_the_number_of_statements_does_not_grow_with_history(app, sheet, clock, address):
    ana, ben = make_person(app, "Ana"), make_person(app, "Ben")
    link(app, ana, ben)

    def statements() -> int:
        seen = []
        with app.app_context():
            engine = db.engine
        note = lambda *arguments: seen.append(arguments[2])  # noqa: E731  # a listener of one line
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert ana.get(address).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return len([statement for statement in seen if not statement.startswith(("BEGIN", "PRAGMA"))])

    counts = []
    for week in range(3):
        clock.move_to(f"2026-12-{7 + 7 * week:02}T09:00:00+00:00")
        ana.get("/check-in/")
        sheet(ana).submit("a")
        sheet(ben).submit("b")
        ana.get(address)
        counts.append(statements())
    assert counts[0] == counts[1] == counts[2]
    assert counts[0] <= 5
