"""A paragraph of the guide to keep."""

import pytest
from flask import Flask

from app.content import Passage

PAGE = "/guide/wife/trust"


@pytest.fixture
def passage(app: Flask) -> Passage:
    """A paragraph that reads differently in the three readings."""
    return passage_of(app)


def passage_of(app: Flask) -> Passage:
    section = app.extensions["content"].guide["trust"]
    return next(found for found in section.passages if "{husband}" in found.text)
