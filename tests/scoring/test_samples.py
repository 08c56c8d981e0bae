"""Too few cases behind a value are no answer: the KPI is unknown, and what reads it (A11)."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore import (
    Band,
    Cycle,
    DefinitionError,
    History,
    KeyResult,
    Kpi,
    Objective,
    Observation,
    Portfolio,
    Target,
    dumps,
    evaluate,
    explain,
    loads,
)
from okrcore.definitions import Cadence
from okrcore.definitions.days import day_number
from okrcore.scoring import ScoringPolicy

NEW_YEAR = dt.date(2026, 1, 1)
DAYS = st.integers(0, 200).map(lambda n: NEW_YEAR + dt.timedelta(n))
VALUES = st.lists(st.tuples(DAYS, st.integers(0, 10)), max_size=10, unique_by=lambda one: one[0])
CADENCES = st.sampled_from([None, "daily", "weekly", "monthly"])
AGGREGATES = st.sampled_from(["latest", "mean", "sum", "max"])
MEASURES = st.sampled_from([Target(0, 8), Band(low=5)])
BANDS = st.sampled_from(["share", "share-of-planned", "latest", "margin"])


def portfolio(kpi: dict[str, Any], result: dict[str, Any], **sample: Any) -> Portfolio:
    year = Cycle.year(2026)
    goals = [Objective(id=name, title=name, cycle=year.id) for name in ("happy", "other")]
    csat = Kpi(id="csat", title="Satisfaction", target=Band(low=6), limit=Band(low=4), **kpi, **sample)
    read = KeyResult(id="read", objective="happy", title="Read", measured_by="csat", **result)
    alone = KeyResult(id="alone", objective="other", title="Alone", measure=Target(0, 10))
    return Portfolio.of(year, *goals, csat, read, alone)


def records(values: list[tuple[dt.date, int]], cases: list[tuple[dt.date, int]]) -> History:
    found = [Observation("csat", day, value) for day, value in values]
    found += [Observation("answers", day, value) for day, value in cases]
    return History.of([*found, Observation("alone", "2026-02-01", 3)])


def policy(band: str) -> ScoringPolicy:
    return ScoringPolicy(band=band)  # type: ignore[arg-type]


def test_below_the_least_the_zone_and_the_key_result_are_unknown_and_explained() -> None:
    kpi = {"cadence": "monthly", "aggregate": "mean"}
    told = portfolio(kpi, {"measure": Target(0, 10), "aggregate": "mean"}, sample="answers", min_sample=30)
    history = records(
        [(dt.date(2026, 5, 9), 9), (dt.date(2026, 6, 9), 9)],
        [(dt.date(2026, 5, 3), 11), (dt.date(2026, 6, 3), 7), (dt.date(2026, 6, 4), 5)],
    )
    snapshot = evaluate(told, history, as_of="2026-06-30")
    assert (snapshot.kpi("csat").zone, snapshot.kpi("csat").sample) == ("unknown", 12)
    assert (snapshot.key_result("read").status, snapshot.key_result("read").sample) == ("no-data", 23)
    for name, count in (("csat", "12"), ("read", "23")):
        text = str(explain(snapshot, name))
        assert "Too few cases" in text
        assert count in text
        assert "30" in text


@given(VALUES, VALUES, CADENCES, AGGREGATES, AGGREGATES, MEASURES, BANDS, DAYS)
def test_enough_cases_change_nothing(
    values: Any, cases: Any, cadence: Any, aggregate: Any, own: Any, measure: Any, band: str, day: dt.date
) -> None:
    kpi, result = {"cadence": cadence, "aggregate": aggregate}, {"aggregate": own, "measure": measure}
    history, scoring = records(values, cases), policy(band)
    plain = evaluate(portfolio(kpi, result), history, as_of=day, scoring=scoring)
    told = portfolio(kpi, result, sample="answers", min_sample=0.5)
    sampled = evaluate(told, history, as_of=day, scoring=scoring)
    assert sampled["other"] == plain["other"]
    assert sampled["alone"] == plain["alone"]
    state, before = sampled.kpi("csat"), plain.kpi("csat")
    few = state.sample is None or state.sample < 0.5
    assert state.value == before.value
    assert state.stale == before.stale
    assert (state.zone, state.satisfaction) == (
        ("unknown", None) if few else (before.zone, before.satisfaction)
    )
    read, known = sampled.key_result("read"), plain.key_result("read")
    assert read.value == known.value
    assert read.coverage == known.coverage
    if read.sample is None or read.sample < 0.5:
        assert read.status in {"no-data", "not-started"}
        assert read.progress is None
        assert read.score is None
    else:
        assert (read.progress, read.score, read.pace, read.status) == (
            known.progress,
            known.score,
            known.pace,
            known.status,
        )
        assert sampled["happy"] == plain["happy"]


@given(VALUES.filter(bool), VALUES, st.sampled_from(["daily", "weekly", "monthly"]), AGGREGATES, DAYS)
def test_the_cases_are_those_of_the_period_that_is_judged(
    values: Any, cases: Any, cadence: str, aggregate: str, day: dt.date
) -> None:
    kpi = {"cadence": cadence, "aggregate": aggregate}
    told = portfolio(kpi, {"measure": Target(0, 8)}, sample="answers", min_sample=1)
    state = evaluate(told, records(values, cases), as_of=day).kpi("csat")
    seen = [one for one, _ in values if one <= day]
    if not seen:
        assert state.sample is None
        assert state.zone == "unknown"
        return
    today = day_number(day)
    periods = told.calendar.periods(Cadence(cadence), day_number(NEW_YEAR) - 40, today + 40)
    newest = day_number(max(seen))
    if aggregate == "latest":
        first, last = next(one for one in periods if one[0] <= newest <= one[1])
    else:
        first, last = [one for one in periods if one[1] <= today and one[0] <= newest][-1]
    counted = [n for one, n in cases if first <= day_number(one) <= min(last, today)]
    assert state.sample == (sum(counted) if counted else None)


def test_a_guardrail_with_too_few_cases_holds_nothing_down() -> None:
    year = Cycle.year(2025)
    goal = Objective(id="grow", title="Grow", cycle=year.id)
    result = KeyResult(id="arr", objective="grow", title="ARR", measure=Target(0, 10))
    rail = {"target": Band(low=6), "cadence": "monthly", "guardrail": True, "guards": ["grow"]}
    history = History.of(
        [
            Observation("arr", "2025-12-31", 10),
            Observation("csat", "2025-12-31", 2),
            Observation("answers", "2025-12-30", 5),
        ]
    )
    for least, status in ((5, "missed"), (6, "achieved")):
        csat = Kpi(id="csat", title="Satisfaction", sample="answers", min_sample=least, **rail)  # type: ignore[arg-type]
        told = Portfolio.of(year, goal, result, csat)
        assert evaluate(told, history, as_of="2026-03-01")["grow"].status == status


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"sample": "answers"}, "without min_sample"),
        ({"min_sample": 3}, "without sample"),
        ({"sample": "answers", "min_sample": 0}, "above 0"),
        ({"sample": "csat", "min_sample": 3}, "the KPI itself"),
    ],
)
def test_half_a_sample_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(DefinitionError, match=said):
        Kpi(id="csat", title="Satisfaction", **fields)


def test_samples_form_no_circle_and_name_no_other_definition() -> None:
    def counted(name: str, by: str) -> Kpi:
        return Kpi(id=name, title=name, sample=by, min_sample=1)

    with pytest.raises(DefinitionError, match="circle"):
        Portfolio.of(counted("a", "b"), counted("b", "a"))
    with pytest.raises(DefinitionError, match="Cycle"):
        Portfolio.of(Cycle.year(2026, id="year"), counted("a", "year"))


def test_documents_keep_samples_and_renaming_follows_them() -> None:
    counts = Kpi(id="answers", title="Answers")
    told = Portfolio.of(counts, Kpi(id="csat", title="Satisfaction", sample="answers", min_sample=30))
    assert loads(dumps(told)) == told
    assert told.renamed({"answers": "replies"}).kpi("csat").sample == "replies"
