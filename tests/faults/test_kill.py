"""The server is killed the moment it has said "saved": no acknowledged word is lost."""

import http.client
import json
import re
import secrets
import signal
import socket
import subprocess
import time
from http.cookies import SimpleCookie
from urllib.parse import urlencode

import pytest

from tests.faults.conftest import Start

ROUNDS = 20


class Browser:
    """A browser of a few lines: cookies, forms and tokens, over one server that dies now and then."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, address: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        headers |= {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        headers |= {"Content-Type": "application/x-www-form-urlencoded", "Sec-Fetch-Site": "same-origin"}
        connection.request(method, address, urlencode(form) if form else None, headers)
        response = connection.getresponse()
        for line in response.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        body = response.read().decode()
        connection.close()
        return response.status, body

    def send(self, address: str, form: dict[str, str]) -> int:
        page = self.ask("GET", address)[1]
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        return self.ask("POST", address, form | {"csrf_token": token[1] if token else ""})[0]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int, process: subprocess.Popen[str]) -> None:
    """Return when the server answers; fail when it has died or does not answer within a minute."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert process.poll() is None, "the server ended by itself"
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    pytest.fail("the server did not answer within a minute")


@pytest.mark.slow
def test_no_acknowledged_word_is_lost_by_kill_9(start: Start) -> None:
    browser = Browser(free_port())
    saved: dict[str, str] = {}
    for round in range(ROUNDS + 1):
        server = start("wsgi.py", PORT=browser.port, SCHEDULER="off")
        wait_for(browser.port, server)
        if round == 0:
            joined = {"name": "Ana", "email": "ana@example.org", "password": "a quiet kitchen table", "zone": "UTC"}
            assert browser.send("/join", joined) == 303
        page = browser.ask("GET", "/check-in/")[1]
        for word in saved.values():
            assert word in page, "a word that was acknowledged is gone"
        if round == ROUNDS:
            break
        prompts = re.findall(r'<textarea id="answer-([^"]+)"', page)
        versions = dict(re.findall(r'name="(version-[^"]+)" value="(\d+)"', page))
        prompt, word = prompts[round % len(prompts)], f"word-{secrets.token_hex(8)}"
        form = versions | {f"answer-{prompt}": f"{saved.get(prompt, '')} {word}".strip(), "action": "save"}
        status, answer = browser.ask("POST", "/check-in/", form, Accept="application/json")
        server.send_signal(signal.SIGKILL)
        assert status == 200
        assert json.loads(answer)["saved_at"]
        saved[prompt] = form[f"answer-{prompt}"]
        server.wait()
