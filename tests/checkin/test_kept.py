"""A week that ended with one part finished: keep it, share it anyway, take it along, delete it."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from app.checkin import actions
from app.checkin.models import Answer, CheckIn, Entry
from app.checkin.records import export_check_ins, forget_member
from app.checkin.rules import LONGEST_ANSWER
from app.db import db, transaction
from app.reminders.sending import open_and_plan
from app.spaces.models import Space
from tests.checkin.test_races import at_once
from tests.conftest import PASSWORD, link, make_person

NEXT_WEEK = "2026-12-07T09:00:00+00:00"
WORDS = ("loquat one", "loquat two", "loquat three")
VERBS = ("share", "carry", "delete", "bring-back")
LEFT = "Choose what happens to it"


@pytest.fixture
def left(either_app, sheet, clock):
    """Ana finished alone, Ben has a draft, and the next week is open: app, Ana, Ben, the address of the week."""
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    page = sheet(ana)
    page.submit(*WORDS, **{"rating-together": "7", f"want-{page.prompts[1]}": "heard"})
    sheet(ben).save("medlar draft")
    clock.move_to(NEXT_WEEK)
    ana.get("/check-in/")
    return either_app, ana, ben, f"/check-in/{page.hidden['check-in']}"


def count(app, table) -> int:
    with app.app_context():
        found = db.session.execute(select(func.count()).select_from(table)).scalar_one()
        db.session.remove()
        return found


def exported(app, person) -> str:
    with app.app_context():
        found = str(export_check_ins(db.session(), person.id))
        db.session.remove()
        return found


def offered(person, week: str) -> set[str]:
    page = person.text(week)
    return {verb for verb in VERBS if f'"{week}/{verb}"' in page}


def test_the_new_week_begins_with_one_sentence_for_who_finished_alone(left):
    _, ana, ben, week = left
    page = ana.text("/check-in/")
    assert page.count(LEFT) == 1
    assert f'href="{week}">{LEFT}' in page
    assert "Ben" not in re.search(r'<p class="notice">Last week.*?</p>', page)[0]
    assert LEFT not in ben.text("/check-in/")
    assert offered(ana, week) == {"share", "carry", "delete"}
    assert offered(ben, week) == {"share", "carry", "delete"}  # a draft is its writer's, too


@pytest.mark.parametrize("verb", ["share", "carry", "delete"])
def test_the_sentence_goes_once_something_was_chosen(left, verb):
    _, ana, _, week = left
    assert ana.post(f"{week}/{verb}").status_code == 303
    assert LEFT not in ana.text("/check-in/")


def test_the_sentence_is_about_the_last_week_only(left, clock):
    _, ana, _, week = left
    clock.move_to("2026-12-14T09:00:00+00:00")
    assert LEFT not in ana.text("/check-in/")
    assert "share" in offered(ana, week)


def test_the_sentence_does_not_hang_on_the_weeks_of_strangers(either_app, sheet, clock):
    ana, ben, charlie = (make_person(either_app, name) for name in ("Ana", "Ben", "Charlie"))
    link(either_app, ana, ben)
    sheet(ana).submit(*WORDS)
    for day in ("2026-11-23", "2026-12-07", "2026-12-14"):
        clock.move_to(f"{day}T09:00:00+00:00")
        charlie.get("/check-in/")
    clock.move_to("2026-12-21T09:00:00+00:00")
    assert ana.text("/check-in/").count(LEFT) == 1


def test_a_revealed_week_offers_nothing_of_it(alice, bob, sheet, clock):
    week = f"/check-in/{sheet(alice).hidden['check-in']}"
    for person in (alice, bob):
        sheet(person).submit("a word")
    clock.move_to(NEXT_WEEK)
    assert LEFT not in alice.text("/check-in/")
    assert offered(alice, week) == set()
    for verb in VERBS:
        assert alice.post(f"{week}/{verb}").status_code == 303
    assert "a word" in alice.text(week)
    assert "a word" in bob.text(week)


def test_an_open_week_cannot_be_shared_or_deleted(alice, bob, sheet):
    page = sheet(alice)
    page.submit("a word")
    for verb in VERBS:
        alice.post(f"/check-in/{page.hidden['check-in']}/{verb}")
    assert "a word" in alice.text("/check-in/")
    assert "a word" not in bob.text("/check-in/")


def test_sharing_asks_once_and_shows_what_would_be_shared(left):
    _, ana, ben, week = left
    page = ana.text(f"{week}/share")
    assert all(words in page for words in WORDS)
    assert "as with a letter" in page
    assert "Just be heard" in page
    assert "loquat" not in ben.text(week)
    assert ana.post(f"{week}/share").headers["Location"].endswith(week)
    assert ana.get(f"{week}/share").status_code == 303


def test_what_is_shared_stands_on_the_page_of_the_week_and_in_the_history(left):
    app, ana, ben, week = left
    ana.post(f"{week}/share")
    page = ben.text(week)
    assert all(words in page for words in WORDS)
    assert "Ana has shared this with you" in page
    assert "Just be heard" in page
    assert "7 of 7" not in page
    assert "medlar draft" in page
    assert "shared by Ana" in ben.text("/check-in/history")
    assert "shared by you" in ana.text("/check-in/history")
    assert "medlar" not in ana.text(week)
    assert "loquat one" in exported(app, ben)
    assert "'together': 7" not in exported(app, ben)
    assert "'i_shared_it': True" in exported(app, ana)
    assert offered(ana, week) == {"carry"}


def test_both_may_share_each_their_own(left):
    _, ana, ben, week = left
    ana.post(f"{week}/share")
    ben.post(f"{week}/share")
    assert "medlar draft" in ana.text(week)
    assert "loquat one" in ben.text(week)
    assert "shared by both" in ana.text("/check-in/history")


def test_what_is_shared_is_sealed_with_the_key_of_the_space_and_stays_when_its_writer_goes(left):
    app, ana, ben, week = left
    ana.post(f"{week}/share")
    with app.app_context():
        space_key = select(Space.key_id).where(Space.ended_at.is_(None)).scalar_subquery()
        query = select(func.count()).select_from(Answer).join(Entry).where(Entry.member_id == ana.id)
        assert db.session.execute(query.where(Answer.key_id != space_key)).scalar_one() == 0
        db.session.remove()
    ana.post("/settings/delete", {"password": PASSWORD, "confirm": "delete"})
    assert "loquat one" in ben.text(week)
    assert "Someone who has left" in ben.text(week)


def test_an_entry_that_was_not_shared_goes_with_its_account(left):
    app, ana, ben, week = left
    with app.app_context(), transaction() as session:
        forget_member(session, ana.id)
    assert "loquat" not in ben.text(week)
    with app.app_context():
        assert db.session.execute(select(Entry.id).where(Entry.member_id == ana.id)).first() is None
        db.session.remove()


def test_taken_along_is_an_extra_card_of_the_writer_alone(left, sheet):
    _, ana, ben, week = left
    before = sheet(ben).prompts
    assert ana.post(f"{week}/carry").headers["Location"].endswith("/check-in/")
    page = ana.text("/check-in/")
    assert all(words in page for words in WORDS)
    assert "You brought this along" in page
    assert sheet(ben).prompts == before
    assert len(sheet(ana).prompts) > len(before)
    assert "loquat" not in ben.text("/check-in/") + ben.text(week)
    assert "loquat one" in ana.text(week)


def test_a_carried_card_is_saved_like_any_other_and_opens_with_the_rest(left, sheet):
    _, ana, ben, week = left
    ana.post(f"{week}/carry")
    page = sheet(ana)
    extra = page.prompts[-1]
    assert page.save(**{f"answer-{extra}": "loquat changed"}).status_code == 303
    assert "loquat changed" in ana.text("/check-in/")
    assert sheet(ben).save(**{f"answer-{extra}": "not his"}).status_code == 422
    sheet(ana).submit()
    sheet(ben).submit("a word of ben")
    opened = ben.text("/check-in/")
    assert "loquat changed" in opened
    assert 'data-state="revealed"' in opened
    assert ben.get(f"{sheet_address(ben)}/together").status_code == 200


def sheet_address(person) -> str:
    return re.search(r'href="(/check-in/\d+)/together"', person.text("/check-in/"))[1]


def test_an_emptied_card_leaves_nothing_behind(left, sheet):
    _, ana, ben, week = left
    ana.post(f"{week}/carry")
    page = sheet(ana)
    extra = page.prompts[-1]
    page.submit("a word of ana", **{f"answer-{extra}": ""})
    sheet(ben).submit("a word of ben")
    assert 'data-state="revealed"' in ben.text("/check-in/")
    asked = ben.text("/check-in/").count('<section class="card prompt')
    assert asked <= len(page.prompts) - 1


def test_the_same_question_gets_the_text_below_what_is_there(left, sheet):
    app, ana, _, week = left
    fresh = sheet(ana)
    with app.app_context(), transaction() as session:
        old = session.get_one(CheckIn, int(week.rsplit("/", 1)[1]))
        new = session.get_one(CheckIn, int(fresh.hidden["check-in"]))
        new.prompts = list(old.prompts)
    page = sheet(ana)
    page.save("written this week")
    ana.post(f"{week}/carry")
    assert re.search(r"written this week\s+loquat one", ana.text("/check-in/"))
    assert sheet(ana).prompts == page.prompts
    stale = page.save("typed on another device")
    assert stale.status_code == 409
    assert "loquat one" in stale.get_data(as_text=True)


def test_what_does_not_fit_or_comes_too_late_changes_nothing(left, sheet):
    app, ana, _, week = left
    fresh = sheet(ana)
    with app.app_context(), transaction() as session:
        old = session.get_one(CheckIn, int(week.rsplit("/", 1)[1]))
        session.get_one(CheckIn, int(fresh.hidden["check-in"])).prompts = list(old.prompts)
    page = sheet(ana)
    page.save("x" * (LONGEST_ANSWER - 3))
    assert "too long for one answer" in ana.post(f"{week}/carry", follow_redirects=True).text
    page = sheet(ana)
    page.submit("short")
    assert "Take it back first" in ana.post(f"{week}/carry", follow_redirects=True).text
    ana.post("/check-in/take-back")
    assert "loquat" not in ana.text("/check-in/")
    ana.post(f"{week}/carry")
    assert "loquat one" in ana.text("/check-in/")


def test_taking_along_twice_adds_once(left):
    _, ana, _, week = left
    ana.post(f"{week}/carry")
    ana.post(f"{week}/carry")
    assert ana.text("/check-in/").count("loquat one") == 1


def test_deleted_words_and_ratings_are_on_no_page_and_can_be_brought_back(left, clock):
    app, ana, _, week = left
    assert ana.post(f"{week}/delete").status_code == 303
    pages = [ana.text(address) for address in (week, "/check-in/history", "/check-in/")]
    assert not any("loquat" in text for text in [*pages, exported(app, ana)])
    assert "reported" not in pages[1]
    assert week not in pages[1]
    clock.shift(timedelta(minutes=9, seconds=59))
    ana.post(f"{week}/bring-back")
    assert "loquat one" in ana.text(week)
    assert "'together': 7" in exported(app, ana)
    assert week in ana.text("/check-in/history")


@pytest.mark.parametrize("how", ["by a visit", "by a visit of the other", "by the tick", "by bringing it back"])
def test_after_ten_minutes_nothing_is_left(left, clock, how):
    app, ana, ben, week = left
    entries, answers = count(app, Entry), count(app, Answer)
    ana.post(f"{week}/delete")
    assert (count(app, Entry), count(app, Answer)) == (entries, answers)
    clock.shift(timedelta(minutes=10))
    if how == "by the tick":
        with app.app_context():
            open_and_plan(lambda: datetime.now(UTC))
    elif how == "by bringing it back":
        ana.post(f"{week}/bring-back")
    else:
        (ben if "other" in how else ana).get("/check-in/")
    assert (count(app, Entry), count(app, Answer)) == (entries - 1, answers - 3)
    assert "you wrote nothing" in ana.text(week)
    assert "medlar draft" in ben.text(week)


def test_solo_there_is_nobody_to_share_with(sam, sheet, clock):
    page = sheet(sam)
    page.save("a draft")
    week = f"/check-in/{page.hidden['check-in']}"
    clock.move_to(NEXT_WEEK)
    sam.get("/check-in/")
    assert offered(sam, week) == {"carry", "delete"}
    sam.post(f"{week}/share")
    assert offered(sam, week) == {"carry", "delete"}
    sam.post(f"{week}/carry")
    assert "a draft" in sam.text("/check-in/")


def test_once_the_space_has_ended_only_deleting_is_left(left):
    _, ana, ben, week = left
    ben.post("/space/leave", {"confirm": "leave"})
    assert offered(ana, week) == {"delete"}
    for verb in ("share", "carry"):
        ana.post(f"{week}/{verb}")
    assert "loquat" not in ben.text(week) + ana.text("/check-in/")
    ana.post(f"{week}/delete")
    assert "loquat" not in ana.text(week)


@pytest.mark.parametrize("verb", VERBS)
def test_a_stranger_gets_404_and_who_is_signed_out_goes_to_sign_in(alice, bob, charlie, sheet, clock, verb):
    page = sheet(alice)
    page.submit("a word")
    week = f"/check-in/{page.hidden['check-in']}"
    clock.move_to(NEXT_WEEK)
    alice.get("/check-in/")
    assert charlie.post(f"{week}/{verb}").status_code == 404
    assert alice.post(f"/check-in/{2**63}/{verb}").status_code == 404
    assert "a word" in alice.text(week)
    nobody = alice.client.application.test_client()
    alice.client = nobody
    assert "/sign-in" in alice.post(f"{week}/{verb}").headers["Location"]


def test_two_taps_at_once_do_it_once(left):
    app, ana, _, week = left
    check_in_id = int(week.rsplit("/", 1)[1])
    now = datetime.now(UTC)
    assert at_once(app, *[lambda: actions.carry(ana.id, check_in_id, now)] * 2) == [True, True]
    assert ana.text("/check-in/").count("loquat one") == 1
    shared, deleted = at_once(
        app, lambda: actions.share(ana.id, check_in_id), lambda: actions.delete_entry(ana.id, check_in_id, now)
    )
    assert shared is not deleted
