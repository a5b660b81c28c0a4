"""Two on their phones switch topics on and off: each sees their own, with a script and without."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Server
from tests.browser.steps import Stage, backstage, press

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(live_server: Server) -> Iterator[Stage]:
    with backstage(live_server) as app:
        yield Stage(live_server, app)


@pytest.mark.parametrize("has_script", [True, False], ids=["with a script", "without"])
def test_each_finds_their_own_choice_again_and_never_the_others(
    stage: Stage, open_phone: Callable[..., Page], has_script: bool
) -> None:
    alice, bob = (open_phone(java_script_enabled=has_script) for _ in range(2))
    for phone, person in zip((alice, bob), stage.couple(), strict=True):
        stage.sign_in(phone, person)
    stage.open(alice, "/space/").get_by_role("link", name="What a week may ask about").click()
    alice.get_by_label("Physical intimacy").check()
    press(alice, "Save")
    expect(alice.get_by_text("Saved, for you alone.")).to_be_visible()
    expect(alice.get_by_label("Physical intimacy")).to_be_checked()
    stage.open(bob, "/space/topics")
    for label in ("Forgiveness", "Physical intimacy"):
        expect(bob.get_by_label(label)).not_to_be_checked()
    alice.get_by_label("Physical intimacy").uncheck()
    press(alice, "Save")
    expect(alice.get_by_label("Physical intimacy")).not_to_be_checked()
