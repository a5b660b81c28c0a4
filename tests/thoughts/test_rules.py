"""How a thought reads inside an answer."""

import pytest

from app.thoughts.rules import Kept, Quote


def quote(text: str) -> Quote:
    return Quote(text, "/guide/trust", "p-1a2b3c4d", "husband")


@pytest.mark.parametrize(
    ("kept", "reads"),
    [
        pytest.param(Kept("the roof"), "the roof", id="own words alone"),
        pytest.param(Kept("", quote("A small offer.")), "“A small offer.”", id="a paragraph alone"),
        pytest.param(Kept("the roof", quote("An offer.")), "“An offer.”\n\nthe roof", id="the paragraph first"),
        pytest.param(Kept("", quote("He said, “Estuary.”")), "“He said, ‘Estuary.’”", id="a quotation inside"),
        pytest.param(Kept("“mine”", quote("An offer.")), "“An offer.”\n\n“mine”", id="own marks stay"),
        pytest.param(Kept(is_unreadable=True), "", id="unreadable"),
    ],
)
def test_the_paragraph_comes_in_quotation_marks_and_then_the_own_words(kept: Kept, reads: str) -> None:
    assert kept.in_an_answer == reads
