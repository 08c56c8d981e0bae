"""Derive the values of formula KPIs from a history: dated, sourced, restated when an input is (S22.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.formulas import formulas_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import Problem
from okrcore.frozen import FrozenDict
from okrcore.history.backends import AnyHistory, facts_of
from okrcore.history.derived_frame import DerivedFrame, FrameFormulas
from okrcore.history.derived_records import DerivedHistory, DerivedRecords, MadeDerivation
from okrcore.history.former_names import followed
from okrcore.history.formula_plan import formula_grids
from okrcore.history.history import History
from okrcore.units.rates import Rates

GRACE = 3
"""Days after its period's end until which a carried input is no more stale, as `ScoringPolicy` has it."""


def derive(
    portfolio: Portfolio, history: History, *, rates: Rates | None = None, grace_days: int = GRACE
) -> History:
    """Return the history with the values of the portfolio's formula KPIs among its records (S22.3).

    There is one record a period in which an input was observed, at its last day, known from the later of its
    end and its last input, and one more for each later record of an input that changes it: so a restated cost
    restates the margin, and every question with `known_at` is answered as it was then. Its source system is
    "formula", its mode "derived", its query names the weakest mode among its inputs, and its definition
    stands for the expression and what it reads. What divides by 0 is a record of NaN: undefined, not missing.

    A period whose inputs are not all known has no record, unless the formula coalesces. What is recorded
    under the id of a formula KPI is not read. Money is exchanged at the rate of each record's day, by
    default the portfolio's; what does not convert makes the value undefined. `grace_days` says for how long
    past its next period an input of a coarser cadence is carried.

    `evaluate` and the like do this themselves. A history remembers what was derived from it, so asking again
    costs nothing, and after an append only the periods that it touches are computed. A ledger takes no
    derived records.

    >>> from okrcore import Formula, Kpi, Observation
    >>> sales, cost = (Kpi(id=name, title=name, unit="EUR", cadence="monthly") for name in ("sales", "cost"))
    >>> formula = Formula("(sales - cost) / sales", {"sales": "sales", "cost": "cost"})
    >>> margin = Kpi(id="margin", title="Margin", unit="%", formula=formula)
    >>> records = [Observation("sales", "2026-01-31", 200), Observation("cost", "2026-01-31", 150)]
    >>> derived = derive(Portfolio.of(sales, cost, margin), History.of(records))
    >>> derived.latest("margin", "2026-01-31").value
    25.0
    """
    return derivation_of(portfolio, history, rates=rates, grace=grace_days).history


def derivation_of(
    portfolio: Portfolio, history: History, *, rates: Rates | None = None, grace: int = GRACE
) -> DerivedHistory:
    """Return what `derive` does, with its problems; ids that were renamed are followed."""
    history = followed(portfolio, history)
    formulas = formulas_of(portfolio)
    if not formulas:
        return DerivedHistory(history, FrozenDict())
    rates, calendar = portfolio.rates_or(rates), portfolio.calendar
    for made in history.made:
        if made.serves(formulas, calendar, rates, grace) and (
            made.delivered == history.delivered or made.whole.history is history
        ):
            return made.whole  # type: ignore[no-any-return]
    before = next((one for one in history.made if one.serves(formulas, calendar, rates, grace)), None)
    made = DerivedRecords(portfolio, history, formulas, _GRIDS.of(portfolio), rates, grace, before).done()
    made.whole.history.made_from(history)
    history.remember(made)
    made.whole.history.remember(made)
    return made.whole


H = TypeVar("H", bound=AnyHistory | None)


def with_derived(portfolio: Portfolio, history: H, rates: Rates | None = None, grace: int = GRACE) -> H:
    """Return a history as the present ids name it, with what the portfolio's formulas derive from it.

    Every question that takes a portfolio and a history begins here; asking again gives the same object.
    Raises HistoryError for what is no history.
    """
    if isinstance(history, History):
        return derivation_of(portfolio, history, rates=rates, grace=grace).history  # type: ignore[return-value]
    if history is not None:
        facts_of(history)
    recorded, formulas = followed(portfolio, history), formulas_of(portfolio)
    if recorded is None or not formulas or not hasattr(recorded, "with_formulas"):
        return recorded
    computing = FrameFormulas(
        formulas, _GRIDS.of(portfolio), portfolio.calendar, portfolio.units, portfolio.rates_or(rates), grace
    )
    return recorded.with_formulas(DerivedFrame, computing)  # type: ignore[no-any-return]


def undefined(history: AnyHistory) -> Mapping[str, tuple[Problem, ...]]:
    """Return what of a formula's inputs did not convert in a history with derived values, by formula."""
    made = history.made if isinstance(history, History) else ()
    return next((one.whole.problems for one in made if one.whole.history is history), FrozenDict())


def recorded_measures(history: AnyHistory) -> frozenset[str]:
    """Return the measures of a history with derived values that somebody recorded."""
    made: Sequence[MadeDerivation] = history.made if isinstance(history, History) else ()
    found = frozenset(history.measures)
    for one in made:
        if one.whole.history is history:
            return (found - one.formulas.keys()) | one.whole.overruled
    return found


_GRIDS = Derivation(("kpis", "key_results", "units"), lambda portfolio: formula_grids(formulas_of(portfolio)))
