"""A18: what `from_dict` reads back is equal and hashes alike, whatever public result it is."""

from __future__ import annotations

import datetime as dt
import importlib
import json

import attrs
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore.frozen import FrozenDict
from okrcore.testing import histories, journals, portfolios
from tests.rhythm.test_actions import AUDIT, FIRST, history, warehouse
from tests.schedule.test_clocks import NOTICE, story

DAY, LATER = dt.date(2026, 3, 2), dt.date(2026, 4, 6)
INSTANT = dt.datetime(2026, 3, 2, 8, 30, tzinfo=dt.UTC)
CONFLICT = okr.Conflict(
    kind="opposed",
    sides=("throughput", "uptime"),
    degree=0.4,
    since=DAY,
    witness={
        "since": DAY,
        "seen": INSTANT,
        "ids": ["a", "b"],
        "days": [[DAY, 1.5]],
        "of": {"at": DAY, "n": None},
    },
    path=("throughput", "uptime"),
    sentence="They pull apart.",
)
AT_TWO = okr.leading.LagEvidence(
    lag=2, correlation=0.5, df=49.5, critical=0.25, upper=0.75, interval=(0.25, 0.75), bound=0.75
)
EVIDENCE = okr.LinkEvidence(
    verdict="confirmed", lag=2, lag_set=(2, 3), effect=0.5, interval=(0.25, 0.75), slope=1.5, p_value=0.01,
    e_value=40.0, n=52, df=49.5, needed=None, decayed_at=DAY, link="a->b", lags=(0, 1, 2, 3),
    per_lag=(AT_TWO,),
)  # fmt: skip
FORECAST = okr.Forecast(
    p_final=0.7, p_touch=0.9, quantiles=FrozenDict({0.1: 1.0, 0.9: 3.5}), n=30, periods=2, error=0.01,
    fan=FrozenDict({0.1: (1.0, 1.5), 0.9: (2.0, 2.5)}), ends=(DAY, LATER),
)  # fmt: skip
AHEAD = okr.leading.ObjectiveForecast(
    p_final=0.5, scores=FrozenDict({0.5: 0.75}), together=0.25, key_results=("a", "b"), error=0.01
)
LEAD = okr.leading.Lead(
    evidence=EVIDENCE, source="a", target="b", watched=3, moved_at=DAY, arrives=(DAY, LATER)
)
WEEKS = okr.leading.WeeksAhead(forecast=FORECAST, achieved=AHEAD, leads=(LEAD,))
FINDING = okr.Finding(
    code="OKR101", severity="warning", subject="a", message="is late",
    evidence=(("due", DAY), ("ids", ["x"])), location=("a.yaml", 3, None),
)  # fmt: skip
IGNORE = okr.governance.Ignore(code="OKR101", reason="known", until=LATER)
RULING = okr.priorities.Ruling(
    winner="kpi", rule="P1", effect=okr.Effect(fund=okr.priorities.Fund(amount=5)), why="safety first"
)
PERIOD = okr.history.ReconciledPeriod(
    start=DAY, end=LATER, left=1.0, right=None, verdict="left-only", trusted="crm", by_hand=False
)
GAP = okr.priorities.TableFinding(
    kind="gap",
    message="no rule matches",
    rules=(),
    witness=FrozenDict({"objective.due": DAY, "kpi.value": 1.5, "open": True}),
    region=FrozenDict({"kpi.value": "> 1"}),
)
STEP = okr.Explanation(
    subject="a",
    kind="key result",
    status="on-track",
    numbers=FrozenDict(value=0.1),
    dates=FrozenDict(at=DAY, seen=INSTANT),
)


def crowded():
    """Every action of the warehouse in a bad week: amended, decided, slipped, and each kind of state."""
    ruling = okr.Tolerance(
        sides=["lanes", "throughput"], winner="throughput", start="2026-06-01", end="2026-12-31"
    )
    base = warehouse()
    lanes = attrs.evolve(base.kpi("lanes"), target=okr.Band(low=18), source=okr.Source("crm"))
    lanes = attrs.evolve(lanes, watchers=["operations"])
    slip = okr.Milestone(id="scanner", initiative="recalibration", title="Scanner", due="2026-06-01")
    declared = okr.Declarations.of(("2026-01-05", base), ("2026-05-04", base.with_(lanes, slip, ruling)))
    declared = declared.append(declared.at("2026-05-05").with_(base.kpi("lanes")), at="2026-05-11")
    found = okr.actions(
        declared, history(), as_of="2026-06-10", journal=okr.Journal.of([FIRST, AUDIT]), since="2026-01-01"
    )
    (audit,) = [one.audit for one in found if one.audit]
    assert {type(one.after) for one in audit.amendments} >= {tuple, FrozenDict}
    assert (len(audit.decisions), len(audit.slips)) == (1, 1)
    return found


OWED = next(
    one
    for one in okr.actions(warehouse(), history(), as_of="2026-06-08", journal=okr.Journal.of([FIRST, AUDIT]))
    if one.audit
)
assert OWED.audit is not None
RIPPLE = okr.ripple(story(), as_of="2026-03-12", journal=okr.Journal.of([NOTICE]))
CLOCK = RIPPLE.clocks[0]
assert CLOCK.notice.entry is not None
assert CLOCK.mitigation.left is not None
MESSAGE = okr.rhythm.Message(to="coo", what="x", subject="a", because="late", due=INSTANT, action="notice:a")
NEEDED = okr.rhythm.NeededDecision(
    id="dip:a", kind="dip", ask="answer", mark="!", question="What moved a?", evidence="outside its limits",
    owner=None, due=INSTANT, overdue=True, subjects=("a",), actions=("audit:a",),
)  # fmt: skip
VALUES = [
    MESSAGE,
    NEEDED,
    *crowded(),
    OWED,
    OWED.audit,
    OWED.audit.goals[0],
    RIPPLE.impact("first-pilot"),
    CLOCK,
    CLOCK.notice,
    CLOCK.mitigation,
    CONFLICT,
    AT_TWO,
    EVIDENCE,
    FORECAST,
    AHEAD,
    LEAD,
    WEEKS,
    FINDING,
    IGNORE,
    RULING,
    okr.governance.Waived(finding=FINDING, ignore=IGNORE),
    okr.governance.Skipped(code="OKR101", needs=("history",)),
    okr.governance.CheckResult(findings=(FINDING,), asked=("OKR101",), expired=(IGNORE,)),
    okr.priorities.Difference(witness={"at": DAY}, region={"at": ">= 3"}, before=None, after=RULING),
    attrs.evolve(STEP, subject="goal", children=(STEP, attrs.evolve(STEP, subject="b", children=(STEP,)))),
    okr.funding.Funding(initiative="pilot", share=0.5, cost=None, gains=FrozenDict(grow=0.25)),
    okr.funding.NextUnit(of="budget", tier=1, amount=None, gain=0.1, funds=("pilot",)),
    okr.Entry("check-in", "a", "lead", DAY, changes=["one lane a night"], status="on-track"),
    okr.Observation("a", INSTANT, 1.5, unit="EUR"),
    okr.Change("one lane a night", by="lead", due=LATER),
    okr.scoring.Distance(completed=1.0, remaining=2.0, total=3.0, gap=0.5),
    okr.scoring.Score(score=None, coverage=0.0, low=0.0, high=1.0),
    PERIOD,
    okr.history.Reconciliation(measure="a", left="crm", right="erp", unit="EUR", periods=(PERIOD,)),
    okr.history.Restatement(before=okr.Observation("a", DAY, 1), after=okr.Observation("a", DAY, 2)),
    GAP,
    okr.priorities.TableReport(gaps=(GAP,), more=("overlaps",)),
    okr.Rates.of([(DAY, "EUR", "USD", 1.25)]),
]


STATES = (okr.KeyResultState, okr.ObjectiveState, okr.KpiState, okr.InitiativeState)
ROOMS = (
    *("conflicts", "declarations", "funding", "governance", "history", "leading", "priorities", "rhythm"),
    *("schedule", "scoring"),
)


DECLARED = ("okrcore.definitions", "okrcore.scoring.scoring_policy")
"""What is declared reads back in test_round_trip."""


def public_types():
    for room in ROOMS:
        module = importlib.import_module(f"okrcore.{room}")
        for name in module.__all__:
            found = getattr(module, name)
            if isinstance(found, type) and attrs.has(found) and not found.__module__.startswith(DECLARED):
                yield found


def read_back(value):
    return okr.from_dict(type(value), json.loads(json.dumps(okr.to_dict(value), allow_nan=False)))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_each_result_reads_back_equal_and_hashes_alike(value):
    again = read_back(value)
    assert again == value
    assert hash(again) == hash(value)
    assert okr.to_dict(again) == okr.to_dict(value)


@pytest.mark.parametrize("kind", sorted(set(public_types()), key=lambda kind: kind.__name__))
def test_each_public_result_is_read_back_here_or_refused(kind):
    try:
        okr.from_dict(kind, {})
    except okr.OkrError as error:
        if f"{kind.__name__} is not read back by from_dict" in str(error):
            return
    assert kind in {*map(type, VALUES), *STATES}


@settings(max_examples=30, deadline=None)
@given(st.data())
def test_states_and_explanations_read_back(data):
    portfolio = data.draw(portfolios())
    history, journal = data.draw(histories(portfolio)), data.draw(journals(portfolio))
    snapshot = okr.evaluate(portfolio, history, as_of="2026-06-30", journal=journal)
    goals = (*portfolio.objectives, *portfolio.key_results, *portfolio.kpis, *portfolio.initiatives)
    for one in goals:
        for value in (snapshot[one.id], okr.explain(snapshot, one.id)):
            assert read_back(value) == value
            assert hash(read_back(value)) == hash(value)
    for conflict in okr.find_conflicts(portfolio, as_of="2026-06-30", snapshot=snapshot):
        assert read_back(conflict) == conflict
        assert hash(read_back(conflict)) == hash(conflict)


def test_a_pace_beyond_all_numbers_reads_back():
    """A cap that is used on its first day burns at an infinite rate, which no document can hold."""
    year = okr.Cycle.year(2026)
    cap = okr.KeyResult(
        id="k", objective="o", title="K", measure=okr.Band(high=9, over="cycle"), aggregate="sum"
    )
    portfolio = okr.Portfolio.of(year, okr.Objective(id="o", title="O", cycle="2026"), cap)
    history = okr.History.of([okr.Observation("k", year.start, 1.0)])
    state = okr.evaluate(portfolio, history, as_of=year.start)["k"]
    assert state.pace == float("inf")
    assert read_back(state) == state
    for odd in ("inf", np.array([1.0, 2.0])):
        with pytest.raises(okr.OkrError, match="goal"):
            okr.from_dict(okr.Target, {"start": 0, "goal": odd})
    with pytest.raises(okr.OkrError, match="give a number"):
        okr.loads("okrcore: 1\nkpis: [{id: k, title: K, limit: {low: inf}}]")


def test_an_outlook_reads_back():
    outlook = okr.leading.Outlook({"grow": WEEKS})
    assert read_back(outlook) == outlook
    assert type(read_back(outlook)) is type(outlook)


@given(st.timedeltas())
def test_a_length_of_time_reads_back_to_the_microsecond(left):
    owed = attrs.evolve(CLOCK.mitigation, left=left)
    assert read_back(owed) == owed


@pytest.mark.parametrize("text", ["PT1e-06S", "P1D", "3600", "PT99999999999999999999S", "PT1.1234567S"])
def test_a_length_of_time_that_is_none_is_named(text):
    with pytest.raises(okr.DocumentError, match="give a length of time such as PT86400S"):
        okr.from_dict(type(CLOCK.mitigation), okr.to_dict(CLOCK.mitigation) | {"left": text})


def test_a_key_that_is_no_number_is_named():
    with pytest.raises(okr.DocumentError, match="a key is 'half', but must be a number"):
        okr.from_dict(okr.Forecast, okr.to_dict(FORECAST) | {"quantiles": {"half": 1.0}})


HEADED = [value for value in VALUES if hasattr(type(value), "FORM")]


@pytest.mark.parametrize("value", HEADED, ids=lambda value: type(value).__name__)
def test_what_answers_as_a_whole_is_headed(value):
    """A18: with `okrcore` and `kind`; the form of another kind is refused."""
    form = okr.to_dict(value)
    assert list(form)[:2] == ["okrcore", "kind"]
    assert (form["okrcore"], form["kind"]) == (1, type(value).FORM)
    bare = {key: part for key, part in form.items() if key not in ("okrcore", "kind")}
    assert okr.from_dict(type(value), bare) == value
    with pytest.raises(okr.DocumentError, match=f"kind is 'score'; give '{type(value).FORM}'"):
        okr.from_dict(type(value), form | {"kind": "score"})


def test_each_public_result_is_headed_or_a_part_of_one_that_is():
    """A18: kinds are unique, and what is neither headed nor read back has a form that is headed."""
    forms = [kind.FORM for kind in set(public_types()) if hasattr(kind, "FORM")]
    assert sorted(forms) == ["check-result", "reconciliation", "table-report", "verification"]
    assert okr.to_dict(okr.history.Verification()) == {"okrcore": 1, "kind": "verification", "problems": []}


def test_plans_and_trends_are_headed():
    assert okr.to_dict(okr.Plan(funded=()))["kind"] == "plan"
    trend = okr.evaluate_many(okr.Portfolio.of(), okr.History.of(), as_of=["2026-03-31"])
    assert okr.to_dict(trend) == {"okrcore": 1, "kind": "trend", "as_of": ["2026-03-31"], "rows": []}
