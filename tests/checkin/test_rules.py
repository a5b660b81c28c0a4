"""The pure rules: opening, choosing prompts, conflicts, the reveal."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app import content
from app.checkin import rules
from app.checkin.rules import (
    CARRY,
    DELETE,
    SHARE,
    Conflict,
    Draft,
    Mine,
    Question,
    Revealed,
    Sealed,
    Shared,
    Stamp,
    Words,
)

LOADED = content.load()
BANK = [
    Question(prompt.id, prompt.strategy, prompt.card, prompt.weight == "deep") for prompt in LOADED.prompts.values()
]
ALWAYS = frozenset(name for name, strategy in LOADED.strategies.items() if not strategy.needs_both)
EVERYTHING = frozenset(LOADED.strategies)
CARD_OF = {question.id: question.card for question in BANK}
STRATEGY_OF = {question.id: question.strategy for question in BANK}


def at(day: str, time: str = "18:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{time}+00:00")


@pytest.mark.parametrize(
    ("case", "last_week_on", "last_opened_at", "occurrence", "opens"),
    [
        ("a week later", "2026-11-23", at("2026-11-29"), at("2026-12-06"), True),
        ("the same ISO week", "2026-11-23", at("2026-11-23"), at("2026-11-29"), False),
        ("next ISO week, but three days on", "2026-11-23", at("2026-11-29"), at("2026-12-02"), False),
        ("next ISO week, four days on to the minute", "2026-11-23", at("2026-11-28"), at("2026-12-02"), True),
        ("four days less a minute", "2026-11-23", at("2026-11-28"), at("2026-12-02", "17:59"), False),
        ("after a year's silence", "2025-11-24", at("2025-11-30"), at("2026-12-06"), True),
        (
            "an earlier week, as after a move across the date line",
            "2026-12-07",
            at("2026-12-07"),
            at("2026-12-06"),
            False,
        ),
    ],
)
def test_an_occurrence_opens_at_most_one_check_in_a_week(case, last_week_on, last_opened_at, occurrence, opens):
    assert rules.may_open(date.fromisoformat(last_week_on), last_opened_at, occurrence, "Europe/Zurich") is opens, case


def weeks_of(length: str, count: int, *, enabled: frozenset[str] = ALWAYS, seed: str = "one") -> list[list[str]]:
    """The prompts of `count` check-ins in a row, newest first."""
    past: list[list[str]] = []
    for _ in range(count):
        past.insert(0, rules.choose_prompts(BANK, enabled, length, past[:30], seed))
    return past


@pytest.mark.parametrize(("length", "cards"), [("short", 3), ("usual", 5), ("full", 6)])
def test_each_length_has_its_number_of_cards_with_the_standing_ones_in_place(length, cards):
    for prompts in weeks_of(length, 30):
        assert len(prompts) == cards
        assert [CARD_OF[prompts[0]], CARD_OF[prompts[1]], CARD_OF[prompts[-1]]] == ["win", "mind", "wish"]
        assert all(CARD_OF[prompt] == "" for prompt in prompts[2:-1])


def test_choosing_is_deterministic_and_differs_from_space_to_space():
    assert weeks_of("usual", 12) == weeks_of("usual", 12)
    assert weeks_of("usual", 12) != weeks_of("usual", 12, seed="two")


@pytest.mark.parametrize("length", ["usual", "full"])
def test_no_rotating_prompt_comes_again_within_eight_weeks(length):
    past = list(reversed(weeks_of(length, 60)))
    for week, prompts in enumerate(past):
        recent = {prompt for earlier in past[max(0, week - rules.REST) : week] for prompt in earlier}
        assert not {prompt for prompt in prompts if not CARD_OF[prompt]} & recent


def test_rotating_prompts_come_from_different_strategies_and_all_have_their_turn():
    past = weeks_of("usual", 12)
    for prompts in past:
        strategies = [STRATEGY_OF[prompt] for prompt in prompts[2:-1]]
        assert len(set(strategies)) == len(strategies)
    turns = [STRATEGY_OF[prompt] for prompts in past for prompt in prompts[2:-1]]
    assert {name: turns.count(name) for name in set(turns)} == {
        "keep-learning": 8,
        "quality-time": 8,
        "individual-growth": 8,
    }


def test_standing_cards_vary_their_wording():
    past = weeks_of("short", 10)
    assert all(len({prompts[place] for prompts in past}) == 10 for place in range(3))


def test_what_both_must_switch_on_never_comes_by_itself():
    asked = {STRATEGY_OF[prompt] for prompts in weeks_of("full", 40) for prompt in prompts}
    assert not asked & {"forgiveness", "physical-intimacy"}


def test_the_first_weeks_ask_nothing_deep():
    deep = {question.id for question in BANK if question.is_deep}
    first = weeks_of("full", 40)[-rules.GENTLE_START :]
    assert not deep & {prompt for prompts in first for prompt in prompts}


@settings(max_examples=60, deadline=None)
@given(
    lengths=st.lists(st.sampled_from(["short", "usual", "full"]), min_size=1, max_size=25),
    enabled=st.sets(st.sampled_from(sorted(EVERYTHING))),
    seed=st.text(max_size=5),
)
def test_whatever_the_history_no_prompt_is_asked_twice_in_one_check_in(lengths, enabled, seed):
    past: list[list[str]] = []
    for length in lengths:
        prompts = rules.choose_prompts(BANK, frozenset(enabled), length, past, seed)
        assert len(set(prompts)) == len(prompts)
        assert {STRATEGY_OF[prompt] for prompt in prompts if not CARD_OF[prompt]} <= enabled
        past.insert(0, prompts)


NO_STAMP = Stamp()


def draft(text: str, version: int, want: str = "", stamp: Stamp = NO_STAMP) -> Draft:
    return Draft(None, None, {"a": Words(text, want, version)}, {}, 0, stamp)


def words(text: str, version: int, stamp: Stamp) -> Words:
    return Words(text, "", version, stamp=stamp)


@pytest.mark.parametrize(
    ("case", "sent", "stored", "conflicts"),
    [
        ("first words", draft("new", 0), {}, False),
        ("next words of the same device", draft("newer", 3), {"a": Words("new", "", 3)}, False),
        ("another device was first", draft("mine", 2), {"a": Words("theirs", "", 3)}, True),
        ("a page that never saw the answer", draft("mine", 0), {"a": Words("theirs", "", 1)}, True),
        ("the same words typed twice", draft("same", 0), {"a": Words("same", "", 5)}, False),
        ("the same words with another wish", draft("same", 0, "heard"), {"a": Words("same", "solve", 5)}, True),
        ("emptied elsewhere", draft("mine", 1), {"a": Words("", "", 2)}, True),
        ("another answer was changed elsewhere", draft("mine", 1), {"b": Words("theirs", "", 9)}, False),
        ("an unchanged answer beside a newer save", draft("mine", 7), {"a": Words("old", "", 2)}, False),
        ("an empty field that never held a word", draft("", 0), {"a": Words("theirs", "", 3)}, False),
        ("a field emptied here", draft("", 1), {"a": Words("theirs", "", 3)}, True),
        ("this page was first", draft("more", 0, "", Stamp("p", 2)), {"a": words("mine", 1, Stamp("p", 1))}, False),
        ("this page, emptied since", draft("", 0, "", Stamp("p", 2)), {"a": words("mine", 1, Stamp("p", 1))}, False),
        ("an older save overtaken", draft("old", 0, "", Stamp("p", 1)), {"a": words("new", 1, Stamp("p", 2))}, True),
        ("another page was first", draft("mine", 0, "", Stamp("p", 2)), {"a": words("x", 1, Stamp("q", 1))}, True),
        ("two pages without script", draft("mine", 0), {"a": words("theirs", 1, NO_STAMP)}, True),
    ],
)
def test_a_save_conflicts_only_with_what_it_has_not_seen(case, sent, stored, conflicts):
    assert bool(rules.find_conflicts(sent, stored, {}, 0)) is conflicts, case


@pytest.mark.parametrize(
    ("case", "sent", "sent_version", "stored", "stored_version", "conflicts"),
    [
        ("none sent", {}, 0, {"together": 3}, 4, False),
        ("seen", {"together": 5}, 4, {"together": 3}, 4, False),
        ("not seen", {"together": 5}, 3, {"together": 3}, 4, True),
        ("not seen, but the same", {"together": 3}, 3, {"together": 3}, 4, False),
        ("taken back, not seen", {"together": 0}, 3, {"together": 3}, 4, True),
        ("taken back on both", {"together": 0}, 3, {}, 4, False),
    ],
)
def test_ratings_conflict_as_one(case, sent, sent_version, stored, stored_version, conflicts):
    found = rules.find_conflicts(Draft(None, None, {}, sent, sent_version), {}, stored, stored_version)
    assert bool(found) is conflicts, case


def test_a_page_follows_its_own_ratings():
    sent = Draft(None, None, {}, {"together": 5}, 0, Stamp("p", 2))
    assert not rules.find_conflicts(sent, {}, {"together": 3}, 4, Stamp("p", 1))
    assert rules.find_conflicts(sent, {}, {"together": 3}, 4, Stamp("q", 1))


@pytest.mark.parametrize(
    ("case", "sent", "stored", "changes"),
    [
        ("first words", Words("new"), None, True),
        ("only a wish", Words("", "heard"), None, True),
        ("nothing where nothing was", Words(""), None, False),
        ("the same", Words("same", "", 1), Words("same", "", 1), False),
        ("emptied", Words("", "", 1), Words("old", "", 1), True),
        ("never filled", Words(""), Words("from the other device", "", 1), False),
        ("over what cannot be read", Words("new", "", 1), Words("", "", 1, is_unreadable=True), True),
        ("empty over what cannot be read", Words("", "", 1), Words("", "", 1, is_unreadable=True), False),
    ],
)
def test_an_empty_field_takes_nothing_away_that_it_did_not_show(case, sent, stored, changes):
    assert rules.changes(sent, stored, NO_STAMP) is changes, case


@pytest.mark.parametrize(
    ("case", "seats", "submitted", "complete"),
    [
        ("nobody sits there", set(), set(), False),
        ("solo, not yet", {1}, set(), False),
        ("solo", {1}, {1}, True),
        ("one of two", {1, 2}, {2}, False),
        ("both", {1, 2}, {1, 2}, True),
        ("one who left has submitted, one who stays has not", {2}, {1}, False),
        ("somebody who has no seat", {1, 2}, {1, 3}, False),
    ],
)
def test_a_check_in_is_complete_when_every_active_seat_has_submitted(case, seats, submitted, complete):
    assert rules.is_complete(frozenset(seats), frozenset(submitted)) is complete, case


@pytest.mark.parametrize(
    ("is_revealed", "is_closed", "is_submitted", "state"),
    [
        (False, False, False, "open"),
        (False, False, True, "waiting"),
        (False, True, False, "closed"),
        (False, True, True, "closed"),
        (True, False, True, "revealed"),
        (True, True, True, "revealed"),
    ],
)
def test_what_is_not_revealed_carries_nothing_of_anyone_else(is_revealed, is_closed, is_submitted, state):
    mine = Mine({"a": Words("mine")}, {}, 0, is_submitted)
    everything = {1: {"a": Words("mine")}, 2: {"a": Words("theirs")}}
    view = rules.reveal(is_revealed=is_revealed, is_closed=is_closed, mine=mine, answers=everything)
    assert view.state == state
    assert isinstance(view, Revealed if is_revealed else Sealed)
    assert ("theirs" in repr(view)) is is_revealed


@pytest.mark.parametrize(
    ("is_revealed", "is_closed", "shared_by", "kind", "shows"),
    [
        (False, False, {2}, Sealed, False),  # nothing is shared before the end, whatever is stored
        (False, True, set(), Sealed, False),
        (False, True, {3}, Sealed, False),
        (False, True, {2}, Shared, True),
        (True, True, set(), Revealed, True),
    ],
)
def test_what_was_shared_after_the_end_is_handed_on_and_nothing_else(is_revealed, is_closed, shared_by, kind, shows):
    mine = Mine({"a": Words("mine")}, {}, 0, False)
    everything = {1: {"a": Words("mine")}, 2: {"a": Words("theirs")}}
    view = rules.reveal(
        is_revealed=is_revealed, is_closed=is_closed, mine=mine, answers=everything, shared_by=frozenset(shared_by)
    )
    assert type(view) is kind
    assert ("theirs" in repr(view)) is shows
    if kind is Shared:
        assert set(view.answers) == {2}
        assert view.state == "closed"


@pytest.mark.parametrize(
    ("case", "facts", "choices"),
    [
        ("a couple's", {}, {SHARE, CARRY, DELETE}),
        ("nothing written", {"has_words": False}, set()),
        ("the space has ended", {"has_ended": True}, {DELETE}),
        ("solo", {"is_for_two": False}, {CARRY, DELETE}),
        ("shared", {"is_shared": True}, {CARRY}),
        ("carried", {"is_carried": True}, {SHARE, DELETE}),
        ("shared and carried", {"is_shared": True, "is_carried": True}, set()),
        ("deleted", {"is_deleted": True}, set()),
    ],
)
def test_what_may_be_done_with_an_entry_that_was_never_revealed(case, facts, choices):
    usual = {"has_words": True, "has_ended": False, "is_for_two": True}
    usual |= {"is_shared": False, "is_carried": False, "is_deleted": False}
    assert rules.judge_kept(**usual | facts).choices == choices, case


@pytest.mark.parametrize(
    ("case", "old", "stored", "carried"),
    [
        ("nothing there", Words("old", "heard", 3), None, Words("old", "heard")),
        ("an empty field", Words("old"), Words("", "", 2), Words("old")),
        ("a text", Words("old", "heard"), Words("new", "", 4), Words("new\n\nold", "heard")),
        ("a want of its own", Words("old", "heard"), Words("new", "solve"), Words("new\n\nold", "solve")),
        ("a want alone", Words("", "heard"), Words("new"), Words("new", "heard")),
    ],
)
def test_what_is_carried_stands_below_what_is_there(case, old, stored, carried):
    assert rules.carry({"a": old}, {"a": stored} if stored else {}) == {"a": carried}, case


@pytest.mark.parametrize("stored", [Words("b" * 9_998), Words(is_unreadable=True)], ids=["too long", "unreadable"])
def test_what_does_not_fit_is_not_carried(stored):
    with pytest.raises(rules.NoRoom):
        rules.carry({"a": Words("old")}, {"a": stored})
    assert len(rules.carry({"a": Words("a")}, {"a": Words("b" * 9_997)})["a"].text) == rules.LONGEST_ANSWER


@pytest.mark.parametrize(("seconds", "may"), [(0, True), (599, True), (600, False), (10_000, False)])
def test_deleting_can_be_undone_for_ten_minutes(seconds, may):
    then = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
    assert rules.may_undo(then, then + timedelta(seconds=seconds)) is may


def test_no_conflict_is_falsy():
    assert not Conflict()
    assert Conflict(ratings={}, ratings_version=1)


TOPICS = ("forgiveness", "physical-intimacy")
START = date(2026, 11, 23)


def drawn_weeks(seed: str, topic: str = TOPICS[0], weeks: int = 500) -> list[bool]:
    """Whether a topic is drawn in each of as many weeks, were it on all the time."""
    days = [START + timedelta(weeks=week) for week in range(weeks)]
    return [topic in rules.draw_topics(TOPICS, day, seed) for day in days]


def longest_silence(weeks: list[bool]) -> int:
    return max(len(silence) for silence in "".join("x" if week else " " for week in weeks).split("x"))


def test_over_many_spaces_a_topic_is_drawn_in_one_week_of_three():
    weeks = [week for seed in range(60) for topic in TOPICS for week in drawn_weeks(str(seed), topic)]
    assert 0.31 < sum(weeks) / len(weeks) < 0.36


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("seed", ["1", "4611686018427387904", "9223372036854775807", "one", "two"])
def test_in_one_space_a_topic_is_drawn_now_and_then_with_long_silences(seed, topic):
    weeks = drawn_weeks(seed, topic)
    assert 0.2 < sum(weeks) / len(weeks) < 0.47
    assert longest_silence(weeks) >= rules.SEASON
    assert any(weeks[week] and weeks[week + 1] for week in range(499)), "nor is it ever forbidden after one"
    gaps = {len(gap) for gap in "".join("x" if week else " " for week in weeks).split("x")}
    assert len(gaps) > 5, "no rhythm"


@pytest.mark.parametrize("weeks_on", [0, 1, 5, 12, 13, 100])
def test_the_first_week_after_switching_on_is_drawn_as_seldom_as_any(weeks_on):
    day = START + timedelta(weeks=weeks_on)
    firsts = [TOPICS[0] in rules.draw_topics(TOPICS, day, f"space {seed}") for seed in range(1500)]
    assert 0.29 < sum(firsts) / len(firsts) < 0.38


def test_even_the_first_thirteen_weeks_may_pass_without_a_question():
    silent = [not any(drawn_weeks(f"space {seed}", weeks=rules.SEASON)) for seed in range(600)]
    assert sum(silent) / len(silent) > 0.1


def test_the_draw_is_the_same_every_time_and_takes_nothing_but_topic_week_and_space():
    assert drawn_weeks("one") == drawn_weeks("one")
    assert drawn_weeks("one") != drawn_weeks("two")
    assert drawn_weeks("one", TOPICS[0]) != drawn_weeks("one", TOPICS[1])
    for day in (START, START + timedelta(weeks=7)):
        both = rules.draw_topics(TOPICS, day, "one")
        assert both == {topic for topic in TOPICS if rules.draw_topics([topic], day, "one")}
        assert rules.draw_topics((), day, "one") == frozenset()
