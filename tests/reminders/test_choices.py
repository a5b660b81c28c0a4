"""The page on which a member says whether and when mails come."""

import re
from datetime import date, timedelta

import pytest

from app.db import db
from app.reminders.models import ReminderChoice
from tests.conftest import MONDAY_MORNING, make_person, without_tokens


def choice(app, person):
    with app.app_context():
        found = db.session.get(ReminderChoice, person.id)
        db.session.remove()
    return (found.email_on, found.pause_until) if found else None


def test_mails_are_on_and_nothing_is_paused_at_first(app, bob, alice):
    page = alice.text("/reminders/")
    assert 'data-page="reminders"' in page
    assert re.search(r'name="email_on"[^>]* checked', page)
    assert re.search(r'name="pause_until"[^>]* value=""', page)
    assert choice(app, alice) is None


def test_it_names_the_time_and_leads_to_where_it_is_changed(bob, alice):
    page = alice.text("/reminders/")
    assert "Sunday, 19:00" in page
    assert 'href="/space/schedule"' in page


def test_what_was_chosen_is_kept_and_shown(app, clock, bob, alice):
    answer = alice.post("/reminders/", {"pause_until": "2026-12-24"})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/reminders/")
    assert choice(app, alice) == (False, date(2026, 12, 24))
    page = alice.text("/reminders/")
    assert not re.search(r'name="email_on"[^>]* checked', page)
    assert 'value="2026-12-24"' in page
    assert "Saved." in page


def test_a_pause_can_be_taken_back(app, clock, bob, alice):
    alice.post("/reminders/", {"email_on": "1", "pause_until": "2026-12-24"})
    alice.post("/reminders/", {"email_on": "1", "pause_until": ""})
    assert choice(app, alice) == (True, None)


def test_a_pause_that_is_over_is_shown_as_none(app, clock, bob, alice):
    alice.post("/reminders/", {"email_on": "1", "pause_until": "2026-11-24"})
    clock.move_to(MONDAY_MORNING + timedelta(days=1))
    assert re.search(r'name="pause_until"[^>]* value=""', alice.text("/reminders/"))
    assert alice.post("/reminders/", {"email_on": "1", "pause_until": ""}).status_code == 303


@pytest.mark.parametrize(
    "nonsense",
    ["soon", "2026-13-01", "24.12.2026", "2026-11-23", "2026-11-22", "2027-11-24", "0001-01-01", "9999-12-31", "<b>"],
)
def test_nonsense_is_told_and_stays_on_the_page(app, clock, bob, alice, nonsense):
    answer = alice.post("/reminders/", {"pause_until": nonsense})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#pause_until"' in page
    assert 'id="pause_until-error"' in page
    assert f'value="{nonsense.replace("<", "&lt;").replace(">", "&gt;")}"' in page
    assert not re.search(r'name="email_on"[^>]* checked', page)
    assert choice(app, alice) is None


def test_today_is_the_members_own_today(app, clock, alice):
    """At 13:00 UTC on the 23rd it is the 24th in Auckland."""
    clock.move_to(MONDAY_MORNING + timedelta(hours=4))
    kiri = make_person(app, "Kiri", zone="Pacific/Auckland")
    assert kiri.post("/reminders/", {"pause_until": "2026-11-24"}).status_code == 422
    assert kiri.post("/reminders/", {"pause_until": "2026-11-25"}).status_code == 303


def test_fields_of_other_channels_change_nothing(app, clock, bob, alice):
    assert alice.post("/reminders/", {"email_on": "1", "push_on": "1"}).status_code == 303
    assert choice(app, alice) == (True, None)


def test_the_partner_learns_nothing_of_it(app, clock, bob, alice):
    pages = ("/reminders/", "/space/", "/check-in/")
    for address in pages:
        bob.get(address)
    before = [without_tokens(bob.get(address)) for address in pages]
    alice.post("/reminders/", {"pause_until": "2026-12-24"})
    assert [without_tokens(bob.get(address)) for address in pages] == before
    assert choice(app, bob) is None


def test_somebody_alone_has_the_page_too(sam):
    assert sam.get("/reminders/").status_code == 200
    assert "the other" not in re.sub("<[^>]*>", "", sam.text("/reminders/").split("<main")[1].split("</main")[0])


def test_signed_out_it_leads_to_signing_in(client):
    for answer in (client.get("/reminders/"), client.get("/reminders/?x=1")):
        assert answer.status_code in (302, 303)
        assert urlpath(answer.headers["Location"]) == "/sign-in"


def urlpath(address: str) -> str:
    return address.split("?")[0].removeprefix("http://localhost")


def test_without_its_token_nothing_is_changed(app, bob, alice):
    assert alice.client.post("/reminders/", data={"pause_until": "2026-12-24"}).status_code == 400
    assert choice(app, alice) is None


def test_from_another_site_nothing_is_changed(app, bob, alice):
    answer = alice.post("/reminders/", {}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 403
    assert choice(app, alice) is None


def test_it_is_never_kept_by_a_browser(bob, alice):
    assert alice.get("/reminders/").headers["Cache-Control"] == "private, no-store"
