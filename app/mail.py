"""Mail: composing a message from three templates, and the transports that carry it."""

import contextlib
import logging
import os
import queue
import secrets
import smtplib
import ssl
import threading
import time
from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from email.utils import format_datetime, parseaddr
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from flask import Flask, current_app, render_template

from app import clock

logger = logging.getLogger(__name__)
TIMEOUT = 30  # seconds for each step of an SMTP conversation
ANSWER_TIMEOUT = 120  # for the steps after DATA: a relay that scans for long must not make us send twice (RFC 1047)
TRIES = 3
# Lines stay whole: folding would turn a long List-Unsubscribe into encoded words that no mail program clicks.
LINES = default.clone(max_line_length=998)
WIRE = LINES.clone(linesep="\r\n")

BeforeData = Callable[[], bool]


class Unreachable(Exception):
    """The relay is away or refuses us altogether; the message is surely not accepted and not at fault."""


class Deferred(Exception):
    """The relay said 4xx to this message: surely not accepted, try later."""


class Refused(Exception):
    """The relay said 5xx to this message: it will never be accepted."""


class Unsure(Exception):
    """The connection broke after the message was handed over: it may have been accepted or not (RFC 1047)."""


class Transport(Protocol):
    """Carries one message to one recipient."""

    is_idempotent: bool  # whether sending the same Message-ID again changes nothing

    def send(self, message: EmailMessage, before_data: BeforeData) -> None:
        """Hand `message` over. `before_data` is asked at the last moment before the words leave; False stops it."""


class FileTransport:
    """Writes each message to `folder` as <Message-ID>.eml, once: the same Message-ID again changes nothing."""

    is_idempotent = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage, before_data: BeforeData) -> None:
        if not before_data():
            return
        self.folder.mkdir(mode=0o700, exist_ok=True)
        name = message["Message-ID"].strip("<>").replace("/", "_")
        draft = self.folder / f".{name}-{secrets.token_hex(4)}"
        try:
            with draft.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(message.as_bytes(policy=LINES))
                file.flush()
                os.fsync(file.fileno())
            (self.folder / f"{name}.eml").hardlink_to(draft)
        except FileExistsError:
            pass
        finally:
            draft.unlink(missing_ok=True)
        _sync_folder(self.folder)

    def forget(self, address: str) -> None:
        """Remove every message to `address` from the folder."""
        for path in self.folder.glob("*.eml"):
            with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
                to = parseaddr(BytesParser().parse(file, headersonly=True)["To"])[1]
                if to.lower() == address.lower():
                    path.unlink()


class MemoryTransport:
    """Keeps messages in a list, for tests."""

    is_idempotent = False

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []

    def send(self, message: EmailMessage, before_data: BeforeData) -> None:
        if before_data():
            self.messages.append(message)


class SmtpTransport:
    """Speaks SMTP step by step, so that "refused", "not now" and "nobody knows" stay apart.

    With `starttls` a relay that does not offer it is refused: never a silent fall back to plain text.
    """

    is_idempotent = False

    def __init__(self, settings: dict[str, Any]) -> None:
        self.settings = settings

    def send(self, message: EmailMessage, before_data: BeforeData) -> None:
        smtp = self._connect()
        try:
            self._hand_over(smtp, message, before_data)
        finally:
            smtp.close()

    def _connect(self) -> smtplib.SMTP:
        settings = self.settings
        smtp: smtplib.SMTP | None = None
        try:
            if settings["tls"]:
                smtp = smtplib.SMTP_SSL(settings["host"], settings["port"], timeout=TIMEOUT, context=self._certificates)
            else:
                smtp = smtplib.SMTP(settings["host"], settings["port"], timeout=TIMEOUT)
            if settings["starttls"]:
                smtp.starttls(context=self._certificates)
            if settings["user"]:
                smtp.login(settings["user"], settings["password"])
            smtp.ehlo_or_helo_if_needed()
        except (OSError, smtplib.SMTPException) as error:
            if smtp is not None:
                smtp.close()
            raise Unreachable(type(error).__name__) from error
        return smtp

    @cached_property
    def _certificates(self) -> ssl.SSLContext:
        return ssl.create_default_context()  # reads every certificate the machine trusts: once is enough

    def _hand_over(self, smtp: smtplib.SMTP, message: EmailMessage, before_data: BeforeData) -> None:
        is_8bit = smtp.has_extn("8bitmime")
        body = message.as_bytes(policy=WIRE if is_8bit else WIRE.clone(cte_type="7bit"))
        sender = parseaddr(message["From"])[1]
        recipient = parseaddr(message["To"])[1]
        try:
            _expect(
                smtp.mail(sender, ["BODY=8BITMIME"] if is_8bit else []), Unreachable
            )  # 5xx here is about us, not about this message
            _expect(smtp.rcpt(recipient), Refused)
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise Unreachable(type(error).__name__) from error
        if not before_data():
            return
        smtp.sock.settimeout(ANSWER_TIMEOUT)  # type: ignore[union-attr]  # connected, or we would not be here
        try:
            code, _ = smtp.data(body)
        except smtplib.SMTPDataError as error:  # the answer to DATA itself; nothing was handed over
            raise (Deferred if error.smtp_code < 500 else Refused)(str(error.smtp_code)) from error
        except (OSError, smtplib.SMTPServerDisconnected) as error:
            raise Unsure(type(error).__name__) from error
        _expect((code, b""), Refused)
        with contextlib.suppress(OSError, smtplib.SMTPException):  # accepted is accepted, whatever the goodbye
            smtp.quit()


def _expect(answer: tuple[int, bytes], final: type[Exception]) -> None:
    """Let 2xx pass; raise Deferred for 4xx and `final` for 5xx, with the code and never the relay's words."""
    code = answer[0]
    if 200 <= code < 300:
        return
    raise (Deferred if 400 <= code < 500 else final)(str(code))


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def compose(name: str, to: str, *, headers: dict[str, str] | None = None, **facts: Any) -> EmailMessage:
    """A message to one recipient from the templates <name>.subject.txt, <name>.txt and <name>.html.

    Raises ValueError when an address or header would break a line.
    """
    message = EmailMessage(policy=LINES)
    message["From"] = current_app.config["MAIL_FROM"]
    message["To"] = Address(addr_spec=to)
    message["Subject"] = render_template(f"{name}.subject.txt", **facts).strip()
    given = headers or {}
    message["Date"] = given.get("Date") or format_datetime(clock.utcnow())
    message["Message-ID"] = given.get("Message-ID") or f"<{secrets.token_hex(16)}@{sender_domain()}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    for header, value in given.items():
        if header not in message:
            message[header] = value
    message.set_content(render_template(f"{name}.txt", **facts))
    message.add_alternative(render_template(f"{name}.html", **facts), subtype="html")
    message.set_boundary("same-side-" + sha256(message["Message-ID"].encode()).hexdigest()[:24])
    return message


def sender_domain() -> str:
    """The domain of MAIL_FROM, for Message-IDs."""
    return parseaddr(current_app.config["MAIL_FROM"])[1].rpartition("@")[2]


class Postman:
    """Sends account mails in the background, so that no page waits for a relay or tells by its time what was sent."""

    HOLDS_BACK = 0.05  # seconds before composing, so that the page is out first and cannot be slowed by it

    def __init__(self, transport: Transport, holds_back: float = HOLDS_BACK) -> None:
        self.transport = transport
        self.holds_back = holds_back
        self._queue: queue.Queue[tuple[Flask, str, str, dict[str, Any]]] = queue.Queue(maxsize=1000)
        self._thread: threading.Thread | None = None
        self._guard = threading.Lock()

    def post(self, name: str, to: str, **facts: Any) -> None:
        """Compose and send soon. A mail that fails three times is logged without its address and given up."""
        app = current_app._get_current_object()  # type: ignore[attr-defined]  # werkzeug's proxy
        with self._guard:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._work, name="postman", daemon=True)
                self._thread.start()
        try:
            self._queue.put_nowait((app, name, to, facts))
        except queue.Full:  # the relay has been away for long; a page that waited would stop the others too
            logger.error("an account mail (%s) could not be sent: too many are waiting", name)

    def wait(self, patience: float | None = None) -> None:
        """Return when everything posted so far is sent or given up, or after `patience` seconds."""
        with self._queue.all_tasks_done:
            self._queue.all_tasks_done.wait_for(lambda: not self._queue.unfinished_tasks, patience)

    def _work(self) -> None:
        while True:
            app, name, to, facts = self._queue.get()
            time.sleep(self.holds_back)
            try:
                with app.app_context(), app.test_request_context(base_url=app.config["BASE_URL"]):
                    self._send(compose(name, to, **facts))
            except Exception as error:
                logger.error("an account mail (%s) could not be sent: %s", name, type(error).__name__)
            finally:
                self._queue.task_done()

    def _send(self, message: EmailMessage) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                return self.transport.send(message, lambda: True)
            except (Unreachable, Deferred):
                if attempt == TRIES:
                    raise
                threading.Event().wait(2**attempt)


def make_transport(config: dict[str, Any]) -> Transport:
    """SMTP when SMTP_URL is set, files in the instance folder otherwise."""
    if config["SMTP_URL"]:
        return SmtpTransport(config["SMTP_URL"])
    return FileTransport(Path(config["INSTANCE_PATH"]) / "outbox")


def init_app(app: Flask) -> None:
    transport = app.config.get("MAIL_TRANSPORT") or make_transport(app.config)
    app.extensions["postman"] = Postman(transport, holds_back=0 if app.testing else Postman.HOLDS_BACK)


def postman() -> Postman:
    return current_app.extensions["postman"]
