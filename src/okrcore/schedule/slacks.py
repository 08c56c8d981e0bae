"""Say how late each milestone may start, how far it may slip, and which leave no slack (S17.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.frozen import freeze_fields
from okrcore.schedule.network import MilestoneNetwork
from okrcore.schedule.working_lags import Days

SLACK = 1e-9
"""Days below which a slack counts as none."""


@attrs.frozen(eq=False, field_transformer=freeze_fields)
class Slacks:
    """Latest start, total and free slack of each row, in days; `critical` is a total slack of 0 or less.

    A milestone may slip by its total slack without the last planned finish of all moving, and by its free
    slack without any that waits for it being delayed. Below 0 the plan is broken already.
    """

    latest_start: Days
    total: Days
    free: Days
    critical: NDArray[np.bool_]


def slacks(network: MilestoneNetwork, start: Days, finish: Days) -> Slacks:
    """Return the slacks of planned dates by a backward pass to their last finish.

    LF_i is the last day from which each that waits for it can begin by its own latest start, and the last
    finish at most; the latest start is LF_i less its planned length. Cost in proportion to dependencies.
    """
    end = finish.max(initial=-np.inf)
    latest, free = np.full(len(finish), end), np.full(len(finish), end)
    length, edges = finish - start, network.leads_to
    firsts = edges.first[network.bounds].tolist()
    for level in range(len(firsts) - 2, -1, -1):
        places = slice(firsts[level], firsts[level + 1])
        after, before = edges.after[places], edges.before[places]
        np.minimum.at(latest, before, network.unlagged(edges, places, latest[after] - length[after]))
        np.minimum.at(free, before, network.unlagged(edges, places, start[after]))
    total = latest - finish
    return Slacks(latest - length, total, free - finish, total <= SLACK)


def critical_chains(
    network: MilestoneNetwork, start: Days, finish: Days, found: Slacks, most: int
) -> Iterator[tuple[str, ...]]:
    """Yield at most `most` critical chains, all ties: ids from what waits for nothing critical to the end.

    Each step is a dependency that leaves no time between the two.
    """
    edges, ids = network.leads_to, network.ids
    tight = np.zeros(len(edges.before), dtype=np.bool_)
    places = np.flatnonzero(found.critical[edges.before] & found.critical[edges.after])
    arrival = network.arrivals(edges, places, finish)
    tight[places] = arrival >= start[edges.after[places]] - SLACK
    begun = np.zeros(len(finish), dtype=np.bool_)
    begun[edges.after[tight]] = True

    def following(row: int) -> list[int]:
        ahead = np.arange(edges.first[row], edges.first[row + 1])
        return sorted(edges.after[ahead[tight[ahead]]].tolist(), key=lambda one: ids[one])

    begin = sorted(np.flatnonzero(found.critical & ~begun).tolist(), key=lambda row: ids[row])
    for path in paths(begin, following, most):
        yield tuple(ids[row] for row in path)


def paths(starts: Sequence[int], ahead: Callable[[int], Sequence[int]], most: int) -> Iterator[list[int]]:
    """Yield at most `most` paths from `starts` to what leads nowhere, in the order that `ahead` gives.

    Cost in proportion to their length.
    """
    stack: list[tuple[int, int]] = [(row, 0) for row in reversed(starts)]
    path: list[int] = []
    while stack and most > 0:
        row, depth = stack.pop()
        path[depth:] = [row]
        following = ahead(row)
        stack += [(one, depth + 1) for one in reversed(following)]
        if not following:
            most -= 1
            yield list(path)
