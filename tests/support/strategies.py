"""Portfolios, values and measures for the property tests."""

import datetime as dt
import math
from itertools import count

from hypothesis import strategies as st

from okrcore import (
    Band,
    Checklist,
    Contribution,
    Cycle,
    History,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    Target,
)
from okrcore.definitions.portfolio import Definition
from okrcore.testing import bands, checklists

CYCLE = Cycle.quarter(2026, 1)
DAYS = (CYCLE.end - CYCLE.start).days

values = st.floats(-1e6, 1e6, allow_nan=False)
weights = st.one_of(st.just(0.0), st.floats(1e-3, 1e3))
days = st.integers(-20, DAYS + 20).map(lambda day: CYCLE.start + dt.timedelta(days=day))


@st.composite
def targets(draw, slope=True):
    start, goal = draw(values), draw(values)
    if slope and math.isclose(start, goal, rel_tol=1e-6, abs_tol=1e-6):
        goal = start + 1.0
    return Target(start, goal)


measures = st.one_of(targets(), targets(), bands(), checklists())


@st.composite
def portfolios(draw, measure=measures, max_goals=6, guardrails=True):
    """Objectives with several parents, zero weights and guardrails; no circles, for parents come first."""
    size = draw(st.integers(1, max_goals))
    names = draw(st.permutations([f"o{n}" for n in range(size)]))
    number = count()
    definitions: list[Definition] = [CYCLE]
    for at in range(size):
        parents = draw(st.lists(st.sampled_from(names[:at]), unique=True, max_size=2)) if at else []
        commitment = draw(st.sampled_from(["committed", "committed", "aspirational"]))
        definitions.append(
            Objective(
                id=names[at],
                title=names[at],
                cycle=CYCLE.id,
                commitment=commitment,
                contributes_to=[Contribution(to, draw(weights)) for to in parents],
            )
        )
        for _ in range(draw(st.integers(0, 4))):
            kind = draw(measure)
            definitions.append(
                KeyResult(
                    id=f"k{next(number)}",
                    objective=names[at],
                    title="a key result",
                    measure=kind,
                    weight=draw(weights),
                    cadence=draw(st.sampled_from([None, "weekly", "monthly"])),
                    guardrail=guardrails and not isinstance(kind, Checklist) and draw(st.integers(0, 5)) == 0,
                )
            )
    kpi = Kpi(id="health", title="Health", target=Band(low=0.0), limit=Band(low=-10.0), cadence="weekly")
    return Portfolio.of(*definitions, *([kpi] if draw(st.booleans()) else []))


@st.composite
def histories(draw, portfolio, chance=0.75):
    """Some observations of some measures, dates in and around the cycle."""
    found = []
    for result in portfolio.key_results:
        if draw(st.floats(0, 1)) > chance:
            continue
        items = (
            [f"#{item.id}" for item in result.measure.items]
            if isinstance(result.measure, Checklist)
            else [""]
        )
        for item in items:
            for day in draw(st.lists(days, max_size=4, unique=True)):
                value = draw(st.sampled_from([0.0, 1.0])) if item else draw(values)
                found.append(Observation(result.id + item, day, value))
    found += [
        Observation("health", day, draw(values)) for day in draw(st.lists(days, max_size=3, unique=True))
    ]
    return History.of(found)
