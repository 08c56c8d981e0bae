"""Code what observations say beside their number: unit, source, author, definition, each held once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.kpis import Source
from okrcore.history.interning import Interned
from okrcore.history.observation import Observation

TRUST = ("pulled", "derived", "manual", "")
"""Modes of a source, the most trusted first (S2.7); "" is an observation without a source."""


class Provenance(NamedTuple):
    """All of an observation that many observations share; `mode` "" where it has no source."""

    unit: str
    system: str
    query: str
    mode: str
    by: str
    definition: str

    @classmethod
    def of(cls, observation: Observation) -> Provenance:
        """Return the context of one observation."""
        source = observation.source
        of_source = (source.system, source.query, source.mode) if source else ("", "", "")
        return cls(observation.unit, *of_source, observation.by, observation.definition)

    @property
    def source(self) -> Source | None:
        """The source, or None where nobody said."""
        return Source(self.system, self.query, cast(Any, self.mode)) if self.mode else None


@attrs.frozen(eq=False)
class Contexts:
    """Contexts by code, and which of several observations of one (measure, at) is preferred."""

    words: Interned[Provenance] = attrs.field(factory=lambda: Interned[Provenance]())

    def with_(self, contexts: Sequence[Provenance]) -> tuple[Contexts, NDArray[np.int32]]:
        """Return the contexts with more of them, and the code of each of these."""
        words, codes = self.words.with_(contexts)
        return (self if words is self.words else Contexts(words)), codes

    @cached_property
    def units(self) -> tuple[str, ...]:
        """The distinct unit texts, in order of first appearance."""
        return tuple(dict.fromkeys(context.unit for context in self.words))

    @cached_property
    def unit(self) -> NDArray[np.int32]:
        """For each context the place of its unit in `units`."""
        place = {unit: code for code, unit in enumerate(self.units)}
        return np.fromiter((place[context.unit] for context in self.words), np.int32, len(self.words))

    @cached_property
    def definition(self) -> NDArray[np.int32]:
        """For each context the number of its definition text among the distinct ones."""
        place: dict[str, int] = {}
        codes = (place.setdefault(context.definition, len(place)) for context in self.words)
        return np.fromiter(codes, np.int32, len(self.words))

    @cached_property
    def author(self) -> NDArray[np.int32]:
        """For each context the number of its author among the distinct ones."""
        place: dict[str, int] = {}
        codes = (place.setdefault(context.by, len(place)) for context in self.words)
        return np.fromiter(codes, np.int32, len(self.words))

    def ranks(self, codes: NDArray[np.int32], key: Callable[[Provenance], Any]) -> NDArray[np.int64]:
        """Return for each code the rank of its context by `key` among those given, equal keys alike."""
        distinct, inverse = np.unique(codes, return_inverse=True)
        keys = [key(self.words[code]) for code in distinct.tolist()]
        place = {one: rank for rank, one in enumerate(sorted(set(keys)))}
        return np.array([place[one] for one in keys], np.int64)[inverse.reshape(-1)]

    def preference(self, codes: NDArray[np.int32], recorded: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return ranks among the rows given, the preferred highest; alike only for one context and instant.

        Pulled before derived before manual, then the latest known, then by system name (S2.7, S0.5);
        what still ties goes by query, author, definition and unit.
        """
        trust = self.ranks(codes, lambda context: -TRUST.index(context.mode))
        rest = -self.ranks(
            codes, lambda c: (TRUST.index(c.mode), c.system, c.query, c.by, c.definition, c.unit)
        )
        order = np.lexsort((rest, recorded, trust))
        steps = [np.diff(column[order]) != 0 for column in (rest, recorded, trust)]
        ranks = np.zeros(len(order), np.int64)
        ranks[order[1:]] = np.cumsum(np.logical_or.reduce(steps))
        return ranks


def first_appearance(
    keys: NDArray[np.int32] | NDArray[np.int64],
) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Return codes of `keys` (0 and up) counted by first appearance, and the key of each code."""
    size = int(keys.max()) + 1 if len(keys) else 0
    if size > 4 * len(keys) + 1024:
        distinct, inverse = np.unique(keys, return_inverse=True)
        codes, order = first_appearance(inverse.reshape(-1))
        return codes, distinct[order].astype(np.int64)
    first = np.full(size, len(keys), np.int64)
    first[keys[::-1]] = np.arange(len(keys) - 1, -1, -1)
    order = np.argsort(first, kind="stable")[: int((first < len(keys)).sum())]
    code = np.empty(size, np.int32)
    code[order] = np.arange(len(order), dtype=np.int32)
    return code[keys], order
