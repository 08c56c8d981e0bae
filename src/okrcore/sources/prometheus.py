"""Pull range queries of Prometheus as batches of observations, a window of points at a time."""

from __future__ import annotations

import json
import math
from collections.abc import Collection, Iterator
from typing import Any, Literal
from urllib.parse import urlencode

import attrs
from attrs import field

from okrcore.adapters.cells import shifted
from okrcore.adapters.table_format import PERCENT
from okrcore.definitions.days import to_instant, to_microseconds
from okrcore.errors import HistoryError, Problem
from okrcore.history.history import History
from okrcore.history.instants import Moment, span
from okrcore.sources.credentials import bare_url, scrubbed, secrets_of_url
from okrcore.sources.http import check_url, fetch
from okrcore.sources.pull_source import Mode, Stamp, within

SECOND = 1_000_000
MOST_POINTS = 11_000
"""So many points a series Prometheus gives in one answer."""


@attrs.frozen(kw_only=True)
class PrometheusSource:
    """A range query over the HTTP API of Prometheus, or of what speaks as it does (/api/v1/query_range).

    Either `measure` names what the one series of the answer is, or `label` names the label whose value is
    the measure of each series. One point each `step` seconds, at whole multiples of it, so that a window
    asked for twice has the same points; `points` of them a request. `unit` is that of all values; with a
    unit of % `percent` says whether 95 % is written 95 ("number") or 0.95 ("fraction").

    NaN is no value. Infinite values are refused, or, with `infinite="unknown"`, no values either. An answer
    with warnings is refused: it may lack series. User and password of `url`, and `token`, are never shown.

    >>> source = PrometheusSource(
    ...     url="https://okr:hunter2@metrics.example", query="avg(up)", system="metrics",
    ...     measure="uptime", step=3600)
    >>> source
    PrometheusSource(url='https://metrics.example', query='avg(up)', system='metrics', step=3600,
        measure='uptime', label='', unit='', percent='', infinite='refuse', mode='pulled', timeout=30.0,
        points=10000, most_bytes=64000000, most_rows=10000000)
    """

    url: str = field(repr=lambda url: repr(bare_url(url)))
    query: str
    system: str
    step: int
    measure: str = ""
    label: str = ""
    unit: str = ""
    percent: Literal["", "fraction", "number"] = ""
    infinite: Literal["refuse", "unknown"] = "refuse"
    mode: Mode = "pulled"
    token: str = field(default="", repr=False)
    timeout: float = 30.0
    points: int = 10_000
    most_bytes: int = 64_000_000
    most_rows: int = 10_000_000

    def __attrs_post_init__(self) -> None:
        faults = [fault] if (fault := check_url(self.url)) else []
        if bool(self.measure) == bool(self.label):
            faults.append("give either measure, or the label that names it")
        if self.unit in PERCENT and self.percent not in ("fraction", "number"):
            faults.append(f"unit is {self.unit!r} but percent is not said; give fraction or number")
        if (
            not isinstance(self.step, int)
            or isinstance(self.step, bool)
            or not 1 <= self.step <= 366 * 86_400
        ):
            faults.append("step is no number of seconds; give a whole number, 1 to a year")
        if not 1 <= self.points <= MOST_POINTS:
            faults.append(f"points is {self.points}; give 1 to {MOST_POINTS}")
        if self.infinite not in ("refuse", "unknown"):
            faults.append("infinite is unknown; give refuse or unknown")
        if faults:
            raise HistoryError(
                [Problem(f"source {self.system!r}: {one}", kind=HistoryError) for one in faults]
            )

    def as_plain(self) -> dict[str, Any]:
        """Return what `to_dict` gives: all fields but the token, and the URL without user and password."""
        shown = {
            one.name: getattr(self, one.name) for one in attrs.fields(type(self)) if one.repr is not False
        }
        return {**shown, "url": bare_url(self.url)}

    @property
    def resumes(self) -> bool:
        """True: a range begins anywhere."""
        return True

    @property
    def restates(self) -> bool:
        """False: a point does not say when it was written."""
        return False

    def pull(
        self,
        measures: Collection[str] | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Iterator[History]:
        """Yield the points of the window, as `PullSource.pull` says; `since` and `until` are needed."""
        stamp = Stamp(system=self.system, query=self.query, mode=self.mode)
        if since is None or until is None:
            raise HistoryError(
                f"source {self.system!r} has no beginning or end of its own; give since and until"
            )
        if measures is not None and self.measure and self.measure not in measures:
            return
        first = -(-to_microseconds(span(since, "since")[1]) // (self.step * SECOND)) * self.step
        last = to_microseconds(span(until, "until")[2]) // SECOND
        rows = 0
        for start in range(first, last + 1, self.step * self.points):
            end = min(start + self.step * (self.points - 1), last)
            history = self._window(start, end, measures)
            rows += len(history)
            if rows > self.most_rows:
                raise HistoryError(
                    f"system {self.system!r} gave more than {self.most_rows} points; narrow since and until,"
                    " or raise most_rows"
                )
            if len(history):
                yield stamp.on(within(history, measures, since, until))

    def _window(self, start: int, end: int, measures: Collection[str] | None) -> History:
        names: list[Any] = []
        times: list[Any] = []
        values: list[Any] = []
        problems: list[Problem] = []
        seen: set[str] = set()
        for series in self._series(start, end):
            name = self._name(series)
            if name in seen:
                hint = f"two series are {name!r}; aggregate them in the query" + (
                    "" if self.label else ", or give the label that tells them apart"
                )
                raise self._refused(hint)
            seen.add(name)
            if measures is not None and name not in measures:
                continue
            for time, text in self._points(series, name):
                if not start <= time <= end or (time - start) % self.step:
                    raise self._refused(
                        f"{name!r} has a point at {time}, which was not asked for; look at the server"
                    )
                value = self._value(text, name, time, problems)
                if value is not None:
                    names.append(name)
                    times.append(to_instant(int(time) * SECOND))
                    values.append(value)
        if problems:
            raise HistoryError(problems)
        order = sorted(range(len(times)), key=times.__getitem__)
        names, times, values = ([column[row] for row in order] for column in (names, times, values))
        return History.of_columns(names, times, values, unit=self.unit)

    def _series(self, start: int, end: int) -> list[Any]:
        form = urlencode({"query": self.query, "start": start, "end": end, "step": self.step}).encode()
        url = f"{self.url.rstrip('/')}/api/v1/query_range"
        answer = fetch(url, form, token=self.token, timeout=self.timeout, most_bytes=self.most_bytes)
        try:
            given = json.loads(answer.body)
        except (ValueError, RecursionError):
            given = None
        if not isinstance(given, dict) or given.get("status") not in ("success", "error"):
            raise self._refused(
                f"answers with status {answer.status} and no JSON of Prometheus; look at the address"
            )
        if given["status"] == "error" or answer.status != 200:
            words = scrubbed(given.get("error", ""), (*secrets_of_url(self.url), self.token))
            kind = scrubbed(given.get("errorType", "error"), (*secrets_of_url(self.url), self.token))
            raise self._refused(f"answers with status {answer.status}, {kind}: {words}; look at the query")
        if warnings := given.get("warnings"):
            words = scrubbed(warnings, (*secrets_of_url(self.url), self.token))
            raise self._refused(f"gives a partial answer: {words}; try again")
        data = given.get("data")
        result = data.get("result") if isinstance(data, dict) else None
        if not isinstance(data, dict) or data.get("resultType") != "matrix" or not isinstance(result, list):
            raise self._refused("answers with no matrix; write a query that gives series")
        return result

    def _name(self, series: Any) -> str:
        metric = series.get("metric") if isinstance(series, dict) else None
        if not isinstance(metric, dict):
            raise self._refused("answers with a series that is none; look at the server")
        if not self.label:
            return self.measure
        name = metric.get(self.label)
        if not isinstance(name, str) or not name:
            raise self._refused(
                f"a series has no label {self.label!r}; keep it in the query, with by ({self.label})"
            )
        return name

    def _points(self, series: Any, name: str) -> Iterator[tuple[float, str]]:
        if series.get("histograms"):
            raise self._refused(f"{name!r} is a histogram; write the query with histogram_quantile")
        values = series.get("values")
        if not isinstance(values, list):
            raise self._refused(f"{name!r} has no values; look at the server")
        before = -math.inf
        for point in values:
            good = isinstance(point, list) and len(point) == 2 and isinstance(point[1], str)
            if (
                not good
                or isinstance(point[0], bool)
                or not isinstance(point[0], int | float)
                or point[0] <= before
            ):
                raise self._refused(f"{name!r} has a point that is none, or out of order; look at the server")
            before = point[0]
            yield point[0], point[1]

    def _value(self, text: str, name: str, time: float, problems: list[Problem]) -> float | None:
        try:
            value = float(text)
        except ValueError:
            raise self._refused(f"{name!r} has a value that is no number; look at the server") from None
        if math.isnan(value) or (math.isinf(value) and self.infinite == "unknown"):
            return None
        if math.isinf(value):
            where = f"system {self.system!r}: {name!r} at {to_instant(int(time) * SECOND).isoformat()}"
            remedy = "write the query so that it divides by no zero, or set infinite to unknown"
            problems.append(Problem(f"{where} is {text}; {remedy}", kind=HistoryError))
            return None
        return shifted(value, 2) if self.unit in PERCENT and self.percent == "fraction" else value

    def _refused(self, fault: str) -> HistoryError:
        return HistoryError(f"system {self.system!r}: {fault}")
