"""Rules know formulas: a KPI that is computed is asked for nothing that its inputs say (S22)."""

from __future__ import annotations

import attrs
import pytest

import okrcore as okr

DOCUMENT = """
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
teams: [{id: sales}, {id: works}]
owners: [{id: ann, kind: role, team: sales}]
objectives:
  - id: o
    title: Earn more on each order
    cycle: "2026"
    owner: ann
    key_results:
      - {id: k, title: Margin from 10 to 30 %, measured_by: margin, measure: {target: {start: 10, goal: 30}}}
kpis:
  - {id: revenue, title: Revenue, unit: EUR, aggregate: sum,
     cadence: monthly, team: sales, source: {system: erp, query: r}}
  - {id: cost, title: Cost, unit: EUR, aggregate: sum,
     cadence: weekly, team: works, source: {system: erp, query: c}}
  - {id: margin, title: Margin, target: {low: 0.1}, incentivised: true,
     formula: {expr: (r - c) / r, inputs: {r: revenue, c: cost}}}
  - {id: calls, title: Calls, unit: call, cadence: weekly, team: works, source: {system: crm, query: c}}
initiatives: [{id: cheaper, title: Buy cheaper, start: 2026-01-01, end: 2026-12-31, stage: decided}]
links:
  - {source: cheaper, target: cost, sign: -1}
  - {source: calls, target: revenue, sign: 1, lag: 2w..6w}
"""
FIRM = okr.loads(DOCUMENT)


def told(portfolio, code, history=None, **asked):
    found = okr.check(portfolio, history, as_of="2026-06-30", policy=okr.STRICT, select=[code], **asked)
    return {one.subject: one for one in found}


@pytest.mark.parametrize(
    "code", ["OKR205", "OKR209", "OKR213", "OKR221", "OKR301", "OKR304", "OKR316", "OKR317", "OKR318"]
)
def test_nothing_is_said_of_what_the_inputs_say(code):
    assert not told(FIRM, code).keys() & {"margin", "k", "o", "cheaper"}


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("OKR209", {"source": None}),
        ("OKR213", {"cadence": None}),
        ("OKR221", {"source": None}),
    ],
)
def test_the_inputs_are_asked_as_ever(code, change):
    assert "cost" in told(FIRM.with_(attrs.evolve(FIRM["cost"], **change)), code)


def test_what_a_formula_reads_is_watched_for_it():
    assert told(FIRM, "OKR214").keys() == {"calls"} - {link.source for link in FIRM.links}
    alone = FIRM.without("k", "margin", "calls->revenue", "cheaper->cost")
    assert told(alone, "OKR214").keys() == {"revenue", "cost", "calls"}


def test_what_counts_the_cases_of_a_kpi_is_watched_for_it():
    counted = attrs.evolve(FIRM["cost"], target=okr.Band(high=9), sample="orders", min_sample=30)
    orders = okr.Kpi(id="orders", title="Orders")
    assert "orders" in told(FIRM.with_(orders), "OKR214")
    assert "orders" not in told(FIRM.with_(orders, counted), "OKR214")


def test_a_formula_is_as_slow_as_its_slowest_input():
    assert told(FIRM, "OKR212")["margin"].message == "measures a key result, and is observed monthly"
    assert "margin" not in told(FIRM.with_(attrs.evolve(FIRM["revenue"], cadence="weekly")), "OKR212")


def test_a_key_result_is_held_to_the_unit_that_its_formula_gives():
    minutes = [attrs.evolve(FIRM[name], unit="min") for name in ("revenue", "cost")]
    left = okr.Kpi(id="margin", title="Left", formula=okr.Formula("r - c", {"r": "revenue", "c": "cost"}))
    found = told(FIRM.with_(*minutes, left, attrs.evolve(FIRM["k"], unit="hour")), "OKR206")
    assert found["k"].message == "is in 'hour', and the KPI that measures it in 'minute'"


def test_a_stale_formula_sends_to_its_inputs():
    history = okr.History.of([okr.Observation("calls", "2026-06-28", 3)])
    found = told(FIRM, "OKR402", history)
    assert found["margin"].message == "has no value; its cadence is monthly"
    assert "what its formula reads" in found["margin"].fix
    assert "never observed" in found["cost"].message


def test_an_input_is_no_leader_of_its_own_formula():
    inside = FIRM.without("calls->revenue").with_(okr.Link(source="cost", target="revenue", sign=1))
    assert told(inside, "OKR301").keys() == {"k"}


def test_a_path_over_a_formula_connects():
    """What works on an input of the number that fails is not cut off from it."""
    history = okr.History.of(
        [
            okr.Observation(name, f"2026-0{month}-28", value, unit="EUR")
            for month in range(1, 7)
            for name, value in (("revenue", 100), ("cost", 90))
        ]
    )
    asked = {"as_of": "2026-06-30"}
    owned = FIRM.with_(attrs.evolve(FIRM["cheaper"], team="sales"), attrs.evolve(FIRM["o"], team="sales"))
    cut = [one.sides for one in okr.find_conflicts(owned, history, **asked) if one.kind == "disconnected"]
    assert all("cheaper" not in sides for sides in cut)
    away = owned.without("cheaper->cost")
    cut = [one.sides for one in okr.find_conflicts(away, history, **asked) if one.kind == "disconnected"]
    assert ("cheaper", "o") in cut
