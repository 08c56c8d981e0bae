"""Name further counts of a portfolio, such as pallets, as one value."""

from __future__ import annotations

from typing import ClassVar

import attrs


@attrs.frozen
class DeclaredUnits:
    """Names of counts that a portfolio adds to the registry ("pallet") (S1.1).

    >>> from okrcore import Portfolio
    >>> [*Portfolio.of(units=["pallet"])]
    [DeclaredUnits(names=('pallet',))]
    """

    id: ClassVar[str] = "units"
    """The key that they have in a document."""

    names: tuple[str, ...]
