"""Encode observations as columns in order of delivery, and make one row an observation again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import DAY, to_date, to_instant
from okrcore.definitions.fields import is_text
from okrcore.errors import HistoryError, Problem
from okrcore.history.instants import encode
from okrcore.history.interning import Interned
from okrcore.history.observation import Observation, to_value
from okrcore.history.provenance import TRUST, Contexts, Provenance, first_appearance

T_co = TypeVar("T_co", covariant=True)


class Coded(Protocol[T_co]):
    """Items by code."""

    def __getitem__(self, code: int, /) -> T_co: ...


LIMIT = 100
"""So many problems are spelled out; the rest is counted."""


@attrs.frozen(eq=False)
class Records:
    """Records in order of delivery, one entry a record in each column.

    `time` counts days since 1970-01-01 where `day`, else microseconds since then in UTC, as `recorded` does.
    """

    code: NDArray[np.int32]
    day: NDArray[np.bool_]
    time: NDArray[np.int64]
    value: NDArray[np.float64]
    recorded: NDArray[np.int64]
    context: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.code)

    def select(self, rows: NDArray[np.int64] | slice) -> Records:
        """Return the records at `rows`."""
        return Records(*(getattr(self, field.name)[rows] for field in attrs.fields(Records)))

    @classmethod
    def join(cls, parts: Sequence[Records]) -> Records:
        """Return the records of all parts, one after the other."""
        names = [field.name for field in attrs.fields(cls)]
        return (
            parts[0]
            if len(parts) == 1
            else cls(*(np.concatenate([getattr(p, n) for p in parts]) for n in names))
        )

    @classmethod
    def empty(cls) -> Records:
        """Return no records."""
        kinds = (np.int32, np.bool_, np.int64, np.float64, np.int64, np.int32)
        return cls(*(np.empty(0, kind) for kind in kinds))  # type: ignore[arg-type]

    def recode(self, code: NDArray[np.int32], context: NDArray[np.int32]) -> Records:
        """Return the records with their codes looked up in `code` and their contexts in `context`."""
        return attrs.evolve(self, code=_looked_up(code, self.code), context=_looked_up(context, self.context))


def _looked_up(table: NDArray[np.int32], codes: NDArray[np.int32]) -> NDArray[np.int32]:
    return codes if np.array_equal(table, np.arange(len(table))) else table[codes]


@attrs.frozen(eq=False)
class Batch:
    """Records with the distinct measures and contexts that their codes count."""

    measures: list[str]
    contexts: list[Provenance]
    records: Records

    @classmethod
    def of(cls, records: Records, measures: Coded[str], contexts: Coded[Provenance]) -> Batch:
        """Return `records` with codes counted by first appearance in them, and what those codes mean."""
        code, used = first_appearance(records.code)
        context, said = first_appearance(records.context)
        return cls(
            [measures[one] for one in used.tolist()],
            [contexts[one] for one in said.tolist()],
            attrs.evolve(records, code=code, context=context),
        )


def to_observation(names: Interned[str], contexts: Contexts, records: Records, row: int) -> Observation:
    """Return one record as an observation."""
    own, time = contexts.words[int(records.context[row])], int(records.time[row])
    return Observation(
        names[int(records.code[row])],
        to_date(time) if records.day[row] else to_instant(time),
        float(records.value[row]),
        unit=own.unit,
        recorded_at=to_instant(int(records.recorded[row])),
        source=own.source,
        by=own.by,
        definition=own.definition,
    )


def from_observations(observations: Iterable[Observation]) -> Batch:
    """Return observations as columns; raises HistoryError for an entry that is no Observation."""
    rows = list(observations)
    wrong = [(row, one) for row, one in enumerate(rows) if not isinstance(one, Observation)]
    raise_rows((row, f"an entry is {one!r:.80}, but must be an Observation; make one") for row, one in wrong)
    measures, code = _distinct([one.measure for one in rows])
    contexts, context = _distinct([Provenance.of(one) for one in rows])
    day, time, _ = encode([one.at for one in rows])
    _, recorded, _ = encode([one.recorded_at for one in rows])
    value = np.fromiter((one.value for one in rows), np.float64, len(rows))
    return Batch(measures, contexts, Records(code, day, time, value, recorded, context))


def from_columns(
    measure: object,
    at: object,
    value: object,
    recorded_at: object,
    contexts: Mapping[str, object],
    *,
    days: bool = False,
) -> Batch:
    """Return columns as records; `contexts` has a column for each field of Provenance; `days` as in `encode`.

    Raises HistoryError naming every faulty row of the first faulty column.
    """
    day, time, missing = encode(at, days=days)
    size = len(time)
    raise_rows(
        (row, "at is missing; give a date or an aware instant") for row in np.flatnonzero(missing).tolist()
    )
    numbers = _numbers(value, size)
    measures, code = _texts(measure, size, "measure")
    if "" in measures:
        rows = np.flatnonzero(code == measures.index("")).tolist()
        raise_rows((row, "measure is empty; name what was measured") for row in rows)
    shared, context = _contexts({name: _texts(texts, size, name) for name, texts in contexts.items()}, size)
    return Batch(
        measures, shared, Records(code, day, time, numbers, _recorded(recorded_at, day, time), context)
    )


def from_microseconds(
    measure: NDArray[Any],
    whole: NDArray[np.bool_],
    at: NDArray[np.int64],
    value: NDArray[np.float64],
    recorded: NDArray[np.int64],
    contexts: Mapping[str, object],
) -> Batch:
    """Return columns whose moments are counted already as records, of a day (`whole`) its end in UTC."""
    size = len(at)
    measures, code = _texts(measure, size, "measure")
    shared, context = _contexts({name: _texts(texts, size, name) for name, texts in contexts.items()}, size)
    time = np.where(whole, at // DAY, at)
    return Batch(measures, shared, Records(code, whole, time, value + 0.0, recorded, context))


def raise_rows(faults: Iterable[tuple[int, str]]) -> None:
    """Raise all faults, each at its row, as one HistoryError; the first hundred are spelled out."""
    listed = [Problem(fault, path=f"row {row}", kind=HistoryError) for row, fault in faults]
    if listed:
        raise HistoryError(shortened(listed))


def shortened(problems: list[Problem]) -> list[Problem]:
    """Return at most a hundred problems, and one more that counts the rest."""
    more = len(problems) - LIMIT
    return (
        problems
        if more <= 0
        else [*problems[:LIMIT], Problem(f"and {more} more of the kind", kind=HistoryError)]
    )


def end_of_days(days: NDArray[Any]) -> NDArray[np.int64]:
    """Return the last microsecond of each day in UTC."""
    return (days.astype(np.int64) + 1) * DAY - 1


def _distinct(items: list[Any]) -> tuple[list[Any], NDArray[np.int32]]:
    place = {item: code for code, item in enumerate(dict.fromkeys(items))}
    return list(place), np.fromiter(map(place.__getitem__, items), np.int32, len(items))


def _texts(texts: object, size: int, name: str) -> tuple[list[str], NDArray[np.int32]]:
    if texts is None or isinstance(texts, str):
        return [texts or ""], np.zeros(size, np.int32)
    if hasattr(texts, "to_numpy"):
        texts = texts.to_numpy()
    listed = (
        texts.tolist()
        if isinstance(texts, np.ndarray)
        else list(texts)
        if isinstance(texts, Iterable)
        else None
    )
    if listed is None:
        raise HistoryError(f"{name} is {texts!r}; give text, or a sequence with one text a row")
    if len(listed) != size:
        raise HistoryError(f"{name} has {len(listed)} rows but at has {size}; give one entry a row")
    try:
        distinct, codes = _distinct(listed)
    except TypeError:
        raise HistoryError(
            f"{name} holds a value that is not text, but must hold text alone; give text"
        ) from None
    faults = {text: fault for text in distinct if text is not None and (fault := is_text(text))}
    if name == "mode":
        faults |= {
            text: f"is {text!r}; give one of {TRUST}" for text in distinct if text not in (None, *TRUST)
        }
    raise_rows(
        (row, f"{name} {faults[text]}") for row, text in enumerate(listed) if faults and text in faults
    )
    if None in distinct:
        distinct, merged = _distinct([text or "" for text in distinct])
        codes = merged[codes]
    return distinct, codes


def _contexts(
    columns: dict[str, tuple[list[str], NDArray[np.int32]]], size: int
) -> tuple[list[Provenance], NDArray[np.int32]]:
    key, radix = np.zeros(size, np.int64), 1
    for distinct, codes in columns.values():
        if len(distinct) > 1:
            if radix * len(distinct) >= 2**62:
                key, radix = first_appearance(key)[0].astype(np.int64), size
            key, radix = key * len(distinct) + codes, radix * len(distinct)
    codes, _ = first_appearance(key)
    count = int(codes.max()) + 1 if size else 0
    row = np.empty(count, np.int64)
    row[codes[::-1]] = np.arange(size - 1, -1, -1)
    contexts = [
        _context({name: distinct[own[r]] for name, (distinct, own) in columns.items()}) for r in row.tolist()
    ]
    merged, again = _distinct(contexts)
    return merged, again[codes]


def _context(parts: dict[str, str]) -> Provenance:
    if not parts["mode"] and (parts["system"] or parts["query"]):
        parts["mode"] = "pulled"
    return Provenance(**parts)


def as_written(values: NDArray[Any]) -> NDArray[np.float64]:
    """Return numbers as float64; those of less than 64 bits as their shortest digits say.

    A float32 of 0.7 is 0.69999998807907104, which meets no target of 0.7.

    >>> as_written(np.array([0.7], np.float32))
    array([0.7])
    """
    short = values.dtype.kind == "f" and values.dtype.itemsize < 8
    return (values.astype(str) if short else values).astype(np.float64)


def _numbers(value: object, size: int) -> NDArray[np.float64]:
    array = value.to_numpy() if hasattr(value, "to_numpy") else np.asarray(value)
    if array.shape != (size,):
        raise HistoryError(f"value has shape {array.shape} but at has {size} rows; give one number a row")
    if array.dtype.kind in "fiu":
        numbers = as_written(array) + 0.0
        raise_rows(
            (row, f"value is {numbers[row]}; leave the row out where nothing is known")
            for row in np.flatnonzero(~np.isfinite(numbers)).tolist()
        )
        return numbers
    faults, read = [], np.zeros(size)
    for row, one in enumerate(array.tolist()):
        try:
            read[row] = to_value(one)
        except HistoryError as error:
            faults.append((row, str(error)))
    raise_rows(faults)
    return read


def _recorded(recorded_at: object, day: NDArray[np.bool_], time: NDArray[np.int64]) -> NDArray[np.int64]:
    end = np.where(day, end_of_days(time), time) if day.any() else time.copy()
    if recorded_at is None:
        return end
    if isinstance(recorded_at, str | dt.date | np.datetime64):
        recorded_at = [recorded_at] * len(time)
    known_day, known, missing = encode(recorded_at, "recorded_at")
    if len(known) != len(time):
        raise HistoryError(f"recorded_at has {len(known)} rows but at has {len(time)}; give one entry a row")
    instant = np.where(known_day, end_of_days(known), known) if known_day.any() else known
    return np.where(missing, end, instant) if missing.any() else instant
