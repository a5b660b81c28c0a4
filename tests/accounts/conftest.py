"""Visitors to the account pages, with and without mail."""

import pytest
from flask import Flask

from tests.accounts.steps import RELAY, Visitor


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    return Visitor(app)


@pytest.fixture
def mailing(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mails leave this machine, as far as the app knows; the transport stays the tests' list."""
    monkeypatch.setitem(app.config, "SMTP_URL", RELAY)


@pytest.fixture
def either_mailing(either_app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    """The app on either database, with mail."""
    monkeypatch.setitem(either_app.config, "SMTP_URL", RELAY)
    return either_app
