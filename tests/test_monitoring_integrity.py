"""Signals for review out of the numbers of one measure: exact, calibrated, blind to honest noise."""

import sys
from itertools import permutations, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.monitoring.integrity import EXACT, biased_restatement, late_bad_news, mid_ranks

REFERENCE = Path(__file__).parents[2] / "shared" / "reference"
revisions = st.lists(st.integers(-6, 6).filter(bool), min_size=5, max_size=9)


def rate(p_values, level=0.05):
    """Share of alarms, and the most that chance allows when the level holds."""
    p = np.array(p_values)
    return float((p <= level).mean()), level + 3.5 * np.sqrt(level * (1 - level) / len(p))


class TestRestatement:
    """S12: revisions that lean towards the goal."""

    @given(revisions)
    def test_its_p_value_is_counted_out(self, changes):
        """Of all ways to give the sizes their signs, the share that favours the goal as much; ties too."""
        ranks = mid_ranks(np.abs(np.array(changes, float)))
        seen = ranks[np.array(changes) > 0].sum()
        as_much = [sum(r for r, up in zip(ranks, signs, strict=True) if up) >= seen - 1e-9
                   for signs in product((False, True), repeat=len(changes))]  # fmt: skip
        signal = biased_restatement([0.0] * len(changes), changes)
        assert signal.p_value == pytest.approx(np.mean(as_much))
        assert (signal.statistic, signal.n) == (seen, len(changes))

    @given(revisions)
    def test_the_direction_mirrors_it(self, changes):
        nothing, turned = [0.0] * len(changes), [-one for one in changes]
        assert biased_restatement(nothing, changes) == biased_restatement(nothing, turned, better="lower")

    def test_below_the_floor_it_says_nothing(self):
        assert biased_restatement([0.0] * 8, [1, 2, 3, 4, 0, 0, 0, 0]) is None
        assert biased_restatement([0.0] * 8, [1, 2, 3, 4, 5, 0, 0, 0]).p_value == 1 / 32

    @pytest.mark.parametrize("n", [7, 30, 100])
    def test_it_is_what_others_compute(self, n):
        stats = pytest.importorskip("scipy.stats", reason="scipy is an extra")
        changes = np.random.default_rng(n).normal(0.2, 1, n)
        expected = stats.wilcoxon(changes, alternative="greater", method="exact").pvalue
        assert biased_restatement(np.zeros(n), changes).p_value == pytest.approx(expected, rel=1e-9)

    def test_many_revisions_are_normal(self):
        stats = pytest.importorskip("scipy.stats", reason="scipy is an extra")
        changes = np.random.default_rng(3).normal(0.1, 1, 150).round(1)
        changes = changes[changes != 0]
        expected = stats.wilcoxon(changes, alternative="greater", method="approx").pvalue
        assert biased_restatement(np.zeros(len(changes)), changes).p_value == pytest.approx(
            expected, rel=1e-9
        )

    @pytest.mark.skipif(not REFERENCE.exists(), reason="the oracle is not beside this checkout")
    def test_it_agrees_with_the_oracle(self, monkeypatch):
        """The oracle is normal throughout: off by less than the chance of one value, which shrinks with n."""
        monkeypatch.syspath_prepend(str(REFERENCE))
        oracle = pytest.importorskip("integrity")
        rng = np.random.default_rng(5)
        for n in (5, 12, 26, 52, 120):
            first, current = rng.normal(0, 1, (40, n)), rng.normal(0.3, 1, (40, n))
            expected = oracle.biased_restatement(first, current)
            mine = [biased_restatement(*pair).p_value for pair in zip(first, current, strict=True)]
            one_value = 0.4 / np.sqrt(n * (n + 1) * (2 * n + 1) / 24)
            assert np.abs(np.array(mine) - expected).max() < (one_value if n <= EXACT else 1e-9)
        few = oracle.biased_restatement([[0] * 6], [[1, 1, 1, 1, 0, 0]])
        assert few[0] == 1.0
        assert biased_restatement([0] * 6, [1, 1, 1, 1, 0, 0]) is None
        sys.modules.pop("integrity", None)

    @pytest.mark.parametrize("n", [5, 8, 26])
    def test_honest_errors_raise_no_alarm_beyond_its_level(self, n):
        rng = np.random.default_rng(1)
        noise = rng.standard_t(4, (1500, n))
        seen, most = rate([biased_restatement(np.zeros(n), row).p_value for row in noise])
        assert seen <= most

    def test_a_bias_is_seen(self):
        rows = np.random.default_rng(2).standard_t(4, (300, 26)) * 0.7 + 0.5
        assert rate([biased_restatement(np.zeros(26), row).p_value for row in rows])[0] > 0.8


class TestLateBadNews:
    """S12: reporting delay grows as values worsen."""

    def test_its_p_value_is_that_of_all_permutations(self):
        rng = np.random.default_rng(4)
        values, delays = rng.normal(0, 1, 8), np.array([1, 1, 2, 5, 1, 4, 2, 7])
        signal = late_bad_news(values, delays, floor=7)
        worse, late = mid_ranks(-np.diff(values)), mid_ranks(delays[1:].astype(float))
        seen = worse @ late
        exact = np.mean([worse @ np.array(order) >= seen - 1e-9 for order in permutations(late)])
        assert signal.p_value == pytest.approx(exact, abs=4 * np.sqrt(exact * (1 - exact) / 9999) + 0.01)

    def test_it_needs_changes_and_delays_that_differ(self):
        values = [float(one % 5) for one in range(9)]
        assert late_bad_news(values[:8], range(8)) is None
        assert late_bad_news(values, range(9)) is not None
        assert late_bad_news(values, [3] * 9) is None
        assert late_bad_news([1.0] * 9, range(9)) is None

    @given(st.permutations(list(range(10))), st.permutations(list(range(10))))
    def test_only_the_order_of_delays_counts_and_the_direction_mirrors(self, values, delays):
        signal = late_bad_news(values, delays)
        assert late_bad_news(values, [10.0**one for one in delays]) == signal
        assert late_bad_news([-one for one in values], delays, better="lower") == signal

    @pytest.mark.parametrize("keeps", [0.0, 0.6, 1.0])
    def test_delays_that_have_nothing_to_do_with_it_raise_no_alarm(self, keeps):
        """Neither where values wander or return, nor where delays drift on their own."""
        rng = np.random.default_rng(6)
        p_values = []
        for _ in range(400):
            values, delays = rng.normal(0, 1, 26), rng.normal(0, 1, 26)
            for week in range(1, 26):
                values[week] += keeps * values[week - 1]
                delays[week] += 0.6 * delays[week - 1]
            p_values.append(late_bad_news(values, np.exp(delays)).p_value)
        seen, most = rate(p_values)
        assert seen <= most

    def test_waiting_with_bad_news_is_seen(self):
        rng = np.random.default_rng(7)
        p_values = []
        for _ in range(100):
            values = rng.normal(0, 1, 26).cumsum()
            worse = np.maximum(-np.diff(values, prepend=values[0]), 0)
            p_values.append(late_bad_news(values, 1 + 3 * worse + rng.exponential(1, 26)).p_value)
        assert rate(p_values)[0] > 0.8
