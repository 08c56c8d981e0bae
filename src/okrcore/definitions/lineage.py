"""Tell which series formulas are made of: a part and its whole are no two numbers (S22.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import attrs

from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.formulas import formulas_of
from okrcore.frozen import FrozenDict

if TYPE_CHECKING:
    from okrcore.definitions.portfolio import Portfolio


@attrs.frozen
class Lineage:
    """For each formula KPI every series that it is computed from, those of its inputs' formulas too."""

    made_of: Mapping[str, frozenset[str]]

    def is_part(self, one: str, other: str) -> bool:
        """Return whether one of two series is computed from the other."""
        return one in self.made_of.get(other, ()) or other in self.made_of.get(one, ())

    def share(self, one: str, other: str) -> bool:
        """Return whether two formulas are computed from a series that is the same."""
        return not self.made_of.get(one, _NOTHING).isdisjoint(self.made_of.get(other, _NOTHING))


_NOTHING: frozenset[str] = frozenset()


def lineage_of(portfolio: Portfolio) -> Lineage:
    """Return the lineage of a portfolio's formulas, made once for the same KPIs and key results.

    >>> from okrcore.definitions import Formula, Kpi, Portfolio
    >>> a, b = (Kpi(id=name, title=name) for name in "ab")
    >>> lineage = lineage_of(Portfolio.of(a, b, Kpi(id="f", title="F", formula=Formula("x", {"x": "a"}))))
    >>> lineage.is_part("a", "f"), lineage.is_part("b", "f")
    (True, False)
    """
    return _LINEAGE.of(portfolio)


def _lineage(portfolio: Portfolio) -> Lineage:
    found: dict[str, frozenset[str]] = {}
    for name, formula in formulas_of(portfolio).items():  # each after those that it reads
        read = [one.series for one in formula.inputs]
        found[name] = frozenset(read).union(*(found.get(one, _NOTHING) for one in read))
    return Lineage(FrozenDict(found))


_LINEAGE = Derivation(("kpis", "key_results", "units"), _lineage)
