"""Every private page in every state has no fault that axe can see, fits the smallest screen, and has large targets."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from app.checkin.rules import RATINGS
from tests.browser.conftest import CHROMIUM, FLAGS, Server
from tests.browser.looks import expect_no_fault
from tests.browser.steps import Stage, area, backstage, expect_saved, press, status, turn_to
from tests.checkin.conftest import Sheet, rate_weeks
from tests.conftest import PASSWORD

pytestmark = pytest.mark.slow

States = dict[str, Callable[[Stage, Page], None]]
STATES: States = {}


def state(name: str) -> Callable[[Callable[[Stage, Page], None]], Callable[[Stage, Page], None]]:
    """Name a function that brings a page into a state."""

    def keep(reach: Callable[[Stage, Page], None]) -> Callable[[Stage, Page], None]:
        STATES[name] = reach
        return reach

    return keep


def send_form(page: Page, action: str) -> None:
    """Send the check-in as a browser without script would."""
    page.evaluate(
        """(value) => {
          const form = document.querySelector("[data-check-in]");
          form.append(Object.assign(document.createElement("input"), { type: "hidden", name: "action", value }));
          form.submit();
        }""",
        action,
    )
    page.locator(".error-summary, [data-page=check-in-not-saved], [data-page=sign-in]").wait_for()


@state("the first card of a first check-in")
def first_card(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.couple()[0])
    stage.open(page)


@state("a card with words, saved")
def written_card(stage: Stage, page: Page) -> None:
    first_card(stage, page)
    area(page).fill("The soup on Tuesday. " * 30)
    expect_saved(page)


@state("the card with the wish, and why it is asked")
def wish_card(stage: Stage, page: Page) -> None:
    first_card(stage, page)
    turn_to(page, 2)
    page.get_by_label("Be comforted").check()
    page.locator("[data-card]:not([hidden]) summary").click()


@state("the ratings")
def ratings_card(stage: Stage, page: Page) -> None:
    first_card(stage, page)
    turn_to(page, 6)
    page.get_by_label("3", exact=True).first.check()


@state("the last card")
def last_card(stage: Stage, page: Page) -> None:
    first_card(stage, page)
    turn_to(page, 7)


@state("all questions at once")
def all_cards(stage: Stage, page: Page) -> None:
    first_card(stage, page)
    press(page, "Show all questions at once")


@state("the first card, alone")
def solo_card(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page)


@state("both texts of two devices")
def conflict(stage: Stage, page: Page) -> None:
    alice, _ = stage.couple()
    stage.sign_in(page, alice)
    stage.open(page)
    Sheet(alice).save("From the laptop.")
    area(page).fill("From the phone.")
    page.locator(".elsewhere").wait_for()


@state("both texts after sending the form")
def conflict_by_form(stage: Stage, page: Page) -> None:
    conflict(stage, page)
    send_form(page, "save")


@state("signed out while writing")
def signed_out(stage: Stage, page: Page) -> None:
    first_card(stage, page)
    page.context.clear_cookies(name="sign-in")
    area(page).fill("Words that are not saved.")
    expect(status(page)).to_contain_text("You are signed out")


@state("signing in to save, with a wrong password")
def sign_in_to_save(stage: Stage, page: Page) -> None:
    signed_out(stage, page)
    press(page, "Sign in and save")
    page.get_by_label("Mail address").fill("nobody@example.org")
    page.get_by_label("Password").fill("not the right one")
    press(page, "Sign in and save")
    page.locator("summary").click()


@state("a form with nothing written")
def nothing_written(stage: Stage, page: Page) -> None:
    first_card(stage, page)
    send_form(page, "submit")


@state("a form with an answer that is too long")
def too_long(stage: Stage, page: Page) -> None:
    first_card(stage, page)
    area(page, 2).evaluate("(area) => { area.value = 'x '.repeat(5001); }")
    send_form(page, "save")


@state("words of a week that is over")
def not_saved(stage: Stage, page: Page) -> None:
    signed_out(stage, page)
    stage.sign_in(page, stage.solo())
    press(page, "Sign in and save")
    page.get_by_role("heading", name="Not saved").wait_for()


@state("waiting")
def waiting(stage: Stage, page: Page) -> None:
    alice, _ = stage.couple()
    Sheet(alice).submit("The soup on Tuesday.", "The roof.")
    stage.sign_in(page, alice)
    stage.open(page)
    page.locator("summary").click()


@state("revealed")
def revealed(stage: Stage, page: Page) -> None:
    alice, bob = stage.couple()
    mind = Sheet(alice).prompts[1]
    Sheet(alice).submit("The soup on Tuesday.", "The roof.", **{f"want-{mind}": "heard", "rating-together": "3"})
    Sheet(bob).submit("Your face when the boiler came back on. " * 8)
    stage.sign_in(page, alice)
    stage.open(page)
    page.locator("summary").click()


@state("a week from the history")
def past(stage: Stage, page: Page) -> None:
    revealed(stage, page)
    stage.open(page, "/check-in/history")
    page.locator(".weeks a").first.click()


@state("a week that ended before it opened")
def closed(stage: Stage, page: Page) -> None:
    alice, _ = stage.couple()
    Sheet(alice).submit("The soup on Tuesday.")
    alice.post("/space/leave", {"confirm": "leave"})
    stage.sign_in(page, alice)
    stage.open(page, "/check-in/history")
    page.locator(".weeks a").first.click()


@state("no history")
def empty_history(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page, "/check-in/history")


@state("a long history")
def long_history(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.veteran(weeks=30))
    stage.open(page, "/check-in/history")
    expect(page.get_by_role("link", name="Older")).to_be_visible()


@state("charts with a gap, of one point and of none, a table open")
def charts(stage: Stage, page: Page) -> None:
    sam = stage.solo()
    given = [{"together": 3, "understood": 5}, {"together": 4}, None, {"together": 7}]
    rate_weeks(stage.app, sam, given)
    stage.sign_in(page, sam)
    stage.open(page, "/check-in/history")
    page.locator(".chart summary").first.click()
    expect(page.get_by_role("img", name="Time together")).to_be_visible()
    expect(page.get_by_role("cell", name="7", exact=True)).to_be_visible()


@state("charts of two hundred weeks")
def long_charts(stage: Stage, page: Page) -> None:
    sam = stage.solo()
    rate_weeks(stage.app, sam, [dict.fromkeys(RATINGS, 1 + week * 3 % 7) for week in range(200)])
    stage.sign_in(page, sam)
    stage.open(page, "/check-in/history")
    page.get_by_role("link", name="What you reported, as charts").click()
    expect(page.get_by_role("img", name="Time together")).to_be_in_viewport()


@state("thoughts kept, with and without a paragraph")
def thoughts(stage: Stage, page: Page) -> None:
    alice, _ = stage.couple()
    passage = stage.app.extensions["content"].guide["trust"].passages[0]
    for fields in ({"words": "The roof. " * 20}, {"words": "Like us.", "page": "/guide/trust", "passage": passage.id}):
        alice.post("/thoughts/", fields)
    stage.sign_in(page, alice)
    stage.open(page, "/thoughts/")
    expect(page.get_by_role("button", name="Remove")).to_have_count(2)


@state("a thought just put into an answer")
def used_thought(stage: Stage, page: Page) -> None:
    thoughts(stage, page)
    stage.open(page)
    page.locator("summary", has_text="Thoughts you kept").click()
    page.get_by_role("button", name="Put it into this answer").first.click()
    expect(page.get_by_role("button", name="Remove it from the list")).to_be_visible()
    expect_saved(page)


@state("the topics, one switched on")
def topics(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.couple()[0])
    stage.open(page, "/space/topics")
    page.get_by_label("Forgiveness").check()
    press(page, "Save")
    expect(page.get_by_text("Saved, for you alone.")).to_be_visible()


@state("the topics, refused")
def refused_topics(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page, "/space/topics")
    page.get_by_label("Forgiveness").evaluate("box => { box.value = 'something-else'; box.checked = true; }")
    press(page, "Save")
    page.locator(".error-summary").wait_for()


@state("questions of one's own: offered, waiting, asked, and one refused")
def own_questions(stage: Stage, page: Page) -> None:
    alice, bob = stage.couple()
    alice.post("/space/prompts", {"words": "Which soup shall we learn to make for the people upstairs? " * 2})
    bob.post("/space/prompts", {"words": "What would you like to cook?"})
    stage.sign_in(page, alice)
    stage.open(page, "/space/prompts")
    press(page, "Propose it")
    page.locator(".error-summary").wait_for()
    expect(page.get_by_role("button", name="Rather not")).to_be_visible()


@state("questions of one's own that are asked")
def asked_questions(stage: Stage, page: Page) -> None:
    sam = stage.solo()
    sam.post("/space/prompts", {"words": "What would you like to cook?"})
    stage.sign_in(page, sam)
    stage.open(page, "/space/prompts")
    expect(page.get_by_role("button", name="Ask it no more")).to_be_visible()


@state("no thoughts")
def no_thoughts(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page, "/thoughts/")


@state("a paragraph about to be kept")
def new_thought(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    passage = stage.app.extensions["content"].guide["trust"].passages[0]
    stage.open(page, f"/thoughts/new?page=/guide/trust&passage={passage.id}")
    page.locator("blockquote").wait_for()


@state("a thought refused")
def refused_thought(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page, "/thoughts/new?page=/guide/trust&passage=unknown")
    press(page, "Keep it")
    page.locator(".error-summary").wait_for()


@state("a thought that the server cannot be reached for")
def unreachable_thought(stage: Stage, page: Page) -> None:
    new_thought(stage, page)
    page.route("**/healthz", lambda route: route.abort())
    press(page, "Keep it")
    page.get_by_role("alert").wait_for()


@state("signing in to keep a thought, with a wrong password")
def sign_in_to_keep(stage: Stage, page: Page) -> None:
    new_thought(stage, page)
    page.get_by_label("A line of your own").fill("Like us.")
    page.context.clear_cookies(name="sign-in")
    press(page, "Keep it")
    page.get_by_label("Mail address").fill("nobody@example.org")
    page.get_by_label("Password").fill("not the right one")
    press(page, "Sign in and keep it")
    page.locator("summary").click()


@state("a thought of somebody else")
def thought_not_kept(stage: Stage, page: Page) -> None:
    new_thought(stage, page)
    page.get_by_label("A line of your own").fill("Like us.")
    stage.sign_in(page, stage.solo())
    press(page, "Keep it")
    page.get_by_role("heading", name="Not kept").wait_for()


@state("a space of one's own")
def solo_space(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page, "/space/")


@state("a space with an invitation")
def invited_space(stage: Stage, page: Page) -> None:
    solo_space(stage, page)
    press(page, "Make an invitation")


@state("an invitation of one's own")
def own_invitation(stage: Stage, page: Page) -> None:
    invited_space(stage, page)
    page.locator("[data-invitation]").click()


@state("an invitation, signed out")
def invitation(stage: Stage, page: Page) -> None:
    own_invitation(stage, page)
    page.context.clear_cookies()
    page.reload()
    expect(page.get_by_role("link", name="Join, then accept")).to_be_visible()


@state("an invitation, signed in")
def invitation_signed_in(stage: Stage, page: Page) -> None:
    own_invitation(stage, page)
    stage.sign_in(page, stage.solo("Bob"))
    page.reload()
    expect(page.get_by_role("button", name="Accept")).to_be_visible()


@state("an invitation for somebody in a couple")
def invitation_taken(stage: Stage, page: Page) -> None:
    own_invitation(stage, page)
    stage.sign_in(page, stage.couple()[0])
    page.reload()
    expect(page.get_by_role("link", name="leave that one")).to_be_visible()


@state("an invitation that no longer works")
def invitation_gone(stage: Stage, page: Page) -> None:
    stage.open(page, "/invitation/unknown")


@state("a space of two, its weekly time refused")
def shared_space(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.couple()[0])
    stage.open(page, "/space/")
    page.locator("summary").first.click()
    page.get_by_label("Time", exact=True).fill("")
    press(page, "Save")
    page.locator(".error-summary").wait_for()


@state("leaving")
def leaving(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.couple()[0])
    stage.open(page, "/space/leave")


@state("a space that has ended")
def ended_space(stage: Stage, page: Page) -> None:
    leaving(stage, page)
    press(page, "Leave this space")


@state("settings, all of them open")
def settings(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page, "/settings/")
    for summary in page.locator("main summary").all():
        summary.click()


@state("settings, a password refused")
def refused_settings(stage: Stage, page: Page) -> None:
    settings(stage, page)
    press(page, "Change the password")
    page.locator(".error-summary").wait_for()


@state("reminders, a day refused")
def reminders(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.couple()[0])
    stage.open(page, "/reminders/")
    page.get_by_label("Pause until").fill("2001-01-01")
    press(page, "Save")


@state("taking one's words along, a password refused")
def export(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page, "/settings/export")
    page.get_by_label("Your password").fill("not the right one")
    press(page, "Get the file")
    page.locator(".error-summary").wait_for()


@state("deleting the account")
def delete(stage: Stage, page: Page) -> None:
    stage.sign_in(page, stage.solo())
    stage.open(page, "/settings/delete")


@state("joining, refused")
def refused_joining(stage: Stage, page: Page) -> None:
    stage.open(page, "/join")
    press(page, "Join")
    page.locator(".error-summary").wait_for()


@state("signing in, refused")
def refused_sign_in(stage: Stage, page: Page) -> None:
    stage.open(page, "/sign-in")
    page.get_by_label("Address").fill("nobody@example.org")
    page.get_by_label("Password").fill(PASSWORD)
    press(page, "Sign in")
    page.locator(".error-summary").wait_for()


@state("a forgotten password")
def forgotten(stage: Stage, page: Page) -> None:
    stage.open(page, "/forgot")


@state("a forgotten password, the mail sent")
def forgotten_sent(stage: Stage, page: Page) -> None:
    forgotten(stage, page)
    page.get_by_label("Address").fill("nobody@example.org")
    press(page, "Send the link")
    page.get_by_role("heading", name="Look into your mail").wait_for()


@state("a link that no longer works")
def link_gone(stage: Stage, page: Page) -> None:
    stage.open(page, "/reset/unknown")


@pytest.fixture(scope="module")
def stage(live_server: Server) -> Iterator[Stage]:
    with backstage(live_server) as app:
        yield Stage(live_server, app)


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A phone-sized page without motion, so that nothing is looked at while it is half there."""
    context = browser.new_context(viewport={"width": 360, "height": 780}, reduced_motion="reduce")
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("name", STATES)
def test_the_page_has_no_fault_in(stage: Stage, page: Page, name: str) -> None:
    STATES[name](stage, page)
    expect_no_fault(page)
