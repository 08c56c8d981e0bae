"""What is derived from a portfolio is made once, and shared by versions that share its parts."""

from __future__ import annotations

import datetime as dt
import gc
import threading
import weakref

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


def test_versions_share_whichever_is_asked_first() -> None:
    first = PORTFOLIO.with_(okr.Team(id="a"))
    later = first.with_(okr.Team(id="b")).with_(okr.Owner(id="p")).without("b")
    assert okr.compile_portfolio(later) is okr.compile_portfolio(first)
    other = first.with_(okr.KeyResult(id="l", objective="o", title="L", measure=okr.Target(0, 10)))
    again = other.with_(okr.Team(id="c"))
    assert okr.compile_portfolio(again) is okr.compile_portfolio(other)
    assert okr.compile_portfolio(other) is not okr.compile_portfolio(first)


def test_what_nobody_holds_any_more_is_forgotten() -> None:
    made = okr.Portfolio.of(CYCLE, GOAL, RESULT)
    compiled = weakref.ref(okr.compile_portfolio(made))
    made = made.with_(okr.KeyResult(id="l", objective="o", title="L", measure=okr.Target(0, 10)))
    gc.collect()
    assert compiled() is None
    assert okr.compile_portfolio(made).key_results == ("k", "l")


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
