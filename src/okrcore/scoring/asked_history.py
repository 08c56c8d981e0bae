"""Ask a history for what counts at a moment: up to it, and as known to whoever asks in a zone (A3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import attrs
import numpy as np

from okrcore.definitions.days import end_of_day, start_of_day
from okrcore.history.backends import AnyHistory, HistoryBackend, MeasureCodes, facts_of
from okrcore.history.requests import Found, Window
from okrcore.scoring.as_of import When
from okrcore.scoring.graph import RowNumbers


@attrs.frozen
class AskedHistory:
    """A history at a moment; `zone` holds codes that count in `zones`, one a request."""

    history: AnyHistory
    when: When

    @property
    def facts(self) -> HistoryBackend:
        """The history, as it is asked."""
        return facts_of(self.history)

    def newest(self, codes: MeasureCodes, window: Window, zone: RowNumbers, zones: Sequence[str]) -> Found:
        """Return the newest observation of each request."""
        parts = self.as_known(window, zone, zones)
        if len(parts) == 1:
            return self.facts.newest(codes, parts[0][1])
        found = [(rows, self.facts.newest(codes[rows], part)) for rows, part in parts]
        return Found.joined(found)

    def totals(
        self,
        codes: MeasureCodes,
        window: Window,
        aggregates: Sequence[str],
        zone: RowNumbers,
        zones: Sequence[str],
    ) -> tuple[RowNumbers, Found]:
        """Return offsets and what each request is reduced from, as `HistoryBackend.totals`."""
        parts = self.as_known(window, zone, zones)
        if len(parts) == 1:
            return self.facts.totals(codes, parts[0][1], aggregates)
        found, owners = [], []
        for rows, part in parts:
            offsets, entries = self.facts.totals(codes[rows], part, [aggregates[row] for row in rows])
            owners.append(np.repeat(rows, np.diff(offsets)))
            found.append((owners[-1], entries))
        offsets = np.searchsorted(np.sort(np.concatenate(owners)), np.arange(len(codes) + 1))
        return offsets, Found.joined(found)

    def until(self, zone: RowNumbers, zones: Sequence[str], end: RowNumbers) -> Window:
        """Return all times that count: no later than the moment, nor than the end of day `end`."""
        moments = np.array([self.when.instant(name) for name in zones], dtype=np.int64)
        last = instants(end, zone, zones, end_of_day)
        if len(zones):
            last = np.minimum(moments[zone], last)
        return Window(end_day=end, end_instant=last)

    def between(self, zone: RowNumbers, zones: Sequence[str], start: RowNumbers, end: RowNumbers) -> Window:
        """Return the times of `until` from the beginning of day `start`."""
        first = instants(start, zone, zones, start_of_day)
        return attrs.evolve(self.until(zone, zones, end), start_day=start, start_instant=first)

    def as_known(
        self, window: Window, zone: RowNumbers, zones: Sequence[str]
    ) -> list[tuple[RowNumbers, Window]]:
        """Return the window as known in each zone, with the requests there; one where all know the same."""
        known = [(self.when.known_in(name), self.when.known_day_in(name)) for name in zones]
        distinct = sorted(set(known), key=known.index)
        codes = np.array([distinct.index(pair) for pair in known], dtype=np.int64)[zone]
        parts = []
        for code, (instant, day) in enumerate(distinct or [(self.when.known_at, None)]):
            rows = np.flatnonzero(codes == code) if len(distinct) > 1 else np.arange(len(zone))
            if len(rows) or len(distinct) < 2:
                part = window if len(distinct) < 2 else window.at(rows)
                parts.append((rows, attrs.evolve(part, known_at=instant, known_day=day)))
        return parts


def instants(
    days: RowNumbers, zone: RowNumbers, zones: Sequence[str], moment: Callable[[int, str], int]
) -> RowNumbers:
    """Return the start or end of each day in its zone, in microseconds; most often it is one day."""
    if len(zones) == 1 and len(days) and (days == days[0]).all():
        return np.full(len(days), moment(int(days[0]), zones[0]))
    result = np.zeros(len(days), dtype=np.int64)
    for code, name in enumerate(zones):
        mine = zone == code
        distinct, inverse = np.unique(days[mine], return_inverse=True)
        result[mine] = np.array([moment(day, name) for day in distinct.tolist()], dtype=np.int64)[inverse]
    return result
