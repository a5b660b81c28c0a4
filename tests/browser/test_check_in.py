"""Writing a check-in by script: saved when it says so, and nothing lost when something goes wrong."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, Request, Route, expect
from sqlalchemy import update

from app.checkin.models import CheckIn
from app.db import db, transaction
from app.spaces.models import Schedule
from app.spaces.rules import monday_of
from tests.browser.conftest import Server, until
from tests.browser.steps import Stage, area, backstage, expect_saved, press, state, status, turn_to
from tests.conftest import PASSWORD, Person

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
WORDS = "The soup on Tuesday, still warm at ten."


@pytest.fixture(scope="module")
def stage(live_server: Server) -> Iterator[Stage]:
    with backstage(live_server) as app:
        yield Stage(live_server, app)


@pytest.fixture
def alice(stage: Stage) -> Person:
    return stage.couple()[0]


@pytest.fixture
def page(stage: Stage, alice: Person, phone: Page) -> Page:
    """Alice's phone with her open check-in."""
    stage.sign_in(phone, alice)
    return stage.open(phone)


@pytest.fixture
def laptop(stage: Stage, alice: Person, page: Page, open_phone: Open) -> Page:
    """Alice's other device, opened at the same time."""
    other = open_phone()
    stage.sign_in(other, alice)
    return stage.open(other)


def stored(page: Page, card: int = 1) -> str:
    """What the server has for a card, seen on a page of its own."""
    fresh = page.context.new_page()
    fresh.goto(page.url)
    text = area(fresh, card).input_value()
    fresh.close()
    return text


@contextmanager
def slow_disk(server: Server) -> Iterator[None]:
    """The server takes saves in but cannot answer them before the end of the block."""
    connection = sqlite3.connect(server.folder / "same-side.sqlite", isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")
        connection.close()


# Saving


def test_saved_appears_only_when_the_server_has_acknowledged(page: Page) -> None:
    held: list[Route] = []
    page.route(
        "**/check-in/", lambda route: held.append(route) if route.request.method == "POST" else route.continue_()
    )
    area(page).press_sequentially(WORDS)
    expect(status(page)).to_have_text("")
    until(lambda: page.evaluate("1") and held)
    assert "Saved" not in status(page).inner_text()
    held[0].continue_()
    expect_saved(page)
    page.unroute_all()
    page.reload()
    expect(area(page)).to_have_value(WORDS)


def test_every_pause_saves_what_has_changed_and_nothing_else(page: Page) -> None:
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    area(page).press_sequentially("a whole sentence without a pause", delay=20)
    expect_saved(page)
    assert len(sent) == 1
    turn_to(page, 2)
    area(page, 2).fill("the roof")
    page.get_by_label("Just be heard").check()
    expect_saved(page)
    assert "a+whole+sentence" not in (sent[-1].post_data or "")
    page.reload()
    expect(area(page, 2)).to_have_value("the roof")
    expect(page.get_by_label("Just be heard")).to_be_checked()


@pytest.mark.parametrize("delay", [0, 60, 150, 300])
def test_closing_the_page_right_after_typing_loses_nothing(stage: Stage, page: Page, delay: int) -> None:
    context = page.context
    other = context.new_page()  # a browser without a page would end
    area(page).press_sequentially("not one word")
    page.wait_for_timeout(delay)
    page.close()
    until(lambda: area(stage.open(other)).input_value() == "not one word")


@pytest.mark.parametrize("delay", [0, 200])
def test_going_to_another_page_right_after_typing_loses_nothing(stage: Stage, page: Page, delay: int) -> None:
    area(page).fill(WORDS)
    page.wait_for_timeout(delay)
    page.get_by_role("link", name="Guide").click()
    page.wait_for_url("**/guide/")
    until(lambda: area(stage.open(page)).input_value() == WORDS)


def test_loading_the_page_again_right_after_typing_shows_every_word(page: Page) -> None:
    for count in range(5):
        area(page).fill(WORDS * count)
        page.reload()
        expect(area(page)).to_have_value(WORDS * count)


def test_words_of_any_script_outlive_the_page(stage: Stage, page: Page) -> None:
    other = page.context.new_page()
    text = "我们星期二一起喝了汤。" * 800  # in a form's usual encoding too much for a page that is going
    area(page).fill(text)
    page.close()
    until(lambda: area(stage.open(other)).input_value() == text)


def test_words_typed_while_a_save_is_under_way_outlive_the_page(stage: Stage, page: Page) -> None:
    other = page.context.new_page()
    with slow_disk(stage.server):
        with page.expect_request(lambda request: request.method == "POST"):
            area(page).press_sequentially("First ")
        area(page).press_sequentially("and last.")
        page.close()
        time.sleep(0.5)  # both saves wait now
    until(lambda: area(stage.open(other)).input_value() == "First and last.")


def test_a_save_whose_answer_gets_lost_is_no_conflict(page: Page) -> None:
    def lose(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/check-in/", lose)
    area(page).fill("This much arrived")
    expect(status(page)).to_contain_text("Not saved yet")
    page.unroute_all()
    assert stored(page) == "This much arrived"
    area(page).fill("This much arrived, and this too.")
    expect_saved(page)
    assert page.locator(".elsewhere").count() == 0
    assert stored(page) == "This much arrived, and this too."


def test_words_taken_out_after_a_lost_answer_are_gone(page: Page) -> None:
    page.route("**/check-in/", lambda route: (route.fetch(), route.abort()) if route.request.method == "POST" else None)
    area(page).fill("Better not said")
    expect(status(page)).to_contain_text("Not saved yet")
    page.unroute_all()
    area(page).fill("")
    expect_saved(page)
    assert stored(page) == ""


def test_a_rating_tapped_again_is_taken_back(page: Page) -> None:
    turn_to(page, 6)
    dots = page.locator("input[name=rating-together]")
    for number in (2, 4):
        dots.nth(number).tap()
        expect(dots.nth(number)).to_be_checked()
    expect_saved(page)
    dots.nth(4).tap()
    expect(dots.nth(4)).not_to_be_checked()
    expect_saved(page)
    page.reload()
    assert page.locator("input[name=rating-together]:checked").count() == 0


def test_enter_in_a_rating_saves_and_does_not_finish(page: Page) -> None:
    area(page).fill(WORDS)
    turn_to(page, 6)
    page.locator("input[name=rating-together]").first.press("Space")
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("Saved")
    page.reload()
    assert state(page) == "open"
    assert page.locator("input[name=rating-together]").first.is_checked()


def test_a_reload_comes_back_to_the_same_card(page: Page) -> None:
    turn_to(page, 3)
    page.reload()
    expect(area(page, 3)).to_be_visible()
    expect(area(page, 1)).to_be_hidden()


def test_an_answer_that_is_too_long_is_told_and_holds_nothing_else_back(page: Page) -> None:
    area(page).fill("x" * 10_001)
    turn_to(page, 2)
    area(page, 2).fill("the roof")
    expect(status(page)).to_contain_text("1 of 7: This answer has 10,001 characters")
    until(lambda: stored(page, 2) == "the roof")
    expect(status(page)).to_contain_text("1 of 7: This answer has 10,001 characters")
    press(page, "Back")
    area(page).fill("short")
    expect_saved(page)
    assert stored(page) == "short"


# Two devices


def make_conflict(page: Page, laptop: Page) -> None:
    area(page).fill("From the phone.")
    expect_saved(page)
    area(laptop).fill("From the laptop.")
    expect(laptop.locator(".elsewhere")).to_contain_text("From the phone.")


@pytest.mark.parametrize(
    ("choice", "text"),
    [
        ("Keep both", "From the phone.\n\nFrom the laptop."),
        ("Keep what I typed here", "From the laptop."),
        ("Take the other text", "From the phone."),
    ],
)
def test_the_second_device_shows_both_texts_and_asks(page: Page, laptop: Page, choice: str, text: str) -> None:
    make_conflict(page, laptop)
    expect(status(laptop)).to_contain_text("both texts are here")
    expect(area(laptop)).to_have_value("From the laptop.")
    area(laptop).press_sequentially(" And more")  # typing on chooses nothing
    laptop.wait_for_timeout(800)
    assert stored(page) == "From the phone."
    area(laptop).fill("From the laptop.")
    press(laptop, choice)
    expect_saved(laptop)
    expect(laptop.locator(".elsewhere")).to_have_count(0)
    expect(area(laptop)).to_have_value(text)
    assert stored(page) == text


def test_the_wish_of_the_other_device_comes_with_its_text(page: Page, laptop: Page) -> None:
    for device, text, wish in ((page, "The roof.", "Be comforted"), (laptop, "The stairs.", "Solve it together")):
        turn_to(device, 2)
        device.get_by_label(wish).check()
        area(device, 2).fill(text)
        expect(status(device)).not_to_have_text("")
    expect(laptop.locator(".elsewhere")).to_contain_text("Be comforted")
    press(laptop, "Take the other text")
    expect_saved(laptop)
    expect(laptop.get_by_label("Be comforted")).to_be_checked()
    laptop.reload()
    expect(laptop.get_by_label("Be comforted")).to_be_checked()


def test_finishing_waits_until_it_is_clear_which_text_to_keep(page: Page, laptop: Page) -> None:
    make_conflict(page, laptop)
    turn_to(laptop, 7)
    press(laptop, "Finish")
    expect(status(laptop)).to_have_text("Choose first which text to keep.")
    expect(laptop.get_by_role("button", name="Keep both")).to_be_visible()


def test_different_cards_on_two_devices_do_not_conflict(page: Page, laptop: Page) -> None:
    area(page).fill("From the phone.")
    expect_saved(page)
    turn_to(laptop, 3)
    area(laptop, 3).fill("From the laptop.")
    expect_saved(laptop)
    turn_to(page, 4)
    area(page, 4).fill("From the phone again.")
    expect_saved(page)
    turn_to(page, 7)
    press(page, "Finish")
    expect(page.get_by_role("heading", name="Your part is finished")).to_be_visible()
    words = page.locator("details.own").inner_text()
    page.locator("details.own summary").click()
    words = page.locator("details.own").inner_text()
    for text in ("From the phone.", "From the laptop.", "From the phone again."):
        assert text in words


def test_ratings_tapped_on_two_devices_are_both_kept(page: Page, laptop: Page) -> None:
    for device, name, value in ((page, "together", 3), (laptop, "understood", 6)):
        turn_to(device, 6)
        device.locator(f"input[name=rating-{name}][value='{value}']").tap()
        expect_saved(device)
    expect(laptop.locator("input[name=rating-together][value='3']")).to_be_checked()
    page.reload()
    assert page.locator(".rating input:checked").count() == 2


# The server goes away


@pytest.fixture
def lonely(own_server: Server, phone: Page) -> Iterator[tuple[Stage, Page]]:
    """A page of a server that the test may kill."""
    with backstage(own_server) as app:
        stage = Stage(own_server, app)
        stage.sign_in(phone, stage.couple()[0])
        yield stage, stage.open(phone)


def test_when_the_server_dies_the_page_says_so_and_saves_once_it_is_back(lonely: tuple[Stage, Page]) -> None:
    stage, page = lonely
    area(page).fill("Before. ")
    expect_saved(page)
    stage.server.kill()
    area(page).press_sequentially("During.")
    expect(status(page)).to_contain_text("Not saved yet")
    area(page).press_sequentially(" Still.")
    expect(status(page)).to_contain_text("Not saved yet")
    stage.server.start()
    expect(status(page)).to_contain_text("Saved", timeout=40_000)
    page.reload()
    expect(area(page)).to_have_value("Before. During. Still.")


def test_finishing_without_a_server_keeps_the_page_and_every_word(lonely: tuple[Stage, Page]) -> None:
    stage, page = lonely
    area(page).fill(WORDS)
    expect_saved(page)
    turn_to(page, 7)
    stage.server.kill()
    press(page, "Finish")
    expect(status(page)).to_contain_text("Not finished yet")
    expect(area(page)).to_have_value(WORDS)
    stage.server.start()
    press(page, "Finish")
    expect(page.get_by_role("heading", name="Your part is finished")).to_be_visible()


def test_leaving_with_unsaved_words_asks_first_unless_it_is_for_help(lonely: tuple[Stage, Page]) -> None:
    stage, page = lonely
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    stage.server.kill()
    area(page).press_sequentially(WORDS)
    expect(status(page)).to_contain_text("Not saved yet")
    page.locator("nav.places").get_by_role("link", name="Us").click(no_wait_after=True)
    until(lambda: page.evaluate("1") and asked == ["beforeunload"])
    expect(area(page)).to_have_value(WORDS)
    page.locator("nav.places").get_by_role("link", name="Help").click(no_wait_after=True)
    expect(page.locator("body")).not_to_have_attribute("data-page", "check-in")
    assert asked == ["beforeunload"]


# The sign-in ends


def sign_out(page: Page) -> None:
    """Sign out in another tab of the same browser."""
    tab = page.context.new_page()
    tab.goto(page.url.replace("/check-in/", "/settings/"))
    press(tab, "Sign out")
    tab.wait_for_url("**/")
    tab.close()


@pytest.mark.parametrize("way", ["Sign in and save", "Save for later"])
def test_signed_out_while_writing_every_word_comes_along(stage: Stage, alice: Person, page: Page, way: str) -> None:
    area(page).fill("Already saved.")
    expect_saved(page)
    sign_out(page)
    area(page).fill("Already saved. Not any more.")
    expect(status(page)).to_have_text("You are signed out. Your words are still here.")
    turn_to(page, 2)
    area(page, 2).fill("And a second <card> & “quotes”.")
    turn_to(page, 7)
    press(page, way)
    expect(page.get_by_role("heading", name="Sign in to save")).to_be_visible()
    page.locator("summary").click()
    for text in ("Already saved. Not any more.", "And a second <card> & “quotes”."):
        expect(page.locator("details")).to_contain_text(text)
    page.get_by_label("Mail address").fill(alice.email)
    page.get_by_label("Password").fill("not the right one")
    press(page, "Sign in and save")
    expect(page.get_by_role("alert")).to_contain_text("do not belong together")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in and save")
    expect(page.get_by_text("You are signed in, and your words are saved.")).to_be_visible()
    expect(area(page)).to_have_value("Already saved. Not any more.")
    expect(area(page, 2)).to_have_value("And a second <card> & “quotes”.")


def test_signed_in_again_in_another_tab_the_page_goes_on_saving(stage: Stage, alice: Person, page: Page) -> None:
    sign_out(page)
    area(page).fill(WORDS)
    expect(status(page)).to_contain_text("You are signed out")
    tab = page.context.new_page()
    tab.goto(stage.server.url + "/sign-in")
    tab.get_by_label("Address").fill(alice.email)
    tab.get_by_label("Password").fill(PASSWORD)
    press(tab, "Sign in")
    tab.wait_for_url("**/check-in/")
    tab.close()
    page.evaluate(
        "document.dispatchEvent(new Event('visibilitychange'))"
    )  # tabs do not hide each other without a screen
    expect_saved(page)
    expect(page.get_by_role("button", name="Sign in and save")).to_be_hidden()


def test_somebody_else_signed_in_here_gets_none_of_it(stage: Stage, page: Page) -> None:
    other = stage.solo("Charlie")
    stage.sign_in(page, other)
    area(page).fill(WORDS)
    expect(status(page)).to_contain_text("Somebody else is signed in here now.")
    press(page, "Show all my words")
    expect(page.locator("textarea[readonly]")).to_have_value(WORDS)
    assert area(stage.open(page)).input_value() == ""


# The week turns


def turn_the_week(stage: Stage, member_id: int) -> None:
    """Make a member's check-in a week old, and the next one due."""
    now = datetime.now(UTC)
    with stage.app.app_context():
        space_id = db.session.execute(
            db.text("SELECT space_id FROM seat WHERE member_id = :id AND left_at IS NULL"), {"id": member_id}
        ).scalar_one()
        with transaction() as session:
            earlier = now - timedelta(days=8)
            values = {"week_on": monday_of(earlier, "Europe/Zurich"), "opened_at": earlier}
            session.execute(update(CheckIn).where(CheckIn.space_id == space_id).values(values))
            session.execute(update(Schedule).where(Schedule.space_id == space_id).values(next_due_at=now))
        db.session.remove()


@pytest.mark.parametrize("action", ["typing", "finishing"])
def test_a_new_week_opens_while_the_page_is_open(stage: Stage, alice: Person, page: Page, action: str) -> None:
    area(page).fill("Saved in the old week.")
    expect_saved(page)
    turn_the_week(stage, alice.id)
    if action == "typing":
        area(page).fill("Saved in the old week. Typed after it.")
    else:
        turn_to(page, 3)
        area(page, 3).fill("Typed after it.")
        turn_to(page, 7)
        press(page, "Finish")
    expect(status(page)).to_have_text("A new week has opened since this page was loaded. Your words are still here.")
    assert "Typed after it." in "".join(area(page, card).input_value() for card in (1, 3))
    press(page, "Show all my words")
    expect(page.get_by_role("heading", name="Not saved")).to_be_visible()
    assert any("Typed after it." in field.input_value() for field in page.locator("textarea[readonly]").all())
    stage.open(page)
    assert state(page) == "open"
    for field in page.locator("main textarea").all():
        assert field.input_value() == ""
