"""Look up dated exchange rates: the factor between two currencies, alone or inside a unit (S1.5)."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar, TypeVar, cast

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.errors import Problem, UnitError, raise_all
from okrcore.frozen import FrozenDict
from okrcore.units.conversion import route
from okrcore.units.unit_names import vocabulary

Values = TypeVar("Values")
RateRow = tuple[dt.date, str, str, float]
Days = NDArray[np.int64]
RateColumns = tuple[Days, NDArray[np.float64], NDArray[np.float64]]


def convert(
    values: Values,
    source: str,
    target: str,
    *,
    declared: Sequence[str] = (),
    rates: Rates | None = None,
    dates: Any = None,
) -> Values:
    """Return the value, or the array of values, given in unit `source`, in unit `target` (S1.3, S1.5).

    Where the units hold different currencies, each value takes the rate of its date: `dates` is one date
    for all, or an array of one per value (whole days since 1970-01-01, or datetime64). Every value needs a
    rate, NaN as well. A float gives a float; arrays agree with it to the last bit. Errors: those of
    `conversion`; no rates or dates given, or no rate on or before a date (both currencies and the first
    such date are named).

    >>> rates = Rates.of([("2026-03-02", "EUR", "USD", 1.25)])
    >>> convert(12.0, "EUR/year", "USD/month", rates=rates, dates=dt.date(2026, 3, 8))
    1.25
    """
    way = route(source, target, declared)
    if not way.power:
        return way.ratio.apply(values)
    if rates is None:
        when = "" if dates is None else _on(_days(dates))
        raise UnitError(
            f"{way.base} to {way.quote}{when}: no rates are given; declare rates in a document,"
            " name a file of them with --rates, or pass rates=Rates.of(...)"
        )
    if dates is None:
        raise UnitError(f"{way.base} to {way.quote}: no date is given; pass dates, one for each value")
    up, down = rates.ratio(way.base, way.quote, dates)
    amounts = np.asarray(values, dtype=np.float64)
    if np.ndim(up) and amounts.ndim and np.shape(up) != amounts.shape:
        raise UnitError(
            f"{np.shape(up)} dates for {amounts.shape} values; pass one date, or one for each value"
        )
    with np.errstate(over="ignore", under="ignore"):
        for _ in range(way.power):
            amounts = amounts * up / down
    changed: Any = way.ratio.apply(amounts)
    return cast("Values", changed if np.ndim(changed) else float(changed))


def converted_by_day(
    into: Callable[[Days], NDArray[np.float64]],
    rows: Days,
    days: Days,
    note: Callable[[UnitError, Days, int], None] | None = None,
) -> NDArray[np.float64]:
    """Return what `into` makes of some rows, day by day where that fails: NaN on days without a way (A13).

    `days` has one day for each row; `note` is told of each failure, with its rows and day.

    >>> from okrcore.units.rates import Rates
    >>> rates, given = Rates.of([("2026-03-03", "EUR", "USD", 2.0)]), np.array([5.0, 7.0])
    >>> days = np.array([20513, 20516])  # 2026-03-01 and -04
    >>> into = lambda rows: convert(given[rows], "EUR", "USD", rates=rates, dates=days[rows])
    >>> converted_by_day(into, np.arange(2), days)
    array([nan, 14.])
    """
    try:
        return into(rows)
    except UnitError:
        result = np.full(len(rows), np.nan)
        for day in np.unique(days).tolist():
            at = np.flatnonzero(days == day)
            try:
                result[at] = into(rows[at])
            except UnitError as error:
                if note is not None:
                    note(error, rows[at], day)
        return result


@attrs.frozen(kw_only=True)
class Rates:
    """Dated exchange rates: a row (date, base, quote, rate) says that one `base` is worth `rate` `quote`.

    The rate of a day is that of the latest row dated on or before it, however old, so weekends and holidays
    take the last business day. A row also serves the way back, by division, on days without a row of that
    direction. Two currencies without any row of their own are exchanged through a third if exactly one third
    has rows with both, each leg with its own latest row. `rows` are unique, sorted by pair and date.
    """

    id: ClassVar[str] = "rates"
    """The key that they have in a document."""

    rows: tuple[RateRow, ...] = attrs.field(repr=lambda rows: f"<{len(rows)}>")
    _pairs: Mapping[tuple[str, str], RateColumns] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "rows", _clean(self.rows))
        object.__setattr__(self, "_pairs", _columns(self.rows))

    @classmethod
    def of(cls, rates: Iterable[Any] | Mapping[Any, Any] = ()) -> Rates:
        """Return the rates of rows, or of a mapping {("EUR", "USD"): {date: rate}}.

        A row is (date, base, quote, rate) or a mapping with these keys: a date or its ISO text, two
        currencies of ISO 4217, a positive finite number. UnitError holds every row that is not so, at its
        path "rates[3]", and every second rate of a pair on one day. Cost: some microseconds a row.

        >>> Rates.of([("2026-01-02", "EUR", "USD", 1.25)]).rate("USD", "EUR", dt.date(2026, 1, 4))
        0.8
        """
        return cls(rows=cast("tuple[RateRow, ...]", rates))

    def rate(self, base: str, quote: str, date: dt.date | str) -> float:
        """Return how many `quote` one `base` is worth on a date; errors as for `ratio`."""
        up, down = self.ratio(base, quote, date)
        return float(up / down)

    def ratio(self, base: str, quote: str, dates: Any) -> tuple[Any, Any]:
        """Return (up, down) of the rate: a value in `base` is value * up / down in `quote`.

        `dates` is a date, its ISO text or a day number since 1970-01-01 (two floats come back), or an
        array of day numbers or datetime64 (two arrays of its shape). No rate on or before a date: UnitError
        naming both currencies and the first such date. Cost: a binary search for each date.
        """
        days = _days(dates)
        up, down = np.ones(days.shape), np.ones(days.shape)
        for leg in self._legs(base, quote, days):
            known, ups, downs = self._pairs[leg]
            at = np.searchsorted(known, days, side="right") - 1
            if np.any(at < 0):
                raise UnitError(
                    f"{base} to {quote} on {_first(days[at < 0])}: no rate; "
                    f"the first from {leg[0]} to {leg[1]} is of {_first(known)}, add an earlier one"
                )
            up, down = up * ups[at], down * downs[at]
        return (up, down) if days.ndim else (float(up), float(down))

    def _legs(self, base: str, quote: str, days: Days) -> list[tuple[str, str]]:
        if base == quote:
            return []
        if (base, quote) in self._pairs:
            return [(base, quote)]
        between = [third for one, third in self._pairs if one == base and (third, quote) in self._pairs]
        if len(between) == 1:
            return [(base, between[0]), (between[0], quote)]
        fault = f"no single rate, but ways through {', '.join(sorted(between))}" if between else "no rate"
        raise UnitError(f"{base} to {quote}{_on(days)}: {fault}; add rows for the pair to rates")


@attrs.frozen
class DatedRate:
    """An exchange rate: from its date on, until the next of the pair, one `base` is worth `rate` `quote`."""

    date: dt.date
    base: str
    quote: str
    rate: float


def _columns(rows: tuple[RateRow, ...]) -> Mapping[tuple[str, str], RateColumns]:
    """Return sorted days, numerators and denominators of each pair, in both directions."""
    pairs: dict[tuple[str, str], dict[int, tuple[float, float]]] = {}
    for date, base, quote, rate in rows:
        pairs.setdefault((base, quote), {})[int(_days(date))] = (rate, 1.0)
    for date, base, quote, rate in rows:
        pairs.setdefault((quote, base), {}).setdefault(int(_days(date)), (1.0, rate))
    return FrozenDict({pair: _sorted(found) for pair, found in pairs.items()})


def _sorted(found: Mapping[int, tuple[float, float]]) -> RateColumns:
    days = sorted(found)
    ratios = np.array([found[day] for day in days])
    return np.array(days, dtype=np.int64), ratios[:, 0], ratios[:, 1]


def _clean(rates: Iterable[Any] | Mapping[Any, Any]) -> tuple[RateRow, ...]:
    rows: dict[tuple[str, str, dt.date], RateRow] = {}
    problems = []
    for path, item in _items(rates):
        row = _row(item)
        if not isinstance(row, str):
            date, base, quote, _ = row
            if rows.setdefault((base, quote, date), row) == row:
                continue
            row = f"{base} to {quote} has another rate of {date} already; keep one of them"
        problems.append(Problem(row, path, kind=UnitError))
    raise_all(problems, UnitError)
    return tuple(rows[key] for key in sorted(rows))


def _items(rates: Iterable[Any] | Mapping[Any, Any]) -> Iterator[tuple[str, Any]]:
    if not isinstance(rates, Mapping):
        yield from ((f"rates[{i}]", item) for i, item in enumerate(rates))
        return
    for pair, dated in rates.items():
        if isinstance(pair, tuple) and isinstance(dated, Mapping):
            yield from ((f"rates[{pair}][{date}]", (date, *pair, rate)) for date, rate in dated.items())
        else:
            yield f"rates[{pair!r}]", None


def _row(item: Any) -> RateRow | str:
    """Return the row that `item` means, or what is wrong with it."""
    if isinstance(item, Mapping) and item.keys() == {"date", "base", "quote", "rate"}:
        item = (item["date"], item["base"], item["quote"], item["rate"])
    if not (isinstance(item, tuple | list) and len(item) == 4):
        return "not (date, base, quote, rate); write one row for a rate, or {(base, quote): {date: rate}}"
    day, base, quote, rate = item
    date = _date(day)
    if date is None:
        return f"{day!r:.40} is not a date; write 2026-03-31"
    for code in (base, quote):
        if not isinstance(code, str) or code not in vocabulary().currencies:
            return f"{code!r:.40} is not a currency; write an ISO 4217 code such as EUR"
    if base == quote:
        return f"{base} has no rate with itself; leave the row out"
    number = _positive(rate)
    if number is None:
        return f"rate {rate!r:.40} is not a positive finite number; correct it"
    return date, base, quote, number


def _positive(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
        return None
    try:
        number = float(value)
    except (OverflowError, ValueError):
        return None
    return number if 0 < number < math.inf else None


def _date(value: Any) -> dt.date | None:
    """Return the date that a value holds and nothing else than a date, or None."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else None
    if not isinstance(value, str):
        return value if isinstance(value, dt.date) else None
    try:
        return dt.date.fromisoformat(value) if len(value) == 10 and value[4] == value[7] == "-" else None
    except ValueError:
        return None


def _days(dates: Any) -> Days:
    """Return dates as whole days since 1970-01-01, one or an array."""
    if (date := _date(dates)) is not None:
        return np.array(date, dtype="datetime64[D]").astype(np.int64)
    days = np.asarray(dates)
    if days.dtype.kind == "M":
        return days.astype("datetime64[D]").astype(np.int64)
    if days.dtype.kind not in "iu" and days.size:
        raise UnitError(
            f"dates is {dates!r:.40}, but must be a date, or an array of day numbers or datetime64; pass one"
        )
    return days.astype(np.int64)


def _on(days: Days) -> str:
    return f" on {_first(days)}" if days.size else ""


def _first(days: Days) -> str:
    return str(np.datetime64(int(np.min(days)), "D"))
