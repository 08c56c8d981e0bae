"""Say what every source of observations offers; stamp its rows with where they come from."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import Literal, Protocol

import attrs
import numpy as np

from okrcore.adapters.chunk_histories import STAMPED, RowFields, capped, histories
from okrcore.adapters.chunks import Chunk
from okrcore.adapters.table_format import TableFormat
from okrcore.definitions.days import day_number, to_microseconds
from okrcore.errors import HistoryError, Problem
from okrcore.history.history import History
from okrcore.history.instants import Moment, span
from okrcore.history.records import Batch
from okrcore.sources.credentials import query_holds_credential

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
        check_query(self.system, self.query)

    def on(self, history: History) -> History:
        """Return the same observations, each bearing this stamp."""
        batch = history.batch()
        contexts = [
            one._replace(system=self.system, query=self.query, mode=self.mode) for one in batch.contexts
        ]
        return History().with_batch(Batch(batch.measures, contexts, batch.records))


def check_query(system: str, query: str) -> None:
    """Raise HistoryError for a query that seems to hold a credential, without saying it."""
    if query_holds_credential(query):
        raise HistoryError(
            f"source {system!r}: the query seems to hold a credential, and each observation would"
            " bear it; give it with the connection"
        )


class ReadWhole:
    """A table that is read from its beginning at each pull."""

    __slots__ = ()
    table: TableFormat

    @property
    def resumes(self) -> bool:
        """False: its rows have no order that could be relied on."""
        return False

    @property
    def restates(self) -> bool:
        """Whether `table` names a column recorded_at."""
        return self.table.restates


class TableSource(Protocol):
    """A source whose rows are a table."""

    @property
    def system(self) -> str:
        """The name of the system."""

    @property
    def query(self) -> str:
        """What was asked."""

    @property
    def mode(self) -> Mode:
        """How its values came to be."""

    @property
    def table(self) -> TableFormat:
        """How its rows say what they say."""

    @property
    def most_rows(self) -> int:
        """How many rows a pull may read."""


def pull_table(
    source: TableSource,
    chunks: Callable[[], Iterable[Chunk]],
    measures: Collection[str] | None,
    since: Moment | None,
    until: Moment | None,
) -> Iterator[History]:
    """Yield the rows of a table as batches of stamped observations inside the window."""
    stamp = Stamp(system=source.system, query=source.query, mode=source.mode)
    rows = 0
    for chunk, history, problems in histories(_unstamped(chunks(), source), RowFields(table=source.table)):
        rows += len(chunk.lines)
        if rows > source.most_rows:
            raise HistoryError(
                f"system {source.system!r} gave more than {source.most_rows} rows; narrow since and until,"
                " or raise most_rows"
            )
        if problems:
            found = [_at_system(one, source.system) for one in dict.fromkeys(problems)]
            raise HistoryError(capped(found))
        if len(kept := stamp.on(within(history, measures, since, until))):
            yield kept


def _unstamped(chunks: Iterable[Chunk], source: TableSource) -> Iterator[Chunk]:
    """Yield the chunks without what their rows say of their source, which is not believed."""
    for chunk in chunks:
        if "recorded_at" in chunk.named and not source.table.restates:
            fault = "column recorded_at is there, but not named; name it under columns, or leave it out"
            raise HistoryError([Problem(fault, file=chunk.file, kind=HistoryError)])
        values = {name: column for name, column in chunk.values.items() if name not in STAMPED}
        yield attrs.evolve(chunk, values=values)


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
