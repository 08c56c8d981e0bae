"""Chart every KPI and key result of a portfolio over its own periods (S11.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from okrcore.declarations.in_force import AnyPortfolio, portfolio_at
from okrcore.definitions.argument_checks import check_arguments
from okrcore.definitions.fields import each, is_text, optional, to_tuple
from okrcore.definitions.moments import AsOf
from okrcore.display.table import Table
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.journal import Journal, followed_journal
from okrcore.monitoring.charted_rows import charted
from okrcore.monitoring.declared_breaks import declared_breaks
from okrcore.monitoring.period_rows import period_rows, watched
from okrcore.monitoring.process_chart import SIGNALS
from okrcore.monitoring.profiles import Profile, profile_of
from okrcore.monitoring.series_chart import meaning_of
from okrcore.scoring.as_of import When
from okrcore.units.rates import Rates

_COLUMNS: dict[str, Any] = {
    "id": object,
    **dict.fromkeys(("start", "end"), "datetime64[D]"),
    **dict.fromkeys(("value", "low", "mean", "high"), np.float64),
    **dict.fromkeys(("signal", "meaning"), object),
}
_WORDS = np.array([None, *SIGNALS], dtype=object)
_MEANINGS = np.array(
    [[meaning_of(side, better) for better in (-1, 0, 1)] for side in (-1, 0, 1)], dtype=object
)


def signals_of(
    portfolio: AnyPortfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    only: Iterable[str] | None = None,
    rates: Rates | None = None,
    journal: Journal | None = None,
    profile: Profile | str = "nhs",
) -> Table:
    """Return every period of every KPI and key result with its limits and its signal, by id and time.

    Columns: id, start and end (days) of the period, value, low, mean, high, signal and meaning as in
    `signals`; periods without a value are left out. Where silence means 0, periods without a record are 0 as
    far as the feed is known to live, also by check-ins of the `journal`. Limits are new from where
    `Kpi.rebased` or a break of the definition says so, and move with the season, declared or, where two full
    ones show it, the calendar's. Of the latest value the running period counts, of what is summed up only
    those that have ended; the limits of a sum go with the length of its period. Of Declarations what was in
    force at `as_of`, with new limits from where a unit, source, aggregate or formula was changed. `only` some
    ids. Of a history on a dataframe engine the periods are reduced there, by one query for all that have one
    grid and aggregate. Raises UnknownIdError for an id that nobody declares. About 60 us a KPI and year.

    >>> import okrcore as okr
    >>> calls = okr.Kpi(id="calls", title="Calls", better="higher", cadence="weekly")
    >>> days = okr.weekly("2026-01-04", "2026-03-29")
    >>> numbers = [20, 21, 19, 20, 22, 20, 19, 21, 20, 21, 20, 19, 9]
    >>> history = okr.History.of_columns(["calls"] * 13, days, numbers)
    >>> signals_of(okr.Portfolio.of(calls), history, as_of="2026-03-31").to_dicts()[-1]["signal"]
    'outside'
    """
    only = None if only is None else to_tuple(only)
    check_arguments(only=(only, optional(each(is_text))))
    book, declared = profile_of(profile), portfolio
    portfolio = portfolio_at(declared, as_of, known_at)
    history, journal = with_derived(portfolio, history, rates), followed_journal(portfolio, journal)
    when = When.of(as_of, known_at, portfolio.calendar.timezone)
    breaks = declared_breaks(declared, as_of, portfolio.calendar.timezone)
    ids = watched(portfolio) if only is None else [portfolio[name].id for name in dict.fromkeys(only)]
    rank = {name: place for place, name in enumerate(sorted(ids))}
    columns: list[list[NDArray[Any]]] = [[] for _ in _COLUMNS]
    ranks = [np.empty(0, np.int64)]
    for group in period_rows(portfolio, history, ids, when, portfolio.rates_or(rates), breaks, journal):
        chart = charted(group, book)
        row, at = np.nonzero(~np.isnan(chart.values))
        owner = chart.owner[row]
        better = np.array([one.better for one in group.declared])[owner]
        signal = chart.signal[row, at]
        names = np.array(group.ids, dtype=object)[owner]
        ranks.append(np.array([rank[name] for name in group.ids])[owner])
        meaning = _MEANINGS[chart.side[row, at] + 1, better + 1]
        meaning[signal == 0] = None
        parts: tuple[NDArray[Any], ...] = (
            names,
            group.edges[at].astype("datetime64[D]"),
            (group.edges[at + 1] - 1).astype("datetime64[D]"),
            group.values[owner, at],
            chart.low[row, at],
            chart.mean[row, at],
            chart.high[row, at],
            _WORDS[signal],
            meaning,
        )
        for column, part in zip(columns, parts, strict=True):
            column.append(part)
    whole = [
        np.concatenate(parts) if parts else np.empty(0, kind)
        for parts, kind in zip(columns, _COLUMNS.values(), strict=True)
    ]
    order = np.lexsort((whole[1], np.concatenate(ranks)))
    return Table({name: column[order] for name, column in zip(_COLUMNS, whole, strict=True)})


def newest_points(points: Table) -> Table:
    """Return the newest point of each id of such a table, by id."""
    ids = points["id"].tolist() if "id" in points.data else []
    last = [row for row in range(len(ids)) if row + 1 == len(ids) or ids[row + 1] != ids[row]]
    return points.take(np.array(last, dtype=np.int64))
