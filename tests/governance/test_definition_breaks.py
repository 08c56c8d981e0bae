"""What makes a number another one is told: formulas that changed, limits that begin anew, links to itself."""

from __future__ import annotations

import datetime as dt

import attrs
import numpy as np
import pytest

import okrcore as okr
from okrcore.definitions import Rebase

YEAR = okr.Cycle.year(2026)
DAY = "2026-06-30"
FIRST = dt.date(2026, 1, 4)


def codes(*args: object, select: str, **given: object) -> list[okr.Finding]:
    return list(okr.check(*args, as_of=DAY, select=[select], **given))  # type: ignore[arg-type]


class TestRebasedLimits:
    """S11.3: new limits inside a running concern, without an adjustment before, are a finding (OKR525)."""

    KPI = okr.Kpi(id="calls", title="Calls", better="higher", cadence="weekly")

    def history(self, fallen: int = 4) -> okr.History:
        rng = np.random.default_rng(5)
        values = [*rng.uniform(19, 21, 22 - fallen), *rng.uniform(11, 12, fallen)]
        rows = [(FIRST + dt.timedelta(weeks=n), value) for n, value in enumerate(values)]
        return okr.History.of(okr.Observation("calls", *row) for row in rows)

    def found(self, start: str, *entries: okr.Entry, fallen: int = 4, **more: object) -> list[okr.Finding]:
        kpi = attrs.evolve(self.KPI, rebased=[Rebase(start=start, why="a new hall")])
        journal = okr.Journal.of(entries)
        return codes(okr.Portfolio.of(YEAR, kpi), self.history(fallen), select="OKR525", journal=journal)

    def answer(self, day: str, *changes: str) -> okr.Entry:
        return okr.Entry("adjustment", "calls", "ann", day, changes=changes, text="said")

    def test_a_concern_that_stands_is_no_reason_for_new_limits(self) -> None:
        [finding] = self.found("2026-05-25")
        evidence = dict(finding.evidence)
        assert evidence["start"] == dt.date(2026, 5, 25)
        assert evidence["concern"] == dt.date(2026, 5, 4)

    def test_without_a_concern_nothing_is_said(self) -> None:
        assert self.found("2026-05-25", fallen=0) == []
        assert self.found("2026-05-04") == []  # the day before it is shown
        assert self.found("2026-07-06") == []  # is to come

    @pytest.mark.parametrize(
        ("entry", "told"),
        [
            (("2026-05-20", "two more lines"), False),
            (("2026-05-26", "two more lines"), True),
            (("2026-05-20",), True),
            (("2026-04-20", "two more lines"), True),
        ],
    )
    def test_an_adjustment_before_it_that_answers_the_concern_makes_it_a_change(
        self, entry: tuple[str, ...], told: bool
    ) -> None:
        assert bool(self.found("2026-05-25", self.answer(*entry))) is told

    def test_it_is_asked_for_weeks(self) -> None:
        late = attrs.evolve(self.KPI, rebased=[Rebase(start="2026-05-25", why="a new hall")])
        found = okr.check(
            okr.Portfolio.of(YEAR, late), self.history(), as_of="2026-08-30", select=["OKR525"],
            journal=okr.Journal.of([]),
        )  # fmt: skip
        assert found == ()


class TestFormulas:
    def kpis(self, expr: str) -> okr.Portfolio:
        parts = (okr.Kpi(id=name, title=name, unit="EUR", cadence="monthly") for name in ("s", "c"))
        whole = okr.Kpi(id="f", title="F", unit="EUR", formula=okr.Formula(expr, {"s": "s", "c": "c"}))
        return okr.Portfolio.of(YEAR, *parts, whole)

    def test_a_formula_that_changes_between_versions_is_a_definition_break(self) -> None:
        """S22.3, OKR503: the number is another one from that day on."""
        versions = okr.Declarations().append(self.kpis("s - c"), at="2025-12-01")
        history = okr.History.of(
            [okr.Observation("s", "2026-01-31", 2), okr.Observation("c", "2026-01-31", 1)]
        )
        assert codes(versions, history, select="OKR503") == []
        later = versions.append(self.kpis("s - 2 * c"), at="2026-04-01")
        [finding] = codes(later, history, select="OKR503")
        assert finding.subject == "f"
        assert dict(finding.evidence)["last"] == dt.date(2026, 4, 1)
        named = later.append(self.kpis("s - (2 * c)"), at="2026-05-01")  # spelled otherwise
        assert len(codes(named, history, select="OKR503")) == 1

    @pytest.mark.parametrize("sign", [1, -1])
    def test_a_link_from_its_own_input_is_one_info_finding(self, sign: int) -> None:
        """S22.4: and OKR309 does not ask for a rhythm that would not help."""
        link = okr.Link(source="s", target="f", sign=sign)  # type: ignore[arg-type]
        result = okr.KeyResult(
            id="k", objective="o", title="K", measured_by="f", measure=okr.Target(0, 9), unit="EUR"
        )
        goal = okr.Objective(id="o", title="O", cycle="2026")
        deep = okr.Link(source="s", target="k", sign=sign)  # type: ignore[arg-type]
        itself = okr.Link(source="f", target="k", sign=sign)  # type: ignore[arg-type]
        other = okr.Kpi(id="visits", title="Visits", cadence="monthly")
        plain = okr.Link(source="visits", target="f", sign=sign)  # type: ignore[arg-type]
        portfolio = self.kpis("s - c").with_(goal, result, other, link, deep, itself, plain)
        history = okr.History.of(
            okr.Observation(name, f"2026-0{month}-28", value)
            for name, value in (("s", 3), ("c", 1))
            for month in range(1, 6)
        )
        found = codes(portfolio, history, select="OKR3", policy=okr.governance.STRICT)
        told = {(one.subject, one.severity) for one in found if one.code == "OKR322"}
        assert told == {(one.id, "info") for one in (link, deep, itself)}
        assert {one.subject for one in found if one.code == "OKR309"} & {link.id, deep.id} == set()
