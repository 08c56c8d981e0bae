"""Read a file of entries as a journal, all bad rows in one error."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from okrcore.adapters.chunk_histories import capped
from okrcore.adapters.chunks import read_chunks
from okrcore.adapters.table_records import TableLayout
from okrcore.definitions.moments import from_iso
from okrcore.errors import HistoryError, OkrError, Problem
from okrcore.history.entry import Change, Entry
from okrcore.history.journal import Journal

FIELDS = (
    "kind",
    "subject",
    "by",
    "at",
    "text",
    "changes",
    "status",
    "confidence",
    "team",
    "outcome",
    "score",
)


def read_journal(path: str | os.PathLike[str], *, encoding: str | None = None) -> Journal:
    """Return the journal that a file holds: JSON lines (.jsonl), CSV, TSV, JSON or .xlsx.

    The columns are those of `Entry`: kind, subject, by, at, and where they are there text, changes, status,
    confidence, team, and of a closing outcome and score. In JSON `changes` is a list of texts or of {"what",
    "by", "due"}; in a table it is text, several parted by semicolons. Blank cells are left out. Raises
    HistoryError that lists every bad row with its line, and every column that is no field.

    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "journal.csv")
    ...     row = "adjustment,throughput,lead,2026-03-02,one lane a night"
    ...     _ = file.write_text(f"kind,subject,by,at,changes\\n{row}\\n")
    ...     [entry.changes[0].what for entry in read_journal(file)]
    ['one lane a night']
    """
    entries, problems = [], list[Problem]()
    for chunk in read_chunks(path, TableLayout(encoding=encoding), FIELDS):
        problems += chunk.problems
        unknown = sorted(set(chunk.named) - set(FIELDS))
        if unknown:
            parted = ", parted by commas" if chunk.hint else ""
            message = f"columns {unknown} are no fields of an entry; use {', '.join(FIELDS)}{parted}"
            problems.append(Problem(message, file=chunk.file, kind=HistoryError))
            continue
        for place, line in enumerate(chunk.lines):
            given = {name: column[place] for name, column in chunk.values.items() if name in FIELDS}
            try:
                entries.append(_entry({name: cell for name, cell in given.items() if cell not in (None, "")}))
            except OkrError as error:
                problems += [
                    Problem(problem.message[:600], file=chunk.file, line=line, kind=HistoryError)
                    for problem in error.problems
                ]
    if problems:
        raise HistoryError(capped(problems))
    return Journal.of(entries)


def _entry(given: Mapping[str, Any]) -> Entry:
    missing = [name for name in FIELDS[:4] if name not in given]
    if missing:
        raise HistoryError(f"{', '.join(missing)} is missing; give it")
    cells = {
        **given,
        "changes": _changes(given.get("changes", ())),
        "confidence": _number(given.get("confidence")),
        "score": _number(given.get("score")),
    }
    return Entry(cells.pop("kind"), cells.pop("subject"), cells.pop("by"), cells.pop("at"), **cells)


def _changes(given: Any) -> Any:
    if isinstance(given, str):
        return [part.strip() for part in given.split(";") if part.strip()]
    return (
        [_change(one) if isinstance(one, Mapping) else one for one in given]
        if isinstance(given, list | tuple)
        else given
    )


def _change(given: Mapping[str, Any]) -> Any:
    if not set(given) <= {"what", "by", "due"} or not isinstance(given.get("what"), str):
        raise HistoryError(
            f"a change is {dict(given)!r}; give what, and maybe by and due".replace("\n", " ")[:300]
        )
    due = given.get("due")
    try:
        day = from_iso(due) if isinstance(due, str) else due
    except ValueError:
        raise HistoryError(f"due {due!r} is no date; write it like 2026-12-31") from None
    return Change(given["what"], by=given.get("by") or "", due=day)


def _number(given: Any) -> Any:
    if not isinstance(given, str):
        return given
    try:
        return float(given)
    except ValueError:
        return given
