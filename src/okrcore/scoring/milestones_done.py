"""Tell when milestones were done: as declared, else as observed (S17.1)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Mapping, Sequence

import attrs
import numpy as np

from okrcore.definitions.days import day_in, day_number, to_microseconds
from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.initiatives import Milestone
from okrcore.definitions.portfolio import Portfolio
from okrcore.frozen import FrozenDict, freeze_fields
from okrcore.history.backends import AnyHistory, MeasureCodes
from okrcore.history.interning import Lookup
from okrcore.history.requests import Found
from okrcore.scoring.as_of import When
from okrcore.scoring.asked_history import AskedHistory
from okrcore.scoring.graph import Flags, RowNumbers

OPEN = 2**40
"""The day on which what is open was done: far in the future."""


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class MilestoneColumns:
    """The milestones of a portfolio by row: ids, and the day on which each is declared done, else OPEN."""

    ids: Lookup[str]
    declared: RowNumbers


def milestone_columns(portfolio: Portfolio) -> MilestoneColumns:
    """Return the milestones of a portfolio, made once for versions that share them."""
    return _COLUMNS.of(portfolio)


def declared_days(milestones: Sequence[Milestone | None]) -> RowNumbers:
    """Return the declared day of being done of each, OPEN where there is none."""
    days = (day_number(one.done) if one is not None and one.done is not None else OPEN for one in milestones)
    return np.fromiter(days, np.int64, len(milestones))


def done_by(
    declared: RowNumbers,
    codes: MeasureCodes,
    asked: AskedHistory,
    zone: RowNumbers,
    zones: Sequence[str],
    end: RowNumbers,
) -> tuple[Flags, Found]:
    """Return which milestones are done by the end of day `end`, and the last observation of each up to then.

    The rule of `done_day`, on columns: declared by then, or else observed at 1 or more at last. `codes` are
    those of their ids in the history, `zone` counts in `zones`.
    """  # fmt: skip
    last = asked.newest(codes, asked.until(zone, zones, end), zone, zones)
    return (declared <= end) | ((last.row >= 0) & (last.columns.value >= 1)), last


def done_ids(portfolio: Portfolio, asked: AskedHistory) -> frozenset[str]:
    """Return the ids of the milestones that are done by the moment."""
    steps, when = milestone_columns(portfolio), asked.when
    size = len(steps.declared)
    codes, zone = asked.facts.codes(steps.ids), np.zeros(size, dtype=np.int64)
    done, _ = done_by(steps.declared, codes, asked, zone, [when.zone], np.full(size, when.day))
    return frozenset(steps.ids[row] for row in np.flatnonzero(done).tolist())


def done_day(milestone: Milestone, observed: Mapping[str, int], when: When) -> int | None:
    """Return the day on which a milestone was done by the moment, as a day number; None while it is open.

    The declared day wins over the `observed` one, that of `observed_days`.
    """
    if milestone.done is not None and day_number(milestone.done) <= when.day:
        return day_number(milestone.done)
    return observed.get(milestone.id)


def observed_days(ids: Container[str], history: AnyHistory | None, when: When) -> Mapping[str, int]:
    """Return the day from which on each milestone was observed at 1 or more up to its last observation.

    What was restated below 1, or was below 1 at last, is not done. Days are those of `when`'s zone. Cost
    in proportion to the observations of these, and to the measures there are.

    >>> from okrcore import History, Observation
    >>> history = History.of([Observation("pilot", "2026-03-02", 0), Observation("pilot", "2026-03-09", 1)])
    >>> dict(observed_days(["pilot"], history, When.of("2026-03-31")))
    {'pilot': 20521}
    """
    if history is None:
        return FrozenDict()
    known = history if when.known is None else history.as_known(when.known)
    days = {name: _done(known, name, when) for name in known.measures if name in ids}
    return FrozenDict({name: day for name, day in days.items() if day is not None})


def _columns(portfolio: Portfolio) -> MilestoneColumns:
    listed = portfolio.milestones
    return MilestoneColumns(Lookup(one.id for one in listed), declared_days(listed))


_COLUMNS = Derivation(("milestones",), _columns)


def _done(history: AnyHistory, name: str, when: When) -> int | None:
    series = history.series(name)
    last, until = when.instant(when.zone), when.day
    since: int | None = None
    for at, value in zip(series.times, series.values.tolist(), strict=True):
        instant = isinstance(at, dt.datetime)
        if (to_microseconds(at) > last) if isinstance(at, dt.datetime) else (day_number(at) > until):
            continue
        if not value >= 1:
            since = None
        elif since is None:
            since = day_number(day_in(at, when.zone) if instant else at)
    return since
