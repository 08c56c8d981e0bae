"""A21: what is given to save work belongs to the portfolio and the moment that are asked about."""

from __future__ import annotations

import datetime as dt

import pytest

import okrcore as okr
from okrcore.frozen import FrozenDict

YEAR = okr.Cycle.year(2026)
GOAL = okr.Objective(id="o", title="O", cycle=YEAR.id)
RESULT = okr.KeyResult(id="k", objective="o", title="K", measure=okr.Target(0, 10))
KPI = okr.Kpi(id="up", title="Up", target=okr.Band(low=98))
LINK = okr.Link(source="up", target="k", sign=1)
TABLE = okr.PriorityTable(columns=[], rules=[], default=okr.Outcome(winner="kpi"))
PORTFOLIO = okr.Portfolio.of(YEAR, GOAL, RESULT, KPI, LINK, TABLE)
HISTORY = okr.History.of([okr.Observation("k", "2026-02-01", 5)])
OTHER = PORTFOLIO.with_(okr.KeyResult(id="z", objective="o", title="Z", measure=okr.Target(0, 1)))
DAY = "2026-06-25"
FIELDS = {"degree": 0.4, "path": (), "sentence": "", "since": YEAR.start, "witness": FrozenDict()}
CONFLICT = okr.Conflict(kind="opposed", sides=("k", "up"), **FIELDS)


def snapshot(portfolio=PORTFOLIO, as_of=DAY):
    return okr.evaluate(portfolio, HISTORY, as_of=as_of)


ASKS = {
    "check": lambda given, day=DAY: okr.check(PORTFOLIO, as_of=day, snapshot=given),
    "find_conflicts": lambda given, day=DAY: okr.find_conflicts(PORTFOLIO, as_of=day, snapshot=given),
    "resolve": lambda given: okr.resolve([CONFLICT], PORTFOLIO, snapshot=given),
    "tradeoffs": lambda given: okr.tradeoffs(PORTFOLIO, given, budget=1),
}


@pytest.mark.parametrize("ask", ASKS.values(), ids=ASKS)
def test_a_snapshot_of_another_portfolio_is_refused(ask):
    with pytest.raises(okr.DefinitionError, match="snapshot is of another portfolio"):
        ask(snapshot(OTHER))
    with pytest.raises(okr.DefinitionError, match="must be a Snapshot"):
        ask(PORTFOLIO)
    ask(snapshot(okr.Portfolio.of(*PORTFOLIO)))  # an equal one is the same


@pytest.mark.parametrize("ask", [ASKS["check"], ASKS["find_conflicts"]])
def test_a_snapshot_of_another_moment_is_refused(ask):
    with pytest.raises(okr.DefinitionError, match="snapshot is of 2026-06-24, but must be of 2026-06-25"):
        ask(snapshot(as_of="2026-06-24"))
    noon = dt.datetime(2026, 6, 25, 12, tzinfo=dt.UTC)
    with pytest.raises(okr.DefinitionError, match="but must be of 2026-06-25; evaluate at that moment"):
        ask(snapshot(as_of=noon))
    ask(snapshot(as_of=noon), noon.astimezone(dt.timezone(dt.timedelta(hours=2))))


@pytest.mark.parametrize("ask", [okr.check, okr.find_conflicts])
def test_evidence_on_links_of_another_portfolio_is_refused(ask):
    evidence = okr.assess_links(PORTFOLIO, HISTORY, as_of=DAY)
    ask(PORTFOLIO, HISTORY, as_of=DAY, evidence=evidence)
    with pytest.raises(okr.errors.UnknownIdError, match="'up->k' is declared nowhere"):
        ask(PORTFOLIO.without("up->k"), HISTORY, as_of=DAY, evidence=evidence)
    with pytest.raises(okr.DefinitionError, match="give a LinkEvidence"):
        ask(PORTFOLIO, HISTORY, as_of=DAY, evidence=["up->k"])


def test_an_empty_journal_given_is_an_empty_journal():
    """Nothing of the snapshot's journal is asked where one is given, however empty."""
    answered = okr.Journal.of([okr.Entry("adjustment", "nobody", "ann", "2026-06-01", text="x")])
    given = okr.evaluate(PORTFOLIO, HISTORY, as_of=DAY, journal=answered)
    alone = okr.check(PORTFOLIO, HISTORY, as_of=DAY, journal=okr.Journal.of())
    assert okr.check(PORTFOLIO, HISTORY, as_of=DAY, journal=okr.Journal.of(), snapshot=given) == alone
