"""History: every answer equals that of a plain list, however the observations were delivered."""

from __future__ import annotations

import datetime as dt
import pickle
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore.definitions.days import day_number, to_instant, to_microseconds
from okrcore.definitions.kpis import Source
from okrcore.errors import HistoryError
from okrcore.history.history import History
from okrcore.history.instants import end_of
from okrcore.history.observation import Observation

DAY = dt.date(2026, 1, 5)
NOON = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)
MEASURES = ("a", "b", "c")
SOURCES = (
    None,
    Source("erp", "q1"),
    Source("crm", "q2"),
    Source("erp", mode="derived"),
    Source("a", mode="manual"),
)
TRUST = {"pulled": 0, "derived": 1, "manual": 2}

days = st.integers(0, 2).map(lambda n: DAY + dt.timedelta(days=n))
instants = st.integers(0, 4).map(lambda n: NOON + dt.timedelta(hours=12 * n))
edges = days.map(end_of)  # the very instant at which a day ends
moments = st.one_of(days, instants, edges)
records = st.builds(
    Observation,
    st.sampled_from(MEASURES[:2]),
    moments,
    st.integers(0, 1).map(float),
    unit=st.sampled_from(["", "lane"]),
    recorded_at=st.one_of(st.none(), instants),
    source=st.sampled_from(SOURCES),
    by=st.sampled_from(["", "x"]),
    definition=st.sampled_from(["", "v1"]),
)


def key(one: Observation) -> tuple[Any, ...]:
    return one.measure, type(one.at), one.at, one.recorded_at, one.source.system if one.source else ""


def consistent(observations: Iterable[Observation]) -> list[Observation]:
    """Leave out what contradicts an earlier record, keep what repeats one."""
    seen: dict[tuple[Any, ...], tuple[float, str]] = {}
    return [
        one
        for one in observations
        if seen.setdefault(key(one), (one.value, one.unit)) == (one.value, one.unit)
    ]


facts = st.lists(records, max_size=16).map(consistent)


# The oracle: the clauses, word for word, over a list.


def trust(one: Observation) -> tuple[Any, ...]:
    """S2.7: pulled before derived before manual, then the latest known, then by system name."""
    source = one.source
    rank = TRUST[source.mode] if source else 3
    rest = (source.system, source.query) if source else ("", "")
    return rank, -to_microseconds(one.recorded_at), rest, one.by, one.definition, one.unit


def time_of(one: Observation) -> tuple[dt.datetime, bool]:
    return end_of(one.at), not isinstance(one.at, dt.datetime)


def within(one: Observation, start: tuple[int, int], end: tuple[int, int], known_at: int | None) -> bool:
    if known_at is not None and to_microseconds(one.recorded_at) > known_at:
        return False
    if isinstance(one.at, dt.datetime):
        return start[1] <= to_microseconds(one.at) <= end[1]
    return start[0] <= day_number(one.at) <= end[0]


def oracle_window(
    observations: list[Observation],
    measure: str,
    start: tuple[int, int],
    end: tuple[int, int],
    known_at: int | None,
) -> list[Observation]:
    inside = [one for one in observations if one.measure == measure and within(one, start, end, known_at)]
    chosen = {
        time_of(one): min((o for o in inside if time_of(o) == time_of(one)), key=trust) for one in inside
    }
    return [chosen[time] for time in sorted(chosen)]


EVER = ((-(2**62), -(2**62)), (2**62, 2**62))


@st.composite
def cuts(draw: st.DrawFn, size: int) -> list[slice]:
    places = sorted(draw(st.lists(st.integers(0, size), max_size=5)))
    return [slice(a, b) for a, b in zip([0, *places], [*places, size], strict=True)]


def delivered(observations: list[Observation], pieces: list[slice]) -> History:
    history = History.of()
    for piece in pieces:
        history = history.append(observations[piece])
    return history


bounds = st.tuples(st.integers(-1, 4), st.integers(-14, 60)).map(
    lambda b: (day_number(DAY) + b[0], to_microseconds(NOON) + b[1] * 3_600_000_000)
)
known = st.one_of(st.none(), st.one_of(instants, edges).map(to_microseconds))


@given(facts, st.data(), st.lists(bounds, min_size=3, max_size=3), known)
def test_latest_is_the_best_of_the_last_that_was_known(
    observations: list[Observation], data: st.DataObject, ends: list[tuple[int, int]], known_at: int | None
) -> None:
    """S2.7, S0.8, S8.1: greatest time, then mode, then latest known, then system name."""
    history = delivered(observations, data.draw(cuts(len(observations))))
    codes = history.codes(MEASURES)
    assert (codes >= 0).tolist() == [measure in {one.measure for one in observations} for measure in MEASURES]
    end_day, end_instant = (np.array(column) for column in zip(*ends, strict=True))
    rows = history.latest_rows(codes, end_day, end_instant, known_at)
    for measure, row, end in zip(MEASURES, rows.tolist(), ends, strict=True):
        expected = oracle_window(observations, measure, EVER[0], end, known_at)
        assert row == -1 if not expected else history.observation(row) == expected[-1]
    for end in ends[:1]:
        assert history.latest_rows(codes[::-1], *end, known_at).tolist() == [
            int(history.latest_rows(codes[i : i + 1], *end, known_at)[0]) for i in (2, 1, 0)
        ]


@given(facts, st.data(), bounds, bounds, known)
def test_a_window_has_the_chosen_record_of_each_time_in_order(
    observations: list[Observation],
    data: st.DataObject,
    start: tuple[int, int],
    end: tuple[int, int],
    known_at: int | None,
) -> None:
    history = delivered(observations, data.draw(cuts(len(observations))))
    asked = data.draw(st.lists(st.sampled_from(MEASURES), max_size=5))
    offsets, rows = history.window_rows(history.codes(asked), *start, *end, known_at)
    found = [history.observation(row) for row in rows.tolist()]
    assert len(offsets) == len(asked) + 1
    for place, measure in enumerate(asked):
        segment = found[offsets[place] : offsets[place + 1]]
        assert segment == oracle_window(observations, measure, start, end, known_at)


@given(facts, st.data(), instants)
def test_as_known_is_the_history_of_what_was_recorded_by_then(
    observations: list[Observation], data: st.DataObject, instant: dt.datetime
) -> None:
    """S8.1: history.as_known(instant) is what was known then."""
    history = delivered(observations, data.draw(cuts(len(observations)))).as_known(instant)
    shown = [one for one in observations if one.recorded_at <= instant]
    assert list(history) == list(dict.fromkeys(shown))
    assert history.measures == tuple(sorted({one.measure for one in shown}))
    for measure in MEASURES:
        assert history.series(measure) == History.of(shown).series(measure)
        assert history.restatements(measure) == History.of(shown).restatements(measure)
        assert (history.codes([measure])[0] >= 0) == (measure in history.measures)
    assert list(history.append(observations)) == list(dict.fromkeys([*shown, *observations]))


@given(facts, st.data())
def test_delivery_changes_nothing(observations: list[Observation], data: st.DataObject) -> None:
    """S8.5: the same record twice is one record. S0.5: same inputs, same outputs."""
    again = observations + data.draw(st.permutations(observations))
    history = delivered(again, data.draw(cuts(len(again))))
    once = History.of(observations)
    assert list(history) == list(once) == list(dict.fromkeys(observations))
    assert len(history) == len(once) == len(set(observations))
    other = History.of(data.draw(st.permutations(observations)))
    for measure in MEASURES:
        assert history.series(measure) == once.series(measure) == other.series(measure)
        assert history.latest(measure, "2030-01-01") == other.latest(measure, "2030-01-01")


@given(facts, st.data())
def test_histories_handed_out_never_change(observations: list[Observation], data: st.DataObject) -> None:
    """S0.6: a change is a new value; old ones stay valid, also where two grow from one."""
    first, second, third = (observations[i::3] for i in range(3))
    history = History.of(first)
    before = list(history), history.measures, [history.series(m) for m in MEASURES], history.units
    one, two = history.append(second), history.append(third)
    assert list(one) == list(dict.fromkeys(first + second))
    assert list(two) == list(dict.fromkeys(first + third))
    assert one.units[: len(before[3])] == before[3]
    assert before == (list(history), history.measures, [history.series(m) for m in MEASURES], history.units)


@given(facts, records, st.data())
def test_two_values_for_one_record_are_refused(
    observations: list[Observation], extra: Observation, data: st.DataObject
) -> None:
    """S8.5: two values for one (measure, at, recorded_at, source system) are an error naming both."""
    known_values = {key(one): one for one in observations}
    clash = known_values.get(key(extra))
    differs = clash is not None and (clash.value, clash.unit) != (extra.value, extra.unit)
    deliveries: list[Callable[[], History]] = [
        lambda: History.of([extra, *observations]),
        lambda: History.of([*observations, extra]),
        lambda: History.of(observations).append([extra]),
        lambda: History.of([extra]).append(History.of(observations)),
    ]
    for deliver in deliveries:
        if not differs:
            assert len(deliver()) == len({*observations, extra})
            continue
        assert clash is not None
        with pytest.raises(HistoryError) as caught:
            deliver()
        text = str(caught.value)
        assert repr(clash.value) in text
        assert repr(extra.value) in text
        assert repr(extra.measure) in text
        assert extra.recorded_at.isoformat() in text


def test_a_refused_batch_adds_nothing_and_names_every_conflict() -> None:
    """S0.4: all problems at once."""
    history = History.of([Observation("a", DAY, 1), Observation("b", NOON, 1, unit="lane")])
    with pytest.raises(HistoryError) as caught:
        history.append(
            [
                Observation("new", DAY, 1),
                Observation("a", DAY, 2),
                Observation("b", NOON, 1),
                Observation("new", DAY, 3),
            ]
        )
    assert sorted(problem.path for problem in caught.value.problems) == ["a", "b", "new"]
    assert len(history) == 2
    assert history.measures == ("a", "b")


def test_thousands_of_conflicts_stay_readable() -> None:
    with pytest.raises(HistoryError) as caught:
        History.of([Observation(f"m{n}", DAY, value) for n in range(3000) for value in (1, 2)])
    assert len(caught.value.problems) == 101


@given(facts)
def test_restatements_are_what_one_system_changed(observations: list[Observation]) -> None:
    """S8.1: a correction is a later recorded_at for the same (measure, at)."""
    history = History.of(observations)
    for measure in MEASURES:
        expected = []
        groups: dict[tuple[Any, ...], list[Observation]] = {}
        for one in dict.fromkeys(observations):
            if one.measure == measure:
                groups.setdefault((time_of(one), one.source.system if one.source else ""), []).append(one)
        for group in sorted(groups):
            values = {one.recorded_at: (one.value, one.unit) for one in groups[group]}
            known = [values[recorded] for recorded in sorted(values)]
            expected += [(a, b) for a, b in pairwise(known) if a != b]
        found = history.restatements(measure)
        assert [((r.before.value, r.before.unit), (r.after.value, r.after.unit)) for r in found] == expected
        assert all(r.before.recorded_at < r.after.recorded_at for r in found)
        assert all(r.change == r.after.value - r.before.value for r in found)


@given(facts)
def test_taken_columns_say_what_the_observations_say(observations: list[Observation]) -> None:
    history = delivered(observations, [slice(n, n + 1) for n in range(len(observations))])
    rows = np.array([-1, *range(len(history)), -1])
    columns = history.take(rows)
    for row, value, day, at, date_only, recorded, unit in zip(
        rows.tolist(), *(column.tolist() for column in attrs.astuple(columns, recurse=False)), strict=True
    ):
        if row < 0:
            assert value != value
            assert unit == -1
            continue
        one = history.observation(row)
        assert (value, history.units[unit], to_instant(recorded)) == (one.value, one.unit, one.recorded_at)
        assert date_only == (not isinstance(one.at, dt.datetime))
        assert to_instant(at) == end_of(one.at)
        assert day == day_number(end_of(one.at).date())


@given(facts)
def test_columns_in_make_the_same_history(observations: list[Observation]) -> None:
    """`of_columns` is `of`, whatever the shape of the columns."""
    expected = History.of(observations)
    texts: dict[str, list[Any]] = {
        "unit": [one.unit for one in observations],
        "by": [one.by for one in observations],
        "definition": [one.definition for one in observations],
        "query": [one.source and one.source.query for one in observations],
        "system": [one.source and one.source.system for one in observations],
        "mode": [one.source and one.source.mode for one in observations],
    }
    measure, value = [one.measure for one in observations], [one.value for one in observations]
    at: list[Any] = [one.at for one in observations]
    recorded: list[Any] = [one.recorded_at for one in observations]
    for shape in (list, objects, texts_of_dates):
        columns: dict[str, Any] = {name: shape(column) for name, column in texts.items()}
        history = History.of_columns(
            shape(measure), shape(at), shape(value), recorded_at=shape(recorded), **columns
        )
        assert list(history) == list(expected)


def objects(column: list[Any]) -> Any:
    return np.array([*column, None], dtype=object)[:-1]


def texts_of_dates(column: list[Any]) -> tuple[Any, ...]:
    return tuple(one.isoformat() if isinstance(one, dt.date) else one for one in column)


def test_numpy_columns() -> None:
    days = np.array(["2026-01-05", "2026-01-06"], "datetime64[D]")
    history = History.of_columns(np.array(["a", "b"]), days, np.array([1, 2]), unit="lane", system="erp")
    assert list(history) == [
        Observation("a", "2026-01-05", 1, unit="lane", source=Source("erp")),
        Observation("b", "2026-01-06", 2, unit="lane", source=Source("erp")),
    ]
    known = np.array(["NaT", "2026-02-01"], "datetime64[D]")
    history = History.of_columns("a", days, [1.0, 2.0], recorded_at=known, mode="manual")
    assert [one.recorded_at for one in history] == [end_of(days[0].item()), end_of(dt.date(2026, 2, 1))]
    assert {one.source for one in history} == {Source("", mode="manual")}


def test_the_callers_arrays_stay_the_callers() -> None:
    values = np.array([1.0, 2.0])
    history = History.of_columns(["a", "a"], ["2026-01-05", "2026-01-06"], values)
    values[:] = 9
    assert history.series("a").values.tolist() == [1.0, 2.0]
    with pytest.raises(ValueError, match="read-only"):
        history.series("a").values[0] = 9


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"measure": ["a", ""]}, "row 1: measure is empty"),
        ({"measure": ["a", None]}, "row 1: measure is empty"),
        ({"measure": ["a", 3]}, "row 1: measure is 3; give text"),
        ({"measure": ["a", ["b"]]}, "but must hold text"),
        ({"measure": ["a"]}, "measure has 1 rows but at has 2"),
        ({"measure": 3}, "measure is 3"),
        ({"at": ["2026-01-05", None]}, "row 1: at is missing"),
        ({"at": ["2026-01-05", "2026-01-05T10:00"]}, "row 1: at .* has no timezone"),
        ({"at": ["2026-01-05", ["x"]]}, "but must hold dates"),
        ({"at": "2026-01-05"}, "give a sequence"),
        ({"at": np.array(["NaT", "2026-01-05"], "M8[D]")}, "row 0: at is missing"),
        ({"value": [1.0, np.nan]}, "row 1: value is nan"),
        ({"value": [np.inf, 1.0]}, "row 0: value is inf"),
        ({"value": [1.0]}, "value has shape"),
        ({"value": ["1", "2"]}, "row 0: value is '1'; give a number"),
        ({"value": [True, False]}, "row 0: value is True; give a number"),
        ({"value": [1.0, None]}, "row 1: value is None"),
        ({"recorded_at": ["soon", None]}, "row 0: recorded_at 'soon' is no date"),
        ({"recorded_at": [None]}, "recorded_at has 1 rows"),
        ({"mode": ["pulled", "guessed"]}, "row 1: mode is 'guessed'; give one of"),
        ({"unit": ["\ud800", ""]}, "row 0: unit .* surrogate"),
    ],
)
def test_faulty_columns_are_refused_by_row(change: dict[str, Any], fault: str) -> None:
    good: dict[str, Any] = {"measure": ["a", "b"], "at": ["2026-01-05", DAY], "value": [1.0, 2.0]}
    assert len(History.of_columns(**good)) == 2
    with pytest.raises(HistoryError, match=fault):
        History.of_columns(**(good | change))


def test_latest_reads_dates_instants_and_text() -> None:
    """A3: a date-only observation compares as a calendar day with the UTC day of the instant asked for."""
    history = History.of([Observation("m", DAY, 1), Observation("m", NOON, 2)])

    def value(at: Any) -> float | None:
        found = history.latest("m", at)
        return found.value if found else None

    assert value(DAY) == value("2026-01-05") == value(NOON) == 1
    assert value("2026-01-05T23:30+01:00") == 1
    assert value("2026-01-04T23:30-12:00") == value("2026-01-04T23:59-13:00") == 1
    assert value("2026-01-05T00:30+01:00") is None
    assert value(DAY - dt.timedelta(days=1)) is None
    assert history.latest("other", DAY) is None
    with pytest.raises(HistoryError, match="timezone"):
        history.latest("m", dt.datetime(2026, 1, 5))  # noqa: DTZ001


def test_series_is_bounded_on_both_ends() -> None:
    history = History.of(
        [Observation("m", DAY + dt.timedelta(days=n), n) for n in range(9)] + [Observation("m", NOON, 77)]
    )
    series = history.series("m", start="2026-01-05", end="2026-01-07")
    assert series.times == (NOON, DAY, dt.date(2026, 1, 6), dt.date(2026, 1, 7))
    assert series.values.tolist() == [77, 0, 1, 2]
    assert len(series) == 4
    assert len(history.series("m")) == 10
    assert len(history.series("m", start="2026-01-07", end="2026-01-06")) == 0


def test_a_day_is_later_than_the_instant_at_its_end() -> None:
    """S0.8: they are two times, so neither corrects the other, whatever their sources."""
    day = Observation("m", DAY, 1, source=SOURCES[-1])
    instant = Observation("m", end_of(DAY), 2, source=SOURCES[1])
    for facts_given in ([day, instant], [instant, day]):
        history = History.of(facts_given)
        assert history.latest("m", DAY) == day
        assert history.series("m").times == (instant.at, DAY)


def test_systems_of_one_mode_known_at_once_go_by_name() -> None:
    """S2.7, S0.5: then by system name, not by query."""
    first, second = (Observation("m", DAY, 1, source=Source(*names)) for names in (("a", "z"), ("b", "y")))
    for pieces in ([[first, second]], [[second, first]], [[first], [second]], [[second], [first]]):
        history = History.of()
        for piece in pieces:
            history = history.append(piece)
        assert history.latest("m", DAY) == first
        assert history.append([attrs.evolve(second, recorded_at="2027-01-01")]).latest("m", DAY) != first


@pytest.mark.parametrize("change", [{"value": 2.0}, {"unit": "lane"}])
def test_a_value_in_another_unit_is_another_value(change: dict[str, Any]) -> None:
    """S8.5, inside one delivery and against an earlier one."""
    one = Observation("m", DAY, 1)
    other = attrs.evolve(one, **change)
    with pytest.raises(HistoryError, match="two values"):
        History.of([one, other])
    with pytest.raises(HistoryError, match="two values"):
        History.of([one]).append([other])
    assert len(History.of([one, attrs.evolve(one, by="me"), attrs.evolve(one, definition="v2")])) == 3


def test_an_empty_history_answers() -> None:
    history = History.of()
    assert (len(history), history.measures, history.units, list(history)) == (0, (), (), [])
    assert history.latest("m", DAY) is None
    assert len(history.series("m")) == 0
    assert history.restatements("m") == ()
    assert history.as_known(NOON) is history
    assert history.append([]) is history
    assert history.append(history) is history
    assert repr(history) == "<History of 0 observations of 0 measures>"


def test_foreign_rows_and_entries_are_refused() -> None:
    history = History.of([Observation("m", DAY, 1)])
    with pytest.raises(HistoryError, match="row 1 is not among the 1"):
        history.observation(1)
    with pytest.raises(HistoryError, match="row is -1"):
        history.observation(-1)
    with pytest.raises(HistoryError, match="row 0: an entry is 5, but must be an Observation"):
        history.append([5])  # type: ignore[list-item]


def test_it_pickles_and_cannot_be_changed() -> None:
    history = History.of([Observation("m", DAY, 1, source=Source("erp"))])
    assert list(pickle.loads(pickle.dumps(history))) == list(history)
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        history._delivered = 3  # type: ignore[misc]


def naive_latest(
    columns: Sequence[np.ndarray[Any, Any]], measures: int, end: int, known_at: int
) -> list[float]:
    best: dict[int, tuple[int, int, float]] = {}
    for code, time, recorded, value in zip(*(column.tolist() for column in columns), strict=True):
        if time <= end and recorded <= known_at:
            best[code] = max(best.get(code, (-1, -1, 0.0)), (time, recorded, value))
    return [best[code][2] if code in best else float("nan") for code in range(measures)]


@settings(max_examples=10)
@given(st.integers(0, 2**32), st.booleans())
def test_many_rows_agree_with_a_loop(seed: int, in_pieces: bool) -> None:
    """The same law where the rows are many: corrections, gaps, appends large and small."""
    random = np.random.default_rng(seed)
    size, measures = 4000, 300
    code, time = random.integers(0, measures, size), random.integers(0, 40, size)
    recorded = random.permutation(size)
    value = random.normal(size=size)
    names = np.char.add("m", np.arange(measures).astype(str))
    us = np.array([to_instant(number) for number in recorded])
    pieces = (
        np.split(np.arange(size), np.sort(random.integers(0, size, 12))) if in_pieces else [np.arange(size)]
    )
    history = History.of()
    for piece in pieces:
        at = time[piece].astype("datetime64[D]")
        history = history.append(
            History.of_columns(names[code[piece]], at, value[piece], recorded_at=us[piece])
        )
    assert len(history) == size
    codes = history.codes(names.tolist())
    for end, known_at in ((40, size), (40, size // 2), (20, size), (7, size // 50)):
        rows = history.latest_rows(codes, end, -1, None if known_at == size else known_at)
        expected = naive_latest((code, time, recorded, value), measures, end, known_at)
        np.testing.assert_array_equal(history.take(rows).value, expected)
