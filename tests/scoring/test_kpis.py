"""S7: zones and satisfaction of KPIs, alone and in a snapshot."""

import datetime as dt
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, DefinitionError, History, Kpi, Observation, Portfolio, ScoringPolicy, Target

DAY = dt.date(2026, 6, 30)
DEFAULT = ScoringPolicy()
bounds = st.integers(-50, 50)
values = st.one_of(st.integers(-200, 200), st.floats(-200, 200))


def state(value, policy=DEFAULT, at=DAY, **fields):
    kpi = Kpi(**{"id": "m", "title": "", **fields})
    seen = [] if value is None else [Observation("m", DAY, value)]
    return okr.evaluate(Portfolio.of(kpi), History.of(seen), as_of=at, scoring=policy)["m"]


@st.composite
def scales(draw):
    """Distinct target, limit and worst in order, and the sense of what is better."""
    far, middle, near = sorted(draw(st.sets(bounds, min_size=3, max_size=3)))
    return (near, middle, far, 1) if draw(st.booleans()) else (far, middle, near, -1)


def band(bound, sense):
    return Band(low=bound) if sense > 0 else Band(high=bound)


class TestZone:
    @given(values, bounds, st.integers(0, 20), st.booleans(), st.booleans())
    def test_is_told_by_target_and_limit(self, value, low, room, limited, inclusive):
        """S7.1: healthy inside target, watch inside limit, breached outside limit; without, outside target
        is breached."""
        limit = Band(low - 5, low + room + 5) if limited else None
        found = state(value, ScoringPolicy(inclusive=inclusive), target=Band(low, low + room), limit=limit)

        def inside(low, high):
            return low <= value <= high if inclusive else low < value < high

        held = limited and inside(low - 5, low + room + 5)
        assert found.zone == ("healthy" if inside(low, low + room) else "watch" if held else "breached")
        assert found.judged_zone == found.zone

    @pytest.mark.parametrize(
        ("fields", "zones"),
        [
            (
                {"target": Band(low=98), "limit": Band(low=95)},
                ["breached", "watch", "watch", "healthy", "healthy"],
            ),
            ({"target": Band(low=98)}, ["breached", "breached", "breached", "healthy", "healthy"]),
            ({}, ["unknown"] * 5),
        ],
    )
    def test_bounds_belong_to_the_better_zone(self, fields, zones):
        assert [state(value, **fields).zone for value in (94.9, 95, 97.9, 98, 99)] == zones

    def test_without_fresh_data_it_is_unknown(self):
        """S7.1: unknown without (fresh) data; S5.1: knob `stale` keeps the last."""
        fields = {"target": Band(low=98), "cadence": "weekly"}
        assert state(None, **fields).zone == "unknown"
        late = DAY + dt.timedelta(days=60)
        old = state(99, at=late, **fields)
        assert (old.zone, old.satisfaction, old.value, old.stale) == ("unknown", None, 99, True)
        kept = state(99, ScoringPolicy(stale="keep"), at=late, **fields)
        assert (kept.zone, kept.satisfaction) == ("healthy", 1)

    def test_recovering_while_a_running_key_result_reads_it(self):
        cycle = okr.Cycle.year(2026)
        definitions = [
            cycle,
            okr.Objective(id="o", title="", cycle=cycle.id),
            Kpi(id="m", title="", target=Band(low=5)),
            Kpi(id="n", title="", target=Band(low=5)),
            okr.KeyResult(id="k", objective="o", title="", measure=Target(0, 5), measured_by="m"),
        ]
        history = History.of([Observation("m", dt.date(2025, 12, 1), 1)])
        for at, running in [
            ("2025-12-31", False),
            ("2026-01-01", True),
            ("2026-12-31", True),
            ("2027-01-01", False),
        ]:
            found = okr.evaluate(Portfolio.of(*definitions), history, as_of=at)
            assert (found["m"].recovering, found["n"].recovering) == (running, False)


class TestSatisfaction:
    @given(values, scales())
    def test_is_linear_between_its_anchors(self, value, scale):
        """S7.2: 1 at or beyond target T, 0 at limit H, -1 at or beyond worst W, linear between."""
        target, limit, worst, sense = scale
        value = min(max(value, min(target, worst)), max(target, worst))  # clamps first
        better = (value - limit) * sense >= 0
        wanted = (
            abs(value - limit) / abs(target - limit) if better else -abs(value - limit) / abs(limit - worst)
        )
        fields = {"target": target, "limit": limit, "worst": worst}
        assert okr.satisfaction(value, **fields) == pytest.approx(wanted, abs=1e-12)
        bands = {name: band(bound, sense) for name, bound in fields.items()}
        assert okr.satisfaction(value, **bands) == okr.satisfaction(value, **fields)
        assert state(value, **bands).satisfaction == okr.satisfaction(value, **bands)

    @given(values, scales())
    def test_beyond_target_and_worst_nothing_changes(self, value, scale):
        """S7.2: clamps first."""
        target, limit, worst, _ = scale
        found = okr.satisfaction(value, target=target, limit=limit, worst=worst)
        assert -1 <= found <= 1
        for end, level in [(target, 1), (worst, -1), (limit, 0)]:
            assert okr.satisfaction(end, target=target, limit=limit, worst=worst) == level
            assert okr.satisfaction(2 * end - limit, target=target, limit=limit, worst=worst) == level

    @given(values, values, scales())
    def test_never_falls_as_values_improve(self, one, other, scale):
        target, limit, worst, sense = scale
        poor, good = sorted([one, other], key=lambda value: value * sense)
        levels = [okr.satisfaction(v, target=target, limit=limit, worst=worst) for v in (poor, good)]
        assert levels[0] <= levels[1] + 1e-12

    @given(values, scales())
    def test_without_worst_it_is_mirrored(self, value, scale):
        """S7.2: without worst: mirrored, W = H - (T - H)."""
        target, limit, _, sense = scale
        mirrored = okr.satisfaction(value, target=target, limit=limit, worst=2 * limit - target)
        assert okr.satisfaction(value, target=target, limit=limit) == mirrored
        assert state(value, target=band(target, sense), limit=band(limit, sense)).satisfaction == mirrored

    @given(values, bounds)
    def test_without_limit_only_the_target_is_known(self, value, target):
        """S7.2: without limit: 1 inside, unknown outside."""
        found = okr.satisfaction(value, target=Band(low=target))
        assert found == (1 if value >= target else None)
        assert state(value, target=Band(low=target)).satisfaction == found
        far = okr.satisfaction(value, target=Band(low=target), worst=Band(low=target - 10))
        assert far == (1 if value >= target else -1 if value <= target - 10 else None)

    def test_at_worst_without_limit_it_is_as_bad_as_it_gets(self):
        """S7.2: -1 at or beyond worst W, also where only the ends are known."""
        found = [okr.satisfaction(value, target=10, worst=0) for value in (10, 9, 1, 0, -1)]
        assert found == [1, None, None, -1, -1]
        equal = {"target": Band(low=10), "limit": Band(low=0), "worst": Band(low=0)}
        assert [okr.satisfaction(value, **equal) for value in (5, 0, -1)] == [0.5, -1, -1]

    @given(values)
    def test_of_two_sides_the_lower_counts(self, value):
        """S7.2: two-sided takes the lower."""
        bands = {"target": Band(0, 10), "limit": Band(-10, 40), "worst": Band(-20, 100)}
        low = okr.satisfaction(value, target=Band(low=0), limit=Band(low=-10), worst=Band(low=-20))
        high = okr.satisfaction(value, target=Band(high=10), limit=Band(high=40), worst=Band(high=100))
        assert okr.satisfaction(value, **bands) == min(low, high)
        assert state(value, **bands).satisfaction == min(low, high)
        half = {"target": Band(0, 10), "limit": Band(low=-10)}
        known = okr.satisfaction(value, **half)
        assert known == (
            None if value > 10 else okr.satisfaction(value, target=Band(low=0), limit=Band(low=-10))
        )
        assert state(value, **half).satisfaction == known

    @pytest.mark.parametrize(
        "scale",
        [
            {"target": 1, "worst": 1},
            {"target": 1, "limit": 2, "worst": 1},
            {"target": 1, "limit": 1},
            {"target": 1, "limit": 2, "worst": 0},
            {"target": 1, "limit": -1, "worst": 0},
            {"target": 1},
            {"target": Band(low=1), "limit": 0},
            {"target": Band(low=1), "limit": Band(low=1)},
            {"target": Band(low=1), "limit": Band(low=2)},
            {"target": Band(low=1), "worst": Band(low=1)},
            {"target": math.nan, "limit": 0},
            {"target": True, "limit": 0},
            {"target": "1", "limit": 0},
        ],
    )
    def test_what_is_no_scale_is_refused(self, scale):
        """S7.2: T == W, or H outside [W, T], is refused; limit == target without worst too."""
        with pytest.raises(DefinitionError):
            okr.satisfaction(0.5, **scale)

    @pytest.mark.parametrize("value", [math.inf, True, "1", 10**400])
    def test_a_value_is_a_finite_number(self, value):
        with pytest.raises(DefinitionError):
            okr.satisfaction(value, target=1, limit=0)
        assert okr.satisfaction(None, target=1, limit=0) is None

    @pytest.mark.parametrize(
        ("value", "scale", "percent", "from_zero"),
        [
            (10, (30, 90, 360), 100, 100),
            (30, (30, 90, 360), 100, 100),
            (46, (30, 90, 360), 73, 86),
            (90, (30, 90, 360), 0, 50),
            (400, (30, 90, 360), -100, 0),
            (134, (90, 90, 360), -16, 41),
            (95, (90, 60, 0), 100, 100),
            (30, (90, 60, 0), -50, 25),
        ],
    )
    def test_in_whole_percent_it_is_truncated_toward_zero(self, value, scale, percent, from_zero):
        """S7.2: `satisfaction_percent` is jUCMNav's integer scale, truncated toward zero (ITU-T Z.151)."""
        target, limit, worst = scale
        fields = {"target": target, "limit": limit, "worst": worst}
        assert okr.scoring.satisfaction_percent(value, **fields) == percent
        assert okr.scoring.satisfaction_percent(value, **fields, low=0) == from_zero
        assert okr.scoring.satisfaction_percent(None, **fields) is None
        with pytest.raises(DefinitionError, match="scale"):
            okr.scoring.satisfaction_percent(value, **fields, low=-50)


class TestBands:
    def test_nest(self):
        """S7.1: up to three nested bands; S0.4: all faults at once."""
        with pytest.raises(DefinitionError) as caught:
            Kpi(id="m", title="", target=Band(0, 10), limit=Band(2, 20), worst=Band(1, 15))
        assert [problem.path for problem in caught.value.problems] == ["limit", "worst"]
        with pytest.raises(DefinitionError, match="target"):
            Kpi(id="m", title="", limit=Band(low=1))

    @pytest.mark.parametrize(
        "fields",
        [
            {"target": Band(low=1), "limit": Band(low=1)},
            {"target": Band(0, 1), "limit": Band(-1, 1)},
            {"target": Band(low=1), "limit": Band(low=1), "worst": Band(low=1)},
            {"target": Band(low=1), "worst": Band(low=1)},
        ],
    )
    def test_need_a_scale(self, fields):
        """S7.2: limit == target without worst is refused at definition."""
        with pytest.raises(DefinitionError, match="no scale"):
            Kpi(id="m", title="", **fields)

    @pytest.mark.parametrize(
        ("fields", "better"),
        [
            ({"target": Band(low=1)}, "higher"),
            ({"target": Band(high=1)}, "lower"),
            ({"target": Band(0, 1)}, None),
            ({"target": Band(0, 1), "better": "lower"}, "lower"),
            ({"better": "higher"}, "higher"),
            ({}, None),
        ],
    )
    def test_tell_what_is_better(self, fields, better):
        """S7.3: "higher" for a band open above, "lower" for one open below, `Kpi.better` where declared, none
        for two-sided."""
        assert Kpi(id="m", title="", **fields).direction == better
