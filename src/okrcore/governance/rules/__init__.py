"""The catalogue: a module or two a family, one function a rule."""

from __future__ import annotations

from collections.abc import Mapping

from okrcore.governance.rule import Rule
from okrcore.governance.rules import (
    alignment,
    check_ins,
    decisions,
    declared,
    evidence,
    follow_up,
    integrity,
    kpis,
    linkage,
    links,
    measurement,
    outcomes,
    ownership,
    priorities,
    provenance,
    reviews,
    rhythm,
    ripple,
    sources,
    structure,
    targets,
)

FAMILIES: Mapping[str, str] = {
    "OKR1": "structure",
    "OKR2": "measurement",
    "OKR3": "linkage",
    "OKR4": "rhythm",
    "OKR5": "integrity",
    "OKR6": "priorities",
    "OKR7": "ripple",
}
"""The beginning of a family's codes, and its name (S16)."""

MODULES = (
    *(structure, outcomes, ownership, alignment),
    *(targets, kpis, measurement, sources),
    *(linkage, links, evidence, reviews),
    *(rhythm, check_ins, follow_up),
    *(declared, provenance, integrity),
    *(priorities, decisions),
    ripple,
)

RULES = tuple(
    sorted(
        (value for module in MODULES for value in vars(module).values() if isinstance(value, Rule)),
        key=lambda rule: rule.code,
    )
)
"""Every rule of the catalogue, by code."""


def family_of(rule: Rule) -> str:
    """Return the family of a rule, "" of one that is not from here."""
    return next((family for family in FAMILIES if rule.code.startswith(family)), "")
