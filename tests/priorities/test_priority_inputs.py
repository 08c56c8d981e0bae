"""A17: what a portfolio's table asks is known, 3.5 is no whole number, who escalates names no winner."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.table_inputs import columns, questions
from okrcore.definitions.priority_inputs import PRIORITY_INPUTS
from okrcore.frozen import FrozenDict
from okrcore.priorities import Column, Escalate, PriorityRule, decide_table
from okrcore.priorities.bulk_decisions import decide_rows
from tests.support.paths import ROOT

YEAR = okr.Cycle.year(2026)
GOAL = okr.Objective(id="o", title="O", cycle=YEAR.id)
RESULT = okr.KeyResult(id="k", objective="o", title="K", measure=okr.Target(0, 10))
KPI = okr.Kpi(id="up", title="Up", target=okr.Band(low=98))
COO = okr.Owner(id="coo", kind="role")
ASK = okr.Effect(escalate=Escalate(to="coo"))
KPI_WINS = okr.Outcome(winner="kpi")
FIELDS = {"degree": 0.4, "path": (), "sentence": "", "since": YEAR.start, "witness": FrozenDict()}
BOTH = Conflict(kind="opposed", sides=("k", "up"), **FIELDS)


def table(*names, default=KPI_WINS, rules=()):
    made = [Column(name=name, values=["a"]) for name in names]
    return okr.PriorityTable(columns=made, rules=rules, default=default)


def snapshot(portfolio):
    return okr.evaluate(portfolio, okr.History.of(), as_of="2026-06-30")


class TestColumns:
    def test_every_name_that_is_known_can_be_asked(self):
        portfolio = okr.Portfolio.of(YEAR, GOAL, RESULT, KPI, table(*PRIORITY_INPUTS))
        asked = questions([BOTH], portfolio)
        found = columns(list(PRIORITY_INPUTS), [BOTH], asked, snapshot(portfolio))
        assert found.keys() == PRIORITY_INPUTS.keys()

    @pytest.mark.parametrize("name", ["kpi.colour", "KPI.zone", "zone", "objective.days_left", "kpi.", "x y"])
    def test_another_is_refused_with_the_list(self, name):
        with pytest.raises(okr.DefinitionError) as error:
            okr.Portfolio.of(table("kpi.zone", name))
        (problem,) = error.value.problems
        assert problem.path == "priorities.columns[1].name"
        assert all(known in problem.message for known in PRIORITY_INPUTS)
        with pytest.raises(okr.DefinitionError):
            okr.Portfolio.of().with_(table(name))

    def test_the_nearest_is_named(self):
        with pytest.raises(okr.DefinitionError, match=r"did you mean 'kpi\.category'"):
            okr.Portfolio.of(table("kpi.categorie"))

    def test_the_reference_page_lists_them(self):
        page = (ROOT / "docs/reference/conflicts.md").read_text("utf-8")
        rows = [f"| `{name}` | {holds} |" for name, holds in PRIORITY_INPUTS.items()]
        assert "\n".join(["| column | holds |", "| --- | --- |", *rows]) in page

    def test_a_document_says_where(self):
        column = "{name: kpi.colour, values: [red]}"
        text = f"okrcore: 1\npriorities:\n  columns: [{column}]\n  rules: []\n  default: {{winner: kpi}}\n"
        with pytest.raises(okr.OkrError, match=r"^3:20: priorities.columns\[0\].name: column .kpi\.colour."):
            okr.loads(text)


@given(st.floats(-3, 12) | st.integers(-3, 12).map(float))
def test_a_number_that_is_not_whole_is_missing(value):
    """One by one and in bulk alike, in a column of whole numbers."""
    whole = okr.PriorityTable(
        columns=[Column(name="days_left", kind="integer", low=0, high=9)],
        rules=[PriorityRule(id="r", when={"days_left": "<= 4"}, then=okr.Outcome(winner="objective"))],
        default=KPI_WINS,
    )
    ruling = decide_table(whole, {"days_left": value})
    good = value == int(value) and 0 <= value <= 9
    assert ruling.missing == (() if good else ("days_left",))
    assert ruling.winner == (("objective" if value <= 4 else "kpi") if good else None)
    bulk = decide_rows(whole, {"days_left": np.array([value])})
    assert (bulk.cases[0].winner, bulk.cases[0].missing) == (ruling.winner, ruling.missing)


class TestEscalation:
    """Whoever is asked decides: the ruling and the decision name nobody."""

    @pytest.mark.parametrize("winner", ["kpi", "objective"])
    def test_of_the_default_and_of_a_rule(self, winner):
        outcome = okr.Outcome(winner=winner, effect=ASK)
        asks = table(default=outcome)
        rule = table("kpi.id", rules=[PriorityRule(id="r", when={}, then=outcome)])
        for one in (asks, rule):
            ruling = decide_table(one, {"kpi.id": "a"})
            assert (ruling.winner, ruling.winners, ruling.escalates) == (None, (), True)
            assert ruling.effect == ASK
        portfolio = okr.Portfolio.of(YEAR, GOAL, RESULT, KPI, COO, asks)
        (decision,) = okr.resolve([BOTH], portfolio, snapshot=snapshot(portfolio))
        assert (decision.winner, decision.loser, decision.escalates) == (None, None, True)
        assert decision.escalate == ASK.escalate
        assert decision.as_plain()["winner"] is None

    def test_to_an_owner_that_nobody_declared_is_a_fault(self):
        with pytest.raises(okr.errors.UnknownIdError, match="'coo' is declared nowhere"):
            okr.Portfolio.of(table(default=okr.Outcome(winner="kpi", effect=ASK)))
