"""Draw whole portfolios: definitions of every kind in which every id resolves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from okrcore.definitions.cycle import Cycle
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Checklist, Measure
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.portfolio import Definition, Portfolio
from okrcore.testing import nouns, parts
from okrcore.testing.decided_tables import priority_table
from okrcore.testing.parts import flags, pick, pick_some, rarely, up_to


@st.composite
def portfolios(
    draw: DrawFn,
    *,
    measure: SearchStrategy[Measure] | None = None,
    max_objectives: int = 4,
    table: bool | None = None,
) -> Portfolio:
    """Return portfolios of 2026: objectives with several parents, KPIs, initiatives, links and a table.

    `measure` draws what key results measure, `table` says whether there is a proved priority table (None:
    perhaps). Ids are short and tell the kind: o0, k0, kpi0, i0, m0; examples shrink towards one objective.
    """
    cycle = pick(draw, CYCLES)
    teams: list[Team] = []
    for name in _names(draw, "t", 3):
        teams.append(parts.team(draw, id=name, parent=_one(draw, teams)))
    owners = [parts.owner(draw, id=name, team=_one(draw, teams)) for name in _names(draw, "w", 2)]
    teams = [attrs.evolve(one, lead=_one(draw, owners)) for one in teams]
    objectives: list[Objective] = []
    staged = {} if draw(rarely) else {"stage": "active"}
    for name in ("o0", *_names(draw, "o", max_objectives - 1, first=1)):
        parents = [nouns.contribution(draw, to=to) for to in pick_some(draw, _ids(objectives), 2)]
        fields = {"cycle": cycle.id, "owner": _one(draw, owners), "team": _one(draw, teams), **staged}
        fields["continues"] = _one(draw, objectives) if draw(rarely) else None
        objectives.append(nouns.objective(draw, id=name, contributes_to=parents, tags=(), **fields))
    initiatives = [_initiative(draw, name, teams, owners) for name in _names(draw, "i", 2)]
    milestones = _milestones(draw, cycle, initiatives, owners)
    kpis = [_kpi(draw, name, teams, owners, initiatives, objectives) for name in _names(draw, "kpi", 3)]
    if kpis and draw(up_to(3)) == 3:
        kpis.append(_computed(draw, kpis, owners))
    results: list[KeyResult] = []
    for objective in objectives:
        names = _names(draw, "k", 3, first=len(results))
        for name in names:
            fields = {**staged, "continues": _one(draw, results) if draw(rarely) else None}
            results.append(_key_result(draw, name, objective, kpis, milestones, owners, measure, **fields))
    sources, targets = [*_ids(initiatives), *_ids(kpis)], [*_ids(kpis), *_ids(results)]
    pairs = [(source, target) for source in sources for target in targets if source != target]
    links = [
        nouns.link(draw, source=source, target=target, owner=_one(draw, owners))
        for source, target in pick_some(draw, pairs, 3)
    ]
    tolerances = []
    if kpis and results and draw(up_to(3)) == 3:
        sides = [pick(draw, _ids(results)), pick(draw, _ids(kpis))]
        span = {"start": cycle.start, "end": cycle.end, "effect": None, "subject": sides[1]}
        tolerances = [nouns.tolerance(draw, sides=sides, **span)]
    tables = []
    if draw(flags) if table is None else table:
        owners = owners or [Owner(id="w0", kind="role")]
        tables = [priority_table(draw, owners=_ids(owners))]
    goals: list[Definition] = [*objectives, *results, *kpis]
    kept = [draw(parts.calendars())] if draw(flags) else []
    return Portfolio.of(
        *kept, cycle, *teams, *owners, *goals, *initiatives, *milestones, *links, *tolerances, *tables
    )


CYCLES = (Cycle.year(2026), Cycle.quarter(2026, 1), Cycle.half(2026, 2))


def _names(draw: DrawFn, prefix: str, most: int, first: int = 0) -> Iterator[str]:
    """Yield up to `most` ids; one draw each says whether there is one more, so that each can be left out."""
    for n in range(first, first + most):
        if not draw(_more):
            return
        yield f"{prefix}{n}"


_more = st.sampled_from([False, True, True])


def _ids(values: Sequence[Definition]) -> list[str]:
    return [value.id for value in values]


def _one(draw: DrawFn, values: Sequence[Definition]) -> str | None:
    """Return the id of one of the definitions, or None."""
    return pick(draw, [None, *_ids(values)])


def _initiative(draw: DrawFn, name: str, teams: Sequence[Team], owners: Sequence[Owner]) -> Initiative:
    asked = pick_some(draw, [*_ids(teams), *_ids(owners)], 1)
    demand = [nouns.demand(draw, of=one) for one in asked]
    return nouns.initiative(draw, id=name, owner=_one(draw, owners), team=_one(draw, teams), demand=demand)


def _milestones(
    draw: DrawFn, cycle: Cycle, initiatives: Sequence[Initiative], owners: Sequence[Owner]
) -> list[Milestone]:
    made: list[Milestone] = []
    for name in _names(draw, "m", 3) if initiatives else ():
        after = [nouns.dependency(draw, milestone=one) for one in pick_some(draw, _ids(made), 2)]
        fields = {"initiative": pick(draw, _ids(initiatives)), "owner": _one(draw, owners)}
        due = cycle.start + dt.timedelta(days=draw(up_to((cycle.end - cycle.start).days)))
        made.append(nouns.milestone(draw, id=name, due=due, after=after, start=None, finish=None, **fields))
    return made


def _kpi(
    draw: DrawFn,
    name: str,
    teams: Sequence[Team],
    owners: Sequence[Owner],
    initiatives: Sequence[Initiative],
    objectives: Sequence[Objective],
) -> Kpi:
    return nouns.kpi(
        draw,
        id=name,
        guards=pick_some(draw, _ids(objectives), 1),
        watchers=pick_some(draw, _ids(teams), 1),
        owner=_one(draw, owners),
        team=_one(draw, teams),
        initiative=_one(draw, initiatives),
    )


def _computed(draw: DrawFn, kpis: Sequence[Kpi], owners: Sequence[Owner]) -> Kpi:
    """Return a KPI with a formula over others, whose unit and periods follow from it."""
    one = pick(draw, kpis)
    alike = [kpi.id for kpi in kpis if kpi.unit == one.unit]
    ratio = draw(flags)
    formula = nouns.formula(draw, of=_ids(kpis) if ratio else alike, cancelled=ratio)
    fixed = {"zero_when_silent": False, "same_moment": "correct", "unit": "" if ratio else one.unit}
    return nouns.kpi(draw, id="f0", formula=formula, cadence=None, owner=_one(draw, owners), **fixed)


def _key_result(
    draw: DrawFn,
    name: str,
    objective: Objective,
    kpis: Sequence[Kpi],
    milestones: Sequence[Milestone],
    owners: Sequence[Owner],
    measure: SearchStrategy[Measure] | None,
    **fields: Any,
) -> KeyResult:
    drawn = draw(parts.measures() if measure is None else measure)
    if measure is None and isinstance(drawn, Checklist) and milestones:
        drawn = parts.checklist(draw, milestones=_ids(milestones))
    kpi = pick(draw, [None, *kpis])
    unit = {"unit": kpi.unit} if kpi and not isinstance(drawn, Checklist) else {}
    return nouns.key_result(
        draw,
        id=name,
        objective=objective.id,
        measure=drawn,
        measured_by=kpi.id if kpi else None,
        owner=_one(draw, owners),
        weight=parts.weights,
        due=None,
        tags=(),
        **unit,
        **fields,
    )
