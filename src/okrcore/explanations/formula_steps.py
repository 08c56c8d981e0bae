"""Say how a formula's value comes about: its period, its inputs there, and what was observed of each."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from okrcore.definitions.days import to_date
from okrcore.definitions.derived import series_of
from okrcore.definitions.formulas import FormulaInput, formulas_of
from okrcore.definitions.kpis import Kpi
from okrcore.explanations.explanation import Explanation, ExplanationNotes
from okrcore.explanations.formula_ground import FormulaGround
from okrcore.scoring.observed import Reader
from okrcore.scoring.snapshot import Snapshot

_DEEPEST = 10
_TOTALS = {"sum": "the sum", "mean": "the mean", "max": "the highest", "min": "the lowest"}


def formula_steps(snapshot: Snapshot, id: str, depth: int = 0) -> Iterator[Explanation]:
    """Yield the formula of a KPI or key result, and under it each input down to its observations."""
    ground = FormulaGround.of(snapshot, id)
    portfolio = snapshot.portfolio
    series = series_of(portfolio[id], portfolio)
    assert isinstance(series, Kpi)
    assert series.formula is not None
    notes = ExplanationNotes()
    if ground is None:
        notes.say(f"Computed as {series.formula.expr}; of no period all inputs are known yet")
        yield notes.explanation(series.id, "formula")
        return
    span = f"{notes.day('start', to_date(ground.first))} to {notes.day('end', to_date(ground.last))}"
    notes.say(f"Computed as {series.formula.expr} from {span}")
    if ground.value is None:
        notes.say(f"There it is undefined: {_undefined(ground)}")
    inputs = [_input(snapshot, ground, place, one, depth) for place, one in enumerate(ground.formula.inputs)]
    yield notes.explanation(series.id, "formula", children=inputs)


def _undefined(ground: FormulaGround) -> str:
    """Return why a formula has no value although its inputs have."""
    zero = [
        one.alias
        for one, value in zip(ground.formula.inputs, ground.inputs[:, -1], strict=True)
        if value == 0
    ]
    if zero:
        return f"{' and '.join(zero)} {'is' if len(zero) == 1 else 'are'} 0, and nothing is divided by 0"
    return "an input does not convert, or the result is beyond all numbers"


def _input(
    snapshot: Snapshot, ground: FormulaGround, place: int, one: FormulaInput, depth: int
) -> Explanation:
    notes, value = ExplanationNotes(), float(ground.inputs[place, -1])
    portfolio = snapshot.portfolio
    if np.isnan(value):
        notes.say(f"{one.alias} is unknown there")
    else:
        how = "carried" if one.carried else f"{_TOTALS.get(one.aggregate, 'the latest')} of the period"
        unit = "" if one.wanted == "1" else one.wanted
        notes.say(f"{one.alias} is {notes.number('value', value, unit)}, {how}")
    children: Iterator[Explanation] = iter(())
    if one.series in formulas_of(portfolio):
        if depth < _DEEPEST:
            children = formula_steps(snapshot, one.id, depth + 1)
    else:
        reader = Reader(snapshot.history, snapshot.when, snapshot.scoring, portfolio.units)
        day = min(ground.last, snapshot.when.day)
        last = reader.last(one.series, portfolio.calendar.timezone, day)
        if last is not None:
            source = last.source.system or last.source.mode if last.source else "a source that nobody named"
            number = notes.number("last", last.value, last.unit or one.unit)
            notes.say(f"Last observed {number} on {notes.day('at', last.at)}, from {source}")
    return notes.explanation(one.id, "input", title=portfolio[one.id].title, children=children)
