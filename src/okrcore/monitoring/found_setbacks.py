"""Find the key results that turned off-track or missed, once, on the day on which it was shown (S11.5)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from okrcore.declarations.in_force import AnyPortfolio, portfolio_at
from okrcore.definitions.argument_checks import check_arguments, is_count
from okrcore.definitions.days import day_in, day_number, to_date, to_instant, to_microseconds
from okrcore.definitions.derived import series_of
from okrcore.definitions.moments import AsOf
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Rows
from okrcore.history.backends import AnyHistory
from okrcore.history.journal import Journal
from okrcore.monitoring.period_rows import reading
from okrcore.monitoring.promised_changes import is_promised, promises_of
from okrcore.monitoring.result_looks import ResultLooks, result_looks
from okrcore.monitoring.setback import Setback
from okrcore.scoring.as_of import When
from okrcore.scoring.evaluation import Prepared
from okrcore.scoring.roster import roster_of
from okrcore.scoring.scoring_policy import (
    ACHIEVED,
    NO_DATA,
    NOT_STARTED,
    OFF_TRACK,
    STATUSES,
    ScoringPolicy,
)
from okrcore.units.rates import Rates

Ints = NDArray[np.int64]
Codes = NDArray[np.int8]

_NONE = ACHIEVED + 1
"""After all statuses: none was known."""


def setbacks(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    weeks: int = 13,
    scoring: ScoringPolicy = ScoringPolicy(),
    journal: Journal | None = None,
    rates: Rates | None = None,
) -> Rows[Setback]:
    """Return the key results that turned off-track or missed in the last `weeks`, in order of when.

    A key result with a cadence is looked at on the day on which each period's number was first recorded, and
    where none came once the wait for it is over; without one when each week ends, too, since time alone moves
    its status. It is judged at the end of that day by what was known then: so a setback stays what it was,
    whatever is recorded later. It is one where its status fails and is worse than the last two that were
    known, of six periods, or is the first that is known. Nothing is opened by what a decision in force makes
    give way, its KPI tolerated or its target to be changed, nor by the same status while a change that
    answers it in the `journal` is promised and not yet due. Cost in proportion to the numbers shown, each
    judged as by `evaluate`.

    >>> import okrcore as okr
    >>> year, goal = okr.Cycle.year(2026), okr.Objective(id="grow", title="Grow", cycle="2026")
    >>> arr = okr.KeyResult(id="arr", objective="grow", title="ARR", measure=okr.Target(0, 100))
    >>> history = okr.History.of_columns(["arr"] * 2, ["2026-03-10", "2026-03-25"], [20, 9])
    >>> for one in setbacks(okr.Portfolio.of(year, goal, arr), history, as_of="2026-04-30"):
    ...     print(one.subject, one.day, one.what)
    arr 2026-03-25 turned from on-track to off-track in the period from 2026-03-23
    """
    check_arguments(weeks=(weeks, is_count))
    portfolio = portfolio_at(portfolio, as_of, known_at)
    ready = Prepared.of(portfolio, history, rates, journal, scoring)
    when, roster = ready.when(as_of, known_at), roster_of(portfolio).key_results
    since = when.last_whole_day - 7 * weeks
    rows = np.flatnonzero((roster.start <= when.day + 1) & (roster.due > since))
    readers = reading(portfolio) if ready.journal else {}
    promises = promises_of(portfolio, ready.journal, when, readers, since)
    promised: dict[int, list[tuple[int, int]]] = {}
    first = np.full(len(rows), since + 1)
    for at, row in enumerate(rows.tolist() if promises else ()):
        result = roster.results[row]
        for name in {result.id, series_of(result, portfolio).id} & promises.keys():
            first[at] = min(first[at], promises[name][0])
            promised.setdefault(row, []).extend(promises[name][1])
    looks = result_looks(ready, history, when, rows, first)
    codes = _statuses(ready, when, scoring, looks)
    found: dict[int, list[Setback]] = {}
    asked_from = dict(zip(rows.tolist(), first.tolist(), strict=True))
    for look, before in np.transpose(_worse(looks, codes)).tolist():
        row, day = int(looks.row[look]), int(looks.day[look])
        if before == NO_DATA and day < asked_from[row]:  # what was known before it was not looked at
            continue
        one = Setback(
            subject=roster.results[row].id,
            start=to_date(looks.start[look]),
            period_end=to_date(looks.end[look]),
            shown=to_instant(looks.shown[look]),
            day=to_date(day),
            before=STATUSES[before],
            status=STATUSES[codes[look]],
            mistyped=looks.is_mistyped(look),
        )
        known = found.setdefault(row, [])
        asked = [(to_microseconds(other.shown), other.status) for other in known]
        quiet = is_promised(asked, one.status, int(looks.shown[look]), day, promised.get(row, ()))
        if not quiet and not _is_decided(portfolio, one):
            known.append(one)
    shown = (one for each in found.values() for one in each if day_number(one.day) > since)
    return Rows(sorted(shown, key=lambda one: (one.shown, one.subject, one.start)))


def _statuses(ready: Prepared, when: When, scoring: ScoringPolicy, looks: ResultLooks) -> Codes:
    """The status at the end of each look's day, as known then; NO_DATA where none says anything."""
    codes = np.full(len(looks.day), NO_DATA, dtype=np.int8)
    for day in np.unique(looks.day).tolist():
        mine = np.flatnonzero(looks.day == day)
        rows, place = np.unique(looks.row[mine], return_inverse=True)
        date, known = to_date(day), when.known
        known = date if known is None or day_in(known, when.zone) > date else known
        codes[mine] = ready.statuses(ready.when(date, known), scoring, rows)[place]
    codes[(codes == NOT_STARTED) | (codes > ACHIEVED)] = NO_DATA
    return codes


def _worse(looks: ResultLooks, codes: Codes) -> tuple[Ints, Codes]:
    """The looks at which a failing status is worse than the last two that were known, and the one before.

    NO_DATA where none was: what fails from the first is nobody's question yet, too.
    """
    known = np.flatnonzero(codes != NO_DATA)
    code, row, day, back = codes[known], looks.row[known], looks.day[known], looks.back[known]
    last, other = (np.full(len(known), _NONE, dtype=np.int8) for _ in range(2))
    for apart, earlier in enumerate((last, other), start=1):
        near = (row[apart:] == row[:-apart]) & (day[apart:] - day[:-apart] <= back[apart:])
        earlier[apart:][near] = code[:-apart][near]
    turned = (code <= OFF_TRACK) & (code < np.minimum(last, other))
    return known[turned], np.where(last == _NONE, NO_DATA, last)[turned]


def _is_decided(portfolio: Portfolio, one: Setback) -> bool:
    """Whether a decision in force on its day tolerates the KPI that it reads, or changes its target."""
    names = {series_of(portfolio[one.subject], portfolio).id: "tolerate", one.subject: "retarget"}
    return any(
        ruling.holds(one.day) and names.get(ruling.subject or "") == ruling.kind
        for ruling in portfolio.tolerances
    )
