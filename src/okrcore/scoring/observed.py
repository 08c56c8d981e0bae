"""Reduce observations to the value of each measure at a date, in its unit, with its own date."""

from __future__ import annotations

import datetime as dt

import attrs
import numpy as np

from okrcore.definitions.aggregates import reduce
from okrcore.definitions.days import day_number, end_of_day, to_microseconds
from okrcore.errors import Problem
from okrcore.history.backends import AnyHistory, MeasureCodes
from okrcore.history.instants import span
from okrcore.history.journal import Journal
from okrcore.history.observation import Observation
from okrcore.history.requests import Window
from okrcore.scoring.as_of import When
from okrcore.scoring.asked_history import AskedHistory, instants
from okrcore.scoring.formula_spans import span_values
from okrcore.scoring.graph import Floats, RowNumbers
from okrcore.scoring.observed_units import ObservedUnits
from okrcore.scoring.reading import Reading
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.silence import lived_until, silent_values
from okrcore.scoring.subject_periods import days_in_zones, fresh_until, last_periods
from okrcore.units.rates import Rates


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
    def asked(self) -> AskedHistory:
        """The history at the moment."""
        return AskedHistory(self.history, self.when)

    @property
    def units(self) -> ObservedUnits:
        """What converts observations to the unit of their subject."""
        rate_day = None if self.policy.rate_date == "observation" else self.when.day
        return ObservedUnits(self.declared, self.rates, rate_day, self.problems)

    def read(
        self, subjects: Subjects, codes: MeasureCodes, end: RowNumbers, *, by_period: bool = False
    ) -> Reading:
        """Return each subject's value up to and including the day `end` (S2.7), and whether it is stale.

        Sums and the like run from the subject's start, or, `by_period`, over the last ended period that is
        not after the last observation.
        """
        found = self.asked.newest(
            codes, self.asked.until(subjects.zone, subjects.zones, end), subjects.zone, subjects.zones
        )
        every, seen, taken = np.arange(len(end)), found.row >= 0, found.columns
        value = self.units.converted(subjects, every, found)
        day = days_in_zones(subjects, every, taken)
        lived = lived_until(self.history, self.when, self.journal, subjects, end)
        silent, whole = silent_values(subjects, seen, day, lived, end, self.when)
        count = np.full(len(end), -1, dtype=np.int64)
        if len(rows := subjects.reduced):
            start, stop = subjects.start[rows], end[rows]
            if by_period:
                start, stop = last_periods(subjects, rows, np.maximum(day, whole), end, self.when)
            aggregates = [subjects.aggregate[i] for i in rows]
            window = self.asked.between(subjects.zone[rows], subjects.zones, start, stop)
            window = attrs.evolve(window, by_author=subjects.by_author[rows])
            offsets, many = self.asked.totals(
                codes[rows], window, aggregates, subjects.zone[rows], subjects.zones
            )
            values = self.units.converted(subjects, np.repeat(rows, np.diff(offsets)), many)
            value[rows] = reduce(values, offsets, aggregates, many.added)
            spanned, at = self._spanned(subjects, rows)
            value[spanned] = span_values(self, subjects, spanned, start[at], stop[at])
            count[rows] = many.counts(offsets)
            silent[rows] = (np.diff(offsets) == 0) & (lived[rows] >= (stop if by_period else start))
        if subjects.feeds:
            value[silent] = 0.0
        stale = ~seen & ~silent
        paced = np.flatnonzero(~stale & (subjects.rhythm >= 0))
        fresh = fresh_until(
            subjects, paced, np.maximum(day, lived) if subjects.feeds else day, self.policy.stale_grace_days
        )
        stale[paced] = end[paced] > fresh
        return Reading(
            value=value,
            seen=seen,
            day=day,
            at=taken.at,
            date_only=taken.date_only,
            stale=stale,
            lived=lived,
            zero=silent,
            count=count,
        )

    def reduced_between(
        self, subjects: Subjects, asked: RowNumbers, codes: MeasureCodes, first: RowNumbers, last: RowNumbers
    ) -> Floats:
        """Return the aggregate of each asked subject over its own days, NaN where nothing was observed."""
        values = np.full(len(asked), np.nan)
        reduced = np.isin(asked, subjects.reduced)
        window = self.asked.between(subjects.zone[asked], subjects.zones, first, last)
        window = attrs.evolve(window, by_author=subjects.by_author[asked] & reduced)
        for some in (~reduced, reduced):
            at = np.flatnonzero(some)
            if not len(at):
                continue
            rows, part, zone = asked[at], window.at(at), subjects.zone[asked[at]]
            if some is reduced:
                names = [subjects.aggregate[row] for row in rows]
                offsets, many = self.asked.totals(codes[rows], part, names, zone, subjects.zones)
                entries = self.units.converted(subjects, np.repeat(rows, np.diff(offsets)), many)
                values[at] = reduce(entries, offsets, names, many.added)
                spanned, place = self._spanned(subjects, rows)
                mine = at[place]
                values[mine] = span_values(self, subjects, spanned, first[mine], last[mine])
            else:
                found = self.asked.newest(codes[rows], part, zone, subjects.zones)
                values[at] = np.where(found.row >= 0, self.units.converted(subjects, rows, found), np.nan)
        return values

    @staticmethod
    def _spanned(subjects: Subjects, rows: RowNumbers) -> tuple[RowNumbers, RowNumbers]:
        """Return which of some rows combine a formula's inputs over their own days, and where they are."""
        at = np.array([at for at, row in enumerate(rows.tolist()) if row in subjects.spans], dtype=np.int64)
        return rows[at], at

    def last(self, measure: str, zone: str, end: int) -> Observation | None:
        """Return the last observation of a measure up to and including the day `end` in a zone."""
        here = np.zeros(1, dtype=np.int64)
        window = self.asked.until(here, [zone], np.array([end], dtype=np.int64))
        return self.asked.facts.last(measure, self.asked.as_known(window, here, [zone])[0][1])

    def of_each_author(self, last: Observation, zone: str) -> tuple[Observation, ...]:
        """Return what each author had recorded at the moment of the last observation, by author (A12)."""
        day, first, _ = span(last.at, "at")
        whole, instant = not isinstance(last.at, dt.datetime), to_microseconds(first)
        days = (day_number(day), day_number(day)) if whole else (1, 0)
        instants = (1, 0) if whole else (instant, instant)
        start, end = np.array([days, instants], dtype=np.int64).T
        window = Window(
            start_day=start[:1],
            start_instant=start[1:],
            end_day=end[:1],
            end_instant=end[1:],
            known_at=self.when.known_in(zone),
            known_day=self.when.known_day_in(zone),
        )
        return tuple(sorted(self.asked.facts.of_each_author(last.measure, window), key=lambda one: one.by))

    def value_on(self, subjects: Subjects, row: int, codes: MeasureCodes, day: int) -> float:
        """Return one subject's latest value up to and including a day, NaN where there is none."""
        one = np.array([row])
        end = np.array([day], dtype=np.int64)
        window = Window(
            end_day=end, end_instant=instants(end, subjects.zone[one], subjects.zones, end_of_day)
        )
        found = self.asked.newest(codes[one], window, subjects.zone[one], subjects.zones)
        return float(self.units.converted(subjects, one, found)[0])

    def sums(self, subjects: Subjects, codes: MeasureCodes, first: RowNumbers, last: RowNumbers) -> Floats:
        """Return the sum of each subject's observations from its first to its last day, NaN where none is."""
        return self.reduced_between(subjects, np.arange(len(first)), codes, first, last)
