"""Keep what is derived from a portfolio, typed, for as long as the parts it was made from stay the same."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import ref

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

    An entry never goes stale: a version shares those entries only whose parts it shares, with the version it
    was made from and with what that was made from, for as long as these live. Threads that ask at once may
    make a value twice, and all get the same one, since `setdefault` is one step.
    """

    __slots__ = ("__weakref__", "_older", "_values")

    def __init__(self, values: dict[Derivation[Any], Any] | None = None, older: Older = ()) -> None:
        self._values: dict[Derivation[Any], Any] = values or {}
        self._older = older

    def find(self, derivation: Derivation[T], portfolio: Portfolio) -> T:
        """Return the value of a derivation, made where it is not here."""
        found: T | None = self._values.get(derivation)
        if found is None:
            home = self._eldest(frozenset(derivation.parts))
            found = home._values.get(derivation)
            if found is None:
                found = home._values.setdefault(derivation, derivation.make(portfolio))
            found = self._values.setdefault(derivation, found)
        return found

    def _eldest(self, parts: frozenset[str]) -> DerivedCache:
        """Return the cache of the first version that has these parts, as far as versions still live."""
        found: DerivedCache | None = self
        home = self
        while found is not None:
            home = found
            alive = ((older(), changed) for older, changed in home._older)
            found = next((one for one, changed in alive if one is not None and not changed & parts), None)
        return home

    def after(self, changed: set[str]) -> DerivedCache:
        """Return what the next version begins with, where these parts are other than before."""
        kept = self._values.copy().items()
        older = ((ref(self), frozenset(changed)), *((one, was | changed) for one, was in self._older))
        return DerivedCache(
            {key: value for key, value in kept if changed.isdisjoint(key.parts)}, older[:STEPS]
        )


STEPS = 4
"""How many versions back are known: those that one change made in passing do not live on."""
Older = tuple[tuple[ref[DerivedCache], frozenset[str]], ...]
"""The caches of the versions before, and the parts that are other since each."""
