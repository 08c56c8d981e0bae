"""Hold what one file gave: definitions, values and entries, each refused one noted at its row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import attrs

from okrcore.adapters.catalogue.row_values import RowValues
from okrcore.errors import OkrError
from okrcore.history.entry import Entry


@attrs.define(eq=False)
class Harvest:
    """What one file gave: definitions by id, values by measure and day, entries."""

    definitions: dict[str, Any] = attrs.Factory(dict)
    values: dict[tuple[str, dt.date], tuple[float, str]] = attrs.Factory(dict)
    entries: list[Entry] = attrs.Factory(list)

    def add(self, row: RowValues, role: str, build: Callable[[], Any]) -> bool:
        """Keep what `build` makes; note its faults at the row where it refuses."""
        try:
            made = build()
        except OkrError as error:
            for problem in error.problems:
                row.note(role, f"{problem.message}; it is left out")
            return False
        self.definitions[made.id] = made
        return True

    def observe(
        self, row: RowValues, measure: str, day: dt.date, value: float, column: str, unit: str = ""
    ) -> None:
        """Keep a value; a second one for the same day that differs is noted."""
        known = self.values.setdefault((measure, day), (value, unit))
        if known != (value, unit):
            message = f"{measure!r} has {known[0]:g} for {day} already, and {value:g} is left out; keep one"
            row.notes.add(row.row, column, message)
