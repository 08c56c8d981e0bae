"""Encode records as bytes, and decode them: the form that roots are taken over and ledgers are written in.

docs/reference/ledger-format.md is its specification; a change of one byte is a new version.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import DAY
from okrcore.errors import HistoryError
from okrcore.history.provenance import TRUST, Provenance
from okrcore.history.records import Records

_HEAD = struct.Struct("<4sIII")
_MAGIC = b"okr1"
_COLUMNS = (("<u4", 4), ("<u4", 4), ("u1", 1), ("<i8", 8), ("<f8", 8), ("<i8", 8))
_DAYS = (-719_162, 2_932_896)
"""0001-01-01 and 9999-12-31; instants lie on these days."""
_INSTANTS = (_DAYS[0] * DAY, (_DAYS[1] + 1) * DAY - 1)


def encode_records(records: Records, measures: Sequence[str], contexts: Sequence[Provenance]) -> bytes:
    """Return the bytes of `records`; `measures` and `contexts` are those that no record before them used."""
    texts = [text.encode() for text in [*measures, *(text for context in contexts for text in context)]]
    return b"".join(
        [
            _HEAD.pack(_MAGIC, len(records), len(measures), len(contexts)),
            np.array([len(text) for text in texts], "<u4").tobytes(),
            *texts,
            records.code.astype("<u4").tobytes(),
            records.context.astype("<u4").tobytes(),
            (~records.day).astype("u1").tobytes(),
            records.time.astype("<i8").tobytes(),
            records.value.astype("<f8").tobytes(),
            records.recorded.astype("<i8").tobytes(),
        ]
    )


def decode_records(
    data: bytes, known_measures: int, known_contexts: int
) -> tuple[Records, list[str], list[Provenance]]:
    """Return (records, new measures, new contexts); the counts say how many the bytes before named.

    Raises HistoryError for bytes that `encode_records` does not make.
    """
    if len(data) < _HEAD.size:
        raise _fault("ends within its head")
    magic, count, new_measures, new_contexts = _HEAD.unpack_from(data)
    if magic != _MAGIC:
        raise _fault(f"has version mark {magic!r}, this library reads {_MAGIC!r}; use a newer okrcore")
    texts, start = _texts(data, new_measures + 6 * new_contexts)
    if len(data) != start + count * sum(size for _, size in _COLUMNS):
        raise _fault(f"has {len(data)} bytes, which is not what its {count} records take")
    columns: list[NDArray[np.generic]] = []
    for kind, size in _COLUMNS:
        columns.append(np.frombuffer(data, kind, count, start))
        start += count * size
    code, context, instant, time, value, recorded = columns
    measures = texts[:new_measures]
    contexts = [Provenance(*texts[at : at + 6]) for at in range(new_measures, len(texts), 6)]
    records = Records(
        code=code.astype(np.int32),
        day=instant == np.uint8(0),
        time=time.astype(np.int64),
        value=value.astype(np.float64),
        recorded=recorded.astype(np.int64),
        context=context.astype(np.int32),
    )
    _check(records, instant, known_measures + new_measures, known_contexts + new_contexts)
    if not all(measures) or any(one.mode not in TRUST or (one.system and not one.mode) for one in contexts):
        raise _fault("holds an empty measure or an unknown source mode")
    return records, measures, contexts


def _texts(data: bytes, count: int) -> tuple[list[str], int]:
    start = _HEAD.size + 4 * count
    if start > len(data):
        raise _fault("ends within its texts")
    texts = []
    for length in np.frombuffer(data, "<u4", count, _HEAD.size).tolist():
        if start + length > len(data):
            raise _fault("ends within its texts")
        try:
            texts.append(data[start : start + length].decode())
        except UnicodeDecodeError:
            raise _fault("holds text that is not UTF-8") from None
        start += length
    return texts, start


def _check(records: Records, instant: NDArray[np.generic], measures: int, contexts: int) -> None:
    if not len(records):
        return
    limits = np.where(records.day[:, None], _DAYS, _INSTANTS)
    sound = (
        ((records.code >= 0) & (records.code < measures)).all()
        and ((records.context >= 0) & (records.context < contexts)).all()
        and np.isin(instant, (0, 1)).all()
        and np.isfinite(records.value).all()
        and ((limits[:, 0] <= records.time) & (records.time <= limits[:, 1])).all()
        and ((_INSTANTS[0] <= records.recorded) & (records.recorded <= _INSTANTS[1])).all()
    )
    if not sound:
        raise _fault("holds a code, kind, time or value out of range")


def _fault(fault: str) -> HistoryError:
    return HistoryError(f"encoded block {fault}; restore the file from a copy")
