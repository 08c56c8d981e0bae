"""Convert a column of dates, aware instants or ISO text to microseconds on the frame's engine."""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from okrcore.definitions.days import DAY
from okrcore.history.frames.engines import Frame, with_microseconds

_DATE = "[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:[.][0-9]{3}|[.][0-9]{6})?"
_ZONE = "(?:Z|[+-][01][0-9]:[0-5][0-9])"
_TEXT = f"^{_DATE}(?:[T ]{_CLOCK}{_ZONE})?$"
_MIDNIGHT = f"^{_DATE}[T ]00:00(?::00(?:[.]0+)?)?$"
SECOND = 1_000_000


def flag(condition: Any) -> Any:
    """Return 1 where a condition holds, else 0."""
    return nw.when(condition).then(nw.lit(1)).otherwise(nw.lit(0)).cast(nw.Int64)


def with_moments(frame: Frame, name: str, kind: Any) -> Frame:
    """Return the frame with column `name` as microseconds since 1970-01-01 UTC, a day being its end in UTC.

    Beside it are `name`_whole, 1 for days, and fit_`name`, 0 where there is no moment.
    """
    if kind == nw.String:
        return _with_texts(frame, name)
    frame = frame.with_columns(flag(~nw.col(name).is_null()).alias(f"fit_{name}"))
    frame = with_microseconds(frame, name, days=kind == nw.Date)
    whole = nw.lit(int(kind == nw.Date)).cast(nw.Int64)
    return frame.with_columns(nw.col(name).fill_null(0).cast(nw.Int64), whole.alias(f"{name}_whole"))


def with_midnights(frame: Frame, name: str, kind: Any) -> Frame:
    """Return the frame as `with_moments` does, times without a zone as the days whose midnight they are (A4).

    Beside it is also `name`_midnight, 0 for a time without a zone at another hour.
    """
    moment = nw.col(name)
    if kind == nw.String:
        given = moment.fill_null("")
        midnight = given.str.contains(_MIDNIGHT)
        frame = frame.with_columns(
            nw.when(midnight).then(given.str.slice(0, 10)).otherwise(given).alias(name)
        )
    frame = with_moments(frame, name, kind)
    if not is_naive(kind):
        return frame.with_columns(nw.lit(1).alias(f"{name}_midnight"))
    return frame.with_columns(
        flag(moment // DAY * DAY == moment).alias(f"{name}_midnight"),
        nw.lit(1).cast(nw.Int64).alias(f"{name}_whole"),
        (moment + (DAY - 1)).alias(name),
    )


def is_naive(kind: Any) -> bool:
    """Return whether a column of this kind holds times without a zone."""
    return isinstance(kind, nw.Datetime) and kind.time_zone is None


def _with_texts(frame: Frame, name: str) -> Frame:
    """Read ISO text by arithmetic, on which engines agree; their parsers differ."""
    given, text = nw.col(name), nw.col("_text")
    frame = frame.with_columns(given.fill_null(""))
    shaped = given.str.contains(_TEXT)
    whole = shaped & (given.str.len_chars() == 10)
    full = nw.when(whole).then(nw.concat_str([given, nw.lit("T23:59:59.999999Z")])).otherwise(given)
    frame = frame.with_columns(
        nw.when(shaped).then(full).otherwise(nw.lit("1970-01-01T00:00:00Z")).alias("_text"),
        flag(whole).alias(f"{name}_whole"),
        flag(shaped).alias("_shaped"),
    ).with_columns(text.str.replace_all("Z", "+00:00", literal=True))

    def number(start: int, size: int | None = None) -> Any:
        return text.str.slice(start, size).cast(nw.Int64)

    year, month, day = number(0, 4), number(5, 2), number(8, 2)
    following = flag(month == 12)
    days = days_of(year, month, day)
    beyond = days >= days_of(year + following, month + 1 - following * 12, nw.lit(1))
    clock = (number(11, 2) * 60 + number(14, 2)) * 60 + number(17, 2)
    sign = nw.when(text.str.slice(-6, 1) == "-").then(nw.lit(-1)).otherwise(nw.lit(1))
    ahead = sign * (number(-5, 2) * 60 + number(-2)) * 60
    digits = nw.concat_str([text.str.replace_all(f"{_ZONE}$", ""), nw.lit("000000")]).str.slice(20, 6)
    instant = (days * 86_400 + clock - ahead) * SECOND + digits.cast(nw.Int64)
    return frame.with_columns(
        instant.cast(nw.Int64).alias(name),
        (nw.col("_shaped") * (1 - flag(beyond))).alias(f"fit_{name}"),
    ).drop("_text", "_shaped")


def days_of(year: Any, month: Any, day: Any) -> Any:
    """Return the days from 1970-01-01 to a date of the Gregorian calendar, years counted from March."""
    early = flag(month <= 2)
    years = year - early
    months = month + 12 * early - 3
    leaps = years // 4 - years // 100 + years // 400
    return 365 * years + leaps + (153 * months + 2) // 5 + day - 719_469
