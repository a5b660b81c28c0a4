"""The questions of the check-in: open, one thing each, and none that could be turned against somebody.

That a strategy has twelve, that a question is short, has a known weight, a why, a source and a hint, is checked where
the files are read: app/content.py and tests/test_content.py. Here stands what an editor would look for.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest

from app import content
from app.content import STRATEGIES, WEIGHTS, Prompt
from tests.content.pages import figure_in

LOADED = content.load()
PROMPTS = LOADED.prompts
FROZEN = (Path(__file__).parent / "prompt_ids.txt").read_text(encoding="utf-8").split()
ONE_LINE = 170  # characters of a why or a hint: two or three lines on a phone

_LEAD = r"^(?:[^,?]+, )?"  # “In your view, ”, “When you are tired, ”
_ANSWERED_BY_YES = re.compile(
    _LEAD + r"(?:am|are|aren’t|is|isn’t|was|were|do|don’t|does|did|didn’t|have|has|had|can|could|will|would|wouldn’t"
    r"|shall|should|shouldn’t|may|might|must)\b",
    re.IGNORECASE,
)
_SECOND_QUESTION = re.compile(r"\b(?:and|or|but) (?:what|which|why|how|when|where|who|whom|whose)\b", re.IGNORECASE)
_THEM = r"(?:your (?:partner|husband|wife)|the other|he|she|they)"
FORBIDDEN = {
    "a fault of the other": rf"\b{_THEM}\b[^.?]*\b(?:wrong|faults?|fail\w*|annoy\w*|irritat\w*|bother\w*|disappoint\w*"
    r"|lazy|selfish|should|shouldn’t|ought|stop\w*|never|too much|badly|worse|let you down)\b"
    rf"|\b(?:annoys|irritates|bothers|disappoints|hurts) you about\b|\bwhat {_THEM} (?:did|does) to you\b"
    rf"|\bchange (?:about|in) (?:{_THEM}|them|him|her)\b",
    "where somebody is or was": rf"\bwhere (?:is|was|were|did|does|do) (?:{_THEM})\b|\bwhereabouts\b|\blocation\b"
    r"|\bwho (?:were|was|are|is) (?:you|he|she|they) (?:with|seeing|meeting|writing to|talking to)\b"
    r"|\bcom(?:e|ing) home late\b",
    "a phone, or what is on it": r"\b(?:phones?|mobiles?|passwords?|passcodes?|inbox|browser|social media)\b"
    r"|\b(?:your|their|his|her|partner’s) (?:messages|texts|mails|e-mails|photos|chats)\b",
    "a former partner": r"\bex(?:es)?\b|\bsomebody else you (?:loved|wanted)\b"
    r"|\b(?:past|former|previous|earlier|first|old)"
    r" (?:partners?|lovers?|loves?|relationships?|marriages?|boyfriends?|girlfriends?|husbands?|wife|wives)\b",
    "a promise to obey": r"\bpromise (?:to|that|me|never|not)\b|\bobey\w*\b|\bpermi(?:t|ssion)\w*\b|\ballow\w*\b"
    r"|\bforbid\w*\b|\bswear\b|\bgive up for\b",
    "a confession": r"\bconfess\w*|\badmit\w*|\bsecrets?\b|\bl(?:ied|ies|ying)\b|\bhid(?:e|ing|den)?\b[^.?]*\bfrom\b"
    r"|\bcheat\w*|\bunfaithful\w*|\b(?:an|your) affairs?\b|\bnever told\b|\bhaven’t told\b|\bashamed\b|\bguilty\b",
    "a score": r"\bout of (?:five|ten|5|10)\b|\bscores?\b|\bgive (?:your partner|us|it) a mark\b|\bpercent\w*\b",
}
_COUNTED = re.compile(r"\bhow (?:often|much|many|long)\b|\btimes a (?:week|month)\b", re.IGNORECASE)
_NAMES_A_STUDY = re.compile(r"\b(?:19|20)\d\d\b")
_SMALL_WORDS = frozenset(
    re.findall(
        r"\w+",
        "a about an and any are as at be been being by can could did do does for from had has have how if in is it its"
        " no not of on one or some someone something small than that the them there this to two was were what when"
        " where which who will with would you your",
    )
)


def faults(prompt: Prompt) -> list[str]:
    """What an editor would send a question back for, as readable complaints."""
    found = []
    if not prompt.text.endswith("?") and not prompt.text.startswith("Tell "):
        found.append("neither a question nor an invitation that begins with “Tell”")
    if _ANSWERED_BY_YES.search(prompt.text):
        found.append("can be answered with yes or no")
    if prompt.text.count("?") > 1 or _SECOND_QUESTION.search(prompt.text):
        found.append("asks two things")
    for name, text in (("why", prompt.why), ("hint", prompt.hint)):
        if "\n" in text or len(text) > ONE_LINE:
            found.append(f"its {name} is longer than a line of {ONE_LINE} characters")
    if prompt.source != "ours" and not _NAMES_A_STUDY.search(prompt.source):
        found.append("its source is neither “ours” nor a study with its year")
    if prompt.source == "ours" and figure_in(prompt.why):
        found.append("its why has a figure but names no study")
    for subject, pattern in FORBIDDEN.items():
        if re.search(pattern, f"{prompt.text} {prompt.hint}", re.IGNORECASE):
            found.append(f"touches {subject}")
    if prompt.strategy == "physical-intimacy" and _COUNTED.search(prompt.text):
        found.append("counts closeness")
    return found


def id_faults(frozen: Iterable[str], now: Iterable[str]) -> list[str]:
    """Answers are stored under the id of their question, so an id stays what it is for good."""
    frozen, now = set(frozen), set(now)
    gone = "`{}` was removed or renamed, and answers are stored under it. Put it back; its words may change."
    new = "`{}` is new. Add it to tests/content/prompt_ids.txt."
    return [gone.format(name) for name in sorted(frozen - now)] + [new.format(name) for name in sorted(now - frozen)]


def nearly_the_same(one: str, other: str) -> bool:
    """Whether two questions share more than half of the words that carry them."""
    a, b = _carrying(one), _carrying(other)
    return len(a & b) > 0.5 * len(a | b)


def _carrying(text: str) -> frozenset[str]:
    return frozenset(word.rstrip("s") for word in re.findall(r"[a-z’]+", text.lower()) if word not in _SMALL_WORDS)


def test_an_editor_would_let_every_question_pass() -> None:
    assert [f"{prompt.id}: {fault}" for prompt in PROMPTS.values() for fault in faults(prompt)] == []


def test_the_ids_are_the_ones_that_answers_are_stored_under() -> None:
    assert id_faults(FROZEN, PROMPTS) == []
    assert len(FROZEN) == len(set(FROZEN))


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_strategy_has_light_middle_and_deep_questions(strategy: str) -> None:
    assert {prompt.weight for prompt in PROMPTS.values() if prompt.strategy == strategy} == set(WEIGHTS)


def test_forgiveness_and_closeness_are_asked_only_where_both_want_it() -> None:
    both = [strategy.id for strategy in LOADED.strategies.values() if strategy.needs_both]
    assert both == ["forgiveness", "physical-intimacy"]


def test_no_two_questions_are_nearly_the_same() -> None:
    texts = [prompt.text for prompt in PROMPTS.values()]
    assert [pair for pair in combinations(texts, 2) if nearly_the_same(*pair)] == []


# The same tools on questions that an editor would send back.

GOOD = Prompt(
    id="quality-time-good",
    strategy="quality-time",
    text="Which hour of this week was the best one?",
    weight="light",
    why="In a study of 67 couples one thing went with another.",
    source="Somebody 2010, A Journal 1:1",
    hint="Ask two things about it.",
    card="",
)
SENT_BACK = {
    "no question": ({"text": "The best hour of this week."}, "neither a question"),
    "yes or no": ({"text": "Did you like this week?"}, "yes or no"),
    "yes or no, after an opening": ({"text": "When you are tired, do you rest?"}, "yes or no"),
    "two questions": ({"text": "Which hour was best? Which was worst?"}, "asks two things"),
    "two questions in one": (
        {"text": "Which hour was best, and why did you like it and how long was it?"},
        "two things",
    ),
    "a why of two lines": ({"why": "One.\nTwo."}, "its why"),
    "a long hint": ({"hint": "Listen. " * 30}, "its hint"),
    "no study named": ({"source": "a study"}, "its source"),
    "a study without a year": ({"source": "Somebody, A Journal"}, "its source"),
    "a figure of nobody’s": ({"source": "ours"}, "names no study"),
    "a fault": ({"text": "What does your partner get wrong?"}, "a fault of the other"),
    "a fault, kindly put": ({"text": "What would you change about your partner?"}, "a fault of the other"),
    "what annoys": ({"text": "What annoys you about the way you two talk?"}, "a fault of the other"),
    "what should change": ({"text": "What should your partner stop doing?"}, "a fault of the other"),
    "whereabouts": ({"text": "Where was your partner on Tuesday?"}, "where somebody is"),
    "company": ({"text": "On Friday, who were you with?"}, "where somebody is"),
    "a phone": ({"text": "What is on your phone this week?"}, "a phone"),
    "messages": ({"text": "What do your messages say of you?"}, "a phone"),
    "a former partner": ({"text": "What did a former partner do better?"}, "a former partner"),
    "an ex": ({"text": "What do you miss about your ex?"}, "a former partner"),
    "a promise": ({"text": "What will you promise to do from now on?"}, "a promise to obey"),
    "permission": ({"text": "What needs permission in our home?"}, "a promise to obey"),
    "a confession": ({"text": "What have you never told anyone?"}, "a confession"),
    "a secret": ({"text": "Which secret weighs on you?"}, "a confession"),
    "hiding": ({"text": "What do you hide from your partner?"}, "a confession"),
    "a score": ({"text": "How was this week, out of ten?"}, "a score"),
    "a subject in the hint": ({"hint": "Ask who they were with, and look at their messages."}, "a phone"),
    "counting": (
        {"strategy": "physical-intimacy", "text": "How often would you like to be close?"},
        "counts closeness",
    ),
}


def test_a_good_question_passes() -> None:
    assert faults(GOOD) == []
    assert faults(replace(GOOD, text="Tell of an hour this week that was good.")) == []


@pytest.mark.parametrize(("change", "complaint"), SENT_BACK.values(), ids=SENT_BACK.keys())
def test_a_question_is_sent_back_with_the_reason(change: dict[str, str], complaint: str) -> None:
    assert complaint in " / ".join(faults(replace(GOOD, **change)))


def test_an_id_that_is_gone_or_new_is_told_with_advice() -> None:
    assert id_faults(["a", "b"], ["a", "c"]) == [
        "`b` was removed or renamed, and answers are stored under it. Put it back; its words may change.",
        "`c` is new. Add it to tests/content/prompt_ids.txt.",
    ]


ALIKE = {
    "the same with another opening": ("What made you laugh this week?", "Which thing made you laugh this week?", True),
    "one word apart": ("Where would you go together?", "Where would you gladly go together?", True),
    "another subject": ("What made you laugh this week?", "What made you tired this week?", False),
}


@pytest.mark.parametrize(("one", "other", "alike"), ALIKE.values(), ids=ALIKE.keys())
def test_questions_that_share_most_of_their_words_are_nearly_the_same(one: str, other: str, alike: bool) -> None:
    assert nearly_the_same(one, other) is alike
