"""What is derived from a portfolio is made once, and shared by versions that share its parts."""

from __future__ import annotations

import datetime as dt
import threading

import okrcore as okr
from okrcore.definitions.derived_cache import Derivation

CYCLE = okr.Cycle(id="q", start=dt.date(2026, 1, 1), end=dt.date(2026, 3, 31))
GOAL = okr.Objective(id="o", title="O", cycle="q")
RESULT = okr.KeyResult(id="k", objective="o", title="K", measure=okr.Target(0, 10))
PORTFOLIO = okr.Portfolio.of(CYCLE, GOAL, RESULT)


def test_versions_share_what_their_change_does_not_touch() -> None:
    names = Derivation(("teams",), lambda portfolio: [team.id for team in portfolio.teams])
    first = PORTFOLIO.with_(okr.Team(id="a"))
    held = names.of(first)
    assert names.of(first.with_(okr.Owner(id="p"))) is held
    second = first.with_(okr.Team(id="b"))
    assert names.of(second) == ["a", "b"]
    assert names.of(first) is held  # a version does not disturb the one before
    assert names.of(second.without("b")) == ["a"]


def test_a_version_knows_only_what_was_derived_before_it() -> None:
    later = PORTFOLIO.with_(okr.Team(id="a"))
    assert okr.compile_portfolio(PORTFOLIO) is okr.compile_portfolio(PORTFOLIO)
    assert okr.compile_portfolio(later) is not okr.compile_portfolio(PORTFOLIO)
    assert okr.compile_portfolio(PORTFOLIO.with_(okr.Team(id="a"))) is okr.compile_portfolio(PORTFOLIO)


def test_threads_that_ask_at_once_get_one_value() -> None:
    gate = threading.Barrier(8)

    def make(portfolio: okr.Portfolio) -> object:
        return object()

    derivation, found = Derivation(("teams",), make), list[object]()

    def ask() -> None:
        gate.wait()
        found.append(derivation.of(PORTFOLIO))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
