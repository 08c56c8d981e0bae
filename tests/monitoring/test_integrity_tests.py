"""Signals for review out of the numbers of one measure: exact, calibrated, blind to honest noise."""

import sys
from itertools import combinations, permutations, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.monitoring.integrity_tests import (
    EXACT,
    biased_restatement,
    heaping,
    late_bad_news,
    variance_collapse,
)
from okrcore.statistics.distributions import mid_ranks
from tests.support.paths import SHARED

REFERENCE = SHARED / "reference"
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


class TestHeaping:
    """S12: last digits 0 and 5 too frequent."""

    @given(st.lists(st.integers(0, 5000), min_size=13, max_size=30), st.integers(0, 2))
    def test_its_p_value_is_the_binomial_tail_whatever_the_decimals(self, values, digits):
        """One in five digits is 0 or 5; the finest step that the values share is the last digit."""
        values = [*values, 1111, 3333, 2222]
        moved = [value for value, before in zip(values, [None, *values], strict=False) if value != before]
        others = [value for value in moved if value % 5]
        pairs = [abs(one - other) for one, other in combinations(others, 2)]
        equal, close = pairs.count(0), sum(apart <= 12 for apart in pairs)
        signal = heaping([value / 10**digits for value in values])
        steps = np.abs(np.diff(values))
        free = np.median(steps) >= 10 and np.ptp(values) >= 100 and not (equal >= 2 and 4 * equal > close)
        if not free or len(set(values)) < 13:
            assert signal is None
            return
        hits, n = sum(value % 5 == 0 for value in moved), len(moved)
        chance = np.array([0.8, 0.2])
        counts = np.array([1.0])
        for _ in range(n):
            counts = np.convolve(counts, chance)
        assert (signal.statistic, signal.n) == (hits, n)
        assert signal.p_value == pytest.approx(min(1.0, counts[hits:].sum()), abs=1e-12)

    def test_digits_that_do_not_move_freely_say_nothing(self):
        assert heaping(list(range(400, 520, 10))) is None  # 12 values
        assert heaping([500, 505, 510, 515] * 5) is None  # a range of 15 steps
        assert heaping(list(range(400, 600, 5))) is None  # they walk on by 5
        assert heaping([1 / 3 * k for k in range(20)]) is None  # no last digit
        assert heaping([1, 500, 2, 600] * 5) is None  # the same four again and again

    def test_a_value_that_stays_counts_once(self):
        values = [412, 455, 530, 491, 365, 610, 745, 280, 500, 620, 333, 410, 555]
        assert heaping([*values, 555, 555, 555]) == heaping(values)
        assert heaping([*values, 412, 555]).n == 15

    @pytest.mark.parametrize("most", [7, 12, 20, 35])
    def test_ratios_of_small_counts_say_nothing(self, most):
        """Half and a quarter end in 0, so "9 of 12 done, 75.00 %" is rounded by nobody."""
        rng = np.random.default_rng(most)
        cases = rng.integers(max(2, most // 2), most + 1, (300, 52))
        rows = np.round(100 * rng.binomial(cases, 0.6) / cases, 2)
        found = [heaping(row) for row in rows]
        assert np.mean([one is not None and one.p_value <= 0.05 for one in found]) < 0.02

    @pytest.mark.parametrize("spread", [60, 400])
    def test_rounding_is_seen_however_often_it_makes_values_equal(self, spread):
        rng = np.random.default_rng(3)
        rows = rng.normal(500, spread, (300, 52)).round()
        some = np.where(rng.random(rows.shape) < 0.2, np.round(rows / 5) * 5, rows)
        p_values = [1.0 if (one := heaping(row)) is None else one.p_value for row in some]
        assert rate(p_values)[0] > 0.75
        assert heaping(np.round(rows[0] / 10) * 10 + np.eye(52)[0]).p_value < 1e-9

    def test_honest_counts_raise_no_alarm_beyond_its_level(self):
        rows = np.random.default_rng(1).normal(500, 160, (1500, 26)).round()
        found = [heaping(row) for row in rows]
        seen, most = rate([1.0 if one is None else one.p_value for one in found])
        assert seen <= most
        assert found.count(None) < 0.05 * len(rows)


class TestVarianceCollapse:
    """S12: a series that becomes too smooth; floors and level."""

    @staticmethod
    def rows(seed, count, n, *, keeps=0.5, scale=1.0):
        rng = np.random.default_rng(seed)
        shocks = rng.standard_normal((count, n)) * np.where(np.arange(n) >= n // 2, scale, 1.0)
        for week in range(1, n):
            shocks[:, week] += keeps * shocks[:, week - 1]
        return shocks

    @pytest.mark.parametrize("keeps", [0.0, 0.5, 1.0])
    @pytest.mark.parametrize("n", [26, 52])
    def test_honest_noise_raises_no_alarm_beyond_its_level(self, n, keeps):
        seen, most = rate([variance_collapse(row).p_value for row in self.rows(2, 500, n, keeps=keeps)])
        assert seen <= most

    @pytest.mark.parametrize(("season", "n"), [(52.18, 156), (12.0, 36), (7.0, 56)])
    def test_a_season_of_the_scale_is_no_collapse(self, season, n):
        """Half of each season twice as rough as the other: what comes back is no loss of noise."""
        half = np.where(np.mod(np.arange(n), season) < season / 2, 2.0, 0.7)
        rows = np.random.default_rng(6).standard_normal((200, n)) * half
        seen, _ = rate([variance_collapse(row, season=season).p_value for row in rows])
        assert seen <= 0.12

    @pytest.mark.parametrize("season", [52.18, 12.0, 7.0])
    def test_with_a_season_the_level_holds_and_a_collapse_is_seen(self, season):
        n = 110
        wave = 3 * np.sin(2 * np.pi * np.arange(n) / season)
        honest = [variance_collapse(row + wave, season=season).p_value for row in self.rows(7, 300, n)]
        seen, most = rate(honest)
        assert seen <= most + 0.02
        fallen = [
            variance_collapse(row + wave, season=season).p_value for row in self.rows(8, 100, n, scale=0.3)
        ]
        assert rate(fallen)[0] > 0.8

    def test_below_two_seasons_nothing_is_taken_out(self):
        row = self.rows(9, 1, 60)[0]
        assert variance_collapse(row, season=52.18) == variance_collapse(row)

    def test_half_the_noise_is_seen_more_often_than_by_plain_ranks(self):
        """Squared ranks weigh what is far off, as a change of scale does; plain ones see .62 of these."""
        fallen = [variance_collapse(row).p_value for row in self.rows(3, 600, 52, scale=0.5)]
        assert rate(fallen)[0] > 0.65

    def test_a_collapse_is_seen_and_a_rise_is_none(self):
        fallen = [variance_collapse(row).p_value for row in self.rows(3, 200, 52, scale=0.3)]
        risen = [variance_collapse(row).p_value for row in self.rows(3, 200, 52, scale=4.0)]
        assert rate(fallen)[0] > 0.9
        assert rate(risen)[0] < 0.01

    def test_level_and_unit_do_not_matter(self):
        row = self.rows(4, 1, 60, scale=0.4)[0]
        assert variance_collapse(1000 * row + 5).p_value == pytest.approx(variance_collapse(row).p_value)

    def test_below_its_floor_it_says_nothing(self):
        row = self.rows(5, 1, 26)[0]
        assert variance_collapse(row) is not None
        assert variance_collapse(row[:25]) is None
        assert variance_collapse([3.0] * 40) is None
        assert variance_collapse(list(range(40))) is None
        assert variance_collapse([1e308, -1e308] * 20) is None
