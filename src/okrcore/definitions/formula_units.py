"""Derive the unit of an expression from those of its inputs, with the conversions it needs (S22.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import attrs

from okrcore.definitions.expression import SIGNS, ExpressionNode
from okrcore.errors import UnitError
from okrcore.units.conversion import Conversion, route
from okrcore.units.unit_names import vocabulary
from okrcore.units.unit_text import check_unit, format_unit, parse_unit

Terms = Mapping[str, int] | None
"""Names with their powers; None where a unit is undeclared, which goes with any."""

_ADDING = {"add", "sub", "min", "max", "sum", "coalesce"}


class ProgramStep(NamedTuple):
    """One step of a program: an operation on the results of earlier steps.

    `op` as in an `ExpressionNode`, and "convert", which applies `conversion`; `input` is the place of an
    input, -1 elsewhere.
    """

    op: str
    args: tuple[int, ...] = ()
    value: float = 0.0
    input: int = -1
    conversion: Conversion | None = None


@attrs.frozen
class UnitProgram:
    """The steps of an expression with its conversions, its unit, and the one wanted of each input."""

    steps: tuple[ProgramStep, ...]
    unit: str
    wanted: tuple[str, ...]


def unit_program(
    nodes: Sequence[ExpressionNode],
    names: Sequence[str],
    units: Sequence[str],
    unit: str,
    declared: Sequence[str],
) -> UnitProgram:
    """Return the program of an expression whose aliases `names` have `units`; its value is in `unit`.

    With `unit` "" the value is in the unit that follows. Money is exchanged to the currency of `unit`, else
    of the leftmost input that is money; what is dimensionless counts as a share. Raises UnitError that names
    the column of what does not go together.
    """
    order = [names.index(node.name) for node in nodes if node.op == "input"]
    currency = next(
        (money for text in [unit, *(units[at] for at in order)] if (money := _money(text, declared))), ""
    )
    wanted = tuple(_wanted(text, currency, declared) for text in units)
    build = _Build([], [], declared)
    for node in nodes:
        build.add(node, names, wanted)
    found, last = build.kinds[build.at[-1]], build.at[-1]
    text = "" if found.terms is None else format_unit(found.terms)
    check_unit(text, declared)
    if unit:
        try:
            build.convert(last, text, unit)
        except UnitError as error:
            raise UnitError(f"expr gives {text or 'no unit'!r}: {error}") from None
    return UnitProgram(tuple(build.steps), unit or text, wanted)


class _Kind(NamedTuple):
    """The unit of a step: `number` where it is made of bare numbers alone."""

    terms: Terms
    number: bool = False


class _Build:
    def __init__(self, steps: list[ProgramStep], at: list[int], declared: Sequence[str]) -> None:
        self.steps, self.at, self.declared = steps, at, declared
        self.kinds: dict[int, _Kind] = {}

    def put(self, step: ProgramStep, kind: _Kind) -> int:
        self.steps.append(step)
        self.kinds[len(self.steps) - 1] = kind
        return len(self.steps) - 1

    def add(self, node: ExpressionNode, names: Sequence[str], wanted: Sequence[str]) -> None:
        """Add the steps of one node of the expression."""
        args = [self.at[one] for one in node.args]
        kinds = [self.kinds[one] for one in args]
        if node.op == "input":
            place = names.index(node.name)
            terms = parse_unit(wanted[place], self.declared) if wanted[place] else None
            self.at.append(self.put(ProgramStep("input", input=place), _Kind(terms)))
            return
        kind = _Kind({}, True) if node.op == "number" else self.kind_of(node, args, kinds)
        self.at.append(self.put(ProgramStep(node.op, tuple(args), node.value), kind))

    def kind_of(self, node: ExpressionNode, args: list[int], kinds: list[_Kind]) -> _Kind:
        if node.op == "mul" or node.op == "div":
            return _product(kinds[0], kinds[1], 1 if node.op == "mul" else -1)
        if node.op not in _ADDING:
            return kinds[0]
        first = next((kind for kind in kinds if not kind.number and kind.terms is not None), None)
        if first is None:
            return _Kind(None if any(not kind.number for kind in kinds) else {}, all(k.number for k in kinds))
        assert first.terms is not None
        for place, kind in enumerate(kinds):
            if not kind.number and kind.terms is not None and kind.terms != first.terms:
                have, want = format_unit(kind.terms), format_unit(first.terms)
                try:
                    args[place] = self.convert(args[place], have, want)
                except UnitError as error:
                    sign = SIGNS.get(node.op, node.op)
                    raise UnitError(
                        f"expr at column {node.column}: {sign} joins {want!r} and {have!r}: {error}"
                    ) from None
        return first

    def convert(self, place: int, have: str, want: str) -> int:
        """Return the place of a step in another unit."""
        way = route(have, want, self.declared)
        if way.power:
            raise UnitError(f"money in {way.base} and {way.quote} meets; read one of them in the other")
        if way.ratio == Conversion(1, 1):
            return place
        kind = _Kind(parse_unit(want, self.declared))
        return self.put(ProgramStep("convert", (place,), conversion=way.ratio), kind)


def _product(left: _Kind, right: _Kind, sign: int) -> _Kind:
    if left.terms is None or right.terms is None:
        if right.number:
            return left
        both = left.terms is None and right.terms is None and sign < 0
        return _Kind({} if both else None)  # of two that say no unit a ratio is a share
    terms: dict[str, Any] = dict(left.terms)
    for name, power in right.terms.items():
        terms[name] = terms.get(name, 0) + sign * power
    return _Kind({name: power for name, power in terms.items() if power}, left.number and right.number)


def _money(text: str, declared: Sequence[str]) -> str:
    """Return the currency in a unit, "" where there is none."""
    names = parse_unit(text, declared) if text else {}
    return next((name for name in names if name in vocabulary().currencies), "")


def _wanted(text: str, currency: str, declared: Sequence[str]) -> str:
    """Return the unit an input is read in: its money in one currency, what has no dimension as a share."""
    if not text:
        return ""
    terms = parse_unit(text, declared)
    money = _money(text, declared)
    if money and money != currency:
        terms = {currency if name == money else name: power for name, power in terms.items()}
        return format_unit(terms)
    if terms and not set(terms) - set(vocabulary().physical):
        try:
            route(text, "1", declared)
        except UnitError:
            return text
        return "1"
    return text
