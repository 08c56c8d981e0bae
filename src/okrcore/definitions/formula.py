"""Declare the formula by which a KPI is computed from other KPIs and key results (S22.1)."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Mapping
from functools import cached_property

import attrs
from attrs import field

from okrcore.definitions.expression import FUNCTIONS, ExpressionNode, aliases_in, parse_expression
from okrcore.definitions.fields import check, is_id, is_text, report, shown, to_text_mapping
from okrcore.errors import DefinitionError


def _are_inputs(value: object) -> str | None:
    if not isinstance(value, Mapping):
        return f"is {shown(value)}; give a mapping of aliases to ids"
    for alias, name in value.items():
        plain = isinstance(alias, str) and alias.isascii() and alias.isidentifier()
        if not plain or keyword.iskeyword(alias) or alias in FUNCTIONS:
            return f"has the alias {shown(alias)}; give a name of letters, digits and _"
        if fault := is_id(name):
            return f"{alias} {fault}"
    return None


@attrs.frozen
class Formula:
    """How a KPI is computed from others: an expression over aliases, each naming a KPI or key result.

    The expression holds numbers, aliases, + - * / ( ), unary minus, min, max, abs, sum of its arguments,
    coalesce(x, n), which is n where x is unknown, and prev(x, k), x of k periods before (1 where k is left
    out). Each input is reduced by its own aggregate over the period first, so a ratio is one of sums and
    never a mean of ratios; what is in percent counts as a share, 25 % as .25 (S22). Unknown inputs and a
    division by 0 make the value unknown. At most 1,024 characters and 256 nodes.

    Raises DefinitionError that names the column of what it does not allow.

    >>> margin = Formula("(revenue - cost) / revenue", {"revenue": "net-sales", "cost": "cost-of-goods"})
    >>> margin.inputs["cost"]
    'cost-of-goods'
    """

    expr: str = field(metadata=check(is_text))
    inputs: Mapping[str, str] = field(converter=to_text_mapping, metadata=check(_are_inputs))

    def __attrs_post_init__(self) -> None:
        report(self)
        report(self, self._faults())

    @cached_property
    def steps(self) -> tuple[ExpressionNode, ...]:
        """The expression as steps, operands first."""
        return parse_expression(self.expr)

    def _faults(self) -> Iterable[tuple[str, str]]:
        try:
            used = aliases_in(self.steps)
        except DefinitionError as error:
            yield "expr", f"expr {error}"
            return
        known = ", ".join(self.inputs) or "none is"
        for alias, column in used.items():
            if alias not in self.inputs:
                yield (
                    "expr",
                    f"expr at column {column}: {alias:.60} is no alias of inputs ({known}); add it there",
                )
        for alias in self.inputs:
            if alias not in used:
                yield "inputs", f"inputs has {alias!r}, which expr does not use; leave it out"
        if not used and not self.inputs:
            yield "expr", "expr names no input; name what it is computed from"
