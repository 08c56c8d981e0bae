"""Set the axes of values and days: limits that stop where values cannot go, and short labels in English."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable
from typing import Any

from okrcore.display import figure, percent, short_day

_MILLION = 1e6
_ROOM = 0.05


def days_axis(ax: Any, first: dt.date, last: dt.date) -> None:
    """Let the axis run from one day to another, with months, or days or years where these say more."""
    from matplotlib import dates
    from matplotlib.ticker import FuncFormatter

    span = max((last - first).days, 1)
    if span <= 45:
        step = max(1, math.ceil(span / 7))
        locator = dates.DayLocator(interval=step)
    elif span <= 366 * 2:
        wide = ax.get_window_extent().width / ax.figure.dpi > 4
        locator = dates.MonthLocator(interval=math.ceil(span / (366 if wide else 110)))
    else:
        locator = dates.YearLocator(math.ceil(span / 3660))

    def said(number: float, _: int | None = None) -> str:
        day = day_of(number)
        if span <= 45:
            return short_day(day)
        return str(day.year) if span > 366 * 2 else short_day(day).split()[1]

    ax.set_xlim(number_of(first), number_of(last))
    ax.xaxis.set_major_locator(locator)
    ax.xaxis.set_major_formatter(FuncFormatter(said))


def number_of(day: dt.date) -> float:
    """Return a day as matplotlib counts it."""
    from matplotlib import dates

    return float(dates.date2num(day))


def day_of(number: float) -> dt.date:
    """Return the day of a number of matplotlib's."""
    from matplotlib import dates

    day: dt.date = dates.num2date(number).date()
    return day


def years(first: dt.date, last: dt.date) -> str:
    """Return the year, or the years, of a picture.

    >>> years(dt.date(2025, 7, 1), dt.date(2026, 6, 30))
    '2025 to 2026'
    """
    return str(first.year) if first.year == last.year else f"{first.year} to {last.year}"


def values_axis(ax: Any, values: Iterable[float | None], *, unit: str = "") -> None:
    """Let the axis hold all values with some room, which ends at 0 where none is below it.

    Of percents it ends at 100, of the unit "share" at 1 too, which is written in percents.
    """
    from matplotlib.ticker import FuncFormatter, MaxNLocator

    known = [value for value in values if value is not None and math.isfinite(value)] or [0.0, 1.0]
    low, high = min(known), max(known)
    room = (high - low) * _ROOM or abs(high) * _ROOM or 1.0
    bottom, top = low - room, high + room
    if low >= 0 > bottom:
        bottom = 0.0
    most = {"%": 100.0, "share": 1.0}.get(unit, math.inf)
    if high <= most < top:
        top = most
    ax.set_ylim(bottom, top)
    ax.yaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 2.5, 5, 10]))
    large = max(abs(bottom), abs(top)) >= _MILLION

    def said(number: float, _: int | None = None) -> str:
        if unit == "share":
            return percent(number)
        return f"{number / _MILLION:,.4g} m" if large else figure(number, 6)

    ax.yaxis.set_major_formatter(FuncFormatter(said))
