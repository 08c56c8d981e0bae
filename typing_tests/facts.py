"""Observations, histories, journals and rates as a user writes and reads them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import assert_type

import okrcore as okr

now = dt.datetime(2026, 6, 30, 12, tzinfo=dt.UTC)
one = okr.Observation("uptime", "2026-01-05", 98, unit="%", source=okr.Source("scada"), recorded_at=now)
assert_type(one.value, float)
assert_type(one.recorded_at, dt.datetime)
okr.Observation("uptime", 5, 98)  # type: ignore[arg-type]
okr.Observation("uptime", now)  # type: ignore[call-arg]

history = okr.History.of([one]).append([one])
assert_type(history, okr.History)
assert_type(history.latest("uptime", now), okr.Observation | None)
series = history.series("uptime", start="2026-01-01")
assert_type(series, okr.history.Series)
assert_type(len(history), int)
assert_type(history.root, str)
assert_type(history.verify(root=history.root).ok, bool)
assert_type(history.as_known(now), okr.History)
assert_type(iter(history), Iterator[okr.Observation])

entry = okr.Entry("check-in", "throughput", "lane-lead", now, changes=["one lane a night"], confidence=0.7)
journal = okr.Journal.of([entry])
assert_type(journal.entries(subject="throughput", until=now), tuple[okr.Entry, ...])

rates = okr.Rates.of([("2026-01-02", "EUR", "USD", 1.25)])
assert_type(rates.rate("EUR", "USD", "2026-01-05"), float)
assert_type(okr.units.convert(5.0, "EUR", "USD", rates=rates, dates=dt.date(2026, 1, 5)), float)


def caught(error: okr.OkrError) -> None:
    assert_type(error.problems, tuple[okr.Problem, ...])
    for problem in error.problems:
        assert_type(problem.path, str)
        assert_type(problem.line, int | None)


try:
    okr.Portfolio.of()
except (okr.errors.UnknownIdError, okr.errors.DuplicateIdError, okr.errors.CyclicAlignmentError) as error:
    base: okr.DefinitionError = error
except okr.errors.UnitError as error:
    value: ValueError = error
except okr.MissingExtraError as error:
    missing: ImportError = error
