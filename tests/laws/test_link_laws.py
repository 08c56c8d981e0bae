"""Laws of the link test: what must hold for any two series (S9.2-S9.6)."""

from __future__ import annotations

import attrs
import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from okrcore.errors import DefinitionError, HistoryError
from okrcore.leading.assess import assess_link, assess_pairs
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.screening import screen_links

Floats = NDArray[np.float64]
VERDICTS = {"supported", "opposed", "refuted", "undecided", "decayed"}
seeds = st.integers(0, 10_000)
few = settings(max_examples=25)


def linked(seed: int, n: int = 60, lag: int = 2) -> tuple[Floats, Floats]:
    """A KPI and a result that follow each other more or less, of several characters, by seed."""
    rng = np.random.default_rng(seed)
    x, noise = rng.standard_normal((2, n))
    strength = [0.0, 0.6, -1.5, 3.0][seed % 4]
    y = strength * np.r_[np.zeros(lag), x[:-lag]] + noise
    kind = seed // 4 % 4
    if kind == 1:
        x, y = np.cumsum(x), np.cumsum(y)
    if kind == 2:
        x, y = np.round(x), np.round(y)
    if kind == 3:
        x[rng.random(n) < 0.15] = np.nan
        y[rng.random(n) < 0.1] = np.nan
    return x, y


def alike(one: LinkEvidence, other: LinkEvidence, *, slope: float = 1.0, mirrored: bool = False) -> None:
    """All fields agree; effects and slopes have turned sign where mirrored."""
    turn = -1.0 if mirrored else 1.0
    for name in ("verdict", "lag", "lag_set", "n", "needed", "decayed_at", "basis", "note"):
        assert getattr(one, name) == getattr(other, name), name
    for name in ("p_value", "p_opposite", "e_value", "df", "inflation"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-5), name
    if one.effect is not None and one.interval is not None and other.interval is not None:
        assert one.effect == pytest.approx(turn * other.effect, rel=1e-5, abs=1e-9)  # type: ignore[operator]
        ends = sorted(turn * end for end in other.interval)
        assert one.interval == pytest.approx(ends, rel=1e-5, abs=1e-9)
    if one.slope is not None and other.slope is not None:
        assert one.slope == pytest.approx(turn * slope * other.slope, rel=1e-4, abs=1e-9)


@few
@given(seeds, st.sampled_from([1, -1, 0]))
@example(1463, 1).via("a level that jumps to another order of magnitude, below 0")
def test_swapping_signs_mirrors_the_verdict(seed: int, sign: int) -> None:
    """S9.3: -x leads y with the opposite sign exactly as x leads y; likewise for -y."""
    x, y = linked(seed)
    plain = assess_link(x, y, lags=range(1, 6), sign=sign)
    alike(assess_link(-x, y, lags=range(1, 6), sign=-sign), plain, mirrored=True)
    alike(assess_link(x, -y, lags=range(1, 6), sign=-sign), plain, mirrored=True)


@few
@given(seeds, st.sampled_from([1e-6, 0.01, 7.0, 1e6]), st.sampled_from([0.0, -3.0, 1e3]))
def test_units_change_nothing_but_the_slope(seed: int, factor: float, offset: float) -> None:
    """S9.2: level and unit of either series cannot matter; the slope is in target units per source unit."""
    x, y = linked(seed)
    plain = assess_link(x, y, lags=range(1, 6))
    alike(assess_link(factor * (x + offset), y, lags=range(1, 6)), plain, slope=1 / factor)
    alike(assess_link(x, factor * (y + offset), lags=range(1, 6)), plain, slope=factor)


@few
@given(seeds.filter(lambda seed: seed // 4 % 4 != 2), st.floats(-5, 5))
@example(398, -4.3).via("a scale that seemed to drift where a first period was cut")
@example(421, -1.4).via("the same of a walk")
def test_a_straight_trend_changes_nothing(seed: int, tilt: float) -> None:
    """S9.2: a line is projected out of both series; of tied ones it would end the ties.

    Only whether a level jumps to another order of magnitude depends on how far it is from 0.
    """
    x, y = linked(seed)
    t = np.arange(len(x))
    plain, tilted = (assess_link(x + k * t, y - k * t, lags=range(1, 6)) for k in (0.0, tilt))
    assume(not any("order of magnitude" in one.note for one in (plain, tilted)))
    alike(tilted, plain)


@few
@given(seeds)
def test_logs_make_factors_harmless(seed: int) -> None:
    """S9.1: on logs a unit is an offset, so nothing changes at all."""
    x, y = (np.exp(v / 5) for v in linked(seed))
    plain = assess_link(x, y, lags=range(1, 6), log=True)
    alike(assess_link(100 * x, y / 7, lags=range(1, 6), log=True), plain)


@few
@given(seeds, st.randoms(use_true_random=False))
def test_the_order_of_pairs_changes_nothing(seed: int, random: object) -> None:
    """S9.8: each pair is judged on its own; the portfolio's correction does not know their order."""
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((6, 48)), rng.standard_normal((4, 48))
    y[1] += np.roll(x[3], 2)
    x[0, 5:9] = np.nan
    rows, cols = rng.permutation(6), rng.permutation(4)
    plain, moved = (screen_links(a, b, lags=range(1, 5)) for a, b in ((x, y), (x[rows], y[cols])))
    assert np.array_equal(plain.supported[np.ix_(rows, cols)], moved.supported)
    assert np.array_equal(plain.lag[np.ix_(rows, cols)], moved.lag)
    for name in ("p", "effect", "df", "e_value"):
        assert getattr(moved, name) == pytest.approx(getattr(plain, name)[np.ix_(rows, cols)], rel=1e-9)


@few
@given(seeds)
def test_a_constant_series_changes_nothing_and_leads_nothing(seed: int) -> None:
    """S0.2: what never moves holds no information: undecided, and no test that others must pay for."""
    rng = np.random.default_rng(seed)
    x, y = rng.standard_normal((4, 40)), rng.standard_normal((3, 40))
    y[0] += 2 * np.roll(x[0], 1)
    flat = np.full((1, 40), 0.1 + seed)
    plain = screen_links(x, y, lags=range(1, 5))
    with_flat = screen_links(np.vstack([x, flat]), np.vstack([y, flat]), lags=range(1, 5))
    assert with_flat.p[:4, :3] == pytest.approx(plain.p, rel=1e-12)
    assert np.array_equal(with_flat.supported[:4, :3], plain.supported)
    assert not with_flat.supported[4].any()
    assert not with_flat.supported[:, 3].any()
    for a, b in ((flat[0], y[0]), (x[0], flat[0]), (flat[0], flat[0])):
        found = assess_link(a, b, lags=range(1, 5))
        assert (found.verdict, found.lag, found.effect, found.interval) == ("undecided", None, None, None)
        assert (found.p_value, found.e_value, found.needed) == (1.0, 1.0, None)


@few
@given(seeds, st.sampled_from([1, -1, 0]))
def test_one_pair_many_pairs_and_all_pairs_agree(seed: int, sign: int) -> None:
    """S9.8: the batch and the screen compute what the single test computes."""
    pairs = [linked(seed + 4 * i) for i in range(3)]
    x, y = np.array([a for a, _ in pairs]), np.array([b for _, b in pairs])
    batch = assess_pairs(x, y, lags=range(1, 6), sign=sign)
    screened = screen_links(x, y, lags=range(1, 6))
    for i in range(3):
        one = assess_link(x[i], y[i], lags=range(1, 6), sign=sign)
        assert one.verdict in {batch.verdict[i], "decayed"}
        assert one.lag == batch.lag[i]
        assert one.p_value == pytest.approx(batch.p_value[i], rel=1e-9)
        if sign == 0:
            assert one.lag == screened.lag[i, i]
            assert one.p_value == pytest.approx(screened.p[i, i], rel=1e-6)
            assert one.effect == pytest.approx(screened.effect[i, i], rel=1e-9)
            assert one.e_value >= screened.e_value[i, i] * (1 - 1e-9)


@few
@given(seeds, st.sampled_from([1, -1, 0]), st.integers(20, 90))
def test_evidence_is_coherent(seed: int, sign: int, n: int) -> None:
    """S9.3, S9.4: the numbers of one piece of evidence do not contradict each other."""
    found = assess_link(*linked(seed, n), lags=range(1, 5), sign=sign)
    assert found.effect is not None
    assert found.interval is not None
    assert found.interval[0] <= found.effect <= found.interval[1]
    assert found.lag in found.lag_set
    assert 0 <= found.p_value <= 1
    assert found.e_value > 0
    assert (found.needed == 0) == (found.verdict != "undecided")
    if found.verdict == "supported":
        assert found.p_value <= 0.05
        assert sign * found.effect >= 0
    if found.verdict == "opposed":
        assert found.p_opposite <= 0.05 < found.p_value
    if found.verdict == "refuted":
        assert min(found.p_value, found.p_opposite) > 0.05
    assert (found.decayed_at is not None) == (found.verdict == "decayed")
    assert "cause" not in found.sentence


@few
@given(seeds, st.integers(0, 9), st.integers(0, 9))
def test_silence_at_the_ends_changes_nothing(seed: int, before: int, after: int) -> None:
    """S9.2: each series is whitened from its first to its last value, whatever lies around it."""
    x, y = linked(seed)
    around = [np.r_[np.full(before, np.nan), v, np.full(after, np.nan)] for v in (x, y)]
    one, other = assess_link(*around, lags=range(1, 6)), assess_link(x, y, lags=range(1, 6))
    moved = None if other.decayed_at is None else other.decayed_at + before  # type: ignore[operator]
    assert one.decayed_at == moved
    for name in ("verdict", "lag", "n", "lag_set"):
        assert getattr(one, name) == getattr(other, name)
    for name in ("p_value", "effect", "df"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=0.1)


rough = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.1, 1e300, -1e300, 5e-324, np.nan]), st.floats(allow_infinity=False)
)


@settings(max_examples=60)
@given(st.integers(0, 45).flatmap(lambda n: st.tuples(*[arrays(float, n, elements=rough)] * 2)))
def test_any_series_gives_a_verdict(pair: tuple[Floats, Floats]) -> None:
    """S0.2: gaps, ties, three points, extreme values: a verdict and no warning, never a crash."""
    found = assess_link(*pair, lags=[1, 2, 5])
    assert found.verdict in VERDICTS
    if found.n < 20:
        assert found.verdict == "undecided"
    assert np.isfinite([found.p_value, found.e_value, found.df]).all()


def test_too_little_data_is_undecided_and_says_how_much_more() -> None:
    """S9.3: n < 20 is undecided and says how many more periods would decide."""
    x = np.random.default_rng(0).standard_normal(19)
    found = assess_link(x, np.roll(x, 1), lags=[1])
    assert found.verdict == "undecided"
    assert found.needed is not None
    assert found.needed >= 1
    assert "fewer than 20" in found.note
    for n in (0, 1, 2, 3):
        assert assess_link(x[:n], x[:n], lags=[1]).verdict == "undecided"
    nothing = assess_link(np.full(50, np.nan), np.full(50, np.nan), lags=[1])
    assert (nothing.verdict, nothing.n) == ("undecided", 0)


good = np.random.default_rng(0).standard_normal(30)


@pytest.mark.parametrize(
    ("x", "y", "options", "error", "says"),
    [
        (np.r_[good, np.inf], np.r_[good, 1.0], {}, HistoryError, "infinite at position 30"),
        (good, good[:-1], {}, HistoryError, "equal length"),
        (good, good, {"log": True}, HistoryError, "no logarithm"),
        (good[None], good[None], {}, HistoryError, "one dimension"),
        (["a"], [1.0], {}, HistoryError, "not a series of numbers"),
        (good, good, {"controls": [good[1:]]}, HistoryError, "another length"),
        (good, good, {"lags": []}, DefinitionError, "at least one period"),
        (good, good, {"lags": [-1]}, DefinitionError, "none below 0"),
        (good, good, {"lags": [1.5]}, DefinitionError, "whole"),
        (good, good, {"sign": 2}, DefinitionError, "none of"),
        (good, good, {"season": 1.0}, DefinitionError, "at least 2 periods"),
    ],
)
def test_bad_input_is_named(
    x: object, y: object, options: dict[str, object], error: type[Exception], says: str
) -> None:
    """S0.3: what cannot be evaluated raises, saying the thing, the fault and the remedy."""
    with pytest.raises(error, match=says):
        assess_link(x, y, **{"lags": [1], **options})  # type: ignore[arg-type]


def test_evidence_is_a_value() -> None:
    """S0.5: the same series give the same evidence, bit for bit."""
    x, y = linked(1)
    first, second = (assess_link(x, y, lags=range(1, 5), link="a->b") for _ in range(2))
    assert first == second
    assert first.link == "a->b"
    assert attrs.evolve(first, verdict="refuted") != first
