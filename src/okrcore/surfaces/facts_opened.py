"""Open the observations, answers and rates that files hold."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import reduce
from pathlib import Path

from okrcore.errors import HistoryError, Problem
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.units.rates import Rates

MAGIC = b"SQLite format 3\x00"
SUFFIX = ".ledger"


def open_histories(paths: Iterable[str | os.PathLike[str]]) -> History | None:
    """Return the observations of several files as one history; None where no file is named."""
    found = [open_history(os.fspath(path)) for path in paths]
    return reduce(History.append, found) if found else None


def open_journals(paths: Iterable[str | os.PathLike[str]]) -> Journal | None:
    """Return the entries of several files as one journal; None where no file is named."""
    found = [open_journal(os.fspath(path)) for path in paths]
    return reduce(Journal.append, found) if found else None


def open_rates(paths: Iterable[str | os.PathLike[str]]) -> Rates | None:
    """Return the exchange rates of several files together; None where no file is named."""
    from okrcore.adapters.rates_input import read_rates

    found = [read_rates(path) for path in paths]
    return Rates.of(row for one in found for row in one.rows) if found else None


def open_journal(path: str) -> Journal:
    """Return the entries of a ledger, or of a file that `read_journal` reads."""
    if is_ledger(path):
        from okrcore.ledger.ledger import Ledger

        with Ledger.open(path) as ledger:
            return ledger.journal
    from okrcore.adapters.journal_input import read_journal

    return read_journal(path)


def open_history(path: str) -> History:
    """Return the history of a ledger, or of a file that `read_history` reads without options."""
    if is_ledger(path):
        from okrcore.ledger.ledger import Ledger

        with Ledger.open(path) as ledger:
            return ledger.history
    from okrcore.adapters import read_history

    if path.lower().endswith(SUFFIX):
        raise HistoryError(f"{path}: the ledger does not exist; check the path")
    try:
        return read_history(path)
    except HistoryError as error:
        hint = [Problem(PULLED, file=path, kind=HistoryError)] if Path(path).is_file() else []
        raise HistoryError([*error.problems, *hint]) from error


PULLED = (
    "is read as it stands, with the columns measure, at and value, parted by commas; if it is written"
    " otherwise, say so in the CONFIG of okrcore pull (columns, delimiter, numbers, dates), and name its"
    " ledger here"
)


def is_ledger(path: str) -> bool:
    """Say whether a file is a ledger, by its first bytes, or its name where these are damaged."""
    file = Path(path)
    try:
        if not file.is_file():  # a pipe would keep its reader waiting
            return False
        with file.open("rb") as opened:
            return opened.read(len(MAGIC)) == MAGIC or file.suffix.lower() == SUFFIX
    except (OSError, ValueError):
        return False
