"""Tail probabilities, normal scores and corrections for many tests."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from okrcore.statistics.distributions import normal_quantile, normal_tail, rank_normal, student_tail
from okrcore.statistics.multiplicity import benjamini_hochberg, e_benjamini_hochberg, sidak

P_1995 = np.array([1, 4, 19, 95, 201, 278, 298, 344, 459, 3240, 4262, 5719, 6528, 7590, 10_000]) / 10_000
unit = st.floats(0, 1)
vectors = arrays(float, st.integers(1, 30), elements=unit)


@pytest.mark.parametrize(
    ("t", "df", "tail"),
    [  # values of the incomplete beta function, to 10 digits
        (1.0, 8.0, 0.1732967535437),
        (2.0, 8.0, 0.0402581189786),
        (5.0, 8.0, 0.0005264128967),
        (2.5, 23.7, 0.0098764745065),
        (4.0, 100.0, 6.07618221504e-05),
        (12.0, 100.0, 2.19754384e-21),
        (0.0, 3.0, 0.5),
    ],
)
def test_student_tails_equal_published_values(t: float, df: float, tail: float) -> None:
    assert student_tail(np.array(t), np.array(df)) == pytest.approx(tail, rel=1e-5)
    assert student_tail(np.array(-t), np.array(df)) == pytest.approx(1 - tail)


@given(unit.filter(lambda p: 1e-12 < p < 1 - 1e-12))
def test_normal_tail_undoes_the_quantile(p: float) -> None:
    assert normal_tail(np.array(normal_quantile(p))) == pytest.approx(1 - p, rel=1e-6, abs=1e-12)


def test_normal_tail_survives_far_out() -> None:
    assert normal_tail(np.array(37.0)) == pytest.approx(5.7e-300, rel=0.01)


@given(arrays(float, (3, 12), elements=st.sampled_from([-2.0, 0.0, 0.5, 1.0, np.nan])))
def test_normal_scores_keep_order_ties_and_gaps(rows: np.ndarray) -> None:
    scores = rank_normal(rows)
    assert np.array_equal(np.isnan(scores), np.isnan(rows))
    for row, score in zip(rows, scores, strict=True):
        known = ~np.isnan(row)
        assert np.array_equal(np.sign(np.subtract.outer(row[known], row[known])),
                              np.sign(np.subtract.outer(score[known], score[known])))  # fmt: skip
        assert rank_normal(-row[None])[0][known] == pytest.approx(-score[known])


def test_normal_scores_are_blom_scores() -> None:
    expected = [normal_quantile((rank - 0.375) / 5.25) for rank in (1, 2.5, 2.5, 4, 5)]
    assert rank_normal(np.array([[1.0, 2.0, 2.0, 7.0, 9.0]]))[0] == pytest.approx(expected)


def test_benjamini_hochberg_equals_its_published_example() -> None:
    """S9.5: the worked example of the 1995 paper rejects four at .05, Bonferroni three."""
    kept, adjusted = benjamini_hochberg(P_1995, 0.05)
    assert kept.sum() == 4
    assert (sidak(P_1995, 15) <= 0.05).sum() == 3
    assert adjusted[0] == pytest.approx(0.0015)


@given(vectors, st.floats(0.01, 0.5), st.randoms())
def test_benjamini_hochberg_is_the_largest_step(p: np.ndarray, q: float, random: object) -> None:
    """S9.5: k is the largest rank with p_(k) <= q k / m; order does not matter, NaN is no test."""
    m, ordered = len(p), np.sort(p)
    ranks = [k for k in range(1, m + 1) if ordered[k - 1] * m / k <= q]
    kept, _ = benjamini_hochberg(p, q)
    assert kept.sum() == (ranks[-1] if ranks else 0) or p[kept].max() < p[~kept].min()
    assert np.array_equal(benjamini_hochberg(p[::-1], q)[0], kept[::-1])
    assert np.array_equal(benjamini_hochberg(np.append(p, np.nan), q)[0], np.append(kept, False))
    few = p <= q
    if few.any():
        assert np.array_equal(benjamini_hochberg(p[few], q, tests=m)[0], kept[few])


@given(arrays(float, st.integers(1, 30), elements=st.floats(0, 1e4)), st.floats(0.01, 0.5))
def test_e_values_are_kept_by_the_kth_largest(e: np.ndarray, q: float) -> None:
    """S13.3: the k largest are kept where the k-th largest of m is at least m / (q k)."""
    m, ordered = len(e), np.sort(e)[::-1]
    k = max((i for i in range(1, m + 1) if ordered[i - 1] * q * i >= m), default=0)
    kept = e_benjamini_hochberg(e, q)
    assert kept.sum() == k
    assert not k or e[kept].min() >= ordered[k - 1]
    assert not e_benjamini_hochberg(np.append(e, np.nan), q)[-1]


@given(st.floats(1e-300, 1.0), st.integers(1, 50))
def test_sidak_lies_between_p_and_bonferroni(p: float, count: int) -> None:
    corrected = float(sidak(np.array(p), count))
    assert p * (1 - 1e-9) <= corrected <= min(1.0, p * count) * (1 + 1e-9)
