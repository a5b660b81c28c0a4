"""Answers public pages and assets before Flask is entered: rendered once, compressed once, the same for everybody."""

import gzip
import hashlib
import re
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import brotli
from werkzeug.http import parse_cookie
from werkzeug.test import Client

from app.security import PUBLIC

Environ = dict[str, Any]
Headers = list[tuple[str, str]]
COMPRESSIBLE = (
    *("text/", "application/javascript", "application/manifest+json", "application/json", "image/svg+xml"),
    *("application/atom+xml", "application/xml"),
)
IMMUTABLE = "public, max-age=31536000, immutable"
# What belongs to one answer and not to the page: its length and date, the session's mark, a file's own dates.
LEFT_OUT = ("Content-Length", "Date", "Vary", "ETag", "Last-Modified", "Content-Disposition")
_NEVER = re.compile(r"q=0(\.0{0,3})?")


@dataclass(frozen=True)
class Page:
    """One address, ready to send: for each coding its headers and body. `version` is the mark that assets carry."""

    tag: str
    version: str
    codings: tuple[str, ...]
    answers: dict[str, tuple[Headers, bytes]]
    not_modified: Headers


class PublicFront:
    """WSGI middleware for the public `addresses`; everything else goes to the app.

    A reader who carries the sign-in cookie gets `/` from the app, which sends them to this week. A front that does not
    remember leaves all to the app, so that an edit shows at the next reload.
    """

    def __init__(
        self,
        app: Callable[..., Iterable[bytes]],
        *,
        addresses: Iterable[str],
        cookie: str,
        base_url: str,
        remembers: bool = True,
    ) -> None:
        self.app = app
        self.addresses = frozenset(addresses)
        self.cookie = cookie
        self.base_url = base_url
        self.remembers = remembers
        self._pages: dict[str, Page] = {}
        self._locks = {address: threading.Lock() for address in self.addresses}

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        page = self.find(path) if self._is_mine(environ, path) else None
        if page is None:
            return self.app(environ, start_response)
        is_pinned = environ.get("QUERY_STRING", "") == f"v={page.version}"
        asked = environ.get("HTTP_IF_NONE_MATCH", "")
        if asked and (page.tag in asked or asked.strip() == "*"):
            start_response("304 Not Modified", _kept(page.not_modified, is_pinned))
            return []
        headers, body = page.answers[choose_coding(environ.get("HTTP_ACCEPT_ENCODING", ""), page.codings)]
        start_response("200 OK", _kept(headers, is_pinned))
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def find(self, path: str) -> Page | None:
        """The page at a public address, rendered now if this is the first time; None when the app has none there."""
        page = self._pages.get(path)
        if page is None:
            with self._locks[path]:  # whoever comes second waits for this page, and for no other
                page = self._pages.get(path) or self._render(path)
                if page is not None:
                    self._pages[path] = page
        return page

    def warm(self) -> None:
        """Render every page, so that no reader is the first."""
        for path in sorted(self.addresses):
            self.find(path)

    def version(self) -> str:
        """A mark that changes when any page or asset does. The worker, which carries this mark, is left out."""
        tags = [(path, page.tag) for path in sorted(self.addresses - {"/sw.js"}) if (page := self.find(path))]
        return hashlib.sha256(repr(tags).encode()).hexdigest()[:12]

    def _is_mine(self, environ: Environ, path: str) -> bool:
        if not self.remembers or environ["REQUEST_METHOD"] not in ("GET", "HEAD") or path not in self.addresses:
            return False
        return path != "/" or not self._is_signed_in(environ)

    def _render(self, path: str) -> Page | None:
        with Client(self.app).get(path, base_url=self.base_url) as response:
            if response.status_code != 200 or "Set-Cookie" in response.headers:
                return None
            body = response.get_data()
            headers = [(name, value) for name, value in response.headers if name not in LEFT_OUT]
        if path.startswith("/static/"):
            headers = [(name, value) for name, value in headers if name != "Cache-Control"]
            headers += [("Cache-Control", PUBLIC), ("X-Public", "1")]
        version = hashlib.sha256(body).hexdigest()[:12]
        headers.append(("ETag", f'W/"{version}"'))  # weak: one tag for three codings of the same page
        headers.append(("Vary", "Accept-Encoding, Cookie" if path == "/" else "Accept-Encoding"))
        bodies = {"identity": body}
        if response.mimetype.startswith(COMPRESSIBLE):
            bodies["gzip"] = gzip.compress(body, 9, mtime=0)
            bodies["br"] = brotli.compress(body, quality=11)
        answers = {coding: (_for_coding(headers, coding, content), content) for coding, content in bodies.items()}
        not_modified = [(name, value) for name, value in headers if name != "Content-Type"]
        return Page(f'"{version}"', version, tuple(answers), answers, not_modified)

    def _is_signed_in(self, environ: Environ) -> bool:
        return self.cookie in parse_cookie(environ)


def static_addresses(folder: str) -> list[str]:
    """The address of every file that lies in the static folder now."""
    root = Path(folder)
    return [f"/static/{path.relative_to(root).as_posix()}" for path in root.rglob("*") if path.is_file()]


@lru_cache(maxsize=512)  # browsers say the same few things all day
def choose_coding(accepted: str, offered: tuple[str, ...]) -> str:
    """`br` or `gzip` if the reader takes it and it is offered, otherwise `identity` (RFC 9110, section 12.5.3)."""
    takes = {}
    for part in accepted.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";")
        takes[name] = not _NEVER.fullmatch(weight)
    return next((c for c in ("br", "gzip") if c in offered and takes.get(c, takes.get("*", False))), "identity")


def _for_coding(headers: Headers, coding: str, body: bytes) -> Headers:
    length = ("Content-Length", str(len(body)))
    return [*headers, length] if coding == "identity" else [*headers, ("Content-Encoding", coding), length]


def _kept(headers: Headers, is_pinned: bool) -> Headers:
    """A copy of the headers; an address that names its content's version may be kept for ever."""
    if not is_pinned:
        return headers.copy()
    return [(name, IMMUTABLE if name == "Cache-Control" else value) for name, value in headers]
