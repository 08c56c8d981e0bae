"""Normalise a frame of observations, as people write its columns, to plain numbers on its engine."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce
from typing import Any

import narwhals.stable.v2 as nw

from okrcore.errors import HistoryError, Problem
from okrcore.history.frames.engines import ENGINES, Frame, engine_of
from okrcore.history.frames.frame_times import flag, is_naive, with_midnights, with_moments
from okrcore.history.provenance import TRUST

REQUIRED = ("measure", "at", "value")
TEXTS = ("unit", "system", "mode", "by")
OPTIONAL = ("unit", "recorded_at", "system", "mode", "by")
COLUMNS = ("measure", "whole", "at", "value", "unit", "recorded", "trust", "system", "by")
FITNESS = ("fit_measure", "fit_at", "fit_midnight", "fit_value", "fit_recorded_at", "fit_mode")


def rows_of(native: Any, *, days: bool = False) -> Frame:
    """Return a frame's rows with columns of one kind on every engine: COLUMNS, and FITNESS, 1 where fit.

    `whole` is 1 for a calendar day, else 0; `at` and `recorded` are microseconds since 1970-01-01 UTC, of a
    day its end in UTC; unit, system and by are "" for none; `trust` is the mode's place in `TRUST`.
    With `days` times of `at` without a zone are the days of which they are the midnight.
    """
    try:
        frame = nw.from_native(native).lazy()
    except TypeError:
        raise HistoryError(
            f"the frame is a {type(native).__name__}, but must be one of {', '.join(ENGINES)}; convert it"
        ) from None
    engine_of(frame)
    kinds = _kinds(dict(frame.collect_schema()), days)
    given = [name for name in TEXTS if kinds.get(name) == nw.String]
    dated = kinds.get("recorded_at", nw.Unknown) != nw.Unknown
    frame = frame.select(
        *(name for name in kinds if name in (*REQUIRED, *given) or (name == "recorded_at" and dated)),
        silent=flag(nw.col("recorded_at").is_null()) if dated else nw.lit(1),
        fit_value=flag(nw.col("value").cast(nw.Float64).is_finite().fill_null(False)),
    ).with_columns(
        nw.col("value").cast(nw.Float64),
        *(nw.col(name).fill_null("") for name in ("measure", *given)),
        *(nw.lit("").alias(name) for name in TEXTS if name not in given),
    )
    frame = with_midnights(frame, "at", kinds["at"]) if days else with_moments(frame, "at", kinds["at"])
    if dated:
        frame = with_moments(frame, "recorded_at", kinds["recorded_at"])
    else:
        frame = frame.with_columns(recorded_at=nw.lit(0), fit_recorded_at=nw.lit(1))
    silent, mode = nw.col("silent") == 1, nw.col("mode")
    pulled = (mode == "") & (nw.col("system") != "")
    places = [
        nw.when(mode == name).then(nw.lit(place)).otherwise(nw.lit(0)) for place, name in enumerate(TRUST)
    ]
    return frame.with_columns(
        whole=nw.col("at_whole"),
        recorded=nw.when(silent).then(nw.col("at")).otherwise(nw.col("recorded_at")).cast(nw.Int64),
        fit_recorded_at=nw.when(silent).then(nw.lit(1)).otherwise(nw.col("fit_recorded_at")),
        fit_midnight=nw.col("at_midnight") if days else nw.lit(1),
        fit_measure=flag(nw.col("measure") != ""),
        fit_mode=flag(mode.is_in(list(TRUST))),
        trust=nw.when(pulled).then(nw.lit(0)).otherwise(reduce(lambda a, b: a + b, places)).cast(nw.Int64),
    ).select(*COLUMNS, *FITNESS)


def _kinds(schema: Mapping[str, Any], days: bool) -> dict[str, Any]:
    """Return the kind of each column that is read; raises HistoryError with every column at fault."""
    missing = [name for name in REQUIRED if name not in schema]
    if missing:
        raise HistoryError(
            f"the frame has no column {', '.join(missing)}, only {', '.join(schema):.500};"
            f" rename its columns to {', '.join(REQUIRED)} (and {', '.join(OPTIONAL)})"
        )
    kinds = {name: schema[name] for name in (*REQUIRED, *OPTIONAL) if name in schema}
    faults = [
        f"column {name} holds {kinds[name]}; cast it to text"
        for name in ("measure", *TEXTS)
        if name in kinds
        and kinds[name] not in ((nw.String,) if name == "measure" else (nw.String, nw.Unknown))
    ]
    if not kinds["value"].is_numeric():
        faults.append(f"column value holds {kinds['value']}; cast it to numbers")
    moments = [
        _moment_fault(kinds.get(name, nw.Unknown), name, days and name == "at")
        for name in ("at", "recorded_at")
    ]
    faults += [fault for fault in moments if fault]
    if faults:
        raise HistoryError([Problem(fault, kind=HistoryError) for fault in faults])
    return kinds


def _moment_fault(kind: Any, name: str, days: bool) -> str | None:
    if is_naive(kind) and not days:
        midnights = ", or say days=True where midnights mean their day" if name == "at" else ""
        return f"column {name} has instants without a timezone; give it one, or make it dates{midnights}"
    if kind in (nw.String, nw.Date, nw.Datetime) or (name == "recorded_at" and kind == nw.Unknown):
        return None
    return f"column {name} holds {kind}; cast it to dates, aware instants or ISO text of either"
