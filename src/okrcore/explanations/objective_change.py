"""Share the change of an objective's score among the key results under it (S22.5)."""

from __future__ import annotations

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.goals import KeyResult
from okrcore.explanations.objective_steps import closing_between
from okrcore.scoring import kernels, rollup
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.leaf_shares import contributions
from okrcore.scoring.snapshot import Snapshot
from okrcore.statistics.shapley import MOST_CAUSES, shapley_shares


@attrs.frozen(kw_only=True)
class KeyResultChange:
    """What one key result did to a score: its share of the change, and what happened to it.

    `split` is how much of the share came by its score and by its weight; None where these are not told apart.
    """

    id: str
    title: str
    share: float
    words: str
    split: tuple[float, float] | None = None


def key_result_changes(before: Snapshot, after: Snapshot, id: str) -> tuple[KeyResultChange, ...]:
    """Return the key results that changed an objective's score, with shares that add up to its change.

    Where the goals are declared alike and at most ten key results changed, a share is the mean effect over
    all orders (Shapley); otherwise it is what the key result gives to the score now, less what it gave.
    """
    rows = _changed(before, after)
    if rows is not None and len(rows) <= MOST_CAUSES:
        shares = _exact(before, after, id, rows)
        if shares is not None:
            names = [after.compiled.key_results[row] for row in rows.tolist()]
            found = [(name, share) for name, share in zip(names, shares.tolist(), strict=True) if share]
            return tuple(_change(before, after, name, share) for name, share in found)
    given, gives = contributions(before, id), contributions(after, id)
    changes = []
    for name in sorted({*given, *gives}):
        share = gives.get(name, 0.0) - given.get(name, 0.0)
        if share:
            changes.append(_change(before, after, name, share, given.get(name), gives.get(name)))
    return tuple(changes)


def _changed(before: Snapshot, after: Snapshot) -> NDArray[np.int64] | None:
    """Return the rows of key results whose score differs; None where the goals are declared otherwise."""
    if before.scoring != after.scoring or not _alike(before.compiled, after.compiled):
        return None
    old, new = before.result_values.raw, after.result_values.raw
    return np.flatnonzero((old != new) & ~(np.isnan(old) & np.isnan(new)))


def _alike(one: CompiledPortfolio, other: CompiledPortfolio) -> bool:
    """Return whether goals, weights and contributions are the same."""
    return one is other or (one.results == other.results and one.goals == other.goals)


def _exact(before: Snapshot, after: Snapshot, id: str, rows: NDArray[np.int64]) -> NDArray[np.float64] | None:
    """Return the exact shares; None where the roll-up of some mixture is not that of the snapshots."""
    compiled, policy = after.compiled, after.scoring
    old, new = before.result_values.raw, after.result_values.raw
    goal = compiled.goal_rows[id]
    live = after.objective_values.live

    def worth(acts: NDArray[np.bool_]) -> NDArray[np.float64]:
        leaves = np.repeat(old[np.newaxis], len(acts), axis=0)
        leaves[:, rows] = np.where(acts, new[rows], old[rows])
        graph = compiled.graph
        scores = rollup.average(leaves[:, graph.rows], graph, policy, policy.rollup_clamp, live)
        found: NDArray[np.float64] = scores[..., goal]
        return found

    ends = worth(np.array([[False] * len(rows), [True] * len(rows)]))
    told = np.array([before.objective_values.raw[goal], after.objective_values.raw[goal]])
    if not np.allclose(ends, told, rtol=1e-12, atol=1e-12):
        return None
    shares = shapley_shares(worth, len(rows))
    return None if np.isnan(shares).any() else shares


def _change(
    before: Snapshot,
    after: Snapshot,
    name: str,
    share: float,
    given: float | None = None,
    gives: float | None = None,
) -> KeyResultChange:
    there = after if name in after.compiled.result_rows else before
    goal: KeyResult = there.portfolio[name]
    split = None
    if given is not None and gives is not None:
        old, new = (_raw(one, name) for one in (before, after))
        if old and new:
            weights = given / old, gives / new
            split = (sum(weights) / 2 * (new - old), (old + new) / 2 * (weights[1] - weights[0]))
    return KeyResultChange(
        id=name, title=goal.title, share=share, words=_words(before, after, name), split=split
    )


def _raw(snapshot: Snapshot, name: str) -> float:
    value = float(snapshot.result_values.raw[snapshot.compiled.result_rows[name]])
    return float(kernels.clamp(np.array([value]), snapshot.scoring.rollup_clamp)[0])


def _words(before: Snapshot, after: Snapshot, name: str) -> str:
    """Say what happened to a key result between two snapshots."""
    if name not in before.compiled.result_rows:
        return "It was added"
    if name not in after.compiled.result_rows:
        return "It was removed"
    if closed := closing_between(before, after, name):
        return closed
    old, new = before.key_result(name), after.key_result(name)
    if old.goal != new.goal:
        return "It was amended"
    if old.score is None and new.score is not None:
        return "It began" if old.status == "not-started" else "It became known"
    if new.score is None:
        return "It is unknown now"
    return "Its value moved" if old.value != new.value else "Its weight moved, or what is due of it"
