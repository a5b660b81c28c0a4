"""Scheduler processes on one database: each reminder leaves once, and stopping loses nothing."""

import json
import signal
import time
from collections import Counter

import pytest

from tests.relay import free_port
from tests.reminders.conftest import Ledger

pytestmark = pytest.mark.slow
FLASK = ("-m", "flask", "--app", "wsgi", "reminders")


def wait_until(is_true, seconds: float = 60) -> None:
    """Wait for something that must come; the limit is only there so that a fault ends the test."""
    end = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.02)


def test_two_passes_at_once_send_each_of_300_reminders_once(start, due_now, relay, relay_url, database_url):
    app = due_now(150, DATABASE_URL=database_url)
    relay.thinks_for = 0.01  # long enough that both have their share
    settings = {"DATABASE_URL": database_url, "SMTP_URL": relay_url}
    processes = [start(*FLASK, "send", **settings) for _ in range(2)]
    results = [json.loads(process.communicate(timeout=120)[0]) for process in processes]
    arrived = Counter(message["Message-ID"] for message in relay.messages())
    assert set(arrived.values()) == {1}
    assert len(arrived) == len({message["To"] for message in relay.messages()}) == 300
    assert sum(result["planned"] for result in results) == 300
    assert sum(result["sent"] for result in results) == 300
    assert min(result["sent"] for result in results) > 0
    assert Counter(row.state for row in Ledger(app).rows()) == {"sent": 300}


def test_two_that_run_for_ever_share_what_is_due_and_end_when_asked(start, due_now, relay, relay_url, database_url):
    app = due_now(30, DATABASE_URL=database_url)
    settings = {"DATABASE_URL": database_url, "SMTP_URL": relay_url}
    processes = [start(*FLASK, "run", **settings) for _ in range(2)]
    wait_until(lambda: len(relay.taken) >= 60)
    wait_until(lambda: Ledger(app).states() == ["sent"] * 60)
    for process, number in zip(processes, (signal.SIGTERM, signal.SIGINT), strict=True):
        process.send_signal(number)
    for process in processes:
        _, errors = process.communicate(timeout=30)
        assert (process.returncode, errors) == (0, "")
    assert len({message["Message-ID"] for message in relay.messages()}) == len(relay.taken) == 60


def test_stopping_finishes_the_mail_in_hand_and_leaves_the_others_ready(start, due_now, relay, relay_url):
    app = due_now(20)
    relay.thinks_for = 0.2
    process = start(*FLASK, "run", SMTP_URL=relay_url)
    wait_until(lambda: len(relay.taken) >= 2)
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=30)
    assert process.returncode == 0
    states = Counter(row.state for row in Ledger(app).rows())
    assert set(states) == {"sent", "ready"}
    assert states["sent"] == len(relay.taken) < 40
    assert {row.leased_until for row in Ledger(app).rows()} == {None}


def test_the_server_itself_sends_reminders_unless_told_not_to(start, due_now, relay, relay_url):
    app = due_now(1)
    silent = start("wsgi.py", SMTP_URL=relay_url, PORT=free_port(), SCHEDULER="off")
    wait_until(lambda: silent.stdout.readline().startswith("Same Side is at"))
    time.sleep(0.5)
    assert Ledger(app).rows() == []
    talking = start("wsgi.py", SMTP_URL=relay_url, PORT=free_port())
    wait_until(lambda: Ledger(app).states() == ["sent", "sent"])
    for process in (silent, talking):
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
        assert process.returncode == 0


def test_importing_the_app_starts_nothing(start, due_now):
    """A WSGI server with many workers imports wsgi.py in each; reminders run where they were asked for."""
    app = due_now(1)
    program = "import threading, wsgi; print([thread.name for thread in threading.enumerate()])"
    output, _ = start("-c", program).communicate(timeout=30)
    assert output == "['MainThread']\n"
    assert Ledger(app).rows() == []
