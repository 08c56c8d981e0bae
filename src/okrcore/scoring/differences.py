"""List what differs between two snapshots: one row a goal or KPI and what of it is another (S22.6)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from okrcore.definitions.derived import better_of
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.display import Table, figure
from okrcore.scoring.goal_states import KeyResultState, KpiState, ObjectiveState
from okrcore.scoring.scoring_policy import STATUSES, ZONES
from okrcore.scoring.snapshot import Snapshot

ChangeWord = Literal["better", "worse", "new", "gone", "other"]
"""What a difference is."""

_STATES = (("status", "status"), ("zone", "judged_zone"))
_NUMBERS = ("score", "value", "coverage")


class Differences(Table):
    """What differs between two snapshots, as a table; made by `compare_snapshots`.

    Columns: `id`, `kind` (objective, key result, KPI), `what` differs (status, zone, score, value, coverage;
    of what is new or gone all of it), `before` and `after` as text, `change` (better, worse, new, gone,
    other), and `before_value` and `after_value`, NaN for what is no number or unknown.
    """


class _Difference(NamedTuple):
    id: str
    kind: str
    what: str
    before: str
    after: str
    change: ChangeWord
    before_value: float = np.nan
    after_value: float = np.nan


def compare_snapshots(before: Snapshot, after: Snapshot) -> Differences:
    """Return what goals and KPIs have otherwise in the snapshot `after` than in the one `before`, by id.

    A status or zone is better or worse by its order (early and not started are neither), a score and a
    coverage by its size, a value by the direction of its goal or KPI, and other where nothing says which way
    is better, or one side is unknown.
    Cost in proportion to goals and KPIs.

    >>> from okrcore import Cycle, History, KeyResult, Objective, Observation, Portfolio, Target, evaluate
    >>> year = Cycle.year(2026)
    >>> goal = Objective(id="grow", title="Grow", cycle=year.id)
    >>> arr = KeyResult(id="arr", objective="grow", title="ARR", measure=Target(0, 10))
    >>> history = History.of([Observation("arr", "2026-04-01", 2), Observation("arr", "2026-05-01", 4)])
    >>> april, may = (evaluate(Portfolio.of(year, goal, arr), history, as_of=f"2026-0{n}-02") for n in (4, 5))
    >>> [(row["id"], row["what"], row["change"]) for row in compare_snapshots(april, may)][3:]
    [('grow', 'status', 'better'), ('grow', 'score', 'better')]
    """
    rows = [*_rows(before, after)]
    text = _Difference._fields[:6]
    data = {name: np.array([getattr(row, name) for row in rows], dtype=object) for name in text}
    for name in _Difference._fields[6:]:
        data[name] = np.array([getattr(row, name) for row in rows], dtype=np.float64)
    return Differences(data)


def _rows(before: Snapshot, after: Snapshot) -> Iterator[_Difference]:
    old, new = (_states(one) for one in (before, after))
    for name in sorted({*old, *new}):
        if name not in old:
            yield _Difference(name, _kind(new[name]), _kind(new[name]), "", _word(new[name]), "new")
        elif name not in new:
            yield _Difference(name, _kind(old[name]), _kind(old[name]), _word(old[name]), "", "gone")
        else:
            yield from _between(name, old[name], new[name], after)


def _between(name: str, old: _State, new: _State, after: Snapshot) -> Iterator[_Difference]:
    kind = _kind(new)
    for what, field in _STATES:
        one, other = getattr(old, field, None), getattr(new, field, None)
        if one != other:
            yield _Difference(name, kind, what, str(one or ""), str(other or ""), _by_order(one, other))
    for what in _NUMBERS:
        one, other = getattr(old, what, None), getattr(new, what, None)
        if one != other:
            better = 1
            if what == "value" and not isinstance(new.goal, Objective):
                better = better_of(new.goal, after.portfolio)
            word: ChangeWord = "other"
            if one is not None and other is not None and better:
                word = "better" if (other - one) * better > 0 else "worse"
            numbers = [np.nan if number is None else float(number) for number in (one, other)]
            shown = ["" if number is None else figure(number) for number in (one, other)]
            yield _Difference(name, kind, what, shown[0], shown[1], word, *numbers)


_State = KeyResultState | ObjectiveState | KpiState


def _states(snapshot: Snapshot) -> dict[str, _State]:
    names = (*snapshot.compiled.objectives, *snapshot.compiled.key_results, *snapshot.kpi_columns.rows)
    return {name: snapshot[name] for name in names}


def _kind(state: _State) -> str:
    return {Kpi: "KPI", KeyResult: "key result"}.get(type(state.goal), "objective")


def _word(state: _State) -> str:
    return state.judged_zone if isinstance(state, KpiState) else state.status


def _by_order(one: str | None, other: str | None) -> ChangeWord:
    """Return whether a status or zone is better than another: both are listed from the worst on."""
    for words in (_JUDGED, _KNOWN_ZONES):
        if one in words and other in words:
            return "better" if words.index(other) > words.index(one) else "worse"
    return "other"


_JUDGED = tuple(status for status in STATUSES if status not in {"early", "not-started"})
_KNOWN_ZONES = tuple(zone for zone in ZONES if zone != "unknown")
