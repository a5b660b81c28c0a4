"""The life of two, through the app, on either database."""

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import empty
from tests.machine.life import Life
from tests.machine.site import Clock, Site

STEPS = 30


def live(app: Flask, runs: int, steps: int = STEPS) -> None:
    class InTheApp(Life):
        def worlds(self) -> tuple[Site, Site]:
            empty(app)
            clock = Clock()
            return Site(app, clock, "1"), Site(app, clock, "2")

    chosen = settings(
        max_examples=runs,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate],  # a shorter story of the same failure would take minutes
    )
    run_state_machine_as_test(InTheApp, settings=chosen)


@pytest.fixture(params=["sqlite", "postgres"])
def server(request: pytest.FixtureRequest) -> Flask:
    """The app, without the frozen clock of the other tests: each life freezes its own."""
    chosen: Flask = request.getfixturevalue(f"{request.param}_app")
    return chosen


@pytest.mark.slow
def test_twelve_lives_keep_every_promise(server: Flask, same_questions: None) -> None:
    live(server, 12)


@pytest.mark.long
def test_sixty_lives_keep_every_promise(server: Flask, same_questions: None) -> None:
    live(server, 60)
