"""Decisions about check-ins: when one opens, what it asks, and who may read what."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from app.spaces.rules import monday_of

SHORTEST_WEEK = timedelta(days=4)
REST = 8  # check-ins before a rotating prompt may come again
GENTLE_START = 4  # check-ins without a deep prompt at the beginning of a space
SEASON = 13  # weeks for which a topic may stay away altogether
FIRST_CARDS = ("win", "mind")
LAST_CARD = "wish"
ROTATING = {"short": 0, "usual": 2, "full": 99}  # rotating prompts a check-in, at most one of each strategy

RATINGS = ("together", "understood", "appreciated")
WANTS = ("heard", "comfort", "solve", "later")
LONGEST_ANSWER = 10_000  # characters
UNDO_LASTS = timedelta(minutes=10)

SHARE, CARRY, DELETE = "share", "carry", "delete"  # what a member may do with an entry that was never revealed


@dataclass(frozen=True)
class Question:
    """What choosing needs to know of a prompt. `card` is empty for one that rotates."""

    id: str
    strategy: str
    card: str
    is_deep: bool


def may_open(last_week_on: date, last_opened_at: datetime, occurrence: datetime, zone: str) -> bool:
    """Whether an occurrence opens a new check-in after the last one.

    Not in the same ISO week of the space's zone, and not less than four days after the last one opened: nobody can
    force a one-day week by moving the schedule.
    """
    return monday_of(occurrence, zone) > last_week_on and occurrence - last_opened_at >= SHORTEST_WEEK


def choose_prompts(
    bank: Sequence[Question], enabled: frozenset[str], length: str, past: Sequence[Sequence[str]], seed: str
) -> list[str]:
    """The prompt ids of a new check-in, in the order of its cards. The same arguments always give the same list.

    `past` holds the prompt ids of the space's earlier check-ins, newest first; `enabled` the strategies that may
    rotate; `seed` differs from space to space. Standing cards vary their wording. Of each other enabled strategy at
    most one prompt is asked, first of those that had the fewest turns; none comes again within eight check-ins.
    """
    ago = {prompt: weeks for weeks, prompts in reversed(list(enumerate(past, 1))) for prompt in prompts}
    welcome = [question for question in bank if not (question.is_deep and len(past) < GENTLE_START)]

    def waited_longest(question: Question) -> tuple[int, str]:
        return (-ago.get(question.id, 10_000), _shuffle(seed, question.id))

    def standing(card: str) -> list[str]:
        wordings = sorted((question for question in welcome if question.card == card), key=waited_longest)
        return [wordings[0].id] if wordings else []

    rested = [
        question
        for question in welcome
        if not question.card and question.strategy in enabled and ago.get(question.id, 10_000) > REST
    ]
    best: dict[str, Question] = {}
    for question in sorted(rested, key=waited_longest):
        best.setdefault(question.strategy, question)
    strategy_of = {question.id: question.strategy for question in bank if not question.card}
    turns_had = Counter(strategy_of[prompt] for prompts in past for prompt in prompts if prompt in strategy_of)
    turns = sorted(best, key=lambda name: (turns_had[name], _shuffle(seed, name)))
    rotating = [best[name].id for name in turns[: ROTATING[length]]]
    return [*(prompt for card in FIRST_CARDS for prompt in standing(card)), *rotating, *standing(LAST_CARD)]


def draw_topics(topics: Iterable[str], week_on: date, seed: str) -> frozenset[str]:
    """Which of the topics that everybody has switched on may be asked about in a week: about one week in three.

    Each topic has seasons of 13 weeks. One season in three asks nothing; in the others a coin decides each week. When
    a topic was switched on plays no part, so neither a first week nor a long silence says what anybody chose. All of it
    hangs on `seed`, which no page shows: who knew it could tell a week that was drawn from one that was not.
    """
    return frozenset(topic for topic in topics if _is_drawn(topic, week_on.toordinal() // 7, seed))


def _is_drawn(topic: str, week: int, seed: str) -> bool:
    begins = _throw(seed, f"{topic}|begins", SEASON)
    season = (week + begins) // SEASON
    return _throw(seed, f"{topic}|season|{season}", 3) > 0 and _throw(seed, f"{topic}|week|{week}", 2) > 0


def _throw(seed: str, name: str, sides: int) -> int:
    return int(_shuffle(seed, name), 16) % sides


def _shuffle(seed: str, name: str) -> str:
    return hashlib.sha256(f"{seed}|{name}".encode()).hexdigest()


@dataclass(frozen=True)
class Stamp:
    """Which save it was: the page it came from, by a random name that its script gives itself, and that page's count.

    Empty where no script runs.
    """

    page: str = ""
    turn: int = 0

    def follows(self, stored: "Stamp") -> bool:
        """Whether this save comes after `stored` from the same page, so that it has seen it without being told."""
        return bool(self.page) and self.page == stored.page and self.turn > stored.turn


@dataclass(frozen=True)
class Added:
    """What somebody added to an answer after the reveal, with its day. Without a text it cannot be read."""

    text: str
    on: date | None


@dataclass(frozen=True)
class Words:
    """One answer in clear: its text, what the writer wants from the other (one of WANTS or empty), its version.

    `is_unreadable`: something is stored, but its key does not open it. `added`: what stands beside it since the reveal.
    """

    text: str = ""
    want: str = ""
    version: int = 0
    is_unreadable: bool = False
    stamp: Stamp = Stamp()
    added: tuple[Added, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What one save carries. `check_in_id` and `member_id` say for which week and as whom the page was opened."""

    check_in_id: int | None
    member_id: int | None
    answers: Mapping[str, Words]
    ratings: Mapping[str, int]
    ratings_version: int
    stamp: Stamp = Stamp()


@dataclass(frozen=True)
class Conflict:
    """What is stored where a save carries something else and has not seen it."""

    answers: Mapping[str, Words] = field(default_factory=dict)
    ratings: Mapping[str, int] | None = None
    ratings_version: int = 0

    def __bool__(self) -> bool:
        return bool(self.answers) or self.ratings is not None


def find_conflicts(
    draft: Draft,
    answers: Mapping[str, Words],
    ratings: Mapping[str, int],
    ratings_version: int,
    ratings_stamp: Stamp = Stamp(),
) -> Conflict:
    """Where saving `draft` would overwrite what it has not seen.

    Versions count the saves of one entry, so whoever names version n has seen every change up to n. A page has also
    seen its own earlier saves, even if their answers got lost on the way. The same words never conflict with
    themselves, and a field that never held a word says nothing.
    """
    changed = {
        prompt: stored
        for prompt, stored in answers.items()
        if prompt in draft.answers
        and stored.version > draft.answers[prompt].version
        and not draft.stamp.follows(stored.stamp)
        and changes(draft.answers[prompt], stored, draft.stamp)
    }
    is_rated_elsewhere = ratings_version > draft.ratings_version and not draft.stamp.follows(ratings_stamp)
    if is_rated_elsewhere and any(ratings.get(name, 0) != value for name, value in draft.ratings.items()):
        return Conflict(changed, dict(ratings), ratings_version)
    return Conflict(changed)


def changes(sent: Words, stored: Words | None, stamp: Stamp) -> bool:
    """Whether saving `sent` changes what is stored. A field that never held a word says nothing."""
    is_empty = not (sent.text or sent.want)
    if stored is None or stored.is_unreadable:
        return not is_empty  # an empty field never replaces what might still be mended
    if is_empty and not sent.version and not stamp.follows(stored.stamp):
        return False
    return (sent.text, sent.want) != (stored.text, stored.want)


def is_complete(seats: frozenset[int], submitted: frozenset[int]) -> bool:
    """Whether every active seat of a space has submitted, so that its check-in is revealed. An empty space never is."""
    return bool(seats) and seats <= submitted


@dataclass(frozen=True)
class Mine:
    """The reader's own part: words by prompt id, ratings, and whether it is submitted."""

    answers: Mapping[str, Words]
    ratings: Mapping[str, int]
    ratings_version: int
    is_submitted: bool

    @property
    def has_words(self) -> bool:
        """Whether any answer has a text that can be read."""
        return any(words.text for words in self.answers.values())


@dataclass(frozen=True)
class Sealed:
    """A check-in that is not revealed, as one member may know it: nothing of anyone else is in it."""

    state: str  # open, waiting or closed
    mine: Mine


@dataclass(frozen=True)
class Shared:
    """A check-in that ended unrevealed, with what others have shared of it by their own hand, by member id."""

    mine: Mine
    answers: Mapping[int, Mapping[str, Words]]
    state: str = "closed"


@dataclass(frozen=True)
class Revealed:
    """A revealed check-in: everyone's words by member id. Ratings stay the reader's own."""

    mine: Mine
    answers: Mapping[int, Mapping[str, Words]]
    state: str = "revealed"


def reveal(
    *,
    is_revealed: bool,
    is_closed: bool,
    mine: Mine,
    answers: Mapping[int, Mapping[str, Words]],
    shared_by: frozenset[int] = frozenset(),
) -> Sealed | Shared | Revealed:
    """What a member may see of a check-in: everybody's words once it is revealed, their own until then.

    `shared_by` are the others who have shared their own entry anyway. It counts only once the check-in has ended.
    """
    if is_revealed:
        return Revealed(mine, answers)
    if is_closed:
        shared = {member: words for member, words in answers.items() if member in shared_by}
        return Shared(mine, shared) if shared else Sealed("closed", mine)
    return Sealed("waiting" if mine.is_submitted else "open", mine)


@dataclass(frozen=True)
class Kept:
    """A member's own entry of a check-in that ended unrevealed: what they have done with it, and what they may do.

    `choices` holds SHARE, CARRY and DELETE as far as they make sense; keeping it needs nothing done.
    """

    choices: frozenset[str] = frozenset()
    is_shared: bool = False
    is_carried: bool = False
    is_deleted: bool = False
    may_discard: bool = False  # one's own copy of a revealed check-in


def judge_kept(
    *,
    has_words: bool,
    has_ended: bool,
    is_for_two: bool,
    is_shared: bool,
    is_carried: bool,
    is_deleted: bool,
) -> Kept:
    """What may be done with one's own entry of a check-in that ended unrevealed. `has_ended`: its space has, too.

    What is shared stays with the other, as with a letter, so it is not deleted any more.
    """
    choices = set()
    if has_words and not is_deleted:
        if not has_ended and is_for_two and not is_shared:
            choices.add(SHARE)
        if not has_ended and not is_carried:
            choices.add(CARRY)
        if not is_shared:
            choices.add(DELETE)
    return Kept(frozenset(choices), is_shared, is_carried, is_deleted)


def may_undo(deleted_at: datetime, now: datetime) -> bool:
    """Whether what was deleted then can still be brought back."""
    return now < deleted_at + UNDO_LASTS


class NoRoom(Exception):
    """Two texts that do not fit into one answer, or one of which cannot be read."""


def carry(old: Mapping[str, Words], stored: Mapping[str, Words]) -> dict[str, Words]:
    """The answers of an earlier week as they come into a new entry: below what is there, where the prompt is the same.

    Raises NoRoom when they do not fit.
    """
    carried = {}
    for prompt, words in old.items():
        there = stored.get(prompt, Words())
        text = "\n\n".join(part for part in (there.text, words.text) if part)
        if there.is_unreadable or len(text) > LONGEST_ANSWER:
            raise NoRoom
        carried[prompt] = Words(text, there.want or words.want)
    return carried
