"""The form of a question of one's own. Its messages say what to do."""

from wtforms import Field, StringField, ValidationError

from app.extensions import Form
from app.proposals.rules import LONGEST
from app.words import clean


class ProposalForm(Form):
    """One line, as a question."""

    words = StringField("Your question", filters=[lambda typed: " ".join(clean(typed or "").split())])

    def validate_words(self, field: Field) -> None:
        if not field.data:
            raise ValidationError("Write a question first.")
        if len(field.data) > LONGEST:
            raise ValidationError(f"This has {len(field.data):,} characters; {LONGEST} fit. Shorten it.")
