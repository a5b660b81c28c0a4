"""The form of a member's reminders."""

from datetime import date

from wtforms import BooleanField, StringField
from wtforms.validators import ValidationError

from app.extensions import Form
from app.reminders import rules


class ReminderForm(Form):
    """`pause_until` stays the text that was typed; `pause_on` is the day it names, or None for no pause."""

    email_on = BooleanField("Send me the weekly mail", false_values=(False, "false", "", "0", "off"))
    pause_until = StringField("Pause until")

    today: date
    pause_on: date | None = None

    def validate_pause_until(self, field: StringField) -> None:
        text = (field.data or "").strip()
        if not text:
            return
        try:
            self.pause_on = date.fromisoformat(text)
        except ValueError:
            raise ValidationError("Write the day as year-month-day, such as 2027-01-31.") from None
        problem = rules.problem_with_pause(self.pause_on, self.today)
        if problem:
            raise ValidationError(problem)
