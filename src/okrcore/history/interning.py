"""Code distinct items in order of first appearance, growing without touching what was handed out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import chain, repeat
from typing import Generic, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=Hashable)


@attrs.frozen(eq=False)
class _Layer(Generic[T]):
    first: int
    items: tuple[T, ...]
    index: dict[T, int]


@attrs.frozen(eq=False)
class Interned(Generic[T]):
    """Items with codes 0, 1, 2, ... in order of first appearance (S0.6).

    It is kept in layers that double in size, so that adding k items costs in proportion to k over time.

    >>> words, codes = Interned().with_(["b", "a", "b"])
    >>> codes.tolist(), words[1], words.codes(["a", "c"]).tolist()
    ([0, 1, 0], 'a', [1, -1])
    """

    layers: tuple[_Layer[T], ...] = ()

    def with_(self, items: Sequence[T]) -> tuple[Interned[T], NDArray[np.int32]]:
        """Return the vocabulary that also knows `items`, and the code of each."""
        codes = self.codes(items)
        unknown = codes < 0
        if not unknown.any():
            return self, codes
        first = len(self)
        new = tuple(dict.fromkeys(items[row] for row in np.flatnonzero(unknown).tolist()))
        layers = [*self.layers, _layer(first, new)]
        while len(layers) > 1 and len(layers[-1].items) >= len(layers[-2].items):
            last, before = layers.pop(), layers.pop()
            layers.append(_layer(before.first, before.items + last.items))
        grown = Interned(tuple(layers))
        return grown, grown.codes(items)

    def codes(self, items: Sequence[T]) -> NDArray[np.int32]:
        """Return the code of each item, -1 for those it does not know."""
        codes = np.full(len(items), -1, np.int32)
        for layer in self.layers:
            found = np.fromiter(map(layer.index.get, items, repeat(-1)), np.int32, len(items))
            np.maximum(codes, found, out=codes)
        return codes

    def __getitem__(self, code: int) -> T:
        layer = self.layers[bisect_right(self.layers, code, key=lambda layer: layer.first) - 1]
        return layer.items[code - layer.first]

    def __len__(self) -> int:
        return self.layers[-1].first + len(self.layers[-1].items) if self.layers else 0

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(layer.items for layer in self.layers)


def _layer(first: int, items: Iterable[T]) -> _Layer[T]:
    kept = tuple(items)
    return _Layer(first, kept, {item: first + place for place, item in enumerate(kept)})
