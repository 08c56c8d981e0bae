"""Read the values that the roles of a row have, every fault noted at its cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import TypeVar, get_args

import attrs

from okrcore.adapters.catalogue.amount_words import Amount, amount_alone
from okrcore.adapters.catalogue.mapping import ColumnMapping
from okrcore.adapters.catalogue.target_words import WordDirection
from okrcore.adapters.cells import Cell, Refused, choose, flag_of, text_of, texts_of
from okrcore.adapters.date_cells import date_of
from okrcore.adapters.number_cells import number_of
from okrcore.adapters.sheet import SheetRow
from okrcore.definitions.aggregates import Aggregate
from okrcore.definitions.cadence import Cadence
from okrcore.errors import DocumentError, OkrError, Problem

T = TypeVar("T")
CADENCES = {
    "annual": "yearly",
    "annually": "yearly",
    "every year": "yearly",
    "per year": "yearly",
    "year": "yearly",
    "quarter": "quarterly",
    "month": "monthly",
    "week": "weekly",
    "day": "daily",
    "half-yearly": "every 6 months",
    "half yearly": "every 6 months",
    "semi-annual": "every 6 months",
    "semi-annually": "every 6 months",
    "biannual": "every 6 months",
    "every two weeks": "fortnightly",
}
"""Further words for how often something is measured; "bi-weekly" means two things, and is none."""
AGGREGATES: tuple[Aggregate, ...] = get_args(Aggregate)
WORDS_OF_AGGREGATES = {
    "total": "sum",
    "average": "mean",
    "avg": "mean",
    "last": "latest",
    "maximum": "max",
    "minimum": "min",
    "current": "latest",
    "snapshot": "latest",
}
Number = tuple[float, str]
"""A value and the unit its cell states, "%" or ""."""


@attrs.define(eq=False)
class Notes:
    """The problems of one file, in the order found; what holds for many rows is told once."""

    file: str
    problems: dict[Problem, None] = attrs.Factory(dict)
    counted: dict[tuple[str, str], int] = attrs.Factory(dict)

    def add(self, row: SheetRow, column: str | None, message: str) -> None:
        """Note what is wrong with a row, at one of its cells."""
        problem = Problem(message, column or "", self.file, *row.place(column), kind=DocumentError)
        self.problems.setdefault(problem)  # a cell may be read twice

    def count(self, column: str, message: str) -> None:
        """Note once what many rows share; "{n}" in the message is their number."""
        self.counted[column, message] = self.counted.get((column, message), 0) + 1

    def all(self, heading: int, columns: tuple[str, ...]) -> tuple[Problem, ...]:
        """Return all problems by line; those that are told once stand at the heading."""
        once = [
            Problem(
                message.replace("{n}", str(n)),
                column,
                self.file,
                heading,
                columns.index(column) + 1 if column in columns else None,
                DocumentError,
            )
            for (column, message), n in self.counted.items()
        ]
        return (*once, *sorted(self.problems, key=lambda one: (one.line or 0, one.column or 0)))


@attrs.frozen(eq=False)
class RowValues:
    """The roles of one row. Each method returns None (or "" or ()) where there is nothing to read."""

    row: SheetRow
    mapping: ColumnMapping
    notes: Notes

    def cell(self, role: str) -> Cell:
        """Return the cell of a role, or the constant that stands for it."""
        column = self.mapping.column(role)
        cell = self.row.cells.get(column) if column else None
        return self.mapping.constants.get(role) if cell is None else cell

    def given(self, role: str) -> bool:
        """Tell whether the row itself has a cell for a role."""
        return self.row.cells.get(self.mapping.column(role) or "") is not None

    def note(self, role: str, message: str) -> None:
        """Note what is wrong at the cell of a role."""
        self.notes.add(self.row, self.mapping.column(role), message)

    def text(self, role: str) -> str:
        """Return the text of a role, or what it means where the mapping lists words."""
        words = self.mapping.words.get(role)
        cell = self.cell(role)
        if words is None:
            return self._read(role, lambda: text_of(cell)) or ""
        return self._read(role, lambda: choose(cell, words.items())) or ""

    def word(self, role: str, *known: str, **others: str) -> str | None:
        """Return which of the known words a role means; `others` are further words with what they mean."""
        words = {**{one: one for one in known}, **others, **self.mapping.words.get(role, {})}
        return self._read(role, lambda: choose(self.cell(role), words.items()))

    def texts(self, role: str) -> tuple[str, ...]:
        """Return the texts that the columns of a role list, each once."""
        names = self.mapping.columns.get(role, ())
        columns = (names,) if isinstance(names, str) else names
        cells: list[Cell] = [self.row.cells.get(name) for name in columns]
        cells = cells or [self.mapping.constants.get(role)]
        separator = self.mapping.separators.get(role, self.mapping.separator)
        found: list[str] = []
        for cell in cells:
            found += self._read(role, partial(texts_of, cell, separator)) or ()
        return tuple(dict.fromkeys(found))

    def number(self, role: str) -> Number | None:
        """Return the number of a role."""
        cell = self.cell(role)
        observed = role in ("current", "progress", "value") and self.mapping.column(role)
        if cell is None and not observed:
            return None  # only an observation can be a zero that was left blank
        return self._read(role, lambda: number_of(cell, self.mapping.numbers))

    def amount(self, role: str) -> Amount | None:
        """Return the number of a role with the scale and unit that its cell states."""
        cell = self.cell(role)
        if cell is None and not (role in ("current", "value") and self.mapping.column(role)):
            return None
        return self._read(role, lambda: self._amount(cell))

    def observed(self, column: str) -> Amount | None:
        """Return the amount in a column of observations."""
        try:
            return self._amount(self.row.cells.get(column))
        except Refused as refused:
            self.notes.add(self.row, column, str(refused))
            return None

    def _amount(self, cell: Cell) -> Amount | None:
        try:
            found = number_of(cell, self.mapping.numbers)
            return None if found is None else Amount(*found)
        except Refused as refused:
            found_amount = amount_alone(text_of(cell), self.mapping.numbers, self.mapping.units)
            if found_amount is None:
                raise refused
            return found_amount

    @property
    def observations(self) -> Mapping[str, dt.date]:
        """The columns of observations, each with the day that it is of."""
        return self.mapping.observations

    def way(self) -> WordDirection | None:
        """Return which way is better; None where nothing says so, or a number is to be kept."""
        found = self.word("direction", "higher", "lower", "maintain")
        return "higher" if found == "higher" else "lower" if found == "lower" else None

    def date(self, role: str) -> dt.date | None:
        """Return the date of a role."""
        return self._read(role, lambda: date_of(self.cell(role), self.mapping.dates))

    def flag(self, role: str) -> bool:
        """Return the yes or no of a role, by the mapping's words where it lists some."""
        words = self.mapping.words.get(role)
        cell = self.cell(role)
        if words is None:
            return self._read(role, lambda: flag_of(cell)) or False
        return self._read(role, lambda: flag_of(choose(cell, words.items()))) or False

    def cadence(self) -> Cadence | None:
        """Return how often the row is measured."""

        def read() -> Cadence | None:
            text = self.text("cadence")
            word = CADENCES.get(text.casefold(), text)
            try:
                return Cadence.parse(word.lower()) if word else None
            except OkrError as error:
                raise Refused(f"{error}; or list the word under words.cadence") from None

        return self._read("cadence", read)

    def aggregate(self) -> Aggregate:
        """Return what makes one value of several; the latest where nothing says so."""
        found = self.word("aggregate", *AGGREGATES, **WORDS_OF_AGGREGATES)
        return next((name for name in AGGREGATES if name == found), "latest")

    def at(self) -> dt.date | None:
        """Return the day that the row's current values are of."""
        return self.date("at") or self.mapping.at

    def _read(self, role: str, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except Refused as refused:
            self.note(role, str(refused))
            return None
