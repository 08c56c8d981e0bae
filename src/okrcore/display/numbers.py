"""Format numbers as short texts: with what matters, shares as percents, changes as points, effects."""

from __future__ import annotations

import math

_EQUAL = 1e-12  # nearer than this a status takes two numbers for equal


def number(value: float | None) -> str:
    """Return a number with about four digits that matter, "-" for None.

    It is rounded before its form is chosen, so that numbers side by side read alike; what is short of 1 or
    100 never reads as that.

    >>> number(98.5), number(10_000.0), number(0.4567), number(999.96), number(99.98), number(None)
    ('98.5', '10,000', '0.46', '1,000', '99.98', '-')
    """
    if value is None:
        return "-"
    value += 0.0  # no minus zero
    if value and abs(value) < 0.01:
        return f"{value:.3g}"
    for places, below in ((2, 10), (1, 1000), (0, 1e15)):
        if abs(round(value, places)) < below:
            return f"{value:,.{_short_of_whole(value, places)}f}"
    return f"{value:.4g}"


def figure(value: float | None, digits: int = 4) -> str:
    """Return a number for a sentence: `digits` that matter, whole numbers in full, no zeros at the end.

    >>> figure(98.0), figure(11_053.0), figure(0.69321), figure(2_512_400.0), figure(None)
    ('98', '11,053', '0.6932', '2,512,400', '-')
    """
    if value is None:
        return "-"
    value += 0.0  # no minus zero
    if not 1e-4 <= abs(value) < 1e15:
        return f"{value:.{digits}g}"
    places = 0 if value.is_integer() else max(0, digits - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:,.{_short_of_whole(value, places)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def between(low: float | None, high: float | None, digits: int = 12) -> str:
    """Return a range in words, of which one end may be open.

    >>> between(98, None), between(None, 3.5), between(1, 2)
    ('at least 98', 'at most 3.5', '1 to 2')
    """
    if low is None or high is None:
        return f"at most {figure(high, digits)}" if low is None else f"at least {figure(low, digits)}"
    return f"{figure(low, digits)} to {figure(high, digits)}"


def _short_of_whole(value: float, places: int) -> int:
    """Return so many places, or as many more as keep a number below 1 or 100 from reading as that."""
    for whole in (1, 100):  # a share of the whole, and the same in percent
        while abs(value) < whole * (1 - _EQUAL) and abs(round(value, places)) >= whole > abs(value):
            places += 1
    return places


def apart(value: float, *others: float, digits: int = 3) -> tuple[str, ...]:
    """Return the numbers with as few digits as show which of them differ from the first.

    >>> apart(0.8996, 0.9, 0.7)
    ('0.8996', '0.9', '0.7')
    >>> apart(0.6932, 0.9)
    ('0.693', '0.9')
    """
    for count in range(digits, 16):
        first, *rest = (figure(one, count) for one in (value, *others))
        close = (one for one, text in zip(others, rest, strict=True) if text == first)
        if all(abs(one - value) <= 1e-12 for one in close):
            return first, *rest
    return tuple(map(repr, (value, *others)))


def percent(share: float | None, *bounds: float) -> str:
    """Return a share as whole percents, "-" for None; never rounded onto 0 or 100 %.

    What is short of one of the `bounds` that decided a status never reads as having reached it: it gets as
    many more digits as that takes.

    >>> percent(0.456), percent(0.998), percent(0.004), percent(0.8996, 0.9), percent(-0.001), percent(None)
    ('46 %', '> 99 %', '< 1 %', '89.96 %', '0 %', '-')
    """
    if share is None:
        return "-"
    if share > _EQUAL and round(share * 100) == 0:
        return "< 1 %"
    short_of = [bound for bound in (1.0, *bounds) if share < bound - _EQUAL]
    if set(short_of) == {1.0} and round(share * 100) == 100:
        return "> 99 %"
    for places in range(10):
        shown = round(share * 100, places) + 0.0  # no minus zero
        if all(shown < round(bound * 100, 10) for bound in short_of):
            return f"{shown:.{places}f} %"
    return f"{share * 100!r} %"


def points(change: float | None) -> str:
    """Return the change of a share in whole points with its sign, "-" for None.

    >>> points(0.061), points(-0.004), points(-0.03), points(None)
    ('+6', '0', '-3', '-')
    """
    if change is None:
        return "-"
    whole = round(change * 100)
    return f"{whole:+,}" if whole else "0"


def effect(value: float, low: float | None = None, high: float | None = None) -> str:
    """Return an effect of -1 to 1 with its sign, and the interval that it lies in where there is one.

    >>> effect(0.63, 0.27, 0.83), effect(-0.004)
    ('+0.63 (+0.27..+0.83)', '0.00')
    """
    text = _signed(value)
    return text if low is None or high is None else f"{text} ({_signed(low)}..{_signed(high)})"


def _signed(value: float) -> str:
    return f"{value:+.2f}" if round(value, 2) else "0.00"
