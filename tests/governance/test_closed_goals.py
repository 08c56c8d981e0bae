"""OKR523 and OKR524: what people say of a goal when they close it (S21.6)."""

from __future__ import annotations

from typing import Any

import okrcore as okr

PORTFOLIO = okr.Portfolio.of(
    okr.Cycle.year(2026),
    okr.Owner(id="ann"),
    okr.Objective(id="o", title="Grow", cycle="2026", owner="ann"),
    okr.KeyResult(id="k", objective="o", title="Deals", measure=okr.Target(0, 10)),
)
SEEN = okr.History.of([okr.Observation("k", "2026-05-31", 6)])


def found(*closings: tuple[str, str, str], **more: Any) -> list[tuple[str, str]]:
    journal = okr.Journal.of(
        okr.Entry("closing", "o", by, day, outcome=outcome, **more) for by, day, outcome in closings
    )
    told = okr.check(PORTFOLIO, SEEN, as_of="2026-06-30", journal=journal, select=["OKR523", "OKR524"])
    return [(one.code, one.subject) for one in told]


def test_a_declared_score_within_a_tenth_or_with_a_reason_is_silent():
    closed = ("coo", "2026-06-01", "partly")
    assert found(closed) == found(closed, score=0.7) == found(closed, score=0.5) == []
    assert found(closed, score=0.71) == found(closed, score=0.49) == [("OKR523", "o")]
    assert found(closed, score=1.0, text="a deal signed a day late") == []


def test_the_owner_does_not_change_a_verdict():
    first = ("ann", "2026-06-01", "partly")
    assert found(first, ("ann", "2026-06-05", "achieved")) == [("OKR524", "o")]
    assert found(first, ("coo", "2026-06-05", "achieved")) == []
    assert found(first, ("coo", "2026-06-05", "reopened"), ("ann", "2026-06-09", "achieved")) == []
