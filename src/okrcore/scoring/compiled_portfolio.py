"""Compile a portfolio to arrays: ids become rows, alignment becomes edges in levels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.definitions.commitments import COMMITMENTS
from okrcore.definitions.days import ANCHOR, day_numbers
from okrcore.definitions.derived import stage_of
from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.digraph import grouped, levels
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.measures import Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import DefinitionError
from okrcore.frozen import freeze_fields
from okrcore.scoring import kernels, rollup
from okrcore.scoring.graph import Flags, Floats, Graph, RollupEdges, RowNumbers, comparable, lay_out
from okrcore.scoring.inactive import PURSUED, Inactive
from okrcore.scoring.measure_columns import MeasureColumns, to_floats
from okrcore.scoring.scoring_policy import STATUSES, ScoringPolicy


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class Scores:
    """Scores in row order: `key_results` (..., K), `objectives` and `coverage` (..., O); NaN is unknown."""

    key_results: Floats
    objectives: Floats
    coverage: Floats


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class CompiledPortfolio:
    """A portfolio's key results and objectives as rows; made by `compile_portfolio`.

    `key_results` and `objectives` are the ids in row order: objectives by falling number of key results, then
    id; the first key result of each, then the second of each ..., guardrails last. So a sum over all
    objectives runs over whole columns. Dates are days since 1970-01-01.
    """

    key_results: tuple[str, ...]
    objectives: tuple[str, ...]
    results: tuple[KeyResult, ...] = attrs.field(repr=False)
    goals: tuple[Objective, ...] = attrs.field(repr=False)
    measures: MeasureColumns = attrs.field(repr=False)
    graph: Graph = attrs.field(repr=False)
    parent: RowNumbers = attrs.field(repr=False)
    start_day: RowNumbers = attrs.field(repr=False)
    due_day: RowNumbers = attrs.field(repr=False)
    end_day: RowNumbers = attrs.field(repr=False)
    commitment: RowNumbers = attrs.field(repr=False)
    planned: Flags = attrs.field(repr=False)
    guardrail: Flags = attrs.field(repr=False)
    result_rows: dict[str, int] = attrs.field(repr=False)
    goal_rows: dict[str, int] = attrs.field(repr=False)
    inactive: Inactive | None = attrs.field(repr=False)
    """The goals that are declared as not pursued, which the graph leaves out; None: there are none."""

    def score(self, values: npt.ArrayLike, scoring: ScoringPolicy = ScoringPolicy()) -> Scores:
        """Return scores for values (..., K) in the order of `key_results`, each in its key result's unit.

        NaN is unknown. A checklist's value is the share done; a band is judged by its lone value. Every
        further axis is a what-if of its own. Equal to `evaluate` to the last bit.

        Raises DefinitionError where the last axis is not K long or a value is infinite.
        """
        given = to_floats(values)
        if given.shape[-1:] != (len(self.key_results),):
            wanted = f"give {len(self.key_results)} on the last axis, one a key result"
            raise DefinitionError(f"values have shape {given.shape}; {wanted}")
        leaves = kernels.clamp(self.measures.progress(given, scoring), scoring.clamp, scoring.cap)
        objectives = rollup.average(leaves, self.graph, scoring, scoring.rollup_clamp)
        silent, unknown = np.isnan(leaves), np.isnan(objectives)
        if scoring.missing_value != "unknown":  # then what was not observed has a score, too
            silent |= np.isnan(given)
        if self.graph.total.all() and not (unknown.any() or silent.any()):
            coverage = np.ones(objectives.shape)
        else:
            coverage = rollup.nominal((~silent).astype(float), (~unknown).astype(float), self.graph)
        shown = kernels.rounded(leaves, scoring), kernels.rounded(objectives, scoring)
        return Scores(*shown, coverage)


def compile_portfolio(portfolio: Portfolio) -> CompiledPortfolio:
    """Return the compiled form of `portfolio`, made once and shared by versions with the same goals.

    Cost in proportion to goals and alignments; a second call costs nothing.

    >>> from okrcore import Cycle
    >>> cycle = Cycle.quarter(2026, 1)
    >>> goal = Objective(id="grow", title="Grow", cycle=cycle.id)
    >>> arr = KeyResult(id="arr", objective="grow", title="ARR", measure=Target(1, 2))
    >>> compile_portfolio(Portfolio.of(cycle, goal, arr)).score([1.5]).objectives
    array([0.5])
    """
    return _COMPILED.of(portfolio)


def _compile(portfolio: Portfolio) -> CompiledPortfolio:
    fans = Counter(result.objective for result in portfolio.key_results if not result.guardrail)
    goals = sorted(portfolio.objectives, key=lambda goal: (-fans[goal.id], goal.id))
    rows = {goal.id: row for row, goal in enumerate(goals)}
    standing = sorted(portfolio.key_results, key=lambda r: (r.guardrail, rows[r.objective], r.id))
    order, slots, tails = lay_out(np.array([fans[g.id] for g in goals if fans[g.id]], dtype=np.int64))
    # jagged diagonals: first the first child of every goal, then the second of those that have two, ...
    results = [*(standing[row] for row in order), *standing[len(order) :]]
    parent = np.array([rows[result.objective] for result in results], dtype=np.int64)
    measures = MeasureColumns.of([result.measure for result in results])
    weights = np.where(
        [result.weight == "value" for result in results],
        np.abs(measures.span),
        np.array([0.0 if result.weight == "value" else result.weight for result in results]),
    )
    count = len(order)
    links = [(rows[to.to], row, to.weight) for row, goal in enumerate(goals) for to in goal.contributes_to]
    above, below = (np.array([link[end] for link in links], dtype=np.int64) for end in (0, 1))
    owner = np.concatenate([parent[:count], above])
    given = np.concatenate([weights[:count], np.array([weight for _, _, weight in links], dtype=np.float64)])
    inactive = _inactive(results, goals)
    if inactive is not None:  # however large, it says nothing of what the others are to each other
        idle = inactive.idle_objectives
        given[np.concatenate([inactive.idle_results[:count], idle[above] | idle[below]])] = 0
    weights = comparable(given.astype(np.float64), owner, len(goals))
    pairs = list(zip(above.tolist(), below.tolist(), weights[count:].tolist(), strict=True))
    leaves = RollupEdges(None, slots, tails, None, weights[:count])
    cycles = {cycle.id: cycle for cycle in portfolio.cycles}
    of_goal = [cycles[goal.cycle] for goal in goals]
    ends = day_numbers(cycle.end for cycle in of_goal)
    graph = _graph(leaves, goals, pairs)
    own_due = np.array([result.due is not None for result in results], dtype=bool)
    return CompiledPortfolio(
        key_results=tuple(result.id for result in results),
        objectives=tuple(rows),
        results=tuple(results),
        goals=tuple(goals),
        measures=measures,
        graph=graph if inactive is None else graph.without(inactive.idle_results, inactive.idle_objectives),
        parent=parent,
        start_day=day_numbers(cycle.start for cycle in of_goal),
        end_day=ends,
        due_day=np.where(own_due, day_numbers(result.due or ANCHOR for result in results), ends[parent]),
        commitment=np.array([COMMITMENTS.index(goal.commitment) for goal in goals], dtype=np.int64),
        planned=np.array(
            [isinstance(r.measure, Target) and bool(r.measure.plan) for r in results], dtype=bool
        ),
        guardrail=np.array([result.guardrail for result in results], dtype=bool),
        result_rows={result.id: row for row, result in enumerate(results)},
        goal_rows=rows,
        inactive=inactive,
    )


def _inactive(results: Sequence[KeyResult], goals: Sequence[Objective]) -> Inactive | None:
    """Return the goals that are not active, a key result at most as active as its objective (S21.5)."""
    given = {*(result.stage for result in results), *(goal.stage for goal in goals)}
    if given <= {"active"}:
        return None
    declared = {goal.id: goal for goal in goals}
    stages = [[stage_of(one, declared) for one in ones] for ones in (results, goals)]
    return Inactive(
        *(
            np.array([PURSUED if stage == "active" else STATUSES.index(stage) for stage in every], np.int8)
            for every in stages
        )
    )


def _graph(leaves: RollupEdges, goals: Sequence[Objective], pairs: Sequence[tuple[int, int, float]]) -> Graph:
    above, below = (np.array([pair[side] for pair in pairs], dtype=np.int64) for side in (0, 1))
    height = levels(len(goals), above, below).tolist()
    names = [goal.id for goal in goals]
    standing = grouped((height[pair[0]], pair) for pair in pairs)
    return Graph.of(leaves, [_edges(standing[level], names) for level in sorted(standing)], len(goals))


def _edges(pairs: Sequence[tuple[int, int, float]], names: Sequence[str]) -> RollupEdges:
    fans = Counter(parent for parent, _, _ in pairs)
    parents = sorted(fans, key=lambda row: (-fans[row], names[row]))
    rank = {row: position for position, row in enumerate(parents)}
    standing = sorted(pairs, key=lambda pair: (rank[pair[0]], names[pair[1]]))
    order, slots, tails = lay_out(np.array([fans[row] for row in parents], dtype=np.int64))
    children = np.array([child for _, child, _ in standing], dtype=np.int64)[order]
    weights = np.array([weight for _, _, weight in standing], dtype=np.float64)[order]
    return RollupEdges(np.array(parents, dtype=np.int64), slots, tails, children, weights)


_COMPILED = Derivation(("objectives", "key_results", "cycles"), _compile)
