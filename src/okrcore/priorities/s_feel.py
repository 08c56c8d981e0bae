"""Parse a cell, a DMN S-FEEL unary test, as the exact set it stands for on its axis, and write it (S14.1).

    cell  = "-" | tests | "not(" tests ")"
    tests = test {"," test}
    test  = literal | ("<" | "<=" | ">" | ">=" | "=") literal
          | ("[" | "(" | "]") literal ".." literal ("]" | ")" | "[")

An enumeration takes labels only, quoted where they hold anything but letters, digits, `_.:/%+-` or space.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from okrcore.errors import TableError
from okrcore.priorities import s_feel_literals as literals
from okrcore.priorities.axes import Axis
from okrcore.priorities.intervals import (
    HIGHEST,
    LOWEST,
    Interval,
    Line,
    Position,
    complement,
    join,
    meet,
    point,
)

LONGEST = 4096
_FEW = 6
_PLAIN = re.compile(r"[\w.:/%+][\w .:/%+-]*")


def parse_cell(text: str, axis: Axis) -> Line:
    """Return the set of positions that a cell holds, within the axis' domain; it may be empty.

    Raises TableError with the cell, the fault and the remedy. Time grows with the length of the text, which
    is at most 4096 characters.

    >>> from okrcore.priorities import Column
    >>> from okrcore.priorities.axes import axis_of
    >>> days = axis_of(Column(name="days_left", kind="integer", low=0, high=366))
    >>> write_cell(parse_cell("< 7, [30..60), 366", days), days)
    '<= 6, [30..59], 366'
    >>> parse_cell("[9..5]", days)
    Traceback (most recent call last):
    okrcore.errors.TableError: column 'days_left', cell '[9..5]': it runs backwards; write the lower end first
    """
    if len(text) > LONGEST:
        raise _fault(axis, text, f"has {len(text)} characters; write {LONGEST} or fewer")
    inner = text.strip()
    if inner == "-":
        return axis.domain
    negated, tests = literals.negated(inner)
    test = _label if axis.kind == "enumeration" else _test
    terms = list(_terms(text, tests, axis))
    found = join((test(term, text, axis) for term in terms), axis.discrete)
    return meet(axis.domain, complement(found) if negated else found)


def write_cell(line: Line, axis: Axis) -> str:
    """Return the shortest plain cell of a non-empty set; parsing it gives the set back."""
    if line == axis.domain:
        return "-"
    if axis.kind == "enumeration":
        names = list(axis.labels)
        held = {place for (low, _), (high, _) in line for place in range(int(low), int(high))}
        short = len(held) <= max(len(names) // 2, _FEW)
        listed = [_write_label(name) for place, name in enumerate(names) if (place in held) is short]
        return ", ".join(listed) if short else f"not({', '.join(listed)})"
    first, last = axis.domain[0][0], axis.domain[-1][1]
    return ", ".join(_write(low, high, first, last, axis) for low, high in line)


def _terms(cell: str, tests: str, axis: Axis) -> Iterator[str]:
    try:
        for term in literals.terms_of(tests, "- for any value"):
            if literals.negated(term)[0]:
                raise ValueError("has not() inside; write not(...) once, around the whole cell")
            yield term
    except ValueError as error:
        raise _fault(axis, cell, str(error)) from None


def _label(term: str, cell: str, axis: Axis) -> Interval:
    quoted = literals.QUOTED.fullmatch(term)
    name = re.sub(r"\\(.)", r"\1", quoted[1]) if quoted else term
    if name not in axis.labels:
        known = ", ".join(list(axis.labels)[:10]) + (", ..." if len(axis.labels) > 10 else "")
        raise _fault(
            axis, cell, f"names {literals.shorten(name)}, which the column cannot hold; name {known}"
        )
    return point(axis.labels[name])


def _test(term: str, cell: str, axis: Axis) -> Interval:
    match literals.parts_of(term):
        case (sign, literal):
            at = _literal(literal, cell, axis)
            return {
                "<": (LOWEST, (at, 0)),
                "<=": (LOWEST, (at, 1)),
                ">": ((at, 1), HIGHEST),
                ">=": ((at, 0), HIGHEST),
                "=": point(at),
            }[sign]
        case (opens, first, last, closes):
            low, high = _literal(first, cell, axis), _literal(last, cell, axis)
            if low > high:
                raise _fault(axis, cell, "it runs backwards; write the lower end first")
            return (low, 0 if opens == "[" else 1), (high, 1 if closes == "]" else 0)
    return point(_literal(term, cell, axis))


def _literal(text: str, cell: str, axis: Axis) -> Position:
    try:
        return literals.read(axis.kind, text.strip())
    except ValueError as fault:
        raise _fault(axis, cell, str(fault)) from None


def _write(low: tuple[object, int], high: tuple[object, int], first: object, last: object, axis: Axis) -> str:
    (start, start_after), (end, end_after) = low, high

    def spell(position: object, shift: int = 0) -> str:
        return literals.write(axis.kind, position + shift)  # type: ignore[operator]  # no infinity comes here

    if axis.discrete:
        if end == start + 1:  # type: ignore[operator]
            return spell(start)
        closed = axis.kind != "duration"  # where the position before is as plain as this one
        if low == first:
            return f"<= {spell(end, -1)}" if closed else f"< {spell(end)}"
        if high == last:
            return f">= {spell(start)}"
        return f"[{spell(start)}..{spell(end, -1)}]" if closed else f"[{spell(start)}..{spell(end)})"
    if (start_after, end_after) == (0, 1) and start == end:
        return spell(start)
    if low == first:
        return f"{'<=' if end_after else '<'} {spell(end)}"
    if high == last:
        return f"{'>' if start_after else '>='} {spell(start)}"
    return f"{'(' if start_after else '['}{spell(start)}..{spell(end)}{']' if end_after else ')'}"


def _write_label(name: str) -> str:
    if _PLAIN.fullmatch(name) and name == name.strip():
        return name
    return '"' + re.sub(r'(["\\])', r"\\\1", name) + '"'


def _fault(axis: Axis, cell: str, fault: str) -> TableError:
    return TableError(f"column {axis.name!r}, cell {literals.shorten(cell)}: {fault}")
