"""Pages of this feature."""

from flask import Blueprint

blueprint = Blueprint("reminders", __name__)
