"""Read a target in words ("At or above 95%") as a band, or say why the words do not state one."""

from __future__ import annotations

import re
from typing import Literal

import attrs

from okrcore.adapters.catalogue.amount_words import Amount, read_amount
from okrcore.adapters.catalogue.direction_words import AFTER, DIRECTION
from okrcore.adapters.cells import Refused
from okrcore.adapters.number_cells import PLAIN, NumberFormat
from okrcore.definitions.measures import Band

WordDirection = Literal["higher", "lower"]
LONGEST = 500
NO_DIRECTION = (
    'a number without a direction; write "at least" or "at most" before it, or name a direction column'
)


@attrs.frozen
class ProseTarget:
    """What the words of a target state.

    `band` is None where they state no direction and number; `fault` then says why. `unit` is "%", a unit
    text, or "" where none is stated. `rest` holds the words beside it: "to priority SLAs" of "at or above
    95% to priority SLAs"; they narrow what is measured, not how it is judged. `scaled` says that a word such
    as million is in the numbers already, `noun` which word behind the number may be a unit and is none.
    """

    band: Band | None = None
    unit: str = ""
    rest: str = ""
    fault: str = ""
    scaled: bool = attrs.field(default=False, repr=False, eq=False)
    noun: str = attrs.field(default="", repr=False, eq=False)


def read_target(
    text: str,
    direction: WordDirection | None = None,
    numbers: NumberFormat = PLAIN,
    units: tuple[str, ...] = (),
) -> ProseTarget:
    """Return the band that a text states by one direction and one number ("between 5 and 10" has two).

    A bound belongs to its band (S2.4), so "above 95" and "at or above 95" are one band. A word for a scale
    (2 million, 3 Mio, 4 lakh) is in the number. `direction` is what another column says: it stands in where
    the words are a number alone, and must agree where they are not. Nothing is guessed: "12%", "At 48
    engineers", "10:1", "10 k", "$10K", "about 5" and "TBD" give no band. `units` are further counts. Cost in
    proportion to the text, of at most 500 characters.

    >>> found = read_target("At or above 95% to Priority SLAs")
    >>> found.band.low, found.unit, found.rest
    (95.0, '%', 'to Priority SLAs')
    >>> read_target("at most 3 Mio EUR").band.high, read_target("5 \u00b1 1 days").band.low
    (3000000.0, 4.0)
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
    try:
        return _read(words, direction, _Style(numbers, units))
    except Refused as refused:
        return ProseTarget(fault=str(refused))


def _read(words: str, direction: WordDirection | None, style: _Style) -> ProseTarget:
    if spread := _PLUS_MINUS.match(words):
        return _around(words, spread, style)
    stated = _stated(words, style)
    if isinstance(stated, str):
        alone = _alone(words, style) if direction else None
        if alone is None or direction is None:
            return ProseTarget(fault=stated)
        stated = _Found(direction, alone)
    if stated.band is not None:
        return _prose(stated.band, stated.amount)
    if direction and stated.way != direction:
        return ProseTarget(
            fault=f"the words say that {stated.way} is better, the direction says {direction};"
            " correct one of them"
        )
    bound = stated.amount.value
    return _prose(Band(low=bound) if stated.way == "higher" else Band(high=bound), stated.amount)


def _prose(band: Band, amount: Amount) -> ProseTarget:
    rest = amount.rest.strip(" .,;")
    return ProseTarget(band, amount.unit, rest, scaled=amount.scaled, noun=amount.noun)


def _around(words: str, spread: re.Match[str], style: _Style) -> ProseTarget:
    """Return the band of a number and how far from it: 5 \u00b1 1."""
    middle = read_amount(spread[1], style.numbers, style.units) if spread[1] else None
    width = read_amount(words[spread.end() :], style.numbers, style.units)
    if middle is None or middle.rest or width is None or middle.unit not in ("", width.unit):
        return ProseTarget(fault="a distance without a middle; write between its two ends, such as 4 and 6")
    if _DIGIT.search(width.rest) or width.value < 0:
        return ProseTarget(fault="more than one number; write one direction and one number")
    return _prose(Band(middle.value - width.value, middle.value + width.value), width)


_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_OPEN = frozenset(
    ("", "-", "none", "n/a", "na", "?", "to be defined", "to be determined", "not set", "no target")
)
_RANGE = re.compile(
    r"\b(?:between|zwischen|entre|tra|fra|tussen|mellan)\s+(\S+(?:\s+[^\s\d]+)?)\s+(?:and|und|et|y|e|en|och)\s+",
    re.IGNORECASE,
)
_TURNING = re.compile(
    r"\b(?:not?|never|n't|without|by|from|increas\w*|decreas\w*|reduc\w*|grow\w*|except|unless|if|either)\b|n't\b",
    re.IGNORECASE,
)
_NARROWING = re.compile(r"\b(?:except|unless|but|not|bad|worse|fail\w*|breach\w*|alert\w*)\b", re.IGNORECASE)
_DIGIT = re.compile(r"[0-9]")
_ORDINAL = re.compile(r"\b[0-9]{1,3}(?:st|nd|rd|th)\b")
_CURRENCY = re.compile(r"[$\u20ac\u00a3\u00a5\u20b9\u20bd\u20a9]")
_PLUS_MINUS = re.compile(r"(.*?)\s*(?:\u00b1|\+\s?/\s?-|\+-)\s*")
_ABOUT = re.compile(
    r"[~\u2248\u223c]|\b(?:about|around|approx\w*|roughly|circa|ca|nearly|almost)\b\.?", re.IGNORECASE
)


@attrs.frozen
class _Found:
    """A direction and its amount, or a band of two numbers and the last of them."""

    way: WordDirection
    amount: Amount
    band: Band | None = None


@attrs.frozen
class _Style:
    """How numbers are written, and which further counts are units."""

    numbers: NumberFormat
    units: tuple[str, ...]


def _stated(words: str, style: _Style) -> _Found | str:
    """Return direction, number, unit and rest, or the fault."""
    if _CURRENCY.search(words):
        return "a currency sign can mean several currencies; name the currency in the unit column"
    if not _DIGIT.search(words):
        return "prose without a number; write a direction and a number, such as at least 95 %"
    if about := _ABOUT.search(words):
        return f"{about[0]!r} leaves open how far from the number is good; write between its two ends"
    span = _RANGE.search(words)
    if span:
        return _between(words, span, style)
    direction = DIRECTION.search(words)
    if direction:
        return _directed(words, direction, style)
    lead = read_amount(words, style.numbers, style.units)
    if lead and (found := AFTER.match(lead.rest)):
        return _checked("", *_after(lead, found))
    if _alone(words, style) or lead:
        return NO_DIRECTION
    return "words that state no direction; write a direction and a number, such as at least 95 %"


def _directed(words: str, direction: re.Match[str], style: _Style) -> _Found | str:
    """Return the amount behind the words of a direction; two that say the same are one ("mindestens > 5")."""
    before, way = words[: direction.start()], _way(direction)
    after = words[direction.end() :].lstrip()
    again = DIRECTION.match(after)
    if again and _way(again) == way:
        after = after[again.end() :].lstrip()
    lead = read_amount(after, style.numbers, style.units)
    if lead is None:
        alone = _alone(words, style)
        if alone and (found := AFTER.match(alone.rest)):
            return _checked("", *_after(alone, found))
        return f"no plain number follows {direction[0]!r}; write a direction, then a number"
    return _checked(before, way, lead)


def _way(found: re.Match[str]) -> WordDirection:
    return "higher" if found["higher"] else "lower"


def _after(amount: Amount, found: re.Match[str]) -> tuple[WordDirection, Amount]:
    """Return the direction that stands behind an amount, and the amount with what follows."""
    return _way(found), attrs.evolve(amount, rest=amount.rest[found.end() :], noun="")


def _checked(before: str, way: WordDirection, amount: Amount) -> _Found | str:
    """Return what was found, unless the words around it say more than one thing."""
    rest = amount.rest
    if _DIGIT.search(before) or _DIGIT.search(_ORDINAL.sub("", rest)):
        return "more than one number; write one direction and one number"
    if turning := _TURNING.search(before) or _NARROWING.search(rest):
        return f"{turning[0]!r} may turn what the words say; write a direction and a number"
    if DIRECTION.search(rest) or AFTER.search(rest):
        return "more than one direction; write one direction and one number"
    return _Found(way, amount)


def _between(words: str, span: re.Match[str], style: _Style) -> _Found | str:
    first = read_amount(words[span.start(1) : span.end(1)], style.numbers, style.units)
    last = read_amount(words[span.end() :], style.numbers, style.units)
    if not first or not last or first.rest:
        return "a range whose ends are no plain numbers; write between 5 and 10"
    low, high = first.value, last.value
    if last.scaled and not first.scaled and not first.unit:
        return "a range of which one end has a scale; write both out"
    if low > high or (first.unit and first.unit != last.unit):
        return "a range whose ends do not fit together; write the lower one first, in one unit"
    around = words[: span.start()] + last.rest
    if _DIGIT.search(around) or _TURNING.search(words[: span.start()]) or DIRECTION.search(around):
        return "more than one range or number; write one direction and one number"
    return _Found("higher", last, Band(low, high))


def _alone(words: str, style: _Style) -> Amount | None:
    """Return the amount where a text is one with at most words behind it."""
    lead = read_amount(words, style.numbers, style.units)
    return lead if lead and not _DIGIT.search(lead.rest) else None
