"""The help page on a phone: the self-check tells nobody, and the way out is quick."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request

from tests.browser.conftest import Server

pytestmark = pytest.mark.slow

WEATHER = "https://www.bbc.com/weather"
LEFT_BEHIND = """async () => ({
  cookies: document.cookie, local: { ...localStorage }, session: { ...sessionStorage },
  databases: (await indexedDB.databases()).map((database) => database.name),
})"""


def answer(page: Page, *answers: str) -> None:
    for number, word in enumerate(answers):
        page.locator("fieldset").nth(number).get_by_label(word, exact=True).check()


def there_and_back(page: Page, server: Server) -> None:
    page.goto(server.url + "/help/")
    page.go_back()


@pytest.mark.parametrize(
    ("answers", "shown"),
    [
        (("Yes",), "yes"),
        (("No", "Not sure"), "yes"),
        (("No", "No", "No", "Yes"), "yes"),
        (("No", "No", "No"), ""),
        (("No", "No", "No", "No"), "no"),
    ],
    ids=["a yes", "a doubt", "the last one", "not finished", "all no"],
)
def test_the_self_check_shows_the_text_that_fits(
    live_server: Server, phone: Page, answers: tuple[str, ...], shown: str
) -> None:
    phone.goto(live_server.url + "/help/self-check")
    answer(phone, *answers)
    for result in ("yes", "no"):
        assert phone.locator(f"[data-result={result}]").is_visible() is (result == shown)


def test_answering_sends_and_stores_nothing(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/help/self-check")
    phone.evaluate("navigator.serviceWorker.ready.then(() => null)")
    before = phone.evaluate(LEFT_BEHIND)
    sent: list[Request] = []
    phone.context.on("request", lambda request: sent.append(request))
    answer(phone, "Yes", "No", "Not sure", "Yes")
    answer(phone, "No", "No", "No", "No")
    phone.wait_for_timeout(300)
    assert [request.url for request in sent] == []
    assert phone.evaluate(LEFT_BEHIND) == before
    assert phone.url == live_server.url + "/help/self-check"


def test_nobody_who_comes_after_finds_the_answers(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/help/self-check")
    came_back = "dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))"  # as from a browser's memory
    for leave_and_return in (lambda: phone.evaluate(came_back), lambda: there_and_back(phone, live_server)):
        answer(phone, "Yes", "Yes")
        leave_and_return()
        assert phone.locator("input:checked").count() == 0
        assert not phone.locator("[data-result=yes]").is_visible()


def test_without_javascript_both_texts_are_there(live_server: Server, open_phone: Callable[..., Page]) -> None:
    page = open_phone(java_script_enabled=False)
    page.goto(live_server.url + "/help/self-check")
    assert page.get_by_text("If you said yes to any of these").is_visible()
    assert page.get_by_text("If you said no to all of them").is_visible()


def test_the_button_leaves_for_the_weather_and_back_does_not_return(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/guide/")
    phone.goto(live_server.url + "/help/")
    phone.get_by_role("button", name="Leave this page").click()
    phone.wait_for_url(WEATHER)
    phone.go_back()
    assert phone.url == live_server.url + "/guide/"


def test_shift_three_times_leaves_and_says_so_on_the_way(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/help/self-check")
    for word in ("twice", "once"):
        phone.keyboard.press("Shift")
        assert word in phone.locator("[data-exit-status]").inner_text()
    phone.keyboard.press("Shift")
    phone.wait_for_url(WEATHER)


def test_three_shifts_with_letters_between_are_only_typing(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/help/")
    for key in ("Shift", "Shift", "a", "Shift", "Shift"):
        phone.keyboard.press(key)
    phone.wait_for_timeout(200)
    assert phone.url == live_server.url + "/help/"


def test_the_page_is_out_of_sight_before_the_weather_has_come(live_server: Server, phone: Page) -> None:
    phone.goto(live_server.url + "/help/")
    at_once = phone.evaluate("""() => {
      document.querySelector("[data-exit]").requestSubmit();
      return [getComputedStyle(document.body).display, document.title];
    }""")
    assert at_once == ["none", "Weather"]


def test_without_javascript_the_button_works_too(live_server: Server, open_phone: Callable[..., Page]) -> None:
    page = open_phone(java_script_enabled=False)
    page.goto(live_server.url + "/help/")
    page.get_by_role("button", name="Leave this page").click()
    page.wait_for_url(WEATHER)


def test_without_a_connection_the_button_still_hides_everything(own_server: Server, phone: Page) -> None:
    phone.goto(own_server.url + "/help/")
    own_server.kill()
    phone.context.set_offline(True)
    phone.get_by_role("button", name="Leave this page").click()
    phone.wait_for_url("about:blank")
