"""Say which observations a portfolio would not read, before they are appended to a history (A13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from okrcore.definitions.days import day_in
from okrcore.definitions.derived import measures_read, read_unit_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.joined_ids import item_id, parted_item
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Checklist
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.references import unknown_id
from okrcore.errors import DefinitionError, Problem, UnitError, UnknownIdError
from okrcore.history.observation import Observation
from okrcore.units.conversion import route


def check_observations(portfolio: Portfolio, observations: Iterable[Observation]) -> tuple[Problem, ...]:
    """Return what of `observations` nothing would read; a service asks this before it appends them.

    Told are ids that nothing declares, with the nearest one that is; units that do not convert; items that
    a checklist has not; and dates outside every cycle. `path` is "observations[i]", one problem a record at
    most. Where the measure needs a rate between currencies, only the portfolio's own rates are looked at.
    Nothing is raised, and nothing is read from any history. Cost in proportion to definitions and records.

    >>> from okrcore import Kpi
    >>> portfolio = Portfolio.of(Kpi(id="uptime", title="Uptime", unit="%"))
    >>> sent = [Observation("uptmie", "2026-01-05", 98), Observation("uptime", "2026-01-05", 3, unit="kg")]
    >>> for problem in check_observations(portfolio, sent):
    ...     print(str(problem).partition(";")[0])
    observations[0]: 'uptmie' is declared nowhere
    observations[1]: unit 'kg' ([mass]) does not convert to '%' (1)
    """
    read = measures_read(portfolio)
    found = []
    for place, one in enumerate(observations):
        problem = next(_problems(portfolio, read, one), None)
        if problem is not None:
            found.append(Problem(problem[0], f"observations[{place}]", kind=problem[1]))
    return tuple(found)


Fault = tuple[str, type[UnknownIdError] | type[UnitError] | type[DefinitionError]]


def _problems(portfolio: Portfolio, read: frozenset[str], one: Observation) -> Iterator[Fault]:
    owner, item = parted_item(one.measure)
    value, above = (_find(portfolio, name) for name in (one.measure, owner))
    if one.measure not in read:
        yield _unread(value, above, item, one.measure, read), UnknownIdError
        return
    wanted = read_unit_of(value, portfolio) if isinstance(value, Kpi | KeyResult) else ""
    if isinstance(value, Kpi | KeyResult) and (fault := _unit_fault(portfolio, wanted, one)):
        yield fault, UnitError
    calendar, cycles = portfolio.calendar, portfolio.cycles
    if cycles and not any(
        cycle.start <= day_in(one.at, calendar.zone_of(cycle)) <= cycle.end for cycle in cycles
    ):
        day = day_in(one.at, calendar.timezone)
        yield (
            f"{one.measure!r}: {day} lies in no cycle; correct the date, or declare its cycle",
            DefinitionError,
        )


def _find(portfolio: Portfolio, name: str) -> Any:
    return portfolio[name] if name in portfolio else None  # noqa: SIM401  a portfolio has no get


def _unread(value: Any, above: Any, item: str, measure: str, read: frozenset[str]) -> str:
    if isinstance(value, KeyResult) and isinstance(value.measure, Checklist):
        first = item_id(measure, value.measure.items[0].id)
        return f"{measure!r} is a checklist; observe its items, such as {first!r}"
    if isinstance(value, Kpi):
        return f"{measure!r} is computed by its formula; observe its inputs"
    if isinstance(value, KeyResult):
        return f"{measure!r} reads {value.measured_by!r}; observe that"
    if value is not None:
        kind = type(value).__name__
        return f"{measure!r} is of type {kind}, which has no number; observe a KPI or a key result"
    if item and isinstance(above, KeyResult) and isinstance(above.measure, Checklist):
        known = {item_id(above.id, one.id) for one in above.measure.items}
        return unknown_id(measure, "", known).message
    return unknown_id(measure, "", read).message


def _unit_fault(portfolio: Portfolio, wanted: str, one: Observation) -> str:
    if not one.unit or one.unit == wanted:
        return ""
    if not wanted:
        return (
            f"{one.measure!r} is observed in {one.unit!r}, but no unit is declared; declare unit {one.unit!r}"
        )
    try:
        way = route(one.unit, wanted, portfolio.units)
    except UnitError as error:
        return str(error)
    if way.power and portfolio.rates is None:
        return f"{one.unit!r} to {wanted!r} needs exchange rates, and the portfolio has none; add rates"
    return ""
