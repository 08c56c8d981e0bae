"""An input never counts as a leading indicator of its own formula (S22.4)."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

import okrcore as okr
from okrcore import Formula, History, Kpi, Link, Portfolio
from okrcore.definitions.lineage import lineage_of

WEEKS = 120
DAYS = [dt.date(2024, 1, 7) + dt.timedelta(weeks=week) for week in range(WEEKS)]


def kpi(name: str, formula: Formula | None = None) -> Kpi:
    return Kpi(id=name, title=name, cadence="weekly", better="higher", formula=formula)


PORTFOLIO = Portfolio.of(
    *(kpi(name) for name in ("visits", "orders", "returns", "calls")),
    kpi("rate", Formula("prev(o) / v", {"o": "orders", "v": "visits"})),
    kpi("net", Formula("o - r", {"o": "orders", "r": "returns"})),
    kpi("deep", Formula("2 * x", {"x": "net"})),
    Link(source="orders", target="rate", sign=1, lag="1w"),
    Link(source="returns", target="deep", sign=-1, lag=0),
    Link(source="net", target="rate", sign=1, lag=0),
    Link(source="calls", target="orders", sign=1, lag="2w"),
)


@pytest.fixture(scope="module")
def history() -> History:
    made = np.random.default_rng(1)
    calls, returns = made.normal(50, 5, WEEKS), made.normal(20, 5, WEEKS)
    orders = 100 + np.r_[[0, 0], calls[:-2]] + made.normal(0, 2, WEEKS)
    columns = {"visits": made.normal(1000, 10, WEEKS), "orders": orders, "returns": returns, "calls": calls}
    names = [name for name in columns for _ in DAYS]
    return History.of_columns(names, DAYS * len(columns), np.concatenate([*columns.values()]))


def test_what_a_formula_is_made_of() -> None:
    lineage = lineage_of(PORTFOLIO)
    assert lineage.made_of["deep"] == {"net", "orders", "returns"}
    assert lineage.share("deep", "rate")
    assert not lineage.is_part("calls", "deep")


def test_links_from_a_part_to_its_whole_stay_undecided(history: History) -> None:
    found = {one.link: one for one in okr.assess_links(PORTFOLIO, history, as_of="2026-05-01")}
    for name in ("orders->rate", "returns->deep"):
        assert (found[name].verdict, found[name].note) == ("undecided", "part of its own formula")
        assert found[name].effect is None
    assert found["net->rate"].verdict == "undecided"
    assert found["calls->orders"].verdict == "supported"


def test_discovery_tells_parts_apart_from_leads(history: History) -> None:
    found = okr.discover_links(PORTFOLIO, history, as_of="2026-05-01", lags=range(4))
    kinds = {(row["source"], row["target"]): row["kind"] for row in found}
    assert kinds["calls", "orders"] == "lead"
    for one, other in (("orders", "rate"), ("orders", "net"), ("returns", "net"), ("net", "deep")):
        assert kinds.get((one, other), kinds.get((other, one), "formula")) == "formula"
    assert "lead" not in {kinds.get(("orders", "rate")), kinds.get(("returns", "deep"))}


def test_conflicts_do_not_walk_from_a_part_to_its_whole() -> None:
    document = """
    okrcore: 1
    cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
    objectives:
      - id: earn
        title: Earn
        cycle: "2026"
        key_results:
          - {id: more-net, title: Net, measure: {target: {start: 0, goal: 10}}, measured_by: net}
          - {id: fewer-calls, title: Calls, measure: {target: {start: 9, goal: 1}}, measured_by: calls}
    kpis:
      - {id: orders, title: Orders}
      - {id: returns, title: Returns}
      - {id: calls, title: Calls}
      - {id: net, title: Net, formula: {expr: o - r, inputs: {o: orders, r: returns}}}
    links:
      - {source: orders, target: net, sign: 1, lag: 0}
      - {source: orders, target: calls, sign: 1, lag: 0}
    """
    assert okr.find_conflicts(okr.loads(document), as_of="2026-02-01") == ()
    observed = okr.loads(document.replace(", formula: {expr: o - r, inputs: {o: orders, r: returns}}", ""))
    assert [one.kind for one in okr.find_conflicts(observed, as_of="2026-02-01")] == ["opposed"]
