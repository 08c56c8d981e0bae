"""Read dataframes of any library into chunks of columns, slice by slice."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import numpy as np

from okrcore.adapters import chunks
from okrcore.adapters.chunks import Chunk, check_names
from okrcore.errors import HistoryError, MissingExtraError
from okrcore.history.records import as_written

MOST_ROWS = 100_000_000


def is_frame(value: Any) -> bool:
    """Tell whether a value looks like a dataframe: columns by name, eager or lazy."""
    kind = type(value)  # to ask a lazy frame itself for its columns would be dear
    named = hasattr(kind, "columns") or "columns" in getattr(value, "__dict__", {})
    return named and (hasattr(kind, "__getitem__") or hasattr(kind, "collect"))


def frame_chunks(
    frame: Any,
    measures: Collection[str] | None = None,
    column: str | None = None,
    most: int = MOST_ROWS,
) -> Iterator[Chunk]:
    """Yield the rows of a dataframe (pandas, Polars, PyArrow, Dask ... through Narwhals) in their order.

    Of a lazy frame at most one row more than `most` is collected, and of `column` only the `measures`.
    Without Narwhals pandas and Polars do. Raises HistoryError for what is no frame, or names a column twice.
    """
    size, names, part = _sliced(frame, measures, column, most)
    for start in range(0, size, chunks.CHUNK) if size else (0,):
        end = min(start + chunks.CHUNK, size)
        yield Chunk(None, range(start + 1, end + 1), part(start, end), named=names)


def _sliced(frame: Any, measures: Collection[str] | None, column: str | None, most: int) -> Any:
    """Return how many rows a frame has, its columns, and what takes a slice of them as lists."""
    try:
        import narwhals
    except ImportError:
        return _plain(frame)
    given: Any = None
    fault = ""
    try:
        # a lazy frame has no column twice, and asking it for them is dear
        if not hasattr(frame, "collect_schema") or hasattr(frame, "__len__"):
            _check(getattr(frame, "column_names", None) or frame.columns)
        given = narwhals.from_native(frame)
        if isinstance(given, narwhals.LazyFrame):
            names = given.collect_schema().names()
            if column in names and measures is not None:
                given = given.filter(narwhals.col(column).is_in(list(measures)))
            given = given.head(most + 1).collect()
        if not isinstance(given, narwhals.DataFrame):
            fault = f"is a {type(frame).__name__}, and no dataframe"
    except HistoryError:
        raise
    except Exception as error:  # each library has its own
        fault = f"is a {type(frame).__name__} that cannot be read ({type(error).__name__})"
    if fault:
        raise HistoryError(f"the frame {fault}; give one of pandas, Polars, PyArrow or alike")
    names = list(given.columns)

    def part(start: int, end: int) -> dict[str, list[Any]]:
        rows = given[start:end]
        return {name: _listed(rows[name]) for name in names}

    return len(given), names, part


def _plain(frame: Any) -> Any:
    if not (hasattr(frame, "columns") and hasattr(frame, "__len__")):
        raise MissingExtraError.of("narwhals", "frames") from None
    names = _check(frame.columns)

    def part(start: int, end: int) -> dict[str, list[Any]]:
        return {name: list(frame[key][start:end]) for name, key in zip(names, frame.columns, strict=True)}

    return len(frame), names, part


def _check(columns: Any) -> Sequence[str]:
    names = [str(name) for name in columns]
    check_names(names, "the frame has", "rename one")
    return names


def _listed(column: Any) -> list[Any]:
    """Return the values of a column; floats of 32 bits as their shortest digits say."""
    if str(column.dtype) != "Float32":
        return column.to_list()  # type: ignore[no-any-return]
    values = as_written(column.to_numpy().astype(np.float32)).tolist()
    missing = column.is_null().to_list()
    return [None if gone else value for value, gone in zip(values, missing, strict=True)]
