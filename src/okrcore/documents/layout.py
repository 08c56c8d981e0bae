"""List how definitions look in a document: the one table that reading, writing and the schema follow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any, get_args

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.goals import Contribution, KeyResult, Objective
from okrcore.definitions.initiatives import Dependency, Initiative, Milestone
from okrcore.definitions.joined_ids import link_id
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.definitions.measures import Band, Checklist, Item, Measure, Target, Waypoint
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.priority_table import Column, Guardrail, PriorityRule
from okrcore.definitions.tolerances import Tolerance, tolerance_id
from okrcore.public_form import VERSION_KEY as VERSION_KEY
from okrcore.units.rates import DatedRate

VERSION = 1
EDITORS_KEY = "$schema"
"""The key by which editors find the schema of a document; it says nothing about what is declared."""

SECTIONS: dict[str, type] = {
    "cycles": Cycle,
    "teams": Team,
    "owners": Owner,
    "objectives": Objective,
    "key_results": KeyResult,
    "kpis": Kpi,
    "initiatives": Initiative,
    "milestones": Milestone,
    "links": Link,
    "tolerances": Tolerance,
}
"""The lists of a document, each with the type of its entries, in the order they are written."""

TABLE = "priorities"
"""The section that holds one priority table instead of a list."""

CALENDAR = "calendar"
"""The section that holds one calendar instead of a list."""

UNITS = "units"
"""The section that lists names of further counts."""

RATES = "rates"
"""The section that lists exchange rates."""

NESTED: dict[type, tuple[str, type, str]] = {Objective: ("key_results", KeyResult, "objective")}
"""Type -> (key, type of the entries there, the field of theirs that the place implies)."""

TAGS: dict[frozenset[type], dict[str, type]] = {
    frozenset(get_args(Measure)): {"target": Target, "band": Band, "checklist": Checklist}
}
"""A union of types -> the one key that says which of them its value is."""

SHORT: dict[type, tuple[str, ...]] = {
    Cadence: ("text",),
    Checklist: ("items",),
    Contribution: ("to",),
    Dependency: ("milestone",),
    Item: ("id",),
    Waypoint: ("date", "value"),
    DatedRate: ("date", "base", "quote", "rate"),
}
"""Type -> the fields that its short form gives: one field alone, or several as a list."""

ALWAYS_SHORT = frozenset({Cadence, Checklist})
"""Types that are written in no other than the short form."""

_CELLS = Mapping[str, str | bool | int | float | dt.date]
WIDER: dict[tuple[type, str], Any] = {
    (Link, "lag"): str | int | None,
    (PriorityRule, "when"): _CELLS,
    (Guardrail, "when"): _CELLS,
}
"""Fields that are text to the definition, while a document may also give a number, a flag or a date."""

DERIVED: dict[tuple[type, str], Callable[[Any], Any]] = {
    (Link, "id"): lambda link: link_id(link.source, link.target),
    (Tolerance, "id"): tolerance_id,
    (Column, "kind"): lambda column: (
        "enumeration" if any(isinstance(value, str) for value in column.values or ()) else "number"
    ),
}
"""Fields that are left out where they are what the definition makes of the others."""

BY_KIND: dict[type, tuple[str, dict[str, dict[str, Any]]]] = {
    Column: (
        "kind",
        {"date": {"values": tuple[dt.date, ...] | None, "low": dt.date | None, "high": dt.date | None}},
    )
}
"""Type -> (a field, its words -> the types that other fields have then)."""
