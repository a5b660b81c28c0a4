"""What the tests of accounts do over and over: type into a browser, read a mail, come at the same instant."""

import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from typing import Any

from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import Member
from app.db import db
from tests.conftest import PASSWORD, token_for

RELAY = {"host": "127.0.0.1", "port": 9, "user": "", "password": "", "starttls": False, "tls": False}
OTHER_PASSWORD = "seven green chairs outside"


class Visitor:
    """A browser in which nobody is signed in, at a network address of its own."""

    def __init__(self, app: Flask, remote_addr: str = "192.0.2.1") -> None:
        self.app = app
        self.client = app.test_client()
        self.client.environ_base["REMOTE_ADDR"] = remote_addr

    def get(self, address: str, **options: Any) -> TestResponse:
        return self.client.get(address, **options)

    def post(self, address: str, data: dict[str, Any] | None = None, **options: Any) -> TestResponse:
        return self.client.post(address, data={"csrf_token": token_for(self.client), **(data or {})}, **options)

    def cookie(self, name: str) -> str:
        found = self.client.get_cookie(name)
        return found.value if found else ""

    def is_signed_in(self) -> bool:
        return self.get("/settings/").status_code == 200

    def sign_in(self, email: str, password: str = PASSWORD, **more: str) -> TestResponse:
        return self.post("/sign-in", {"email": email, "password": password, **more})

    def join(self, email: str = "nora@example.org", **more: str) -> TestResponse:
        return self.post("/join", {"name": "Nora", "email": email, "password": PASSWORD, **more})

    def type_code(self, code: str) -> TestResponse:
        return self.post("/join/code", {"code": code})


def with_cookie(app: Flask, token: str) -> Visitor:
    """Somebody who got hold of a sign-in cookie."""
    thief = Visitor(app)
    thief.client.set_cookie("sign-in", token)
    return thief


def sent(app: Flask) -> list[EmailMessage]:
    """The mails so far."""
    app.extensions["postman"].wait()
    messages: list[EmailMessage] = app.extensions["postman"].transport.messages
    return messages


def text_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    words: str = part.get_content()
    return words


def code_in(message: EmailMessage) -> str:
    found = re.search(r"^[0-9]{6}$", text_of(message), re.MULTILINE)
    assert found is not None
    return found[0]


def other_code(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


def reset_link_in(message: EmailMessage) -> str:
    found = re.search(r"/reset/\S+", text_of(message))
    assert found is not None
    return found[0]


def member_of(app: Flask, address: str) -> Member | None:
    with app.app_context():
        member = db.session.execute(select(Member).where(Member.email == address)).scalar()
        db.session.remove()
    return member


def at_once(number: int, act: Callable[[int], Any]) -> list[Any]:
    """Let `number` threads do the same at the same instant, and return what each got."""
    start = threading.Barrier(number)

    def run(turn: int) -> Any:
        start.wait()
        return act(turn)

    with ThreadPoolExecutor(number) as threads:
        return list(threads.map(run, range(number)))
