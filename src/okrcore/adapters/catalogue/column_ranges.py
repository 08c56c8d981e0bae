"""Name the columns of a range, such as the months of a year, by the day that each is of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence

from okrcore.adapters.cells import Refused
from okrcore.adapters.date_cells import date_of
from okrcore.errors import DocumentError


def columns_of(ranges: Iterable[str], columns: Sequence[str]) -> dict[str, dt.date]:
    """Return the columns of some ranges, each with the last day of the period that its heading names.

    Raises DocumentError where a range does not begin and end with a column, or a heading is no period.

    >>> columns_of(["Jan 2025..Feb 2025"], ["KPI", "Jan 2025", "Feb 2025"])["Feb 2025"]
    datetime.date(2025, 2, 28)
    """
    found: dict[str, dt.date] = {}
    for name in ranges:
        first, _, last = (part.strip() for part in name.partition(".."))
        if first not in columns or last not in columns or columns.index(first) > columns.index(last):
            shown = ", ".join(columns[:40])[:500]
            raise DocumentError(f"periods: {name!r} is no range of columns, A..B; the file has {shown}")
        for column in columns[columns.index(first) : columns.index(last) + 1]:
            try:
                day = date_of(column, "period-end")
            except Refused as refused:
                raise DocumentError(f"periods: in {name!r} the heading {refused}") from None
            if day is not None:
                found[column] = day
    return found
