"""The whole path of two people on two phones, from joining to leaving, with and without JavaScript."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.steps import area, expect_saved, join, press, state, status, turn_to

pytestmark = pytest.mark.slow

Open = Callable[..., Page]
HERS = "You left a bowl of soup out for me on Tuesday, and said nothing about the hour."
HIS = "Your face when the boiler came back on."
WAITING = "Your part is finished"


def make_invitation(alice: Page, server: Server) -> str:
    """Alice joins and makes an invitation. Returns its link."""
    alice.goto(server.url + "/")
    alice.get_by_role("link", name=re.compile("Start|Begin|Join")).first.click()
    join(alice, "Alice")
    expect(alice.locator("body")).to_have_attribute("data-page", "check-in")
    alice.locator("nav.places").get_by_role("link", name="Us").click()
    press(alice, "Make an invitation")
    link = alice.locator("[data-invitation]").get_attribute("href")
    assert link is not None
    return link


def accept_from_outside(bob: Page, link: str) -> None:
    """Bob opens the link signed out, joins from there, comes back to it and accepts."""
    bob.goto(link)
    expect(bob.get_by_role("heading", level=1)).to_have_text("Alice invites you to share a space")
    bob.get_by_role("link", name="Join, then accept").click()
    join(bob, "Bob")
    expect(bob).to_have_url(link)
    expect(bob.get_by_text("You are signed in as Bob.")).to_be_visible()
    press(bob, "Accept")
    expect(bob.get_by_text("You two share a space now.")).to_be_visible()
    expect(bob.locator(".people")).to_have_text("Bob and Alice")


def change_the_time(alice: Page, server: Server) -> None:
    alice.goto(server.url + "/space/")
    alice.locator("summary", has_text="Change when it comes").click()
    alice.get_by_label("Day").select_option("Wednesday")
    alice.get_by_label("Time", exact=True).fill("20:15")
    alice.get_by_label("Short").check()
    press(alice, "Save")
    expect(alice.locator("[data-schedule]")).to_contain_text("Wednesdays at 20:15")


def leave(alice: Page) -> None:
    alice.get_by_role("link", name="Leave this space").click()
    expect(alice.get_by_text("You need nobody’s consent, and no reason.")).to_be_visible()
    press(alice, "Leave this space")
    expect(alice.get_by_role("heading", level=1)).to_have_text("Your space")


def expect_both_answers(page: Page) -> None:
    expect(page.locator(".together .words").filter(has_text=HERS)).to_be_visible()
    expect(page.locator(".together .words").filter(has_text=HIS)).to_be_visible()


def expect_in_history(page: Page, server: Server, partner: str) -> None:
    page.goto(server.url + "/check-in/history")
    page.locator(".weeks a", has_text=f"with {partner}").click()
    expect_both_answers(page)


def walk(alice: Page, bob: Page, server: Server, answer: Callable[[Page, str], None]) -> None:
    accept_from_outside(bob, make_invitation(alice, server))
    for phone in (alice, bob):
        phone.goto(server.url + "/check-in/")
        expect(phone.get_by_text("Nothing shows to the other until you have both finished.")).to_be_visible()

    answer(alice, HERS)
    expect(alice.get_by_role("heading", name=WAITING)).to_be_visible()
    bob.reload()
    assert state(bob) == "open"
    assert HERS not in bob.content()
    answer(bob, HIS)
    expect_both_answers(bob)
    alice.goto(server.url + "/check-in/")
    expect_both_answers(alice)
    assert state(alice) == state(bob) == "revealed"
    expect_in_history(alice, server, "Bob")
    expect_in_history(bob, server, "Alice")

    change_the_time(alice, server)
    leave(alice)
    bob.goto(server.url + "/space/")
    expect(bob.get_by_text("The shared space has ended.")).to_be_visible()
    expect(bob.get_by_role("heading", level=1)).to_have_text("Your space")
    for phone, partner in ((alice, "Bob"), (bob, "Alice")):
        expect_in_history(phone, server, partner)
        phone.goto(server.url + "/check-in/")
        assert state(phone) == "open"
        expect(phone.get_by_text("You write this for yourself.")).to_be_visible()
        assert HERS not in phone.content()


def answer_by_script(page: Page, text: str) -> None:
    area(page).press_sequentially(text)
    expect_saved(page)
    page.reload()
    expect(area(page)).to_have_value(text)
    turn_to(page, 6)
    page.get_by_role("group", name="I felt understood").get_by_label("5").check()
    turn_to(page, 7)
    expect(page.get_by_text("can keep what you wrote, as with a letter")).to_be_visible()
    press(page, "Finish")
    expect(page.locator("body")).not_to_have_attribute("data-state", "open")


def answer_by_form(page: Page, text: str) -> None:
    expect(area(page, 5)).to_be_visible()  # all questions on one page
    area(page).fill(text)
    press(page, "Save for later")
    expect(page.locator(".notice[role=status]")).to_have_text(re.compile(r"^Saved \d\d:\d\d\.$"))
    expect(area(page)).to_have_value(text)
    page.get_by_role("group", name="I felt understood").get_by_label("5").check()
    press(page, "Finish")


def test_the_whole_path(live_server: Server, open_phone: Open) -> None:
    walk(open_phone(), open_phone(), live_server, answer_by_script)


def test_the_whole_path_without_javascript(live_server: Server, open_phone: Open) -> None:
    phones = [open_phone(java_script_enabled=False) for _ in range(2)]
    walk(*phones, live_server, answer_by_form)


def test_what_is_submitted_can_be_taken_back_until_both_have_finished(live_server: Server, open_phone: Open) -> None:
    alice, bob = open_phone(), open_phone()
    accept_from_outside(bob, make_invitation(alice, live_server))
    alice.goto(live_server.url + "/check-in/")
    answer_by_script(alice, HERS)
    press(alice, "Take it back")
    expect(area(alice)).to_have_value(HERS)
    bob.goto(live_server.url + "/check-in/")
    answer_by_script(bob, HIS)
    expect(bob.get_by_role("heading", name=WAITING)).to_be_visible()
    assert HERS not in bob.content()


def test_back_after_signing_out_shows_nothing_private(live_server: Server, open_phone: Open) -> None:
    """With the memory of pages that a person's browser has and playwright otherwise switches off."""
    page = open_phone(ignore_default_args=["--disable-back-forward-cache"])
    page.goto(live_server.url + "/join")
    address = join(page, "Alice")
    area(page).fill(HERS)
    expect_saved(page)
    for place in ("/settings/", "/check-in/history", "/settings/"):
        page.goto(live_server.url + place)
    press(page, "Sign out")
    page.wait_for_url(live_server.url + "/")
    for _ in range(5):
        page.go_back()
        expect(page.locator("body")).not_to_have_attribute("data-page", re.compile("check-in|history|settings"))
        assert HERS not in page.content()
        assert address not in page.content()


def focused(page: Page) -> str:
    """What has the focus: its text, or its name where it has none."""
    text: str = page.evaluate("document.activeElement.innerText || document.activeElement.name")
    return text.strip()


def tab_to(page: Page, name: str) -> None:
    for _ in range(60):
        if focused(page) == name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{name} cannot be reached by the Tab key")


def test_a_check_in_is_filled_in_and_finished_by_keyboard_alone(live_server: Server, open_phone: Open) -> None:
    page = open_phone(is_mobile=False, has_touch=False)
    page.goto(live_server.url + "/join")
    join(page, "Alice")
    expect(area(page)).to_be_visible()
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the text"
    page.keyboard.press("Enter")
    tab_to(page, str(area(page).get_attribute("name")))
    page.keyboard.type(HERS)
    tab_to(page, "Next")
    page.keyboard.press("Enter")
    assert focused(page) == page.locator("#q-2").inner_text()  # turning the page moves the focus to its question
    tab_to(page, str(area(page, 2).get_attribute("name")))
    page.keyboard.type("The roof")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_label("Be comforted")).to_be_checked()
    for card in range(3, 7):
        tab_to(page, "Next")
        page.keyboard.press("Space")
        assert focused(page) == page.locator("main h2").nth(card - 1).inner_text()
    tab_to(page, "rating-together")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    expect(page.locator("input[name=rating-together][value='2']")).to_be_checked()
    ring = page.evaluate("getComputedStyle(document.activeElement.nextElementSibling).outlineStyle")
    assert ring == "solid"  # the dot shows where the focus is
    tab_to(page, "Next")
    page.keyboard.press("Enter")
    expect(status(page)).to_contain_text("Saved")
    tab_to(page, "Finish")
    page.keyboard.press("Enter")
    expect(page.locator("body")).to_have_attribute("data-state", "revealed")
    for text in (HERS, "The roof"):
        expect(page.get_by_text(text)).to_be_visible()
