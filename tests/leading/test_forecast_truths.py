"""Are the probabilities right? Calibration on real weekly series, beside simpler answers (S10.3)."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from okrcore.leading.model_pool import pool
from okrcore.leading.path_models import random_walk
from tests.support.paths import SHARED

WEEKLY = SHARED / "data" / "series" / "m4_weekly_even.csv"
Floats = NDArray[np.float64]


def brier(p: Floats, outcome: NDArray[np.bool_]) -> float:
    return float(np.mean((p - outcome) ** 2))


def calibration_error(p: Floats, outcome: NDArray[np.bool_]) -> float:
    box = np.minimum((p * 10).astype(int), 9)
    gaps = [
        abs(p[box == i].mean() - outcome[box == i].mean()) * np.mean(box == i)
        for i in range(10)
        if (box == i).any()
    ]
    return float(sum(gaps))


@pytest.mark.skipif(not WEEKLY.exists(), reason="the shared weekly series are not beside the repo")
@pytest.mark.parametrize(("n", "final", "touch"), [(26, 0.158, 0.126), (52, 0.140, 0.114)])
def test_calibration_on_real_weeks(n: int, final: float, touch: float) -> None:
    rng = np.random.default_rng(0)
    lines = WEEKLY.read_text(encoding="utf-8").splitlines()[1:]
    rows = [np.array([float(v) for v in line.split(",")[1:] if v not in ("", "NA")]) for line in lines]
    cut = np.array(
        [row[a : a + n + 13] for row in rows if len(row) > n + 13
         for a in rng.choice(len(row) - n - 13, min(4, len(row) - n - 13), replace=False)]
    )  # fmt: skip
    cut = cut[np.diff(cut[:, :n]).std(axis=1) > 1e-6] * 1.0
    cut *= np.where(rng.random(len(cut)) < 0.5, -1.0, 1.0)[:, None]
    past, future = cut[:, :n], cut[:, n:]
    step = np.diff(past).std(axis=1)[:, None]
    goals = past[:, -1:] + np.array([-0.5, 0.0, 0.5, 1.0, 1.5]) * step * np.sqrt(13)
    reached, touched = future[:, -1:] >= goals, future.max(axis=1)[:, None] >= goals

    paths = pool(past, 13, seed=1, paths=800)
    p_final = (paths[:, :, -1][:, :, None] >= goals[:, None]).mean(axis=1)
    p_touch = (paths.max(axis=2)[:, :, None] >= goals[:, None]).mean(axis=1)
    assert brier(p_final, reached) <= final
    assert brier(p_touch, touched) <= touch
    assert calibration_error(p_final, reached) <= 0.045
    low, high = np.quantile(paths[:, :, -1], (0.1, 0.9), axis=1)
    assert 0.78 <= np.mean((low <= future[:, -1]) & (future[:, -1] <= high)) <= 0.88

    walk = random_walk(past, 13, np.random.default_rng(1), paths=400)
    assert brier(p_final, reached) < brier((walk[:, :, -1][:, :, None] >= goals[:, None]).mean(1), reached)
    pace = past[:, -1:] + (past[:, -1:] - past[:, :1]) / (n - 1) * 13 >= goals
    assert brier(p_final, reached) < brier(pace.astype(float), reached) - 0.04


def test_a_pure_random_walk_is_covered() -> None:
    """The 80 % interval of a series that the pool does not know to be a random walk."""
    walk = np.cumsum(np.random.default_rng(0).standard_normal((400, 65)), axis=1)
    paths = pool(walk[:, :52], 13, seed=1, paths=800)
    low, high = np.quantile(paths[:, :, -1], (0.1, 0.9), axis=1)
    assert 0.74 <= np.mean((low <= walk[:, -1]) & (walk[:, -1] <= high)) <= 0.9


def test_models_follow_a_clean_trend() -> None:
    trend = np.arange(52.0)[None] + 0.01 * np.random.default_rng(0).standard_normal((1, 52))
    assert 55 <= pool(trend, 13, seed=2, paths=800)[:, :, -1].mean() <= 65
