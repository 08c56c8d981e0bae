"""Keep what is derived from a portfolio, typed, for as long as the parts it was made from stay the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import attrs

if TYPE_CHECKING:
    from okrcore.definitions.portfolio import Portfolio

T = TypeVar("T")


@attrs.frozen(eq=False)
class Derivation(Generic[T]):
    """Derive one value from the named parts of a portfolio, once; the room that owns the value holds it.

    Versions that share all of `parts`, the same objects, share the value. It must follow from them alone.

    >>> from okrcore.definitions import Portfolio, Team
    >>> names = Derivation(("teams",), lambda portfolio: [team.id for team in portfolio.teams])
    >>> portfolio = Portfolio.of(Team(id="sales"))
    >>> names.of(portfolio), names.of(portfolio) is names.of(portfolio)
    (['sales'], True)
    """

    parts: tuple[str, ...]
    make: Callable[[Portfolio], T]

    def of(self, portfolio: Portfolio) -> T:
        """Return the value of `portfolio`; whoever asks first waits for it to be made."""
        return portfolio._derived.find(self, portfolio)


class DerivedCache:
    """Hold what was derived from one version of a portfolio; private to it, and no part of its meaning.

    An entry never goes stale: each version begins with those entries only whose parts it shares. Threads
    that ask at once may make a value twice, and all get the same one, since `setdefault` is one step.
    """

    __slots__ = ("_values",)

    def __init__(self, values: dict[Derivation[Any], Any] | None = None) -> None:
        self._values: dict[Derivation[Any], Any] = values or {}

    def find(self, derivation: Derivation[T], portfolio: Portfolio) -> T:
        """Return the value of a derivation, made where it is not here."""
        found: T | None = self._values.get(derivation)
        if found is None:
            found = self._values.setdefault(derivation, derivation.make(portfolio))
        return found

    def after(self, changed: set[str]) -> DerivedCache:
        """Return what the next version begins with, where these parts are other than before."""
        kept = self._values.copy().items()
        return DerivedCache({key: value for key, value in kept if changed.isdisjoint(key.parts)})
