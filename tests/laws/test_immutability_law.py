"""A19: public values are immutable to the bottom, arrays and mappings included."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, MutableMapping, MutableSequence, MutableSet
from functools import cached_property, lru_cache
from typing import Any

import attrs
import numpy as np
import pytest

import okrcore as okr
from okrcore.frozen import FrozenDict
from okrcore.history.periods import gridded

AS_OF = "2026-03-16"
LATER = okr.Team(id="new")


def _portfolio() -> okr.Portfolio:
    cycle = okr.Cycle.quarter(2026, 1)
    step = okr.Checklist([okr.Item(id="a"), okr.Item(id="b", weight=2)])
    return okr.Portfolio.of(
        cycle,
        okr.Team(id="ops"),
        okr.Owner(id="lead", team="ops"),
        okr.Objective(id="top", title="Top", cycle=cycle.id),
        okr.Objective(id="goal", title="Goal", cycle=cycle.id, contributes_to=["top"], owner="lead"),
        okr.KeyResult(id="sum", objective="goal", title="S", measure=okr.Target(0, 9), aggregate="sum"),
        okr.KeyResult(id="band", objective="goal", title="B", measure=okr.Band(high=5), cadence="weekly"),
        okr.KeyResult(id="list", objective="goal", title="L", measure=step),
        okr.KeyResult(id="kept", objective="top", title="K", measure=okr.Target(0, 9), measured_by="uptime"),
        okr.Kpi(id="uptime", title="Up", target=okr.Band(low=9), guardrail=True, guards=["top"]),
        okr.Kpi(id="calls", title="Calls", target=okr.Band(high=9), cadence="weekly", aggregate="sum"),
        okr.Initiative(id="work", title="Work", start=dt.date(2026, 1, 1), end=dt.date(2026, 3, 1)),
        okr.Milestone(id="done", initiative="work", title="Done", due=dt.date(2026, 2, 1)),
        okr.Link(source="calls", target="sum", sign=-1, lag="1w..2w"),
        okr.PriorityTable(
            columns=[okr.priorities.Column(name="conflict.degree", low=0, high=1)],
            rules=[],
            default=okr.priorities.Outcome(winner="kpi"),
        ),
    )


def _history() -> okr.History:
    days = [dt.date(2026, 1, 5) + dt.timedelta(weeks=week) for week in range(10)]
    rng = np.random.default_rng(3)
    names = ("sum", "band", "uptime", "calls", "list#a")
    return okr.History.of(
        okr.Observation(name, day, float(rng.integers(0, 9))) for day in days for name in names
    )


@lru_cache
def _values() -> dict[str, Any]:
    portfolio, history = _portfolio(), _history()
    snapshot = okr.evaluate(portfolio, history, as_of=AS_OF)
    trend = okr.evaluate_many(portfolio, history, as_of=okr.weekly("2026-02-02", AS_OF))
    compiled = okr.compile_portfolio(portfolio)
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 60))
    weeks = okr.Cadence("weekly").periods(dt.date(2026, 1, 5), dt.date(2026, 3, 8))
    conflicts = okr.find_conflicts(portfolio, history, as_of=AS_OF)
    declared = okr.Declarations.of(("2026-01-01", portfolio), ("2026-02-01", portfolio.with_(LATER)))
    journal = okr.Journal.of([okr.Entry("check-in", "sum", "lead", "2026-02-02", text="on our way")])
    amendments = declared.amendments()
    earlier = okr.evaluate(portfolio, history, as_of="2026-02-02")
    week = okr.review(declared, history, as_of=AS_OF, journal=journal)
    return {
        "journal": journal,
        "declarations": declared,
        "versions": tuple(declared),
        "amendments": tuple(amendments),
        "scored": tuple(okr.scoring.score_amendments(declared, history)),
        "difference": okr.scoring.compare_snapshots(earlier, snapshot),
        "change": okr.explain_change(earlier, snapshot, "sum"),
        "outlook": okr.outlook(snapshot, paths=50),
        "signals": okr.signals(y),
        "dips": okr.monitoring.dips(portfolio, history, as_of=AS_OF),
        "actions": tuple(okr.actions(declared, history, as_of=AS_OF, journal=journal)),
        "week": week,
        "portfolio": portfolio,
        "history": history,
        "series": history.series("sum"),
        "observation": history.latest("sum", AS_OF),
        "snapshot": snapshot,
        "states": tuple(snapshot[name] for name in ("top", "sum", "uptime", "work")),
        "trend": trend,
        "compiled": compiled,
        "scores": compiled.score(np.zeros((2, len(compiled.key_results)))),
        "evidence": okr.assess_link(x, y, lags=range(1, 3)),
        "screen": okr.leading.screen_links(x[None], y[None], lags=range(1, 3)),
        "forecast": okr.forecast(y, goal=1.0, periods=3, paths=50),
        "grid": gridded(history, ["sum"], weeks),
        "conflicts": conflicts,
        "decisions": okr.conflicts.resolve_many(conflicts, portfolio, snapshot=snapshot),
        "report": okr.verify_table(portfolio.priorities),
        "findings": okr.check(portfolio, history, as_of=AS_OF),
        "explanation": okr.explain(snapshot, "top"),
        "ripple": okr.ripple(portfolio, as_of=AS_OF, history=history),
        "review": okr.review(portfolio, history, as_of=AS_OF),
        "rates": okr.Rates.of([("2026-01-01", "EUR", "USD", 1.1)]),
        "contributions": okr.contributions(snapshot, "top"),
        "policy": okr.STANDARD.scoring,
    }


def _parts(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Yield what a value holds and hands out: fields and properties that are public, entries, items."""
    if attrs.has(type(value)):
        names = {field.name for field in attrs.fields(type(value))}
        for kind in type(value).__mro__:
            names |= {
                name for name, held in vars(kind).items() if isinstance(held, property | cached_property)
            } | {*vars(kind).get("__slots__", ())}  # where attrs keeps what is cached
        for name in sorted(name for name in names if not name.startswith("_")):
            yield f"{path}.{name}", getattr(value, name)
    elif isinstance(value, Mapping):
        yield from ((f"{path}[{key!r}]", held) for key, held in value.items())
    elif isinstance(value, tuple | frozenset):
        yield from ((f"{path}[{place}]", held) for place, held in enumerate(value))


def _faults(value: Any, path: str, seen: dict[int, Any]) -> Iterator[str]:
    if id(value) in seen or isinstance(value, str | bytes | int | float | dt.date | None):
        return
    seen[id(value)] = value  # held, so that no id is given twice
    if isinstance(value, np.ndarray):
        if value.flags.writeable:
            yield f"{path} is writable"
        return
    mutable = isinstance(value, MutableMapping | MutableSequence | MutableSet | bytearray)
    if mutable and not isinstance(value, FrozenDict):
        yield f"{path} is a {type(value).__name__}"
    for name, held in _parts(value, path):
        yield from _faults(held, name, seen)


@pytest.mark.parametrize("name", sorted(_values()))
def test_public_values_are_immutable_to_the_bottom(name: str) -> None:
    value = _values()[name]
    assert list(_faults(value, name, {})) == []


def test_what_is_written_into_is_refused_and_nothing_else_changes() -> None:
    portfolio, history = _portfolio(), _history()
    before = okr.evaluate(portfolio, history, as_of=AS_OF)
    for array in (okr.compile_portfolio(portfolio).measures.span, before.kpis["value"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
    with pytest.raises(TypeError):
        okr.compile_portfolio(portfolio).goal_rows["top"] = 5  # type: ignore[index]
    after = okr.evaluate(portfolio.with_(okr.Team(id="new")), history, as_of=AS_OF)
    assert after["sum"] == before["sum"]


def test_arrays_that_a_caller_gave_stay_the_callers() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    okr.compile_portfolio(_portfolio()).score(values)
    values[0] = 5.0
    assert values.flags.writeable
