"""The public pages and help: no fault that axe can see, light and dark, and room for large type on a small screen."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Server, until
from tests.browser.looks import LARGE_TYPE, faults

pytestmark = pytest.mark.slow

PAGES = {
    "start": "/",
    "guide": "/guide/",
    "section": "/guide/long-term",
    "section with a worksheet": "/guide/wife/influences",
    "section with a plan": "/guide/partner/conclusion",
    "section with the way out": "/guide/professional-help",
    "article": "/guide/articles/if-you-came-for-the-novel",
    "help": "/help/",
    "self-check": "/help/self-check",
    "offline": "/offline",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(live_server: Server, open_phone: Callable[..., Page], scheme: str) -> None:
    page = open_phone(color_scheme=scheme)
    for name, address in PAGES.items():
        page.goto(live_server.url + address)
        for details in page.locator("details").all()[:3]:
            details.click()
        assert faults(page) == [], name


def test_axe_finds_nothing_in_the_answers_of_the_self_check(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/help/self-check")
    phone.get_by_label("Yes", exact=True).first.check()
    assert faults(phone) == []


def pick_paragraphs(page: Page, server: Server) -> None:
    """A section whose reader came back to it and now picks a paragraph: everything that a script can put there."""
    page.goto(server.url + "/guide/trust")
    page.evaluate("document.querySelectorAll('.prose > p')[9].scrollIntoView()")
    until(lambda: page.evaluate("localStorage.getItem('places')"))
    page.goto(server.url + "/guide/trust")
    page.locator(".options summary").click()
    page.get_by_role("button", name="Share or keep a paragraph").click()
    assert page.locator("[data-resume]").is_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_while_a_paragraph_is_picked(
    live_server: Server, open_phone: Callable[..., Page], scheme: str
) -> None:
    page = open_phone(color_scheme=scheme)
    pick_paragraphs(page, live_server)
    assert faults(page) == []
    page.goto(live_server.url + "/guide/")
    until(lambda: page.locator("[data-last]").is_visible() and page.locator("[data-shelf]").is_visible())
    assert faults(page) == []


def test_picking_fits_320_pixels_with_twice_the_type(live_server: Server, open_phone: Callable[..., Page]) -> None:
    page = open_phone(viewport={"width": 320, "height": 640}, is_mobile=False)
    pick_paragraphs(page, live_server)
    page.evaluate(LARGE_TYPE)
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_guide_can_be_read_shared_and_left_by_the_keyboard_alone(live_server: Server, phone: Page) -> None:
    def tab_to(name: str) -> None:
        for _ in range(120):
            phone.keyboard.press("Tab")
            if name in phone.evaluate(
                "document.activeElement.getAttribute('aria-label') || document.activeElement.innerText"
            ):
                return
        raise AssertionError(name)

    phone.goto(live_server.url + "/guide/trust")
    tab_to("Skip to the text")
    phone.keyboard.press("Enter")
    tab_to("About your husband")
    phone.keyboard.press("Enter")
    tab_to("Larger text")
    phone.keyboard.press("Enter")
    assert phone.locator("html").get_attribute("data-text") == "1"
    tab_to("Share or keep")
    phone.keyboard.press("Space")
    tab_to("Keep for our check-in")
    assert phone.evaluate("document.activeElement.closest('[id^=p-]') !== null")
    tab_to("Next")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/guide/actions")


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_page_scrolls_sideways(live_server: Server, open_phone: Callable[..., Page], width: int) -> None:
    page = open_phone(viewport={"width": width, "height": 780}, is_mobile=False)
    for name, address in PAGES.items():
        page.goto(live_server.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_twice_the_type_with_wide_spacing_fits_320_pixels(live_server: Server, open_phone: Callable[..., Page]) -> None:
    page = open_phone(viewport={"width": 320, "height": 640}, is_mobile=False)
    for name, address in PAGES.items():
        page.goto(live_server.url + address)
        page.evaluate(LARGE_TYPE)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name


def test_everything_to_touch_is_large_enough(live_server: Server, phone: Page) -> None:
    """48 pixels at least, but for links inside a sentence (WCAG 2.2, 2.5.8 asks for 24)."""
    for name, address in PAGES.items():
        phone.goto(live_server.url + address)
        small = phone.evaluate("""() => [...document.querySelectorAll("a, button, summary, label")]
          .filter((it) => it.checkVisibility() && !it.matches(".skip, p *, .prose li *, .sources *, .directories *"))
          .filter((it) => it.getBoundingClientRect().height < 47.5).map((it) => it.textContent.trim())""")
        assert small == [], name
