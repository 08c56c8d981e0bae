"""S5: from progress and expectation to one word, at the exact boundaries, for key results and objectives."""

import datetime as dt

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Band,
    Checklist,
    Contribution,
    Entry,
    History,
    Journal,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    ScoringPolicy,
    Target,
)

START = dt.date(2026, 1, 1)
CYCLE = okr.Cycle(
    id="c", start=START, end=START + dt.timedelta(days=100)
)  # day n: n % of the time has passed
WEEKS = okr.Calendar(week_start="thursday")  # so that weeks are those of the cycle
ORDER = ("missed", "off-track", "no-data", "at-risk", "early", "on-track", "achieved")
DEFAULT = ScoringPolicy()
SLACK = 1e-12


def day(n):
    return START + dt.timedelta(days=n)


def goal(name="o", **fields):
    return Objective(**{"id": name, "title": "", "cycle": "c", **fields})


def result(name="k", measure=Target(0, 100), **fields):  # noqa: B008  frozen
    return KeyResult(**{"id": name, "objective": "o", "title": "", "measure": measure, **fields})


def states(*definitions, at, seen=(), policy=DEFAULT, **more):
    """Evaluate at day `at` what was observed as (measure, day, value)."""
    history = History.of(Observation(name, day(n), value) for name, n, value in seen)
    return okr.evaluate(
        Portfolio.of(WEEKS, CYCLE, *definitions), history, as_of=day(at), scoring=policy, **more
    )


def one(value, at, policy=DEFAULT, commitment="committed", journal=None, **fields):
    """The status of one key result observed on the day it is asked about."""
    known = [] if value is None else [("k", min(at, 100), value)]
    found = states(
        goal(commitment=commitment), result(**fields), at=at, seen=known, policy=policy, journal=journal
    )
    return found["k"].status


def clause(progress, expected, policy, enough, over, planned):
    """S5.2 and S5.3 as they are written."""
    if progress is None:
        return "no-data"
    score = {"unit": min(max(progress, 0), 1), "floor": max(progress, 0), "none": progress}[policy.clamp]
    if over:
        return "achieved" if score >= enough - SLACK else "missed"
    if progress >= 1 - SLACK:
        return "achieved"
    if expected < policy.early_until - SLACK and progress >= -SLACK:
        return "early"
    due = expected * enough
    if policy.pace == "absolute":
        good, fair = score >= policy.on_track - SLACK, score >= policy.at_risk - SLACK
    elif due <= 0 or planned or policy.pace == "difference":
        good = progress - due >= -policy.on_track_gap - SLACK
        fair = progress - due >= -policy.at_risk_gap - SLACK
    else:
        good = progress >= policy.on_track * due - SLACK
        fair = progress >= policy.at_risk * due - SLACK
    return "on-track" if good else "at-risk" if fair else "off-track"


policies = st.builds(
    ScoringPolicy,
    pace=st.sampled_from(["ratio", "difference", "absolute"]),
    clamp=st.sampled_from(["unit", "floor", "none"]),
    early_until=st.sampled_from([0.0, 0.1, 0.3]),
    achieved_at=st.just({"aspirational": 0.6}),
)
shares = st.one_of(st.integers(0, 20).map(lambda n: n / 20), st.floats(0, 1))


class TestKeyResult:
    @given(
        st.one_of(st.none(), st.integers(-10, 30).map(lambda n: n / 20), st.floats(-1, 2)),
        shares,
        policies,
        st.sampled_from(["committed", "aspirational", "learning"]),
        st.booleans(),
        st.booleans(),
    )
    def test_is_what_the_clause_says(self, progress, expected, policy, commitment, over, planned):
        """S5.1 to S5.3."""
        found = okr.status(progress, expected, policy, commitment=commitment, over=over, planned=planned)
        assert found == clause(progress, expected, policy, policy.achieved_at[commitment], over, planned)

    @given(
        st.integers(-5, 120), st.integers(0, 120), policies, st.sampled_from(["committed", "aspirational"])
    )
    def test_evaluate_judges_the_same(self, value, at, policy, commitment):
        """S5.2, S5.3: until and including the due date by pace, after it by the score."""
        expected = min(at, 100) / 100
        wanted = clause(value / 100, expected, policy, policy.achieved_at[commitment], at > 100, False)
        assert one(value, at, policy, commitment) == wanted

    @pytest.mark.parametrize(
        ("progress", "expected", "policy", "status"),
        [
            (0.72, 0.8, {}, "on-track"),  # 0.8 * 0.9 is 0.7200000000000001
            (0.7199, 0.8, {}, "at-risk"),
            (0.56, 0.8, {}, "at-risk"),  # 0.8 * 0.7 is 0.5599999999999999
            (0.21, 0.3, {}, "at-risk"),
            (0.2099, 0.3, {}, "off-track"),
            (0.7, 0.8, {"pace": "difference"}, "on-track"),  # 0.7 - 0.8 is -0.10000000000000009
            (0.6999, 0.8, {"pace": "difference"}, "at-risk"),
            (0.05, 0.3, {"pace": "difference"}, "at-risk"),
            (0.0499, 0.3, {"pace": "difference"}, "off-track"),
            (0.9, 0.2, {"pace": "absolute"}, "on-track"),
            (0.7 + 0.2, 0.2, {"pace": "absolute"}, "on-track"),  # 0.8999999999999999
            (0.7, 0.2, {"pace": "absolute"}, "at-risk"),
            (0.8 - 0.1 - 1e-15, 0.2, {"pace": "absolute"}, "at-risk"),
            (0.69, 0.2, {"pace": "absolute"}, "off-track"),
            (0.3 - 0.2, 0.2, {"early_until": 0.1}, "off-track"),
            (0.0, 0.3 - 0.2, {"early_until": 0.1}, "off-track"),  # 0.09999999999999998 is not before 0.1
            (0.0, 0.0999, {}, "early"),
            (-0.0001, 0.0999, {}, "off-track"),
            (0.0, 0.1, {}, "off-track"),
            (1.0 - 1e-16, 0.5, {}, "achieved"),
            (0.0, 0.0, {"early_until": 0}, "on-track"),  # nothing is due: by difference
            (-0.1, 0.0, {"early_until": 0}, "on-track"),
            (-0.25, 0.0, {"early_until": 0}, "at-risk"),
            (-0.26, 0.0, {"early_until": 0}, "off-track"),
            (0.63, 1.0, {"achieved_at": {"committed": 0.7}}, "on-track"),
        ],
    )
    def test_boundaries_belong_to_the_better_side(self, progress, expected, policy, status):
        """S5: thresholds are compared with 1e-12 slack."""
        assert okr.status(progress, expected, ScoringPolicy(**policy)) == status

    def test_the_due_date_itself_is_still_time(self):
        """S5.2: until and including the due date; S5.3: after it."""
        assert [one(90, at) for at in (100, 101)] == ["on-track", "missed"]
        assert [one(100, at) for at in (5, 100, 101)] == ["achieved", "achieved", "achieved"]
        ended = {"due": day(50)}
        found = [states(goal(), result(**ended), at=at, seen=[("k", 50, 90)])["k"] for at in (50, 51)]
        assert [state.status for state in found] == ["on-track", "missed"]
        assert [one(70, at, commitment="aspirational") for at in (100, 101)] == ["on-track", "achieved"]
        assert one(69, 101, commitment="aspirational") == "missed"
        close = 0.7 - 1e-16
        assert okr.status(close, 1, commitment="aspirational", over=True) == "achieved"

    def test_an_aspirational_goal_is_expected_to_come_as_far_as_is_enough(self):
        """S5.2: expected is multiplied by achieved_at; the shown expected is not, nor is that of `early`."""
        found = states(goal(commitment="aspirational"), result(), at=50, seen=[("k", 50, 32)])["k"]
        assert (found.expected, found.status) == (0.5, "on-track")
        assert found.pace == pytest.approx(0.32 / 0.35)
        assert one(31, 50, commitment="aspirational") == "at-risk"
        assert one(0, 9, commitment="aspirational") == "early"
        assert one(0, 12, commitment="aspirational") == "off-track"

    def test_a_plan_is_judged_by_difference(self):
        """S5.2: where a plan exists: progress - expected against -0.1 and -0.25."""
        plan = Target(0, 100, plan=[(day(50), 20)])
        assert [one(value, 50, measure=plan) for value in (10, 9, -5, -6)] == [
            "on-track",
            "at-risk",
            "at-risk",
            "off-track",
        ]
        found = states(goal(), result(measure=plan), at=50, seen=[("k", 50, 10)])["k"]
        assert found.pace == pytest.approx(-0.1)

    def test_where_nothing_is_due_pace_is_the_difference(self):
        """S5.2: where expected <= 0: progress - expected."""
        found = [states(goal(), result(), at=at, seen=[("k", 0, 5)])["k"].pace for at in (0, 50)]
        assert found == pytest.approx([0.05, 0.1])

    @pytest.mark.parametrize(
        ("score", "rounding", "shown"),
        [
            (0.285, (2, "half_up"), 0.29),  # 0.285 * 100 is 28.499999999999996
            (0.29, (2, "floor"), 0.29),  # 0.29 * 100 is 28.999999999999996
            (0.2849, (2, "half_up"), 0.28),
            (0.2999, (2, "floor"), 0.29),
            (0.5, (0, "half_up"), 1),
        ],
    )
    def test_rounding_is_that_of_the_decimal(self, score, rounding, shown):
        """S4.6: rounding (none, or digits with "half_up" | "floor")."""
        policy = ScoringPolicy(rounding=rounding)
        assert okr.roll_up([(score, 1)], policy).score == shown
        found = states(goal(), result(), at=50, seen=[("k", 50, 100 * score)], policy=policy)
        assert (found["k"].score, found["o"].score, found["o"].low) == (shown, shown, shown)

    def test_silence_is_never_green(self):
        """S5.1: no-data: no value, or stale; knob `stale` keeps the last status."""
        assert one(None, 50) == one(None, 101) == "no-data"
        stale = {"at": 60, "seen": [("k", 1, 90)]}
        definitions = goal(), result(cadence="weekly")
        assert states(*definitions, **stale)["k"].status == "no-data"
        assert states(*definitions, **stale)["k"].stale
        assert states(*definitions, **stale, policy=ScoringPolicy(stale="keep"))["k"].status == "on-track"
        assert states(*definitions, **stale)["k"].score == 0.9

    def test_missing_values_may_count(self):
        for kind, status in [("start", "off-track"), ("zero", "off-track"), ("unknown", "no-data")]:
            assert one(None, 50, ScoringPolicy(missing_value=kind)) == status

    def test_a_checklist_is_achieved_when_all_is_done(self):
        """S5.2: achieved if progress >= 1 (Target, Checklist)."""
        found = states(
            goal(), result(measure=Checklist(["a", "b"])), at=50, seen=[("k#a", 10, 1), ("k#b", 20, 1)]
        )
        assert found["k"].status == "achieved"
        half = states(goal(), result(measure=Checklist(["a", "b"])), at=50, seen=[("k#a", 10, 1)])
        assert (half["k"].progress, half["k"].status) == (0.5, "on-track")

    def test_a_learning_key_result_is_achieved_by_an_answer(self):
        """S5.3: a learning key result is achieved when an answer is in the journal."""
        answered = Journal.of([Entry("confirmation", "k", "lead", day(30))])
        assert one(None, 40, commitment="learning", journal=answered) == "achieved"
        assert one(10, 101, commitment="learning", journal=answered) == "achieved"
        assert one(None, 29, commitment="learning", journal=answered) == "no-data"  # not answered yet
        assert one(10, 101, commitment="learning") == "missed"
        assert one(10, 101, journal=answered) == "missed"  # only learning ones
        other = Journal.of(
            [Entry("check-in", "k", "lead", day(30)), Entry("confirmation", "o", "lead", day(30))]
        )
        assert one(None, 40, commitment="learning", journal=other) == "no-data"
        told = Journal.of([Entry("answer", "k", "lead", day(30), text="They do not pay for it.")])
        assert one(None, 40, commitment="learning", journal=told) == "achieved"


class TestBand:
    def weekly(self, values, at, band=Band(low=95), policy=DEFAULT, **fields):  # noqa: B008  frozen
        seen = [("k", 7 * week, value) for week, value in enumerate(values) if value is not None]
        fields = {"cadence": "weekly", **fields}
        return states(goal(), result(measure=band, **fields), at=at, seen=seen, policy=policy)["k"]

    def test_is_early_while_no_period_is_due(self):
        """S5.2: a Band is early while no period is due, and, S2.4, unknown till then."""
        state = self.weekly([96], at=5)
        assert (state.status, state.score, state.value) == ("early", None, 96)
        assert self.weekly([90], at=5).status == "early"
        assert self.weekly([96], at=6).status == "on-track"  # the first week has ended
        assert self.weekly([96], at=20, cadence="monthly").status == "early"
        assert [self.weekly([], at=at).status for at in (5, 9, 10)] == ["not-started"] * 2 + ["no-data"]

    @pytest.mark.parametrize(
        ("bad", "status"),
        [(0, "on-track"), (1, "on-track"), (2, "at-risk"), (3, "at-risk"), (4, "off-track")],
    )
    def test_is_judged_by_its_score(self, bad, status):
        """S5.2: a Band is judged by its score against the same 0.9 / 0.7."""
        state = self.weekly([90] * bad + [96] * (10 - bad), at=69)
        assert state.score == pytest.approx(1 - bad / 10)
        assert state.pace == state.score
        assert state.status == status

    def test_is_achieved_only_after_its_end(self):
        """S5.2: achieved: a Band only after its end."""
        assert self.weekly([96] * 14, at=100).status == "on-track"
        assert self.weekly([96] * 14, at=101).status == "achieved"
        assert self.weekly([90] + [96] * 13, at=101).status == "missed"

    def test_without_a_cadence_the_last_value_counts(self):
        """S2.4: periods are the measure's cadence; without one there is just the latest."""
        assert self.weekly([90, 96], at=10, cadence=None).status == "on-track"
        assert self.weekly([96, 90], at=10, cadence=None).status == "off-track"


class TestObjective:
    def children(self, statuses, at=50, parent=None, policy=DEFAULT, weights=None, **more):
        """An objective whose key results have the given statuses at half time."""
        value = {"achieved": 100, "on-track": 45, "at-risk": 40, "off-track": 0, "no-data": None}
        seen = [(f"k{n}", 50, value[word]) for n, word in enumerate(statuses) if value[word] is not None]
        weights = weights or [1] * len(statuses)
        results = [result(f"k{n}", weight=weight) for n, weight in enumerate(weights)]
        return states(parent or goal(), *results, at=at, seen=seen, policy=policy, **more)["o"]

    @given(
        st.lists(st.sampled_from(["achieved", "on-track", "at-risk", "off-track"]), min_size=1, max_size=5)
    )
    def test_is_that_of_its_worst_child(self, statuses):
        """S5.4: the worst of its weighted children."""
        assert self.children(statuses).status == min(statuses, key=ORDER.index)

    @given(
        st.lists(
            st.sampled_from(["achieved", "on-track", "at-risk", "off-track", "no-data"]),
            min_size=1,
            max_size=8,
        )
    )
    def test_silence_counts_when_half_is_silent(self, statuses):
        """S5.4: a no-data child counts only when coverage < 0.5; then the objective is at best no-data."""
        told = [status for status in statuses if status != "no-data"]
        wanted = min(told, key=ORDER.index, default="no-data")
        if len(told) < 0.5 * len(statuses):
            wanted = min(wanted, "no-data", key=ORDER.index)
        assert self.children(statuses).status == wanted
        everything = self.children(statuses, policy=ScoringPolicy(min_coverage=0))
        assert everything.status == min(told, key=ORDER.index, default="no-data")

    def test_coverage_goes_by_weight_and_its_boundary_is_enough(self):
        """S5.4, S4.3."""
        state = self.children(["on-track", "no-data"], weights=[1, 1])
        assert (state.coverage, state.status) == (0.5, "on-track")
        assert self.children(["on-track", "no-data"], weights=[1, 2]).status == "no-data"
        most = ScoringPolicy(min_coverage=0.8)  # 0.7 + 0.1 is 0.7999999999999999
        told = ["on-track", "on-track", "no-data"]
        assert self.children(told, weights=[0.7, 0.1, 0.2], policy=most).status == "on-track"

    def test_a_child_without_weight_is_for_display(self):
        """S4.1: 0 means aligned for display only."""
        assert self.children(["on-track", "off-track"], weights=[1, 0]).status == "on-track"
        assert self.children(["off-track"], weights=[0]).status == "no-data"

    def test_after_its_end_a_committed_one_still_has_its_worst_child(self):
        """S5.4: an aspirational objective after its end is judged by its score."""
        mixed = ["achieved", "off-track", "achieved", "achieved"]
        assert self.children(mixed, at=101).status == "missed"
        assert self.children(mixed, at=101, parent=goal(commitment="aspirational")).status == "achieved"
        assert self.children(
            ["achieved", "off-track"], at=101, parent=goal(commitment="aspirational")
        ).status == ("missed")
        assert self.children(mixed, at=100, parent=goal(commitment="aspirational")).status == "off-track"

    def test_a_committed_one_is_never_judged_by_its_score(self):
        """S5.4: only an aspirational objective after its end is judged by its score."""
        dream = goal("dream", commitment="aspirational", contributes_to=["o"])
        found = states(goal(), dream, result(objective="dream"), at=101, seen=[("k", 100, 80)])
        assert (found["dream"].status, found["o"].status, found["o"].score) == ("achieved", "achieved", 0.8)

    def test_may_be_judged_by_its_own_pace(self):
        """S5.4: knob `objective_status` "pace": on its own score."""
        policy = ScoringPolicy(objective_status="pace")
        assert self.children(["achieved", "off-track"], policy=policy).status == "on-track"
        assert self.children(["at-risk", "off-track"], policy=policy).status == "off-track"
        assert self.children(["no-data"], policy=policy).status == "no-data"
        assert self.children(["achieved"], policy=policy, at=101).status == "achieved"
        assert self.children(["achieved", "off-track"], policy=policy, at=101).status == "missed"

    def test_silence_is_no_better_when_the_score_decides(self):
        """S5.4, S5.1: below min_coverage the objective is at best no-data, however it is judged."""
        mostly_silent = ["achieved", "no-data", "no-data"]
        pace = ScoringPolicy(objective_status="pace")
        assert self.children(mostly_silent, policy=pace).status == "no-data"
        assert self.children(mostly_silent, policy=attrs.evolve(pace, min_coverage=0)).status == "achieved"
        aspirational = goal(commitment="aspirational")
        assert self.children(mostly_silent, at=101, parent=aspirational).status == "no-data"
        failed = ["off-track", "no-data", "no-data"]
        assert self.children(failed, at=101, parent=aspirational).status == "missed"

    def test_objectives_pass_on_their_status(self):
        """S5.4, S4.1: key results and contributing objectives; weight 0 is for display."""
        definitions = [
            goal("top"),
            goal("left", contributes_to=["top"]),
            goal("right", contributes_to=[Contribution("top", 0)]),
            result("a", objective="left"),
            result("b", objective="right"),
            result("c2", objective="top"),
        ]
        found = states(*definitions, at=50, seen=[("a", 50, 40), ("b", 50, 0), ("c2", 50, 100)])
        assert [found[name].status for name in ("left", "right", "top")] == [
            "at-risk",
            "off-track",
            "at-risk",
        ]
        own = states(*definitions, at=50, seen=[("a", 50, 100), ("b", 50, 0), ("c2", 50, 0)])
        assert [own[name].status for name in ("left", "top")] == ["achieved", "off-track"]

    def test_without_children_nothing_is_known(self):
        assert states(goal(), at=50)["o"].status == "no-data"


class TestGuardrail:
    def test_a_breached_key_result_holds_its_objective_down(self):
        """S5.5: no weight in the mean; breached, it makes its objective at least off-track."""
        guard = result("g", measure=Band(high=5), guardrail=True)
        for value, status in [(5, "on-track"), (5.1, "off-track")]:
            found = states(goal(), result(), guard, at=50, seen=[("k", 50, 50), ("g", 50, value)])
            assert (found["o"].status, found["o"].score, found["o"].coverage) == (status, 0.5, 1)
        unseen = states(goal(), result(), guard, at=50, seen=[("k", 50, 50)])
        assert unseen["o"].status == "on-track"

    def test_worse_than_off_track_stays_worse(self):
        guard = result("g", measure=Band(high=5), guardrail=True)
        found = states(goal(), result(), guard, at=101, seen=[("k", 50, 50), ("g", 50, 9)])
        assert found["o"].status == "missed"

    @pytest.mark.parametrize(
        ("measure", "value", "held"),
        [
            (Target(0, 10), 10, True),
            (Target(0, 10), 9.9, False),
            (Target(10, 5), 5, True),
            (Target(10, 5), 5.1, False),
            (Target(5, 5, "at_most"), 5, True),
            (Target(5, 5, "at_most"), 5.1, False),
            (Target(5, 5, "at_least"), 4.9, False),
            (Target(None, 5), 4, False),
            (Target(None, 5, "at_most"), 4, True),
            (Band(2, 4), 1, False),
            (Band(2, 4), 4, True),
        ],
    )
    def test_a_target_is_short_of_its_goal(self, measure, value, held):
        """S5.5, for targets: short of the goal, on the side the target comes from."""
        guard = result("g", measure=measure, guardrail=True)
        found = states(goal(), result(), guard, at=50, seen=[("k", 50, 50), ("g", 50, value)])
        assert found["o"].status == ("on-track" if held else "off-track")

    def test_a_stale_guardrail_breaches_nothing(self):
        """S5.1: what is stale is not known."""
        guard = result("g", measure=Band(high=5), guardrail=True, cadence="weekly")
        found = states(goal(), result(), guard, at=50, seen=[("k", 50, 50), ("g", 1, 9)])
        assert found["o"].status == "on-track"
        kept = states(
            goal(),
            result(),
            guard,
            at=50,
            seen=[("k", 50, 50), ("g", 1, 9)],
            policy=ScoringPolicy(stale="keep"),
        )
        assert kept["o"].status == "off-track"

    def test_a_breached_kpi_holds_down_the_objectives_it_guards(self):
        """S5.5: `guards` names the objectives."""
        other = [goal("p"), result("l", objective="p")]
        kpi = Kpi(id="m", title="", target=Band(low=98), limit=Band(low=95), guardrail=True, guards=["o"])
        for value, status in [(99, "on-track"), (96, "on-track"), (94, "off-track")]:
            found = states(
                goal(), result(), *other, kpi, at=50, seen=[("k", 50, 50), ("l", 50, 50), ("m", 50, value)]
            )
            assert (found["o"].status, found["p"].status) == (status, "on-track")
        weekly = attrs.evolve(kpi, cadence="weekly")
        for seen in ([], [("m", 1, 0)]):
            found = states(goal(), result(), weekly, at=50, seen=[("k", 50, 50), *seen])
            assert (found["m"].zone, found["o"].status) == ("unknown", "on-track")
        loose = attrs.evolve(kpi, guardrail=False, guards=())
        found = states(goal(), result(), loose, at=50, seen=[("k", 50, 50), ("m", 50, 0)])
        assert found["o"].status == "on-track"
        with pytest.raises(okr.DefinitionError, match="guardrail"):
            attrs.evolve(kpi, guardrail=False)

    def test_a_breach_is_passed_on_upward(self):
        """S5.5, S5.4: an objective held down is a worst child."""
        definitions = [goal("top"), goal(contributes_to=["top"]), result(), result("t", objective="top")]
        guard = result("g", measure=Band(high=5), guardrail=True)
        seen = [("k", 50, 50), ("t", 50, 50), ("g", 50, 9)]
        assert states(*definitions, guard, at=50, seen=seen)["top"].status == "off-track"
