"""Evaluation as a user calls it: what comes back, to the type checker."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, assert_type

import numpy as np
import numpy.typing as npt

import okrcore as okr

Floats = npt.NDArray[np.float64]


def scalars(target: okr.Target, policy: okr.ScoringPolicy) -> None:
    assert_type(okr.progress(target, 5), float | None)
    assert_type(okr.progress(target, 5.5, policy), float | None)
    assert_type(okr.progress(target, None), float | None)
    assert_type(okr.progress(target, [1, 2.5]), Floats)
    assert_type(okr.progress(okr.Band(low=1), np.zeros(3)), Floats)
    okr.progress(5, 5)  # type: ignore[call-overload]
    assert_type(okr.scoring.distance(target, 5).gap, float)
    score = okr.roll_up([(0.5, 1), (None, 2.5), (okr.roll_up([]), 1)])
    assert_type(score, okr.scoring.Score)
    assert_type(score.score, float | None)
    assert_type(score.low, float)
    assert_type(okr.status(0.5, 0.7, policy, commitment="aspirational", over=True), okr.scoring.Status)
    assert_type(okr.satisfaction(46, target=30, limit=90, worst=360), float | None)
    assert_type(okr.scoring.satisfaction_percent(None, target=okr.Band(low=98)), int | None)
    okr.ScoringPolicy(clamp="none", rounding=(2, "half_up"), achieved_at={"aspirational": 0.6})
    okr.ScoringPolicy(clamp="sometimes")  # type: ignore[arg-type]
    okr.ScoringPolicy(on_trak=0.8)  # type: ignore[call-arg]
    assert_type(okr.DIALECTS.get("okrcore", policy), okr.ScoringPolicy)


def whole(portfolio: okr.Portfolio, history: okr.History, journal: okr.Journal, rates: okr.Rates) -> None:
    snapshot = okr.evaluate(
        portfolio,
        history,
        as_of="2026-06-30",
        known_at=dt.datetime.now(dt.UTC),
        scoring=okr.ScoringPolicy(),
        rates=rates,
        journal=journal,
        previous=None,
    )
    assert_type(snapshot, okr.Snapshot)
    okr.evaluate(portfolio, history)  # type: ignore[call-arg]
    okr.evaluate(portfolio, history, "2026-06-30")  # type: ignore[call-arg]
    state = snapshot["grow"]
    match state:
        case okr.KeyResultState():
            assert_type(state.progress, float | None)
            assert_type(state.goal, okr.KeyResult)
            assert_type(state.observed_at, dt.date | dt.datetime | None)
            assert_type(state.stale, bool)
            assert_type(state.status, okr.scoring.Status)
        case okr.ObjectiveState():
            assert_type(state.score, float | None)
            assert_type(state.coverage, float)
            assert_type(state.status, okr.scoring.Status)
            assert_type(state.goal, okr.Objective)
        case okr.KpiState():
            assert_type(state.zone, okr.scoring.Zone)
            assert_type(state.judged_zone, okr.scoring.Zone)
            assert_type(state.satisfaction, float | None)
        case okr.InitiativeState():
            assert_type(state.statuses.value, okr.scoring.Status)
            assert_type(state.goal, okr.Initiative)
    assert_type(snapshot.key_results, okr.display.Table)
    assert_type(snapshot.objectives.to_dicts(), list[dict[str, Any]])
    assert_type(okr.contributions(snapshot, "grow"), Mapping[str, float])

    trend = okr.evaluate_many(portfolio, history, as_of=okr.weekly("2026-01-01", "2026-06-30"))
    assert_type(trend, okr.Trend)
    assert_type(trend[0], okr.Snapshot)
    assert_type(trend.scores("grow"), tuple[float | None, ...])
    for one in trend:
        assert_type(one, okr.Snapshot)

    compiled = okr.compile_portfolio(portfolio)
    assert_type(compiled, okr.scoring.CompiledPortfolio)
    assert_type(compiled.key_results, tuple[str, ...])
    scores = compiled.score([[0.5, 1.0], [0.1, 0.2]])
    assert_type(scores.objectives, Floats)
