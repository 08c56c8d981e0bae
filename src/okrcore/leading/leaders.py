"""Improve a forecast by a series that leads it, where the past says that it does (S10).

The leader's values of the last `lag` periods are about to arrive. Their share in the target is taken out,
what is left is forecast as always, and it is put back with the leader's known and simulated future.
"""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.display import percent
from okrcore.leading.model_pool import crps, pool
from okrcore.statistics.distributions import Floats
from okrcore.statistics.regression import partial_slope

ORIGINS, LEAST_ORIGINS, LEAST_HISTORY = 24, 8, 26
TRIAL_PATHS = 400
MARGIN, SURE = 0.05, 1.28
PLAIN, FORMS = 0, 3


@attrs.frozen(kw_only=True, eq=False)
class Leader:
    """A series offered to a forecast: one value a period of the target's grid, and of its length.

    `lag` >= 1 is by how many periods the target comes later; NaN counts as the leader's mean. `name` is for
    the forecast's note.
    """

    series: Floats
    lag: int
    name: str = "the leading series"


@attrs.frozen(kw_only=True, eq=False)
class Trial:
    """What a comparison on the past said: `form` is PLAIN where the leader is of no use.

    `gain` is the share by which the error (CRPS) at this horizon fell in `origins` forecasts of the past;
    `origins` is 0 where there is too little history to compare.
    """

    form: int
    gain: float
    origins: int


def try_leader(
    history: Floats,
    leader: Leader,
    periods: int,
    *,
    silent: int = 0,
    seed: int = 0,
    total: bool = False,
) -> Trial:
    """Return whether `leader` improves forecasts of `history` (n,) `periods` ahead, judged on its past.

    Up to 24 origins of the last two thirds of the history, everything estimated anew before each of them. It
    is used where the mean CRPS is at least 5 % less, by 1.28 standard errors: so of series that do not lead
    3 % are used. Compared is the last period ahead, or, with `total`, the sum of all of them. Both ways a
    leader may act are tried: on the change of the target, and on its level.

    >>> rng = np.random.default_rng(0)
    >>> calls = rng.standard_normal(104)
    >>> deals = np.cumsum(np.r_[np.zeros(4), 2 * calls[:-4]] + rng.standard_normal(104))
    >>> trial = try_leader(deals, Leader(series=calls, lag=4), 4)
    >>> trial.form, trial.gain > 0.3
    (1, True)
    """
    n = len(history)
    first, last = max(LEAST_HISTORY, n // 3) + leader.lag, n - periods
    if last - first + 1 < LEAST_ORIGINS:
        return Trial(form=PLAIN, gain=0.0, origins=0)
    step = -(-(last - first + 1) // ORIGINS)
    origins = np.arange(last, first - 1, -step)[::-1]
    errors = np.empty((len(origins), FORMS))
    for row, origin in enumerate(origins.tolist()):
        known = attrs.evolve(leader, series=leader.series[: origin + silent])
        paths = _futures(
            history[:origin], known, periods, seed=seed, paths=TRIAL_PATHS, total=total, weigh=False
        )
        start = 0 if total else periods - 1
        came = float(history[origin + start : origin + periods].sum())
        errors[row] = crps(paths[:, :, start:].sum(axis=2), came)
    mean = errors.mean(axis=0)
    form = 1 + int(mean[1:].argmin())
    gain = 1.0 - mean[form] / mean[PLAIN] if mean[PLAIN] > 0 else 0.0
    surely = _t_ratio(errors[:, PLAIN] - errors[:, form]) >= SURE
    return Trial(form=form if gain >= MARGIN and surely else PLAIN, gain=float(gain), origins=len(origins))


def led_futures(
    history: Floats,
    leader: Leader,
    form: int,
    periods: int,
    *,
    seed: int,
    paths: int,
    total: bool = False,
) -> Floats:
    """Return paths (paths, periods) of `history` with the leader acting in `form`."""
    return np.asarray(_futures(history, leader, periods, seed=seed, paths=paths, total=total)[form])


def led_pool(
    history: Floats, leader: Leader, periods: int, *, seed: int, paths: int, total: bool = False
) -> tuple[Floats, str]:
    """Return paths (paths, periods) with the leader where it was better in the past, and words on either."""
    silent = len(leader.series) - len(history)
    trial = try_leader(history, leader, periods, silent=silent, seed=seed, total=total)
    if trial.form == PLAIN:
        why = "it did not make forecasts of the past better" if trial.origins else "too little to compare by"
        plain = pool(history[None], periods, seed=seed, paths=paths, total=total)[0]
        return plain, f"{leader.name} was not used: {why}"
    drawn = led_futures(history, leader, trial.form, periods, seed=seed, paths=paths, total=total)
    return drawn, (
        f"{leader.name} was used, {leader.lag} ahead: error (CRPS) {percent(trial.gain)} less than without"
        f" in {trial.origins} forecasts of the past"
    )


def _futures(
    history: Floats,
    leader: Leader,
    periods: int,
    *,
    seed: int,
    paths: int,
    total: bool,
    weigh: bool = True,
) -> Floats:
    """(3, paths, periods): without the leader, with it on the change, with it on the level."""
    n, lag = len(history), leader.lag
    x = leader.series - np.nanmean(leader.series)
    x = np.where(np.isnan(x), 0.0, x)
    rng = np.random.default_rng([seed, lag])
    ahead = _continued(x, n + periods - lag, paths, rng)
    noise = rng.standard_normal((paths, 1))
    rows, added = [history], [np.zeros((paths, periods))]
    for level in (False, True):
        moved = ahead if level else np.cumsum(ahead, axis=1)
        past, future = moved[0, : n - lag], moved[:, n - lag :]
        slope, error = _slope(np.diff(history[lag:]), np.diff(past))
        rest = history.copy()
        rest[lag:] -= slope * (past - past[-1])
        rest[:lag] -= slope * (past[0] - past[-1])
        rows.append(rest)
        added.append((slope + error * noise) * (future - past[-1]))
    left = pool(np.stack(rows), periods, seed=seed, paths=paths, total=total, weigh=weigh)
    return np.asarray(left + np.stack(added))


def _continued(x: Floats, length: int, paths: int, rng: np.random.Generator) -> Floats:
    """(paths, length): the known values of x, then first-order autoregressions with resampled noise."""
    known = x[:length]
    out = np.empty((paths, length))
    out[:, : len(known)] = known
    size = float(x[:-1] @ x[:-1])
    keeps = min(max(float(x[1:] @ x[:-1]) / size, 0.0), 0.98) if size > 0 else 0.0
    noise = x[1:] - keeps * x[:-1]
    drawn = (noise - noise.mean())[rng.integers(0, len(noise), (paths, max(length - len(x), 0)))]
    for k in range(len(x), length):
        out[:, k] = keeps * out[:, k - 1] + drawn[:, k - len(x)]
    return out


def _slope(y: Floats, x: Floats) -> tuple[float, float]:
    """Least squares of y on x, shrunk by 1 - 1 / t^2 to 0 at most, and its standard error, with its sign."""
    found, error = partial_slope(y, x, np.ones((len(y), 1))) or (0.0, 0.0)
    if abs(found) <= error:
        return 0.0, 0.0
    return found * (1.0 - (error / found) ** 2), error * float(np.sign(found))


def _t_ratio(gain: Floats) -> float:
    """Mean over its standard error, neighbours' agreement counted (Newey & West 1987)."""
    rest, count = gain - gain.mean(), len(gain)
    lags = max(1, min(count // 3, 6))
    variance = rest @ rest + sum(2.0 * (1.0 - k / lags) * (rest[k:] @ rest[:-k]) for k in range(1, lags))
    return float(gain.sum() / np.sqrt(max(float(variance), 1e-300)))
