"""Pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("guide", __name__)


def is_public(path: str) -> bool:
    return path == "/" or path.startswith("/guide/")
