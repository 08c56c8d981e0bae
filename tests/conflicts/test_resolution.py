"""Decisions come from a proved table alone: total, deterministic, never a guess (S14, S15)."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore import (
    Band,
    Cycle,
    Effect,
    History,
    Initiative,
    KeyResult,
    Kpi,
    Link,
    Objective,
    Observation,
    Outcome,
    Owner,
    Portfolio,
    PriorityRule,
    PriorityTable,
    Target,
    Team,
    evaluate,
    to_dict,
)
from okrcore.conflicts.conflict import KINDS, Conflict
from okrcore.conflicts.resolution import proved, resolve, resolve_many
from okrcore.errors import TableError, UnknownIdError
from okrcore.frozen import FrozenDict
from okrcore.priorities import Column, Escalate, Guardrail, Tolerate
from okrcore.priorities.table_report import TableReport
from okrcore.priorities.table_rulings import decide_table
from okrcore.priorities.verification import verify_table

YEAR = Cycle.year(2026)
COO = Escalate(to="coo", within="24h")
ZONES = ("healthy", "watch", "breached", "unknown")
TABLE = PriorityTable(
    columns=[
        Column(name="objective.commitment", values=["committed", "aspirational", "learning"]),
        Column(name="kpi.category", values=["safety", "compliance", "financial", "operational", "other"]),
        Column(name="kpi.zone", values=ZONES),
        Column(name="days_left", low=0, high=366),
    ],
    guardrails=[
        Guardrail(id="G1", when={"kpi.category": "safety, compliance"}, forbid=["objective"], escalate=COO)
    ],
    rules=[
        PriorityRule(
            id="P1",
            when={"objective.commitment": "committed", "kpi.zone": "healthy, watch"},
            then=Outcome(
                winner="objective",
                effect=Effect(tolerate=Tolerate(within="limit", incentive="suspended")),
                why="A committed objective outranks a KPI down to its limit",
            ),
        ),
        PriorityRule(
            id="P2",
            when={"objective.commitment": "committed", "kpi.zone": "breached"},
            then=Outcome(winner="kpi", effect=Effect(freeze="initiative"), why="The line is repaired first"),
        ),
    ],
    default=Outcome(winner="kpi", effect=Effect(escalate=COO), why="No rule decided this in advance"),
)
FIRM: tuple[Any, ...] = (
    YEAR,
    Team(id="operations"),
    Owner(id="coo", kind="role"),
    Objective(id="automate", title="Automate", cycle=YEAR.id, owner="coo", team="operations"),
    Objective(id="dream", title="Dream", cycle=YEAR.id, commitment="aspirational"),
    KeyResult(
        id="throughput", objective="automate", title="T", measure=Target(100, 120), measured_by="parcels"
    ),
    KeyResult(id="share", objective="dream", title="S", measure=Target(0, 1), due=dt.date(2026, 9, 30)),
    KeyResult(id="cost", objective="automate", title="C", measure=Target(10, 8)),
    Kpi(id="parcels", title="Parcels", better="higher", cadence="weekly", initiative="recalibration"),
    Kpi(
        id="uptime",
        title="Uptime",
        target=Band(low=98),
        limit=Band(low=95),
        worst=Band(low=85),
        cadence="weekly",
        team="operations",
        category="operational",
        incentivised=True,
    ),
    Kpi(id="injuries", title="Injuries", target=Band(high=0), category="safety", cadence="weekly"),
    Kpi(id="quality", title="Quality", target=Band(low=99), limit=Band(low=90)),
    Initiative(id="recalibration", title="Recalibrate", start=dt.date(2026, 1, 1), end=dt.date(2026, 12, 31)),
    Link(source="recalibration", target="throughput", sign=1, weight=0.8),
    Link(source="recalibration", target="uptime", sign=-1, weight=0.4),
)
PORTFOLIO = Portfolio.of(*FIRM, TABLE)
GOALS, KPIS = ("throughput", "share", "cost"), ("uptime", "injuries", "quality")


def observed(**values: float) -> History:
    """Return a history with one value a KPI or key result, at the end of June."""
    return History.of([Observation(name, dt.date(2026, 6, 28), value) for name, value in values.items()])


def at(history: History, portfolio: Portfolio = PORTFOLIO, day: str = "2026-06-30") -> Any:
    """Return a snapshot at a day."""
    return evaluate(portfolio, history, as_of=day)


def conflict(*sides: str, kind: Any = "opposed", degree: float = 0.4, path: tuple[str, ...] = ()) -> Conflict:
    """Return a conflict between sides."""
    since = dt.date(2026, 1, 1)
    return Conflict(
        kind=kind, sides=sides, degree=degree, since=since, witness=FrozenDict(), path=path, sentence=""
    )


sides = st.sampled_from(
    [(goal, kpi) for goal in GOALS for kpi in KPIS] + [(k, g) for g in GOALS for k in KPIS]
)
conflicts = st.lists(
    st.builds(
        conflict,
        st.sampled_from([*GOALS, *KPIS]),
        st.sampled_from(["recalibration", "automate", "throughput", "uptime", "injuries", "cost"]),
        kind=st.sampled_from(KINDS),
        degree=st.floats(0, 1),
    ).filter(lambda one: one.sides[0] != one.sides[1]),
    min_size=1,
    max_size=12,
)
values = st.fixed_dictionaries(
    {},
    optional={
        "uptime": st.floats(80, 100),
        "injuries": st.sampled_from([0.0, 2.0]),
        "quality": st.floats(80, 100),
        "parcels": st.floats(90, 130),
        "cost": st.floats(7, 11),
    },
)
cells = st.fixed_dictionaries(
    {},
    optional={
        "objective.commitment": st.sampled_from(["committed", "not(learning)", "-"]),
        "objective.id": st.sampled_from(["automate", "dream", "-"]),
        "objective.status": st.sampled_from(["no-data", "not(no-data)"]),
        "objective.score": st.sampled_from(["< 0.5", ">= 0.5"]),
        "kpi.zone": st.sampled_from(["healthy, watch", "breached", "unknown"]),
        "kpi.category": st.sampled_from(["safety", "operational", "other"]),
        "kpi.satisfaction": st.sampled_from(["< 0", ">= 0"]),
        "kpi.incentivised": st.sampled_from(["true", "false"]),
        "kpi.id": st.sampled_from(["uptime", "not(uptime)"]),
        "conflict.kind": st.sampled_from(["opposed", "measured, targets"]),
        "conflict.degree": st.sampled_from(["< 0.5", ">= 0.5"]),
        "days_left": st.sampled_from(["<= 100", "> 100"]),
    },
)
COLUMNS = {
    "objective.commitment": ["committed", "aspirational", "learning"],
    "objective.id": ["automate", "dream"],
    "objective.status": ["missed", "off-track", "no-data", "at-risk", "early", "on-track", "achieved"],
    "kpi.zone": ZONES,
    "kpi.category": ["safety", "compliance", "operational", "other"],
    "kpi.incentivised": [True, False],
    "kpi.id": [*GOALS, *KPIS],
    "conflict.kind": KINDS,
}


@st.composite
def tables(draw: st.DrawFn) -> PriorityTable:
    """Return tables over every input, in which the rule named first wins."""
    rows = draw(st.lists(cells, min_size=1, max_size=3))
    outcome = st.builds(Outcome, winner=st.sampled_from(["objective", "kpi"]))
    names = sorted({name for row in rows for name in row})
    rules = [PriorityRule(id=f"P{n}", when=row, then=draw(outcome)) for n, row in enumerate(rows)]
    return PriorityTable(
        columns=[Column(name=name, values=COLUMNS.get(name), low=None) for name in names],
        rules=rules,
        default=draw(outcome),
        guardrails=draw(st.sampled_from([(), TABLE.guardrails])) if "kpi.category" in names else (),
        overrides=[(a.id, b.id) for n, a in enumerate(rules) for b in rules[n + 1 :]],
    )


def asked_of(side: str, role: str, snapshot: Any) -> dict[str, Any]:
    """Return the facts of a side in a role, told apart from how `resolve` finds them."""
    portfolio = snapshot.portfolio
    value = portfolio[side]
    goal = portfolio[value.objective] if isinstance(value, KeyResult) else value
    if role == "objective":
        if not isinstance(goal, Objective):
            return {}
        state = snapshot[goal.id]
        due = getattr(value, "due", None) or YEAR.end
        return {
            "objective.commitment": goal.commitment,
            "objective.id": goal.id,
            "objective.status": state.status,
            "objective.score": state.score,
            "days_left": (due - snapshot.as_of).days,
        }
    if isinstance(value, Initiative):
        return {"kpi.id": side}
    words = {"on-track": "healthy", "achieved": "healthy", "early": "healthy", "at-risk": "watch"}
    words |= {"off-track": "breached", "missed": "breached", "no-data": "unknown"}
    own = value if isinstance(value, Kpi) else None
    if isinstance(value, KeyResult) and value.measured_by:
        own = portfolio[value.measured_by]
    return {
        "kpi.id": side,
        "kpi.zone": snapshot[side].zone if isinstance(value, Kpi) else words[snapshot[side].status],
        "kpi.category": (own.category if own else "") or "other",
        "kpi.incentivised": bool(own and own.incentivised),
        "kpi.satisfaction": snapshot[own.id].satisfaction if own else None,
    }


def by_hand(one: Conflict, table: PriorityTable, snapshot: Any) -> str | None:
    """Return the winner of one conflict by single questions to the table."""
    goals = [
        side for side in sorted(one.sides) if isinstance(snapshot.portfolio[side], KeyResult | Objective)
    ]
    if not goals:
        return None
    won = set()
    for goal in goals:
        other = next(side for side in one.sides if side != goal)
        inputs = asked_of(goal, "objective", snapshot) | asked_of(other, "kpi", snapshot)
        inputs |= {"conflict.kind": one.kind, "conflict.degree": one.degree}
        ruling = decide_table(table, inputs)
        won.add({"objective": goal, "kpi": other, None: None}[ruling.winner])
    return won.pop() if len(won) == 1 else None


def usable(table: PriorityTable) -> bool:
    """Whether `resolve` takes the table."""
    try:
        proved(table)
    except TableError:
        return False
    return True


@settings(max_examples=25)
@given(conflicts, values, tables())
def test_decisions_equal_single_questions(
    found: list[Conflict], now: dict[str, float], table: PriorityTable
) -> None:
    """S14.1, S14.4: each input has the value that its name says; alike sides are asked both ways."""
    snapshot = at(observed(**now))
    if not usable(table):
        with pytest.raises(TableError, match="not verified"):
            resolve(found, PORTFOLIO, snapshot=snapshot, table=table)
        return
    decisions = resolve(found, PORTFOLIO, snapshot=snapshot, table=table)
    assert [one.winner for one in decisions] == [by_hand(one, table, snapshot) for one in found]


@given(conflicts, values, st.randoms(use_true_random=False))
def test_total_deterministic_and_the_same_in_any_order(
    found: list[Conflict], now: dict[str, float], random: Any
) -> None:
    """S14.6: every conflict has one decision, whatever stands beside it; sides and rows in any order."""
    snapshot = at(observed(**now))
    decisions = resolve(found, PORTFOLIO, snapshot=snapshot)
    assert [one.conflict for one in decisions] == found
    for one in decisions:
        assert {one.winner, one.loser} in (set(one.conflict.sides), {None})
        assert one.winner is not None or (one.escalates and one.escalate and one.why)
        assert not one.standing
    order = random.sample(range(len(found)), len(found))
    turned = attrs.evolve(TABLE, rules=TABLE.rules[::-1])
    again = resolve([found[row] for row in order], PORTFOLIO, snapshot=snapshot, table=turned)
    assert [decisions[row] for row in order] == list(again)
    mirrored = [attrs.evolve(one, sides=one.sides[::-1]) for one in found]
    told = resolve(mirrored, PORTFOLIO, snapshot=snapshot)
    assert [(one.winner, one.rule) for one in told] == [(one.winner, one.rule) for one in decisions]
    alone = [resolve([one], PORTFOLIO, snapshot=snapshot)[0] for one in found]
    assert alone == list(decisions)


@given(conflicts, values)
def test_columns_hold_what_single_decisions_say(found: list[Conflict], now: dict[str, float]) -> None:
    """The bulk path gives the same answers."""
    snapshot = at(observed(**now))
    many, single = (
        resolve_many(found, PORTFOLIO, snapshot=snapshot),
        resolve(found, PORTFOLIO, snapshot=snapshot),
    )
    assert tuple(many) == single
    assert [many[row] for row in range(len(many))] == list(single)
    for name in ("winner", "loser", "rule"):
        assert getattr(many, name).tolist() == [getattr(one, name) for one in single]


@given(conflicts, values)
def test_a_guardrail_never_permits_more(found: list[Conflict], now: dict[str, float]) -> None:
    """S14.6: with one more guardrail a decision stays as it was, or nobody wins."""
    snapshot = at(observed(**now))
    more = Guardrail(id="G2", when={"kpi.zone": "healthy"}, forbid=["objective"])
    guarded = attrs.evolve(TABLE, guardrails=[*TABLE.guardrails, more])
    before = resolve(found, PORTFOLIO, snapshot=snapshot)
    after = resolve(found, PORTFOLIO, snapshot=snapshot, table=guarded)
    for old, new in zip(before, after, strict=True):
        assert new.winner in (old.winner, None)


def test_the_story_of_the_example() -> None:
    """Inside its limit the KPI gives way; below it the line is repaired first; safety is not traded."""
    asked = conflict("throughput", "uptime")
    for value, winner, rule in ((99, "throughput", "P1"), (96, "throughput", "P1"), (94, "uptime", "P2")):
        (decision,) = resolve([asked], PORTFOLIO, snapshot=at(observed(uptime=value)))
        assert (decision.winner, decision.rule) == (winner, rule)
        assert decision.at == dt.date(2026, 6, 30)
    (silent,) = resolve([asked], PORTFOLIO, snapshot=at(observed()))
    assert (silent.winner, silent.rule, silent.escalate) == (None, None, COO)
    (safety,) = resolve([conflict("throughput", "injuries")], PORTFOLIO, snapshot=at(observed(injuries=0)))
    assert (safety.winner, safety.loser, safety.rule, safety.escalate) == (None, None, "G1", COO)
    assert safety.overruled == {"P1": "guardrail G1 forbids objective"}
    assert str(safety) == (
        "opposed:throughput|injuries: nobody wins: guardrail G1 forbids objective; coo decides within 24h"
    )


def test_what_escalates_says_why() -> None:
    """S14.1: two KPIs, more than two sides, missing inputs and a table of two minds."""
    snapshot = at(observed(uptime=99, quality=99))
    (kpis,) = resolve([conflict("uptime", "quality")], PORTFOLIO, snapshot=snapshot)
    assert (kpis.winner, kpis.escalate) == (None, COO)
    assert kpis.why == "neither side is a key result or an objective"
    (many,) = resolve([conflict("uptime", "throughput", "cost")], PORTFOLIO, snapshot=snapshot)
    assert many.winner is None
    assert "only two sides have roles" in many.why
    kpi_wins = attrs.evolve(TABLE, rules=[], guardrails=[], default=Outcome(winner="kpi"))
    (alike,) = resolve([conflict("throughput", "cost")], PORTFOLIO, snapshot=snapshot, table=kpi_wins)
    assert (alike.winner, alike.escalate) == (None, Escalate(to="priority-table-owner"))
    assert "asked both ways" in alike.why
    strange = attrs.evolve(TABLE, columns=[*TABLE.columns, Column(name="kpi.colour", values=["red"])])
    (missing,) = resolve([conflict("throughput", "uptime")], PORTFOLIO, snapshot=snapshot, table=strange)
    assert (missing.winner, missing.why) == (None, "kpi.colour is missing")


def test_alike_sides_stand_where_both_ways_name_one() -> None:
    """S14.1: a committed key result beats an aspirational one, asked in either role."""
    table = PriorityTable(
        columns=[TABLE.columns[0]],
        rules=[
            PriorityRule(
                id="C", when={"objective.commitment": "committed"}, then=Outcome(winner="objective")
            ),
            PriorityRule(id="A", when={"objective.commitment": "not(committed)"}, then=Outcome(winner="kpi")),
        ],
        default=Outcome(winner="kpi"),
    )
    for order in (("throughput", "share"), ("share", "throughput")):
        (decision,) = resolve([conflict(*order)], PORTFOLIO, snapshot=at(observed()), table=table)
        assert (decision.winner, decision.loser) == ("throughput", "share")


def test_unusable_tables_are_refused() -> None:
    """S14.4: an overlap, no default, a strange winner, many winners, no table at all."""
    snapshot, asked = at(observed()), [conflict("throughput", "uptime")]
    twice = [*TABLE.rules, attrs.evolve(TABLE.rules[0], id="P3", then=Outcome(winner="kpi"))]
    slip = attrs.evolve(TABLE.rules[0], when={"kpi.zone": "helthy"})
    bad = {
        "the priority table is not verified: rule 'P1', column 'kpi.zone'": attrs.evolve(TABLE, rules=[slip]),
        "the priority table is not verified: rules P1 and P3 both match": attrs.evolve(TABLE, rules=twice),
        "has no default; add one": attrs.evolve(TABLE, default=None),
        "default names 'nobody'; a conflict is won by": attrs.evolve(TABLE, default=Outcome(winner="nobody")),
        "hit policy 'C' has many winners": attrs.evolve(TABLE, hit_policy="C"),
    }
    for fault, table in bad.items():
        with pytest.raises(TableError, match=fault):
            resolve(asked, PORTFOLIO, snapshot=snapshot, table=table)
        with pytest.raises(TableError, match=fault):
            resolve(asked, PORTFOLIO.with_(table), snapshot=snapshot)
    bare = Portfolio.of(*FIRM)
    with pytest.raises(TableError, match="there is no priority table"):
        resolve(asked, bare, snapshot=snapshot)
    assert resolve([], bare, snapshot=snapshot) == ()
    with pytest.raises(UnknownIdError, match="'upti' is declared nowhere; did you mean 'uptime'"):
        resolve([conflict("throughput", "upti")], PORTFOLIO, snapshot=snapshot)


def test_a_table_that_asks_nothing_decides_all() -> None:
    table = PriorityTable(columns=[], rules=[], default=Outcome(winner="objective"))
    asked = [conflict("throughput", "uptime"), conflict("quality", "share")]
    decisions = resolve(asked, PORTFOLIO, snapshot=at(observed()), table=table)
    assert [one.winner for one in decisions] == ["throughput", "share"]


def test_a_table_is_proved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof is found again by the table's hash."""
    calls = []

    def counted(table: PriorityTable) -> TableReport:
        calls.append(table)
        return verify_table(table)

    monkeypatch.setattr("okrcore.conflicts.resolution.verify_table", counted)
    table = attrs.evolve(TABLE, default=Outcome(winner="kpi", why="asked by no other test"))
    portfolio = Portfolio.of(*FIRM, table)
    for _ in range(3):
        resolve([conflict("throughput", "uptime")], portfolio, snapshot=at(observed(), portfolio))
    respelled = attrs.evolve(table, rules=table.rules[::-1])
    resolve(
        [conflict("throughput", "uptime")], portfolio, snapshot=at(observed(), portfolio), table=respelled
    )
    assert len(calls) == 1


def test_a_decision_is_plain_for_an_audit_log() -> None:
    (decision,) = resolve([conflict("throughput", "uptime")], PORTFOLIO, snapshot=at(observed(uptime=96)))
    plain = json.loads(json.dumps(to_dict(decision)))
    assert plain["winner"] == "throughput"
    assert plain["rule"] == "P1"
    assert plain["effect"]["tolerate"] == {"within": "limit", "until": "cycle-end", "incentive": "suspended"}
    assert plain["table_hash"] == decision.table_hash
    assert str(decision) == (
        "opposed:throughput|uptime: throughput wins by rule P1: "
        "A committed objective outranks a KPI down to its limit"
    )
