"""A target in words ("At or above 95%") into a band, or into the reason why the words do not state one."""

from __future__ import annotations

import re
from typing import Literal

import attrs

from okrcore.adapters.cells import NumberFormat, number_pattern, read_number, unit_fault
from okrcore.definitions.measures import Band

WordDirection = Literal["higher", "lower"]
LONGEST = 500
PLAIN = NumberFormat()
NO_DIRECTION = (
    'a number without a direction; write "at least" or "at most" before it, or name a direction column'
)


@attrs.frozen
class ProseTarget:
    """What the words of a target state.

    `band` is None where they state no direction and number; `fault` then says why. `unit` is "%", a unit
    text, or "" where none is stated. `rest` holds the words beside it: "to priority SLAs" of "at or above
    95% to priority SLAs"; they narrow what is measured, not how it is judged.
    """

    band: Band | None = None
    unit: str = ""
    rest: str = ""
    fault: str = ""


def read_target(
    text: str,
    direction: WordDirection | None = None,
    numbers: NumberFormat = PLAIN,
    units: tuple[str, ...] = (),
) -> ProseTarget:
    """Return the band that a text states by one direction and one number ("between 5 and 10" has two).

    A bound belongs to its band (S2.4), so "above 95" and "at or above 95" are one band. `direction` is what
    another column says: it stands in where the words are a number alone, and must agree where they are not.
    Nothing is guessed: "12%", "At 48 engineers", "10:1", "$10K" and "TBD" give no band. `units` are further
    counts. Cost in proportion to the text, of at most 500 characters.

    >>> read_target("At or above 95% to Priority SLAs")
    ProseTarget(band=Band(low=95.0, high=None, tolerance=None), unit='%', rest='to Priority SLAs', fault='')
    >>> read_target("12%").fault
    'a number without a direction; write "at least" or "at most" before it, or name a direction column'
    """
    if len(text) > LONGEST:
        return ProseTarget(fault=f"{len(text)} characters of prose; write a direction and a number")
    words = " ".join(_TAG.sub(" ", text).split())
    if words.casefold().rstrip(".") in _OPEN or re.search(r"\b(?:tbd|tba)\b", words, re.IGNORECASE):
        return ProseTarget(fault="no target is set yet; set one, or leave the cell empty")
    if re.match(r"(?:confidential|unknown|hidden|secret|redacted)\b", words, re.IGNORECASE):
        return ProseTarget(fault="the target is not told here; write it, or leave the cell empty")
    style = _Style(numbers, units)
    stated = _stated(words, style)
    if isinstance(stated, str):
        alone = _alone(words, style) if direction else None
        if alone is None or direction is None:
            return ProseTarget(fault=stated)
        stated = (direction, *alone)
    way, value, unit, rest = stated
    if isinstance(value, tuple):
        return ProseTarget(Band(*value), unit, rest)
    if direction and way != direction:
        return ProseTarget(
            fault=f"the words say that {way} is better, the direction says {direction}; correct one of them"
        )
    return ProseTarget(Band(low=value) if way == "higher" else Band(high=value), unit, rest)


_HIGHER = (
    "at or above|at or over|at or greater than|at least|no less than|not less than|no fewer than"
    "|no lower than|not lower than|not below|never below|greater than or equal to|equal or greater than"
    "|equal to or greater than|equal or above|equal or more than|more than or equal to|greater than|more than"
    "|higher than|above|over|exceeding|exceeds|minimum of|minimum|min|>=|=>|>|\u2265"
)
_LOWER = (
    "at or below|at or under|at or less than|at most|no more than|not more than|no greater than"
    "|not greater than|no higher than|not higher than|not above|never above|does not exceed|do not exceed"
    "|not exceeding|not to exceed|must not exceed|less than or equal to|equal or less than"
    "|equal to or less than|equal or below|fewer than or equal to|less than|fewer than|lower than"
    "|smaller than|below|under|up to|maximum of|maximum|max|<=|=<|<|\u2264"
)
_AFTER_HIGHER = "or more|or above|or over|or greater|or higher|and above|and more|and over|at least|minimum"
_AFTER_LOWER = "or less|or below|or under|or fewer|or lower|and below|and less|and under|at most|maximum"


def _phrase(phrases: str) -> str:
    each = sorted(phrases.split("|"), key=len, reverse=True)
    return "|".join(rf"\b{one}\b" if one[0].isalpha() else re.escape(one) for one in each)


_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_OPEN = frozenset(
    ("", "-", "none", "n/a", "na", "?", "to be defined", "to be determined", "not set", "no target")
)
_DIRECTION = re.compile(f"(?P<higher>{_phrase(_HIGHER)})|(?P<lower>{_phrase(_LOWER)})", re.IGNORECASE)
_AFTER = re.compile(
    rf"\s*(?:(?P<higher>{_phrase(_AFTER_HIGHER)}|\+(?!\S))|(?P<lower>{_phrase(_AFTER_LOWER)}))", re.IGNORECASE
)
_RANGE = re.compile(r"\b(?:between)\s+(\S+)\s+and\s+(\S+)", re.IGNORECASE)
_TURNING = re.compile(
    r"\b(?:not?|never|n't|without|by|from|increas\w*|decreas\w*|reduc\w*|grow\w*|except|unless|if|either)\b|n't\b",
    re.IGNORECASE,
)
_NARROWING = re.compile(r"\b(?:except|unless|but|not|bad|worse|fail\w*|breach\w*|alert\w*)\b", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_ORDINAL = re.compile(r"\b[0-9]{1,3}(?:st|nd|rd|th)\b")
_WORD = re.compile(r"[A-Za-z%][A-Za-z_%]*")
_CURRENCY = re.compile(r"[$\u20ac\u00a3\u00a5]")

TargetFound = tuple[WordDirection, float | tuple[float, float], str, str]


@attrs.frozen
class _Style:
    """How numbers are written, and which further counts are units."""

    numbers: NumberFormat
    units: tuple[str, ...]


def _stated(words: str, style: _Style) -> TargetFound | str:
    """Return direction, number, unit and rest, or the fault."""
    if _CURRENCY.search(words):
        return "a currency sign can mean several currencies; name the currency in the unit column"
    if not _DIGIT.search(words):
        return "prose without a number; write a direction and a number, such as at least 95 %"
    span = _RANGE.search(words)
    if span:
        return _between(words, span, style)
    direction = _DIRECTION.search(words)
    if direction:
        before, after = words[: direction.start()], words[direction.end() :].lstrip()
        way: WordDirection = "higher" if direction["higher"] else "lower"
        lead = _number_at(after, style)
        if lead is None:
            alone = _alone(words, style)
            if alone and (found := _AFTER.match(alone[2] or "")):
                return _checked(
                    "", "higher" if found["higher"] else "lower", alone[0], alone[1], alone[2][found.end() :]
                )
            return f"no plain number follows {direction[0]!r}; write a direction, then a number"
        value, unit, rest = lead
        return _checked(before, way, value, unit, rest)
    lead = _number_at(words, style)
    if lead:
        value, unit, rest = lead
        if found := _AFTER.match(rest):
            return _checked("", "higher" if found["higher"] else "lower", value, unit, rest[found.end() :])
    if _alone(words, style) or lead:
        return NO_DIRECTION
    return "words that state no direction; write a direction and a number, such as at least 95 %"


def _checked(before: str, way: WordDirection, value: float, unit: str, rest: str) -> TargetFound | str:
    """Return what was found, unless the words around it say more than one thing."""
    if _DIGIT.search(before) or _DIGIT.search(_ORDINAL.sub("", rest)):
        return "more than one number; write one direction and one number"
    if turning := _TURNING.search(before) or _NARROWING.search(rest):
        return f"{turning[0]!r} may turn what the words say; write a direction and a number"
    if _DIRECTION.search(rest) or _AFTER.search(rest):
        return "more than one direction; write one direction and one number"
    return way, value, unit, rest.strip(" .,;")


def _between(words: str, span: re.Match[str], style: _Style) -> TargetFound | str:
    first, last = _number_at(span[1], style), _number_at(words[span.start(2) :], style)
    if not first or not last or first[2]:
        return "a range whose ends are no plain numbers; write between 5 and 10"
    low, unit_low, _ = first
    high, unit, rest = last
    around = words[: span.start()] + rest
    if low > high or (unit_low and unit_low != unit):
        return "a range whose ends do not fit together; write the lower one first, in one unit"
    if _DIGIT.search(around) or _TURNING.search(words[: span.start()]) or _DIRECTION.search(around):
        return "more than one range or number; write one direction and one number"
    return "higher", (low, high), unit, rest.strip(" .,;")


def _alone(words: str, style: _Style) -> tuple[float, str, str] | None:
    """Return number, unit and rest where a text is a number with at most words behind it."""
    lead = _number_at(words, style)
    return lead if lead and not _DIGIT.search(lead[2]) else None


def _number_at(text: str, style: _Style) -> tuple[float, str, str] | None:
    """Return number, unit and rest where a text begins with a plain number; a ratio or 10K is none."""
    match = number_pattern(style.numbers.decimal, style.numbers.thousands).match(text)
    if not match:
        return None
    token = match[0].rstrip(style.numbers.decimal) if text[match.end() :].strip() == "" else match[0]
    rest = text[len(token) :]
    value = read_number(token, style.numbers)
    if value is None or re.match(r"[0-9:/.,'\u2019xX^*-]", rest):
        return None
    glued = _WORD.match(rest)
    if glued and not glued[0].startswith("%"):
        if len(glued[0]) < 2 or unit_fault(glued[0], style.units):
            return None
        return value, glued[0], rest[glued.end() :].strip()
    rest = rest.strip()
    if rest.startswith("%"):
        return value, "%", rest[1:].strip()
    word = _WORD.fullmatch(rest.rstrip("."))
    if word and len(word[0]) > 1 and not unit_fault(word[0], style.units):
        return value, word[0], ""
    return value, "", rest
