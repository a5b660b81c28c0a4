"""R1, against every route: nobody receives a byte of a partner's entry before both have submitted."""

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event

from app.checkin.access import _ANSWERS
from app.checkin.records import export_check_ins
from app.db import db, read
from tests.conftest import Person, link, make_person, without_tokens

CANARIES = ("quince-canary", "medlar-canary", "damson-canary")
THOUGHT = "bullace-canary"  # kept for an answer, and in none yet
REWORDED = "azarole-canary"  # what an agreement is to say from the reveal on


def addresses(app: Flask, person: Person) -> list[str]:
    """Every GET address of the app, with what this person could know or guess put into its variables."""
    known = re.findall(r'name="check-in" value="(\d+)"', person.text("/check-in/"))
    values = {"check_in_id": known[0] if known else "1", "slug": "trust", "reading": "wife", "filename": "css/app.css"}
    values["agreement_id"] = next(iter(re.findall(r"/agreements/(\d+)/", person.text("/agreements/"))), "1")
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods:
            address = rule.rule
            for name in rule.arguments:
                address = re.sub(rf"<(?:[^<>:]+:)?{name}>", values.get(name, "unknown"), address)
            found.append(address)
    return sorted(set(found))


def everything(app: Flask, person: Person) -> dict[str, str]:
    """What every route says to this person: status, headers and body, as a page and as JSON, tokens aside."""
    person.get("/check-in/")  # opens what is due, and takes away the sentence that a save left for the next page
    seen = {}
    for address in addresses(app, person):
        for accept in ("text/html", "application/json"):
            seen[f"{address} as {accept}"] = without_tokens(person.get(address, headers={"Accept": accept}))
    seen["POST /check-in/"] = without_tokens(person.post("/check-in/", {"action": "save", "rating-together": ""}))
    person.get("/check-in/")
    return seen


@pytest.fixture
def couple(either_app):
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    return either_app, ana, ben


def write(sheet, person, how: str) -> None:
    page = sheet(person)
    ratings = {"rating-together": "7", "rating-understood": "1"}
    getattr(page, how)(*CANARIES, **ratings)
    assert person.post("/thoughts/", {"words": THOUGHT}).status_code == 303
    assert THOUGHT in person.text("/thoughts/")


@pytest.mark.parametrize("how", ["save", "submit"])
def test_every_answer_is_the_same_whether_the_partner_has_written_or_not(couple, sheet, how):
    app, ana, ben = couple
    ana.get("/check-in/")
    before = everything(app, ben)
    write(sheet, ana, how)
    after = everything(app, ben)
    assert after == before
    assert not any(canary in answer for answer in after.values() for canary in (*CANARIES, THOUGHT))


def test_a_thought_stays_its_writers_after_the_reveal(couple, sheet):
    app, ana, ben = couple
    write(sheet, ana, "submit")
    sheet(ben).submit("bens word")
    seen = everything(app, ben)
    assert all(any(canary in answer for answer in seen.values()) for canary in CANARIES)
    assert not any(THOUGHT in answer for answer in seen.values())
    assert THOUGHT in ana.text("/thoughts/")


TOPICS = ("forgiveness", "physical-intimacy")


@pytest.mark.parametrize("mine", [(), TOPICS[:1], TOPICS], ids=["nothing on", "one on", "both on"])
def test_every_answer_is_the_same_whatever_the_partner_has_switched_on(couple, mine):
    app, ana, ben = couple
    ben.post("/space/topics", {"topics": list(mine)})
    ben.get("/space/topics")
    before = everything(app, ben)
    assert before["/space/topics as text/html"].count(" checked") == len(mine)
    for topics in (TOPICS, TOPICS[:1], TOPICS[1:], ()):
        assert ana.post("/space/topics", {"topics": list(topics)}).status_code == 303
        assert everything(app, ben) == before


def test_a_week_opens_with_the_same_statements_whatever_the_partner_has_switched_on(couple, clock):
    """Ben has nothing on, so Ana's choice moves no question and no statement when a week opens."""
    app, ana, ben = couple
    ben.get("/check-in/")
    seen: list[str] = []

    def note(connection, cursor, statement, *_):
        seen.append(statement)

    with app.app_context():
        engine = db.engine
    openings = []
    for day, topics in (("2026-12-07", TOPICS), ("2026-12-14", ()), ("2026-12-21", TOPICS)):
        clock.move_to(f"{day}T09:00:00+00:00")
        ana.post("/space/topics", {"topics": list(topics)})
        seen.clear()
        event.listen(engine, "before_cursor_execute", note)
        try:
            page = ben.text("/check-in/")
        finally:
            event.remove(engine, "before_cursor_execute", note)
        openings.append([*seen])
        assert not re.search(r"answer-(forgiveness|physical-intimacy)", page)
    assert any(statement.startswith("INSERT INTO check_in") for statement in openings[0])
    assert openings[0] == openings[1] == openings[2]


@pytest.fixture
def agreed(couple, sheet, clock):
    """The couple in a new week, with an agreement of Ana's in the one before; its id."""
    _, ana, ben = couple
    for person in (ana, ben):
        sheet(person).submit("a word")
    ana.post("/check-in/agree", {"when": "it rains", "will": "come"})
    clock.move_to("2026-12-07T09:00:00+00:00")
    return re.search(r"/agreements/(\d+)/withdraw", ana.text("/agreements/"))[1]


@pytest.mark.parametrize("outcome", ["done", "partly", "not", "changed", "dropped"])
def test_what_is_said_about_an_agreement_shows_nowhere_before_the_reveal(couple, agreed, sheet, outcome):
    app, ana, ben = couple
    before = everything(app, ben)
    assert any("When <bdi>it rains</bdi>" in answer for answer in before.values())
    said = {"outcome": outcome, "when": "it snows", "will": REWORDED}
    assert ana.post(f"/agreements/{agreed}/look-back", said).status_code == 303
    assert everything(app, ben) == before
    write(sheet, ana, "submit")
    assert everything(app, ben) == before
    assert (REWORDED in ana.text("/agreements/")) is (outcome == "changed")
    sheet(ben).submit("bens word")
    seen = "".join(everything(app, ben).values())
    assert (REWORDED in seen) is (outcome == "changed")


def test_having_submitted_shows_waiting_and_nothing_else(couple, sheet):
    app, ana, ben = couple
    write(sheet, ben, "submit")
    silent = everything(app, ben)
    sheet(ana).save(*CANARIES, **{"rating-together": "7"})
    assert everything(app, ben) == silent
    assert 'data-state="waiting"' in silent["/check-in/ as text/html"]


def test_taking_back_and_writing_again_shows_nothing(couple, sheet):
    app, ana, ben = couple
    ana.get("/check-in/")
    before = everything(app, ben)
    write(sheet, ana, "submit")
    ana.post("/check-in/take-back")
    assert everything(app, ben) == before


def test_a_closed_week_shows_nothing_of_the_other_for_ever(couple, sheet, clock):
    app, ana, ben = couple
    write(sheet, ana, "submit")
    week = sheet(ben).hidden["check-in"]
    sheet(ben).save("bens own draft")
    clock.move_to("2026-12-07T09:00:00+00:00")
    answers = everything(app, ben)
    closed = ben.text(f"/check-in/{week}")
    assert 'data-state="closed"' in closed
    assert "bens own draft" in closed
    assert not any(canary in text for text in [*answers.values(), closed] for canary in CANARIES)


@pytest.fixture
def left(couple, sheet, clock):
    """The couple in a new week. Of the one before, Ana had finished her part, and Ben has a draft; its address."""
    app, ana, ben = couple
    write(sheet, ana, "submit")
    week = f"/check-in/{sheet(ben).hidden['check-in']}"
    sheet(ben).save("bens own draft")
    clock.move_to("2026-12-07T09:00:00+00:00")
    return app, ana, ben, week


def everything_and(app, person, week: str) -> dict[str, str]:
    """What every route says to this person, and the pages of an earlier week, and their export."""
    seen = everything(app, person)
    for address in (week, f"{week}/share", f"{week}/together"):
        seen[address] = without_tokens(person.get(address))
    for verb in ("carry", "bring-back"):  # of a person who has nothing to carry or to bring back: refused
        seen[f"POST {verb}"] = without_tokens(person.post(f"{week}/{verb}", {"csrf_token": "old"}))
    with app.app_context():
        seen["export"] = str(export(person.id))
        db.session.remove()
    return seen


@pytest.mark.parametrize("verb", ["share", "carry", "delete"])
def test_what_one_does_with_a_week_that_was_left_shows_only_what_is_shared(left, sheet, clock, verb):
    app, ana, ben, week = left
    before = everything_and(app, ben, week)
    assert ana.get("/check-in/").status_code == ana.get(week).status_code == ana.get(f"{week}/share").status_code == 200
    assert everything_and(app, ben, week) == before
    assert ana.post(f"{week}/{verb}").status_code == 303
    after = everything_and(app, ben, week)
    changed = {address for address in before if after[address] != before[address]}
    if verb == "share":
        assert changed == {week, "/check-in/history as text/html", "/check-in/history as application/json", "export"}
        assert all(canary in after[week] for canary in CANARIES)
        assert "7 of 7" not in after[week]
        assert "'together': 7" not in after["export"]
        assert "bens own draft" not in "".join(everything_and(app, ana, week).values())
    else:
        assert changed == set()
    ana.post(f"{week}/bring-back")
    clock.shift(timedelta(minutes=20))
    assert everything_and(app, ben, week) == after
    for how in ("save", "submit"):
        write(sheet, ana, how)
        assert everything_and(app, ben, week) == after


def test_anothers_row_of_a_week_that_was_left_stays_in_the_database_until_it_is_shared(left):
    app, ana, ben, week = left
    ana.get("/check-in/")  # opens the new week

    def rows_for(person) -> set[int]:
        with app.app_context():
            wanted = {"check_in_id": int(week.rsplit("/", 1)[1]), "member_id": person.id}
            found = {row.member_id for row in read(_ANSWERS, **wanted)}
            db.session.remove()
            return found

    assert (rows_for(ana), rows_for(ben)) == ({ana.id}, {ben.id})
    ana.post(f"{week}/share")
    assert (rows_for(ana), rows_for(ben)) == ({ana.id}, {ana.id, ben.id})


def test_the_others_draft_of_a_shared_week_can_be_deleted_unseen(left):
    app, ana, ben, week = left
    ana.post(f"{week}/share")
    before = everything_and(app, ana, week)
    ben.post(f"{week}/delete")
    assert everything_and(app, ana, week) == before


def test_refusals_say_nothing_of_the_other(couple, sheet):
    """409, 422 and 400 pages are as sealed as the week itself."""
    app, ana, ben = couple
    page = sheet(ben)
    tries = [
        {"action": "submit"},
        {"action": "save", "rating-together": "9"},
        {"action": "save", "check-in": "5"},
        {"action": "save", "member": "5"},
        {"action": "save", "csrf_token": "old"},
    ]

    def refusals() -> list[str]:
        return [without_tokens(ben.post("/check-in/", page.fields() | fields)) for fields in tries]

    before = refusals()
    write(sheet, ana, "submit")
    assert refusals() == before


def test_the_export_shows_only_what_is_revealed(couple, sheet):
    from_app, ana, ben = couple
    write(sheet, ana, "submit")
    with from_app.app_context():
        from_db = str(export(ben.id))
    assert not any(canary in from_db for canary in CANARIES)
    sheet(ben).submit("bens word")
    with from_app.app_context():
        opened = str(export(ben.id))
    assert all(canary in opened for canary in CANARIES)
    assert "'together': 7" not in opened


def export(member_id: int):
    return export_check_ins(db.session(), member_id)
