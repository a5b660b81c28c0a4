"""A question of their own on two phones: proposed, agreed to, put away, with a script and without."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.steps import Stage, backstage, press

pytestmark = pytest.mark.slow

QUESTION = "Which soup shall we learn?"


@pytest.fixture(scope="module")
def stage(live_server: Server) -> Iterator[Stage]:
    with backstage(live_server) as app:
        yield Stage(live_server, app)


@pytest.mark.parametrize("has_script", [True, False], ids=["with a script", "without"])
def test_one_proposes_the_other_agrees_and_either_puts_it_away(
    stage: Stage, open_phone: Callable[..., Page], has_script: bool
) -> None:
    alice, bob = (open_phone(java_script_enabled=has_script) for _ in range(2))
    for phone, person in zip((alice, bob), stage.couple(), strict=True):
        stage.sign_in(phone, person)
    stage.open(alice, "/space/").get_by_role("link", name="Questions of your own").click()
    alice.get_by_label("Your question").fill(QUESTION)
    press(alice, "Propose it")
    expect(alice.get_by_text("Waits.")).to_be_visible()
    stage.open(bob, "/space/prompts")
    expect(bob.get_by_text(QUESTION)).to_be_visible()
    press(bob, "Ask it")
    expect(bob.get_by_role("button", name="Ask it no more")).to_be_visible()
    stage.open(alice, "/space/prompts")
    expect(alice.get_by_text("Waits.")).to_have_count(0)
    press(alice, "Ask it no more")
    expect(alice.get_by_text(QUESTION)).to_have_count(0)
