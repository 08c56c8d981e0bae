"""Trace the values of a snapshot to the observations that were known, their source and their age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cached_property
from typing import Protocol

import attrs
import numpy as np

from okrcore.definitions.days import to_date, to_instant
from okrcore.definitions.derived import due_of, read_unit_of, series_of, start_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Checklist, Item
from okrcore.definitions.relations import Relations
from okrcore.explanations.explanation import Day, Explanation, ExplanationNotes
from okrcore.history.observation import Observation
from okrcore.history.results import Series
from okrcore.scoring.observed import Reader
from okrcore.scoring.periods_due import NEVER
from okrcore.scoring.roster import roster_of
from okrcore.scoring.snapshot import KeyResultState, KpiState, Snapshot

_TOTALS = {"sum": "the sum", "mean": "the mean", "max": "the highest", "min": "the lowest"}


class Observed(Protocol):
    """What is asked of a history, wherever its rows are."""

    def latest(self, measure: str, at: Day) -> Observation | None:
        """Return the last observation not after `at`."""

    def series(self, measure: str, start: Day | None = None, end: Day | None = None) -> Series:
        """Return the observations inside [start, end]."""


@attrs.frozen(eq=False)
class Ground:
    """A snapshot, the history as it was known there, and who belongs to whom in its portfolio."""

    snapshot: Snapshot
    history: Observed

    @classmethod
    def of(cls, snapshot: Snapshot) -> Ground:
        """Return the ground of a snapshot. Where it has a `known_at`, cost goes with the history's size."""
        known_at = snapshot.when.known_at
        if known_at is None:
            return cls(snapshot, snapshot.history)
        instant = to_instant(known_at)
        return cls(snapshot, snapshot.history.as_known(instant))

    @cached_property
    def relations(self) -> Relations:
        """Who belongs to whom."""
        return Relations(self.snapshot.portfolio)

    def due(self, id: str) -> dt.date:
        """Return the day a key result is due: its own, else its cycle's end."""
        portfolio = self.snapshot.portfolio
        goal: KeyResult = portfolio[id]
        return due_of(goal, portfolio)

    def start(self, id: str) -> dt.date:
        """Return the first day of a key result's cycle."""
        portfolio = self.snapshot.portfolio
        goal: KeyResult = portfolio[id]
        return start_of(goal, portfolio)

    def opening(self, id: str) -> dt.date | None:
        """Return the last day before a key result's first number is due; None without a cadence (A5)."""
        opening = int(self.snapshot.result_values.due.opening[self.snapshot.compiled.result_rows[id]])
        return None if opening == NEVER else min(to_date(opening), self.due(id))

    def awaited_until(self, id: str) -> dt.date | None:
        """Return until when the last number of a key result is waited for; None where it is in (A6)."""
        until = int(self.snapshot.result_values.due.open_until[self.snapshot.compiled.result_rows[id]])
        return None if until < 0 else to_date(until)

    @property
    def today(self) -> dt.date:
        """The calendar day of `as_of`."""
        return to_date(self.snapshot.when.day)

    def last_fresh(self, id: str) -> dt.date:
        """Return the last day on which the last observation of a key result or KPI was fresh (S3.4)."""
        snapshot = self.snapshot
        roster = roster_of(snapshot.portfolio)
        reader = Reader(snapshot.history, snapshot.when, snapshot.scoring, snapshot.portfolio.units)
        if id in snapshot.compiled.result_rows:
            row, subjects = snapshot.compiled.result_rows[id], roster.results
            reading = snapshot.result_values.reading
        else:
            row, subjects = snapshot.kpi_columns.rows[id], roster.kpis
            reading = snapshot.kpi_values.reading
        return to_date(
            int(reader.fresh_until(subjects, np.array([row]), np.maximum(reading.day, reading.lived))[0])
        )


def observations(ground: Ground, state: KeyResultState | KpiState) -> Iterator[Explanation]:
    """Yield the steps from a state to what was observed: items, or the last observation and the count."""
    goal = state.goal
    if isinstance(goal, KeyResult) and isinstance(goal.measure, Checklist):
        for item in sorted(goal.measure.items, key=lambda item: item.id):
            yield _item(ground, goal, item)
        return
    measure = series_of(goal, ground.snapshot.portfolio).id
    last = _last(ground, state, measure)
    if last is None:
        return
    notes = ExplanationNotes()
    value = notes.number("value", last.value, last.unit or read_unit_of(goal, ground.snapshot.portfolio))
    notes.say(f"Observed {value} on {notes.day('at', last.at)}, {_origin(last)}")
    if isinstance(goal, KeyResult) and goal.aggregate != "latest":
        until = min(ground.today, ground.due(goal.id))
        first = ground.start(goal.id)
        count = len(ground.history.series(measure, first, until))
        many = f"{notes.number('count', count)} observation{'' if count == 1 else 's'}"
        span = f"from {notes.day('start', first)} to {notes.day('end', until)}"
        notes.say(f"The key result takes {_TOTALS[goal.aggregate]} of {many} {span}")
    elif isinstance(goal, Kpi) and goal.aggregate != "latest":
        notes.say(f"The KPI takes {_TOTALS[goal.aggregate]} of the last ended period")
    yield notes.explanation(measure, "observation")


def _last(ground: Ground, state: KeyResultState | KpiState, measure: str) -> Observation | None:
    at = state.observed_at if isinstance(state, KeyResultState) else _observed_at(ground.snapshot, measure)
    return None if at is None else ground.history.latest(measure, at)


def _observed_at(snapshot: Snapshot, kpi: str) -> Day | None:
    reading, row = snapshot.kpi_values.reading, snapshot.kpi_columns.rows[kpi]
    if reading.row[row] < 0:
        return None
    if reading.date_only[row]:
        return to_date(int(reading.day[row]))
    return to_instant(reading.at[row])


def _origin(observation: Observation) -> str:
    source = observation.source
    if source is None:
        return "from a source that nobody named"
    words = {"pulled": "pulled from", "derived": "derived in", "manual": "typed in by hand in"}
    who = f" by {observation.by}" if observation.by and source.mode == "manual" else ""
    return f"{words[source.mode]} {source.system}{who}"


def _item(ground: Ground, goal: KeyResult, item: Item) -> Explanation:
    notes = ExplanationNotes()
    snapshot = ground.snapshot
    until = min(ground.today, ground.due(goal.id))
    last = ground.history.latest(f"{goal.id}#{item.id}", until)
    milestone = snapshot.portfolio[item.milestone] if item.milestone else None
    weight = notes.number("weight", item.weight)
    if milestone is not None and milestone.done is not None and milestone.done <= until:
        notes.say(f"Done: milestone {milestone.id} on {notes.day('done', milestone.done)}")
    elif last is not None:
        notes.say(
            f"Last told {notes.number('value', last.value)} on {notes.day('at', last.at)}, {_origin(last)}"
        )
    elif milestone is not None:
        notes.say(f"Open: milestone {milestone.id} is due on {notes.day('due', milestone.due)}")
    else:
        notes.say("Nobody has told anything")
    notes.say(f"Its weight is {weight}")
    return notes.explanation(f"{goal.id}#{item.id}", "item", title=item.title)
