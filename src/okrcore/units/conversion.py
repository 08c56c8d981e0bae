"""Convert exactly between two unit texts; here alone pint is imported.

pint reads the project's own registry file and computes each factor once, in fractions; afterwards a
conversion is two integers (S1.3). The registry is private to this module: the application registry of
pint is neither read nor set, and nothing that leaves this module holds a pint object (S1.6).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import lru_cache
from threading import Lock
from typing import Any, NoReturn, TypeVar

import attrs

from okrcore.errors import UnitError
from okrcore.units.unit_names import vocabulary
from okrcore.units.unit_text import check_declared, check_unit, format_unit, parse_unit

__all__ = [
    "Conversion",
    "Route",
    "check_declared",
    "check_unit",
    "conversion",
    "convertible",
    "root",
    "route",
]

Values = TypeVar("Values")
_PINT = Lock()


@attrs.frozen
class Conversion:
    """An exact change of unit: value * numerator / denominator, for temperatures with an offset (S1.3).

    All three are integers without a common divisor; `offset` is added to value * numerator.

    >>> Conversion(1, 100).apply(70.0)
    0.7
    """

    numerator: int
    denominator: int
    offset: int = 0

    def apply(self, values: Values) -> Values:
        """Return the value, or the array of values, in the target unit.

        A float gives a float, anything else a float64 array of its shape; both agree to the last bit.
        NaN stays NaN; a result past the largest float is infinite. The identity returns `values` itself.
        """
        if self.numerator == self.denominator and not self.offset:
            return values
        if isinstance(values, int | float):
            changed: Values = self._apply(float(values))
            return changed
        import numpy as np

        with np.errstate(over="ignore", under="ignore"):
            array: Values = self._apply(np.asarray(values, dtype=np.float64))
        return array

    def _apply(self, values: Any) -> Any:
        scaled = values * float(self.numerator)
        return (scaled + float(self.offset) if self.offset else scaled) / float(self.denominator)


@attrs.frozen
class Route:
    """What lies between two units: an exact ratio, and `power` times an exchange of `base` for `quote`.

    Without an exchange `power` is 0 and both names are empty.
    """

    ratio: Conversion
    base: str = ""
    quote: str = ""
    power: int = 0


def conversion(source: str, target: str, declared: Sequence[str] = ()) -> Conversion:
    """Return the exact conversion from unit text `source` to `target` (S1.3).

    An undeclared unit ("") on either side gives the identity. UnitError where a text is refused (S1.2), where
    the dimensions differ (both are named; percentage points are no percents, S1.4), or where a dated
    exchange rate is needed (S1.5; use `convert` of rates). Cost: a cached lookup; the first pair of two
    different units imports pint and loads the registry, which takes a few tenths of a second.

    >>> conversion("parcel/hour", "parcels/day")
    Conversion(numerator=24, denominator=1, offset=0)
    >>> conversion("degF", "degC").apply(68)
    20.0
    """
    way = route(source, target, declared)
    if way.power:
        raise UnitError(
            f"unit {source!r} to {target!r}: {way.base} to {way.quote} needs an exchange rate; "
            "pass rates and the date of the value"
        )
    return way.ratio


def convertible(source: str, target: str, declared: Sequence[str] = ()) -> None:
    """Raise UnitError unless `source` converts to `target`, exactly or by an exchange rate given later.

    >>> convertible("EUR/year", "USD/month")
    >>> convertible("%", "percentage_point")
    Traceback (most recent call last):
    okrcore.errors.UnitError: unit '%' (1) does not convert to 'percentage_point' ([percentage_difference]);
    percentage points are differences of percents: give both in one of them
    """
    route(source, target, declared)


def route(source: str, target: str, declared: Sequence[str] = ()) -> Route:
    """Return what lies between two unit texts; errors and cost as for `conversion`, but no rate is needed."""
    check_unit(source, declared)
    check_unit(target, declared)
    if "" in (source, target) or source == target:
        return Route(Conversion(1, 1))
    return _route(source, target, tuple(declared))


@lru_cache(maxsize=4096)
def _route(source: str, target: str, declared: tuple[str, ...]) -> Route:
    have, want = parse_unit(source, declared), parse_unit(target, declared)
    physical, currencies = vocabulary().physical, vocabulary().currencies
    excess = {name: have.get(name, 0) - want.get(name, 0) for name in {*have, *want} - physical.keys()}
    gone, come = ([name for name in excess if excess[name] * sign > 0] for sign in (1, -1))
    exchanged = len(gone) == len(come) == 1 and not sum(excess.values()) and {*gone, *come} <= currencies
    have, want = ({n: p for n, p in terms.items() if n in physical} for terms in (have, want))
    if ((gone or come) and not exchanged) or (have != want and _dimension(have) != _dimension(want)):
        _mismatch(source, target, declared)
    ratio = _ratio(have, want, source, target)
    return Route(ratio, gone[0], come[0], excess[gone[0]]) if exchanged else Route(ratio)


def _ratio(have: Mapping[str, int], want: Mapping[str, int], source: str, target: str) -> Conversion:
    """Return the conversion whose values at 0 and 1 pint computes in fractions: it is affine."""
    if have == want:
        return Conversion(1, 1)
    registry = _registry()
    with _PINT:
        old, new = registry.UnitsContainer(have), registry.UnitsContainer(want)
        at0, at1 = (Fraction(registry.Quantity(Fraction(x), old).to(new).magnitude) for x in (0, 1))
    slope = at1 - at0
    scale = math.lcm(slope.denominator, at0.denominator)
    found = Conversion(int(slope * scale), scale, int(at0 * scale))
    if max(found.numerator, found.denominator, abs(found.offset)) > 10**300:
        raise UnitError(f"unit {source!r} to {target!r}: too far apart for a float; use nearer units")
    return found


def _mismatch(source: str, target: str, declared: tuple[str, ...]) -> NoReturn:
    old, new = (_described(parse_unit(text, declared)) for text in (source, target))
    remedy = "correct one of them"
    if {old, new} == {"1", "[percentage_difference]"}:
        remedy = "percentage points are differences of percents: give both in one of them"
    raise UnitError(f"unit {source!r} ({old}) does not convert to {target!r} ({new}); {remedy}")


def root(kind: Any, name: str) -> tuple[float, dict[str, float]]:
    """Return factor and base units of one unit, in canonical names where they are ours.

    `kind` is the Quantity class of a pint registry, None for the registry of this library.
    """
    if kind is None:
        return _own_root(name)
    quantity = kind(1, name).to_root_units()
    names = vocabulary().names
    return float(quantity.magnitude), {names.get(n, n): float(p) for n, p in quantity.unit_items()}


@lru_cache(maxsize=1024)
def _own_root(name: str) -> tuple[float, dict[str, float]]:
    with _PINT:
        return root(_registry().Quantity, name)


def _described(terms: Mapping[str, int]) -> str:
    physical = vocabulary().physical
    own = {f"[{name}]": power for name, power in terms.items() if name not in physical}
    return format_unit(own | _dimension({n: p for n, p in terms.items() if n in physical}))


def _dimension(terms: Mapping[str, int]) -> dict[str, int]:
    """Return the powers of base dimensions ("[time]") in `terms`, sorted by name."""
    if not terms:
        return {}
    registry = _registry()
    with _PINT:
        found = registry.get_dimensionality(registry.UnitsContainer(terms))
    return {name: int(power) for name, power in sorted(found.items()) if power}


@lru_cache(maxsize=1)
def _registry() -> Any:
    """Return the pint registry of this library: exact fractions, own definitions, never handed out."""
    from pint import UnitRegistry

    registry: Any = UnitRegistry(None, non_int_type=Fraction, on_redefinition="raise")
    registry.load_definitions(list(vocabulary().physical.values()))
    return registry
