"""A13: one bad record stops nobody; what would not be read can be asked beforehand."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, Checklist, Cycle, History, KeyResult, Kpi, Objective, Observation, Portfolio, Target

YEAR = Cycle(id="y", start=dt.date(2026, 1, 1), end=dt.date(2026, 12, 31))


def result(id: str, **fields: Any) -> KeyResult:
    return KeyResult(
        id=id, title=id, **{"objective": "o", "measure": Target(0, 10), "unit": "hour", **fields}
    )


PORTFOLIO = Portfolio.of(
    YEAR,
    Objective(id="o", title="O", cycle="y"),
    result("a"),
    result("b", aggregate="sum"),
    result("c", measure=Band(high=5), cadence="monthly"),
    result("d", measured_by="kpi"),
    result("list", measure=Checklist(["step"]), unit=""),
    Kpi(id="kpi", title="K", unit="hour", target=Band(high=9)),
)
READERS = {"a": {"a"}, "b": {"b"}, "c": {"c"}, "kpi": {"d", "kpi"}}
GOOD = [
    Observation(name, f"2026-0{month}-15", month, unit="hour") for name in READERS for month in range(1, 6)
]


@given(st.sampled_from(sorted(READERS)), st.integers(1, 6), st.sampled_from(["kg", "EUR", "%"]))
def test_a_bad_record_changes_its_own_measure_and_no_other(name: str, month: int, unit: str) -> None:
    bad = Observation(name, f"2026-0{month}-20", 6, unit=unit)
    before = okr.evaluate(PORTFOLIO, History.of(GOOD), as_of="2026-06-30")
    after = okr.evaluate(PORTFOLIO, History.of([*GOOD, bad]), as_of="2026-06-30")
    assert before.problems == ()
    for goal in ("a", "b", "c", "d", "kpi", "list"):
        if goal not in READERS[name]:
            assert after[goal] == before[goal]
    read = name in {"b", "c"} or month > 4  # of the others only the newest number is read
    assert {problem.path for problem in after.problems} == ({name} if read else set())
    if read:
        assert all(after[goal].value is None for goal in READERS[name])
        assert f"2026-0{month}-20" in after.problems[0].message
        with pytest.raises(okr.errors.UnitError, match=unit):
            okr.evaluate(PORTFOLIO, History.of([*GOOD, bad]), as_of="2026-06-30", strict=True)


WEEKS = okr.weekly("2026-01-04", "2026-05-31")
PACED = Portfolio.of(
    YEAR,
    Kpi(id="source", title="S", unit="hour", cadence="weekly"),
    Kpi(id="total", title="T", unit="hour", cadence="weekly", aggregate="sum"),
    okr.Link(source="source", target="total", sign=1, lag="1w..2w"),
)


def weekly(days: list[dt.date]) -> list[Observation]:
    return [
        Observation(name, day, 20 + (place * size) % 7, unit="hour")
        for name, size in (("source", 3), ("total", 5))
        for place, day in enumerate(days)
    ]


@pytest.mark.parametrize("frame", [False, True])
@given(st.sampled_from(["source", "total"]), st.integers(0, len(WEEKS) - 2))
def test_a_bad_record_leaves_its_own_period_unknown(frame: bool, name: str, place: int) -> None:
    good = weekly(WEEKS)
    bad = [
        Observation(name, one.at, 6, unit="kg") if (one.measure, one.at) == (name, WEEKS[place]) else one
        for one in good
    ]

    def rows(records: list[Observation]) -> list[tuple[Any, ...]]:
        history: Any = History.of(records)
        if frame:
            pl = pytest.importorskip("polars")
            columns = {
                key: [getattr(one, key) for one in records] for key in ("measure", "at", "value", "unit")
            }
            history = History.of_frame(pl.DataFrame(columns), days=True)
        table = okr.signals_of(PACED, history, as_of="2026-06-03").to_dicts()
        return [(row["id"], row["end"], row["value"]) for row in table]

    gone = (name, WEEKS[place].isoformat())
    kept = [row for row in rows(good) if (row[0], str(row[1])[:10]) != gone]
    assert len(kept) == len(good) - 1
    assert rows(bad) == kept


def test_a_bad_record_of_long_ago_is_told_and_takes_no_evidence_and_no_dip() -> None:
    good = weekly(WEEKS)
    old = Observation("source", WEEKS[3], 6, unit="kg")
    bad = [old if (one.measure, one.at) == ("source", old.at) else one for one in good]
    found = okr.check(PACED, History.of(bad), as_of="2026-06-03", select=["OKR224"])
    assert [(one.subject, dict(one.evidence)["records"]) for one in found] == [("source", 1)]
    assert "observed on 2026-01-25" in found[0].message
    (evidence,) = okr.assess_links(PACED, History.of(bad), as_of="2026-06-03")
    assert evidence.n > 12
    drop = Observation("source", "2026-06-07", 500, unit="hour", recorded_at="2026-06-07T20:00:00Z")
    worse = PACED.with_(attrs.evolve(PACED["source"], better="lower"))
    for records in (good, bad):
        dips = okr.dips(worse, History.of([*records, drop]), as_of="2026-06-08")
        assert [one.subject for one in dips if one.start == dt.date(2026, 6, 1)] == ["source"]


def test_a_corrected_record_is_shown_when_it_could_be_read() -> None:
    kpi = Portfolio.of(YEAR, Kpi(id="x", title="X", unit="hour", cadence="weekly", better="lower"))
    good = [one for one in weekly(WEEKS) if one.measure == "source"]
    history = History.of([
        *(attrs.evolve(one, measure="x") for one in good),
        Observation("x", "2026-06-07", 500, unit="kg", recorded_at="2026-06-07T20:00:00Z"),
        Observation("x", "2026-06-07", 500, unit="hour", recorded_at="2026-06-09T20:00:00Z"),
    ])  # fmt: skip
    assert [one.shown.day for one in okr.dips(kpi, history, as_of="2026-06-10")] == [9]
    assert okr.check(kpi, history, as_of="2026-06-10", select=["OKR224"]) == ()


def test_a_correction_heals_it() -> None:
    bad = [
        Observation("a", "2026-05-20", 6, unit="kg"),
        Observation("a", "2026-05-20", 6, unit="hour", recorded_at="2026-05-22T00:00:00Z"),
    ]
    assert okr.evaluate(PORTFOLIO, History.of(bad), as_of="2026-05-30").problems == ()


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Observation("kpj", "2026-02-01", 1), "did you mean 'kpi'"),
        (Observation("d", "2026-02-01", 1), "reads 'kpi'; observe that"),
        (Observation("list", "2026-02-01", 1), "observe its items, such as 'list#step'"),
        (Observation("list#stp", "2026-02-01", 1), "did you mean 'list#step'"),
        (Observation("o", "2026-02-01", 1), "is of type Objective, which has no number"),
        (Observation("a", "2026-02-01", 1, unit="kg"), "does not convert"),
        (Observation("list#step", "2036-02-01", 1), "lies in no cycle"),
    ],
)
def test_what_would_not_be_read_is_told_beforehand(record: Observation, said: str) -> None:
    fine = Observation("a", "2026-02-01", 90, unit="minute")
    (problem,) = okr.check_observations(PORTFOLIO, [fine, record])
    assert problem.path == "observations[1]"
    assert said in problem.message


def test_measures_that_nothing_declares_are_listed() -> None:
    history = History.of([*GOOD, Observation("typo", "2026-02-01", 1), Observation("d", "2026-02-01", 1)])
    assert okr.evaluate(PORTFOLIO, history, as_of="2026-06-30").unread == ("d", "typo")


def test_a_trend_as_known_then_equals_each_moment_as_known_then() -> None:
    late = Observation("kpi", "2026-03-20", 8, recorded_at="2026-05-01T08:00:00Z")
    history, days = History.of([*GOOD, late]), ("2026-03-31", "2026-05-31")
    trend = okr.evaluate_many(PORTFOLIO, history, as_of=days, known_at="then")
    for snapshot, day in zip(trend, days, strict=True):
        alone = okr.evaluate(PORTFOLIO, history, as_of=day, known_at=day)
        assert [snapshot[name] for name in ("o", "d", "kpi")] == [alone[name] for name in ("o", "d", "kpi")]
    rows = [row for row in trend.to_dicts() if row["id"] == "kpi"]
    assert [(row["kind"], row["value"], row["status"]) for row in rows] == [
        ("KPI", 3, "healthy"), ("KPI", 5, "healthy"),
    ]  # fmt: skip
    instants = ("2026-03-31T08:00:00+00:00", "2026-03-31T20:00:00+00:00")
    assert len(set(okr.evaluate_many(PORTFOLIO, history, as_of=instants).table["as_of"].tolist())) == 2


class TestSharedKeyResults:
    """A10: a key result may read another's series."""

    def test_read_one_series(self) -> None:
        shared = PORTFOLIO.with_(
            Objective(id="p", title="P", cycle="y"),
            result("a2", objective="p", measured_by="a", unit="minute", measure=Target(0, 600)),
            result("a3", objective="p", measured_by="a2", unit=""),
        )
        found = okr.evaluate(shared, History.of(GOOD), as_of="2026-06-30")
        assert [found[name].value for name in ("a", "a2", "a3")] == [5, 300, 5]
        assert found["a"].progress == found["a2"].progress == 0.5
        assert found.unread == ()

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            (
                [result("a", measured_by="b"), result("b", measured_by="a")],
                "'a' reads 'b' reads 'a': a circle",
            ),
            ([result("a", measured_by="a")], "a circle"),
            ([result("a", measured_by="list")], "names the checklist 'list'"),
            ([result("a", measured_by="d", unit="kg")], "does not convert"),
        ],
    )
    def test_refuse_circles_checklists_and_other_dimensions(
        self, changed: list[KeyResult], said: str
    ) -> None:
        with pytest.raises(okr.OkrError, match=said):
            PORTFOLIO.with_(*changed)
