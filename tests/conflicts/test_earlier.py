"""Conflicts that need a history: divergent and disconnected, by what was known at each period's end."""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Contribution,
    Cycle,
    History,
    Initiative,
    KeyResult,
    Kpi,
    Link,
    Objective,
    Observation,
    Owner,
    Portfolio,
    Target,
    Team,
    evaluate,
)
from okrcore.conflicts.find import find_conflicts
from okrcore.surfaces.stories import FIRST, LAST, story

CYCLE = Cycle.quarter(2026, 1, id="q1")
TEAMS = (Team(id="top"), Team(id="line", parent="top"), Team(id="cell", parent="line"), Team(id="other"))
GROW = Objective(id="grow", title="", cycle="q1", team="top")
REVENUE = KeyResult(id="revenue", title="", objective="grow", measure=Target(0, 100), cadence="weekly")
POLISH = Kpi(
    id="polish",
    title="",
    target=Band(low=10),
    limit=Band(low=5),
    team="line",
    incentivised=True,
    cadence="weekly",
)
LEADS = Link(source="polish", target="revenue", sign=1, lag="1w")
WEEKS = okr.Calendar(week_start="thursday")  # so that weeks are those of the cycle
BASE = (WEEKS, CYCLE, *TEAMS, GROW, REVENUE)
ENDS = [CYCLE.start + dt.timedelta(7 * n + 6) for n in range(12)]


def observed(measure, values, *, late=0):
    """One value at the end of each week; known `late` days after."""
    return [
        Observation(
            measure,
            end,
            float(value),
            recorded_at=dt.datetime.combine(end + dt.timedelta(late), dt.time(12), dt.UTC),
        )
        for end, value in zip(ENDS, values, strict=False)
        if value is not None
    ]


def found(parts, *series, as_of=ENDS[9], **asked):
    history = History.of([one for part in series for one in part])
    return find_conflicts(Portfolio.of(*BASE, *parts), history, as_of=as_of, **asked)


def only(conflicts, kind):
    return [one for one in conflicts if one.kind == kind]


class TestDivergent:
    RED, GREEN = [0.0] * 12, [100.0] * 12
    HEALTHY, SICK = [12.0] * 12, [1.0] * 12

    @pytest.mark.parametrize("lag", ["2100y", "9999q", "8000w", "2y..2100y"])
    def test_a_lag_beyond_all_grids_is_refused(self, lag):
        """Every surface that reads the lag says so in the same words, and nothing overflows."""
        link = Link(source="polish", target="revenue", sign=1, lag=lag)
        series = observed("polish", self.HEALTHY) + observed("revenue", self.RED)
        for ask in (
            found,
            lambda parts, given: okr.assess_links(
                Portfolio.of(*BASE, *parts), History.of(given), as_of=ENDS[9]
            ),
        ):
            with pytest.raises(okr.DefinitionError, match="give one of at most 1000"):
                ask([POLISH, link], series)

    def test_a_lag_longer_than_the_calendar_is_read_on_its_first_day(self):
        link = Link(source="polish", target="revenue", sign=1, lag="999y")
        series = observed("polish", self.HEALTHY), observed("revenue", self.RED)
        slow = [attrs.evolve(POLISH, cadence="yearly"), link]
        assert not only(found(slow, *series), "divergent")

    def test_counts_and_lists_its_periods(self):
        """S13.4: degree = such periods / all ended periods of the cycle; since the start of the run."""
        revenue = [100, 100, 100, 100, 0, 0, 0, 0, 0, 0]
        (one,) = only(
            found([POLISH, LEADS], observed("polish", self.HEALTHY), observed("revenue", revenue)),
            "divergent",
        )
        assert one.id == "divergent:polish|revenue"
        assert (one.witness["apart"], one.witness["ended"], one.witness["in_a_row"]) == (6, 10, 6)
        assert one.degree == 0.6
        assert one.since == CYCLE.start + dt.timedelta(28)
        assert [row[0] for row in one.witness["periods"]] == ENDS[4:10]
        assert all(row[1] == row[0] - dt.timedelta(7) for row in one.witness["periods"])
        assert one.path == ("polish", "revenue")
        assert one.witness["lag_days"] == 7

    @pytest.mark.parametrize(
        ("polish", "revenue"),
        [(HEALTHY, GREEN), (SICK, RED), (HEALTHY, [0] * 9 + [100]), ([*HEALTHY[:8], 1, 1], RED)],
    )
    def test_vanishes_with_its_cause(self, polish, revenue):
        """S13.4: a healthy KPI, and a goal that failed at each of the last 3 period ends."""
        assert not only(
            found([POLISH, LEADS], observed("polish", polish), observed("revenue", revenue)), "divergent"
        )

    def test_needs_a_helping_path(self):
        """S13.4, S13: help = sign * better."""
        series = observed("polish", self.HEALTHY), observed("revenue", self.RED)
        harm = Link(source="polish", target="revenue", sign=-1, lag="1w")
        assert not only(found([POLISH, harm], *series), "divergent")
        assert not only(found([POLISH], *series), "divergent")
        lower = KeyResult(id="revenue", title="", objective="grow", measure=Target(100, 0), cadence="weekly")
        portfolio = Portfolio.of(CYCLE, *TEAMS, GROW, lower, POLISH, harm)
        history = History.of([*series[0], *observed("revenue", [100] * 12)])
        assert only(find_conflicts(portfolio, history, as_of=ENDS[9]), "divergent")

    def test_the_kpi_is_read_the_longest_lag_earlier(self):
        """S13.4: the KPI read the link's longest lag earlier."""
        polish = [12] * 4 + [1] * 6
        for lag, expected in (("1w", False), ("2w..6w", True)):
            link = Link(source="polish", target="revenue", sign=1, lag=lag)
            shown = found([POLISH, link], observed("polish", polish), observed("revenue", self.RED))
            assert bool(only(shown, "divergent")) == expected

    def test_the_past_is_judged_by_what_was_known_then(self):
        """S13.4: each evaluated with as_of = known_at = its end."""
        on_time = observed("revenue", self.RED)
        late = [*observed("revenue", self.GREEN), *observed("revenue", self.RED, late=5)]
        polish = observed("polish", self.HEALTHY)
        asked = {"as_of": ENDS[9] + dt.timedelta(6)}  # all is known by now, not at the ends
        assert only(found([POLISH, LEADS], polish, on_time, **asked), "divergent")
        assert not only(found([POLISH, LEADS], polish, late, **asked), "divergent")

    @given(st.lists(st.sampled_from([0.0, 100.0]), min_size=10, max_size=10), st.integers(1, 4))
    def test_as_many_as_were_asked_for_in_a_row(self, revenue, wanted):
        """S13.4: at the last m consecutive ended periods."""
        shown = found(
            [POLISH, LEADS], observed("polish", self.HEALTHY), observed("revenue", revenue), periods=wanted
        )
        red = [value == 0.0 for value in revenue]
        red[0] = False  # the KPI was not yet observed a week earlier, and the goal is still early
        conflicts = only(shown, "divergent")
        assert bool(conflicts) == all(red[-wanted:])
        for one in conflicts:
            assert one.witness["apart"] == sum(red)
            assert one.degree == sum(red) / 10


class TestDisconnected:
    SERIES = observed("polish", [12.0] * 12), observed("revenue", [100, 100, 100] + [0] * 9)

    def test_a_healthy_kpi_without_a_path_below_a_failing_objective(self):
        """S13.4: degree = 1 - score / expected; since the start of the failing."""
        (one,) = only(found([POLISH], *self.SERIES), "disconnected")
        assert (one.id, one.path, one.degree) == ("disconnected:grow|polish", (), 1.0)
        assert one.since == CYCLE.start + dt.timedelta(21)
        assert one.witness["teams_between"] == 1
        assert one.witness["incentivised"]

    @pytest.mark.parametrize(
        "change",
        [
            {"guardrail": True},
            {"category": "safety"},
            {"category": "compliance"},
            {"team": "other"},
            {"team": None},
            {"target": Band(low=50), "limit": None},
        ],
    )
    def test_others_are_left_alone(self, change):
        """S13.4: not guardrail, safety or compliance; of a team equal to or below; healthy."""
        import attrs

        assert not only(found([attrs.evolve(POLISH, **change)], *self.SERIES), "disconnected")

    @pytest.mark.parametrize("sign", [1, -1])
    def test_any_path_connects(self, sign):
        """S13.4: has no path to it; over links, and over objectives that contribute."""
        step = Kpi(id="step", title="", team="other")
        chain = (
            Link(source="polish", target="step", sign=sign),
            Link(source="step", target="revenue", sign=1),
        )
        assert not only(found([POLISH, step, *chain], *self.SERIES), "disconnected")
        assert only(found([POLISH, step, chain[0]], *self.SERIES), "disconnected")
        part = Objective(id="part", title="", cycle="q1", contributes_to=[Contribution("grow", weight=1)])
        own = KeyResult(id="own", title="", objective="part", measure=Target(0, 1), weight=0)
        link = Link(source="polish", target="own", sign=sign)
        assert not only(found([POLISH, part, own, link], *self.SERIES), "disconnected")

    def test_an_initiative_is_asked_too_and_gives_its_team(self):
        """S13.4: or an initiative; team: the initiative's, else its own, else its owner's."""
        work = Initiative(id="work", title="", owner="lead")
        lead = Owner(id="lead", team="cell")
        kpi = Kpi(id="polish", title="", target=Band(low=10), team="other", initiative="work")
        shown = only(found([work, lead, kpi], *self.SERIES), "disconnected")
        assert {one.sides for one in shown} == {("grow", "work"), ("grow", "polish")}
        assert {one.witness["teams_between"] for one in shown} == {2}

    def test_one_conflict_a_kpi_with_the_nearest(self):
        """S13.4: one conflict per KPI, nearest failing objective."""
        near = Objective(id="z-near", title="", cycle="q1", team="line")
        result = KeyResult(id="count", title="", objective="z-near", measure=Target(0, 1))
        shown = only(
            found([POLISH, near, result], *self.SERIES, observed("count", [0.0] * 12)), "disconnected"
        )
        assert [one.sides for one in shown] == [("polish", "z-near")]

    def test_nothing_fails_nothing_is_told(self):
        """S13.4: an unlinked initiative while nothing fails is no conflict."""
        work = Initiative(id="work", title="", team="line")
        assert not found([POLISH, work], self.SERIES[0], observed("revenue", [100.0] * 12))

    def test_bonuses_come_first(self):
        """S13.4: incentivised ones first."""
        import attrs

        plain = attrs.evolve(POLISH, id="a-plain", incentivised=False)
        shown = only(found([POLISH, plain], *self.SERIES, observed("a-plain", [12.0] * 12)), "disconnected")
        assert [one.sides[-1] for one in shown] == ["polish", "grow"]


class TestWhatIsAsked:
    @given(st.integers(0, 3), st.booleans())
    def test_without_history_exactly_the_structural_kinds(self, healthy, linked):
        """S13: targets, opposed and contention need declarations alone; a history changes none."""
        work = Initiative(id="work", title="", team="line")
        harm = Link(source="work", target="polish", sign=-1)
        gain = Link(source="work", target="revenue", sign=1)
        portfolio = Portfolio.of(*BASE, POLISH, work, harm, gain, *([LEADS] if linked else []))
        history = History.of([*observed("polish", [12.0] * healthy), *observed("revenue", [0.0] * 12)])
        bare = find_conflicts(portfolio, as_of=ENDS[9])
        full = find_conflicts(portfolio, history, as_of=ENDS[9])
        structural = ("targets", "opposed", "contention")
        assert [one.kind for one in bare] == ["opposed"]
        assert tuple(one for one in full if one.kind in structural) == bare

    def test_a_snapshot_lends_its_history(self):
        portfolio = Portfolio.of(*BASE, POLISH, LEADS)
        history = History.of([*observed("polish", [12.0] * 12), *observed("revenue", [0.0] * 12)])
        snapshot = evaluate(portfolio, history, as_of=ENDS[9])
        assert find_conflicts(portfolio, as_of=ENDS[9], snapshot=snapshot) == find_conflicts(
            portfolio, history, as_of=ENDS[9]
        )


class TestSoftwareStory:
    def test_disconnected_is_found_in_the_first_week_that_the_goal_fails(self):
        """S13 story (b): in February, when the objective first fails; not after two quarters."""
        portfolio, history = story("software")
        first = {}
        for day in okr.weekly(FIRST, "2026-03-01"):
            for one in find_conflicts(portfolio, history, as_of=day):
                first.setdefault(one.id, day)
        red = next(
            day
            for day in okr.weekly(FIRST, LAST)
            if evaluate(portfolio, history, as_of=day).objective("enterprise").status == "off-track"
        )
        assert red == dt.date(2026, 2, 15)
        assert first == {
            "disconnected:enterprise|ui-satisfaction": red,
            "disconnected:enterprise|page-load": red,
        }

    def test_divergent_is_found_at_the_third_period_end_that_the_goal_fails(self):
        """S13 story (b): revenue is first off-track at the end of July; told two weeks later."""
        portfolio, history = story("software")
        before, after = (
            [
                one
                for one in only(find_conflicts(portfolio, history, as_of=day), "divergent")
                if one.witness["goal"] == "enterprise-arr"
            ]
            for day in (dt.date(2026, 8, 8), dt.date(2026, 8, 9))
        )
        assert not before
        assert {one.id for one in after} == {
            "divergent:enterprise-arr|onboarding-completed",
            "divergent:enterprise-arr|pilots-running",
        }
        statuses = [
            evaluate(portfolio, history, as_of=day, known_at=day).key_result("enterprise-arr").status
            for day in (dt.date(2026, 7, 22), *(row[0] for row in after[0].witness["periods"]))
        ]
        assert statuses == ["at-risk", "off-track", "off-track", "off-track"]
