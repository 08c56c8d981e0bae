"""The catalogue: one file a family, one function a rule."""

from okrcore.governance.rule import Rule
from okrcore.governance.rules import structure

FAMILIES = {"OKR1": structure}
"""Each family of rules and the module that holds it (S16)."""

RULES = tuple(
    sorted(
        (value for family in FAMILIES.values() for value in vars(family).values() if isinstance(value, Rule)),
        key=lambda rule: rule.code,
    )
)
"""Every rule of the catalogue, by code."""
