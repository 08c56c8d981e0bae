"""How often the link test is right, by seeded simulation: floors with room, the tables are in benchmarks/."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from okrcore.leading.assess import assess_link, assess_pairs
from okrcore.leading.screening import screen_links
from okrcore.statistics.multiplicity import benjamini_hochberg, e_benjamini_hochberg
from okrcore.statistics.permutation import strength_change

Floats = NDArray[np.float64]
DECLARED, SEARCHED = range(2, 7), range(1, 9)
HALF = 0.577  # slope that makes the innovations correlate at r = .5


def ar1(rng: np.random.Generator, batch: int, n: int, phi: float) -> Floats:
    noise = rng.standard_normal((batch, n + 100)) * np.sqrt(1 - phi**2)
    out = noise.copy()
    for t in range(1, n + 100):
        out[:, t] += phi * out[:, t - 1]
    return np.asarray(out[:, 100:])


def simulated(
    seed: int, batch: int, n: int, phi: float, slope: float, *, noise_phi: float | None = None
) -> tuple[Floats, Floats]:
    """x leads y by 4 periods; both drift upwards by two of their standard deviations."""
    rng = np.random.default_rng(seed)
    x = ar1(rng, batch, n + 13, phi)
    y = slope * x[:, 9 : 9 + n] + ar1(rng, batch, n, phi if noise_phi is None else noise_phi)
    trend = 2.0 * np.arange(n) / n
    return x[:, 13:] + trend, y + trend


@pytest.mark.parametrize("n", [26, 52, 104])
@pytest.mark.parametrize("phi", [0.0, 0.9])
def test_false_positives_stay_at_their_rate(n: int, phi: float) -> None:
    """S9.2: two unrelated series with a common trend are called linked in at most 6 % of cases."""
    found = assess_pairs(*simulated(n, 600, n, phi, 0.0), lags=SEARCHED, sign=0)
    assert np.mean(found.p_value <= 0.05) <= 0.06


def test_a_declared_link_is_found_at_its_lag() -> None:
    """S9.3: r = .5 at n = 52 is supported in at least .74 of cases, at exactly its lag in .95."""
    for phi in (0.0, 0.9):
        found = assess_pairs(*simulated(5, 500, 52, phi, HALF), lags=DECLARED)
        supported = found.verdict == "supported"
        assert np.mean(supported) >= 0.74
        assert np.mean(found.lag[supported] == 4) >= 0.95
    certain = assess_pairs(*simulated(6, 300, 104, 0.5, HALF), lags=DECLARED)
    assert np.mean(certain.verdict == "supported") >= 0.99
    assert np.mean(certain.e_value >= 20) >= 0.9


def test_an_absent_link_is_refuted_and_a_reversed_one_opposed() -> None:
    """S9.3: n = 104 refutes or opposes at least .55 of absent links, and opposes .95 of reversed ones."""
    absent = assess_pairs(*simulated(7, 500, 104, 0.5, 0.0), lags=DECLARED).verdict
    assert np.isin(absent, ("refuted", "opposed")).mean() >= 0.55
    reversed_sign = assess_pairs(*simulated(8, 300, 104, 0.7, -HALF), lags=DECLARED).verdict
    assert np.mean(reversed_sign == "opposed") >= 0.95
    early = assess_pairs(*simulated(9, 500, 26, 0.5, 0.0), lags=DECLARED).verdict
    assert np.mean(early == "undecided") >= 0.9


def test_a_persistent_kpi_may_drive_a_white_result() -> None:
    """S9.2: judged on the level, such a link is found in .7 of cases at n = 104 (.48 on innovations)."""
    found = assess_pairs(*simulated(10, 400, 104, 0.9, HALF, noise_phi=0.0), lags=SEARCHED, sign=0)
    assert found.by_level.mean() > 0.9
    assert np.mean(found.verdict == "supported") >= 0.7
    null = assess_pairs(*simulated(11, 800, 104, 0.9, 0.0, noise_phi=0.0), lags=SEARCHED, sign=0)
    assert np.mean(null.p_value[null.by_level] <= 0.05) <= 0.06


def test_a_common_driver_fools_the_pair_and_not_the_test_with_its_control() -> None:
    """S9.2: z moves x now and y four periods later; given z, nothing is left."""
    rng = np.random.default_rng(12)
    driver = ar1(rng, 200, 117, 0.5)
    z = driver[:, 13:]
    x = z + ar1(rng, 200, 104, 0.5)
    y = driver[:, 9:113] + ar1(rng, 200, 104, 0.5)
    assert np.mean(assess_pairs(x, y, lags=DECLARED).verdict == "supported") > 0.9
    cleared = [
        assess_pairs(x[i], y[i], lags=DECLARED, controls=[z[i]]).verdict[0] == "supported" for i in range(200)
    ]
    assert np.mean(cleared) <= 0.065


def test_the_interval_is_honest_after_the_search() -> None:
    """S9.4: the interval covers the true effect, also among results picked for being significant."""
    for n, slope in ((26, HALF), (52, 0.3145), (52, HALF)):
        true = slope / np.hypot(1, slope)
        found = assess_pairs(*simulated(n, 500, n, 0.5, slope), lags=SEARCHED, sign=0)
        covered = (found.low <= true) & (true <= found.high)
        assert covered.mean() >= 0.93
        declared = assess_pairs(*simulated(n, 800, n, 0.5, slope), lags=DECLARED)
        picked = declared.verdict == "supported"
        assert np.mean((declared.low <= true)[picked] & (true <= declared.high)[picked]) >= 0.93
        if n == 26:
            assert declared.effect[picked].mean() > true + 0.05  # the curse itself


def test_looking_every_week_costs_nothing() -> None:
    """S9.5: over 80 weekly looks without a link, e >= 20 is seen in at most .05 of pairs, p <= .05 in .2."""
    x, y = simulated(13, 150, 104, 0.5, 0.0)
    by_e, by_p = np.zeros(150, bool), np.zeros(150, bool)
    for week in range(25, 105):
        found = assess_pairs(x[:, :week], y[:, :week], lags=DECLARED)
        by_e |= found.e_value >= 20
        by_p |= found.p_value <= 0.05
    assert by_e.mean() <= 0.05 < 0.15 < by_p.mean()


def test_missing_values_cost_little() -> None:
    """S9.1: with 15 % of both series missing, r = .5 is still found in .9 of cases at n = 104."""
    rng = np.random.default_rng(14)
    x, y = (np.where(rng.random(v.shape) < 0.15, np.nan, v) for v in simulated(15, 300, 104, 0.7, HALF))
    assert np.mean(assess_pairs(x, y, lags=DECLARED).verdict == "supported") >= 0.9


def test_a_declared_season_is_removed() -> None:
    """S9.1: a common season links unrelated series until it is declared."""
    rng = np.random.default_rng(16)
    season = 2 * np.sin(2 * np.pi * np.arange(156) / 13)
    x, y = rng.standard_normal((2, 400, 156)) + season
    naive = assess_pairs(x, y, lags=SEARCHED, sign=0)
    declared = assess_pairs(x, y, lags=SEARCHED, sign=0, season=13)
    assert np.mean(declared.p_value <= 0.05) <= 0.06
    assert np.mean(declared.p_value <= 0.05) < np.mean(naive.p_value <= 0.05)


def portfolio(seed: int) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    rng = np.random.default_rng(seed)
    x, y, truth = ar1(rng, 40, 117, 0.8), ar1(rng, 25, 104, 0.8), np.zeros((40, 25), bool)
    for j in range(25):
        for i in rng.choice(40, 2, replace=False):
            truth[i, j] = True
            y[j] += 0.7 * x[i, 9:113]
    return x[:, 13:], y, truth


@pytest.mark.parametrize(
    "keep",
    [lambda found: found.supported, lambda found: e_benjamini_hochberg(found.e_value)],
    ids=["p", "e"],
)
def test_a_portfolio_keeps_its_false_discovery_rate(keep: Callable[..., NDArray[np.bool_]]) -> None:
    """S9.5: of 1,000 pairs with 5 % true links, at most q = .10 of the kept ones are false."""
    rates = []
    for seed in range(4):
        x, y, truth = portfolio(seed)
        kept = keep(screen_links(x, y, lags=SEARCHED, q=0.10))
        rates.append([(kept & ~truth).sum() / max(kept.sum(), 1), kept[truth].mean()])
    false, power = np.mean(rates, axis=0)
    assert false <= 0.10
    assert power >= 0.7


def test_the_portfolio_finds_nine_in_ten() -> None:
    """S9.5: power at q = .10, n = 104."""
    found = [(screen_links(x, y, lags=SEARCHED).supported[t]).mean() for x, y, t in map(portfolio, range(4))]
    assert np.mean(found) >= 0.9


def decaying(seed: int, batch: int, n: int, before: float, after: float) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    x = ar1(rng, batch, n + 13, 0.7)
    link = np.where(np.arange(n) < n // 2, before, after)
    return x[:, 13:], link * x[:, 9 : 9 + n] + ar1(rng, batch, n, 0.7)


def test_a_link_that_ended_is_decayed_with_its_date() -> None:
    """S9.6: a link that ends half way is named, within five weeks; a steady one is not."""
    found = [assess_link(x, y, lags=DECLARED) for x, y in zip(*decaying(17, 80, 104, 1.0, 0.0), strict=True)]
    dates = [one.decayed_at for one in found if one.decayed_at is not None]
    assert len(dates) >= 0.85 * 80
    assert np.mean([abs(day - 52) for day in dates if isinstance(day, int)]) <= 5
    steady = [assess_link(x, y, lags=DECLARED) for x, y in zip(*decaying(18, 80, 104, 1.0, 1.0), strict=True)]
    assert np.mean([one.verdict == "decayed" for one in steady]) <= 0.06
    none = [assess_link(x, y, lags=DECLARED) for x, y in zip(*decaying(19, 80, 104, 0.0, 0.0), strict=True)]
    assert np.mean([one.verdict == "decayed" for one in none]) <= 0.04


def test_the_date_of_a_change_needs_points_and_a_change() -> None:
    x, noise = np.random.default_rng(20).standard_normal((2, 200, 60))
    steady = [strength_change(a, a + b, permutations=99) for a, b in zip(x, noise, strict=True)]
    assert np.mean([change.p_value <= 0.05 for change in steady]) <= 0.09
    assert strength_change(x[0, :9], noise[0, :9]).p_value == 1.0


def test_the_periods_needed_decide() -> None:
    """S9.3: after as many more periods as were said to be needed, at least .75 of cases are decided."""
    x, y = simulated(21, 120, 400, 0.5, 0.0)
    waiting = decided = 0
    for a, b in zip(x, y, strict=True):
        first = assess_link(a[:40], b[:40], lags=DECLARED)
        if first.needed:
            end = 40 + first.needed
            waiting += 1
            decided += assess_pairs(a[:end], b[:end], lags=DECLARED).verdict[0] != "undecided"
    assert waiting > 60
    assert decided / waiting >= 0.75


def test_raw_p_values_would_not_do() -> None:
    """S9.5: why the portfolio is corrected at all."""
    x, y, truth = portfolio(0)
    found = screen_links(x, y, lags=SEARCHED)
    raw = found.p <= 0.05
    assert (raw & ~truth).sum() / raw.sum() > 0.25
    assert (benjamini_hochberg(found.p, 0.10)[0] >= found.supported).all()
