"""Give a value that is a table too the ways out of a table."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from okrcore.display.table import Table


class Tabular(ABC):
    """What has a `table`, and goes where tables go."""

    __slots__ = ()

    @property
    @abstractmethod
    def table(self) -> Table:
        """The rows."""

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return the rows of `table` as dicts of plain values."""
        return self.table.to_dicts()

    def to_pandas(self) -> Any:
        """Return `table` as a pandas DataFrame."""
        return self.table.to_pandas()

    def to_polars(self) -> Any:
        """Return `table` as a Polars DataFrame."""
        return self.table.to_polars()

    def to_csv(self, path: str | Path | None = None) -> str:
        """Return `table` as CSV, and write it to `path` where one is given."""
        return self.table.to_csv(path)

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.table.__arrow_c_stream__(requested_schema)
