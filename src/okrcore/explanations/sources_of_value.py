"""Trace the values of a snapshot to the observations that were known, their source and their age."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

import attrs
import numpy as np

from okrcore.definitions.days import day_number, to_date
from okrcore.definitions.derived import due_of, read_unit_of, series_of, start_of
from okrcore.definitions.formulas import formulas_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.initiatives import Milestone
from okrcore.definitions.joined_ids import item_id
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Checklist, Item
from okrcore.definitions.relations import Relations
from okrcore.display import Table
from okrcore.explanations.explanation import Explanation, ExplanationNotes
from okrcore.explanations.formula_steps import formula_steps
from okrcore.history.observation import Observation
from okrcore.monitoring.dip import Dip
from okrcore.scoring.goal_states import KeyResultState, KpiState
from okrcore.scoring.leaf_shares import LeafShares
from okrcore.scoring.milestones_done import done_day, observed_days
from okrcore.scoring.observed import Reader
from okrcore.scoring.periods_due import NEVER
from okrcore.scoring.reading import Reading
from okrcore.scoring.roster import roster_of
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.subject_periods import fresh_until

_TOTALS = {"sum": "the sum", "mean": "the mean", "max": "the highest", "min": "the lowest"}


@attrs.frozen(eq=False)
class Ground:
    """A snapshot, how it read its history, and who belongs to whom in its portfolio.

    `signals` are the newest points of KPIs and `dips` what dipped, where somebody has found them for all
    already; None: they are found for each KPI that is told.
    """

    snapshot: Snapshot
    signals: Table | None = None
    dips: tuple[Dip, ...] | None = None

    @cached_property
    def newest(self) -> Mapping[str, Mapping[str, Any]]:
        """The newest point of each KPI, by id, of the signals that are given."""
        return {} if self.signals is None else {row["id"]: row for row in self.signals}

    @cached_property
    def reader(self) -> Reader:
        """Reads the history between the bounds that the evaluation read it between."""
        snapshot = self.snapshot
        return Reader(snapshot.history, snapshot.when, snapshot.scoring, snapshot.portfolio.units)

    @cached_property
    def relations(self) -> Relations:
        """Who belongs to whom."""
        return Relations(self.snapshot.portfolio)

    @cached_property
    def leaf_shares(self) -> LeafShares:
        """What every key result gives to the goals above it."""
        return LeafShares(self.snapshot)

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
        """The calendar day of `as_of`, of what has no cycle."""
        return to_date(self.snapshot.when.day)

    def day(self, id: str) -> dt.date:
        """Return the calendar day of `as_of` in the zone of a key result's cycle (A3)."""
        subjects, row, _ = self._read(id)
        return to_date(self.snapshot.when.day_in(subjects.zones[subjects.zone[row]]))

    def end(self, id: str) -> dt.date:
        """Return the last day that was read for a key result or KPI."""
        if id in self.snapshot.compiled.result_rows:
            return to_date(int(self.snapshot.result_values.end[self.snapshot.compiled.result_rows[id]]))
        return self.today

    def last(self, id: str, measure: str) -> Observation | None:
        """Return the last observation of a measure that was read for a key result or KPI."""
        subjects, row, _ = self._read(id)
        return self.reader.last(measure, subjects.zones[subjects.zone[row]], day_number(self.end(id)))

    def each_last(self, id: str, measure: str) -> tuple[Observation, ...]:
        """Return the last observation read; where authors add up, that of each at its moment (A12)."""
        subjects, row, _ = self._read(id)
        last = self.last(id, measure)
        if last is None:
            return ()
        if not subjects.by_author[row]:
            return (last,)
        return self.reader.of_each_author(last, subjects.zones[subjects.zone[row]])

    def done_day(self, milestone: Milestone, until: dt.date | None = None) -> dt.date | None:
        """Return the day on which a milestone was done by a day, else by the moment; None while open."""
        when = self.snapshot.when
        if until is not None and until < self.today:
            when = attrs.evolve(when, as_of=until)
        day = done_day(milestone, observed_days({milestone.id}, self.snapshot.history, when), when)
        return None if day is None else to_date(day)

    def count(self, id: str) -> int:
        """Return how many observations a value was reduced from; -1 for one, or a band's period."""
        _, row, reading = self._read(id)
        return int(reading.count[row])

    def last_fresh(self, id: str) -> dt.date:
        """Return the last day on which the last observation of what has a cadence was fresh (S3.4)."""
        subjects, row, reading = self._read(id)
        heard = np.maximum(reading.day, reading.lived)
        return to_date(
            int(fresh_until(subjects, np.array([row]), heard, self.reader.policy.stale_grace_days)[0])
        )

    def _read(self, id: str) -> tuple[Subjects, int, Reading]:
        snapshot, roster = self.snapshot, roster_of(self.snapshot.portfolio)
        if id in snapshot.compiled.result_rows:
            return roster.results, snapshot.compiled.result_rows[id], snapshot.result_values.reading
        return roster.kpis, snapshot.kpi_columns.rows[id], snapshot.kpi_values.reading


def observations(ground: Ground, state: KeyResultState | KpiState) -> Iterator[Explanation]:
    """Yield the steps from a state to what was observed: items, or the last observation and the count."""
    goal = state.goal
    if isinstance(goal, KeyResult) and isinstance(goal.measure, Checklist):
        for item in sorted(goal.measure.items, key=lambda item: item.id):
            yield _item(ground, goal, item)
        return
    measure = series_of(goal, ground.snapshot.portfolio).id
    if measure in formulas_of(ground.snapshot.portfolio):
        yield from formula_steps(ground.snapshot, goal.id)
        return
    lasts = ground.each_last(goal.id, measure)
    for last in lasts[:-1]:
        yield _observed(ground, goal, last).explanation(measure, "observation")
    if not lasts:
        return
    notes = _observed(ground, goal, lasts[-1])
    count = ground.count(goal.id)
    if isinstance(goal, KeyResult) and count >= 0:
        many = f"{notes.number('count', count)} observation{'' if count == 1 else 's'}"
        span = f"from {notes.day('start', ground.start(goal.id))} to {notes.day('end', ground.end(goal.id))}"
        notes.say(f"The key result takes {_TOTALS[goal.aggregate]} of {many} {span}")
    elif isinstance(goal, KeyResult) and goal.aggregate != "latest":
        notes.say(f"The key result takes {_TOTALS[goal.aggregate]} of each period")
    elif isinstance(goal, Kpi) and goal.aggregate != "latest":
        notes.say(f"The KPI takes {_TOTALS[goal.aggregate]} of the last ended period")
    yield notes.explanation(measure, "observation")


def _observed(ground: Ground, goal: KeyResult | Kpi, last: Observation) -> ExplanationNotes:
    notes = ExplanationNotes()
    value = notes.number("value", last.value, last.unit or read_unit_of(goal, ground.snapshot.portfolio))
    notes.say(f"Observed {value} on {notes.day('at', last.at)}, {_origin(last)}")
    return notes


def _origin(observation: Observation) -> str:
    source = observation.source
    if source is None:
        return "from a source that nobody named"
    how, place = {
        "pulled": ("pulled", "from"), "derived": ("derived", "in"), "manual": ("typed in by hand", "in")
    }[source.mode]  # fmt: skip
    where = f" {place} {source.system}" if source.system else ""
    who = f" by {observation.by}" if observation.by and source.mode == "manual" else ""
    return f"{how}{where}{who}"


def _item(ground: Ground, goal: KeyResult, item: Item) -> Explanation:
    notes = ExplanationNotes()
    snapshot = ground.snapshot
    last = ground.last(goal.id, item_id(goal.id, item.id))
    milestone = snapshot.portfolio[item.milestone] if item.milestone else None
    weight = notes.number("weight", item.weight)
    done = None if milestone is None else ground.done_day(milestone, ground.end(goal.id))
    if milestone is not None and done is not None:
        how = "" if milestone.done == done else ", as observed"
        notes.say(f"Done: milestone {milestone.id} on {notes.day('done', done)}{how}")
    elif last is not None:
        notes.say(
            f"Last told {notes.number('value', last.value)} on {notes.day('at', last.at)}, {_origin(last)}"
        )
    elif milestone is not None:
        notes.say(f"Open: milestone {milestone.id} is due on {notes.day('due', milestone.due)}")
    else:
        notes.say("Nobody has told anything")
    notes.say(f"Its weight is {weight}")
    return notes.explanation(item_id(goal.id, item.id), "item", title=item.title)
