"""Walk a directed graph: what is reached, how high each node stands, where it runs in circles."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Nodes = NDArray[np.int64]
NARROW = 12
"""Nodes of a level up to which taking one after the other is faster than columns."""
K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


def by_field(values: Iterable[T], field: str) -> Mapping[str, tuple[T, ...]]:
    """Return values by what one of their fields holds, in their order."""
    key: Callable[[T], str] = attrgetter(field)
    return grouped((key(value), value) for value in values)


def grouped(pairs: Iterable[tuple[K, T]]) -> Mapping[K, tuple[T, ...]]:
    """Return the second of the pairs by their first, in their order.

    >>> grouped([("a", 1), ("b", 2), ("a", 3)])
    {'a': (1, 3), 'b': (2,)}
    """
    found: dict[K, list[T]] = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return {name: tuple(values) for name, values in found.items()}


def reached(starts: Iterable[K], edges: Mapping[K, Collection[K]], steps: int | None = None) -> frozenset[K]:
    """Return these, and all that they lead to over at most so many steps (None: over any number).

    >>> sorted(reached("a", {"a": "b", "b": "c", "c": "d"}, steps=2))
    ['a', 'b', 'c']
    """
    found = set(starts)
    edge = set(found)
    while edge and (steps is None or steps > 0):
        edge = {name for one in edge for name in edges.get(one, ())} - found
        found |= edge
        steps = None if steps is None else steps - 1
    return frozenset(found)


def levels(size: int, above: Nodes, below: Nodes) -> Nodes:
    """Return how high each of nodes 0, 1 ... `size` - 1 stands, given what is right above what.

    0 with nothing below, else one more than the highest below it; there must be no circle. Kahn's algorithm,
    level by level: wide ones as columns, narrow ones node by node. Cost in proportion to nodes and edges.

    >>> levels(3, np.array([0, 1, 0]), np.array([1, 2, 2])).tolist()
    [2, 1, 0]
    """
    ahead = above[np.argsort(below, kind="stable")]
    first = np.concatenate([[0], np.cumsum(np.bincount(below, minlength=size))])
    waiting, place = np.bincount(above, minlength=size), np.empty(size, dtype=np.int64)
    height = np.zeros(size, dtype=np.int64)
    ready, level = np.flatnonzero(waiting == 0), 0
    while len(ready):
        height[ready] = level
        if len(ready) > NARROW:
            reached = ahead[spans(first[ready], first[ready + 1])]
            np.subtract.at(waiting, reached, 1)
            free = reached[waiting[reached] == 0]
            place[free] = np.arange(len(free))
            ready = free[place[free] == np.arange(len(free))]  # each once
        else:
            free = []
            for node in ready.tolist():
                for other in ahead[first[node] : first[node + 1]].tolist():
                    waiting[other] -= 1
                    if not waiting[other]:
                        free.append(other)
            ready = np.array(free, dtype=np.int64)
        level += 1
    return height


def spans(first: Nodes, end: Nodes) -> Nodes:
    """Return the whole numbers of the ranges `first` to before `end`, one range after the other.

    >>> spans(np.array([5, 0]), np.array([7, 1])).tolist()
    [5, 6, 0]
    """
    count = end - first
    ends = np.cumsum(count)
    return np.repeat(first - ends + count, count) + np.arange(ends[-1] if len(ends) else 0)


def circles(edges: Mapping[str, Iterable[str]]) -> Iterator[tuple[str, ...]]:
    """Yield circles that share no node, at least one in every tangle, found by a walk in order of ids.

    Cost goes with nodes and edges, however many circles they form.

    >>> list(circles({"a": ["b"], "b": ["a"], "c": ["a"]}))
    [('a', 'b')]
    """
    done: set[str] = set()
    for root in sorted(edges):
        if root in done:
            continue
        path, depth = [root], {root: 0}
        steps = [iter(sorted(edges[root]))]
        free = [0]  # for each node of the path, the depth from which on no node is in a circle told
        while path:
            step = next(steps[-1], None)
            if step is None:
                done.add(path[-1])
                del depth[path.pop()], steps[-1], free[-1]
            elif step in depth:
                if depth[step] >= free[-1]:
                    yield tuple(path[depth[step] :])
                    free[depth[step] :] = range(depth[step] + 1, len(path) + 1)
            elif step in edges and step not in done:
                depth[step] = len(path)
                path.append(step)
                steps.append(iter(sorted(edges[step])))
                free.append(free[-1])


def components(size: int, ahead: Callable[[int], Iterable[int]]) -> Iterator[Sequence[int]]:
    """Yield the strongly connected components of nodes 0, 1 ... `size` - 1, each after all it leads to.

    `ahead` gives what a node leads to. Tarjan's algorithm with a stack of its own; cost goes with nodes and
    edges.

    >>> list(components(3, [[1], [0, 2], []].__getitem__))
    [[2], [0, 1]]
    """
    seen, low, done = [0] * size, [0] * size, [False] * size
    count, waiting = 0, list[int]()  # numbers that are seen and not done
    for root in range(size):
        path = [] if seen[root] else [(root, iter(ahead(root)))]
        while path:
            node, left = path[-1]
            if not seen[node]:
                count += 1
                seen[node] = low[node] = count
                waiting.append(node)
            for other in left:
                if not seen[other]:
                    path.append((other, iter(ahead(other))))
                    break
                if not done[other]:
                    low[node] = min(low[node], seen[other])
            else:
                path.pop()
                if path:
                    above = path[-1][0]
                    low[above] = min(low[above], low[node])
                if low[node] == seen[node]:
                    start = len(waiting) - 1
                    while waiting[start] != node:
                        start -= 1
                    component, waiting = waiting[start:], waiting[:start]
                    for one in component:
                        done[one] = True
                    yield component
