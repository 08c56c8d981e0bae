"""Declare the stretch of time that goals are set for."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import attrs
from attrs import field

from okrcore.definitions.days import add_months, timezone
from okrcore.definitions.fields import check, each, is_date, is_id, optional, report, shown, to_day, to_texts
from okrcore.errors import DefinitionError


def is_timezone(name: object) -> str | None:
    """The IANA name of a zone."""
    try:
        if isinstance(name, str):
            timezone(name)
            return None
    except (ValueError, OSError, zoneinfo.ZoneInfoNotFoundError):
        pass
    return f"is {shown(name)}; give an IANA name such as 'Europe/Berlin'"


@attrs.frozen(kw_only=True)
class Cycle:
    """The time that goals are set for; both `start` and `end` belong to it (S3.1).

    `timezone` is an IANA name, None that of the portfolio's calendar; a date given as `as_of` means the end
    of that day there (S0.8).

    >>> Cycle.quarter(2026, 4).end
    datetime.date(2026, 12, 31)
    >>> fiscal = Cycle.quarter(2027, 1, fiscal_start_month=7)  # fiscal years are named by their end
    >>> fiscal.id, str(fiscal.start), str(fiscal.end)
    ('FY2027-Q1', '2026-07-01', '2026-09-30')
    """

    id: str = field(metadata=check(is_id))
    start: dt.date = field(converter=to_day, metadata=check(is_date))
    end: dt.date = field(converter=to_day, metadata=check(is_date))
    timezone: str | None = field(default=None, metadata=check(optional(is_timezone)))
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        dated = not is_date(self.start) and not is_date(self.end)
        backward = dated and self.end < self.start
        report(self, [("end", f"end {self.end} is before start {self.start}; swap them")] if backward else ())

    @classmethod
    def quarter(
        cls,
        year: int,
        quarter: int,
        *,
        fiscal_start_month: int = 1,
        id: str | None = None,
        timezone: str | None = None,
    ) -> Cycle:
        """Return a quarter (1 to 4) of the fiscal year that ends in `year` (S3.5)."""
        return _fiscal(cls, year, quarter, 3, "Q", fiscal_start_month, id, timezone)

    @classmethod
    def half(
        cls,
        year: int,
        half: int,
        *,
        fiscal_start_month: int = 1,
        id: str | None = None,
        timezone: str | None = None,
    ) -> Cycle:
        """Return a half (1 or 2) of the fiscal year that ends in `year` (S3.5)."""
        return _fiscal(cls, year, half, 6, "H", fiscal_start_month, id, timezone)

    @classmethod
    def year(
        cls, year: int, *, fiscal_start_month: int = 1, id: str | None = None, timezone: str | None = None
    ) -> Cycle:
        """Return the fiscal year that ends in `year` (S3.5)."""
        return _fiscal(cls, year, 1, 12, "", fiscal_start_month, id, timezone)


def _fiscal(
    cls: type[Cycle],
    year: int,
    part: int,
    months: int,
    letter: str,
    first: int,
    id: str | None,
    timezone: str | None,
) -> Cycle:
    limits = (("fiscal_start_month", first, 1, 12), ("part of the year", part, 1, 12 // months))
    for name, given, low, high in (*limits, ("fiscal year", year, 1601, 2400)):
        if isinstance(given, bool) or not isinstance(given, int) or not low <= given <= high:
            raise DefinitionError(f"{name} is {shown(given)}; give a whole number from {low} to {high}")
    opening = dt.date(year if first == 1 else year - 1, first, 1)
    start = add_months(opening, (part - 1) * months)
    name = str(year) if first == 1 else f"FY{year}"
    return cls(
        id=(f"{name}-{letter}{part}" if letter else name) if id is None else id,
        start=start,
        end=add_months(start, months) - dt.timedelta(days=1),
        timezone=timezone,
    )
