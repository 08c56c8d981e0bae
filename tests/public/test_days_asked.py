"""A date is taken as ISO text wherever one is asked, and what is none is refused with what to give (A20)."""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import okrcore as okr
from okrcore.definitions import DatedBands
from okrcore.definitions.ignores import Ignore
from okrcore.governance.context import Context
from okrcore.testing import series

DAY = dt.date(2026, 4, 3)
NOON = dt.datetime(2026, 4, 3, 12, tzinfo=dt.UTC)
WEEKS = okr.Cadence.parse("weekly")
RULE = okr.Cadence.parse("FREQ=WEEKLY;BYDAY=MO")
CALENDAR = okr.Calendar(holidays=["2026-04-03"], clocks="working")
KPI = okr.Kpi(id="up", title="Up", dated=[DatedBands(start="2026-04-03", target=okr.Band(low=99))])
FIRM = okr.Portfolio.of(KPI)
RATES = okr.Rates.of([("2026-01-01", "EUR", "USD", 1.1)])
TOLERANCE = okr.Tolerance(sides=["a", "b"], start="2026-04-01", end="2026-04-03")
TWO = okr.History.of(
    okr.Observation("up", day, value, source=okr.Source(system))
    for day in ("2026-04-03", "2026-04-09")
    for system, value in (("x", 1), ("y", 2))
)


def reconciled(anchor: Any) -> Any:
    return okr.reconcile(TWO, "up", "x", "y", cadence="weekly", anchor=anchor)


CALLS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("Cadence.edges", "anchor"): lambda day: WEEKS.edges(day, DAY, "2026-05-01"),
    ("Cadence.edges", "since"): lambda day: WEEKS.edges(DAY, day, "2026-05-01"),
    ("Cadence.edges", "until"): lambda day: RULE.edges("2026-01-01", "2026-01-01", day),
    ("Cadence.periods", "anchor"): lambda day: RULE.periods(day, "2026-05-01"),
    ("Cadence.periods", "until"): lambda day: WEEKS.periods("2026-01-01", day),
    ("Calendar.is_working", "day"): CALENDAR.is_working,
    ("Calendar.working_day", "day"): CALENDAR.working_day,
    ("Context.day_of", "moment"): Context(portfolio=FIRM, as_of=DAY).day_of,
    ("Ignore.holds", "day"): Ignore(code="OKR1", reason="r", until="2026-04-03").holds,
    ("Kpi.bands_at", "day"): KPI.bands_at,
    ("Rates.rate", "date"): lambda day: RATES.rate("EUR", "USD", day),
    ("Target.planned", "start"): lambda day: okr.Target(0, 9).planned(day, "2026-05-01"),
    ("Target.planned", "due"): lambda day: okr.Target(0, 9).planned("2026-01-01", day),
    ("Tolerance.holds", "day"): TOLERANCE.holds,
    ("compare_portfolios", "at"): lambda day: okr.compare_portfolios(okr.Portfolio.of(), FIRM, at=day),
    ("reconcile", "anchor"): reconciled,
    ("series", "start"): lambda day: series("up", [1, 2], start=day),
    ("weekly", "start"): lambda day: okr.weekly(day, "2026-05-01"),
    ("weekly", "end"): lambda day: okr.weekly("2026-01-01", day),
}
"""Each public function that asks for a day, by name and argument."""

FILES = {("read_catalogue", "at")}
"""Those that read a file beside."""


def asking() -> Iterator[tuple[str, str, str]]:
    """Yield each argument of a public function or method, below the texts of `display`, that names dates."""
    root: Any = okr
    rooms: list[Any] = [value for name in dir(okr) if inspect.ismodule(value := getattr(okr, name))]
    below = [room for room in rooms if room is not okr.display and hasattr(room, "__all__")]
    for room in [*below, root]:
        for value in (getattr(room, name) for name in room.__all__):
            methods = inspect.getmembers(value, inspect.isfunction) if inspect.isclass(value) else []
            called = [(f"{value.__name__}.{name}", one) for name, one in methods if not name.startswith("_")]
            if inspect.isfunction(value):
                called = [(value.__name__, value)]
            for name, one in called:
                for part in inspect.signature(one).parameters.values():
                    yield name, part.name, str(part.annotation)


def test_every_argument_that_is_a_day_is_here() -> None:
    days = {(name, part) for name, part, kind in asking() if "dt.date" in kind and "Iterable" not in kind}
    assert days - FILES <= CALLS.keys() | {("Calendar.after", "instant")}


def test_no_signature_asks_for_a_date_alone() -> None:
    alone = {(name, part) for name, part, kind in asking() if "dt.date" in kind and "str" not in kind}
    assert not alone


@pytest.mark.parametrize("asked", CALLS, ids=".".join)
def test_text_is_the_date_that_it_names(asked: tuple[str, str]) -> None:
    call = CALLS[asked]
    assert repr(call(DAY.isoformat())) == repr(call(DAY))
    assert call(DAY.isoformat()) == call(DAY)


@pytest.mark.parametrize("wrong", ["soon", "2026-02-30", "2026-W14", 20260403, [DAY]], ids=repr)
@pytest.mark.parametrize("asked", CALLS, ids=".".join)
def test_what_is_no_date_is_refused_with_what_to_give(asked: tuple[str, str], wrong: Any) -> None:
    if asked == ("Rates.rate", "date") and not isinstance(wrong, str):
        pytest.skip("a number is a day since 1970 there, and a list several")
    with pytest.raises(okr.OkrError, match=r"give|write|must"):
        CALLS[asked](wrong)


def test_an_instant_is_taken_as_text_too() -> None:
    assert CALENDAR.after(NOON.isoformat(), 24) == CALENDAR.after(NOON, 24)
    wrong: Any
    for wrong in ("soon", "2026-04-03", DAY, "2026-04-03T12:00"):
        with pytest.raises(okr.DefinitionError, match=r"^instant .*(give|add)"):
            CALENDAR.after(wrong, 24)
