"""Define an observation: what was measured, for when, how much, and when that became known."""

from __future__ import annotations

import datetime as dt
import math
import numbers
from decimal import Decimal
from typing import Any, Protocol

import attrs
from attrs import field

from okrcore.definitions.fields import is_text
from okrcore.definitions.kpis import Source
from okrcore.errors import HistoryError, OkrError, Problem
from okrcore.history.instants import Moment, end_of, to_moment


class Quantity(Protocol):
    """A number with its unit, as pint makes them."""

    @property
    def magnitude(self) -> Any:
        """The number."""

    @property
    def units(self) -> Any:
        """The unit."""


@attrs.frozen(init=False)
class Observation:
    """A value of one measure, never edited: a correction is a later `recorded_at` for its (measure, at). S8.1

    `at` is a calendar day (a date) or an aware instant; ISO text of either is read, instants are kept in
    UTC. `value` is a finite number, or a pint quantity, which brings its own unit. `unit` "" means the
    measure's own unit (S1.4). `recorded_at` is when the value became known; None becomes the end of `at`,
    for a day its last microsecond in UTC. `source` None means that nobody said where the number comes
    from; it is trusted least. `by` names who or what recorded it, `definition` is a hash of formula,
    filter and source (S8.4).

    >>> Observation("uptime", "2026-01-05", 98.5, unit="%").recorded_at.isoformat()
    '2026-01-05T23:59:59.999999+00:00'

    A derived value that is undefined, such as x / 0, is NaN (S22.3).

    Raises HistoryError with every fault of the value: other NaN and infinities (S0.3), naive instants (S3.5).
    """

    measure: str
    at: dt.date | dt.datetime
    value: float
    unit: str = field(kw_only=True)
    recorded_at: dt.datetime = field(kw_only=True)
    source: Source | None = field(kw_only=True)
    by: str = field(kw_only=True)
    definition: str = field(kw_only=True)

    def __init__(
        self,
        measure: str,
        at: Moment,
        value: float | Decimal | Quantity,
        *,
        unit: str = "",
        recorded_at: Moment | None = None,
        source: Source | None = None,
        by: str = "",
        definition: str = "",
    ) -> None:
        faults: list[str] = []
        for name, text in (("measure", measure), ("unit", unit), ("by", by), ("definition", definition)):
            if fault := is_text(text):
                faults.append(f"{name} {fault}")
        if measure == "":
            faults.append("measure is empty; name what was measured")
        moment, known = dt.date.min, None
        try:
            moment = to_moment(at)
            known = end_of(moment if recorded_at is None else to_moment(recorded_at, "recorded_at"))
        except HistoryError as error:
            faults.append(str(error))
        if source is not None:
            faults += source_faults(source)
        undefined = isinstance(value, float) and math.isnan(value) and is_derived(source)
        number, unit, fault = (math.nan, unit, None) if undefined else _to_number(value, unit)
        if fault:
            faults.append(fault)
        if faults or known is None:
            where = f"observation of {measure!r} at {at!s}"
            raise HistoryError([Problem(f"{where}: {fault}", kind=HistoryError) for fault in faults])
        self.__attrs_init__(
            measure, moment, number, unit=unit, recorded_at=known, source=source, by=by, definition=definition
        )


FORMULA_SYSTEM = "formula"
"""The source system of records that were derived by a formula."""


def is_derived(source: object) -> bool:
    """Return whether a source says that a formula made the number: it is never recorded, but derived anew."""
    return isinstance(source, Source) and source.mode == "derived" and source.system == FORMULA_SYSTEM


def source_faults(source: object) -> list[str]:
    """Return why `source` cannot be kept, one text a fault."""
    if not isinstance(source, Source):
        return [f"source is {source!r}; give a Source"]
    texts = (("source.system", source.system), ("source.query", source.query))
    return [f"{name} {fault}" for name, text in texts if (fault := is_text(text))]


def to_value(value: object) -> float:
    """Return a finite real number as float, minus zero as zero; raises HistoryError for anything else."""
    if isinstance(value, bool) or not isinstance(value, numbers.Real | Decimal):
        raise HistoryError(f"value is {value!r}; give a number")
    try:
        number = float(str(value) if _is_short(value) else value)
    except (OverflowError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise HistoryError(
            f"value is {value!r}; give a finite number, or no observation where nothing is known"
        )
    return number + 0.0


def _is_short(value: object) -> bool:
    """Whether a number is one of NumPy of less than 64 bits, whose shortest digits are what was meant."""
    kind = getattr(value, "dtype", None)
    return kind is not None and kind.kind == "f" and kind.itemsize < 8


def _to_number(value: object, unit: str) -> tuple[float, str, str | None]:
    try:
        if not hasattr(value, "magnitude"):
            return to_value(value), unit, None
        from okrcore.units.quantities import from_quantity

        number, own = from_quantity(value)
        if unit and unit != own:
            return 0.0, unit, f"unit is {unit!r} but value is a quantity in {own!r}; leave unit out"
        return to_value(number), own, None
    except OkrError as error:
        return 0.0, unit, str(error)
