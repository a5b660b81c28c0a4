"""Twelve ways to turn the app against a partner, and what it promises for each."""

import html
import logging
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.db import db
from tests.agreements.conftest import SENTENCE, WEEKS, agree, ids, listed, look_back, made_by, reveal, text_of
from tests.checkin.conftest import Sheet
from tests.conftest import MONDAY_MORNING, PASSWORD, Person, link, make_app, make_person, without_tokens
from tests.notes.conftest import notebook_of
from tests.reminders.conftest import SUNDAY_EVENING, Ledger

DRAFT, REVEALED, THOUGHT, NOTE = "quince-canary", "medlar-canary", "bullace-canary", "damson-canary"
LEAVE = {"confirm": "leave"}
NEW = "another window seat"


def invitation_of(person: Person) -> str:
    """Have somebody make an invitation; returns its path."""
    person.post("/space/invitations")
    found = re.search(r'data-invitation href="[^"]*(/invitation/[^"]+)"', person.text("/space/"))
    return html.unescape(found[1])


# 1. The partner knows the password, or holds the unlocked phone.


def test_1_an_unlocked_phone_opens_no_locked_note_and_takes_nothing_along_without_the_password(
    alice: Person, bob: Person
) -> None:
    notebook_of(alice).write(NOTE)
    pages = [alice.text(address) for address in ("/notes/", "/check-in/", "/space/", "/settings/")]
    assert NOTE not in "".join(pages) + alice.get("/notes/all").get_data(as_text=True)
    for address in ("/settings/export", "/settings/delete", "/settings/password"):
        answer = alice.post(
            address, {"confirm": "delete", "password": "a guess", "current_password": "a guess", "new_password": NEW}
        )
        assert answer.status_code == 422, address


def test_1_who_was_signed_in_with_a_known_password_is_out_once_it_is_changed(app: Flask, alice: Person) -> None:
    intruder = app.test_client()
    known = {"email": alice.email, "password": PASSWORD}
    assert Person(alice.id, "", "", intruder).post("/sign-in", known).status_code == 303
    assert intruder.get("/check-in/").status_code == 200
    assert "a test" in alice.text("/settings/"), "the page names every device that is signed in"
    alice.post("/settings/password", {"current_password": PASSWORD, "new_password": NEW})
    assert intruder.get("/check-in/").status_code == 303
    assert alice.get("/check-in/").status_code == 200


# 2. The partner runs the server.


def test_2_whoever_runs_the_server_reads_no_word_in_its_files_or_logs(
    tmp_path: Path, clock: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server = make_app(tmp_path)
    ana, ben = make_person(server, "Ana"), make_person(server, "Ben")
    link(server, ana, ben)
    reveal(ana)
    Sheet(ben).submit(REVEALED)
    clock.move_to(WEEKS[0])
    Sheet(ana).save(DRAFT)
    ana.post("/thoughts/", {"words": THOUGHT})
    notebook_of(ana).write(NOTE)
    with server.app_context():
        db.engine.dispose()
    files = {path.name: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for word in (DRAFT, REVEALED, THOUGHT, NOTE):
        assert [name for name, held in files.items() if word.encode() in held] == []
        assert word not in caplog.text
    assert [name for name, held in files.items() if b"ana@example.org" in held], "the search finds what is readable"


def test_2_the_page_says_who_could_read_what_and_that_notes_are_locked_in_the_browser(client: Any) -> None:
    said = re.sub(r"\s+", " ", client.get("/about/").get_data(as_text=True))
    assert "whoever runs this server" in said.lower()
    assert "passphrase" in said


# 3. The partner guesses the address of next week, or an id.


def test_3_no_guessed_address_opens_a_week_that_is_not_theirs(alice: Person, bob: Person, charlie: Person) -> None:
    Sheet(alice).save(DRAFT)
    week = int(Sheet(alice).hidden["check-in"])
    mine = without_tokens(bob.get(f"/check-in/{week}"))
    for number in (1, week - 1, week + 1, 2**63 - 1, 2**63, int(Sheet(charlie).hidden["check-in"])):
        for address in (f"/check-in/{number}", f"/check-in/{number}/together"):
            assert bob.get(address).status_code == 404, address
    assert charlie.get(f"/check-in/{week}").status_code == 404
    assert DRAFT not in mine + bob.text(f"/check-in/{week}/together") + bob.text("/check-in/")


def test_3_the_number_of_one_week_tells_nothing_of_the_next(clock: Any, alice: Person, bob: Person) -> None:
    numbers = [int(Sheet(alice).hidden["check-in"])]
    for moment in WEEKS:
        clock.move_to(moment)
        numbers.append(int(Sheet(alice).hidden["check-in"]))
    steps = {abs(after - before) for before, after in zip(numbers, numbers[1:], strict=False)}
    assert min(steps) > 2**32


# 4. The partner reads the preview of a mail on the lock screen.


def test_4_a_mail_on_the_lock_screen_is_the_same_whatever_was_written(
    app: Flask, clock: Any, alice: Person, bob: Person, outbox: Any
) -> None:
    ledger = Ledger(app)
    ledger.open()
    Sheet(bob).save(DRAFT)
    clock.move_to(SUNDAY_EVENING)
    ledger.remind()
    mails = [mail for mail in outbox() if mail["To"] == alice.email]
    assert [mail["Subject"] for mail in mails] == ["Your weekly reminder"]
    preview = re.sub(r"https?://\S+", "", mails[0].get_body(("plain",)).get_content().lower())
    assert not re.search(r"\b(bob|alice|partner|marriage|couple|answer|check-in|waiting|same side)\b", preview)
    assert DRAFT not in mails[0].as_string()


# 5. The partner demands to be linked, or to see private notes.


def test_5_who_was_made_to_share_a_space_shares_nothing_from_before_and_leaves_in_one_step(
    alice: Person, sam: Person
) -> None:
    alice.post("/thoughts/", {"words": THOUGHT})
    Sheet(alice).submit(REVEALED)
    alice.post(invitation_of(sam))
    pages = ("/check-in/", "/check-in/history", "/space/", "/thoughts/", "/agreements/")
    seen = "".join(sam.text(address) for address in pages)
    assert "Alice" in seen
    assert REVEALED not in seen
    assert THOUGHT not in seen
    assert alice.post("/space/leave", LEAVE).status_code == 303
    assert alice.get("/space/leave").status_code == 404, "there is nothing left to leave"


def test_5_the_page_of_the_notes_is_the_same_whether_there_are_any(app: Flask, clock: Any) -> None:
    """Without the script, which asks for the passphrase first."""
    person = make_person(app, "Ana")
    empty = without_tokens(person.get("/notes/")), without_tokens(person.get("/space/"))
    notebook_of(person).write(NOTE)
    assert (without_tokens(person.get("/notes/")), without_tokens(person.get("/space/"))) == empty


# 6. The partner floods the other with questions of their own wording.


def test_6_questions_come_one_a_day_and_three_at_most_and_none_is_asked_that_was_declined(
    app: Flask, clock: Any, alice: Person, bob: Person
) -> None:
    for day in range(1, 6):
        for words in (f"Where were you, sloe-canary {day}?", f"And with whom, sloe-canary {day}?"):
            bob.post("/space/prompts", {"words": words})
        clock.move_to(MONDAY_MORNING + timedelta(days=day))
    offered = alice.text("/space/prompts")
    assert offered.count("sloe-canary") == 3
    waits = without_tokens(bob.get("/space/prompts"))
    for number in set(re.findall(r"/space/prompts/(\d+)/decline", offered)):
        assert alice.post(f"/space/prompts/{number}/decline").status_code == 303
    assert "sloe-canary" not in alice.text("/space/prompts")
    assert without_tokens(bob.get("/space/prompts")) == waits, "nothing tells that they were declined"
    for week in range(1, 10):
        clock.move_to(MONDAY_MORNING + timedelta(weeks=week))
        assert "sloe-canary" not in alice.text("/check-in/") + bob.text("/check-in/")


# 7. The partner edits last month's agreement.


def test_7_an_agreement_cannot_be_edited_and_every_wording_stays_on_the_page(
    clock: Any, alice: Person, bob: Person
) -> None:
    made = made_by(alice, bob)
    clock.move_to(WEEKS[0])
    assert look_back(bob, made, "changed", when="never", will="do it").status_code == 404
    look_back(alice, made, "changed", when="it is Monday", will="call you")
    assert "it is Monday" not in bob.text("/agreements/")
    reveal(alice, bob)
    for person in (alice, bob):
        assert "When it is Monday, I will call you." in text_of(person.text("/agreements/"))
        assert SENTENCE in text_of(person.text("/agreements/")), "what it said before stays beside it"


# 8. The partner deletes the couple, or the account, to destroy evidence.


@pytest.mark.parametrize("way", ["leave", "delete"])
def test_8_nobody_can_take_from_the_other_what_was_revealed_to_them(alice: Person, bob: Person, way: str) -> None:
    Sheet(bob).submit(REVEALED)
    reveal(alice)
    agree(bob)
    week = re.search(r'href="(/check-in/\d+)"', alice.text("/check-in/history"))[1]
    if way == "leave":
        bob.post("/space/leave", LEAVE)
    else:
        assert bob.post("/settings/delete", {"password": PASSWORD, "confirm": "delete"}).status_code == 303
    assert REVEALED in alice.text(week)
    assert week in alice.text("/check-in/history")
    assert listed(alice) == ([], [SENTENCE])


# 9. The former partner invites again.


def test_9_an_invitation_of_a_former_partner_does_nothing_until_one_accepts_it(
    clock: Any, alice: Person, bob: Person, outbox: Any
) -> None:
    alice.post("/space/leave", LEAVE)
    clock.move_to(MONDAY_MORNING + timedelta(days=31))
    pages = ("/check-in/", "/space/", "/check-in/history", "/settings/")
    alice.text("/check-in/")
    before = [without_tokens(alice.get(address)) for address in pages]
    for _ in range(3):
        path = invitation_of(bob)
    assert [without_tokens(alice.get(address)) for address in pages] == before
    assert outbox() == []
    assert alice.get(path).status_code == 200
    assert [without_tokens(alice.get(address)) for address in pages] == before, "looking at it accepts nothing"
    assert alice.get("/space/leave").status_code == 404, "she is on her own still"


# 10. The partner takes pictures of what was revealed.


def test_10_before_the_first_reveal_and_then_no_more_the_page_says_that_the_other_can_keep_it(
    clock: Any, alice: Person, bob: Person
) -> None:
    for person, other in ((alice, bob), (bob, alice)):
        assert f"Once it opens, {other.name} can keep what you wrote, as with a letter." in person.text("/check-in/")
    reveal(alice, bob)
    clock.move_to(WEEKS[0])
    assert "as with a letter" not in alice.text("/check-in/")


# 11. An agreement is used as a contract: "you agreed".


@pytest.mark.parametrize("who", ["its maker", "the other"])
def test_11_either_withdraws_any_agreement_in_one_step_without_a_reason_and_who_did_is_nowhere(
    alice: Person, bob: Person, who: str
) -> None:
    made = made_by(alice, bob)
    person = alice if who == "its maker" else bob
    assert person.post(f"/agreements/{made}/withdraw").status_code == 303
    person.text("/agreements/")  # takes away the sentence that says it is done
    for reader in (alice, bob):
        assert listed(reader) == ([], [SENTENCE])
        assert ids(reader) == []
        assert not re.search(r"withdrawn by|broke|contract|signed", text_of(reader.text("/agreements/")), re.I)


# 12. The chart is used as proof: "your score fell".


def test_12_a_chart_and_the_ratings_behind_it_are_ones_own_for_ever(clock: Any, app: Flask) -> None:
    seen = []
    for name, rating in (("Low", "1"), ("Top", "7")):
        writer, other = make_person(app, f"Ana{name}"), make_person(app, f"Ben{name}")
        link(app, writer, other)
        Sheet(writer).submit("a word", **{"rating-together": rating, "rating-understood": rating})
        reveal(other)
        seen.append(re.sub(r"\d{12,}", "", text_of(other.text("/check-in/history"))).replace(name, ""))
        assert "<table" in writer.text("/check-in/history")
        assert "<table" not in other.text("/check-in/history"), "who rates nothing has no chart"
    assert seen[0] == seen[1], "what the other gave shows nowhere"
