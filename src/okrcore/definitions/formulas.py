"""Resolve the formulas of a portfolio: what each reads, in which periods, unit and order (S22.2)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import attrs

from okrcore.definitions.cadence import Cadence
from okrcore.definitions.derived import adds_authors, cadence_of, read_unit_of, series_of, unit_of
from okrcore.definitions.derived_cache import Derivation
from okrcore.definitions.digraph import circles
from okrcore.definitions.expression import fingerprint
from okrcore.definitions.fields import describe
from okrcore.definitions.formula_units import ProgramStep, unit_program
from okrcore.definitions.goals import KeyResult
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Checklist
from okrcore.errors import DefinitionError, OkrError, Problem, UnitError
from okrcore.frozen import FrozenDict

DAILY = Cadence("daily")
"""The periods of a formula of which nothing says any."""


@attrs.frozen(kw_only=True)
class FormulaInput:
    """One input of a formula: what is read, in which unit, and how it is reduced over a period.

    `series` is the id under which it is recorded, `unit` that of a record which says none, `wanted` the one
    it is read in. `carried`: its cadence is coarser than the formula's, so that its newest value counts until
    it is stale; without a cadence it never is (S22.2).
    """

    alias: str
    id: str
    series: str
    aggregate: str
    cadence: Cadence | None
    unit: str
    wanted: str
    carried: bool
    by_author: bool
    silent: bool


@attrs.frozen(kw_only=True)
class ResolvedFormula:
    """The formula of one KPI, ready to be computed.

    `cadence` is its own, else the coarsest of its inputs, None where none says one: then its periods are
    days. `definition` stands for the expression and what it reads; `reach` says how many periods `prev` goes
    back at most.
    """

    id: str
    inputs: tuple[FormulaInput, ...]
    steps: tuple[ProgramStep, ...]
    unit: str
    cadence: Cadence | None
    definition: str
    reach: int

    @property
    def period(self) -> Cadence:
        """How long its periods are."""
        return self.cadence or DAILY


def formulas_of(declared: Any) -> Mapping[str, ResolvedFormula]:
    """Return every formula of a portfolio, or of a mapping of definitions, each after those that it reads.

    Of a portfolio it is made once and shared by versions with the same KPIs and key results.
    """
    if hasattr(declared, "key_results"):
        return _FORMULAS.of(declared)
    return _resolved(declared, (), [])


def formula_problems(index: Mapping[str, Any], units: Sequence[str]) -> list[Problem]:
    """Return what is wrong with the formulas among all definitions: circles, units, cadences."""
    problems: list[Problem] = []
    _resolved(index, units, problems)
    return problems


def _of_portfolio(portfolio: Any) -> FrozenDict[str, ResolvedFormula]:
    index = {one.id: one for one in (*portfolio.kpis, *portfolio.key_results)}
    return _resolved(index, portfolio.units, [])


_FORMULAS: Derivation[FrozenDict[str, ResolvedFormula]] = Derivation(
    ("kpis", "key_results", "units"), _of_portfolio
)


def _resolved(
    index: Mapping[str, Any], units: Sequence[str], problems: list[Problem]
) -> FrozenDict[str, ResolvedFormula]:
    found: dict[str, ResolvedFormula] = {}
    names = [name for name, one in index.items() if isinstance(one, Kpi) and one.formula is not None]
    if not names:
        return FrozenDict()
    known = dict(index)  # in which a formula that is resolved is a series with its unit and cadence
    reads = {name: [*_reads(index[name], index)] for name in names}
    for circle in circles(reads):
        path = " is computed from ".join(map(repr, [*circle, circle[0]]))
        problems.append(
            Problem(
                f"{path}: a circle; remove one of these", f"{circle[0]}.formula.inputs", kind=DefinitionError
            )
        )
    for name in _in_order(reads):
        resolved = _resolve(index[name], known, units, problems)
        if resolved is not None:
            found[name] = resolved
            own = {"formula": None, "unit": resolved.unit, "cadence": resolved.cadence}
            known[name] = attrs.evolve(index[name], **own)
    return FrozenDict(found)


def _reads(kpi: Kpi, index: Mapping[str, Any]) -> Iterator[str]:
    """Yield the formula KPIs that a formula reads, itself or through key results."""
    for name in kpi.formula.inputs.values() if kpi.formula else ():
        one, seen = index.get(name), {name}
        while isinstance(one, KeyResult) and one.measured_by and one.measured_by not in seen:
            seen.add(one.measured_by)
            one = index.get(one.measured_by)
        if isinstance(one, Kpi) and one.formula is not None:
            yield one.id


def _in_order(reads: Mapping[str, Sequence[str]]) -> list[str]:
    """Return the names that lie in no circle and lead into none, each after all that it reads."""
    above: dict[str, list[str]] = {name: [] for name in reads}
    waiting = {name: len(set(read)) for name, read in reads.items()}
    for name, read in reads.items():
        for one in set(read):
            above[one].append(name)
    order = [name for name, count in waiting.items() if not count]
    for name in order:  # grows on the way
        for one in above[name]:
            waiting[one] -= 1
            if not waiting[one]:
                order.append(one)
    return order


def _resolve(
    kpi: Kpi, known: Mapping[str, Any], units: Sequence[str], problems: list[Problem]
) -> ResolvedFormula | None:
    """Return a formula resolved, or None after noting what is wrong with it."""
    formula = kpi.formula
    assert formula is not None
    for alias, name in formula.inputs.items():
        one = known.get(name)
        if isinstance(one, KeyResult) and isinstance(one.measure, Checklist):
            said = f"formula reads the checklist {name!r}, which is no series; name a KPI"
            problems.append(_problem(kpi, f"inputs.{alias}", said))
    if not all(_is_series(known.get(name), known) for name in formula.inputs.values()):
        return None
    goals = {alias: known[name] for alias, name in formula.inputs.items()}
    texts = [unit_of(goal, known) for goal in goals.values()]
    try:
        program = unit_program(formula.steps, [*goals], texts, kpi.unit, units)
    except UnitError as error:
        problems.append(_problem(kpi, "expr", f"formula: {error}", UnitError))
        return None
    rhythms = [rhythm for goal in goals.values() if (rhythm := cadence_of(goal, known))]
    longest = max(rhythms, key=lambda one: one.mean_days, default=None)
    cadence = kpi.cadence or longest
    inputs = [
        _input(alias, goals[alias], wanted, (cadence or DAILY).mean_days, known)
        for alias, wanted in zip(goals, program.wanted, strict=True)
    ]
    for one in inputs:
        if one.carried and one.aggregate == "sum" and one.cadence and cadence:
            said = f"a sum of {one.cadence.text} {one.id!r} is in no {cadence.text} period"
            remedy = f"give the KPI cadence {one.cadence.text}, or leave it out"
            problems.append(_problem(kpi, f"inputs.{one.alias}", f"{said}; {remedy}"))
    reads = {one.alias: f"{_original(known[one.series])} {one.aggregate}" for one in inputs}
    return ResolvedFormula(
        id=kpi.id,
        inputs=tuple(inputs),
        steps=program.steps,
        unit=program.unit,
        cadence=cadence,
        definition=fingerprint(formula.steps, reads),
        reach=_reach(program.steps),
    )


def _input(
    alias: str, goal: Kpi | KeyResult, wanted: str, length: float, known: Mapping[str, Any]
) -> FormulaInput:
    series, own = series_of(goal, known), cadence_of(goal, known)
    coarser = own is not None and own.mean_days > length * (1 + 1e-9)
    return FormulaInput(
        alias=alias,
        id=goal.id,
        series=series.id,
        aggregate=goal.aggregate,
        cadence=own,
        unit=read_unit_of(goal, known),
        wanted=wanted,
        carried=coarser or (own is None and goal.aggregate == "latest"),
        by_author=adds_authors(goal, known),
        silent=goal.zero_when_silent or series.zero_when_silent,
    )


def _problem(kpi: Kpi, path: str, said: str, kind: type[OkrError] = DefinitionError) -> Problem:
    return Problem(f"{describe(kpi)}: {said}", f"{kpi.id}.formula.{path}", kind=kind)


def _is_series(goal: object, known: Mapping[str, Any]) -> bool:
    """Whether a goal, and all that it reads in turn, is there, observed or resolved."""
    seen: set[str] = set()
    while isinstance(goal, KeyResult) and goal.measured_by and goal.id not in seen:
        seen.add(goal.id)
        goal = known.get(goal.measured_by)
    if isinstance(goal, KeyResult):
        return not isinstance(goal.measure, Checklist) and goal.id not in seen
    return isinstance(goal, Kpi) and goal.formula is None


def _original(series: Kpi | KeyResult) -> str:
    """Return the first id that a series had: renaming it is no change of what is computed."""
    return series.formerly[0] if series.formerly else series.id


def _reach(steps: Sequence[ProgramStep]) -> int:
    depth: list[int] = []
    for step in steps:
        depth.append(
            max((depth[one] for one in step.args), default=0) + (int(step.value) if step.op == "prev" else 0)
        )
    return depth[-1]
