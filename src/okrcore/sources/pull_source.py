"""What every source of observations offers, and its rows into batches that carry where they come from."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Literal, Protocol

import attrs
import numpy as np

from okrcore.adapters.chunks import Chunk
from okrcore.adapters.history_input import chunk_history
from okrcore.definitions.days import day_number, to_microseconds
from okrcore.errors import HistoryError, Problem
from okrcore.history.history import History
from okrcore.history.instants import Moment, span
from okrcore.history.records import Batch
from okrcore.sources.credentials import holds_credential
from okrcore.sources.table_format import TableFormat

Mode = Literal["pulled", "derived", "manual"]
MOST_ROWS = 100_000_000


class PullSource(Protocol):
    """Where observations are pulled from.

    `system` and `query` are stamped on each of them. `resumes` says that a pull may begin where the last
    one ended: the source asks its system for what is at or after `since`, and gives its rows in order
    of time.
    """

    @property
    def system(self) -> str:
        """The name of the system, as observations bear it."""

    @property
    def query(self) -> str:
        """What was asked, without credentials."""

    @property
    def resumes(self) -> bool:
        """Whether a pull may begin where the last one ended."""

    @property
    def restates(self) -> bool:
        """Whether observations say when they became known, so that a correction is one as it stands."""

    def pull(
        self,
        measures: Collection[str] | None = None,
        since: Moment | None = None,
        until: Moment | None = None,
    ) -> Iterator[History]:
        """Yield the observations at or after `since` and at or before `until` in batches of bounded size.

        `measures` None means all that there are. Raises HistoryError naming every bad row of a batch.
        """


@attrs.frozen(kw_only=True)
class Stamp:
    """What each observation of a source bears."""

    system: str
    query: str
    mode: Mode = "pulled"

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.system, str) or not self.system:
            raise HistoryError("a source has no system; name where it pulls from, such as 'erp'")
        if self.mode not in ("pulled", "derived", "manual"):
            raise HistoryError(f"source {self.system!r}: mode is unknown; give pulled, derived or manual")
        if holds_credential(self.query):
            raise HistoryError(
                f"source {self.system!r}: the query seems to hold a credential, and each observation would"
                " bear it; give it with the connection"
            )

    def on(self, history: History) -> History:
        """Return the same observations, each bearing this stamp."""
        batch = history.batch()
        contexts = [
            one._replace(system=self.system, query=self.query, mode=self.mode) for one in batch.contexts
        ]
        return History().with_batch(Batch(batch.measures, contexts, batch.records))


def batches(
    chunks: Iterable[Chunk],
    stamp: Stamp,
    table: TableFormat,
    most_rows: int,
    measures: Collection[str] | None,
    since: Moment | None,
    until: Moment | None,
) -> Iterator[History]:
    """Yield the chunks of a table as batches of stamped observations inside the window."""
    rows = 0
    for chunk in chunks:
        rows += len(chunk.lines)
        if rows > most_rows:
            raise HistoryError(
                f"system {stamp.system!r} gave more than {most_rows} rows; narrow since and until,"
                " or raise most_rows"
            )
        problems = list(chunk.problems)
        history = chunk_history(
            table.read(chunk, problems), table.named, table.constants, table.numbers, problems
        )
        if problems:
            raise HistoryError([_at_system(one, stamp.system) for one in dict.fromkeys(problems)])
        found = stamp.on(within(history, measures, since, until))
        if len(found):
            yield found


def within(
    history: History, measures: Collection[str] | None, since: Moment | None, until: Moment | None
) -> History:
    """Return the observations of some measures at or after `since` and at or before `until`.

    >>> both = History.of_columns(["a", "b"], ["2026-01-05", "2026-01-06"], [1, 2])
    >>> len(within(both, ["a", "b"], "2026-01-06", None)), len(within(both, ["a"], None, None))
    (1, 1)
    """
    batch = history.batch()
    records = batch.records
    kept = np.ones(len(records), np.bool_)
    if measures is not None:
        wanted = frozenset(measures)
        kept &= np.array([one in wanted for one in batch.measures], np.bool_)[records.code]
    if since is not None:
        day, first, _ = span(since, "since")
        kept &= records.time >= np.where(records.day, day_number(day), to_microseconds(first))
    if until is not None:
        day, _, last = span(until, "until")
        kept &= records.time <= np.where(records.day, day_number(day), to_microseconds(last))
    if kept.all():
        return history
    return History().with_batch(
        Batch.of(records.select(np.flatnonzero(kept)), batch.measures, batch.contexts)
    )


def _at_system(problem: Problem, system: str) -> Problem:
    if problem.file is not None:
        return problem
    row = f" row {problem.line}:" if problem.line is not None else ""
    return attrs.evolve(problem, message=f"system {system!r}:{row} {problem.message}", line=None)
