"""What unrelated KPIs share makes no link (S9.2, S9.3): small simulations; the tables are in benchmarks/."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from okrcore.leading.assess import assess_link, assess_pairs
from okrcore.leading.guards import CALENDAR, HELD, SAME, STRETCH, UNIT
from okrcore.leading.link_verdict import FEW_MOVES, SMALL
from tests.support.nuisances import NUISANCES, Nuisance, both, remembering

DRAWS = 60
ROOM = 4 * np.sqrt(0.05 * 0.95 / DRAWS)
"""Four standard errors of a rate of .05."""


def drawn(name: str, n: int, batch: int = DRAWS) -> tuple[np.ndarray, np.ndarray]:
    return NUISANCES[name].draw(np.random.default_rng(zlib.crc32(f"{name} {n}".encode())), batch, n)


@pytest.mark.parametrize("name", sorted(set(NUISANCES) - {"shared ramp"}))
def test_a_nuisance_is_no_link(name: str) -> None:
    """At most the nominal .05 on either side, and weekly evidence (e >= 20) next to never."""
    one: Nuisance = NUISANCES[name]
    n = one.sizes[min(1, len(one.sizes) - 1)]
    found = assess_pairs(*drawn(name, n), lags=one.lags, season=one.season, calendar=one.calendar(n))
    for verdict in ("supported", "opposed"):
        assert np.mean(found.verdict == verdict) <= 0.05 + ROOM
    assert np.mean(found.e_value >= 20) <= 0.05


@pytest.mark.parametrize(
    ("name", "n", "note"),
    [
        ("shared dip of 8", 104, STRETCH),
        ("both in another unit", 104, UNIT),
        ("months in 4 weeks each", 156, HELD),
        ("Poisson .02", 104, FEW_MOVES),
    ],
)
def test_a_guard_says_why(name: str, n: int, note: str) -> None:
    """S9.3: undecided, for a reason that a person can act on."""
    one = NUISANCES[name]
    x, y = drawn(name, n, 200)
    found = assess_pairs(x, y, lags=one.lags, season=one.season)
    rows = np.flatnonzero(found.note == note)
    assert rows.size
    assert (found.verdict[rows] == "undecided").all()
    assert (found.e_value[rows] <= 1.0).all()
    evidence = assess_link(x[rows[0]], y[rows[0]], lags=one.lags, season=one.season)
    assert (evidence.verdict, evidence.note) == ("undecided", note)
    assert note in evidence.sentence


def test_the_calendar_is_named_where_whole_seasons_explain_a_pair() -> None:
    """A profile that three harmonics cannot hold and no column names: seven weekdays, each year the same."""
    rng = np.random.default_rng(3)
    profile = rng.standard_normal(26) * 1.2
    x, y = (rng.standard_normal((60, 130)) + np.tile(np.roll(profile, later), 5) for later in (0, 1))
    found = assess_pairs(x, y, lags=[1, 2, 3], season=26.0)
    assert np.mean(found.verdict == "supported") <= 0.05 + ROOM
    assert (found.note == CALENDAR).any()


def test_a_small_link_is_refuted_and_said_to_be_there() -> None:
    """S9.3: the smallest effect of interest comes first; r = .12 at n = 2,000 is no lever."""
    rng = np.random.default_rng(0)
    x, noise = rng.standard_normal((2, 12, 2000))
    y = 0.12 * np.roll(x, 2, axis=1) + noise
    found = assess_pairs(x, y, lags=[1, 2, 3])
    assert (found.verdict == "refuted").all()
    assert (found.note == SMALL).mean() > 0.8
    assert (found.e_value <= 1).all()
    assert (found.high < 0.3).all()
    assert (assess_pairs(x, y, lags=[1, 2, 3], smallest_effect=0.03).verdict == "supported").mean() > 0.8


@pytest.mark.parametrize("sign", [1, -1, 0])
@pytest.mark.parametrize("r", [0.25, -0.25, 0.5])
def test_evidence_never_contradicts_itself(sign: int, r: float) -> None:
    """S9.4: 0 is outside the interval of what is supported or opposed, on the side of the effect named."""
    rng = np.random.default_rng(5)
    x, noise = rng.standard_normal((2, 150, 80))
    y = r * np.roll(x, 2, axis=1) + noise
    found = assess_pairs(x, y, lags=[0, 1, 2, 3], sign=sign)
    assert ((found.low <= found.effect) & (found.effect <= found.high)).all()
    clear = np.isin(found.verdict, ("supported", "opposed"))
    assert clear.any()
    assert ((found.low > 0) | (found.high < 0))[clear].all()
    side = np.where(found.verdict == "opposed", -sign, sign)[clear]
    assert (side * found.effect[clear] >= 0).all()
    refuted = found.verdict == "refuted"
    assert (found.high if sign > 0 else -found.low)[refuted].max(initial=-1.0) < 0.3


def test_every_lag_is_there_for_a_picture() -> None:
    """S9.4: a lag beyond its critical value exactly where the link is significant; upper bounds refute."""
    rng = np.random.default_rng(6)
    x, noise = rng.standard_normal((2, 40, 60))
    for a, b in zip(x, 0.4 * np.roll(x, 2, axis=1) + noise, strict=True):
        found = assess_link(a, b, lags=range(1, 5))
        assert [one.lag for one in found.per_lag] == [1, 2, 3, 4]
        beyond = any(one.correlation >= one.critical for one in found.per_lag)
        assert beyond == (found.p_value <= 0.05)
        small = all(one.upper < found.smallest_effect for one in found.per_lag)
        assert small == (found.verdict == "refuted")
        assert all(one.interval[0] <= one.correlation <= one.interval[1] for one in found.per_lag)
        for one in found.per_lag:
            assert (one.interval[0] > 0) == (one.correlation >= one.critical)
        if found.verdict == "supported":
            assert found.interval is not None
            assert max(one.interval[0] for one in found.per_lag) == pytest.approx(found.interval[0])


@pytest.mark.parametrize("sign", [1, -1, 0])
def test_the_bound_of_each_lag_is_the_one_that_decided(sign: int) -> None:
    """S9.4: refuted exactly where the bound of the side in question is small at every lag."""
    rng = np.random.default_rng(7)
    x, noise = rng.standard_normal((2, 60, 400))
    verdicts = set()
    for strength, a, b in zip(np.linspace(-0.6, 0.6, 60), x, noise, strict=True):
        found = assess_link(a, strength * np.roll(a, 2) + b, lags=range(1, 5), sign=sign)
        opposed = found.verdict == "opposed" or (sign and found.p_opposite <= 0.05 < found.p_value)
        side = -sign if opposed else sign
        bounds = [(side or np.copysign(1, one.correlation)) * one.bound for one in found.per_lag]
        assert all(bound < found.smallest_effect for bound in bounds) == (found.verdict == "refuted")
        if not opposed:
            assert bounds == pytest.approx([one.upper for one in found.per_lag])
        verdicts.add((found.verdict, bool(opposed)))
    assert ("refuted", bool(sign)) in verdicts


def test_looking_every_week_keeps_its_level_under_nuisances() -> None:
    """S9.5: e >= 20, ever in 60 looks, in at most .05 of pairs that share an event or a feast."""
    for name in ("shared dip of 8", "Christmas, 12 sd", "Poisson .3"):
        one = NUISANCES[name]
        x, y = drawn(name, 90, 40)
        ever = np.zeros(40, bool)
        for n in range(30, 91, 4):
            found = assess_pairs(
                x[:, :n], y[:, :n], lags=one.lags, season=one.season, calendar=one.calendar(n)
            )
            ever |= found.e_value >= 20
        assert ever.mean() <= 0.05


@pytest.mark.parametrize("keeps", [0.0, 0.9])
def test_what_is_taken_out_costs_little_power(keeps: float) -> None:
    """Plain series: r = .5 at n = 104 is found in .95 of cases, with everything on offer."""
    rng = np.random.default_rng(7)
    x = remembering(rng, 150, 104, 0.0)
    y = 0.577 * np.roll(x, 3, axis=1) + rng.standard_normal((150, 104))
    if keeps:
        x, y = (np.cumsum(v, axis=1) for v in (x, y))
    one = Nuisance(both(lambda *_: x))
    found = assess_pairs(x, y, lags=range(2, 7), season=one.season, calendar=one.calendar(104))
    assert np.mean(found.verdict == "supported") >= 0.95
    assert np.mean(found.lag[found.verdict == "supported"] == 3) >= 0.97


def test_the_same_number_is_no_lead() -> None:
    """S9.8: copies, rolling means, running sums, moved copies; not what merely goes together."""
    rng = np.random.default_rng(8)
    flow = rng.gamma(20, 5, (30, 107))
    mean = (np.cumsum(flow, axis=1)[:, 3:] - np.c_[np.zeros(30), np.cumsum(flow, axis=1)[:, :-4]]) / 4
    level = np.cumsum(rng.standard_normal((30, 104)), axis=1)
    for x, y, lags in (
        (flow[:, 3:], mean, [1, 2, 3, 4]),
        (level, 1000 * level + 7, [0, 1, 2]),
        (flow[:, 3:], np.cumsum(flow[:, 3:], axis=1), [0, 1, 2]),
        (level[:, 2:], level[:, :-2], [1, 2, 3]),
    ):
        found = assess_pairs(x, y, lags=lags)
        assert not np.isin(found.verdict, ("supported", "opposed")).any()
        assert (found.note == SAME).mean() > 0.5
    loose = level + 0.4 * rng.standard_normal(level.shape)
    assert (assess_pairs(level, np.roll(loose, 1, axis=1), lags=[1]).verdict == "supported").mean() > 0.5
