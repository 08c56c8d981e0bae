"""Explain why a number moved between two snapshots: each cause's exact share of the change (S22.5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.days import day_in, to_date
from okrcore.definitions.derived import unit_of
from okrcore.definitions.formula_values import formula_values
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.errors import UnknownIdError
from okrcore.explanations.explanation import Explanation, ExplanationNotes
from okrcore.explanations.formula_ground import FormulaGround
from okrcore.explanations.objective_change import key_result_changes
from okrcore.explanations.objective_steps import closing_between
from okrcore.leading.declared_evidence import check_evidence
from okrcore.leading.evidence import LinkEvidence
from okrcore.scoring.snapshot import Snapshot
from okrcore.statistics.shapley import grouped_shares
from okrcore.units.conversion import conversion

OTHERS = "others"
"""Under this key stand the shares of the causes beyond the first ten."""


def explain_change(
    before: Snapshot, after: Snapshot, id: str, *, evidence: Iterable[LinkEvidence] = ()
) -> Explanation:
    """Return why a goal or KPI has another number in the snapshot `after` than in the one `before`.

    `shares` says how much of the change each cause made; they add up to it (within 1e-12). Of a formula KPI
    the causes are its inputs, by id: each one's mean effect over all orders in which they may have changed
    (Shapley), over the ten with the largest effect, the rest as "others"; an input that did not change has
    0. Of an objective they are the key results, and each step says whether its value moved, its weight, it
    became known or was lost, began, was closed or amended. Of a key result or KPI that is observed there is
    no such sum: the steps name what leads it and moved too, when, and what the `evidence` on the link says,
    where some is given. That is about time, and no proof of a cause.

    Where either number is unknown there is nothing to share. Raises UnknownIdError for an id that has a
    number in neither snapshot, or for evidence on a link that nobody declares. Cost: at most 2,048
    evaluations of the formula or the roll-up.

    >>> from okrcore import Formula, History, Kpi, Observation, Portfolio, evaluate
    >>> sales, cost = (Kpi(id=name, title=name, unit="EUR", cadence="monthly") for name in ("sales", "cost"))
    >>> profit = Kpi(id="profit", title="Profit", formula=Formula("s - c", {"s": "sales", "c": "cost"}))
    >>> numbers = {"sales": (10, 14), "cost": (6, 7)}
    >>> history = History.of(
    ...     Observation(name, day, value)
    ...     for name, values in numbers.items()
    ...     for day, value in zip(("2026-01-31", "2026-02-28"), values)
    ... )
    >>> portfolio = Portfolio.of(sales, cost, profit)
    >>> january, february = (evaluate(portfolio, history, as_of=day) for day in ("2026-02-01", "2026-03-01"))
    >>> dict(explain_change(january, february, "profit").shares)
    {'sales': 4.0, 'cost': -1.0}
    """
    kinds = [type(one.portfolio[id]) for one in (before, after) if id in one]
    if not kinds or not set(kinds) <= {Objective, KeyResult, Kpi}:
        raise UnknownIdError(f"{id!r} has no number in these snapshots; ask for a goal or a KPI")
    listed = tuple(evidence)
    check_evidence(listed, after.portfolio)
    said = {one.link: one for one in listed if one.link is not None}
    if kinds[-1] is Objective:
        return _objective(before, after, id, said)
    return _series(before, after, id, set(), said)


def _objective(before: Snapshot, after: Snapshot, id: str, said: Mapping[str, LinkEvidence]) -> Explanation:
    notes = ExplanationNotes()
    old, new = (
        float(one.objective_values.raw[one.compiled.goal_rows[id]]) if id in one else np.nan
        for one in (before, after)
    )
    state = (after if id in after else before).objective(id)
    notes.say(closing_between(before, after, id))
    if np.isnan(old) or np.isnan(new):
        _say_unknown(notes, "score", old, new, "")
        return notes.explanation(id, "objective", status=state.status, title=state.goal.title)
    sides = [notes.number("before", old, digits=3), notes.number("after", new, digits=3)]
    by = notes.number("change", new - old, digits=3)
    notes.say(f"The score went from {sides[0]} to {sides[1]}, by {by}")
    changes = key_result_changes(before, after, id)
    if not changes:
        notes.say("No key result under it changed")
    steps, shares = [], {}
    for change in sorted(changes, key=lambda one: (-abs(one.share), one.id)):
        shares[change.id] = change.share
        own = ExplanationNotes()
        own.say(f"{change.words}: {own.number('share', change.share, digits=3)} of the change")
        if change.split is not None:
            value, weight = (
                own.number(name, part, digits=3)
                for name, part in zip(("by_value", "by_weight"), change.split, strict=True)
            )
            own.say(f"Of that {value} by its score and {weight} by its weight")
        deeper = (
            _series(before, after, change.id, set(), said).children
            if change.id in before and change.id in after
            else ()
        )
        steps.append(own.explanation(change.id, "key result", title=change.title, children=deeper))
    return notes.explanation(
        id, "objective", status=state.status, title=state.goal.title, children=steps, shares=shares
    )


def _series(
    before: Snapshot, after: Snapshot, id: str, told: set[str], said: Mapping[str, LinkEvidence]
) -> Explanation:
    """Explain a key result or KPI: by its formula, else by what leads it."""
    notes = ExplanationNotes()
    there = after if id in after else before
    goal = there.portfolio[id]
    kind, status = ("KPI", there[id].zone) if isinstance(goal, Kpi) else ("key result", there[id].status)
    unit = unit_of(goal, there.portfolio)
    old, new = (_value(one, id) for one in (before, after))
    if id in told:
        notes.say("It is explained above")
        return notes.explanation(id, kind, status=status, title=goal.title)
    told.add(id)
    notes.say(closing_between(before, after, id))
    if np.isnan(old) or np.isnan(new):
        _say_unknown(notes, "value", old, new, unit)
        return notes.explanation(id, kind, status=status, title=goal.title)
    sides = [notes.number("before", old, unit), notes.number("after", new, unit)]
    notes.say(f"The value went from {sides[0]} to {sides[1]}, by {notes.number('change', new - old, unit)}")
    first, last = (FormulaGround.of(one, id) for one in (before, after))
    if first is None or last is None:
        steps = [*_leads(before, after, id, said)] if old != new else []
        return notes.explanation(id, kind, status=status, title=goal.title, children=steps)
    if first.formula.definition != last.formula.definition:
        notes.say("Its formula is another one, so that the whole change is the formula's")
        shares = {id: new - old}
        return notes.explanation(id, kind, status=status, title=goal.title, shares=shares)
    scale = float(conversion(last.formula.unit, unit, there.portfolio.units).apply(1.0))
    shares = _formula_shares(first, last, scale)
    if any(np.isnan(share) for share in shares.values()):
        notes.say("On the way from one to the other the formula is undefined, so that no shares can be told")
        shares = {}
    notes.say(f"It is computed from {to_date(last.first)} to {to_date(last.last)}")
    steps = [*_input_steps(before, after, first, last, shares, told, said)]
    return notes.explanation(id, kind, status=status, title=goal.title, children=steps, shares=shares)


def _formula_shares(first: FormulaGround, last: FormulaGround, scale: float) -> dict[str, float]:
    """Return each input's share of the change of a formula's value, by id; 0 where it did not change."""
    names = list(dict.fromkeys(one.id for one in last.formula.inputs))
    rows = [np.flatnonzero([one.id == name for one in last.formula.inputs]) for name in names]
    moved = [
        place
        for place, row in enumerate(rows)
        if not np.array_equal(first.inputs[row], last.inputs[row], equal_nan=True)
    ]
    shares = dict.fromkeys(names, 0.0)

    def worth(acts: NDArray[np.bool_]) -> NDArray[np.float64]:
        switched = np.zeros((len(last.formula.inputs), len(acts), 1), np.bool_)
        for at, place in enumerate(moved):
            switched[rows[place]] = acts[np.newaxis, :, at, np.newaxis]
        inputs = np.where(switched, last.inputs[:, np.newaxis], first.inputs[:, np.newaxis])
        return formula_values(last.formula.steps, inputs)[..., -1] * scale

    found, of = grouped_shares(worth, len(moved))
    for share, place in zip(found.tolist(), of.tolist(), strict=True):
        shares[OTHERS if place < 0 else names[moved[place]]] = share
    if OTHERS in shares:  # what is among the others has no share of its own
        for place in set(range(len(moved))) - set(of.tolist()):
            del shares[names[moved[place]]]
    return shares


def _input_steps(
    before: Snapshot,
    after: Snapshot,
    first: FormulaGround,
    last: FormulaGround,
    shares: Mapping[str, float],
    told: set[str],
    said: Mapping[str, LinkEvidence],
) -> Iterator[Explanation]:
    order = {one.id: place for place, one in enumerate(last.formula.inputs)}
    for name in sorted(order, key=lambda name: (-abs(shares.get(name, 0.0)), name)):
        place, notes = order[name], ExplanationNotes()
        unit = last.formula.inputs[place].wanted
        old, new = float(first.inputs[place, -1]), float(last.inputs[place, -1])
        if np.isnan(old) or np.isnan(new):
            _say_unknown(notes, "input", old, new, unit)
        else:
            notes.say(f"From {notes.number('before', old, unit)} to {notes.number('after', new, unit)}")
        if name in shares:
            notes.say(f"Its share of the change is {notes.number('share', shares[name])}")
        deeper: Iterable[Explanation] = ()
        if FormulaGround.of(after, name) is not None and len(told) < _MOST_TOLD:
            deeper = _series(before, after, name, told, said).children
        title = after.portfolio[name].title
        yield notes.explanation(name, "input", title=title, children=deeper)


def _leads(
    before: Snapshot, after: Snapshot, id: str, said: Mapping[str, LinkEvidence]
) -> Iterator[Explanation]:
    """Yield the KPIs that are declared to lead a goal and moved too: when, and what is said of the link."""
    links: list[Link] = [link for link in after.portfolio.links if link.target == id]
    for link in sorted(links, key=lambda one: one.id):
        source = after.portfolio[link.source]
        if not isinstance(source, Kpi) or link.source not in before:
            continue
        old, new = (_value(one, link.source) for one in (before, after))
        if np.isnan(old) or np.isnan(new) or old == new:
            continue
        notes, unit = ExplanationNotes(), unit_of(source, after.portfolio)
        way = "more" if link.sign > 0 else "less"
        since, until = (
            _observed(notes, name, one, link.source) for name, one in (("since", before), ("until", after))
        )
        notes.say(
            f"It went from {notes.number('before', old, unit)}{since} to "
            f"{notes.number('after', new, unit)}{until}; it is declared to lead to {way} of {id}, which "
            "says when, and proves no cause"
        )
        if (one := said.get(link.id)) is not None:
            notes.say(f"The evidence on it: {one.sentence}")
        yield notes.explanation(link.source, "KPI", status=after.kpi(link.source).zone, title=source.title)


def _observed(notes: ExplanationNotes, name: str, snapshot: Snapshot, id: str) -> str:
    """Return of when the value of a KPI is, in words; "" where nothing was observed."""
    at = snapshot.kpi(id).observed_at
    if at is None:
        return ""
    day = day_in(at, snapshot.portfolio.calendar.timezone)
    return f" on {notes.day(name, day)}"


def _value(snapshot: Snapshot, id: str) -> float:
    value = snapshot[id].value if id in snapshot else None
    return np.nan if value is None else float(value)


def _say_unknown(notes: ExplanationNotes, what: str, old: float, new: float, unit: str) -> None:
    """Say which of two numbers is unknown."""
    if np.isnan(old) and np.isnan(new):
        notes.say(f"The {what} was and is unknown")
    elif np.isnan(old):
        notes.say(f"The {what} was unknown and is {notes.number('after', new, unit)}")
    else:
        notes.say(f"The {what} was {notes.number('before', old, unit)} and is unknown")


_MOST_TOLD = 100
