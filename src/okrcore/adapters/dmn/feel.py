"""Read FEEL texts of a decision table as a priority table holds them: cells, domains, winners (S14.1).

Only unary tests of literals are read (S-FEEL). A name or a function would need values that nobody gave.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

import attrs

from okrcore.priorities.s_feel_literals import QUOTED, negated, parts_of, shorten, terms_of

LONGEST, MOST_VALUES = 4096, 10_000
KINDS = {
    "string": "string",
    "boolean": "boolean",
    "number": "number",
    **dict.fromkeys(("double", "float", "decimal"), "number"),
    **dict.fromkeys(("integer", "long", "int", "short"), "integer"),
    "date": "date",
    **dict.fromkeys(("dayTimeDuration", "days and time duration"), "duration"),
}
"""The name of a type -> the kind of its values."""
_FORMS = {
    "string": '"a", "b" or not("a"), texts in quotes',
    "boolean": "true, false or -",
    "number": "a number such as 5, < 5, [1..5) or not(5)",
    "integer": "a whole number such as 5, < 5, [1..5) or not(5)",
    "date": 'date("2026-12-31"), >= date("2026-12-31") or the like',
    "duration": 'duration("P1DT12H"), < duration("P2D") or the like; no years, no months',
}
_NUMBER = re.compile(r"([+-]?)(\d{0,100})(\.\d{1,100})?([eE][+-]?\d{1,4})?", re.ASCII)
_DATE = re.compile(r'(?:date\s*\(\s*|@)"(\d{4}-\d{2}-\d{2})"(\s*\))?', re.ASCII)
_DURATION = re.compile(
    r'(?:duration\s*\(\s*|@)"(-?P(?=[\dT])(?:\d{1,9}D)?'
    r'(?:T(?=\d)(?:\d{1,9}H)?(?:\d{1,9}M)?(?:\d{1,9}(?:\.\d{1,6})?S)?)?)"(\s*\))?',
    re.ASCII,
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{6})|(.))", re.DOTALL)
_LETTERS = {"n": "\n", "r": "\r", "t": "\t"}


@attrs.frozen
class FeelCell:
    """A cell as priority tables spell it, "-" for anything, and the labels that it names."""

    text: str
    labels: tuple[str, ...] = ()


def read_cell(text: str, kind: str) -> FeelCell:
    """Return the cell of an input entry; an empty one holds anything.

    Raises ValueError, which says what to write, for all else than unary tests of literals of the kind.

    >>> read_cell('not("a", "b c")', "string")
    FeelCell(text='not("a", "b c")', labels=('a', 'b c'))
    >>> read_cell('[.5..1), > date("2026-01-01")', "number")
    Traceback (most recent call last):
    ValueError: 'date("2026-01-01")' is not read; write a number such as 5, < 5, [1..5) or not(5)
    """
    if len(text) > LONGEST:
        raise ValueError(f"has {len(text)} characters; write {LONGEST} or fewer")
    if text in ("", "-"):
        return FeelCell("-")
    is_not, inner = negated(text)
    tests, labels = [], []
    for term in _terms(inner, kind):
        if kind in ("string", "boolean"):
            labels.append(_label(term, kind))
            tests.append(_quoted(labels[-1]))
        else:
            tests.append(_test(term, kind))
    joined = ", ".join(tests)
    return FeelCell(f"not({joined})" if is_not else joined, tuple(labels))


def read_domain(text: str, kind: str) -> dict[str, Any]:
    """Return `values`, or `low` and `high`, of the column whose input values are given; {} where none are.

    Raises ValueError where a domain leaves its ends out: bounds are included.

    >>> read_domain("[0..100]", "integer"), read_domain('"high", "low"', "string")
    ({'low': 0, 'high': 100}, {'values': ['high', 'low']})
    """
    if text in ("", "-"):
        return {}
    terms = list(islice(_terms(text, kind), MOST_VALUES + 1))
    if len(terms) > MOST_VALUES:
        raise ValueError(f"lists more than {MOST_VALUES} values; give fewer, or bounds")
    if kind in ("string", "boolean"):
        return {"values": list(dict.fromkeys(_label(term, kind) for term in terms))}
    if len(terms) == 1:
        match parts_of(terms[0]):
            case ("[", low, high, "]"):
                return {"low": _value(low, kind), "high": _value(high, kind)}
            case ("<=" | ">=" as sign, bound):
                return {"low" if sign == ">=" else "high": _value(bound, kind)}
    if kind == "duration" or any(term[0] in "<>=[](" for term in terms):
        raise ValueError(f"values {shorten(text)} are not read; write [a..b], >= a, <= a, or list them")
    return {"values": [_value(term, kind) for term in terms]}


def read_value(text: str) -> str:
    """Return the literal of an output entry as text.

    Raises ValueError for everything that would have to be computed.

    >>> read_value('"kpi"'), read_value("98.50"), read_value('date("2026-01-01")')
    ('kpi', '98.50', '2026-01-01')
    """
    if QUOTED.fullmatch(text):
        return _label(text, "string")
    if text in ("true", "false"):
        return text
    for kind in ("number", "date", "duration"):
        try:
            return _literal(text, kind)
        except ValueError:
            continue
    raise ValueError(f'output {shorten(text)} is no literal; write "text", a number, true or false')


def read_list(text: str) -> list[str]:
    """Return the literals of a list, as `read_value` does one."""
    return [read_value(term) for term in _terms(text, "string")]


def _terms(tests: str, kind: str) -> Iterator[str]:
    try:
        yield from terms_of(tests, _FORMS[kind])
    except ValueError as error:
        raise ValueError(f"{shorten(tests)} {error}") from None


def _label(term: str, kind: str) -> str:
    if kind == "boolean":
        if term not in ("true", "false"):
            raise _unread(term, kind)
        return term
    found = QUOTED.fullmatch(term)
    if not found:
        raise _unread(term, kind)
    try:
        text = _ESCAPE.sub(_escaped, found[1])
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except (ValueError, OverflowError):
        raise ValueError(f"{shorten(term)} names no character; write the character itself") from None


def _escaped(found: re.Match[str]) -> str:
    digits = found[1] or found[2]
    return chr(int(digits, 16)) if digits else _LETTERS.get(found[3], found[3])


def _quoted(label: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", label) + '"'


def _test(term: str, kind: str) -> str:
    """Return one test of an ordered kind in the spelling of cells."""
    match parts_of(term):
        case (sign, literal):
            return f"{sign} {_literal(literal, kind)}"
        case (opens, low, high, closes):
            return f"{opens}{_literal(low, kind)}..{_literal(high, kind)}{closes}"
    return _literal(term, kind)


def _literal(text: str, kind: str) -> str:
    """Return a literal in the spelling of cells."""
    text = text.strip()
    if kind == "date":
        found = _DATE.fullmatch(text)
        if found and text.startswith("@") != bool(found[2]) and _is_date(found[1]):
            return found[1]
    elif kind == "duration":
        found = _DURATION.fullmatch(text)
        if found and text.startswith("@") != bool(found[2]):
            return found[1]
    elif (found := _NUMBER.fullmatch(text)) and (found[2] or found[3]):
        sign, whole, rest, power = found.groups()
        return f"{sign}{whole or '0'}{rest or ''}{power or ''}"
    raise _unread(text, kind)


def _is_date(text: str) -> bool:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _value(text: str, kind: str) -> Any:
    """Return a literal as a column's `low`, `high` or `values` take it."""
    literal = _literal(text, kind)
    if kind == "date":
        return dt.date.fromisoformat(literal)
    if kind == "duration":
        return literal
    number = float(literal)
    if not math.isfinite(number):
        raise _unread(text, kind)
    return int(literal) if literal.lstrip("+-").isdecimal() else number


def _unread(text: str, kind: str) -> ValueError:
    return ValueError(f"{shorten(text)} is not read; write {_FORMS[kind]}")
