"""Pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("spaces", __name__)
