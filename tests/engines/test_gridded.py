"""One value a measure and period, on every backend of a history (S8.6, S9.1)."""

import datetime as dt
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore import Cadence, Calendar, History, HistoryError, Observation, Source
from okrcore.history.periods import AGGREGATES, gridded
from okrcore.history.reconciliation import reconcile
from tests.support.backends import FRAMES, on

FIRST = dt.date(2026, 1, 5)
WEEKS = Cadence("weekly").periods(FIRST, FIRST + dt.timedelta(days=27))
MONDAY = dt.datetime(2026, 1, 12, tzinfo=dt.UTC)
ERP, SHEET = Source("erp"), Source("sheet", mode="manual")
SLOW = ("dask", "pyspark")
FAST = ["columns", *(name for name in FRAMES if name not in SLOW)]
PAIRS = [
    *((backend, aggregate) for backend in FAST for aggregate in AGGREGATES),
    *(
        pytest.param(backend, aggregate, marks=pytest.mark.xdist_group("slow engines"))
        for backend in SLOW
        for aggregate in ("latest", "mean")
    ),
]
KNOWN = [
    Observation("calls", FIRST, 3, unit="call"),
    Observation("calls", FIRST + dt.timedelta(days=6), 4, unit="call"),
    Observation("calls", MONDAY - dt.timedelta(microseconds=1), 5, unit="call"),
    Observation("calls", MONDAY, 6, unit="call"),
    Observation("calls", FIRST + dt.timedelta(days=21), 1, unit="call", source=SHEET),
    Observation("calls", FIRST + dt.timedelta(days=21), 2, unit="call", source=ERP),
    Observation("calls", FIRST + dt.timedelta(days=14), 9, unit="call", recorded_at="2026-03-01"),
    Observation("other", FIRST + dt.timedelta(days=60), 1),
]
GRIDS = {
    "latest": [4, 6, 9, 2],
    "sum": [12, 6, 9, 2],
    "mean": [4, 6, 9, 2],
    "max": [5, 6, 9, 2],
    "min": [3, 6, 9, 2],
}


@pytest.mark.parametrize(("backend", "aggregate"), PAIRS)
@pytest.mark.filterwarnings("ignore:Dask support is moving:FutureWarning")
@pytest.mark.filterwarnings("ignore:PySpark does not yet:FutureWarning")
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_every_backend_gives_one_grid(backend, aggregate):
    """S9.1: each reduced by its aggregate, gaps NaN; S2.7: of one moment only the chosen one counts."""
    history = on(backend, KNOWN)
    grid = gridded(history, ["calls", "other", "nobody"], WEEKS, aggregate=aggregate)
    assert grid.values[0].tolist() == pytest.approx(GRIDS[aggregate], rel=1e-12)
    assert np.isnan(grid.values[1:]).all()
    assert grid.units == ("call", "", "")
    before = gridded(history, ["calls"], WEEKS, aggregate=aggregate, known_at="2026-02-15")
    assert math.isnan(before.values[0, 2])


@pytest.mark.parametrize("backend", FAST)
def test_several_units_are_refused(backend):
    both = [Observation("calls", FIRST, 3, unit="call"), Observation("calls", MONDAY, 3, unit="case")]
    history = on(backend, both)
    with pytest.raises(HistoryError, match="'call' and 'case'; convert it to one unit first"):
        gridded(history, ["calls"], WEEKS, aggregate="sum")
    with pytest.raises(HistoryError, match="aggregate is 'median'"):
        gridded(history, ["calls"], WEEKS, aggregate="median")


@given(st.dictionaries(st.integers(-3, 30), st.floats(-1e6, 1e6), max_size=12), st.sampled_from(AGGREGATES))
def test_a_grid_is_what_a_loop_finds(found, aggregate):
    """S9.1: periods are half-open; what lies outside all of them counts nowhere."""
    days = {FIRST + dt.timedelta(days=day): value for day, value in found.items()}
    grid = gridded(
        History.of(Observation("m", day, v) for day, v in days.items()), ["m"], WEEKS, aggregate=aggregate
    )
    reduce = {"latest": lambda v: v[-1], "sum": math.fsum, "mean": np.mean, "max": max, "min": min}[aggregate]
    for period, value in zip(WEEKS, grid.values[0], strict=True):
        inside = [days[day] for day in sorted(days) if period.start <= day < period.end]
        assert math.isnan(value) if not inside else value == pytest.approx(reduce(inside), rel=1e-9, abs=1e-6)


def test_manual_values_that_differ_from_pulled_ones_are_told():
    """S12: manual values that disagree with pulled ones; what agrees, or is typed in twice, is none."""
    typed, pulled = Source("sheet", mode="manual"), Source("erp")
    rows = [("2026-01-31", 120.0, 126.0), ("2026-02-28", 130.0, 130.0)]
    seen = [
        Observation("revenue", day, value, unit="EUR", source=source)
        for day, right, wrong in rows
        for value, source in ((right, pulled), (wrong, typed))
    ]
    [found] = reconcile(History.of(seen), "revenue", "erp", "sheet", cadence="monthly").disagreements
    assert (found.left, found.right, found.difference, found.by_hand) == (120.0, 126.0, 6.0, True)
    both = [
        Observation("revenue", "2026-01-31", v, source=Source(n, mode="manual"))
        for n, v in (("a", 1.0), ("b", 2.0))
    ]
    [found] = reconcile(History.of(both), "revenue", "a", "b").disagreements
    assert not found.by_hand


PEOPLE = st.lists(
    st.tuples(st.integers(0, 27), st.integers(-5, 20), st.sampled_from(("", "ana", "ben")), st.booleans()),
    min_size=1,
    max_size=25,
)


@given(PEOPLE)
def test_authors_of_one_moment_add_up_where_that_is_asked(rows):
    """A12: with same_moment "add" the latest of each author, by default the latest of all."""
    told = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    history = History.of(
        Observation(
            "calls",
            dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC) + dt.timedelta(day)
            if at_noon
            else FIRST + dt.timedelta(day),
            value,
            by=by,
            source=ERP,
            recorded_at=told + dt.timedelta(hours=place),
        )
        for place, (day, value, by, at_noon) in enumerate(rows)
    ).append([Observation("calls", FIRST, 1, source=SHEET)])
    for same in ("add", "correct"):
        latest = {(day, noon, by if same == "add" else ""): value for day, value, by, noon in rows}
        wanted = dict.fromkeys({day // 7 for day, *_ in rows}, 0.0)
        for (day, *_), value in latest.items():
            wanted[day // 7] += value
        compared = reconcile(
            history, "calls", "erp", "sheet", cadence="weekly", aggregate="sum", same_moment=same
        )
        found = {(one.start - FIRST).days // 7: one.left for one in compared.periods if one.left is not None}
        assert found == wanted
        alone = History.of(one for one in history if one.source == ERP)
        grid = gridded(alone, ["calls"], WEEKS, aggregate="sum", same_moment=same).values[0]
        assert {week: value for week, value in enumerate(grid.tolist()) if not math.isnan(value)} == wanted


def test_what_adds_up_is_a_sum_in_columns():
    for ask in (
        lambda **how: gridded(on("columns", KNOWN), ["calls"], WEEKS, **how),
        lambda **how: reconcile(on("columns", KNOWN), "calls", "erp", "sheet", **how),
    ):
        with pytest.raises(HistoryError, match="aggregate is mean; give aggregate sum, or leave it out"):
            ask(aggregate="mean", same_moment="add")
        with pytest.raises(HistoryError, match="same_moment is 'sum', but must be one of correct, add"):
            ask(aggregate="sum", same_moment="sum")


def test_days_of_instants_are_those_of_the_calendar():
    """A3: 20:00 in Los Angeles of a Sunday is in that week there, and in the next one in UTC."""
    evening = "2026-01-12T04:00:00Z"
    history = History.of(
        [Observation("calls", evening, 3, source=ERP), Observation("calls", "2026-01-11", 3, source=SHEET)]
    )
    for calendar, verdicts in (
        (Calendar(timezone="America/Los_Angeles"), ["agree"]),
        (None, ["right-only", "left-only"]),
    ):
        found = reconcile(history, "calls", "erp", "sheet", cadence="weekly", calendar=calendar)
        assert [one.verdict for one in found.periods] == verdicts
