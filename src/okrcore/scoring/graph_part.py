"""Cut out of a graph what lies above some objectives: all that changes when these do."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.scoring.graph import Flags, Graph, RollupEdges, RowNumbers


def part_above(graph: Graph, goals: RowNumbers) -> Graph:
    """Return the part of a graph that computes `goals` and every objective above them.

    Its sums run in the same order as those of the whole, so that they are the same bits.
    """
    wanted = np.zeros(graph.size, dtype=np.bool_)
    wanted[goals] = True
    for edges in graph.levels:
        wanted[edges.rows] |= edges.sums(edges.of(wanted).astype(np.float64)) > 0
    leaves, rows = _under(graph.leaves, wanted)
    levels = (_under(edges, wanted) for edges in graph.levels if wanted[edges.rows].any())
    return Graph(
        leaves=leaves,
        levels=tuple(attrs.evolve(edges, children=children) for edges, children in levels),
        total=graph.total,
        fan=graph.fan,
        rows=rows,
        goals=np.flatnonzero(wanted),
    )


def _under(edges: RollupEdges, wanted: Flags) -> tuple[RollupEdges, RowNumbers]:
    """Return the edges under the wanted parents, with children that stand in their order, and these rows."""
    place = np.flatnonzero(wanted[edges.rows])
    found, slots, begin = [np.empty(0, dtype=np.int64)], [], 0
    for start, count in edges.slots:
        here = place[: np.searchsorted(place, count)]
        if len(here):
            found.append(start + here)
            slots.append((begin, len(here)))
            begin += len(here)
    heavy = place[: np.searchsorted(place, len(edges.tails))]
    ends = np.append(edges.tails, len(edges.weights))
    tails = [np.arange(ends[one], ends[one + 1]) for one in heavy.tolist()]
    sizes = [len(tail) for tail in tails]
    at = np.concatenate([*found, *tails])
    return RollupEdges(
        parents=place if edges.parents is None else edges.parents[place],
        slots=tuple(slots),
        tails=(begin + np.cumsum([0, *sizes]))[:-1].astype(np.int64),
        children=None,
        weights=edges.weights[at],
    ), at if edges.children is None else edges.children[at]
