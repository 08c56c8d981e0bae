"""Code distinct items in order of first appearance, growing without touching what was handed out."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import chain, repeat, takewhile
from typing import Generic, TypeVar, overload
from weakref import ref

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.frozen import FrozenDict

T = TypeVar("T", bound=Hashable)


@attrs.frozen(eq=False)
class _Layer(Generic[T]):
    first: int
    items: tuple[T, ...]
    index: dict[T, int]

    @property
    def end(self) -> int:
        return self.first + len(self.items)

    def codes(self, items: Sequence[T]) -> NDArray[np.int32]:
        return np.fromiter(map(self.index.get, items, repeat(-1)), np.int32, len(items))


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
        if isinstance(items, Lookup):
            return items.codes_in(self.layers)
        codes = np.full(len(items), -1, np.int32)
        for layer in self.layers:
            np.maximum(codes, layer.codes(items), out=codes)
        return codes

    def __getitem__(self, code: int) -> T:
        layer = self.layers[bisect_right(self.layers, code, key=lambda layer: layer.first) - 1]
        return layer.items[code - layer.first]

    def __len__(self) -> int:
        return self.layers[-1].end if self.layers else 0

    def __iter__(self) -> Iterator[T]:
        return chain.from_iterable(layer.items for layer in self.layers)


def _layer(first: int, items: Iterable[T]) -> _Layer[T]:
    kept = tuple(items)
    return _Layer(first, kept, FrozenDict(zip(kept, range(first, first + len(kept)), strict=True)))


class Lookup(Sequence[T]):
    """Items that are looked up again and again, while the vocabulary grows by layers.

    Which codes the layers of the last vocabulary gave is remembered; of the next one only layers that are
    new are searched, small ones from their own side. So looking up costs one copy and what was added. The
    memory is one reference, replaced whole: threads may lose one another's, and none sees half of it.

    >>> names = Lookup(["a", "c"])
    >>> words, _ = Interned().with_(["b", "a"])
    >>> words.codes(names).tolist(), words.with_(["c"])[0].codes(names).tolist()
    ([1, -1], [1, 2])
    """

    def __init__(self, items: Iterable[T] = ()) -> None:
        self._items = tuple(items)
        self._last = _Remembered[T]((), np.full(len(self._items), -1, np.int32))

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[T, ...]: ...
    def __getitem__(self, index: int | slice) -> T | tuple[T, ...]:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[T]:
        return iter(self._items)

    def __reduce__(self) -> tuple[type[Lookup[T]], tuple[tuple[T, ...]]]:
        return type(self), (self._items,)

    def codes_in(self, layers: Sequence[_Layer[T]]) -> NDArray[np.int32]:
        """Return the code of each item in a vocabulary of these layers, -1 for those it does not know."""
        last = self._last
        pairs = zip(last.layers, layers, strict=False)
        shared = sum(1 for _ in takewhile(lambda pair: pair[0]() is pair[1], pairs))
        known = layers[shared - 1].end if shared else 0
        codes = np.where(last.codes < known, last.codes, np.int32(-1))
        for layer in layers[shared:]:
            np.maximum(codes, self._codes_in(layer), out=codes)
        self._last = _Remembered(tuple(map(ref, layers)), codes.copy())
        return codes

    def _codes_in(self, layer: _Layer[T]) -> NDArray[np.int32]:
        if 8 * len(layer.items) > len(self):
            return layer.codes(self._items)
        numbers, number = self._distinct
        codes = np.full(len(numbers), -1, np.int32)
        for item, code in layer.index.items():
            if item in numbers:
                codes[numbers[item]] = code
        return codes[number]

    @cached_property
    def _distinct(self) -> tuple[dict[T, int], NDArray[np.int64]]:
        """The number of each distinct item, and the number of the item at each place."""
        numbers: dict[T, int] = {}
        counted = (numbers.setdefault(item, len(numbers)) for item in self._items)
        return numbers, np.fromiter(counted, np.int64, len(self._items))


@attrs.frozen(eq=False)
class _Remembered(Generic[T]):
    layers: tuple[ref[_Layer[T]], ...]
    codes: NDArray[np.int32]
