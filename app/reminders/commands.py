"""Commands about reminders."""

from flask.cli import AppGroup

reminders = AppGroup("reminders", help="Send what is due, once or for ever.")
