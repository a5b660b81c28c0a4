"""Private notes in a real browser: locked there, opened there, and readable nowhere else."""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Playwright, Request, expect
from sqlalchemy import delete, select, update

from app.db import db, transaction
from app.notes.access import find_notes
from app.notes.models import Note, NoteLock
from tests.browser.conftest import CHROMIUM, FLAGS, ROOT, Server, until
from tests.browser.looks import expect_no_fault
from tests.browser.steps import Stage, backstage, press
from tests.browser.test_help import WEATHER
from tests.conftest import PASSWORD, Person
from tests.notes.conftest import key_for, opened

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
PASSPHRASE = "heron otter Grüße lantern"
OTHER = "saddle Möwe pepper window"
SAVED = re.compile(r"^Saved \d\d:\d\d$")
KEPT = """async () => ({
  caches: (await Promise.all((await caches.keys()).map(async (name) => {
    const cache = await caches.open(name);
    return Promise.all((await cache.keys()).map(async (one) => [one.url, await (await cache.match(one)).text()]));
  }))).flat(),
  rest: JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, location.href,
    (await indexedDB.databases()).map((database) => database.name)]),
})"""


@pytest.fixture(scope="module")
def stage(live_server: Server) -> Iterator[Stage]:
    with backstage(live_server) as app:
        yield Stage(live_server, app)


@pytest.fixture
def alice(stage: Stage) -> Person:
    return stage.couple()[0]


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as running:
        yield running


@pytest.fixture
def device(browser: Browser) -> Iterator[Open]:
    """Opens a phone-sized page of a profile of its own, without motion."""
    contexts = []

    def open_one(**options: Any) -> Page:
        context = browser.new_context(
            **(
                {"viewport": {"width": 360, "height": 780}, "reduced_motion": "reduce", "service_workers": "block"}
                | options
            )
        )
        context.set_default_timeout(20_000)
        contexts.append(context)
        return context.new_page()

    yield open_one
    for context in contexts:
        context.close()


@pytest.fixture
def page(stage: Stage, alice: Person, device: Open) -> Page:
    """Alice's notes on her phone, the passphrase chosen and the list on view."""
    page = device()
    begin(stage, page, alice)
    return page


def begin(stage: Stage, page: Page, person: Person) -> None:
    stage.sign_in(page, person)
    stage.open(page, "/notes/")
    page.get_by_label("A passphrase").fill(PASSPHRASE)
    page.get_by_label("The same once more").fill(PASSPHRASE)
    press(page, "Begin")
    expect_view(page, "list")


def expect_view(page: Page, name: str) -> None:
    expect(page.locator(f"[data-view={name}]")).to_be_visible()


def unlock(page: Page, passphrase: str = PASSPHRASE) -> None:
    page.get_by_label("Your passphrase").fill(passphrase)
    press(page, "Open my notes")


def compose(page: Page, words: str, title: str = "") -> None:
    """A new note, saved and still on view."""
    press(page, "Write a note")
    page.get_by_label("Title").fill(title)
    page.get_by_label("Words").fill(words)
    expect_saved(page)


def expect_saved(page: Page) -> None:
    expect(page.locator("[data-status]")).to_have_text(SAVED)


def words(page: Page) -> Any:
    return page.get_by_label("Words")


def expect_entries(page: Page, names: list[str]) -> None:
    expect(page.locator("[data-list] .entry > :first-child")).to_have_text(names)


def lock(page: Page) -> None:
    page.locator("[data-lock]:visible").click()
    expect_view(page, "locked")


def stored_texts(stage: Stage, person: Person, passphrase: str = PASSPHRASE) -> list[str]:
    """What the documented format makes of what the server has."""
    with stage.app.app_context():
        found = find_notes(person.id)
        db.session.remove()
    assert found.lock is not None
    key = key_for(passphrase, found.lock.salt, found.lock.rounds)
    assert opened(key, "proof", found.lock.proof)
    return sorted(opened(key, f"note|{id}", note.envelope)["text"] for id, note in found.notes.items())


def change_row(stage: Stage, statement: Any) -> None:
    with stage.app.app_context():
        with transaction() as session:
            session.execute(statement)
        db.session.remove()


def tampered(envelope: str) -> str:
    """An envelope with one byte of its content changed."""
    at = len(envelope) // 2
    return envelope[:at] + ("A" if envelope[at] != "A" else "B") + envelope[at + 1 :]


def test_a_note_is_written_locked_opened_changed_and_deleted(stage: Stage, alice: Person, page: Page) -> None:
    compose(page, "A heron stood there.\n\n<b>Grüße</b> 🌻", "The mill pond")
    press(page, "Done")
    expect_entries(page, ["The mill pond"])
    lock(page)
    assert "heron" not in page.content()
    fields = page.locator(":is(input, textarea):not([type=checkbox], [type=hidden])").all()
    assert [field.input_value() for field in fields] == [""] * len(fields)
    unlock(page)
    page.get_by_role("button", name="The mill pond").click()
    expect(words(page)).to_have_value("A heron stood there.\n\n<b>Grüße</b> 🌻")
    words(page).press_sequentially("And more: ")
    expect_saved(page)
    (stored,) = stored_texts(stage, alice)
    assert "And more: " in stored
    page.go_back()
    expect_view(page, "list")
    page.get_by_role("button", name="The mill pond").click()
    press(page, "Delete this note")
    press(page, "Keep it")
    press(page, "Delete this note")
    press(page, "Delete it")
    expect_view(page, "list")
    expect(page.get_by_text("Nothing is written yet.")).to_be_visible()
    assert stored_texts(stage, alice) == []


def test_the_newest_comes_first_and_one_without_a_title_goes_by_its_first_words(page: Page) -> None:
    for text, title in (("one", "First"), ("a line\nanother line", ""), ("", "Third")):
        compose(page, text, title)
        press(page, "Done")
        expect_view(page, "list")
    expect_entries(page, ["Third", "a line", "First"])


def test_while_locked_the_page_looks_the_same_with_no_notes_and_with_many(page: Page) -> None:
    lock(page)
    empty = page.locator("main").inner_html()
    unlock(page)
    for _ in range(2):
        compose(page, "words")
        press(page, "Done")
        expect_view(page, "list")
    lock(page)
    assert page.locator("main").inner_html() == empty


@pytest.mark.parametrize(
    ("first", "second", "advice"),
    [
        ("short words", "short words", "This has 11 characters. Take at least 12."),
        ("aaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaa", "This repeats itself too much."),
        (PASSPHRASE, PASSPHRASE.upper(), "The two are not the same."),
    ],
    ids=["short", "monotonous", "different"],
)
def test_a_weak_passphrase_is_not_taken(
    stage: Stage, alice: Person, device: Open, first: str, second: str, advice: str
) -> None:
    page = device()
    stage.sign_in(page, alice)
    stage.open(page, "/notes/")
    page.get_by_label("A passphrase").fill(first)
    page.get_by_label("The same once more").fill(second)
    press(page, "Begin")
    expect(page.get_by_text(advice)).to_be_visible()
    with stage.app.app_context():
        assert find_notes(alice.id).lock is None
        db.session.remove()


def test_a_wrong_passphrase_says_so_and_opens_nothing(page: Page) -> None:
    compose(page, "words")
    lock(page)
    unlock(page, PASSPHRASE.upper())
    expect(page.get_by_text("This passphrase does not open your notes.")).to_be_visible()
    expect_view(page, "locked")
    unlock(page)
    expect_view(page, "list")


def test_the_same_passphrase_typed_in_decomposed_letters_opens_them_too(page: Page) -> None:
    lock(page)
    unlock(page, PASSPHRASE.replace("ü", "u\u0308"))
    expect_view(page, "list")


def test_a_tampered_note_says_so_and_the_others_open(stage: Stage, alice: Person, page: Page) -> None:
    compose(page, "whole", "Whole")
    press(page, "Done")
    compose(page, "damaged", "Damaged")
    lock(page)
    with stage.app.app_context():
        key = key_for(PASSPHRASE, find_notes(alice.id).lock.salt)  # type: ignore[union-attr]
        notes = find_notes(alice.id).notes
        (hurt,) = (id for id, note in notes.items() if opened(key, f"note|{id}", note.envelope)["title"] == "Damaged")
        db.session.remove()
    change_row(stage, update(Note).where(Note.id == hurt).values(envelope=tampered(notes[hurt].envelope)))
    unlock(page)
    expect_entries(page, ["Whole", "This note cannot be opened"])
    page.get_by_role("button", name="This note cannot be opened").click()
    expect(page.get_by_text("what the server stores of this note was changed or damaged")).to_be_visible()
    expect(words(page)).to_be_hidden()
    press(page, "Back to the list")
    press(page, "Choose another passphrase")
    page.get_by_label("The passphrase you have now").fill(PASSPHRASE)
    page.get_by_label("The new one", exact=True).fill(OTHER)
    page.get_by_label("The new one once more").fill(OTHER)
    press(page, "Change it")
    expect(page.get_by_text("Delete it from the list first.")).to_be_visible()
    press(page, "Keep the old one")
    page.get_by_role("button", name="This note cannot be opened").click()
    press(page, "Delete this note")
    press(page, "Delete it")
    expect_view(page, "list")
    expect_entries(page, ["Whole"])
    assert stored_texts(stage, alice) == ["whole"]


def test_an_envelope_put_in_anothers_place_does_not_open(stage: Stage, alice: Person, page: Page) -> None:
    for text in ("one", "two"):
        compose(page, text, text)
        press(page, "Done")
        expect_view(page, "list")
    lock(page)
    with stage.app.app_context():
        first, second = find_notes(alice.id).notes.items()
        db.session.remove()
    change_row(stage, update(Note).where(Note.id == first[0]).values(envelope=second[1].envelope))
    unlock(page)
    expect_view(page, "list")
    expect(page.get_by_role("button", name="This note cannot be opened")).to_have_count(1)


def test_a_damaged_proof_keeps_nobody_out(stage: Stage, alice: Person, page: Page) -> None:
    compose(page, "words", "A title")
    lock(page)
    with stage.app.app_context():
        proof = find_notes(alice.id).lock.proof  # type: ignore[union-attr]
        db.session.remove()
    change_row(stage, update(NoteLock).where(NoteLock.member_id == alice.id).values(proof=tampered(proof)))
    unlock(page, OTHER)
    expect(page.get_by_text("This passphrase does not open your notes.")).to_be_visible()
    unlock(page)
    expect_view(page, "list")
    expect_entries(page, ["A title"])


def change_passphrase(page: Page, old: str, new: str) -> None:
    press(page, "Choose another passphrase")
    page.get_by_label("The passphrase you have now").fill(old)
    page.get_by_label("The new one", exact=True).fill(new)
    page.get_by_label("The new one once more").fill(new)
    press(page, "Change it")


def test_a_new_passphrase_locks_everything_anew(stage: Stage, alice: Person, page: Page) -> None:
    for text in ("one", "two"):
        compose(page, text)
        press(page, "Done")
        expect_view(page, "list")
    change_passphrase(page, "not the one I have", OTHER)
    expect(page.get_by_text("This is not the passphrase you have now.")).to_be_visible()
    press(page, "Keep the old one")
    change_passphrase(page, PASSPHRASE, OTHER)
    expect(page.get_by_text("From now on, only the new passphrase opens your notes.")).to_be_visible()
    compose(page, "three")
    lock(page)
    unlock(page)
    expect(page.get_by_text("This passphrase does not open your notes.")).to_be_visible()
    unlock(page, OTHER)
    expect_view(page, "list")
    expect_entries(page, ["three", "two", "one"])
    assert stored_texts(stage, alice, OTHER) == ["one", "three", "two"]


def test_when_the_answer_to_a_change_is_lost_it_says_what_to_try(stage: Stage, alice: Person, page: Page) -> None:
    compose(page, "one")
    press(page, "Done")
    page.route("**/notes/passphrase", lambda route: (route.fetch(), route.abort()))
    change_passphrase(page, PASSPHRASE, OTHER)
    expect(page.get_by_text("Try the new one first.")).to_be_visible()
    unlock(page, OTHER)
    expect_view(page, "list")
    assert stored_texts(stage, alice, OTHER) == ["one"]


def test_a_forgotten_passphrase_leaves_only_beginning_again(stage: Stage, alice: Person, page: Page) -> None:
    compose(page, "one")
    lock(page)
    page.locator("summary").click()
    press(page, "Delete all notes and begin again")
    press(page, "Keep them")
    assert stored_texts(stage, alice) == ["one"]
    press(page, "Delete all notes and begin again")
    press(page, "Delete them all")
    expect_view(page, "begin")
    with stage.app.app_context():
        assert find_notes(alice.id).notes == {}
        db.session.remove()


def test_five_minutes_without_a_touch_lock_it(stage: Stage, alice: Person, device: Open) -> None:
    page = device()
    page.clock.install()
    begin(stage, page, alice)
    press(page, "Write a note")
    words(page).fill("half a sent")
    page.clock.run_for(1_000)
    expect_saved(page)
    page.clock.fast_forward(4 * 60_000)
    words(page).press("End")
    page.clock.fast_forward(4 * 60_000)
    expect_view(page, "write")
    page.clock.fast_forward(61_000)
    expect_view(page, "locked")
    assert "half a sent" not in page.content()
    expect(page.locator("[data-waiting]")).to_be_hidden()
    unlock(page)
    expect_view(page, "list")
    assert stored_texts(stage, alice) == ["half a sent"]


def test_a_sleeping_phone_that_wakes_after_hours_is_locked_at_the_first_touch(
    stage: Stage, alice: Person, device: Open
) -> None:
    page = device()
    page.clock.install()
    begin(stage, page, alice)
    page.clock.set_system_time("2099-01-01")  # time went by, and no timer ran
    page.evaluate("document.dispatchEvent(new PointerEvent('pointerdown', { bubbles: true }))")
    expect_view(page, "locked")


def turn_away(page: Page, state: str) -> None:
    page.evaluate(
        """(state) => {
          Object.defineProperty(document, "visibilityState", { value: state, configurable: true });
          document.dispatchEvent(new Event("visibilitychange"));
        }""",
        state,
    )


def test_a_minute_out_of_sight_locks_it_and_what_was_typed_is_saved(stage: Stage, alice: Person, device: Open) -> None:
    page = device()
    page.clock.install(time="2099-01-01T00:00:00Z")
    begin(stage, page, alice)
    press(page, "Write a note")
    page.clock.pause_at("2099-01-01T00:03:00Z")  # so that no pause in typing saves
    words(page).fill("typed just before")
    turn_away(page, "hidden")
    until(lambda: stored_texts(stage, alice) == ["typed just before"])
    page.clock.fast_forward(50_000)
    turn_away(page, "visible")
    expect_view(page, "write")
    turn_away(page, "hidden")
    page.clock.fast_forward(61_000)
    turn_away(page, "visible")
    expect_view(page, "locked")


def test_words_without_a_connection_outlast_locking_and_are_saved_later(
    stage: Stage, alice: Person, device: Open
) -> None:
    page = device()
    page.clock.install()
    begin(stage, page, alice)
    compose_with_clock(page, "first")
    page.context.set_offline(True)
    words(page).fill("first, and typed in the tunnel")
    page.clock.run_for(1_000)
    expect(page.locator("[data-status]")).to_contain_text("Your words are still here.")
    page.clock.fast_forward(6 * 60_000)
    expect_view(page, "locked")
    expect(page.locator("[data-waiting]")).to_be_visible()
    assert "tunnel" not in page.content()
    unlock(page)
    expect(words(page)).to_have_value("first, and typed in the tunnel")
    assert stored_texts(stage, alice) == ["first"]
    page.context.set_offline(False)
    page.clock.run_for(60_000)
    expect_saved(page)
    assert stored_texts(stage, alice) == ["first, and typed in the tunnel"]


def compose_with_clock(page: Page, text: str) -> None:
    press(page, "Write a note")
    words(page).fill(text)
    page.wait_for_timeout(100)
    page.clock.run_for(1_000)
    expect_saved(page)


def test_words_that_wait_are_saved_even_while_the_page_is_locked(stage: Stage, alice: Person, page: Page) -> None:
    compose(page, "first")
    page.context.set_offline(True)
    words(page).fill("second")
    expect(page.locator("[data-status]")).to_contain_text("Your words are still here.")
    lock(page)
    expect(page.locator("[data-waiting]")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-waiting]")).to_be_hidden()
    assert stored_texts(stage, alice) == ["second"]


def test_leaving_the_page_locks_it(page: Page) -> None:
    compose(page, "words")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    expect_view(page, "locked")
    assert page.locator("#note-text").input_value() == ""
    page.get_by_label("Your passphrase").fill(PASSPHRASE)
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    expect(page.get_by_label("Your passphrase")).to_have_value("")


def test_unsaved_words_do_not_go_without_a_question_but_help_is_always_open(stage: Stage, page: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    compose(page, "first")
    page.route("**/notes/*", lambda route: route.abort())
    words(page).press("End")
    words(page).press_sequentially(", second")
    page.get_by_role("link", name="Guide", exact=True).click(no_wait_after=True)
    until(lambda: page.evaluate("1") and asked)
    expect(words(page)).to_have_value("first, second")
    page.get_by_role("link", name="Help", exact=True).click()
    page.wait_for_url("**/help/")
    assert asked == ["beforeunload"]


def test_the_way_out_keeps_what_was_typed_and_leaves_at_once(stage: Stage, alice: Person, phone: Page) -> None:
    begin(stage, phone, alice)
    press(phone, "Write a note")
    words(phone).fill("typed at the last moment")
    phone.wait_for_timeout(50)
    press(phone, "Leave this page")
    phone.wait_for_url(WEATHER)
    until(lambda: stored_texts(stage, alice) == ["typed at the last moment"])
    until(lambda: alice.get("/notes/").status_code == 303)


def test_a_page_does_not_conflict_with_its_own_save_whose_answer_was_lost(
    stage: Stage, alice: Person, page: Page
) -> None:
    compose(page, "first")
    page.route(re.compile(r"/notes/\d+$"), lambda route: (route.fetch(), route.abort()), times=1)
    words(page).fill("second")
    expect(page.locator("[data-status]")).to_contain_text("Not saved yet")
    assert stored_texts(stage, alice) == ["second"]
    words(page).fill("third")
    expect_saved(page)
    assert stored_texts(stage, alice) == ["third"]


def test_the_key_cannot_be_read_out_and_nothing_random_comes_twice(stage: Stage, alice: Person, device: Open) -> None:
    page = device()
    page.add_init_script("""
      window.seen = [];
      for (const name of ["importKey", "deriveKey", "encrypt"]) {
        const real = crypto.subtle[name].bind(crypto.subtle);
        crypto.subtle[name] = (...given) => {
          const { salt, iv, iterations } = { ...given[0] };
          seen.push({ name, salt: [...salt ?? []], iv: [...iv ?? []], iterations, kept: given[3] });
          return real(...given);
        };
      }
    """)
    begin(stage, page, alice)
    compose(page, "first")
    for number in range(5):
        words(page).fill(f"words {number}")
        expect_saved(page)
    press(page, "Done")
    change_passphrase(page, PASSPHRASE, OTHER)
    expect(page.get_by_text("From now on")).to_be_visible()
    seen = page.evaluate("seen")
    made = [one for one in seen if one["name"] == "deriveKey"]
    assert [one["kept"] for one in made] == [False, False, False], "no key may be exported"
    assert {one["iterations"] for one in made} == {600_000}
    salts = [tuple(one["salt"]) for one in made]
    assert (len(salts[0]), salts[0], len(set(salts))) == (16, salts[1], 2), (
        "the second only opens what the first locked"
    )
    nonces = [tuple(one["iv"]) for one in seen if one["name"] == "encrypt"]
    assert {len(nonce) for nonce in nonces} == {12}
    assert len(set(nonces)) == len(nonces) >= 9


def test_two_devices_show_both_texts_and_lose_none(stage: Stage, alice: Person, page: Page, device: Open) -> None:
    compose(page, "first", "Title")
    laptop = device()
    stage.sign_in(laptop, alice)
    stage.open(laptop, "/notes/")
    unlock(laptop)
    laptop.get_by_role("button", name="Title").click()
    laptop.get_by_label("Words").fill("from the laptop")
    expect_saved(laptop)
    words(page).fill("from the phone")
    expect(page.locator("[data-status]")).to_have_text("Changed on another device: both texts are here.")
    expect(page.locator(".elsewhere")).to_contain_text("from the laptop")
    expect(words(page)).to_have_value("from the phone")
    assert stored_texts(stage, alice) == ["from the laptop"]
    press(page, "Done")
    expect(page.locator("[data-status]")).to_have_text("Choose first which text to keep.")
    press(page, "Keep both")
    expect_saved(page)
    assert stored_texts(stage, alice) == ["from the laptop\n\nfrom the phone"]


def test_a_note_deleted_on_another_device_is_kept_as_a_new_one_if_wanted(
    stage: Stage, alice: Person, page: Page
) -> None:
    compose(page, "first")
    change_row(stage, delete(Note).where(Note.member_id == alice.id))
    words(page).fill("second")
    expect(page.get_by_text("This note was deleted on another device.")).to_be_visible()
    press(page, "Keep it as a new note")
    expect_saved(page)
    assert stored_texts(stage, alice) == ["second"]


def test_a_passphrase_changed_on_another_device_costs_no_word(
    stage: Stage, alice: Person, page: Page, device: Open
) -> None:
    compose(page, "first")
    laptop = device()
    stage.sign_in(laptop, alice)
    stage.open(laptop, "/notes/")
    unlock(laptop)
    change_passphrase(laptop, PASSPHRASE, OTHER)
    expect_view(laptop, "list")
    words(page).fill("second")
    expect_view(page, "locked")
    expect(page.get_by_text("The passphrase was changed on another device.")).to_be_visible()
    unlock(page, OTHER)
    expect(page.get_by_text("locked with the passphrase of before")).to_be_visible()
    unlock(page)
    expect(page.get_by_text("Now the new passphrase.")).to_be_visible()
    unlock(page, OTHER)
    expect(words(page)).to_have_value("second")
    expect_saved(page)
    assert stored_texts(stage, alice, OTHER) == ["second"]


def test_all_notes_deleted_on_another_device_cost_no_word_that_waits_here(
    stage: Stage, alice: Person, page: Page
) -> None:
    compose(page, "first")
    page.context.set_offline(True)
    words(page).fill("second")
    lock(page)
    for table in (Note, NoteLock):
        change_row(stage, delete(table).where(table.member_id == alice.id))
    page.context.set_offline(False)
    unlock(page, OTHER)
    expect(page.get_by_text("locked with the passphrase of before")).to_be_visible()
    unlock(page)
    expect_view(page, "begin")
    page.get_by_label("A passphrase").fill(OTHER)
    page.get_by_label("The same once more").fill(OTHER)
    press(page, "Begin")
    expect(words(page)).to_have_value("second")
    press(page, "Keep it as a new note")
    expect_saved(page)
    assert stored_texts(stage, alice, OTHER) == ["second"]


def test_when_the_sign_in_ends_the_words_stay_and_are_saved_after_signing_in(
    stage: Stage, alice: Person, page: Page
) -> None:
    compose(page, "first")
    page.context.clear_cookies(name="sign-in")
    words(page).fill("typed signed out")
    expect(page.locator("[data-status]")).to_have_text("You are signed out. Your words are still here.")
    expect(words(page)).to_have_value("typed signed out")
    with page.context.expect_page() as opening:
        page.get_by_role("link", name="Sign in in a new tab").click()
    tab = opening.value
    tab.get_by_label("Address").fill(alice.email)
    tab.get_by_label("Password").fill(PASSWORD)
    press(tab, "Sign in")
    tab.wait_for_url("**/notes/")
    tab.close()
    page.bring_to_front()
    turn_away(page, "visible")
    expect_saved(page)
    assert stored_texts(stage, alice) == ["typed signed out"]


def test_what_was_written_does_not_get_into_anothers_notes(stage: Stage, alice: Person, page: Page) -> None:
    charlie = stage.solo("Charlie")
    compose(page, "first")
    stage.sign_in(page, charlie)
    words(page).fill("typed by Alice")
    expect(page.locator("[data-status]")).to_contain_text("Somebody else is signed in here now.")
    expect(words(page)).to_have_value("typed by Alice")
    with stage.app.app_context():
        assert db.session.execute(select(Note).where(Note.member_id == charlie.id)).all() == []
        db.session.remove()


def test_a_note_that_is_too_long_says_so_and_stays(stage: Stage, alice: Person, page: Page) -> None:
    compose(page, "first")
    words(page).evaluate(
        "(area) => { area.value = 'ü'.repeat(21000); area.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    expect(page.locator("[data-status]")).to_contain_text("this note is too long")
    press(page, "Done")
    expect_view(page, "write")
    assert stored_texts(stage, alice) == ["first"]
    words(page).evaluate(
        "(area) => { area.value = 'ü'.repeat(20000); area.dispatchEvent(new Event('input', { bubbles: true })); }"
    )
    expect_saved(page)
    assert stored_texts(stage, alice) == ["ü" * 20_000]


def test_a_server_killed_right_after_saved_has_the_note(own_server: Server, device: Open) -> None:
    with backstage(own_server) as app:
        stage = Stage(own_server, app)
        alice, page = stage.solo(), device()
        begin(stage, page, alice)
        for round in range(3):
            if round:
                unlock(page)
                page.get_by_role("button", name="The mill pond").click()
                words(page).fill(f"round {round}")
                expect_saved(page)
            else:
                compose(page, "round 0", "The mill pond")
            own_server.kill()
            assert stored_texts(stage, alice) == [f"round {round}"]
            own_server.start()
            page.reload()
        unlock(page)
        page.get_by_role("button", name="The mill pond").click()
        expect(words(page)).to_have_value("round 2")


CANARY_TITLE, CANARY, CANARY_PASSPHRASE = "nightjar-title", "persimmon-canary", "tamarind saddle Grüße"


def test_neither_a_word_nor_the_passphrase_leaves_the_browser(
    own_server: Server, open_phone: Open, tmp_path: Path
) -> None:
    sent: list[str] = []

    def note_down(request: Request) -> None:
        sent.append(f"{request.url} {request.headers} {request.post_data or ''}")

    with backstage(own_server) as app:
        stage, page = Stage(own_server, app), open_phone()
        alice = stage.solo()
        page.context.on("request", note_down)
        stage.sign_in(page, alice)
        stage.open(page, "/notes/")
        page.evaluate("navigator.serviceWorker.ready.then(() => null)")
        page.reload()  # from here on, everything goes through the worker
        assert page.evaluate("navigator.serviceWorker.controller !== null")
        page.get_by_label("A passphrase").fill(CANARY_PASSPHRASE)
        page.get_by_label("The same once more").fill(CANARY_PASSPHRASE)
        press(page, "Begin")
        compose(page, f"{CANARY} is only for me", CANARY_TITLE)
        press(page, "Done")
        change_passphrase(page, CANARY_PASSPHRASE, f"{CANARY_PASSPHRASE} anew")
        expect(page.get_by_text("From now on")).to_be_visible()
        kept = page.evaluate(KEPT)
        backup = subprocess.run(
            [sys.executable, "-m", "flask", "--app", "wsgi", "backup", str(tmp_path / "backup")],
            cwd=ROOT,
            env=os.environ | {"INSTANCE_PATH": str(own_server.folder)},
            capture_output=True,
            text=True,
            check=True,
        )
        (copy,) = (tmp_path / "backup").iterdir()
        with closing(sqlite3.connect(copy)) as database:
            dump = "\n".join(database.iterdump())
        note = re.search(r"1\.[\w+/]{16}\.[\w+/]{100,}={0,2}", dump)
        assert note, "the search itself finds what is locked"
        assert any("envelope" in one and note[0][:20] for one in sent)
        assert stored_texts(stage, alice, f"{CANARY_PASSPHRASE} anew") == [f"{CANARY} is only for me"]
        files = [path for path in own_server.folder.rglob("*") if path.is_file()]
        assert {"same-side.sqlite", "same-side.sqlite-wal", "server.log"} <= {path.name for path in files}
        everywhere = {path.name: path.read_bytes() for path in [*files, copy]}
        everywhere |= {"dump": dump.encode(), "backup": backup.stdout.encode() + backup.stderr.encode()}
        everywhere |= {"requests": "\n".join(sent).encode(), "kept in the browser": json.dumps(kept).encode()}
        for name, content in everywhere.items():
            for canary in (CANARY, CANARY_TITLE, CANARY_PASSPHRASE, "tamarind", json.dumps(CANARY_PASSPHRASE)[1:-1]):
                assert canary.encode() not in content, (name, canary)
        assert kept["caches"], "the worker keeps public pages"
        assert not [address for address, _ in kept["caches"] if "/notes/" in address]
        assert "envelope" not in kept["rest"]
        shutil.rmtree(tmp_path / "backup")


def test_without_a_script_a_sentence_says_why_there_are_no_notes(stage: Stage, alice: Person, device: Open) -> None:
    page = device(java_script_enabled=False)
    stage.sign_in(page, alice)
    stage.open(page, "/notes/")
    expect(page.get_by_text("that takes JavaScript")).to_be_visible()
    expect(page.get_by_text("does not begin with https")).to_be_hidden()
    expect(page.locator("[data-notes]")).to_be_hidden()
    press(page, "Leave this page")


def test_an_address_without_https_gets_a_sentence_too(tmp_path: Path, playwright: Playwright) -> None:
    server = Server(tmp_path, BASE_URL="http://same-side.test")
    server.start()
    args = [*FLAGS, "--host-resolver-rules=MAP same-side.test 127.0.0.1"]
    try:
        with backstage(server) as app, playwright.chromium.launch(executable_path=CHROMIUM, args=args) as browser:
            cookie = Stage(server, app).solo().client.get_cookie("sign-in")
            assert cookie is not None
            page = browser.new_page()
            address = f"http://same-side.test:{server.port}"
            page.context.add_cookies([{"name": "sign-in", "value": cookie.value, "url": address}])
            page.goto(f"{address}/notes/")
            expect(page.get_by_text("the address does not begin with https")).to_be_visible()
            expect(page.get_by_text("that takes JavaScript")).to_be_hidden()
            expect(page.locator("[data-notes]")).to_be_hidden()
    finally:
        server.stop()


def test_a_server_that_cannot_be_reached_at_first_can_be_asked_again(stage: Stage, alice: Person, device: Open) -> None:
    page = device()
    stage.sign_in(page, alice)
    page.route("**/notes/all", lambda route: route.abort())
    stage.open(page, "/notes/")
    expect(page.get_by_text("The server cannot be reached just now.")).to_be_visible()
    page.unroute("**/notes/all")
    press(page, "Try again")
    expect_view(page, "begin")


def first_passphrase(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page, "/notes/")
    page.get_by_label("A passphrase").fill("short")
    press(page, "Begin")
    page.get_by_text("Take at least 12").wait_for()


def some_notes(stage: Stage, page: Page) -> Person:
    alice = stage.solo()
    begin(stage, page, alice)
    for title in ("The mill pond", "Donaudampfschifffahrtsgesellschaftskapitän"):
        compose(page, "A heron stood there. " * 20, title)
        press(page, "Done")
        expect_view(page, "list")
    return alice


def a_note(stage: Stage, page: Page) -> None:
    some_notes(stage, page)
    page.locator(".entry").first.click()
    press(page, "Delete this note")


def both_texts(stage: Stage, page: Page) -> None:
    alice = stage.solo()
    begin(stage, page, alice)
    compose(page, "A heron stood there. " * 5, "The mill pond")
    with stage.app.app_context():
        (note,) = find_notes(alice.id).notes.values()
        db.session.remove()
    change_row(stage, update(Note).where(Note.member_id == alice.id).values(version=9, envelope=note.envelope))
    words(page).fill("from here")
    page.get_by_role("button", name="Keep both").wait_for()


def signed_out(stage: Stage, page: Page) -> None:
    some_notes(stage, page)
    page.locator(".entry").first.click()
    page.context.clear_cookies(name="sign-in")
    words(page).fill("from here")
    page.get_by_text("Sign in in a new tab").wait_for()


def locked(stage: Stage, page: Page) -> None:
    some_notes(stage, page)
    lock(page)
    unlock(page, OTHER)
    page.get_by_text("does not open").wait_for()
    page.locator("summary").click()
    press(page, "Delete all notes and begin again")


def locked_with_words(stage: Stage, page: Page) -> None:
    signed_out(stage, page)
    lock(page)
    expect(page.locator("[data-waiting]")).to_be_visible()


def changing(stage: Stage, page: Page) -> None:
    some_notes(stage, page)
    change_passphrase(page, OTHER, PASSPHRASE)
    page.get_by_text("This is not the passphrase you have now.").wait_for()


def damaged(stage: Stage, page: Page) -> None:
    alice = some_notes(stage, page)
    lock(page)
    change_row(stage, update(Note).where(Note.member_id == alice.id).values(envelope=f"1.{'A' * 16}.{'A' * 1400}"))
    unlock(page)
    page.get_by_role("button", name="This note cannot be opened").first.click()


STATES: tuple[Callable[[Stage, Page], object], ...] = (
    first_passphrase,
    some_notes,
    a_note,
    both_texts,
    signed_out,
    locked,
    locked_with_words,
    changing,
    damaged,
)


@pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)
def test_the_page_has_no_fault_in(stage: Stage, device: Open, reach: Callable[[Stage, Page], object]) -> None:
    page = device()
    reach(stage, page)
    page.evaluate("scrollTo(0, 0)")  # the way out stays on top of what is scrolled beneath it
    expect_no_fault(page)
