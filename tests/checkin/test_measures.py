"""A member's own ratings as charts: theirs alone, over all their spaces, and nothing made of them."""

import io
import re
import zipfile
from datetime import date

from sqlalchemy import event, select

from app.accounts.models import Member
from app.checkin.models import CheckIn, Entry
from app.checkin.rules import Stamp
from app.checkin.sealing import seal_ratings
from app.db import db, transaction
from tests.checkin.conftest import rate_weeks
from tests.checkin.test_reveal import everything
from tests.conftest import PASSWORD, link, make_person

HISTORY = "/check-in/history"


def tables(page: str) -> list[list[tuple[str, str]]]:
    """The rows of the tables, one table a chart: week and rating."""
    return [
        re.findall(r'<th scope="row">([^<]+)</th><td>(\d+)</td>', table)
        for table in re.findall(r"<table>(.*?)</table>", page, re.DOTALL)
    ]


def test_three_charts_show_what_i_reported_each_with_a_table(app, sam):
    rate_weeks(app, sam, [{"together": 3, "understood": 6}, None, {"together": 4, "understood": 7, "appreciated": 1}])
    page = sam.text(HISTORY)
    assert page.count("<svg viewBox=") - page.count('<svg viewBox="0 0 24 24"') == page.count('role="img"') == 3
    assert "not why" in page
    assert tables(page) == [
        [("16 Nov 2026", "4"), ("2 Nov 2026", "3")],
        [("16 Nov 2026", "7"), ("2 Nov 2026", "6")],
        [("16 Nov 2026", "1")],
    ]
    assert 'd="M1 4h.001M5 3h.001"' in page


def test_a_rating_is_in_the_chart_as_soon_as_it_is_saved(alice, bob, sheet):
    sheet(alice).save("a draft", **{"rating-together": "2"})
    assert tables(alice.text(HISTORY)) == [[("23 Nov 2026", "2")]]
    assert alice.text(HISTORY).count("Not rated so far.") == 2


def test_the_other_ones_ratings_are_not_in_it(alice, bob, sheet):
    sheet(alice).submit("a", **{"rating-together": "2"})
    sheet(bob).submit("b", **{"rating-together": "5", "rating-understood": "6"})
    assert tables(alice.text(HISTORY)) == [[("23 Nov 2026", "2")]]
    assert tables(bob.text(HISTORY)) == [[("23 Nov 2026", "5")], [("23 Nov 2026", "6")]]


def test_before_the_first_rating_a_sentence_stands_there(sam, sheet):
    assert "What you reported" not in sam.text(HISTORY)
    sheet(sam).submit("a week of my own")
    page = sam.text(HISTORY)
    assert "Once you have given one" in page
    assert 'role="img"' not in page
    assert 'href="#reported"' not in page


def test_nothing_is_made_of_the_numbers(app, sam):
    """No average, no verdict, no count of weeks in a row: the words are the same whatever the ratings."""
    rate_weeks(app, sam, [{"together": value} for value in (7, 6, 5, 4, 3, 2, 1)])
    falling = sam.text(HISTORY)
    again = make_person(app, "Sandy")
    rate_weeks(app, again, [{"together": value} for value in (1, 2, 3, 4, 5, 6, 7)])
    words = [re.sub(r"<[^>]*>|\d", " ", page).split() for page in (falling, again.text(HISTORY))]
    assert words[0] == words[1]


def test_a_page_further_back_has_no_chart(app, sam):
    rate_weeks(app, sam, [{"together": 3}] * 30)
    assert 'role="img"' in sam.text(HISTORY)
    assert 'role="img"' not in sam.text(f"{HISTORY}?page=2")


def test_signed_out_goes_to_sign_in(client):
    assert client.get(HISTORY).headers["Location"] == f"/sign-in?next={HISTORY}"


def test_ratings_of_every_space_i_have_been_in_are_there(alice, bob, sheet, clock):
    sheet(alice).save("with Bob", **{"rating-together": "3"})
    clock.move_to("2026-11-30T09:00:00+00:00")
    alice.post("/space/leave", {"confirm": "leave"})
    sheet(alice).save("alone", **{"rating-together": "6"})
    assert tables(alice.text(HISTORY)) == [[("30 Nov 2026", "6"), ("23 Nov 2026", "3")]]


def test_in_a_week_of_two_spaces_the_newer_rating_counts(alice, bob, sheet, clock):
    sheet(alice).save("with Bob", **{"rating-together": "3", "rating-understood": "4"})
    clock.shift(60)
    alice.post("/space/leave", {"confirm": "leave"})
    sheet(alice).save("alone", **{"rating-together": "6"})
    assert tables(alice.text(HISTORY)) == [[("23 Nov 2026", "6")], [("23 Nov 2026", "4")]]


def test_what_cannot_be_read_is_a_gap(app, sam):
    rate_weeks(app, sam, [{"together": 3}, {"together": 4}, {"together": 5}])
    with app.app_context():
        with transaction() as session:
            middle = session.execute(
                select(Entry).join(CheckIn).where(CheckIn.week_on == date(2026, 11, 9))
            ).scalar_one()
            middle.sealed_ratings = b"x" * 300
        db.session.remove()
    page = sam.text(HISTORY)
    assert tables(page) == [[("16 Nov 2026", "5"), ("2 Nov 2026", "3")]]
    assert 'd="M1 4h.001M5 2h.001"' in page


def test_ratings_taken_back_leave_the_chart(alice, bob, sheet):
    sheet(alice).save("x", **{"rating-together": "3"})
    sheet(alice).save("x", **{"rating-together": ""})
    assert 'role="img"' not in alice.text(HISTORY)


def test_it_costs_one_statement_and_two_hundred_rows_however_long_the_history(app, sam):
    def statements(address: str) -> list[str]:
        seen: list[str] = []
        with app.app_context():
            engine = db.engine
        note = lambda *arguments: seen.append(arguments[2])  # noqa: E731  # a listener of one line
        event.listen(engine, "before_cursor_execute", note)
        try:
            assert sam.get(address).status_code == 200
        finally:
            event.remove(engine, "before_cursor_execute", note)
        return [statement for statement in seen if not statement.startswith(("BEGIN", "PRAGMA"))]

    rate_weeks(app, sam, [{"together": 1 + week % 7} for week in range(230)])
    assert [len(rows) for rows in tables(sam.text(HISTORY))] == [200]
    first, second = statements(HISTORY), statements(f"{HISTORY}?page=2")
    assert len(first) == len(second) + 1
    assert [statement for statement in first if "sealed_ratings" in statement and "LIMIT" in statement]


def test_abuse_case_12_a_chart_is_no_proof_for_it_shows_ones_own_ratings_only(either_app, sheet, clock):
    """Whatever Ana's ratings are, every page, export and address of Ben says the same, before and after the reveal."""
    ana, ben = make_person(either_app, "Ana"), make_person(either_app, "Ben")
    link(either_app, ana, ben)
    weeks = [sheet(ana).hidden["check-in"]]
    sheet(ana).submit("a revealed week", **{"rating-together": "7", "rating-understood": "6"})
    sheet(ben).submit("a revealed week", **{"rating-together": "4"})
    clock.move_to("2026-12-07T09:00:00+00:00")
    weeks.append(sheet(ana).hidden["check-in"])
    sheet(ana).save("a draft", **{"rating-together": "7", "rating-appreciated": "5"})

    def seen_by(person) -> dict[str, str]:
        seen = everything(either_app, person)
        for address in [f"{HISTORY}?page=1&member={ana.id}", *(f"/check-in/{week}" for week in weeks)]:
            seen[address] = re.sub(r'(name="csrf_token" value=")[^"]*', r"\1", person.text(address))
        export = zipfile.ZipFile(io.BytesIO(person.post("/settings/export", {"password": PASSWORD}).data))
        return seen | {name: export.read(name).decode() for name in export.namelist()}

    bens, anas = seen_by(ben), seen_by(ana)
    replace_ratings(either_app, ana.id, {"together": 1, "understood": 2, "appreciated": 3})
    assert seen_by(ben) == bens
    changed = seen_by(ana)
    assert {name for name in anas if changed[name] != anas[name]} >= {f"{HISTORY} as text/html", "same-side.json"}
    assert tables(bens[f"{HISTORY} as text/html"]) == [[("23 Nov 2026", "4")]]


def replace_ratings(app, member_id: int, ratings: dict[str, int]) -> None:
    with app.app_context():
        with transaction() as session:
            key_id = session.execute(select(Member.key_id).where(Member.id == member_id)).scalar_one()
            for entry in session.execute(select(Entry).where(Entry.member_id == member_id)).scalars():
                entry.sealed_ratings = seal_ratings(key_id, entry.id, ratings, Stamp())
        db.session.remove()
