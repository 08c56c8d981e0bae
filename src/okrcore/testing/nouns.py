"""Draw single definitions: each is valid by itself, and names others only where it is told to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from okrcore.definitions.aggregates import AGGREGATES
from okrcore.definitions.commitments import COMMITMENTS
from okrcore.definitions.formula import Formula
from okrcore.definitions.goals import (
    STAGES,
    Contribution,
    KeyResult,
    Objective,
    a_sum_would_fall,
)
from okrcore.definitions.initiatives import STAGES as WORK_STAGES
from okrcore.definitions.initiatives import Demand, Dependency, Initiative, Milestone
from okrcore.definitions.kpis import DatedBands, Kpi, KpiBands, Rebase
from okrcore.definitions.links import Lag, Link
from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.definitions.tolerances import Tolerance
from okrcore.testing.decided_tables import effects
from okrcore.testing.parts import (
    amounts,
    cadences,
    dates,
    flags,
    gaps,
    ids,
    make,
    maybe,
    measures,
    numbers,
    pick,
    rarely,
    shares,
    sources,
    texts,
    units,
    up_to,
    weights,
)

_aggregates = st.sampled_from(AGGREGATES)
_levels = st.sampled_from([name for name in AGGREGATES if name != "sum"])
_seasons = st.sampled_from(["week", "year", None])
_tags = st.lists(texts, max_size=2)
_commitments = st.sampled_from(COMMITMENTS)
_value_weights = weights | st.just("value")

_maybe_date, _maybe_cadence = maybe(dates), maybe(cadences)
_maybe_source, _maybe_amount, _maybe_effect = maybe(sources()), maybe(amounts), maybe(effects())
_sides = st.sampled_from(["low", "high", "both"])
_categories = st.sampled_from(["", "safety", "financial", "operational"])
_work_stages = st.sampled_from(WORK_STAGES)
_stages = st.sampled_from([*["active"] * 5, *STAGES])
_lag_days, _signs = st.integers(-10, 30), st.sampled_from([1, -1])
_lag_units: SearchStrategy[Any] = st.sampled_from(["w", "", "d", "m"])


def contribution(draw: DrawFn, /, **fields: Any) -> Contribution:
    """Return a share in the score of an objective; `fields` fixes fields, by a value or a strategy each."""
    return make(draw, Contribution, {"to": ids, "weight": weights}, fields)


def objective(draw: DrawFn, /, **fields: Any) -> Objective:
    """Return an objective without parents; `fields` as for contributions."""
    defaults = {
        "id": ids,
        "title": texts,
        "cycle": ids,
        "commitment": _commitments,
        "stage": _stages,
        "why": texts,
        "tags": _tags,
    }
    return make(draw, Objective, defaults, fields)


def key_result(draw: DrawFn, /, **fields: Any) -> KeyResult:
    """Return a key result; `fields` as for contributions."""
    given = fields.pop("measure", measures())
    measure = draw(given) if isinstance(given, SearchStrategy) else given
    listed = isinstance(measure, Checklist)
    by_value = isinstance(measure, Target) and measure.start is not None
    falls = isinstance(measure, Target) and a_sum_would_fall(measure)
    aggregate = fields.get("aggregate", draw(_levels if falls else _aggregates))
    defaults = {
        "id": ids,
        "objective": ids,
        "title": texts,
        "measure": measure,
        "unit": "" if listed else units,
        "aggregate": aggregate,
        "same_moment": "add" if aggregate == "sum" and draw(rarely) else "correct",
        "weight": _value_weights if by_value else weights,
        "guardrail": False if listed else rarely,
        "due": _maybe_date,
        "cadence": _maybe_cadence,
        "stage": _stages,
        "tags": _tags,
    }
    return make(draw, KeyResult, defaults, {**fields, **({"measured_by": None} if listed else {})})


def kpi(draw: DrawFn, /, **fields: Any) -> Kpi:
    """Return a KPI with up to three nested bands, some with others by date; `fields` as for contributions."""
    sides, asked, dated = draw(_sides), draw(up_to(3)), draw(rarely)
    nested = _nested(draw, sides, asked)
    aggregate = fields.get("aggregate", draw(_aggregates))
    counts = isinstance(aggregate, str) and aggregate in {"sum", "latest"}
    counted = draw(rarely)
    planned = [DatedBands(start=draw(dates), **_nested(draw, sides, asked or 1))] if dated else []
    defaults = {
        "id": ids,
        "title": texts,
        "unit": units,
        "source": _maybe_source,
        "cadence": _maybe_cadence,
        "aggregate": aggregate,
        "zero_when_silent": counts and draw(rarely),
        "same_moment": "add" if aggregate == "sum" and draw(rarely) else "correct",
        "season": _seasons,
        "rebased": [draw(rebases())] if draw(rarely) else [],
        "category": _categories,
        "incentivised": flags,
        "guardrail": True if fields.get("guards") else flags,
        "definition": texts,
        "dated": planned,
        "sample": "cases-counted" if counted else None,
        "min_sample": draw(gaps) + 1 if counted else None,
        **nested,
    }
    return make(draw, Kpi, defaults, fields)


def rebases() -> st.SearchStrategy[Rebase]:
    """Return days from which a process is another one, with reasons."""
    return st.builds(Rebase, start=dates, why=texts.map(lambda text: text.strip() or "new"))


def formula(draw: DrawFn, /, *, of: Sequence[str] = (), cancelled: bool = False) -> Formula:
    """Return a formula over one to three inputs; `of` are the ids that they may name, by default any.

    It is a sum of terms of one unit, so that it goes together whatever the inputs' unit is, where these have
    the same; `cancelled`: a ratio of two inputs, which goes together for any units.
    """
    names = [pick(draw, of) if of else draw(ids) for _ in range(1 + draw(up_to(2)))]
    aliases = [f"x{place}" for place in range(len(names))]
    if cancelled:
        over = pick(draw, aliases)
        expr = f"coalesce({aliases[0]}, 0) / {over}"
        return Formula(
            expr, {alias: name for alias, name in zip(aliases, names, strict=True) if alias in expr}
        )
    terms = [pick(draw, _TERMS).format(alias, count=1 + draw(up_to(2))) for alias in aliases]
    return Formula(pick(draw, _JOINS).join(terms), dict(zip(aliases, names, strict=True)))


_TERMS = ("{}", "2 * {}", "-{}", "abs({})", "coalesce({}, 0)", "prev({}, {count})", "max({}, 0) / {count}")
_JOINS = (" + ", " - ")


def bands_by_date(draw: DrawFn, /) -> DatedBands:
    """Return what a KPI's bands are from a day on."""
    return DatedBands(start=draw(dates), **_nested(draw, draw(_sides), 1 + draw(up_to(2))))


def _nested(draw: DrawFn, sides: str, count: int) -> dict[str, Any]:
    """Return the first `count` bands of a KPI, each around the one before."""
    low = draw(numbers)
    high = low + draw(gaps)
    nested = {}
    for name in KpiBands._fields[:count]:
        nested[name] = Band(None if sides == "high" else low, None if sides == "low" else high)
        low, high = low - draw(gaps), high + draw(gaps)
    return nested


def demand(draw: DrawFn, /, **fields: Any) -> Demand:
    """Return what is asked of a team or an owner; `fields` as for contributions."""
    return make(draw, Demand, {"of": ids, "amount": amounts}, fields)


def initiative(draw: DrawFn, /, **fields: Any) -> Initiative:
    """Return an initiative of any stage; `fields` as for contributions."""
    start = draw(dates)
    defaults = {
        "id": ids,
        "title": texts,
        "start": pick(draw, [None, start]),
        "end": pick(draw, [None, start + dt.timedelta(days=draw(up_to(400)))]),
        "stage": _work_stages,
        "cost": _maybe_amount,
    }
    return make(draw, Initiative, defaults, fields)


def dependency(draw: DrawFn, /, **fields: Any) -> Dependency:
    """Return what a milestone waits for; `fields` as for contributions."""
    lag = draw(_lag_days)
    working = rarely if lag >= 0 and "lag_days" not in fields else False
    defaults = {
        "milestone": ids,
        "lag_days": abs(lag) if "working" in fields else lag,
        "likelihood": shares,
        "impact": shares,
        "working": working,
    }
    return make(draw, Dependency, defaults, fields)


def milestone(draw: DrawFn, /, **fields: Any) -> Milestone:
    """Return a milestone, open or done; `fields` as for contributions."""
    start = draw(dates)
    due, finish = (start + dt.timedelta(days=draw(up_to(90))) for _ in range(2))
    defaults = {
        "id": ids,
        "initiative": ids,
        "title": texts,
        "due": due,
        "start": pick(draw, [None, start]),
        "finish": pick(draw, [None, finish]),
        "done": _maybe_date,
        "recoverable_days": up_to(20),
        "weight": weights,
    }
    return make(draw, Milestone, defaults, fields)


def lag(draw: DrawFn) -> Lag:
    """Return how long a link takes, up to ten periods."""
    low = draw(up_to(5))
    return Lag(low, low + draw(up_to(5)), draw(_lag_units))


def link(draw: DrawFn, /, **fields: Any) -> Link:
    """Return a link between two ids that differ; `fields` as for contributions."""
    defaults = {
        "source": _sources,
        "target": _targets,
        "sign": _signs,
        "weight": shares,
        "lag": _maybe_lag,
        "rationale": texts,
        "multiplicative": flags,
        "reviewed": _maybe_date,
    }
    return make(draw, Link, defaults, fields)


def tolerance(draw: DrawFn, /, **fields: Any) -> Tolerance:
    """Return a ruling in force between two sides; `fields` as for contributions."""
    start = draw(dates)
    given = fields.pop("sides", _two)
    sides = draw(given) if isinstance(given, SearchStrategy) else given
    defaults = {
        "sides": sides,
        "winner": pick(draw, [*sides, None]),
        "start": start,
        "end": start + dt.timedelta(days=draw(up_to(200))),
        "effect": _maybe_effect,
        "why": texts,
        "renewed": up_to(3),
        "days_before": up_to(100),
    }
    return make(draw, Tolerance, defaults, fields)


contributions, objectives = st.composite(contribution), st.composite(objective)
formulas = st.composite(formula)
key_results, kpis = st.composite(key_result), st.composite(kpi)
dated_bands = st.composite(bands_by_date)
demands, initiatives = st.composite(demand), st.composite(initiative)
dependencies, milestones = st.composite(dependency), st.composite(milestone)
lags, links, tolerances = st.composite(lag), st.composite(link), st.composite(tolerance)
_sources, _targets = ids.map("from ".__add__), ids.map("to ".__add__)
_maybe_lag = maybe(lags().map(lambda one: f"{one.low}{one.unit}..{one.high}{one.unit}"))
_two = st.lists(ids, min_size=2, max_size=2, unique=True)
