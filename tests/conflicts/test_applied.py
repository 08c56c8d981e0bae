"""What a decision puts in force: dated, ended by itself or by another ruling, never piled up (S15)."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore import (
    Effect,
    History,
    Initiative,
    Milestone,
    Observation,
    Outcome,
    Portfolio,
    PriorityRule,
    PriorityTable,
    dumps,
    evaluate,
    explain,
    loads,
    weekly,
)
from okrcore.conflicts.applied import apply
from okrcore.conflicts.conflict import KINDS
from okrcore.conflicts.decision import Decision
from okrcore.conflicts.resolution import resolve
from okrcore.definitions.tolerances import Tolerance
from okrcore.documents.loading import Format
from okrcore.errors import DefinitionError, UnknownIdError
from okrcore.priorities import Column, Fund, Retarget, Tolerate
from tests.conflicts.test_resolution import COO, PORTFOLIO, TABLE, conflict, conflicts, observed, values

OPPOSED = conflict("throughput", "uptime", path=("throughput", "recalibration", "uptime"))
MEASURED = conflict("uptime", "throughput", kind="measured", degree=0.2, path=("parcels", "uptime"))
FORMATS: tuple[Format, ...] = ("yaml", "toml", "json")
YEAR_END = dt.date(2026, 12, 31)
FIRST = dt.date(2026, 1, 4)
SUNDAYS = weekly(FIRST, dt.date(2026, 12, 27))


def series(numbers: list[float], measure: str = "uptime") -> History:
    """Return a history with one value a week."""
    return History.of([Observation(measure, day, x) for day, x in zip(SUNDAYS, numbers, strict=False)])


def run(
    history: History, days: tuple[dt.date, ...], portfolio: Portfolio = PORTFOLIO, asked: Any = (OPPOSED,)
) -> list[tuple[Portfolio, tuple[Decision, ...]]]:
    """Find, decide and apply week by week, each week on what the week before left."""
    found = []
    for day in days:
        snapshot = evaluate(portfolio, history, as_of=day)
        decisions = resolve(asked, portfolio, snapshot=snapshot)
        portfolio = apply(decisions, portfolio)
        found.append((portfolio, decisions))
    return found


def decided(effect: Effect | None, winner: str = "kpi") -> PriorityTable:
    """Return a table that says one thing."""
    return attrs.evolve(TABLE, guardrails=[], rules=[], default=Outcome(winner=winner, effect=effect))


def put(effect: Effect | None, winner: str = "kpi", asked: Any = OPPOSED) -> Portfolio:
    """Return the portfolio after one decision at the end of June."""
    portfolio = PORTFOLIO.with_(decided(effect, winner))
    snapshot = evaluate(portfolio, observed(uptime=96), as_of="2026-06-30")
    return apply(resolve([asked], portfolio, snapshot=snapshot), portfolio)


@settings(max_examples=30)
@given(conflicts, values, st.randoms(use_true_random=False))
def test_applying_twice_is_applying_once_in_any_order(
    found: list[Any], now: dict[str, float], random: Any
) -> None:
    """S15: idempotent, whatever the order; and what is in force is recognised."""
    snapshot = evaluate(PORTFOLIO, observed(**now), as_of="2026-06-30")
    decisions = resolve(found, PORTFOLIO, snapshot=snapshot)
    once = apply(decisions, PORTFOLIO)
    assert apply(decisions, once) is once
    assert apply(random.sample(decisions, len(decisions)), PORTFOLIO) == once
    pairs = [one.sides for one in once.tolerances]
    assert len(pairs) == len(set(pairs))
    assert {tuple(sorted(one.conflict.sides)) for one in decisions} == set(pairs)
    later = resolve(found, once, snapshot=evaluate(once, observed(**now), as_of="2026-06-30"))
    assert {tuple(sorted(one.conflict.sides)) for one in later if one.standing} == set(pairs)
    assert apply(later, once) is once


@settings(max_examples=3)
@given(st.lists(st.sampled_from([99.0, 97.0, 96.0, 94.0, 93.0]), min_size=52, max_size=52))
def test_tolerances_never_pile_up_over_a_year(numbers: list[float]) -> None:
    """S15: one an effect, one that judges at a time; up again only when the ruling changes."""
    portfolio, history = PORTFOLIO, series(numbers)
    before: str | None = ""
    for day, value in zip(SUNDAYS, numbers, strict=True):
        snapshot = evaluate(portfolio, history, as_of=day)
        (decision,) = resolve([OPPOSED], portfolio, snapshot=snapshot)
        assert decision.rule == ("P1" if value >= 95 else "P2")
        assert decision.standing == (before == decision.rule) or decision.thawed
        portfolio = apply([decision], portfolio)
        before = decision.rule
        ids = [one.id for one in portfolio.tolerances]
        assert set(ids) <= {"tolerate:uptime<throughput", "freeze:throughput<uptime"}
        judging = [one.id for one in portfolio.tolerances if one.tolerate and one.holds(day)]
        assert judging == (["tolerate:uptime<throughput"] if before == "P1" else [])


def test_a_year_without_a_breach_is_one_decision() -> None:
    """S15: numbers move, the ruling does not: one tolerance, decided in the first week and standing since."""
    weeks = run(series([99, 97.5, 96, 95.5] * 13), SUNDAYS)
    assert [decisions[0].standing for _, decisions in weeks] == [False] + [True] * 51
    assert {decisions[0].since for _, decisions in weeks} == {FIRST}
    (one,) = weeks[-1][0].tolerances
    assert weeks[-1][0] is weeks[0][0]
    assert (one.id, one.subject, one.start, one.end) == (
        "tolerate:uptime<throughput",
        "uptime",
        FIRST,
        YEAR_END,
    )
    assert (one.rule, one.winner, one.loser, one.renewed) == ("P1", "throughput", "uptime", 0)


def test_a_tolerance_judges_until_its_last_day_and_not_after() -> None:
    """S15, S7.1: inside the tolerated band healthy, raw zone unchanged; it ends by itself."""
    history = series([97.0] * 52)
    portfolio = run(history, SUNDAYS[:1])[0][0]
    before, inside, after = (
        evaluate(portfolio, history, as_of=day) for day in ("2026-01-03", FIRST, YEAR_END)
    )
    assert [one.kpi("uptime").judged_zone for one in (inside, after)] == ["healthy"] * 2
    assert before.kpi("uptime").judged_zone == "unknown"
    assert inside.kpi("uptime").zone == "watch"
    held = inside.kpi("uptime").tolerance
    assert held is not None
    assert held.tolerate == Tolerate(within="limit", incentive="suspended")
    rows = {row["id"]: row for row in inside.kpis.to_dicts()}
    assert (rows["uptime"]["zone"], rows["uptime"]["judged_zone"]) == ("watch", "healthy")
    assert rows["injuries"]["zone"] == rows["injuries"]["judged_zone"]
    late = History.of([*history, Observation("uptime", dt.date(2027, 1, 1), 97)])
    over = evaluate(portfolio, late, as_of="2027-01-01").kpi("uptime")
    assert (over.zone, over.judged_zone, over.tolerance) == ("watch", "watch", None)


@pytest.mark.parametrize(
    ("within", "value", "judged"),
    [
        ("limit", 98.0, "healthy"),
        ("limit", 95.0, "healthy"),
        ("limit", 94.9, "breached"),
        ("worst", 94.9, "healthy"),
        ("worst", 85.0, "healthy"),
        ("worst", 84.9, "breached"),
    ],
)
def test_inside_the_tolerated_band_is_healthy(within: Any, value: float, judged: str) -> None:
    """S15: the losing KPI is judged within a band: healthy inside, the raw zone outside."""
    portfolio = put(Effect(tolerate=Tolerate(within=within)), "objective")
    state = evaluate(portfolio, observed(uptime=value), as_of="2026-06-30").kpi("uptime")
    assert state.judged_zone == judged
    assert state.zone == evaluate(PORTFOLIO, observed(uptime=value), as_of="2026-06-30").kpi("uptime").zone


def test_below_the_limit_another_ruling_ends_the_tolerance() -> None:
    """S15: another ruling on the same sides ends it the day before; on its own first day it never was."""
    weeks = run(series([97, 97, 94]), SUNDAYS[:3])
    portfolio, (decision,) = weeks[-1]
    assert (decision.winner, decision.standing) == ("uptime", False)
    ended, freeze = (portfolio[name] for name in ("tolerate:uptime<throughput", "freeze:throughput<uptime"))
    assert (ended.start, ended.end) == (FIRST, SUNDAYS[2] - dt.timedelta(days=1))
    assert (freeze.start, freeze.end, freeze.subject) == (SUNDAYS[2], YEAR_END, "recalibration")
    early = evaluate(PORTFOLIO, observed(uptime=97), as_of="2026-06-30")
    portfolio = apply(resolve([OPPOSED], PORTFOLIO, snapshot=early), PORTFOLIO)
    late = evaluate(portfolio, observed(uptime=94), as_of="2026-06-30")
    portfolio = apply(resolve([OPPOSED], portfolio, snapshot=late), portfolio)
    assert [one.id for one in portfolio.tolerances] == ["freeze:throughput<uptime"]


def test_a_changed_table_or_ruling_is_up_again_and_a_changed_word_is_not() -> None:
    """S15: up again when the table's hash or the ruling changes."""
    history = series([97.0] * 52)
    portfolio = run(history, SUNDAYS[:1])[0][0]
    worded = [
        attrs.evolve(TABLE.rules[0], then=attrs.evolve(TABLE.rules[0].then, why="else")),
        TABLE.rules[1],
    ]
    wider = attrs.evolve(TABLE.rules[0], when={"objective.commitment": "committed", "kpi.zone": "watch"})
    for table, standing in (
        (TABLE, True),
        (attrs.evolve(TABLE, rules=TABLE.rules[::-1]), True),
        (attrs.evolve(TABLE, rules=worded), True),
        (attrs.evolve(TABLE, rules=[wider, TABLE.rules[1]]), False),
    ):
        changed = portfolio.with_(table)
        ((after, (decision,)),) = run(history, SUNDAYS[10:11], changed)
        assert decision.standing is standing
        (one,) = after.tolerances
        assert (one.start, one.renewed) == ((FIRST, 0) if standing else (SUNDAYS[10], 1))


def test_measured_and_opposed_of_one_pair_are_one_decision_in_force() -> None:
    """S15: one tolerance, whichever was found first."""
    for asked in ([OPPOSED, MEASURED], [MEASURED, OPPOSED], [MEASURED]):
        weeks = run(series([97.0] * 52), SUNDAYS[:5], asked=asked)
        assert [one.id for one in weeks[-1][0].tolerances] == ["tolerate:uptime<throughput"]
        assert all(one.standing for _, decisions in weeks[1:] for one in decisions)
    first = run(series([97.0] * 52), SUNDAYS[:1], asked=[MEASURED])[0][0]
    ((after, (decision,)),) = run(series([97.0] * 52), SUNDAYS[1:2], first, [OPPOSED])
    assert decision.standing
    assert after is first


def test_a_freeze_stops_the_clock_until_three_period_ends_are_inside() -> None:
    """S15: no score changes, frozen days leave the share due, three period ends inside the limit end it."""
    done = [dt.date(2026, 3, 31), dt.date(2026, 6, 30), dt.date(2026, 9, 30)]
    steps = [
        Milestone(id=f"m{n}", initiative="recalibration", title="M", due=day) for n, day in enumerate(done)
    ]
    portfolio = PORTFOLIO.with_(*steps)
    numbers = [97.0] * 10 + [94.0] * 2 + [96.0, 94.0, 96.0, 96.5, 97.0, 97.0] + [97.0] * 34
    history = series(numbers)
    weeks = run(history, SUNDAYS[:30], portfolio)
    frozen = [
        evaluate(after, history, as_of=day).initiative("recalibration")
        for day, (after, _) in zip(SUNDAYS[:30], weeks, strict=True)
    ]
    assert [bool(one.freeze) for one in frozen] == [10 <= week <= 16 for week in range(30)]
    assert [one.frozen_days for one in frozen[9:18]] == [0, 1, 8, 15, 22, 29, 36, 43, 43]
    assert frozen[-1].frozen_days == 43
    after = weeks[-1][0]
    for day, due in (("2026-05-12", 0), ("2026-05-13", 1), ("2026-08-11", 1), ("2026-08-12", 2)):
        still = evaluate(after, history, as_of=day)
        free = evaluate(portfolio, history, as_of=day)
        assert still.objective("automate") == free.objective("automate")
        assert still.key_result("throughput") == free.key_result("throughput")
        status = still.initiative("recalibration").statuses.implementation
        assert status == ("off-track" if due else "early"), day
    assert after["freeze:throughput<uptime"].end == SUNDAYS[16]
    assert after["tolerate:uptime<throughput"].holds(SUNDAYS[29])


def test_frozen_days_of_an_earlier_freeze_still_count() -> None:
    """S15: a freeze that comes back keeps the days of its forerunner."""
    numbers = [94.0, 96.0, 96.0, 96.0] + [96.0] * 6 + [94.0] * 5
    history = series(numbers)
    after = run(history, SUNDAYS[:15])[-1][0]
    freeze = after["freeze:throughput<uptime"]
    assert (freeze.start, freeze.renewed, freeze.days_before) == (SUNDAYS[10], 1, 22)
    state = evaluate(after, history, as_of=SUNDAYS[12]).initiative("recalibration")
    assert state.frozen_days == 22 + 15


def test_freeze_and_fund_find_the_initiative() -> None:
    """S15: the one on the path, else that of the KPI on it."""
    amount = Effect(fund=Fund(amount=1000))
    assert put(amount).tolerances[0].subject == "recalibration"
    assert put(amount, asked=MEASURED).tolerances[0].subject == "recalibration"
    (nobody,) = put(amount, asked=conflict("throughput", "uptime")).tolerances
    assert nobody.subject is None


@pytest.mark.parametrize("path", [("throughput", "parcels", "uptime"), ("uptime", "parcels", "throughput")])
def test_without_an_initiative_on_the_path_it_is_that_of_the_source(path: tuple[str, ...]) -> None:
    """S15: else the source KPI's, not that of the KPI which is to be saved."""
    upkeep = Initiative(id="upkeep", title="Keep it up")
    kpis = [attrs.evolve(kpi, initiative="upkeep") for kpi in PORTFOLIO.kpis if kpi.id == "uptime"]
    portfolio = PORTFOLIO.with_(upkeep, *kpis, decided(Effect(freeze="initiative")))
    asked = attrs.evolve(conflict("throughput", "uptime", path=path), witness={"source": "parcels"})
    snapshot = evaluate(portfolio, observed(uptime=94), as_of="2026-06-30")
    (one,) = apply(resolve([asked], portfolio, snapshot=snapshot), portfolio).tolerances
    assert one.subject == "recalibration"


def test_every_effect_is_recorded() -> None:
    """S15: retarget, fund and escalate are recorded, a ruling without effect too, and each is recognised."""
    for effect, winner, subject in (
        (Effect(retarget=Retarget(goal=110)), "kpi", "throughput"),
        (Effect(escalate=COO), "kpi", None),
        (None, "objective", None),
        (Effect(tolerate=Tolerate(until=dt.date(2026, 8, 31))), "objective", "uptime"),
        (Effect(tolerate=Tolerate()), "kpi", "parcels"),
    ):
        portfolio = put(effect, winner)
        (one,) = portfolio.tolerances
        until = effect.tolerate.until if effect and effect.tolerate else None
        assert one.end == (until if isinstance(until, dt.date) else YEAR_END)
        assert (one.effect, one.subject, one.start) == (effect, subject, dt.date(2026, 6, 30))
        snapshot = evaluate(portfolio, observed(uptime=96), as_of="2026-07-05")
        (again,) = resolve([OPPOSED], portfolio, snapshot=snapshot)
        assert again.standing
        assert again.since == dt.date(2026, 6, 30)
        assert portfolio["throughput"] == PORTFOLIO["throughput"]
        for form in FORMATS:
            assert loads(dumps(portfolio, form), form) == portfolio


def test_what_nobody_decided_is_asked_once() -> None:
    """An escalation is recorded between its sides, and stands until the ruling changes."""
    asked = conflict("throughput", "injuries")
    weeks = run(series([0.0] * 52, "injuries"), SUNDAYS[:3], asked=[asked])
    assert [decisions[0].standing for _, decisions in weeks] == [False, True, True]
    (one,) = weeks[-1][0].tolerances
    assert (one.id, one.winner, one.loser) == ("escalate:injuries|throughput", None, None)
    assert one.effect == Effect(escalate=COO)


def test_what_is_over_leaves_nothing() -> None:
    """S15: no tolerance starts after its own end: the given date, the winner's cycle."""
    assert put(Effect(tolerate=Tolerate(until=dt.date(2026, 6, 29))), "objective").tolerances == ()
    snapshot = evaluate(PORTFOLIO, series([97.0] * 52), as_of="2027-01-02")
    decisions = resolve([OPPOSED], PORTFOLIO, snapshot=snapshot)
    assert apply(decisions, PORTFOLIO) is PORTFOLIO


def test_a_key_result_without_kpi_has_nothing_to_be_judged_by() -> None:
    portfolio = PORTFOLIO.with_(decided(Effect(tolerate=Tolerate())))
    snapshot = evaluate(portfolio, observed(uptime=97), as_of="2026-06-30")
    portfolio = apply(resolve([conflict("cost", "uptime")], portfolio, snapshot=snapshot), portfolio)
    assert [(one.loser, one.subject) for one in portfolio.tolerances] == [("cost", None)]
    assert evaluate(portfolio, observed(uptime=97), as_of="2026-06-30").kpi("uptime").judged_zone == "watch"


def test_a_tolerance_is_a_definition() -> None:
    """Its sides resolve, and what a decision is about is not taken away from under it."""
    day = dt.date(2026, 6, 1)
    one = Tolerance(sides=["uptime", "throughput"], winner="throughput", start=day, end=day)
    assert PORTFOLIO.with_(one).tolerances == (one,)
    assert PORTFOLIO.with_(one) != PORTFOLIO
    with pytest.raises(UnknownIdError, match="'upti' is declared nowhere"):
        PORTFOLIO.with_(attrs.evolve(one, sides=["upti", "throughput"], id=None))
    with pytest.raises(UnknownIdError, match="'quality' is declared nowhere"):
        PORTFOLIO.with_(attrs.evolve(one, sides=["quality", "throughput"], id=None)).without("quality")
    for wrong, fault in (
        ({"winner": "cost"}, "winner 'cost' is none of the sides"),
        ({"end": dt.date(2026, 5, 1)}, "end 2026-05-01 is before start 2026-06-01"),
        ({"sides": ["uptime"], "winner": None}, "a decision is between two sides or more"),
        ({"renewed": -1}, "renewed is -1; give a whole number"),
    ):
        with pytest.raises(DefinitionError, match=fault):
            attrs.evolve(one, **wrong)


def test_explanations_tell_what_is_in_force() -> None:
    """S20: the decision that covers a KPI, and the one that an initiative stands still by."""
    history = series([97, 97, 94])
    (early, _), _, (late, _) = run(history, SUNDAYS[:3])
    told = " ".join(str(explain(evaluate(early, history, as_of=SUNDAYS[1]), "uptime")).split())
    assert "Judged healthy by rule P1: it gives way to throughput within its limit until 2026-12-31" in told
    assert "its incentive suspended meanwhile" in told
    told = " ".join(str(explain(evaluate(late, history, as_of=SUNDAYS[2]), "recalibration")).split())
    assert "Frozen since 2026-01-18 by rule P2, for uptime" in told
    assert "Frozen days left out of what is due: 1." in told
    assert "Judged" not in str(explain(evaluate(late, history, as_of=SUNDAYS[2]), "uptime"))


def test_the_first_kind_decides_where_the_table_tells_kinds_apart() -> None:
    """S15: one decision in force a pair, in the order of S13, whatever the order they come in."""
    kinds = attrs.evolve(
        TABLE,
        columns=[Column(name="conflict.kind", values=KINDS)],
        guardrails=[],
        rules=[PriorityRule(id="K", when={"conflict.kind": "opposed"}, then=Outcome(winner="objective"))],
        default=Outcome(winner="kpi"),
    )
    portfolio = PORTFOLIO.with_(kinds)
    for asked in ([OPPOSED, MEASURED], [MEASURED, OPPOSED]):
        ((after, _),) = run(series([97.0]), SUNDAYS[:1], portfolio, asked)
        assert [one.winner for one in after.tolerances] == ["throughput"]


def test_the_last_ruling_stands_beside_a_freeze_that_goes_on() -> None:
    """S15: silence escalates once, while the line stays frozen."""
    weeks = run(series([94.0]), SUNDAYS[:9])
    assert [decisions[0].rule for _, decisions in weeks] == ["P2"] * 2 + [None] * 7
    assert [decisions[0].standing for _, decisions in weeks] == [False, True, False] + [True] * 6
    held = [one.kind for one in weeks[-1][0].tolerances if one.holds(SUNDAYS[8])]
    assert sorted(held) == ["escalate", "freeze"]
