"""An agreement on a phone: made after the reveal, seen first next week, said how it went, withdrawn."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from icalendar import Calendar
from playwright.sync_api import Dialog, Page, expect
from sqlalchemy import select

from app.agreements.models import Agreement
from app.checkin.models import CheckIn
from app.db import transaction
from app.spaces.models import Schedule, Seat
from tests.agreements.conftest import agree, ids, listed, look_back, reveal
from tests.browser.conftest import Server, until
from tests.browser.looks import expect_no_fault
from tests.browser.steps import Stage, area, backstage, expect_saved, press, state, turn_to
from tests.browser.test_axe_private import browser, page  # noqa: F401  # fixtures, too
from tests.conftest import Person

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
SENTENCE = "When the kettle is on, I will sit down with you."


@pytest.fixture(scope="module")
def stage(live_server: Server) -> Iterator[Stage]:
    with backstage(live_server) as app:
        yield Stage(live_server, app)


@pytest.fixture
def couple(stage: Stage) -> tuple[Person, Person]:
    """Two who have just revealed a week."""
    pair = stage.couple()
    reveal(*pair)
    return pair


def let_weeks_pass(stage: Stage, person: Person) -> None:
    """Move everything that happened in the person's space two weeks back, so that the next week is due."""
    weeks = timedelta(weeks=2)
    with stage.app.app_context(), transaction() as session:
        seat = select(Seat.space_id).where(Seat.member_id == person.id, Seat.left_at.is_(None))
        space_id = session.execute(seat).scalar_one()
        theirs = select(CheckIn).where(CheckIn.space_id == space_id).order_by(CheckIn.week_on)
        for check_in in session.execute(theirs).scalars().all():
            check_in.week_on, check_in.opened_at = check_in.week_on - weeks, check_in.opened_at - weeks
            session.flush()  # one after the other, the oldest first: no two have the same week meanwhile
        for agreement in session.execute(select(Agreement).where(Agreement.space_id == space_id)).scalars():
            agreement.week_on -= weeks
        session.get_one(Schedule, space_id).next_due_at -= weeks


def fill_in(page: Page, when: str, will: str) -> None:  # noqa: F811
    page.get_by_label("When …").fill(when)
    page.get_by_label("I will …").fill(will)


def test_it_is_made_seen_first_next_week_looked_back_at_and_withdrawn(
    stage: Stage, couple: tuple[Person, Person], phone: Page
) -> None:
    alice, bob = couple
    stage.sign_in(phone, alice)
    stage.open(phone)
    assert state(phone) == "revealed"
    expect(phone.locator("[data-preview]")).to_be_hidden()
    fill_in(phone, "When the kettle is on,", "")
    expect(phone.locator("[data-preview]")).to_have_text("When the kettle is on, I will …")
    phone.get_by_label("I will …").fill("I'll sit down with you.")
    expect(phone.locator("[data-preview]")).to_have_text(SENTENCE)
    press(phone, "Agree on this")
    expect(phone.get_by_role("heading", name="What you leave with")).to_be_visible()
    assert listed(bob)[0] == [SENTENCE]

    let_weeks_pass(stage, alice)
    stage.open(phone)
    assert state(phone) == "open"
    expect(phone.get_by_role("heading", name="First, what you two agreed")).to_be_visible()
    expect(area(phone)).to_be_hidden()
    press(phone, "Partly")
    expect(phone.get_by_role("button", name="Partly")).to_have_attribute("aria-pressed", "true")
    turn_to(phone, 2)
    area(phone).fill("The soup on Tuesday.")
    expect_saved(phone)
    assert "2 of 8" in phone.locator("[data-card]:visible").inner_text()
    while phone.get_by_role("button", name="Next").count():
        press(phone, "Next")
    press(phone, "Finish")
    phone.get_by_role("heading", name="Your part is finished").wait_for()
    assert "Partly" not in bob.text("/agreements/")
    reveal(bob)
    phone.reload()
    expect(phone.locator("#agreements .want")).to_have_text("Partly")

    stage.open(phone, "/agreements/")
    press(phone, "Withdraw")
    expect(phone.get_by_text("Nothing is agreed just now.")).to_be_visible()
    phone.locator("summary", has_text="Ended").click()
    expect(phone.get_by_text("Withdrawn", exact=True)).to_be_visible()
    assert listed(bob) == ([], [SENTENCE])


def test_without_a_script_it_is_made_changed_and_withdrawn(
    stage: Stage, couple: tuple[Person, Person], open_phone: Open
) -> None:
    alice, bob = couple
    phone = open_phone(java_script_enabled=False)
    stage.sign_in(phone, alice)
    stage.open(phone)
    fill_in(phone, "the kettle is on", "")
    press(phone, "Agree on this")
    expect(phone.get_by_role("alert")).to_contain_text("Say what you will do then.")
    expect(phone.get_by_label("When …")).to_have_value("the kettle is on")
    phone.get_by_label("I will …").fill("sit down with you")
    press(phone, "Agree on this")
    assert listed(bob)[0] == [SENTENCE]
    let_weeks_pass(stage, alice)
    stage.open(phone)
    phone.get_by_role("link", name="Change it").click()
    phone.get_by_label("I will …").fill("bring you a cup")
    press(phone, "Keep the new words")
    expect(phone.get_by_text("From now on: When the kettle is on, I will bring you a cup.")).to_be_visible()
    press(phone, "Say nothing")
    expect(phone.get_by_text("From now on:")).to_have_count(0)
    phone.get_by_role("link", name="All agreements").click()
    press(phone, "Withdraw")
    assert listed(bob) == ([], [SENTENCE])


def test_words_of_the_week_are_saved_before_a_tap_on_the_first_card(
    stage: Stage, couple: tuple[Person, Person], phone: Page
) -> None:
    alice, _ = couple
    agree(alice)
    let_weeks_pass(stage, alice)
    stage.sign_in(phone, alice)
    stage.open(phone)
    press(phone, "Show all questions at once")
    area(phone).press_sequentially("The soup on Tuesday.")
    press(phone, "Done")
    phone.wait_for_url("**#agreements")
    until(lambda: "The soup on Tuesday." in alice.text("/check-in/"))


def test_without_a_connection_and_on_the_way_out_the_words_stay(
    stage: Stage, couple: tuple[Person, Person], phone: Page
) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    phone.on("dialog", stay)
    stage.sign_in(phone, couple[0])
    stage.open(phone)
    phone.get_by_label("When …").press_sequentially("the kettle is on")
    phone.get_by_label("I will …").press_sequentially("sit down")
    phone.context.set_offline(True)
    press(phone, "Agree on this")
    expect(phone.get_by_role("alert")).to_contain_text("the server cannot be reached")
    phone.context.set_offline(False)
    phone.get_by_role("link", name="Guide", exact=True).click(no_wait_after=True)
    until(lambda: phone.evaluate("1") and asked)
    expect(phone.get_by_label("I will …")).to_have_value("sit down")
    phone.get_by_role("button", name="Agree on this").dblclick()
    expect(phone.get_by_role("heading", name="What you leave with")).to_be_visible()
    assert listed(couple[1])[0] == ["When the kettle is on, I will sit down."]
    assert asked == ["beforeunload"]


def test_the_calendar_file_comes_as_a_download(
    stage: Stage, couple: tuple[Person, Person], phone: Page, tmp_path: Path
) -> None:
    agree(couple[0])
    stage.sign_in(phone, couple[0])
    stage.open(phone)
    phone.get_by_role("link", name="Put it in my calendar").click()
    phone.get_by_label("Day").select_option("Thursday")
    phone.get_by_label("Time").fill("20:15")
    phone.get_by_label("Every week").check()
    with phone.expect_download() as coming:
        press(phone, "Get the file")
    assert coming.value.suggested_filename == "reminder.ics"
    coming.value.save_as(tmp_path / "reminder.ics")
    (event,) = Calendar.from_ical((tmp_path / "reminder.ics").read_bytes()).walk("VEVENT")
    assert event["summary"] == "Weekly reminder"
    assert event.start.strftime("%A %H:%M") == "Thursday 20:15"


def new_form(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    stage.open(page)


def refused_form(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    agree(pair[1])
    stage.open(page)
    fill_in(page, "the kettle is on after supper and both children are asleep at last " * 4, "")
    press(page, "Agree on this")
    page.locator(".error-summary").wait_for()


def made(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    for person in pair:
        agree(person)
    stage.open(page)


def first_card(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    made(stage, page, pair)
    let_weeks_pass(stage, pair[0])
    stage.open(page)
    press(page, "Not this time")
    page.wait_for_url("**#agreements")


def changing(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    first_card(stage, page, pair)
    page.get_by_role("link", name="Change it").click()
    page.get_by_label("I will …").fill("")
    press(page, "Keep the new words")
    page.locator(".error-summary").wait_for()


def changed(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    first_card(stage, page, pair)
    look_back(pair[0], ids(pair[0])[0], "changed", when="the bus is late", will="write you a line")
    stage.open(page)


def looked_back_at(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    changed(stage, page, pair)
    reveal(*pair)
    stage.open(page)


def all_of_them(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    looked_back_at(stage, page, pair)
    pair[1].post(f"/agreements/{ids(pair[1])[-1]}/withdraw")
    stage.open(page, "/agreements/")
    page.locator("summary").click()


def none_yet(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    stage.open(page, "/agreements/")


def calendar_refused(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    made(stage, page, pair)
    page.get_by_role("link", name="Put it in my calendar").click()
    page.get_by_label("Time").fill("")
    press(page, "Get the file")
    page.locator(".error-summary").wait_for()


def signed_out(stage: Stage, page: Page, pair: tuple[Person, Person]) -> None:  # noqa: F811
    stage.open(page)
    fill_in(page, "the kettle is on", "sit down")
    page.context.clear_cookies(name="sign-in")
    press(page, "Agree on this")
    page.get_by_role("heading", name="Not kept").wait_for()


STATES = (
    *(new_form, refused_form, made, first_card, changing, changed),
    *(looked_back_at, all_of_them, none_yet, calendar_refused, signed_out),
)


@pytest.mark.parametrize("reach", STATES, ids=lambda reach: reach.__name__)
def test_the_page_has_no_fault_in(
    stage: Stage,
    couple: tuple[Person, Person],
    page: Page,  # noqa: F811
    reach: Callable[..., None],
) -> None:
    stage.sign_in(page, couple[0])
    reach(stage, page, couple)
    expect_no_fault(page)
