"""Read the names that unit text may use from the registry file, without pint (S1.1)."""

from __future__ import annotations

import pkgutil
from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

import attrs


@lru_cache(maxsize=1)
def vocabulary() -> UnitNames:
    """Return the names of `data/units.txt`, read once."""
    names: dict[str, str] = {}
    physical: dict[str, str] = {}
    counts, currencies, offsets = [], [], []
    for raw in (pkgutil.get_data("okrcore", "data/units.txt") or b"").decode("ascii").splitlines():
        line = raw.partition("#")[0].strip()
        if not line:
            continue
        name, value, *others = (part.strip() for part in line.split("="))
        names.update({other: name for other in (name, *others) if other != "_"})
        if value == f"[{name.lower()}]":
            counts.append(name)
        elif value == f"[currency_{name}]":
            currencies.append(name)
        else:
            physical[name] = line
            offsets += [name] if "offset" in value else []
    for name in {*counts, *physical} - {*offsets}:
        names.setdefault(plural(name), name)
    return UnitNames(
        MappingProxyType(names),
        frozenset(counts),
        frozenset(currencies),
        MappingProxyType(physical),
        frozenset(offsets),
    )


@attrs.frozen
class UnitNames:
    """The names of the registry file: what each means, and which behave in their own way.

    `names` maps each name, symbol, alias and plural to its canonical name. `counts` and `currencies` are
    base units that convert into nothing else; `physical` maps all others to their definitions as pint
    reads them; `offsets` are those temperatures that do not start at absolute zero.
    """

    names: Mapping[str, str]
    counts: frozenset[str]
    currencies: frozenset[str]
    physical: Mapping[str, str]
    offsets: frozenset[str]


def plural(name: str) -> str:
    """Return the plural that English spelling gives a name.

    >>> plural("box"), plural("story"), plural("survey"), plural("page_view")
    ('boxes', 'stories', 'surveys', 'page_views')
    """
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return name + "es"
    if name.endswith("y") and name[-2:-1] not in tuple("aeiou"):
        return name[:-1] + "ies"
    return name + "s"
