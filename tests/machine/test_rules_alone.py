"""The life of two, on the rules alone."""

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machine.life import Life
from tests.machine.paper import Paper

STEPS = 40


class OnPaper(Life):
    def worlds(self) -> tuple[Paper, Paper]:
        return Paper(), Paper()


def live(runs: int, *phases: Phase) -> None:
    chosen = settings(
        max_examples=runs,
        stateful_step_count=STEPS,
        derandomize=True,
        database=None,
        deadline=None,
        report_multiple_bugs=False,
        phases=phases,
    )
    run_state_machine_as_test(OnPaper, settings=chosen)


def test_thirty_lives_keep_every_promise() -> None:
    live(30, Phase.generate, Phase.shrink)


@pytest.mark.long
def test_two_thousand_lives_keep_every_promise() -> None:
    live(2000, Phase.generate, Phase.shrink)
