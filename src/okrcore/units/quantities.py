"""Convert pint quantities of anyone's registry to a float and a unit text, and back (S1.6).

pint is not imported here: a quantity is known by its shape, and the caller's registry is the caller's
object. A unit passes by its name, and only where the name means the same on both sides.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from okrcore.errors import UnitError
from okrcore.units.conversion import root
from okrcore.units.unit_names import vocabulary
from okrcore.units.unit_text import check_unit, format_unit, parse_unit


def is_quantity(value: object) -> bool:
    """Say whether a value looks like a pint Quantity, of whatever registry.

    >>> is_quantity(12.0)
    False
    """
    return hasattr(value, "magnitude") and hasattr(value, "unit_items")


def from_quantity(quantity: Any) -> tuple[float, str]:
    """Return the magnitude of a pint Quantity and its unit text, "1" where it is dimensionless.

    A unit that this library does not know passes where it is a base unit of its own registry: a count that
    the document may declare. UnitError: not a quantity, a magnitude that is not one real number, a broken
    power, a unit unknown here, or one that means something else here (a typographer's `point`).

    >>> import pint
    >>> from_quantity(pint.UnitRegistry()("36 km/hour"))
    (36.0, 'kilometer/hour')
    """
    if not is_quantity(quantity):
        raise UnitError(f"{quantity!r:.80} is not a pint quantity; pass a number and a unit text")
    try:
        one = getattr(quantity.magnitude, "ndim", 0) == 0
        value = float(quantity.magnitude) if one else None
    except (TypeError, ValueError, OverflowError):
        value = None
    if value is None:
        raise UnitError(
            f"quantity {quantity.magnitude!r:.80}: not one real number; pass each value by itself"
        )
    terms: dict[str, int] = {}
    unknown = []
    for name, power in quantity.unit_items():
        if int(power) != power:
            raise UnitError(f"quantity in {name}^{power}: only whole powers convert; rewrite its unit")
        ours = _ours(type(quantity), name)
        unknown += [ours] if ours not in vocabulary().names else []
        terms[ours] = terms.get(ours, 0) + int(power)
    text = format_unit(terms)
    check_unit(text, unknown)
    return value, text


def to_quantity(value: Any, unit: str, registry: Any, declared: Sequence[str] = ()) -> Any:
    """Return `value`, a float or an array, as a quantity of the caller's pint registry.

    Nothing is defined there: UnitError says which definition is missing or means something else. It also
    refuses an undeclared unit (""); "1" gives a dimensionless quantity.

    >>> import pint
    >>> to_quantity(0.5, "MWh", pint.UnitRegistry()).to("kWh").magnitude
    500.0
    """
    if unit == "":
        raise UnitError("unit '': undeclared; name the unit, or '1' for a dimensionless quantity")
    terms = parse_unit(unit, declared)
    theirs = {_theirs(registry, name): power for name, power in terms.items()}
    return registry.Quantity(value, registry.UnitsContainer(theirs))


def _ours(kind: Any, name: str) -> str:
    """Return our name of a unit of theirs that means the same here, or refuse it."""
    ours = vocabulary().names.get(name)
    if not _same(kind, name, ours):
        fault = "means something else here" if ours else "is not a known unit"
        raise UnitError(
            f"quantity in {name!r}: {name!r} {fault}; convert it with .to(...) to a known unit first"
        )
    return ours or name


def _same(kind: Any, name: str, ours: str | None) -> bool:
    """Say whether their unit means ours: the same physical unit, or a count that is nothing physical."""
    factor, base = root(kind, name)
    if ours is None:
        return base == {name: 1} and factor == 1
    if ours not in vocabulary().physical:
        return not any(part in vocabulary().physical for part in base)
    own_factor, own_base = root(None, ours)
    return base == own_base and math.isclose(factor, own_factor, rel_tol=1e-9)


def _theirs(registry: Any, name: str) -> str:
    """Return their name of our unit, or refuse where it is missing or means something else."""
    missing = vocabulary().physical.get(name, f"{name} = [{name}]")
    for prefix, unit, _ in registry.parse_unit_name(name)[:1]:  # unlike a lookup, this adds nothing there
        theirs = f"{prefix}{unit}"
        if vocabulary().names.get(theirs, theirs) == name and _same(registry.Quantity, theirs, name):
            return theirs
        if theirs == name:
            fault = "means something else in your registry; convert the value to another unit first"
            raise UnitError(f"unit {name!r} {fault}")
    raise UnitError(f"unit {name!r} is not defined in your registry; call registry.define({missing!r})")
