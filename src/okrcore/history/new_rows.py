"""Find the new rows of a batch beside the runs before it, and raise on contradictions (S8.5)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from okrcore.errors import HistoryError, Problem
from okrcore.history.observation import Observation
from okrcore.history.provenance import Contexts
from okrcore.history.records import LIMIT, Records, shortened
from okrcore.history.runs import Run, bisect, expand, sorted_by, ties

Show = Callable[[Records, int], Observation]
RowPair = tuple[Observation, Observation]


def settle(
    records: Records, runs: tuple[Run, ...], contexts: Contexts, show: Show
) -> list[NDArray[np.int64]]:
    """Return the rows of `records` that are new: for days and for instants, each in the order of a run.

    A record already there, in `runs` or earlier in the batch, is left out. Raises HistoryError naming
    both sides where one (measure, at, recorded_at, source system) has two values; a unit text that
    differs is another value.
    """
    conflicts: list[RowPair] = []
    orders = []
    for day in (True, False):
        rows = np.flatnonzero(records.day == day)
        if len(rows):
            order, clashes = _inside(records, rows, contexts)
            conflicts += [(show(records, a), show(records, b)) for a, b in clashes]
            for run in runs:
                if run.day == day and len(order):
                    order, found = _against(records, order, run, contexts, show)
                    conflicts += found
            if len(order):
                orders.append(order)
    if conflicts:
        raise HistoryError(shortened([_problem(pair) for pair in conflicts]))
    return orders


def _inside(
    records: Records, rows: NDArray[np.int64], contexts: Contexts
) -> tuple[NDArray[np.int64], list[tuple[int, int]]]:
    every = len(rows) == len(records)
    code, time = (records.code, records.time) if every else (records.code[rows], records.time[rows])
    order = sorted_by(code, time)
    tied, group = ties(code, time, order)
    order = order if every else rows[order]
    if not len(tied):
        return order, []
    rows = order[tied]
    recorded, context, value = records.recorded[rows], records.context[rows], records.value[rows]
    system = unit = context.astype(np.int64)
    preference, next_group = recorded, ~_alike(group)
    if (_alike(context) | next_group).all():  # no rank tells the rows of a moment apart
        if (next_group | (recorded[1:] > recorded[:-1])).all():  # nor is any out of order
            return order, []
    else:
        system = contexts.ranks(context, lambda one: one.system)
        unit = contexts.ranks(context, lambda one: one.unit)
        preference = contexts.preference(context, recorded)
    by = np.lexsort((rows, context, system, recorded, group))
    alike = _alike(group[by], recorded[by], system[by])
    same_unit = _alike(unit[by])
    clash = np.flatnonzero(alike & ~(_alike(value[by]) & same_unit))
    if len(clash):
        return order, [(int(rows[by[c]]), int(rows[by[c + 1]])) for c in clash[: LIMIT + 1].tolist()]
    again = by[1:][alike & _alike(context[by])]
    order[tied] = rows[np.lexsort((preference, group))]
    if len(again):
        known = np.zeros(len(records), np.bool_)
        known[rows[again]] = True
        order = order[~known[order]]
    return order, []


def _alike(*columns: NDArray[np.int64] | NDArray[np.int32] | NDArray[np.float64]) -> NDArray[np.bool_]:
    result: NDArray[np.bool_] = np.logical_and.reduce([column[1:] == column[:-1] for column in columns])
    return result


def _against(
    records: Records, order: NDArray[np.int64], run: Run, contexts: Contexts, show: Show
) -> tuple[NDArray[np.int64], list[RowPair]]:
    where, low, high = run.slots(records.code[order])
    time = records.time[order[where]]
    low, high = bisect(run.time, low, high, time - 1), bisect(run.time, low, high, time)
    places, old = expand(low, high)
    place = where[places]
    new = order[place]
    same = run.recorded[old] == records.recorded[new]
    place, new, old = place[same], new[same], old[same]
    if not len(new):
        return order, []
    context = records.context[new]
    both = np.concatenate([context, run.context[old]])
    system = contexts.ranks(both, lambda one: one.system).reshape(2, -1)
    unit = contexts.ranks(both, lambda one: one.unit).reshape(2, -1)
    clash = (system[0] == system[1]) & ((records.value[new] != run.value[old]) | (unit[0] != unit[1]))
    conflicts: list[RowPair] = []
    for at in np.flatnonzero(clash)[: LIMIT + 1].tolist():
        row = old[at : at + 1]
        conflicts.append((show(run.records_at(row), 0), show(records, int(new[at]))))
    again = place[context == run.context[old]]
    return np.delete(order, again), conflicts


def _problem(pair: RowPair) -> Problem:
    first, second = pair
    system = first.source.system if first.source else ""
    where = f"source system {system!r}" if system else "no source system"
    return Problem(
        f"{first.measure!r} at {first.at.isoformat()}, recorded at {first.recorded_at.isoformat()}"
        f" with {where}, has two values: {_shown(first)} and {_shown(second)};"
        " give a correction a later recorded_at, or name the source systems apart",
        path=first.measure,
        kind=HistoryError,
    )


def _shown(one: Observation) -> str:
    return " ".join(part for part in (repr(one.value), one.unit, f"by {one.by}" if one.by else "") if part)
