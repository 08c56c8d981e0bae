"""Reduce observations to the value of each measure at a date, in its unit, with its own date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs
import numpy as np

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.days import (
    day_number,
    end_of_day,
    local_days,
    start_of_day,
    to_date,
    to_microseconds,
)
from okrcore.errors import Problem, UnitError
from okrcore.frozen import freeze_fields
from okrcore.history.backends import AnyHistory, Facts, MeasureCodes, facts_of
from okrcore.history.history import History
from okrcore.history.instants import span
from okrcore.history.journal import Journal
from okrcore.history.observation import Observation
from okrcore.history.requests import Found, Window
from okrcore.history.results import RecordColumns
from okrcore.scoring.as_of import When
from okrcore.scoring.graph import Flags, Floats, RowNumbers
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.silence import UNKNOWN, lived_until
from okrcore.units.conversion import route
from okrcore.units.rates import Rates, convert


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class Reading:
    """The value of each subject (NaN unknown) and when it was last observed.

    `day` is the last observation's local day and `at` its microseconds; -1 in `row` where there is none.
    `count` is how many observations the value is reduced from; -1 where it is the latest, or a band's period.
    """

    value: Floats
    row: RowNumbers
    day: RowNumbers
    at: RowNumbers
    date_only: Flags
    stale: Flags
    lived: RowNumbers
    """Until when the feed of each is known to live, where its silence means 0; before all days elsewhere."""
    zero: Flags
    """The values that are 0 because nothing came (A9)."""
    count: RowNumbers


@attrs.frozen(eq=False)
class BandPeriods:
    """How many periods of each band are met, ended and planned, and the value of the last one judged.

    `judged` is NaN where no ended period was observed. `ended_days` and `judged_days` are the first and last
    days of all periods that ended, and of the one judged; the last is before the first where there is none.
    """

    met: Floats
    ended: Floats
    planned: Floats
    judged: Floats
    ended_days: tuple[RowNumbers, RowNumbers]
    judged_days: tuple[RowNumbers, RowNumbers]


Held = Callable[[RowNumbers, Floats], Flags]
"""Says of some subjects' values which are inside their band."""


@attrs.frozen
class Reader:
    """Reads subjects out of one history: at a moment, under a policy."""

    history: AnyHistory
    when: When
    policy: ScoringPolicy
    declared: tuple[str, ...] = ()
    rates: Rates | None = None
    journal: Journal | None = None
    problems: dict[str, dict[Problem, None]] = attrs.field(factory=dict, init=False, repr=False, eq=False)
    """What could not be read so far, by measure, in order."""

    @property
    def facts(self) -> Facts:
        """The history, as it is asked."""
        return facts_of(self.history)

    def read(
        self, subjects: Subjects, codes: MeasureCodes, end: RowNumbers, *, by_period: bool = False
    ) -> Reading:
        """Return each subject's value up to and including the day `end` (S2.7), and whether it is stale.

        Sums and the like run from the subject's start, or, `by_period`, over the last ended period that is
        not after the last observation.
        """
        found = self._newest(
            codes, self._until(subjects.zone, subjects.zones, end), subjects.zone, subjects.zones
        )
        every, row, taken = np.arange(len(end)), found.row, found.columns
        value = self._converted(subjects, every, found)
        day = _local_days(subjects, every, taken)
        lived = lived_until(self.history, self.when, self.journal, subjects, end)
        silent, whole = self._silence(subjects, row, day, lived, end)
        seen = np.maximum(day, whole)
        count = np.full(len(end), -1, dtype=np.int64)
        if len(rows := subjects.reduced):
            start, stop = subjects.start[rows], end[rows]
            if by_period:
                start, stop = self._last_periods(subjects, rows, seen, end)
            aggregates = [subjects.aggregate[i] for i in rows]
            window = self._between(subjects.zone[rows], subjects.zones, start, stop)
            window = attrs.evolve(window, by_author=subjects.by_author[rows])
            offsets, many = self._totals(codes[rows], window, aggregates, subjects.zone[rows], subjects.zones)
            values = self._converted(subjects, np.repeat(rows, np.diff(offsets)), many)
            value[rows] = reduce(values, offsets, aggregates, many.added)
            count[rows] = many.counts(offsets)
            silent[rows] = (np.diff(offsets) == 0) & (lived[rows] >= (stop if by_period else start))
        value[silent] = 0.0
        stale = self._stale(subjects, (row < 0) & ~silent, np.maximum(day, lived), end)
        return Reading(
            value=value,
            row=row,
            day=day,
            at=taken.at,
            date_only=taken.date_only,
            stale=stale,
            lived=lived,
            zero=silent,
            count=count,
        )

    def _silence(
        self, subjects: Subjects, row: RowNumbers, day: RowNumbers, lived: RowNumbers, end: RowNumbers
    ) -> tuple[Flags, RowNumbers]:
        """Return which latest values are 0, and the last day of the last whole period that the feed lived.

        The latest value is 0 where nothing was ever observed, or not since before that period (A9).
        """
        silent, whole = (row < 0) & (lived >= subjects.start), np.full(len(row), UNKNOWN)
        known = np.flatnonzero((lived > UNKNOWN) & (subjects.rhythm >= 0))
        for group, edges in edges_of(subjects, known, lived, end):
            rows = known[group]
            after = np.searchsorted(
                edges, np.minimum(lived, self._whole_days(subjects))[rows] + 1, side="right"
            )
            rows, after = rows[after > 1], after[after > 1]
            whole[rows] = edges[after - 1] - 1
            silent[rows] |= day[rows] < edges[after - 2]
        return silent, whole

    def periods(
        self,
        subjects: Subjects,
        rows: RowNumbers,
        codes: MeasureCodes,
        *,
        end: RowNumbers,
        due: RowNumbers,
        lived: RowNumbers,
        held: Held,
    ) -> BandPeriods:
        """Return for each of `rows` how its periods stand: ended by `end`, planned until `due` (S2.4).

        A period belongs to the cycle that holds its last day, and is read whole; where none ends in it, the
        cycle is its one period (A2). A period is met if its aggregate is inside, as `held` says (A7).
        """
        ended, planned = (np.zeros(len(rows), dtype=np.int64) for _ in range(2))
        place, first, last = ([np.empty(0, dtype=np.int64)] for _ in range(3))
        whole = np.minimum(end, self._whole_days(subjects))
        for group, edges in edges_of(subjects, rows, subjects.start, due):
            begin, until, over = subjects.start[rows[group]], due[rows[group]], whole[rows[group]]
            lowest = np.maximum(np.searchsorted(edges, begin, side="right") - 1, 0)
            planned[group] = np.searchsorted(edges, until + 1, side="right") - 1 - lowest
            ended[group] = np.searchsorted(edges, over + 1, side="right") - 1 - lowest
            alone = planned[group] < 1
            planned[group[alone]], ended[group[alone]] = 1, over[alone] >= until[alone]
            # one row for each ended period of each subject, counted from the first that ends in its cycle
            counts = np.maximum(ended[group], 0)
            owner, which = np.repeat(group, counts), np.repeat(np.arange(len(group)), counts)
            period = lowest[which] + np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts, counts)
            place.append(owner)
            first.append(np.where(alone[which], begin[which], edges[period]))
            last.append(np.where(alone[which], until[which], edges[period + 1] - 1))
        position, begins, ends = (np.concatenate(parts) for parts in (place, first, last))
        asked = rows[position]
        values = self._reduced_between(subjects, asked, codes, begins, ends)
        values[np.isnan(values) & (ends <= lived[asked])] = 0.0
        known = np.flatnonzero(~np.isnan(values))
        met = np.bincount(position[known[held(asked[known], values[known])]], minlength=len(rows))
        judged = np.full(len(rows), np.nan)
        judged[position[known]] = values[known]  # in order of time: the last one stays
        return BandPeriods(
            met.astype(np.float64),
            np.maximum(ended, 0).astype(np.float64),
            planned.astype(np.float64),
            judged,
            ended_days=(
                _last_of(begins[::-1], position[::-1], len(rows), 0),
                _last_of(ends, position, len(rows), -1),
            ),
            judged_days=(
                _last_of(begins[known], position[known], len(rows), 0),
                _last_of(ends[known], position[known], len(rows), -1),
            ),
        )

    def _reduced_between(
        self, subjects: Subjects, asked: RowNumbers, codes: MeasureCodes, first: RowNumbers, last: RowNumbers
    ) -> Floats:
        """Return the aggregate of each asked subject over its own days, NaN where nothing was observed."""
        values = np.full(len(asked), np.nan)
        reduced = np.isin(asked, subjects.reduced)
        window = self._between(subjects.zone[asked], subjects.zones, first, last)
        window = attrs.evolve(window, by_author=subjects.by_author[asked] & reduced)
        for some in (~reduced, reduced):
            at = np.flatnonzero(some)
            if not len(at):
                continue
            rows, part, zone = asked[at], window.at(at), subjects.zone[asked[at]]
            if some is reduced:
                names = [subjects.aggregate[row] for row in rows]
                offsets, many = self._totals(codes[rows], part, names, zone, subjects.zones)
                entries = self._converted(subjects, np.repeat(rows, np.diff(offsets)), many)
                values[at] = reduce(entries, offsets, names, many.added)
            else:
                found = self._newest(codes[rows], part, zone, subjects.zones)
                values[at] = np.where(found.row >= 0, self._converted(subjects, rows, found), np.nan)
        return values

    def done(
        self, measures: Sequence[str], zone: RowNumbers, zones: Sequence[str], end: RowNumbers
    ) -> tuple[Flags, Found]:
        """Return which checklist items are done, and each item's last observation (S2.5)."""
        codes = self.facts.codes(measures)
        window = self._until(zone, zones, end)
        aggregates = ["max"] * len(codes)
        offsets, many = self._totals(codes, window, aggregates, zone, zones)
        done = reduce(many.columns.value, offsets, aggregates) >= 1
        return done, self._newest(codes, window, zone, zones)

    def last(self, measure: str, zone: str, end: int) -> Observation | None:
        """Return the last observation of a measure up to and including the day `end` in a zone."""
        here = np.zeros(1, dtype=np.int64)
        window = self._until(here, [zone], np.array([end], dtype=np.int64))
        return self.facts.last(measure, self._as_known(window, here, [zone])[0][1])

    def of_each_author(self, last: Observation, zone: str) -> tuple[Observation, ...]:
        """Return what each author had recorded at the moment of the last observation, by author (A12)."""
        if not isinstance(self.history, History):
            return (last,)
        day, first, _ = span(last.at, "at")
        whole, instant = not isinstance(last.at, dt.datetime), to_microseconds(first)
        known = self.when.known_in(zone), self.when.known_day_in(zone)
        days = (day_number(day), day_number(day)) if whole else (1, 0)
        instants = (1, 0) if whole else (instant, instant)
        start, end = zip(days, instants, strict=True)
        codes, each = self.history.codes([last.measure]), np.ones(1, dtype=np.bool_)
        _, rows = self.history.window_rows(codes, *start, *end, *known, each)
        return tuple(map(self.history.observation, rows.tolist()))

    def value_on(self, subjects: Subjects, row: int, codes: MeasureCodes, day: int) -> float:
        """Return one subject's latest value up to and including a day, NaN where there is none."""
        one = np.array([row])
        end = np.array([day], dtype=np.int64)
        last = _instants(end, subjects.zone[one], subjects.zones, end_of_day)
        window = Window(end_day=end, end_instant=last)
        found = self._newest(codes[one], window, subjects.zone[one], subjects.zones)
        return float(self._converted(subjects, one, found)[0])

    def _newest(self, codes: MeasureCodes, window: Window, zone: RowNumbers, zones: Sequence[str]) -> Found:
        """Return the newest observation of each request, as known to whoever asks in its zone (A3)."""
        parts = self._as_known(window, zone, zones)
        if len(parts) == 1:
            return self.facts.newest(codes, parts[0][1])
        found = [(rows, self.facts.newest(codes[rows], part)) for rows, part in parts]
        return Found.joined(found)

    def _totals(
        self,
        codes: MeasureCodes,
        window: Window,
        aggregates: Sequence[str],
        zone: RowNumbers,
        zones: Sequence[str],
    ) -> tuple[RowNumbers, Found]:
        parts = self._as_known(window, zone, zones)
        if len(parts) == 1:
            return self.facts.totals(codes, parts[0][1], aggregates)
        found, owners = [], []
        for rows, part in parts:
            offsets, entries = self.facts.totals(codes[rows], part, [aggregates[row] for row in rows])
            owners.append(np.repeat(rows, np.diff(offsets)))
            found.append((owners[-1], entries))
        offsets = np.searchsorted(np.sort(np.concatenate(owners)), np.arange(len(codes) + 1))
        return offsets, Found.joined(found)

    def _as_known(
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

    def _whole_days(self, subjects: Subjects) -> RowNumbers:
        """Return for each subject the last day that has ended in its zone."""
        return self.when.days_in(subjects.zone, subjects.zones) - isinstance(self.when.as_of, dt.datetime)

    def _until(self, zone: RowNumbers, zones: Sequence[str], end: RowNumbers) -> Window:
        """Return all times that count: no later than the moment, nor than the end of day `end`."""
        moments = np.array([self.when.instant(name) for name in zones], dtype=np.int64)
        last = _instants(end, zone, zones, end_of_day)
        if len(zones):
            last = np.minimum(moments[zone], last)
        return Window(end_day=end, end_instant=last)

    def _between(self, zone: RowNumbers, zones: Sequence[str], start: RowNumbers, end: RowNumbers) -> Window:
        """Return the times of `_until` from the beginning of day `start`."""
        first = _instants(start, zone, zones, start_of_day)
        return attrs.evolve(self._until(zone, zones, end), start_day=start, start_instant=first)

    def _last_periods(
        self, subjects: Subjects, rows: RowNumbers, day: RowNumbers, end: RowNumbers
    ) -> tuple[RowNumbers, RowNumbers]:
        """Return first and last day of the last ended period that is not after the last observation."""
        first, last = end[rows] + 1, end[rows]
        ended_by = self._whole_days(subjects)
        for group, edges in edges_of(subjects, rows, np.minimum(day, end), end):
            whole = np.minimum(ended_by[rows[group]], end[rows[group]])
            ended = np.searchsorted(edges, whole + 1, side="right")
            period = np.searchsorted(edges, day[rows[group]], side="right")
            upper = np.clip(np.minimum(ended - 1, period), 0, len(edges) - 1)
            first[group] = edges[np.maximum(upper - 1, 0)]
            last[group] = edges[upper] - 1
        return first, last

    def windows(
        self, subjects: Subjects, rows: RowNumbers, reading: Reading, end: RowNumbers, *, by_period: bool
    ) -> tuple[RowNumbers, RowNumbers]:
        """Return first and last day of what the value of each of `rows` in a reading comes from.

        Of the latest it is the period of the last observation, up to `end`; without a cadence that day alone.
        """
        whole = self._silence(subjects, reading.row, reading.day, reading.lived, end)[1]
        seen = np.maximum(reading.day, whole)
        first, last = seen[rows], seen[rows]
        reduced = np.isin(rows, subjects.reduced)
        if len(some := np.flatnonzero(reduced)):
            begin = subjects.start[rows[some]], end[rows[some]]
            found = self._last_periods(subjects, rows[some], seen, end) if by_period else begin
            first[some], last[some] = found
        some = np.flatnonzero(~reduced & (subjects.rhythm[rows] >= 0) & (seen[rows] >= 0))
        for group, edges in edges_of(subjects, rows[some], np.minimum(seen, end), end):
            mine = some[group]
            following = np.searchsorted(edges, seen[rows[mine]], side="right")
            first[mine] = edges[following - 1]
            last[mine] = np.minimum(edges[following] - 1, end[rows[mine]])
        return first, last

    def sums(self, subjects: Subjects, codes: MeasureCodes, first: RowNumbers, last: RowNumbers) -> Floats:
        """Return the sum of each subject's observations from its first to its last day, NaN where none is."""
        return self._reduced_between(subjects, np.arange(len(first)), codes, first, last)

    def judged_on(self, subjects: Subjects, rows: RowNumbers, day: RowNumbers, end: RowNumbers) -> RowNumbers:
        """Return the day by whose bands each of `rows` is judged: the end of the period of its value (A11).

        `day` is that of the last observation. What is not over by `end`, or has no periods, is judged by it.
        """
        judged = end[rows].copy()
        paced = np.flatnonzero((subjects.rhythm[rows] >= 0) & (day[rows] >= 0))
        reduced = np.isin(rows[paced], subjects.reduced)
        if len(some := paced[reduced]):
            judged[some] = self._last_periods(subjects, rows[some], day, end)[1]
        some = paced[~reduced]
        for group, edges in edges_of(subjects, rows[some], np.minimum(day, end), end):
            mine = some[group]
            following = np.searchsorted(edges, day[rows[mine]], side="right")
            judged[mine] = np.minimum(edges[following] - 1, end[rows[mine]])
        return judged

    def fresh_until(self, subjects: Subjects, rows: RowNumbers, day: RowNumbers) -> RowNumbers:
        """Return for each of `rows` the last day on which an observation of its `day` is fresh (S3.4).

        `day` has an entry for every subject. It is the end of the period after that of the observation, plus
        grace; without a cadence a far-off day.
        """
        last = np.full(len(rows), _ALWAYS, dtype=np.int64)
        paced = np.flatnonzero(subjects.rhythm[rows] >= 0)
        for group, edges in edges_of(subjects, rows[paced], day, day):
            mine = paced[group]
            period = np.searchsorted(edges, day[rows[mine]], side="right") - 1
            following = edges[np.clip(period + 2, 0, len(edges) - 1)]
            last[mine] = following - 1 + self.policy.stale_grace_days
        return last

    def _stale(self, subjects: Subjects, never: Flags, day: RowNumbers, end: RowNumbers) -> Flags:
        """S3.4: later than the last fresh day; never observed."""
        stale = never.copy()
        rows = np.flatnonzero(~stale & (subjects.rhythm >= 0))
        stale[rows] = end[rows] > self.fresh_until(subjects, rows, day)
        return stale

    def _converted(self, subjects: Subjects, owner: RowNumbers, found: Found) -> Floats:
        """Return values in their subject's unit, NaN where one does not convert, which is noted."""
        columns, texts = found.columns, found.units
        result = columns.value.copy()
        if not any(texts) and all(own == wanted for own, wanted in subjects.pairs):
            return result
        present = columns.unit >= 0
        key = np.where(present, subjects.pair[owner] * len(texts) + columns.unit, -1)
        for one in np.flatnonzero(np.bincount(key[present])).tolist():
            pair, text = divmod(one, len(texts))
            own, wanted = subjects.pairs[pair]
            given = texts[text] or own
            if given == wanted:
                continue
            rows = np.flatnonzero(key == one)
            try:
                result[rows] = self._convert(given, wanted, found, rows)
            except UnitError:
                for day in np.unique(columns.day[rows]).tolist():
                    dated = rows[columns.day[rows] == day]
                    try:
                        result[dated] = self._convert(given, wanted, found, dated)
                    except UnitError as error:
                        result[dated] = np.nan
                        self._note(error, [subjects.measures[owner[row]] for row in dated], day)
        return result

    def _note(self, error: UnitError, measures: Iterable[str], day: int) -> None:
        """Keep one problem a record: its measure is unknown, and no other is (A13)."""
        on = "" if day < 0 else f"; observed on {to_date(day)}"
        for measure in measures:
            for problem in error.problems:
                noted = attrs.evolve(problem, message=f"{problem.message}{on}", path=measure)
                self.problems.setdefault(measure, {})[noted] = None

    def _convert(self, given: str, wanted: str, found: Found, rows: RowNumbers) -> Floats:
        if not wanted:
            raise UnitError(f"observed in {given!r}, but no unit is declared; declare unit {given!r}")
        values, dates = found.columns.value[rows], found.columns.day[rows]
        if self.policy.rate_date != "observation":
            dates = np.full(len(rows), self.when.day)
        elif found.added is not None and route(given, wanted, self.declared).power:
            raise UnitError(
                f"observed in {given!r} but wanted in {wanted!r}: a frame is reduced on its engine, where"
                f" the rates of single days are not known; convert to {wanted!r} in the frame first"
            )

        def converted(values: Floats) -> Floats:
            return convert(values, given, wanted, declared=self.declared, rates=self.rates, dates=dates)

        if found.added is None:
            return converted(values)
        # the sum of n values a * x + b is a * sum + n * b
        return converted(values) + (found.added[rows] - 1) * converted(np.zeros(len(rows)))


def _instants(
    days: RowNumbers, zone: RowNumbers, zones: Sequence[str], moment: Callable[[int, str], int]
) -> RowNumbers:
    """Return the start or end of each day in its zone, in microseconds."""
    result = np.zeros(len(days), dtype=np.int64)
    for code, name in enumerate(zones):
        mine = zone == code
        distinct, inverse = np.unique(days[mine], return_inverse=True)
        result[mine] = np.array([moment(day, name) for day in distinct.tolist()], dtype=np.int64)[inverse]
    return result


def _local_days(subjects: Subjects, owner: RowNumbers, columns: RecordColumns) -> RowNumbers:
    local = columns.day.copy()
    for code, name in enumerate(subjects.zones):
        if name != "UTC":
            mine = subjects.zone[owner] == code
            local[mine] = local_days(columns.at[mine], columns.day[mine], columns.date_only[mine], name)
    return local


def edges_of(
    subjects: Subjects, rows: RowNumbers, since: RowNumbers, until: RowNumbers
) -> Iterator[tuple[RowNumbers, RowNumbers]]:
    """Yield (positions in rows, period starts as days) for the rows of each rhythm."""
    for code, (cadence, anchor) in enumerate(subjects.rhythms):
        group = np.flatnonzero(subjects.rhythm[rows] == code)
        if len(group):
            first, last = int(since[rows[group]].min()), int(until[rows[group]].max())
            yield group, subjects.calendar.edges(cadence, first, max(first, last), anchor)


def _last_of(values: RowNumbers, owner: RowNumbers, size: int, missing: int) -> RowNumbers:
    """Return the last value of each owner, `missing` where it has none."""
    found = np.full(size, missing, dtype=np.int64)
    found[owner] = values
    return found


_ALWAYS = 2**61
