"""OKR223, OKR224, OKR225 and OKR414: what is recorded and read by nothing, or read over."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import (
    Checklist,
    Cycle,
    Entry,
    History,
    Initiative,
    KeyResult,
    Kpi,
    Milestone,
    Objective,
    Observation,
    Portfolio,
    Source,
    Target,
)

YEAR = Cycle.year(2026)
GOAL = Objective(id="grow", title="Grow", cycle="2026")
PARTS = (
    YEAR,
    GOAL,
    Kpi(id="uptime", title="Uptime", unit="%"),
    Kpi(id="calls", title="Calls", unit="call", aggregate="sum"),
    Kpi(id="revenue", title="Revenue", unit="EUR"),
    KeyResult(id="arr", objective="grow", title="ARR", measure=Target(0, 5)),
    KeyResult(id="up", objective="grow", title="Up", measure=Target(90, 99), measured_by="uptime", unit="%"),
    KeyResult(id="launch", objective="grow", title="Launch", measure=Checklist(["label", "price"])),
    Initiative(id="site", title="Site"),
    Milestone(id="live", initiative="site", title="Live", due=dt.date(2026, 9, 1)),
)
PORTFOLIO = Portfolio.of(*PARTS)
DAY = "2026-06-30"


def found(code, *observations, entries=(), **more):
    findings = okr.check(
        PORTFOLIO, History.of(observations), as_of=DAY, select=[code], policy=okr.STRICT,
        journal=okr.Journal.of(entries), **more,
    )  # fmt: skip
    return {one.subject: one.message for one in findings}


class TestDeclared:
    """A13: what nothing declares is told, with the nearest id that is declared."""

    @pytest.mark.parametrize(
        ("measure", "told"),
        [
            ("uptmie", "is observed, and declared nowhere; did you mean 'uptime'?"),
            ("launch#lable", "is observed, and declared nowhere; did you mean 'launch#label'?"),
            ("zzz", "is observed, and declared nowhere; declare it, or correct the id"),
            ("launch", "is observed as a whole; observe its items, such as 'launch#label'"),
            ("up", "is observed under its own id, and reads 'uptime'; observe that"),
            ("site", "is observed, and is nothing that has a number"),
        ],
    )
    def test_what_is_read_by_nothing(self, measure, told):
        assert found("OKR223", Observation(measure, "2026-03-01", 1)) == {measure: told}

    @pytest.mark.parametrize("measure", ["uptime", "calls", "arr", "launch#label", "launch#price", "live"])
    def test_what_is_read(self, measure):
        assert found("OKR223", Observation(measure, "2026-03-01", 1)) == {}

    @given(st.data())
    def test_nothing_that_evaluation_reads_is_told(self, data):
        """Leaving out what the rule tells changes no state of any goal."""
        portfolio = data.draw(okr.testing.portfolios())
        history = data.draw(okr.testing.histories(portfolio))
        strays = [Observation(f"{name}-stray", "2026-02-01", 1.0) for name in ("a", "b")]
        told = okr.check(portfolio, history.append(strays), as_of="2026-02-20", select=["OKR223"])
        names = {one.subject for one in told}
        assert names >= {"a-stray", "b-stray"}
        kept = History.of(one for one in history if one.measure not in names)
        before, after = (okr.evaluate(portfolio, one, as_of="2026-02-20") for one in (history, kept))
        for goal in (*portfolio.key_results, *portfolio.kpis, *portfolio.objectives):
            assert before[goal.id] == after[goal.id]

    def test_a_frame_is_asked_as_well(self):
        pd = pytest.importorskip("pandas")
        pytest.importorskip("narwhals")
        frame = pd.DataFrame({"measure": ["uptmie", "arr"], "at": ["2026-03-01"] * 2, "value": [1.0, 2.0]})
        findings = okr.check(PORTFOLIO, History.of_frame(frame), as_of=DAY, select=["OKR223"])
        assert [one.subject for one in findings] == ["uptmie"]


class TestUnits:
    """A13: a unit that does not convert is told before anybody wonders why the number is unknown."""

    @pytest.mark.parametrize(
        ("measure", "unit", "wrong"),
        [
            ("uptime", "minute", True),
            ("uptime", "%", False),
            ("uptime", "1", False),
            ("uptime", "", False),
            ("revenue", "USD", True),
            ("revenue", "call", True),
            ("up", "minute", False),  # nothing reads it, which OKR223 tells
            ("calls", "", False),
        ],
    )
    def test_which(self, measure, unit, wrong):
        told = found("OKR224", Observation(measure, "2026-03-01", 1, unit=unit))
        assert set(told) == ({measure} if wrong else set())

    def test_what_is_told_is_what_an_evaluation_or_a_series_could_not_read(self):
        wrong = Observation("uptime", "2026-03-01", 1, unit="minute")
        later = Observation("uptime", "2026-03-08", 97, unit="%")
        right = Observation("uptime", "2026-03-01", 96, unit="%", recorded_at="2026-03-09")
        for records in ([wrong], [wrong, later], [later], [wrong, right]):
            problems = okr.evaluate(PORTFOLIO, History.of(records), as_of=DAY).problems
            told = set(found("OKR224", *records))
            assert told >= {one.path for one in problems}
            assert told == ({"uptime"} if wrong in records and right not in records else set())

    def test_with_rates_money_converts(self):
        rates = okr.Rates.of([("2026-01-02", "EUR", "USD", 1.25)])
        assert found("OKR224", Observation("revenue", "2026-03-01", 1, unit="USD"), rates=rates) == {}


MOMENTS = st.tuples(
    st.integers(0, 2), st.sampled_from(["ana", "ben", ""]), st.sampled_from(["manual", "pulled", ""])
)


class TestOnePerson:
    """A12: two people who typed for one moment of a sum, and nobody else."""

    @given(st.lists(MOMENTS, max_size=8), st.sampled_from(["calls", "uptime"]))
    def test_which_moments(self, typed, measure):
        observations, people = [], {}
        for n, (day, by, mode) in enumerate(typed):
            source = Source("form", mode=mode) if mode else None
            at = dt.date(2026, 3, 1 + day)
            recorded = dt.datetime(2026, 4, 1, n, tzinfo=dt.UTC)
            observations.append(Observation(measure, at, n, by=by, source=source, recorded_at=recorded))
            if by and mode != "pulled":
                people.setdefault((at, bool(mode)), set()).add(by)
        moments = [at for (at, _), who in people.items() if len(who) > 1]
        told = found("OKR225", *observations)
        assert bool(told) == (bool(moments) and measure == "calls")
        if told:
            assert f"{len(moments)} times, last for {max(moments)}" in told["calls"]


class TestJournal:
    @pytest.mark.parametrize("subject", ["uptime", "arr", "grow", "launch#label", "opposed:arr|uptime"])
    def test_what_is_declared(self, subject):
        assert found("OKR414", entries=[Entry("check-in", subject, "ceo", "2026-03-01")]) == {}

    def test_what_is_not(self):
        entries = [Entry("check-in", "uptmie", "ceo", day) for day in ("2026-03-01", "2026-03-08")]
        told = found("OKR414", entries=entries)["uptmie"]
        assert told.startswith("is the subject of 2 lines of the journal, and is declared nowhere; did you")


@given(st.lists(st.sampled_from(["sales", "cost", "margin"]), min_size=1, max_size=6), st.integers(0, 6))
def test_what_a_formula_made_is_not_recorded_and_what_is_recorded_under_it_is_told(
    measures: list[str], later: int
) -> None:
    """S22.3: what is recorded under the id of a formula KPI is not read, whenever it came."""
    parts = [Kpi(id=name, title=name, unit="EUR", cadence="weekly") for name in ("sales", "cost")]
    formula = okr.Formula("1 - cost / sales", {"sales": "sales", "cost": "cost"})
    portfolio = Portfolio.of(*parts, Kpi(id="margin", title="Margin", unit="%", formula=formula))
    days = [dt.date(2026, 1, 4) + dt.timedelta(weeks=at) for at in range(len(measures))]
    records = [Observation(name, day, 8) for name, day in zip(measures, days, strict=True)]
    history = History.of(records[:later])
    okr.evaluate(portfolio, history, as_of="2026-03-01")
    history = history.append(records[later:])
    told = okr.check(portfolio, history, as_of="2026-03-01", select=["OKR223"])
    assert [one.subject for one in told] == ["margin"] * ("margin" in measures)
    assert all("computed by its formula" in one.message for one in told)
    again = okr.derive(portfolio, history)
    assert okr.evaluate(portfolio, again, as_of="2026-03-01").unread == tuple(one.subject for one in told)


def test_what_was_recorded_under_a_formula_is_told_of_the_version_that_has_it():
    rate = Kpi(id="rate", title="", formula=okr.Formula("x / x", {"x": "calls"}))
    portfolio = Portfolio.of(YEAR, GOAL, Kpi(id="calls", title=""), rate)
    first = History.of([Observation("calls", "2026-01-05", 0)])  # 0 / 0: nothing is derived
    before = okr.evaluate(portfolio, first, as_of=DAY)
    assert before.unread == ()
    second = first.append([Observation("rate", "2026-01-20", 1)])
    assert okr.evaluate(portfolio, second, as_of=DAY, previous=before).unread == ("rate",)
    assert okr.evaluate(portfolio, first, as_of=DAY).unread == ()
