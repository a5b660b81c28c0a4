"""Starting and stopping the server as people do: it answers, it says in one line what is wrong, it ends cleanly."""

import http.client
import signal
import socket
import sqlite3
import subprocess
import threading
import time
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import make_app
from tests.faults.conftest import Start
from tests.relay import free_port

pytestmark = pytest.mark.slow
PATIENCE = 60  # only there so that a fault ends the test


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def get(port: int, path: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()
    finally:
        connection.close()


def wait_for_address(process: subprocess.Popen[str]) -> str:
    """The first line that a server prints, once it does."""
    line = process.stdout.readline()
    if not line.startswith("Same Side is at "):
        process.kill()
        pytest.fail(f"{line}{process.communicate(timeout=PATIENCE)}")
    return line


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_its_address_answers_and_ends_cleanly(start, number):
    port = free_port()
    process = start("wsgi.py", PORT=port)
    assert wait_for_address(process) == f"Same Side is at http://127.0.0.1:{port}\n"
    assert process.stdout.readline().startswith("SMTP_URL is not set: mails become files in ")
    assert get(port, "/healthz")[0] == 200
    assert get(port, "/readyz")[0] == 200
    process.send_signal(number)
    output, errors = process.communicate(timeout=PATIENCE)
    assert (process.returncode, output, errors) == (0, "", "")
    assert not is_listening(port)


SLOW_APP = """
import time
from app import create_app
from app.server import serve
app = create_app()
@app.get("/slow")
def slow():
    print("in hand", flush=True)
    time.sleep(1.5)
    return "answered" * 100
serve(app)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_request_in_hand_is_answered_before_it_ends(start, number):
    port = free_port()
    process = start("-c", SLOW_APP, PORT=port)
    wait_for_address(process)
    process.stdout.readline()
    answers = []
    thread = threading.Thread(target=lambda: answers.append(get(port, "/slow")))
    thread.start()
    assert process.stdout.readline() == "in hand\n"
    process.send_signal(number)
    time.sleep(0.2)
    process.send_signal(number)  # an impatient second one changes nothing
    thread.join(PATIENCE)
    _, errors = process.communicate(timeout=PATIENCE)
    assert answers == [(200, "answered" * 100)]
    assert (process.returncode, errors) == (0, "")


def test_make_run_is_all_it_takes(start):
    port = free_port()
    process = start("run", program="make", PORT=port)
    wait_for_address(process)
    assert get(port, "/healthz")[0] == 200
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=PATIENCE)
    assert not is_listening(port)


def used_folder(folder: Path) -> Path:
    """An instance folder in which the app has run before."""
    make_app(folder)
    return folder


def without_its_key(folder: Path) -> Path:
    (used_folder(folder) / "data.key").unlink()
    return folder


def of_a_later_version(folder: Path) -> Path:
    database = sqlite3.connect(used_folder(folder) / "same-side.sqlite")
    database.execute("UPDATE alembic_version SET version_num = '9999'")
    database.commit()
    database.close()
    return folder


def inside_a_file(folder: Path) -> Path:
    (folder / "file").touch()
    return folder / "file" / "instance"


OTHER_KEY = "b3RoZXIga2V5IG90aGVyIGtleSBvdGhlciBrZXkgb3Q="

# the setting that the line must name, what is set, and to what; a function gets a fresh folder and makes it so
WRONG = {
    "a database of another kind": ("DATABASE_URL", "DATABASE_URL", "mysql://localhost/x"),
    "a database that is a folder": ("DATABASE_URL", "DATABASE_URL", lambda folder: f"sqlite:///{folder}"),
    "a PostgreSQL that is not there": (
        "DATABASE_URL",
        "DATABASE_URL",
        lambda folder: f"postgresql://somebody:a-password@127.0.0.1:{free_port()}/x",
    ),
    "a folder that cannot be made": ("INSTANCE_PATH", "INSTANCE_PATH", inside_a_file),
    "a relay that is only a name": ("SMTP_URL", "SMTP_URL", "mail.example.org"),
    "a data key that is not base64": ("DATA_KEY", "DATA_KEY", "not base64!"),
    "a data key of another database": ("DATA_KEY", "DATA_KEY", lambda folder: used_folder(folder) and OTHER_KEY),
    "a data key file that is gone": ("DATA_KEY", "INSTANCE_PATH", without_its_key),
}
WRONG_FOR_SERVING = {
    "a host of nobody": ("HOST", "HOST", "no.such.host.invalid"),
    "a database of a later version": ("DATABASE_URL", "INSTANCE_PATH", of_a_later_version),
}


def start_with_each(start: Start, tmp_path: Path, words: tuple[str, ...], wrong: dict[str, Any]) -> dict[str, str]:
    """Start once with each wrong setting, some at a time; what did not go as it should, by name."""
    faults = {}
    for few in zip_longest(*[iter(wrong)] * 4):
        running = {}
        for name in filter(None, few):
            _, setting, value = wrong[name]
            folder = tmp_path / name.replace(" ", "-")
            folder.mkdir()
            given = {"INSTANCE_PATH": folder, "PORT": free_port(), setting: value}
            running[name] = start(*words, **given | {setting: value(folder) if callable(value) else value})
        for name, process in running.items():
            output, errors = process.communicate(timeout=PATIENCE)
            is_one_line = output == "" and errors.count("\n") == 1 and f"{wrong[name][0]}: " in errors
            if process.returncode != 1 or not is_one_line or "a-password" in errors:
                faults[name] = f"{process.returncode} {output}{errors}"
    return faults


def test_whatever_is_set_wrong_the_server_says_so_in_one_line_and_ends_with_1(start, tmp_path):
    assert start_with_each(start, tmp_path, ("wsgi.py",), WRONG | WRONG_FOR_SERVING) == {}


def test_whatever_is_set_wrong_a_command_says_so_in_one_line_and_ends_with_1(start, tmp_path):
    assert start_with_each(start, tmp_path, ("-m", "flask", "--app", "wsgi", "reminders", "send"), WRONG) == {}


def test_a_port_in_use_is_told_before_anything_else_is_done(start, tmp_path):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        output, errors = start("wsgi.py", PORT=port).communicate(timeout=PATIENCE)
    assert (output, errors.count("\n")) == ("", 1)
    assert f"PORT: 127.0.0.1:{port} cannot be used" in errors
    with sqlite3.connect(tmp_path / "same-side.sqlite") as database:
        assert database.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    database.close()
