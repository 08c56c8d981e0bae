"""Makes one value of every public kind of result, of a story or of goals whose texts are hostile."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import Any

import attrs

import okrcore as okr
from okrcore.frozen import FrozenDict
from okrcore.surfaces.stories import story
from tests.support.poisoned import poisoned_week

STORIES = ("logistics", "software")
KINDS = frozenset({
    "snapshot", "trend", "table", "differences", "key result", "objective", "KPI", "initiative", "evidence",
    "all evidence", "outlook", "weeks ahead", "forecast", "objective's forecast", "lead", "conflict",
    "conflicts", "decision", "decisions", "ripple", "impact", "finding", "findings", "amendment",
    "amendments", "chart", "explanation", "change", "plan", "review", "needed decision", "dips", "actions",
    "action",
})  # fmt: skip
"""The kinds there are of every story; some have a dip and a clock too."""
HAVE_NO_TEXTS = frozenset({"chart", "forecast", "objective's forecast", "lead", "weeks ahead"})


@cache
def results_of(name: str) -> dict[str, Any]:
    """Return a value of each kind, by its name, of a story, or of the "hostile" goals."""
    if name == "hostile":
        week = poisoned_week()
        return everything(week.portfolio, week.snapshot.history, dt.date(2026, 7, 1), dt.date(2026, 5, 1))
    return everything(*story(name), dt.date(2026, 10, 4), dt.date(2026, 8, 2))


def everything(portfolio: okr.Portfolio, history: Any, now: dt.date, before: dt.date) -> dict[str, Any]:
    """Return one value of every public kind of result; of a list that is empty there is none alone."""
    snapshot, last = (okr.evaluate(portfolio, history, as_of=day) for day in (now, before))
    evidence = okr.assess_links(portfolio, history, as_of=now)
    outlook = okr.outlook(snapshot, evidence=evidence, paths=200)
    conflicts = okr.find_conflicts(portfolio, history, as_of=now, snapshot=snapshot, evidence=evidence)
    decisions = okr.resolve(conflicts, portfolio, snapshot=snapshot)
    ripple = okr.ripple(portfolio, as_of=now, history=history)
    known: dict[str, Any] = {"evidence": evidence, "conflicts": conflicts, "policy": okr.STRICT}
    ahead = okr.leading.ObjectiveForecast(
        p_final=0.5, scores=FrozenDict({0.1: 0.2, 0.5: 0.75, 0.9: 0.8}), together=0.2, error=0.01,
        key_results=("a", "b"),
    )  # fmt: skip
    result, objective = portfolio.key_results[0], portfolio.objectives[0]
    changed = portfolio.with_(attrs.evolve(result, title=f"{result.title}, again", weight=0.5))
    review = okr.review(portfolio, history, as_of=now)
    lists: dict[str, tuple[str, Any]] = {
        "evidence": ("all evidence", evidence), "conflict": ("conflicts", conflicts),
        "decision": ("decisions", decisions),
        "finding": ("findings", okr.check(portfolio, history, as_of=now, **known)),
        "amendment": ("amendments", okr.compare_portfolios(portfolio, changed)),
        "dip": ("dips", okr.dips(portfolio, history, as_of=now, weeks=52)),
        "action": ("actions", okr.actions(portfolio, history, as_of=now)),
    }  # fmt: skip
    several: dict[str, Any] = {
        **{one: some for one, (_, some) in lists.items()}, "impact": ripple.impacts, "clock": ripple.clocks,
        "escalation": [one for one in decisions if one.escalates],
        "needed decision": review.decisions_needed,
        "lead": [okr.leading.Lead(evidence=one, source="a", target="b") for one in evidence],
        "forecast": [one.forecast for one in outlook.values() if one.forecast],
    }  # fmt: skip
    return {
        "snapshot": snapshot, "table": snapshot.key_results,
        "trend": okr.evaluate_many(portfolio, history, as_of=okr.weekly("2026-01-04", now)),
        "differences": okr.compare_snapshots(last, snapshot),
        "key result": snapshot[result.id], "objective": snapshot[objective.id],
        "KPI": snapshot[portfolio.kpis[0].id], "initiative": snapshot[portfolio.initiatives[0].id],
        "outlook": outlook, "weeks ahead": outlook[result.id],
        "objective's forecast": ahead, "ripple": ripple,
        "chart": okr.signals(history.series(portfolio.kpis[0].id), better="higher", target=1.0),
        "explanation": okr.explain(snapshot, objective.id),
        "change": okr.explain_change(last, snapshot, objective.id),
        "plan": okr.tradeoffs(portfolio, snapshot, budget=500_000), "review": review,
        **dict(lists.values()), **{name: some[0] for name, some in several.items() if some},
    }  # fmt: skip
