"""Two members, a stranger and a clock: what they may do, in any order, and what must hold after each step.

The machine keeps a ledger of its own of who wrote what and who may read it, and knows nothing of how the app decides.
It lives in two worlds at once. In the twin, Ana writes nothing until the instant of a reveal, and rates otherwise; all
that Ben can see must be the same in both.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from hypothesis import strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tests.conftest import MONDAY_MORNING

ANA, BEN = "Ana", "Ben"
COUPLE = (ANA, BEN)
OTHER = {ANA: BEN, BEN: ANA}
INVITATION_LASTS = timedelta(days=7)
LONGEST_LIFE = timedelta(days=300)  # a sign-in lasts a year at most
WRITTEN = re.compile(r"zq\d{5}")
MARKUP = re.compile(r"<[^>]*>")
PRESSURE = re.compile(  # R5: none of this is said to anybody
    r"streak|in a row|last seen|seen by|read by|\bonline\b|is typing|\b\d+ (?:scores?|points?)\b|your score|overdue"
    r"|waiting for (?:you|Ana|Ben)"
    r"|not yet (?:written|answered|finished)|(?:Ana|Ben)\d? (?:has|hasn’t|is|was|wrote|finished|left)"
    r"|\d+ (?:weeks|check-ins|agreements) (?:done|kept|so far|together)",
    re.IGNORECASE,
)


class World(Protocol):
    """Where the steps are taken: the rules on paper, or the app."""

    def join(self) -> None: ...
    def move_to(self, now: datetime) -> None: ...
    def close(self) -> None: ...
    def week(self, who: str) -> Any: ...
    def visit(self, who: str) -> None: ...
    def state(self, seen: dict[str, str]) -> str: ...
    def page(self, who: str) -> Any: ...
    def send(self, who: str, page: Any, texts: dict[int, str], rating: int, submit: bool) -> bool: ...
    def take_back(self, who: str) -> None: ...
    def invite(self, who: str) -> None: ...
    def accept(self, who: str, inviter: str) -> None: ...
    def agree(self, who: str, words: str) -> Any: ...
    def look_back(self, who: str, agreement: Any, outcome: str, words: str) -> bool: ...
    def withdraw(self, who: str, agreement: Any) -> bool: ...
    def keep(self, who: str, words: str) -> None: ...
    def remove(self, who: str, words: str) -> None: ...
    def leave(self, who: str) -> None: ...
    def trespass(self, week: Any, agreement: Any) -> None: ...
    def see(self, who: str) -> dict[str, str]: ...
    def glance(self, who: str) -> dict[str, str]: ...
    def plain(self, seen: dict[str, str]) -> dict[str, str]: ...


@dataclass
class Part:
    """One member's part of a week, as the ledger has it."""

    texts: dict[int, str] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)  # by which save
    rating: int = 0
    rated: int = 0
    saves: int = 0
    is_submitted: bool = False


@dataclass
class Page:
    """The week on somebody's screen, in both worlds, and how many saves it has seen."""

    week: Any
    saves: int
    here: Any
    there: Any


@dataclass
class Promise:
    """An agreement, as the ledger has it. `said` is what its maker says and nobody else may know yet."""

    maker: str
    space: int
    week: Any
    here: Any
    there: Any
    is_living: bool = True
    said: tuple[str, str] | None = None


class Life(RuleBasedStateMachine):
    """One life of the two. `worlds` makes the world and its twin."""

    def worlds(self) -> tuple[World, World]:
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.now = MONDAY_MORNING
        self.world, self.twin = self.worlds()
        self.count = 0
        self.is_couple = False
        self.space = {ANA: 1, BEN: 2}
        self.spaces = 2
        self.invited: dict[str, datetime] = {}
        self.weeks: dict[str, Any] = {}
        self.parts: dict[tuple[Any, str], Part] = defaultdict(Part)
        self.revealed: set[Any] = set()
        self.pages: dict[str, Page] = {}
        self.promises: list[Promise] = []
        self.thoughts: dict[str, list[str]] = {ANA: [], BEN: []}
        self.may_read: dict[str, set[str]] = {ANA: set(), BEN: set()}
        self.must_read: dict[str, set[str]] = {ANA: set(), BEN: set()}
        self.seen: dict[str, dict[str, str]] = {}
        self.there: dict[str, str] = {}  # what Ben sees in the twin
        self.unseen_by: tuple[str, ...] = ()  # whom the step must not show to
        self.is_tried = False  # whether the stranger has tried the doors as they are

    def teardown(self) -> None:
        self.world.close()
        self.twin.close()

    # Beginning

    @initialize(together=some.booleans())
    def everybody_joins(self, together: bool) -> None:
        for world in (self.world, self.twin):
            world.move_to(self.now)
            world.join()
        self._weeks_open()
        if together:
            self.invite(ANA)
            self.accept(BEN)
        self.unseen_by = ()

    # The week

    @rule(
        who=some.sampled_from(COUPLE),
        card=some.integers(0, 1),
        rating=some.integers(0, 7),
        submit=some.booleans(),
        old=some.sampled_from([False, False, True]),
    )
    def write(self, who: str, card: int, rating: int, submit: bool, old: bool) -> None:
        """Save or finish, on a page loaded now or on the one used before. What it has not seen is not written over."""
        self._unseen_by(OTHER[who])
        page = self._page(who)
        used, self.pages[who] = self.pages.get(who, page), page
        self._write(who, used if old else page, card, rating, submit)

    @rule(rating=some.integers(0, 7))
    def both_finish(self, rating: int) -> None:
        for who in COUPLE:
            if self.weeks[who] not in self.revealed and not self.parts[self.weeks[who], who].is_submitted:
                self._write(who, self._page(who), 0, rating, submit=True)
        self.unseen_by, self.is_tried = (), False

    @rule(who=some.sampled_from(COUPLE))
    def take_back(self, who: str) -> None:
        self._unseen_by(OTHER[who])
        self._do("take_back", who, hidden=True)
        week = self.weeks[who]
        if week not in self.revealed:
            self.parts[week, who].is_submitted = False

    @precondition(lambda self: self.now - MONDAY_MORNING < LONGEST_LIFE)
    @rule(days=some.sampled_from([1, 7, 7, 14]))
    def time_passes(self, days: int) -> None:
        self._move(timedelta(days=days))
        self._weeks_open()

    # The space

    @rule(who=some.sampled_from(COUPLE))
    def invite(self, who: str) -> None:
        self._unseen_by(OTHER[who])
        self._do("invite", who)
        if not self.is_couple:
            self.invited[who] = self.now + INVITATION_LASTS

    @precondition(lambda self: self.invited and not self.is_couple)
    @rule(who=some.sampled_from(COUPLE))
    def accept(self, who: str) -> None:
        if OTHER[who] not in self.invited:
            return
        is_open = self.invited[OTHER[who]] > self.now + timedelta(minutes=1)
        self._move(timedelta(minutes=1))
        self._do("accept", who, OTHER[who])
        if is_open:
            self.is_couple, self.invited = True, {}
            self.spaces += 1
            self.space = dict.fromkeys(COUPLE, self.spaces)
            self._weeks_open()

    @precondition(lambda self: self.is_couple)
    @rule(who=some.sampled_from(COUPLE))
    def leave(self, who: str) -> None:
        """R4: one step, alone, from wherever they are."""
        self._move(timedelta(minutes=1))  # weeks that opened in one instant stand in the history in any order
        self._do("leave", who)
        self.is_couple = False
        self.space = {ANA: self.spaces + 1, BEN: self.spaces + 2}
        self.spaces += 2
        self._weeks_open()

    # Agreements

    @precondition(lambda self: set(self.weeks.values()) & self.revealed)
    @rule(who=some.sampled_from(COUPLE))
    def agree(self, who: str) -> None:
        week = self.weeks[who]
        if week not in self.revealed:
            return
        mine = [promise for promise in self.promises if (promise.maker, promise.week) == (who, week)]
        may = not any(promise.is_living for promise in mine)
        words = self._new_words(who)
        here, there = self.world.agree(who, words), self.twin.agree(who, words)
        assert (here is not None) == (there is not None) == may
        if may:
            self.promises.append(Promise(who, self.space[who], week, here, there))
            self._show(words, self._sitting(who))

    @precondition(lambda self: self.promises)
    @rule(
        is_theirs=some.sampled_from([True, True, True, False]),
        which=some.sampled_from([0, 0, 0, 1, 5]),
        outcome=some.sampled_from(["done", "partly", "not", "changed", "changed", "dropped"]),
    )
    def look_back(self, is_theirs: bool, which: int, outcome: str) -> None:
        """Say how an agreement went; of the other's, nobody says anything."""
        promise = self.promises[-1 - which % len(self.promises)]
        who = promise.maker if is_theirs else OTHER[promise.maker]
        self._unseen_by(OTHER[who])
        words = self._new_words(who) if outcome == "changed" else ""
        may = promise.maker == who and promise.is_living and promise.space == self.space[who]
        assert self.world.look_back(who, promise.here, outcome, words) == may
        if who == BEN:
            assert self.twin.look_back(who, promise.there, outcome, words) == may
        if may:
            promise.said = (outcome, words)

    @precondition(lambda self: self.promises)
    @rule(who=some.sampled_from(COUPLE), which=some.integers(0, 9))
    def withdraw(self, who: str, which: int) -> None:
        promise = self.promises[-1 - which % len(self.promises)]
        may = promise.space == self.space[who]
        assert self.world.withdraw(who, promise.here) == may
        assert self.twin.withdraw(who, promise.there) == may
        if may:
            promise.is_living = False

    # Thoughts

    @rule(who=some.sampled_from(COUPLE))
    def keep_a_thought(self, who: str) -> None:
        self._unseen_by(OTHER[who])
        words = self._new_words(who)
        self._do("keep", who, words, hidden=True)
        self.thoughts[who].append(words)
        self.must_read[who].add(words)

    @rule(who=some.sampled_from(COUPLE))
    def remove_a_thought(self, who: str) -> None:
        self._unseen_by(OTHER[who])
        if self.thoughts[who]:
            words = self.thoughts[who].pop()
            self._do("remove", who, words, hidden=True)
            self.must_read[who].discard(words)
            self.may_read[who].discard(words)

    # The stranger

    @precondition(lambda self: not self.is_tried)
    @rule()
    def a_stranger_tries_the_doors(self) -> None:
        self._unseen_by(ANA, BEN)
        self.is_tried = True
        newest = self.promises[-1].here if self.promises else None
        for week in set(self.weeks.values()):
            self.world.trespass(week, newest)

    # What holds after each step

    @invariant()
    def everybody_sees_what_they_may(self) -> None:
        if not self.weeks:
            return
        unseen_by, self.unseen_by = self.unseen_by, ()
        weeks = {who: self.world.week(who) for who in COUPLE}
        assert weeks == self.weeks, "another week is open than a moment ago"
        assert (weeks[ANA] == weeks[BEN]) == self.is_couple, "one of them is with the other, and not back"
        before, self.seen = self.seen, {}
        for who in COUPLE:
            is_whole = not unseen_by or who in unseen_by
            seen = self.world.see(who) if is_whole else self.world.glance(who)
            self._holds(who, seen)
            if who in unseen_by:
                assert seen == before[who], f"R1: what was done shows to {who}"
            if is_whole:
                self.seen[who] = seen
        if BEN in self.seen:
            if BEN not in unseen_by or not self.there:  # otherwise nothing has happened in the twin
                self.there = self.twin.plain(self.twin.see(BEN))
            assert self.world.plain(self.seen[BEN]) == self.there, "R1: Ben's pages tell whether Ana has written"
        elif BEN not in unseen_by:
            self.there = {}

    def _holds(self, who: str, seen: dict[str, str]) -> None:
        week = self.weeks[who]
        expected = "waiting" if self.parts[week, who].is_submitted else "open"
        assert self.world.state(seen) == ("revealed" if week in self.revealed else expected)
        found = set(WRITTEN.findall("\n".join(seen.values())))
        assert found <= self.may_read[who], f"R1: {who} reads {found - self.may_read[who]}"
        assert found >= self.must_read[who], f"R2, R3: {who} misses {self.must_read[who] - found}"
        for place, text in seen.items():
            pressure = PRESSURE.search(MARKUP.sub(" ", text))
            assert pressure is None, f"R5: {place} says {pressure}"

    def _unseen_by(self, *others: str) -> None:
        """What comes now must not show to these: what they see beforehand is remembered."""
        self.unseen_by, self.is_tried = others, False
        for who in others:
            if who not in self.seen:
                self.seen[who] = self.world.see(who)

    # The ledger

    def _do(self, step: str, who: str, *more: Any, hidden: bool = False) -> None:
        """Take a step in both worlds; what Ana writes for herself, in the one alone."""
        self.is_tried = False
        getattr(self.world, step)(who, *more)
        if not (hidden and who == ANA):
            getattr(self.twin, step)(who, *more)

    def _write(self, who: str, page: Page, card: int, rating: int, submit: bool) -> None:
        week, words = self.weeks[who], self._new_words(who)
        part = self.parts[week, who]
        is_newer = part.changed.get(card, 0) > page.saves
        is_rated_otherwise = rating and part.rated > page.saves and part.rating != rating
        may = page.week == week and not part.is_submitted and week not in self.revealed
        may = may and not is_newer and not is_rated_otherwise
        texts = {card: words}
        is_kept = self.world.send(who, page.here, texts, rating, submit)
        assert is_kept == may, f"saved: {is_kept}, may be saved: {may}"
        if who == BEN:
            assert self.twin.send(who, page.there, texts, rating, submit) == may
        if not may:
            return
        self._put_down(who, part, card, words, rating)
        if submit:
            part.is_submitted = True
            self._reveal_if_complete(week)

    def _new_words(self, who: str) -> str:
        self.count += 1
        words = f"zq{self.count:05}"
        self.may_read[who].add(words)
        return words

    def _sitting(self, who: str) -> tuple[str, ...]:
        return COUPLE if self.is_couple else (who,)

    def _page(self, who: str) -> Page:
        week = self.weeks[who]
        there = self.twin.page(who)
        return Page(week, self.parts[week, who].saves, self.world.page(who), there)

    def _move(self, by: timedelta) -> None:
        self.now += by
        for world in (self.world, self.twin):
            world.move_to(self.now)

    def _weeks_open(self) -> None:
        """Both come by, so that what is due opens, in both worlds."""
        for who in COUPLE:
            self.world.visit(who)
            self.twin.visit(who)
            self.weeks[who] = self.world.week(who)

    def _put_down(self, who: str, part: Part, card: int, words: str, rating: int) -> None:
        part.saves += 1
        self.must_read[who].discard(part.texts.get(card, ""))
        part.texts[card], part.changed[card] = words, part.saves
        self.must_read[who].add(words)
        if rating and rating != part.rating:
            part.rating, part.rated = rating, part.saves

    def _reveal_if_complete(self, week: Any) -> None:
        there = [who for who in COUPLE if self.weeks[who] == week]
        if not all(self.parts[week, who].is_submitted for who in there):
            return
        self.revealed.add(week)
        if len(there) == 2:
            self.unseen_by = ()
        space = self.space[there[0]]
        looked = [promise for promise in self.promises if promise.space == space and promise.is_living and promise.said]
        if ANA in there:
            self._catch_up(week, looked)
        for who in there:
            for words in self.parts[week, who].texts.values():
                self._show(words, there)
        for promise in looked:
            outcome, words = promise.said
            promise.said, promise.is_living = None, outcome not in ("done", "dropped")
            if words:
                self._show(words, there)

    def _catch_up(self, week: Any, looked: list[Promise]) -> None:
        """In the twin, Ana writes all of it at the last moment, once, and rates otherwise."""
        for promise in looked:
            if promise.maker == ANA:
                assert self.twin.look_back(ANA, promise.there, *promise.said)
        part = self.parts[week, ANA]
        assert self.twin.send(ANA, self.twin.page(ANA), part.texts, 7 - part.rating, submit=True)

    def _show(self, words: str, readers: Any) -> None:
        """From now on these words are the readers' for good."""
        for who in readers:
            self.may_read[who].add(words)
            self.must_read[who].add(words)
