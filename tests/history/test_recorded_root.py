"""The root that is shown is that of what was recorded, whatever was derived from it or renamed."""

import datetime as dt
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Cycle,
    Entry,
    Formula,
    History,
    Journal,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    Target,
)
from okrcore.history.derivation import with_derived

START = dt.date(2026, 1, 5)
INPUTS = [Kpi(id=name, title=name, unit="EUR", cadence="weekly") for name in ("sales", "cost")]
MARGIN = Kpi(
    id="margin",
    title="Margin",
    unit="%",
    formula=Formula("(sales - cost) / sales", {"sales": "sales", "cost": "cost"}),
)
GOAL = Objective(id="o", title="Earn more", cycle="c", formerly=["old"])
RESULT = KeyResult(id="k", objective="o", title="Margin", measure=Target(10, 40), measured_by="margin")
CYCLE = Cycle(id="c", start="2026-01-01", end="2026-12-31")
PORTFOLIO = Portfolio.of(CYCLE, GOAL, RESULT, MARGIN, *INPUTS)
RENAMED = PORTFOLIO.with_(Kpi(id="sales", title="Sales", unit="EUR", cadence="weekly", formerly=["turnover"]))


def records(first: int, last: int, sales: str = "sales") -> Iterator[Observation]:
    for week in range(first, last):
        day = START + dt.timedelta(days=7 * week)
        yield Observation(sales, day, 100.0 + week, unit="EUR")
        yield Observation("cost", day, 60.0, unit="EUR")


@given(st.lists(st.integers(0, 4), min_size=1, max_size=4), st.sampled_from(["sales", "turnover"]))
def test_what_was_recorded_is_kept_whatever_was_made_of_it(sizes: list[int], name: str) -> None:
    """Appending, deriving and following names in any order."""
    portfolio = RENAMED if name == "turnover" else PORTFOLIO
    history, week = History.of(), 0
    for size in sizes:
        history = history.append(records(week, week + size, name))
        week += size
        derived = with_derived(portfolio, with_derived(portfolio, history))
        assert derived.recorded is history
        assert derived.recorded.root == History.of(records(0, week, name)).root
        assert history.recorded is history
        assert len(derived) >= len(history)


def test_what_is_recorded_under_a_formula_is_counted_too() -> None:
    """It is not read, but it was recorded."""
    history = History.of(records(0, 3))
    first = with_derived(PORTFOLIO, history)
    more = history.append([Observation("margin", START, 1.0, unit="%")])
    assert with_derived(PORTFOLIO, more).recorded is more
    assert first.recorded is history


@pytest.mark.parametrize(("portfolio", "name"), [(PORTFOLIO, "sales"), (RENAMED, "turnover")])
def test_every_surface_shows_it(portfolio: Portfolio, name: str) -> None:
    history = History.of(records(0, 10, name))
    journal = Journal.of([Entry("check-in", "old", "ann", START)])
    week = okr.review(portfolio, history, as_of="2026-03-15", journal=journal)
    shown = f"{len(history)}:{history.root.partition(':')[2][:8]}"
    assert f"history {shown}" in str(week)
    assert f"journal 1:{journal.root.partition(':')[2][:8]}" in str(week)
    page = okr.report(week)
    assert history.root in page
    assert journal.root in page
    read = week.snapshot.history
    assert isinstance(read, History)
    assert history.verify(read.recorded.root).ok


def test_pictures_show_it() -> None:
    pytest.importorskip("matplotlib")
    from okrcore.surfaces.plots.captions import source_of

    history = History.of(records(0, 10))
    snapshot = okr.evaluate(PORTFOLIO, history, as_of="2026-03-15")
    assert f"history {len(history)}:{history.root.partition(':')[2][:8]}" in source_of(snapshot)
