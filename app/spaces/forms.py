"""The forms of a space: its weekly time, and the topics a member switches on for themselves."""

from functools import cache
from typing import Any

from flask import current_app
from markupsafe import Markup
from wtforms import RadioField, SelectField, SelectMultipleField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf, ValidationError

from app.accounts.rules import is_zone, zones_by_area
from app.extensions import Form
from app.spaces import rules
from app.templating import WEEKDAYS

LENGTHS = {
    "short": "Short: three questions",
    "usual": "Usual: five questions",
    "full": "Full: six questions",
}


class ScheduleForm(Form):
    """When the check-in opens each week, and how long it is. Whatever was sent stays in the fields as it was sent."""

    weekday = SelectField(
        "Day",
        choices=[SelectChoice(str(number), name) for number, name in enumerate(WEEKDAYS)],
        validate_choice=False,
        validators=[AnyOf([str(number) for number in range(7)], message="Choose a day of the week.")],
    )
    time = StringField("Time")
    zone = StringField("Time zone")
    length = RadioField(
        "Length",
        choices=[SelectChoice(*length) for length in LENGTHS.items()],
        validate_choice=False,
        validators=[AnyOf(rules.LENGTHS, message="Choose a length.")],
    )

    def validate_time(self, field: Any) -> None:
        try:
            rules.parse_time(field.data or "")
        except ValueError:
            raise ValidationError("Enter a time of day such as 19:30.") from None

    def validate_zone(self, field: Any) -> None:
        if not is_zone(field.data or ""):
            raise ValidationError("Choose a time zone from the list.")

    def weekly(self) -> dict[str, Any]:
        """The checked fields as `set_schedule` takes them."""
        return {
            "weekday": int(self.weekday.data),
            "minute": rules.parse_time(self.time.data),
            "zone": self.zone.data,
            "length": self.length.data,
        }


def topics_to_choose() -> dict[str, str]:
    """The strategies that are asked about only where everybody in a space wants it: ids and titles."""
    strategies = current_app.extensions["content"].strategies
    return {name: strategy.title for name, strategy in strategies.items() if strategy.needs_both}


class TopicsForm(Form):
    """What one member switches on. None ticked is a choice as well."""

    topics = SelectMultipleField("Topics", validate_choice=False)

    def validate_topics(self, field: Any) -> None:
        if not set(field.data) <= set(topics_to_choose()):
            raise ValidationError("Choose among the topics on this page.")


@cache
def zone_options() -> Markup:
    """The zones to choose from, written once: some 480 in a template's loop take longer than the rest of the page."""
    areas = []
    for area, zones in zones_by_area():
        options = Markup("").join(Markup('<option value="{}">{}</option>').format(*zone) for zone in zones)
        areas.append(Markup('<optgroup label="{}">{}</optgroup>').format(area, options))
    return Markup("\n").join(areas)
