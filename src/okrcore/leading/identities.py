"""Find which series are copies, sums or products of others (S9.8)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np

from okrcore.statistics.distributions import Floats, Ints
from okrcore.statistics.scale import far_exponent

CLOSE, CLOSE_PRINT = 1e-6, 1e-8
LEAST = 12
"""Series known in fewer periods are not compared: few numbers agree by accident."""


class Identity(NamedTuple):
    """A series computed from others: `result` and its `parts` are rows."""

    kind: Literal["copy", "sum", "product"]
    result: int
    parts: tuple[int, ...]


def identities(values: Floats) -> tuple[Identity, ...]:
    """Return the copies (up to unit and origin), sums and products of two among K series (K, n).

    A difference is found as a sum, c = a - b as a = c + b, and a ratio as a product; a constant may be added
    to a sum, and a factor, such as percent, to a product. Series are compared where they are known in the
    same periods. Each is reduced to its product with one fixed random vector (a fingerprint, Freivalds
    1977), which is looked up in a sorted list; hits are checked value by value. K^2 log K steps: 1,000
    series take a few seconds.

    >>> a, b = np.random.default_rng(0).uniform(1, 9, (2, 30))
    >>> [(one.kind, one.result, one.parts) for one in identities(np.array([a, b, a + b, a / b, 1000 * a]))]
    [('copy', 0, (4,)), ('sum', 2, (0, 1)), ('product', 0, (1, 3)), ('product', 4, (1, 3))]
    """
    known = np.isfinite(values)
    groups: dict[bytes, list[int]] = {}
    for row in np.flatnonzero(known.sum(axis=1) >= LEAST).tolist():
        groups.setdefault(known[row].tobytes(), []).append(row)
    found: list[Identity] = []
    for members in groups.values():
        rows = np.array(members)
        some = values[rows][:, known[rows[0]]]
        near = np.array([not far_exponent(row) for row in some])
        rows, some = rows[near], some[near]
        moving = some.std(axis=1) > 1e-9 * np.abs(some).max(axis=1, initial=0.0)
        rows, some = rows[moving], some[moving]
        if not len(rows):
            continue
        found += [Identity("copy", int(rows[one]), (int(rows[other]),)) for one, other in _copies(some)]
        positive = (some > 0).all(axis=1)
        found += _added("sum", rows, some)
        found += _added("product", rows[positive], np.log(some[positive]))
    return tuple(found)


def _added(kind: Literal["sum", "product"], rows: Ints, values: Floats) -> Iterator[Identity]:
    for c, a, b in _sums(values):
        yield Identity(kind, int(rows[c]), (int(rows[a]), int(rows[b])))


def _print_of(rows: Floats) -> Floats:
    return np.asarray(rows @ np.random.default_rng(12345).standard_normal(rows.shape[1]))


def _copies(rows: Floats) -> Iterator[tuple[int, int]]:
    """The first of each set of copies with every other one of it."""
    unit = rows - rows.mean(axis=1, keepdims=True)
    unit = unit / np.sqrt((unit * unit).sum(axis=1, keepdims=True))
    key = np.abs(_print_of(unit))
    order = np.argsort(key, kind="stable")
    apart = np.flatnonzero(np.diff(key[order], prepend=-np.inf) > CLOSE_PRINT)
    for alike in np.split(order, apart[1:]):
        first = int(alike.min())
        for other in np.sort(alike).tolist():
            if other != first and abs(unit[first] @ unit[other]) > 1.0 - CLOSE:
                yield first, other


def _sums(rows: Floats) -> Iterator[tuple[int, int, int]]:
    """Rows c, a, b with c = a + b up to a constant."""
    if len(rows) < 3:
        return
    rows = rows - rows.mean(axis=1, keepdims=True)
    key, size = _print_of(rows), np.abs(rows).max()
    order = np.argsort(key, kind="stable")
    ordered = key[order]
    for a in range(len(rows) - 1):
        wanted = key[a] + key[a + 1 :]
        low = np.searchsorted(ordered, wanted - CLOSE_PRINT * size)
        high = np.searchsorted(ordered, wanted + CLOSE_PRINT * size, side="right")
        for step in np.flatnonzero(high > low).tolist():
            b = a + 1 + step
            for c in order[low[step] : high[step]].tolist():
                if c not in (a, b) and _is_sum(rows[c], rows[a], rows[b]):
                    yield c, a, b


def _is_sum(c: Floats, a: Floats, b: Floats) -> bool:
    return bool(np.abs(c - a - b).max() <= CLOSE * min(np.abs(c).max(), np.abs(a).max(), np.abs(b).max()))
