"""Keep health over time: one snapshot a date, as a table with one row a goal and date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Any, Literal

import attrs
import numpy as np

from okrcore.declarations.in_force import AnyPortfolio, portfolio_at, versions_of
from okrcore.definitions.argument_checks import check_arguments, is_function, is_list
from okrcore.definitions.fields import optional, shown, to_tuple
from okrcore.definitions.moments import AsOf
from okrcore.display import Table, Tabular, fragment
from okrcore.errors import DefinitionError
from okrcore.history.backends import AnyHistory
from okrcore.history.former_names import present_ids
from okrcore.history.journal import Journal
from okrcore.public_form import headed
from okrcore.scoring.evaluation import Prepared
from okrcore.scoring.goal_states import KpiState
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.snapshot_text import PLAIN, HealthRow, Look, health
from okrcore.units.rates import Rates


@attrs.frozen(eq=False, repr=False)
class Trend(Tabular):
    """The snapshots of one portfolio at several moments, in their order; made by `evaluate_many`.

    Indexing and iterating gives snapshots; `table` has one row a goal and moment. A goal that was not
    declared at a moment has no row for it; one that was renamed is asked for by the id it has at the last.
    """

    snapshots: tuple[Snapshot, ...]

    @property
    def as_of(self) -> tuple[dt.date | dt.datetime, ...]:
        """The moments, in order."""
        return tuple(snapshot.as_of for snapshot in self.snapshots)

    @property
    def table(self) -> Table:
        """Columns as_of, id, kind, value, score, expected, coverage and status, a row each time.

        Objectives come first, then key results, then KPIs: their status is the judged zone. `as_of` holds
        days, or instants in UTC where one of the moments is an instant; a date is then its last microsecond.
        """
        instants = any(isinstance(moment, dt.datetime) for moment in self.as_of)
        parts = [_rows(snapshot, instants) for snapshot in self.snapshots]
        names = ("as_of", "id", "kind", "value", "score", "expected", "coverage", "status")
        return Table(
            {name: np.concatenate([part[name] for part in parts]) for name in names} if parts else {}
        )

    def as_plain(self) -> dict[str, Any]:
        """Return the public form: the moments, and the rows of `table`."""
        return headed("trend", as_of=self.as_of, rows=self.table)

    def scores(self, id: str) -> tuple[float | None, ...]:
        """Return the score of one goal at each moment, None where it is unknown or was not declared.

        Raises UnknownIdError for what is declared at none of them.
        """
        return tuple(getattr(state, "score", None) for state in self._states(id))

    def statuses(self, id: str) -> tuple[str, ...]:
        """Return the status (of a KPI the zone) of one goal at each moment, "" where it was not declared."""
        found = self._states(id)
        return tuple(str(getattr(state, "status", None) or getattr(state, "zone", "")) for state in found)

    def _states(self, id: str) -> list[Any]:
        """Return how one goal, KPI or initiative stood at each moment, None where it was not declared."""
        last = self.snapshots[-1] if self.snapshots else None
        known = last is not None and id in last.portfolio
        names = (id, *reversed(last.portfolio[id].formerly)) if last is not None and known else (id,)
        found = [
            next((snapshot[name] for name in names if name in snapshot), None) for snapshot in self.snapshots
        ]
        if last is not None and all(state is None for state in found):
            _ = last[id]  # which says what is wrong with the id
        return found

    def __getitem__(self, index: int) -> Snapshot:
        return self.snapshots[index]

    def __iter__(self) -> Iterator[Snapshot]:
        return iter(self.snapshots)

    def __eq__(self, other: object) -> bool:
        """Return whether both hold equal snapshots, in the same order."""
        return self.snapshots == other.snapshots if isinstance(other, Trend) else NotImplemented

    def __hash__(self) -> int:
        return hash(("trend", len(self)))

    def __len__(self) -> int:
        return len(self.snapshots)

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def lines(self, look: Look = PLAIN, only: Collection[str] | None = None) -> list[str]:
        """Return health over time as text: a spark and a strip of statuses for each goal and KPI of `only`.

        Goals show their score from 0 to 1, KPIs their value over its own range. `only` None shows
        objectives, key results and KPIs.
        """
        if not self.snapshots:
            return []
        wanted = [name for name in self.ids if only is None or name in only]
        return health(self.as_of, map(self.row, wanted[: look.rows]), look)

    @property
    def ids(self) -> tuple[str, ...]:
        """The objectives, then key results, then KPIs of all moments, by the id that each has at the last."""
        if not self.snapshots:
            return ()
        former = present_ids(self.snapshots[-1].portfolio)
        versions = {id(one.portfolio): one for one in reversed(self.snapshots)}.values()
        kinds = ("objectives", "key_results", "kpis")
        tables = [getattr(snapshot, kind)["id"] for kind in kinds for snapshot in versions]
        return tuple(dict.fromkeys(name for table in tables for name in table.tolist() if name not in former))

    def row(self, id: str) -> HealthRow:
        """Return the numbers and statuses of one goal or KPI at each moment, and the ends of its scale.

        A goal has its scores, from 0 to 1; a KPI its values, None for the ends: its own range.
        """
        states = self._states(id)
        newest = next(state for state in reversed(states) if state is not None)
        if not isinstance(newest, KpiState):
            return id, self.scores(id), self.statuses(id), 0.0, 1.0
        values = tuple(None if state is None else state.value for state in states)
        zones = self.statuses(id) if newest.goal.target else ("",) * len(self)
        return id, values, zones, None, None

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        from okrcore.scoring.snapshot_blocks import trend_blocks

        return fragment("trend", trend_blocks(self), wide=True)


def evaluate_many(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: Iterable[AsOf],
    known_at: AsOf | Literal["then"] | None = None,
    scoring: ScoringPolicy = ScoringPolicy(),
    rates: Rates | None = None,
    journal: Journal | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Trend:
    """Return the portfolio judged at each moment of `as_of`; each snapshot equals that of `evaluate`.

    `known_at` None filters nothing: the past is judged by what is known now; "then" judges each moment by
    what was known at it. Of `Declarations` each moment is judged by its own version, so that goals come and
    go. Cost: one `evaluate` a moment, less what those of one version share. Raises DefinitionError for one
    moment in place of a list, and as `evaluate` does.

    >>> from okrcore import Cycle, History, KeyResult, Objective, Observation, Portfolio, Target, weekly
    >>> year = Cycle.year(2026)
    >>> goal = Objective(id="grow", title="Grow", cycle=year.id)
    >>> arr = KeyResult(id="arr", objective="grow", title="ARR", measure=Target(0, 10))
    >>> history = History.of([Observation("arr", "2026-01-08", 1), Observation("arr", "2026-01-20", 2)])
    >>> days = weekly("2026-01-01", "2026-01-25")
    >>> evaluate_many(Portfolio.of(year, goal, arr), history, as_of=days).scores("grow")
    (None, 0.1, 0.1, 0.2)
    """
    if isinstance(as_of, str | dt.date):
        raise DefinitionError(f"as_of is {shown(as_of)}, but must be a list of moments; give [{as_of!r}]")
    moments = to_tuple(as_of)
    check_arguments(as_of=(moments, is_list), progress=(progress, optional(is_function)))
    asked = [(moment, moment if known_at == "then" else known_at) for moment in moments]
    declared, ready = versions_of(portfolio), dict[int, Prepared]()
    versions = [portfolio_at(portfolio, *moments) for moments in asked]
    snapshots: list[Snapshot] = []
    for version, (moment, known) in zip(versions, asked, strict=True):
        if id(version) not in ready:
            ready[id(version)] = Prepared.of(version, history, rates, journal, scoring)
        facts = ready[id(version)]
        snapshots.append(facts.judge(facts.when(moment, known), scoring, declared))
        if progress is not None:
            progress(len(snapshots), len(asked))
    return Trend(tuple(snapshots))


def trend_to(snapshot: Snapshot, days: Iterable[AsOf]) -> Trend:
    """Return how what a snapshot judges stood on earlier days, by the same choices and facts, up to it."""
    earlier = evaluate_many(
        snapshot.portfolio,
        snapshot.history,
        as_of=days,
        known_at=snapshot.when.known,
        scoring=snapshot.scoring,
        rates=snapshot.rates,
        journal=snapshot.journal,
    )
    return Trend((*earlier, snapshot))


def _rows(snapshot: Snapshot, instants: bool) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.object_]]]:
    goals, results, kpis = snapshot.objectives, snapshot.key_results, snapshot.kpis
    sizes = len(goals), len(results), len(kpis)

    def blank(size: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
        return np.full(size, np.nan)

    known = ~np.isnan(kpis["value"])
    return {
        "as_of": np.full(sum(sizes), _moment(snapshot, instants)),
        "id": np.concatenate([goals["id"], results["id"], kpis["id"]]),
        "kind": np.repeat(np.array(["objective", "key result", "KPI"], dtype=object), sizes),
        "value": np.concatenate([blank(sizes[0]), results["value"], kpis["value"]]),
        "score": np.concatenate([goals["score"], results["score"], kpis["satisfaction"]]),
        "expected": np.concatenate([goals["expected"], results["expected"], blank(sizes[2])]),
        "coverage": np.concatenate([goals["coverage"], results["coverage"], known.astype(np.float64)]),
        "status": np.concatenate([goals["status"], results["status"], kpis["judged_zone"]]),
    }


def _moment(snapshot: Snapshot, instants: bool) -> np.datetime64:
    if instants:
        return np.datetime64(snapshot.when.instant(snapshot.when.zone), "us")
    return np.datetime64(snapshot.as_of, "D")
