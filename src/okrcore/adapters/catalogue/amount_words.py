"""Read an amount as people write it: a number, a word for its scale, and a unit."""

from __future__ import annotations

import re
from decimal import Decimal

import attrs

from okrcore.adapters.catalogue.scale_words import ALIASES, MONEY, MONEY_WORD, OPEN, PAIRS, SCALES, STOP
from okrcore.adapters.cells import Refused, shown, unit_fault
from okrcore.adapters.number_cells import NumberFormat, number_pattern, read_number

_SPECIAL = re.compile(r"(?:working|business|banking|work|school|trading)[\s-]*(?:days?|hours?)\b", re.I)
_WORD = re.compile(r"[^\W\d_][\w%]*\.?|\u2030")
_COMPOUND = re.compile(r"[^\W\d_][\w%]*(?:\s?[/*]\s?[^\W\d_][\w%]*)+")
_PERCENT = ("%", "percent", "pct", "prozent", "pour cent", "por ciento", "per cento", "procent")


@attrs.frozen
class Amount:
    """A number with its scale applied, the unit that is stated ("" for none), and the words behind it.

    `scaled` says that a word gave the scale. `noun` is the word that stands directly behind the number and
    is no unit that is known; it may be what is counted.
    """

    value: float
    unit: str = ""
    rest: str = ""
    scaled: bool = False
    noun: str = ""


def read_amount(text: str, numbers: NumberFormat, units: tuple[str, ...] = ()) -> Amount | None:
    """Return the amount that a text begins with; None where it begins with no plain number.

    Raises Refused for a letter that may be a scale (10 k), and for units that are none (10 working days).

    >>> read_amount("2.5 Mio EUR a year", NumberFormat())
    Amount(value=2500000.0, unit='EUR', rest='a year', scaled=True, noun='')
    """
    plain = text.replace("\u2212", "-").replace("\u2013", "-", 1) if text[:1] in "\u2212\u2013" else text
    match = number_pattern(numbers).match(plain)
    if not match:
        return None
    token = match[0].rstrip(numbers.decimal) if not plain[match.end() :].strip() else match[0]
    rest = plain[len(token) :]
    value = read_number(token, numbers)
    if value is None or re.match(r"[0-9:/.,'\u2019xX^*-]", rest):
        return None
    glued = not rest[:1].isspace()
    if glued and (word := _WORD.match(rest)):
        if len(word[0]) < 2 and word[0].casefold() not in SCALES:
            return None
        if not (_scale(word[0]) or _unit_word(rest, units)):
            return None
    return _behind(value, rest.strip(), units)


def _behind(value: float, rest: str, units: tuple[str, ...]) -> Amount:
    factor, scaled = 1, False
    while (word := _WORD.match(rest)) and (own := _scale(word[0])):
        factor, scaled, rest = factor * own, True, rest[word.end() :].strip()
    if word and word[0].rstrip(".") in OPEN and rest[word.end() : word.end() + 1] != "/":
        raise Refused(f"{word[0]!r} may be a scale; write the number out, or a word such as million")
    if special := _SPECIAL.match(rest):
        raise Refused(f"{special[0]!r} is no unit; give it in a unit that is known, or declare one")
    unit, rest, money = _unit_at(rest, units)
    factor, scaled = factor * money, scaled or money != 1
    if any(_scale(word) for word in _WORD.findall(rest)):
        raise Refused(
            "a word for a scale stands apart from its number; write it directly behind, or digits only"
        )
    noun = _WORD.match(rest) if not unit else None
    shown_noun = noun[0] if noun and noun[0].casefold() not in STOP else ""
    return Amount(times(value, factor), unit, rest, scaled, shown_noun)


def times(value: float, factor: int) -> float:
    """Return a number times a scale, rounded once: 1.1 thousand is 1100, not 1100.0000000000002."""
    return float(Decimal(repr(value)) * factor) if factor != 1 else value


def _scale(word: str) -> int:
    return SCALES.get(word.casefold(), 0) or SCALES.get(word.casefold().rstrip("."), 0)


def _unit_at(rest: str, units: tuple[str, ...]) -> tuple[str, str, int]:
    """Return the unit that a text begins with, what follows, and the scale that the unit's own text has."""
    lowered = rest.casefold()
    if rest.startswith("%"):
        return "%", rest[1:].strip(), 1
    for words, unit in PAIRS.items():
        if lowered.startswith(words):
            return unit, rest[len(words) :].strip(), 1
    if found := _unit_word(rest, units):
        text, unit, factor = found
        return unit, rest[len(text) :].strip(), factor
    return "", rest, 1


def _unit_word(rest: str, units: tuple[str, ...]) -> tuple[str, str, int] | None:
    """Return the text of the unit that a text begins with, its unit and its scale."""
    if compound := _COMPOUND.match(rest):
        unit = re.sub(r"\s", "", compound[0])
        if fault := unit_fault(unit, units):
            raise Refused(f"{fault}; write a unit that is known, or declare one")
        return compound[0], unit, 1
    word = _WORD.match(rest)
    if not word:
        return None
    plain = word[0].rstrip(".")
    if plain.casefold() in _PERCENT:
        return plain, "%", 1
    if (money := MONEY_WORD.fullmatch(plain)) and not unit_fault(money[2], units):
        return plain, money[2], MONEY[money[1]]
    if plain.casefold() in ALIASES:
        return plain, ALIASES[plain.casefold()], 1
    if plain in ("h", "d") and not re.match(r"\s*\w", rest[len(plain) :]):
        return plain, {"h": "hour", "d": "day"}[plain], 1
    short = len(plain) < 2 or plain.casefold() in STOP
    return None if short or unit_fault(plain, units) else (plain, plain, 1)


def read_unit(text: str, units: tuple[str, ...] = ()) -> tuple[int, str]:
    """Return the scale and the unit that the cell of a unit states; raises Refused for what is none.

    >>> read_unit("kEUR"), read_unit("Mio. EUR"), read_unit("EUR thousand"), read_unit("hours")
    ((1000, 'EUR'), (1000000, 'EUR'), (1000, 'EUR'), (1, 'hours'))
    """
    if not (fault := unit_fault(text, units)):
        return 1, text
    if text.casefold() in _PERCENT:
        return 1, "%"
    if text.casefold() in PAIRS:
        return 1, PAIRS[text.casefold()]
    if text.casefold() in ALIASES:
        return 1, ALIASES[text.casefold()]
    if (money := MONEY_WORD.fullmatch(text)) and not unit_fault(money[2], units):
        return MONEY[money[1]], money[2]
    factor, rest = 1, list[str]()
    for word in re.sub(r"[()]", " ", text).split():
        own = 1000 if word in ("'000", "000", "000s", "'000s") else _scale(word)
        factor *= own or 1
        rest += [] if own else [word]
    unit = " ".join(word for word in rest if word.casefold() not in ("in", "of"))
    if factor > 1 and not (unit and unit_fault(unit, units)):
        return factor, unit
    raise Refused(fault)


def amount_alone(text: str, numbers: NumberFormat, units: tuple[str, ...]) -> Amount | None:
    """Return the amount that a whole text is, nothing being left behind it; None where it is none."""
    if len(text) > 400:
        raise Refused(f"{shown(text)} is too long for a number; write one")
    found = read_amount(text, numbers, units)
    return found if found and not found.rest else None
