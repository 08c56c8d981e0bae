"""Tell from the number format of a cell whether the number is shown as a percentage."""

from __future__ import annotations

import operator
import re
from functools import lru_cache

from okrcore.adapters.cells import Percent, shifted

_TOKEN = re.compile(r'"([^"]*)"?|\\(.)|_.|\*.|\[([^\]]*)\]|(.)', re.DOTALL)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?[0-9]+(?:\.[0-9]*)?)")
_COMPARE = {
    "<=": operator.le, ">=": operator.ge, "<>": operator.ne, "<": operator.lt, ">": operator.gt,
    "=": operator.eq,
}  # fmt: skip

Section = tuple[str, bool, tuple[str, float] | None]
"""What a section does with a percent ("scaled", "literal", ""), whether it shows a number, its condition."""


def as_shown(value: float, code: str) -> float | Percent:
    """Return a number, as a percentage where its format shows it with a percent sign.

    A percent sign of the format itself multiplies by 100; one that is escaped or in quotes is text behind
    the number as it is; one that only gives its width is blank. The section in force decides: positive,
    negative, zero, or the first whose condition holds.

    >>> as_shown(0.95, "0%"), as_shown(5, '0"%"'), as_shown(5, "0_%"), as_shown(5, "0.0;-0.0%")
    (Percent(value=95.0), Percent(value=5), 5, 5)
    """
    if "%" not in code:
        return value
    percent = _in_force(_sections(code), value)
    if percent == "scaled":
        return Percent(shifted(value, 2))
    return Percent(value) if percent == "literal" else value


@lru_cache(maxsize=1024)
def _sections(code: str) -> tuple[Section, ...]:
    sections: list[Section] = []
    percent, digits, condition = "", False, None
    for quoted, escaped, bracket, plain in _TOKEN.findall(f"{code[:1000]};"):
        if plain == ";":
            sections.append((percent, digits, condition))
            percent, digits, condition = "", False, None
        elif plain == "%":
            percent = "scaled"
        elif "%" in (quoted or escaped):
            percent = percent or "literal"
        elif bracket and (found := _CONDITION.fullmatch(bracket)):
            condition = found[1], float(found[2])
        elif plain and plain in "0#?Gg":  # G: General
            digits = True
    return tuple(sections)


def _in_force(sections: tuple[Section, ...], value: float) -> str:
    for percent, _, condition in sections:
        if condition and _COMPARE[condition[0]](value, condition[1]):
            return percent
    if any(condition for _, _, condition in sections):
        rest = [one for one in sections if one[2] is None]
        return rest[0][0] if rest else ""
    place = (1 if value < 0 else 2 if value == 0 else 0) if len(sections) > 1 else 0
    if place == 2 and len(sections) < 3:
        place = 0
    percent, digits, _ = sections[place]
    return percent if digits or percent != "literal" else ""
