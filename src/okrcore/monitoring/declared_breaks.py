"""Tell where a declared change makes a KPI's number another one, so that its limits begin anew (S11.3)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from okrcore.declarations.in_force import AnyPortfolio, versions_of
from okrcore.definitions.days import day_in
from okrcore.definitions.kpis import Rebase
from okrcore.definitions.moments import AsOf

BREAKS = ("formula", "unit", "source", "aggregate")
"""What makes a number another one; a new target moves no limit."""


def declared_breaks(declared: AnyPortfolio, as_of: AsOf, zone: str) -> Mapping[str, Sequence[Rebase]]:
    """Return where limits begin anew by what was amended until `as_of`, by id; none of a single portfolio."""
    versions = versions_of(declared)
    found: dict[str, dict[dt.date, Rebase]] = {}
    for one in () if versions is None else versions.amendments(until=as_of):
        field = one.field.partition(".")[0]
        if field in BREAKS and one.at is not None:
            day = day_in(one.at, zone)
            found.setdefault(one.subject, {})[day] = Rebase(start=day, why=f"its {field} was changed")
    return {name: tuple(entries.values()) for name, entries in found.items()}
