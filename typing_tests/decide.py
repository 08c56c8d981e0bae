"""Conflicts, decisions and trade-offs as a user calls them."""

from __future__ import annotations

from typing import assert_type

import okrcore as okr


def decide(portfolio: okr.Portfolio, snapshot: okr.Snapshot) -> None:
    found = okr.find_conflicts(portfolio, as_of="2026-06-30", snapshot=snapshot)
    assert_type(found, okr.display.Rows[okr.Conflict])
    decisions = okr.resolve(found, portfolio, snapshot=snapshot)
    assert_type(decisions, okr.display.Rows[okr.Decision])
    assert_type(okr.apply(decisions, portfolio), okr.Portfolio)
    many = okr.conflicts.resolve_many(found, portfolio, snapshot=snapshot)
    assert_type(many, okr.conflicts.Decisions)
    assert_type(many[0], okr.Decision)


def funded(portfolio: okr.Portfolio, snapshot: okr.Snapshot) -> None:
    plan = okr.tradeoffs(portfolio, snapshot, budget=100)
    assert_type(plan, okr.Plan)
    assert_type(plan.funded, okr.display.Rows[okr.funding.Funding])
    assert_type(plan.next_units, tuple[okr.funding.NextUnit, ...])
    assert_type(plan.gains["grow"], float)
    assert_type(plan.clash, tuple[str, ...])
    okr.tradeoffs(
        portfolio,
        snapshot,
        budget=None,
        capacity={"red": 3},
        tiers=[{"grow": 2.0}, ["learn"]],
        partial=True,
        required=["a"],
        excluded={"b"},
    )
