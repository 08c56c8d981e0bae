"""Find the strongest chain of links from everything to every goal, of either sign (S13.2)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter

import attrs
import numpy as np
import numpy.typing as npt

from okrcore.definitions.links import Link

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

MAX_LINKS = 6
_PIECE = 4_000_000
_STEPS = 20_000


@attrs.frozen(eq=False)
class Network:
    """Links between measures as edges, by target, source and id; what weighs nothing moves nothing."""

    names: tuple[str, ...]
    rows: dict[str, int]
    links: tuple[Link, ...]
    source: Ints
    target: Ints
    flips: Ints
    weight: Floats
    first_in: Ints
    """Where the edges into each node start."""

    @classmethod
    def of(
        cls, links: Iterable[Link], nodes: Iterable[str] = (), *, stands_for: Mapping[str, str] | None = None
    ) -> Network:
        """Return the network of `links` and of `nodes` without any; an end may stand for another id."""
        other = stands_for or {}
        kept = sorted((link for link in links if link.weight > 0), key=attrgetter("id"))
        kept = [link for link in kept if link.source != other.get(link.target, link.target)]
        sources = [link.source for link in kept]
        targets = [other.get(link.target, link.target) for link in kept]
        names = sorted({*nodes, *sources, *targets})
        rows = {name: row for row, name in enumerate(names)}
        source, target = (
            np.array([rows[end] for end in ends], dtype=np.int64) for ends in (sources, targets)
        )
        order = np.lexsort((source, target))
        return cls(
            names=tuple(names),
            rows=rows,
            links=tuple(kept[edge] for edge in order.tolist()),
            source=source[order],
            target=target[order],
            flips=np.array([link.sign < 0 for link in kept], dtype=np.int64)[order],
            weight=np.array([link.weight for link in kept], dtype=np.float64)[order],
            first_in=np.searchsorted(target[order], np.arange(len(names) + 1)),
        )


@attrs.frozen(eq=False)
class Chains:
    """The strongest chains from `source` to `goal` (rows of the network's nodes), one a sign.

    `flips` 1: more of the source means less of the goal. `weight` is the product of the links' weights and
    `edges` the chain itself, padded with -1; a goal reaches itself by no link, with weight 1.
    """

    source: Ints
    goal: Ints
    flips: Ints
    weight: Floats
    edges: Ints

    @property
    def length(self) -> Ints:
        """The number of links of each chain."""
        return np.asarray((self.edges >= 0).sum(axis=1))


def strongest_chains(network: Network, goals: Sequence[int]) -> Chains:
    """Return the strongest chain of at most 6 links, no node twice, of each sign from each node to each goal.

    Works back from the goals, one link at a time, over all goals at once: cost goes with links times goals
    that they reach. Ties go to fewer links, then to ids. A best chain that would visit a node twice is
    searched for anew, in at most 20,000 steps a pair: past them the strongest found by then stands.

    >>> ends = [("a", "b", -1, 0.5), ("b", "c", 1, 0.5), ("a", "c", -1, 0.2)]
    >>> links = [Link(source=a, target=b, sign=s, weight=w) for a, b, s, w in ends]
    >>> network = Network.of(links)
    >>> found = strongest_chains(network, [network.rows["c"]])
    >>> [network.names[row] for row in found.source], found.flips.tolist(), found.weight.tolist()
    (['a', 'b', 'c'], [1, 0, 0], [0.25, 0.5, 1.0])
    """
    size, ends = len(network.names), np.array(sorted(set(goals)), dtype=np.int64)
    # a key packs (position of the goal, node, flips) as (goal * size + node) * 2 + flips, and sorts like it
    key = (np.arange(len(ends)) * size + ends) * 2
    levels = [_Level(key, np.ones(len(ends)), np.full(len(ends), -1))]
    best_key, best_weight, best_at = key, levels[0].weight, np.zeros(len(ends), np.int64)
    for at in range(1, MAX_LINKS + 1):
        grown = _grown(network, ends, levels[-1])
        place = np.minimum(np.searchsorted(best_key, grown.key), max(len(best_key) - 1, 0))
        known = best_key[place] == grown.key if len(best_key) else np.zeros(len(grown.key), bool)
        better = ~known
        better[known] = grown.weight[known] > best_weight[place[known]]
        if not better.any():
            break
        levels.append(_Level(grown.key[better], grown.weight[better], grown.edge[better]))
        merged = np.concatenate([best_key, levels[-1].key])
        weights = np.concatenate([best_weight, levels[-1].weight])
        reached = np.concatenate([best_at, np.full(int(better.sum()), at)])
        order = np.lexsort((-weights, merged))
        order = order[np.diff(merged[order], prepend=-1) != 0]
        best_key, best_weight, best_at = merged[order], weights[order], reached[order]
    edges = _traced(network, levels, best_key, best_at)
    return _simple(network, ends, best_key, best_weight, edges)


@attrs.frozen(eq=False)
class _Level:
    """Chains of one length, by key: (position of the goal, node, flips); `edge` is their first link."""

    key: Ints
    weight: Floats
    edge: Ints


def _grown(network: Network, ends: Ints, level: _Level) -> _Level:
    """Every chain of `level` with one more link before it, the best of each key."""
    size = len(network.names)
    node = level.key // 2 % size
    degree = np.diff(network.first_in)[node]
    found = [_Level(np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.int64))]
    bounds = np.searchsorted(np.cumsum(degree) // _PIECE, np.arange(int(degree.sum()) // _PIECE + 2))
    for lower, upper in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        some = slice(lower, upper)
        # each chain once for every link into its first node; `edge` counts up from that node's first link
        back = np.repeat(np.arange(lower, upper), degree[some])
        skipped = np.repeat(np.cumsum(degree[some]) - degree[some], degree[some])
        edge = network.first_in[node[back]] + np.arange(len(back)) - skipped
        goal = level.key[back] // 2 // size
        edge, back, goal = (part[network.source[edge] != ends[goal]] for part in (edge, back, goal))
        key = (goal * size + network.source[edge]) * 2 + (level.key[back] & 1 ^ network.flips[edge])
        found.append(_reduced(key, level.weight[back] * network.weight[edge], edge))
    parts = (np.concatenate([getattr(one, name) for one in found]) for name in ("key", "weight", "edge"))
    return _reduced(*parts)


def _reduced(key: Ints, weight: Floats, edge: Ints) -> _Level:
    order = np.lexsort((edge, -weight, key))
    order = order[np.diff(key[order], prepend=-1) != 0]
    return _Level(key[order], weight[order], edge[order])


def _traced(network: Network, levels: list[_Level], key: Ints, at: Ints) -> Ints:
    """The edges of each chain, first link first, padded with -1."""
    edges = np.full((len(key), MAX_LINKS), -1, np.int64)
    now, left, size = key.copy(), at.copy(), len(network.names)
    for step in range(MAX_LINKS):
        for length in range(1, len(levels)):
            rows = np.flatnonzero(left == length)
            level = levels[length]
            edge = level.edge[np.searchsorted(level.key, now[rows])]
            edges[rows, step] = edge
            # what is left of the chain begins at the link's end, and is kept under that key one level below
            goal, flips = now[rows] // 2 // size, now[rows] & 1 ^ network.flips[edge]
            now[rows] = (goal * size + network.target[edge]) * 2 + flips
        left -= left > 0
    return edges


def _simple(network: Network, ends: Ints, key: Ints, weight: Floats, edges: Ints) -> Chains:
    """Chains without a node twice: a chain that has one is replaced by the best that has none."""
    size = len(network.names)
    source, goal = key // 2 % size, ends[key // 2 // size]
    weight, kept = weight.copy(), np.ones(len(key), bool)
    long = np.flatnonzero(edges[:, 2] >= 0)
    visited = np.where(edges[long] >= 0, network.target[edges[long]], -1 - np.arange(MAX_LINKS))
    visited = np.sort(np.column_stack([source[long], visited]), axis=1)
    bent = long[(np.diff(visited, axis=1) == 0).any(axis=1)]
    if len(bent):
        search = _Search.of(network, key, weight.copy())
        for row in bent.tolist():
            bound, chain = search.best(int(key[row]), int(source[row]), int(goal[row]))
            kept[row], weight[row] = bound > 0, bound
            edges[row] = [*chain, *[-1] * (MAX_LINKS - len(chain))]
    return Chains(source[kept], goal[kept], (key & 1)[kept], weight[kept], edges[kept])


_Step = tuple[int, int, float, tuple[int, ...], tuple[int, ...]]
"""Where a search is, whether it must still flip, the weight so far, its edges, and the nodes it visited."""


@attrs.frozen(eq=False)
class _Search:
    """Depth-first search for one chain, cut short by what the rest of it can weigh at most."""

    network: Network
    keys: Ints
    bounds: Floats
    outward: Ints
    first_out: Ints

    @classmethod
    def of(cls, network: Network, key: Ints, weight: Floats) -> _Search:
        outward = np.argsort(network.source, kind="stable")
        first = np.searchsorted(network.source[outward], np.arange(len(network.names) + 1))
        return cls(network, key, weight, outward, first)

    def best(self, key: int, source: int, goal: int) -> tuple[float, tuple[int, ...]]:
        """Return weight and edges of the strongest chain without a node twice; weight 0 where none is."""
        size = len(self.network.names)
        base = key // 2 // size * size
        found: tuple[float, tuple[int, ...]] = (0.0, ())
        waiting: list[_Step] = [(source, key & 1, 1.0, (), (source,))]
        for _ in range(_STEPS):
            if not waiting:
                break
            node, flips, weight, edges, seen = waiting.pop()
            if node == goal:
                if flips == 0 and weight > found[0]:
                    found = (weight, edges)
                continue
            steps: list[tuple[float, int, _Step]] = []
            for edge in self._out(node) if len(edges) < MAX_LINKS else ():
                after, turned = int(self.network.target[edge]), flips ^ int(self.network.flips[edge])
                gone = weight * float(self.network.weight[edge])
                ahead = gone * self._bound((base + after) * 2 + turned)
                if after not in seen and ahead > found[0]:
                    steps.append((ahead, edge, (after, turned, gone, (*edges, edge), (*seen, after))))
            waiting += [step for _, _, step in sorted(steps, key=lambda one: (one[0], -one[1]))]
        return found

    def _out(self, node: int) -> list[int]:
        return list(self.outward[self.first_out[node] : self.first_out[node + 1]].tolist())

    def _bound(self, key: int) -> float:
        at = int(np.searchsorted(self.keys, key))
        return float(self.bounds[at]) if at < len(self.keys) and self.keys[at] == key else 0.0
