"""Turn supposed values of measures into those of key results, through the formulas between them (S22.2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

from okrcore.definitions.derived import read_unit_of, series_of, unit_of
from okrcore.definitions.formula_values import formula_values
from okrcore.definitions.formulas import ResolvedFormula, formulas_of
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.scoring.compiled_portfolio import compile_portfolio
from okrcore.scoring.graph import Floats
from okrcore.units.conversion import conversion


def supposed_values(portfolio: Portfolio, values: Mapping[str, npt.ArrayLike]) -> Floats:
    """Return what every key result would measure, (..., K), if KPIs and key results had these values.

    `values` are numbers, or arrays of one shape for many what-ifs at once, by id, each in the unit of its KPI
    or key result. A formula is computed from its inputs, wherever these are given; where not all are, its own
    value counts, if that is given. What follows from nothing given is NaN, unknown, as is what `prev` asks.
    Hand the result to `compile_portfolio(portfolio).score`.

    Raises DefinitionError for an id that is no KPI or key result, and UnitError where money of two currencies
    meets, whose rate depends on a day. Cost in proportion to formulas and what-ifs.

    >>> import okrcore as okr
    >>> year = okr.Cycle.year(2026)
    >>> sales, cost = (okr.Kpi(id=name, title=name, unit="EUR") for name in ("sales", "cost"))
    >>> formula = okr.Formula("(s - c) / s", {"s": "sales", "c": "cost"})
    >>> margin = okr.Kpi(id="margin", title="Margin", unit="%", formula=formula)
    >>> goal = okr.Objective(id="earn", title="Earn", cycle=year.id)
    >>> result = okr.KeyResult(
    ...     id="m", objective="earn", title="Margin", measure=okr.Target(20, 40), measured_by="margin"
    ... )
    >>> portfolio = okr.Portfolio.of(year, sales, cost, margin, goal, result)
    >>> values = supposed_values(portfolio, {"sales": 100, "cost": [80, 70, 60]})
    >>> okr.compile_portfolio(portfolio).score(values).objectives.ravel().tolist()
    [0.0, 0.5, 1.0]
    """
    goals: set[str] = {*(kpi.id for kpi in portfolio.kpis), *(one.id for one in portfolio.key_results)}
    raise_all(
        [
            Problem(f"{name!r} is no KPI or key result; give values of these", name, kind=DefinitionError)
            for name in values
            if name not in goals
        ]
    )
    given = {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}
    shape = np.broadcast_shapes(*(value.shape for value in given.values()))
    known = {name: np.broadcast_to(value, shape) for name, value in given.items()}
    for name, formula in formulas_of(portfolio).items():  # each after those that it reads
        computed = _computed(portfolio, formula, known, shape)
        if computed is not None:
            known[name] = computed
    found = np.full((*shape, len(portfolio.key_results)), np.nan)
    for row, result in enumerate(compile_portfolio(portfolio).results):
        value = _read(portfolio, result, known)
        if value is not None:
            found[..., row] = value
    return found


def _computed(
    portfolio: Portfolio, formula: ResolvedFormula, known: Mapping[str, Floats], shape: tuple[int, ...]
) -> Floats | None:
    """Return a formula's values, None where an input is not given."""
    inputs = np.full((len(formula.inputs), *shape, formula.reach + 1), np.nan)
    for place, one in enumerate(formula.inputs):
        value = _read(portfolio, portfolio[one.id], known)
        if value is None:
            return None
        unit = unit_of(portfolio[one.id], portfolio)
        inputs[place, ..., -1] = conversion(unit, one.wanted, portfolio.units).apply(value)
    return formula_values(formula.steps, inputs)[..., -1]


def _read(portfolio: Portfolio, goal: KeyResult | Kpi, known: Mapping[str, Floats]) -> Floats | None:
    """Return the values of a goal: given for itself, else those of the series that it reads, in its unit."""
    series = series_of(goal, portfolio)
    if series.id != goal.id and series.id in known:
        own, unit = read_unit_of(goal, portfolio), unit_of(goal, portfolio)
        return conversion(own, unit, portfolio.units).apply(known[series.id])
    return known.get(goal.id)
