"""`reminders send`: one pass, one line of JSON, and a clear word when it cannot."""

import json

import pytest

from app import create_app
from app.mail import Unreachable
from tests.reminders.test_sending import Faulty

ZERO = {
    "opened": 0, "planned": 0, "sent": 0, "skipped": 0, "retry": 0, "failed": 0, "expired": 0, "in_doubt": 0
}  # fmt: skip


def run(app, *words):
    return app.test_cli_runner().invoke(args=["reminders", "send", *words])


def test_it_prints_what_it_did_as_one_line(app, clock, alice, bob, outbox):
    first = run(app, "--now", "2026-11-23T09:00:00Z")
    assert first.exit_code == 0
    assert json.loads(first.output) == ZERO | {"opened": 1}
    sunday = run(app, "--now", "2026-11-29T18:00:00Z")
    assert sunday.output.count("\n") == 1
    assert json.loads(sunday.output) == ZERO | {"planned": 2, "sent": 2}
    assert list(json.loads(sunday.output)) == list(ZERO)
    next_sunday = run(app, "--now", "2026-12-06T18:00:00Z")
    assert json.loads(next_sunday.output) == ZERO | {"opened": 1, "planned": 2, "sent": 2}
    assert len(outbox()) == 4


def test_the_same_moment_again_does_nothing(app, clock, alice, bob):
    run(app)
    run(app, "--now", "2026-11-29T18:00:00Z")
    assert json.loads(run(app, "--now", "2026-11-29T18:00:00Z").output) == ZERO


def test_without_a_moment_it_is_now(app, clock, alice, bob):
    assert json.loads(run(app).output) == ZERO | {"opened": 1}


@pytest.mark.parametrize(
    "moment",
    ["2026-11-29T18:00:00Z", "2026-11-29T18:00:00+00:00", "2026-11-29T19:00:00+01:00", "2026-11-29 13:00:00-05:00"],
)
def test_a_moment_may_be_written_with_any_offset(app, clock, alice, bob, moment):
    run(app)
    assert json.loads(run(app, "--now", moment).output)["sent"] == 2


@pytest.mark.parametrize("moment", ["2026-11-29T18:00:00", "2026-11-29", "tomorrow", "", "2026-13-01T00:00:00Z"])
def test_a_moment_without_an_offset_or_sense_is_refused(app, moment):
    result = run(app, "--now", moment)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "such as 2027-01-03T18:00:00Z" in result.output


def test_what_waits_for_the_relay_is_counted(app, ledger, clock, alice, bob):
    run(app)
    with ledger.through(Faulty(Unreachable("away"), after=False, times=9)):
        done = json.loads(run(app, "--now", "2026-11-29T18:00:00Z").output)
    assert done == ZERO | {"planned": 2, "retry": 1}


def test_an_empty_database_is_told(tmp_path):
    result = run(create_app({"INSTANCE_PATH": str(tmp_path)}))
    assert (result.exit_code, result.output.count("\n")) == (1, 1)
    assert "db upgrade" in result.output
