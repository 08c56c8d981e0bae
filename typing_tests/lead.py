"""Links, forecasts, ledgers and reconciliation as a user calls them."""

from __future__ import annotations

from typing import assert_type

import numpy as np
import pint

import okrcore as okr


def links(portfolio: okr.Portfolio, history: okr.History) -> None:
    evidence = okr.assess_link([1.0, 2.0], np.zeros(2), lags=range(1, 5), sign=0)
    assert_type(evidence, okr.LinkEvidence)
    assert_type(evidence.lag, int | None)
    found = okr.assess_links(portfolio, history, as_of="2026-06-30", only=["a->b"])
    assert_type(found, okr.display.Rows[okr.LinkEvidence])
    assert_type(okr.discover_links(portfolio, history, as_of="2026-06-30", lags=[1, 2]), okr.display.Table)
    assert_type(okr.leading.screen_links(np.zeros((2, 9)), np.zeros((3, 9)), lags=[1]), okr.leading.Screen)
    chance = okr.forecast([1.0, 2.0], goal=5, periods=4, seed=1)
    assert_type(chance, okr.Forecast)
    assert_type(chance.p_final, float)


def ledgers(path: str) -> None:
    with okr.Ledger.open(path) as ledger:
        assert_type(ledger, okr.Ledger)
        assert_type(ledger.append([]), okr.History)
        assert_type(ledger.verify(), okr.history.Verification)
    assert_type(okr.verify_ledger(path), okr.history.Verification)
    assert_type(okr.read_journal(path), okr.Journal)


def reconciled(history: okr.History) -> None:
    found = okr.reconcile(history, "uptime", "scada", "erp")
    assert_type(found, okr.history.Reconciliation)
    assert_type(found.disagreements, tuple[okr.history.ReconciledPeriod, ...])
    assert_type(history.restatements("uptime"), tuple[okr.history.Restatement, ...])


def quantities(registry: pint.UnitRegistry[float]) -> None:
    assert_type(okr.units.from_quantity(registry.Quantity(5, "km")), tuple[float, str])
    okr.units.to_quantity(5.0, "km", registry)


def mapped(portfolio: okr.Portfolio) -> None:
    okr.read_catalogue("indicators.csv", mapping=okr.adapters.ColumnMapping.load("mapping.toml"))
    okr.Entry("adjustment", "a", "b", "2026-03-02", changes=[okr.Change("one lane", by="lead")])
    assert_type(okr.compile_portfolio(portfolio).score([1.0]), okr.scoring.Scores)
    assert_type(okr.scoring.distance(okr.Target(0, 1), 0.5), okr.scoring.Distance)
    assert_type(okr.__version__, str)


ERRORS: tuple[type[okr.OkrError], ...] = (
    okr.errors.DamagedLedgerError,
    okr.DocumentError,
    okr.HistoryError,
    okr.errors.RuleError,
    okr.errors.TableError,
)
