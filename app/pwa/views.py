"""Pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("pwa", __name__)


def is_public(path: str) -> bool:
    return path in ("/manifest.webmanifest", "/sw.js", "/offline")
