"""Fetch from a dataframe's engine the records of what is asked for, and of what that is computed from."""

from __future__ import annotations

from collections.abc import Iterable

from okrcore.definitions.formulas import formulas_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.backends import AnyHistory, facts_of
from okrcore.history.former_names import followed
from okrcore.history.history import History


def fetched(portfolio: Portfolio, history: AnyHistory, measures: Iterable[str]) -> History:
    """Return a history in memory; of a frame the records of some measures, of formulas those of their inputs.

    One query, and a row a record, with the time at which it was recorded: for what needs single values, or
    what was known at many moments. A history in memory is itself. Raises HistoryError for what is none.
    """
    if isinstance(history, History):
        return history
    facts_of(history)
    formulas = formulas_of(portfolio)
    asked = list(dict.fromkeys(measures))
    for name in asked:  # grows by what formulas read, at any depth
        inputs = formulas[name].inputs if name in formulas else ()
        asked += dict.fromkeys(one.series for one in inputs if one.series not in asked)
    recorded = [name for name in asked if name not in formulas]
    return History().with_batch(followed(portfolio, history).records_of(recorded))
