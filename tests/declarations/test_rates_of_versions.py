"""A version keeps the exchange rates it was declared with; without any, those before go on (A16, S21.1)."""

import datetime as dt
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Cycle, Declarations, KeyResult, Ledger, Objective, Observation, Portfolio, Rates, Target

YEAR = Cycle.year(2026)
PAID = KeyResult(id="paid", objective="sell", title="Paid", measure=Target(0, 100), unit="EUR")
PORTFOLIO = Portfolio.of(YEAR, Objective(id="sell", title="Sell", cycle=YEAR.id), PAID)
DAYS = st.integers(0, 40).map(lambda day: dt.date(2026, 1, 1) + dt.timedelta(day))
ROWS = st.dictionaries(
    st.tuples(DAYS, st.sampled_from(["USD", "GBP"])), st.integers(1, 8), min_size=1, max_size=6
)


def rates(rows: dict[tuple[dt.date, str], int]) -> Rates:
    return Rates.of([(day, "EUR", quote, rate / 4) for (day, quote), rate in rows.items()])


@given(st.lists(st.none() | ROWS, min_size=1, max_size=5), st.booleans())
def test_what_is_read_back_has_the_rates_that_were_declared(versions, titled):
    declared, known = Declarations.of(), None
    for place, rows in enumerate(versions):
        portfolio = PORTFOLIO.with_(YEAR, Objective(id="sell", title=f"Sell {place * titled}", cycle=YEAR.id))
        known = known if rows is None else rates(rows)
        declared = declared.append(
            portfolio.with_rates(None if rows is None else known), at=dt.date(2026, 1, 1 + place)
        )
        read = Declarations.of_lines([one.line for one in declared])
        for said in (declared, read):
            assert said.at().rates == known
            assert said.root == declared.root
        for before, after in zip(declared, read, strict=True):
            assert before.portfolio.rates == after.portfolio.rates


def test_a_ledger_judges_by_the_rates_of_then(tmp_path: Path) -> None:
    facts = [
        Observation("paid", "2026-01-20", 100, unit="USD"),
        Observation("paid", "2026-02-20", 100, unit="USD"),
    ]
    first = PORTFOLIO.with_rates(Rates.of([("2026-01-02", "EUR", "USD", 1.25)]))
    more = Rates.of([("2026-01-02", "EUR", "USD", 1.25), ("2026-02-02", "EUR", "USD", 2.0)])
    with Ledger.open(tmp_path / "facts.okr") as ledger:
        ledger.declare(first, at="2026-01-01", by="jo")
        ledger.declare(PORTFOLIO.with_rates(more), at="2026-02-02", by="jo")
        ledger.append(facts)
    with Ledger.open(tmp_path / "facts.okr") as ledger:
        declared, history = ledger.declarations, ledger.history
    values = [
        okr.evaluate(declared.at(day), history, as_of=day)["paid"].value
        for day in ("2026-01-31", "2026-02-28")
    ]
    assert values == [80.0, 50.0]
    (moved,) = declared.amendments()
    assert (moved.subject, moved.kind) == ("rates", "recorded")


def test_the_same_rates_again_are_no_version() -> None:
    first = PORTFOLIO.with_rates(rates({(dt.date(2026, 1, 1), "USD"): 5}))
    said = Declarations.of(("2026-01-01", first))
    assert len(said.append(PORTFOLIO, at="2026-02-01")) == 1
    assert len(said.append(PORTFOLIO.with_rates(first.rates), at="2026-02-01")) == 1
    assert said.at() == PORTFOLIO
