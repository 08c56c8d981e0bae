"""Check the rows of a frame, and count in one error what cannot be an observation."""

from __future__ import annotations

import narwhals.stable.v2 as nw
import numpy as np

from okrcore.definitions.days import DAY, to_date, to_instant
from okrcore.errors import HistoryError, Problem
from okrcore.history.frames.engines import Frame, fetch
from okrcore.history.frames.frame_rows import FITNESS
from okrcore.history.provenance import TRUST
from okrcore.history.records import LIMIT

_REMEDIES = {
    "fit_measure": "an empty measure; name what was measured",
    "fit_at": "no date or instant in at; write 2026-01-05 or 2026-01-05T10:00:00+02:00",
    "fit_midnight": "a time in at that is not midnight; leave days out and give its timezone",
    "fit_value": "no finite value; filter them out: where nothing is known there is no observation",
    "fit_recorded_at": "no date or instant in recorded_at; write one, or leave it empty for the end of at",
    "fit_mode": f"an unknown mode; write one of {', '.join(TRUST[:-1])}, or leave it empty",
}
_SHOWN = 3


def check_rows(rows: Frame) -> None:
    """Raise HistoryError for rows that are no observation (S0.3), and for contradictions (S8.5).

    Two passes over the rows on their engine; one row of counts, and a few examples, come back.
    """
    counts = fetch(rows.select(*((1 - nw.col(name)).sum().alias(name) for name in FITNESS)))
    problems = []
    for name, remedy in _REMEDIES.items():
        count = int(counts[name][0])
        if count:
            # no minimum of texts: where a part has no row, some versions of Dask compare text with a number
            named = fetch(rows.filter(nw.col(name) == 0).select("measure").unique())["measure"]
            first = min(named.tolist())
            where = f" (measure {first!r} among them)" if first else ""
            problems.append(f"{count} row{'s' * (count > 1)}{where} with {remedy}")
    problems = problems or _contradictions(rows)
    if problems:
        raise HistoryError([Problem(problem, kind=HistoryError) for problem in problems])


def _contradictions(rows: Frame) -> list[str]:
    keys = ("measure", "whole", "at", "recorded", "system")
    value = nw.col("value")
    by_unit = rows.group_by(*keys, "unit").agg(low=value.min(), high=value.max())
    grouped = by_unit.group_by(*keys).agg(low=nw.col("low").min(), high=nw.col("high").max(), units=nw.len())
    clashes = grouped.filter((nw.col("low") != nw.col("high")) | (nw.col("units") > 1))
    count = int(fetch(clashes.select(nw.len().alias("count")))["count"][0])
    if not count:
        return []
    some = fetch(clashes.head(LIMIT))
    order = np.lexsort([some[name].astype("U") for name in ("system", "at", "measure")])
    texts = []
    for row in order[:_SHOWN].tolist():
        at, system = int(some["at"][row]), some["system"][row]
        moment = to_date(at // DAY) if some["whole"][row] else to_instant(at)
        low, high = float(some["low"][row]), float(some["high"][row])
        values = f"values from {low} to {high}" if low != high else f"{some['units'][row]} units"
        where = f"source system {system!r}" if system else "no source system"
        texts.append(
            f"{some['measure'][row]!r} at {moment.isoformat()}, recorded at"
            f" {to_instant(int(some['recorded'][row])).isoformat()} with {where}, has {values};"
            " give a correction a later recorded_at, or name the source systems apart"
        )
    return [*texts, *([f"and {count - _SHOWN} more of the kind"] if count > _SHOWN else [])]
