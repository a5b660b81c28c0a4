"""The form of a thought. Its messages say what to do."""

from functools import cached_property

from wtforms import Field, HiddenField, StringField, ValidationError

from app.extensions import Form
from app.thoughts.quotes import find_quote
from app.thoughts.rules import LONGEST, Quote
from app.words import clean


class ThoughtForm(Form):
    """`page` and `passage` name the paragraph that a thought belongs to; without one there must be words.

    `member` says as whom the page was opened.
    """

    class Meta(Form.Meta):
        csrf = False  # the view asks for the token itself, to show the form again with every word in it

    words = StringField(filters=[lambda typed: clean(typed or "")])
    page = HiddenField(filters=[lambda sent: sent or ""])
    passage = HiddenField(filters=[lambda sent: sent or ""])
    member = HiddenField()

    @cached_property
    def quote(self) -> Quote | None:
        """The paragraph, if there is such a one."""
        return find_quote(self.page.data, self.passage.data)

    @property
    def is_astray(self) -> bool:
        """Whether it names a paragraph that there is not, or not any more."""
        return self.quote is None and bool(self.page.data or self.passage.data)

    def is_by(self, member_id: int) -> bool:
        """Whether the page was opened by this member; what another typed must not turn up among their thoughts."""
        return (self.member.data or str(member_id)) == str(member_id)

    def validate_words(self, field: Field) -> None:
        length = len(field.data)
        if length > LONGEST:
            raise ValidationError(f"This has {length:,} characters; {LONGEST:,} fit. Shorten it, then keep it.")
        if self.is_astray:
            raise ValidationError("The paragraph is not in the guide any more. Keep your own words without it.")
        if not (field.data or self.quote):
            raise ValidationError("Write a line, then keep it.")
