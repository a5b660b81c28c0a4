"""The forms of an agreement and of its calendar entry. Their messages say what to do."""

from typing import Any

from wtforms import BooleanField, Field, HiddenField, SelectField, StringField, ValidationError
from wtforms.fields.choices import SelectChoice
from wtforms.validators import AnyOf

from app.agreements.rules import LONGEST, LONGEST_TITLE, tidy
from app.extensions import Form
from app.spaces.rules import parse_time
from app.templating import WEEKDAYS
from app.words import clean


def _typed(text: str | None) -> str:
    return clean(text or "")


class AgreementForm(Form):
    """Two parts of one sentence. What was typed stays in the fields as it is; `parts` are what is kept.

    `member` says as whom the page was opened.
    """

    class Meta(Form.Meta):
        csrf = False  # the view asks for the token itself, to show the form again with every word in it

    when = StringField("When …", filters=[_typed])
    will = StringField("I will …", filters=[_typed])
    member = HiddenField()

    @property
    def parts(self) -> tuple[str, str]:
        return tidy(self.when.data, "when"), tidy(self.will.data, "will")

    @property
    def has_words(self) -> bool:
        return bool(self.when.data or self.will.data)

    def is_by(self, member_id: int) -> bool:
        """Whether the page was opened by this member; another's words must not become theirs."""
        return (self.member.data or str(member_id)) == str(member_id)

    def validate_when(self, field: Field) -> None:
        _check(self.parts[0], "Say when: a moment that you will both notice.")

    def validate_will(self, field: Field) -> None:
        _check(self.parts[1], "Say what you will do then.")


def _check(part: str, missing: str) -> None:
    if not part:
        raise ValidationError(missing)
    if len(part) > LONGEST:
        raise ValidationError(f"This has {len(part):,} characters; {LONGEST} fit. Shorten it, then send it again.")


class CalendarForm(Form):
    """When somebody’s own calendar reminds them, and in which words."""

    weekday = SelectField(
        "Day",
        choices=[SelectChoice(str(number), name) for number, name in enumerate(WEEKDAYS)],
        validate_choice=False,
        validators=[AnyOf([str(number) for number in range(7)], message="Choose a day of the week.")],
    )
    time = StringField("Time")
    every_week = BooleanField("Every week")
    title = StringField("Words in your calendar", filters=[lambda typed: " ".join(_typed(typed).split())])

    def validate_time(self, field: Any) -> None:
        try:
            parse_time(field.data or "")
        except ValueError:
            raise ValidationError("Enter a time of day such as 19:30.") from None

    def validate_title(self, field: Any) -> None:
        if len(field.data) > LONGEST_TITLE:
            raise ValidationError(f"This has {len(field.data)} characters; {LONGEST_TITLE} fit. Shorten it.")
