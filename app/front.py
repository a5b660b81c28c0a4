"""Answers public pages and assets before Flask is entered: rendered once, compressed once, the same for everybody."""

import gzip
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from http.cookies import CookieError, SimpleCookie
from typing import Any

import brotli
from werkzeug.test import Client

Environ = dict[str, Any]
COMPRESSIBLE = ("text/", "application/javascript", "application/manifest+json", "application/json", "image/svg+xml")
IMMUTABLE = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Page:
    """One address, ready to send: for each coding its headers and body; the ETag is the same for all."""

    etag: str
    answers: dict[str, tuple[list[tuple[str, str]], bytes]]
    not_modified: list[tuple[str, str]]


class PublicFront:
    """WSGI middleware. `is_public(path)` says which addresses may be kept; everything else goes to the app.

    A reader who carries the sign-in cookie gets `/` from the app, which sends them to this week.
    """

    def __init__(
        self, app: Callable[..., Iterable[bytes]], *, is_public: Callable[[str], bool], cookie: str, base_url: str
    ) -> None:
        self.app = app
        self.is_public = is_public
        self.cookie = cookie
        self.base_url = base_url
        self._pages: dict[str, Page | None] = {}
        self._guard = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or not self.is_public(path):
            return self.app(environ, start_response)
        if path == "/" and self._is_signed_in(environ):
            return self.app(environ, start_response)
        page = self.find(path)
        if page is None:
            return self.app(environ, start_response)
        if page.etag in environ.get("HTTP_IF_NONE_MATCH", ""):
            start_response("304 Not Modified", page.not_modified)
            return []
        headers, body = page.answers[self._coding(page, environ.get("HTTP_ACCEPT_ENCODING", ""))]
        if path.startswith("/static/") and environ.get("QUERY_STRING", "").startswith("v="):
            headers = [(k, IMMUTABLE if k == "Cache-Control" else v) for k, v in headers]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]

    def find(self, path: str) -> Page | None:
        """The page at `path`, rendered now if this is the first time; None when the app has nothing to keep there."""
        page = self._pages.get(path)
        if page is None and path not in self._pages:
            with self._guard:
                if path not in self._pages:
                    self._pages[path] = self._render(path)
                page = self._pages[path]
        return page

    def _render(self, path: str) -> Page | None:
        with Client(self.app).get(path, base_url=self.base_url) as response:
            if response.status_code != 200 or "Set-Cookie" in response.headers:
                return None
            body = response.get_data()
            response.add_etag(overwrite=True)
            etag = response.headers["ETag"]
            headers = [(k, v) for k, v in response.headers if k not in ("Content-Length", "Date")]
        headers.append(("Vary", "Accept-Encoding, Cookie" if path == "/" else "Accept-Encoding"))
        bodies = {"identity": body}
        if response.mimetype.startswith(COMPRESSIBLE):
            bodies["gzip"] = gzip.compress(body, 9, mtime=0)
            bodies["br"] = brotli.compress(body, quality=9)
        answers = {coding: (self._headers(headers, coding, content), content) for coding, content in bodies.items()}
        return Page(etag, answers, [(k, v) for k, v in headers if k != "Content-Type"])

    @staticmethod
    def _headers(headers: list[tuple[str, str]], coding: str, body: bytes) -> list[tuple[str, str]]:
        length = ("Content-Length", str(len(body)))
        return [*headers, length] if coding == "identity" else [*headers, ("Content-Encoding", coding), length]

    @staticmethod
    def _coding(page: Page, accepted: str) -> str:
        offered = {
            part.partition(";")[0].strip() for part in accepted.split(",") if "q=0" not in part.replace("q=0.", "")
        }
        return next((coding for coding in ("br", "gzip") if coding in offered and coding in page.answers), "identity")

    def _is_signed_in(self, environ: Environ) -> bool:
        try:
            return self.cookie in SimpleCookie(environ.get("HTTP_COOKIE", ""))
        except CookieError:
            return False
