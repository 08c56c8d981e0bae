"""Reconciling two sources of one measure: agreement, disagreement, and whom to believe."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.calendar import Calendar
from okrcore.definitions.kpis import Source
from okrcore.errors import HistoryError, UnitError
from okrcore.history.history import History
from okrcore.history.observation import Observation
from okrcore.history.reconciliation import reconcile

DAY = dt.date(2026, 1, 5)
ERP, SHEET = Source("erp"), Source("sheet", mode="manual")


def at(days: int) -> dt.date:
    return DAY + dt.timedelta(days=days)


values = st.dictionaries(st.integers(0, 20), st.integers(-3, 3).map(float), min_size=1, max_size=12)
aggregates = st.sampled_from(["latest", "sum", "mean", "max", "min"])


@given(values, values, aggregates, st.integers(1, 9), st.sampled_from([0.0, 1.0]))
def test_every_period_says_what_each_side_says(
    left: dict[int, float], right: dict[int, float], aggregate: str, length: int, absolute: float
) -> None:
    history = History.of(
        [Observation("m", at(day), value, source=ERP) for day, value in left.items()]
        + [Observation("m", at(day), value, source=SHEET) for day, value in right.items()]
    )
    found = reconcile(
        history,
        "m",
        "erp",
        "sheet",
        cadence=f"every {length} days",
        anchor=DAY,
        aggregate=aggregate,
        absolute=absolute,
    )

    def reduced(side: dict[int, float], place: int) -> float | None:
        inside = [side[day] for day in sorted(side) if day // length == place]
        ways: dict[str, Any] = {
            "latest": lambda v: v[-1],
            "mean": lambda v: sum(v) / len(v),
            "max": max,
            "min": min,
        }
        return ways.get(aggregate, sum)(inside) if inside else None

    for period in found.periods:
        place = (period.start - DAY).days // length
        one, other = reduced(left, place), reduced(right, place)
        assert (period.end - period.start).days == length
        assert period.left == (pytest.approx(one) if one is not None else None)
        assert period.right == (pytest.approx(other) if other is not None else None)
        if one is None or other is None:
            assert period.verdict == ("right-only" if one is None else "left-only")
            assert not period.by_hand
            assert period.difference is None
        else:
            close = abs(one - other) <= max(absolute, 1e-9 * max(abs(one), abs(other)))
            assert period.verdict == ("agree" if close else "disagree")
            assert period.by_hand
        assert period.trusted == ("sheet" if one is None else "erp")
    assert {(p.start - DAY).days // length for p in found.periods} == {day // length for day in left | right}
    both = [period for period in found.periods if period.verdict in {"agree", "disagree"}]
    assert found.agreement == (1 - len(found.disagreements) / len(both) if both else None) or math.isclose(
        found.agreement or 0.0, 1 - len(found.disagreements) / len(both)
    )


@given(values, values)
def test_sides_can_be_exchanged(left: dict[int, float], right: dict[int, float]) -> None:
    history = History.of(
        [Observation("m", at(day), value, source=ERP) for day, value in left.items()]
        + [Observation("m", at(day), value, source=SHEET) for day, value in right.items()]
    )
    one, other = reconcile(history, "m", "erp", "sheet"), reconcile(history, "m", "sheet", "erp")
    assert [(p.start, p.left, p.right, p.trusted) for p in one.periods] == [
        (p.start, p.right, p.left, p.trusted) for p in other.periods
    ]
    assert one.agreement == other.agreement


def test_whom_to_believe() -> None:
    """S2.7: pulled before derived before manual, then the latest known, then by system name."""

    def trusted(one: Source | None, other: Source | None, trust: tuple[str, ...] = (), later: int = 0) -> str:
        history = History.of(
            [
                Observation("m", DAY, 1, source=one, recorded_at=at(1)),
                Observation("m", DAY, 2, source=other, recorded_at=at(1 + later)),
            ]
        )
        names = [source.system if source else "" for source in (one, other)]
        return reconcile(history, "m", names[0], names[1], trust=trust).periods[0].trusted

    assert trusted(SHEET, Source("a", mode="derived")) == "a"
    assert trusted(ERP, Source("a", mode="derived")) == "erp"
    assert trusted(None, SHEET) == "sheet"
    assert trusted(Source("b"), Source("a")) == "a"
    assert trusted(Source("a"), Source("b"), later=1) == "b"
    assert trusted(SHEET, ERP, trust=("sheet",)) == "sheet"
    assert trusted(SHEET, ERP, trust=("other", "erp", "sheet")) == "erp"


def test_corrections_count_from_when_they_are_known() -> None:
    history = History.of(
        [
            Observation("m", DAY, 1, source=ERP),
            Observation("m", DAY, 2, source=SHEET),
            Observation("m", DAY, 2, source=ERP, recorded_at=at(3)),
        ]
    )
    assert reconcile(history, "m", "erp", "sheet").agreement == 1.0
    assert reconcile(history, "m", "erp", "sheet", known_at=at(2)).agreement == 0.0
    exactly = dt.datetime.combine(at(3), dt.time.max, dt.UTC)
    assert reconcile(history, "m", "erp", "sheet", known_at=exactly).agreement == 1.0
    assert reconcile(history, "m", "erp", "sheet", start=at(1)).periods == ()
    assert reconcile(history, "m", "erp", "sheet", end=at(-1)).agreement is None


def test_units_are_converted() -> None:
    history = History.of(
        [Observation("m", DAY, 1, unit="kg", source=ERP), Observation("m", DAY, 1000, unit="g", source=SHEET)]
    )
    found = reconcile(history, "m", "erp", "sheet")
    assert (found.agreement, found.unit, found.periods[0].right) == (1.0, "kg", 1.0)
    assert reconcile(history, "m", "erp", "sheet", unit="g").periods[0].left == 1000.0
    mixed = history.append([Observation("m", at(1), 1, unit="hour", source=SHEET)])
    with pytest.raises(UnitError):
        reconcile(mixed, "m", "erp", "sheet")


def test_weeks_without_anchor_begin_on_mondays() -> None:
    history = History.of([Observation("m", at(2), 1, source=ERP), Observation("m", at(6), 1, source=SHEET)])
    for cadence in ("weekly", Cadence.parse("weekly")):
        found = reconcile(history, "m", "erp", "sheet", cadence=cadence)
        assert [(p.start, p.end, p.verdict) for p in found.periods] == [(DAY, at(7), "agree")]


def test_with_a_calendar_its_own_periods_are_compared() -> None:
    """A1: weeks by their first day, months by the retail pattern; a rule counts from its anchor."""
    retail = Calendar(week_start="sunday", pattern="4-5-4", year_start_month=2)
    history = History.of(
        [
            Observation("m", day, 1, source=source)
            for day in ("2024-01-07", "2024-02-03", "2024-02-04")
            for source in (ERP, SHEET)
        ]
    )

    def starts(cadence: str) -> list[str]:
        found = reconcile(
            history, "m", "erp", "sheet", cadence=cadence, calendar=retail, anchor=dt.date(2024, 1, 1)
        )
        return [str(period.start) for period in found.periods]

    assert starts("weekly") == ["2024-01-07", "2024-01-28", "2024-02-04"]
    assert starts("monthly") == ["2023-12-31", "2024-02-04"]  # the twelfth month of a year of 53 weeks
    assert starts("FREQ=WEEKLY;BYDAY=WE") == ["2024-01-03", "2024-01-31"]


def test_the_last_days_there_are_can_be_compared() -> None:
    last = dt.date.max
    history = History.of([Observation("m", last, 1, source=source) for source in (ERP, SHEET)])
    for cadence in ("daily", "weekly", "monthly", "yearly"):
        for calendar in (None, Calendar()):
            found = reconcile(history, "m", "erp", "sheet", cadence=cadence, calendar=calendar)
            assert [period.verdict for period in found.periods] == ["agree"]


def test_what_cannot_be_compared_is_refused() -> None:
    history = History.of([Observation("m", DAY, 1, source=ERP), Observation("m", DAY, 1)])
    with pytest.raises(HistoryError, match="'crm' recorded nothing of 'm'; '', 'erp' did"):
        reconcile(history, "m", "erp", "crm")
    with pytest.raises(HistoryError, match="'erp' recorded nothing of 'x'; nobody did"):
        reconcile(history, "x", "erp", "")
    with pytest.raises(HistoryError, match="name two source systems"):
        reconcile(history, "m", "erp", "erp")
    with pytest.raises(HistoryError, match="aggregate is 'median'"):
        reconcile(history, "m", "erp", "", aggregate="median")
