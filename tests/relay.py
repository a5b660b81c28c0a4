"""A real SMTP server for tests, which answers as it is told and keeps what it has taken."""

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP


class Relay:
    """What the server does. `rcpt` and `data` are its answers; `cut` is where it breaks the connection off.

    cut: "" never, "before data" after RCPT, "untaken" in the place of the final answer and without taking the mail,
    "taken" the same after taking it, "after" right behind the final answer. `times` is for how many mails: -1 for all.
    """

    def __init__(self) -> None:
        self.behave()
        self.taken: list[bytes] = []
        self.connections = 0
        self.thinks_for = 0.0  # seconds before each final answer

    def behave(
        self, *, rcpt: str = "", data: str = "", cut: str = "", times: int = -1, is_seven_bit: bool = False
    ) -> None:
        self.rcpt, self.data, self.cut, self.times, self.is_seven_bit = rcpt, data, cut, times, is_seven_bit

    def messages(self) -> list[EmailMessage]:
        """What was taken, parsed. Not a property: aiosmtpd reads those of its handler at each connection."""
        parser: BytesParser[Any] = BytesParser(policy=policy.default)
        return [parser.parsebytes(content) for content in self.taken]

    def _is_on(self) -> bool:
        return self.times != 0

    async def handle_EHLO(self, server: SMTP, session: Any, envelope: Any, hostname: str, responses: list[str]) -> Any:
        self.connections += 1
        session.host_name = hostname
        return [line for line in responses if not (self.is_seven_bit and "8BITMIME" in line)]

    async def handle_RCPT(self, server: SMTP, session: Any, envelope: Any, address: str, options: Any) -> str:
        if self._is_on() and self.rcpt:
            self.times -= 1
            return self.rcpt
        if self._is_on() and self.cut == "before data":
            self.times -= 1
            server.transport.close()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Any, envelope: Any) -> str:
        is_on = self._is_on()
        if is_on and (self.data or self.cut):
            self.times -= 1
        if is_on and self.data:
            return self.data
        if is_on and self.cut == "untaken":
            server.transport.close()
            return "250 never heard"
        await asyncio.sleep(self.thinks_for)
        self.taken.append(envelope.original_content)
        if is_on and self.cut == "taken":
            server.transport.close()
        if is_on and self.cut == "after":
            server.transport.write(b"250 OK\r\n")
            server.transport.close()
        return "250 OK"


@contextmanager
def running(relay: Relay) -> Iterator[str]:
    """Run `relay` on a free port of this machine; gives the SMTP_URL to reach it."""
    controller = Controller(relay, hostname="127.0.0.1", port=free_port())
    controller.start()
    relay.connections = 0
    try:
        yield f"smtp://127.0.0.1:{controller.port}?starttls=0"
    finally:
        controller.stop()


def free_port() -> int:
    """A port on which nothing listens at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
