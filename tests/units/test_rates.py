"""Laws of dated exchange rates and of values converted by them (S1.5)."""

from __future__ import annotations

import datetime as dt
import math
import pickle
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.errors import UnitError
from okrcore.units.conversion import conversion
from okrcore.units.rates import Rates, convert

FRIDAY, SATURDAY, MONDAY = dt.date(2026, 3, 6), dt.date(2026, 3, 7), dt.date(2026, 3, 9)
days = st.dates(dt.date(2025, 1, 1), dt.date(2026, 12, 31))
positive = st.floats(1e-6, 1e6)
amounts = st.floats(-1e9, 1e9)
tables = st.dictionaries(days, positive, min_size=1, max_size=30)


def euro_dollar(table: dict[dt.date, float]) -> Rates:
    return Rates.of({("EUR", "USD"): table})


class TestLookup:
    @given(tables, days)
    def test_the_rate_is_the_latest_on_or_before(self, table: dict[dt.date, float], day: dt.date) -> None:
        """S1.5: the rate is that of the observation's date."""
        earlier = [date for date in table if date <= day]
        if earlier:
            assert euro_dollar(table).rate("EUR", "USD", day) == table[max(earlier)]
        else:
            with pytest.raises(UnitError, match=f"EUR to USD on {day}: no rate"):
                euro_dollar(table).rate("EUR", "USD", day)

    def test_weekends_take_the_last_business_day(self) -> None:
        rates = Rates.of([(FRIDAY, "EUR", "USD", 1.25), (MONDAY, "EUR", "USD", 1.5)])
        assert [rates.rate("EUR", "USD", day) for day in (FRIDAY, SATURDAY, MONDAY)] == [1.25, 1.25, 1.5]

    @given(tables, amounts)
    def test_the_way_back_divides_by_the_same_rate(self, table: dict[dt.date, float], amount: float) -> None:
        """S1.5: a row serves both directions."""
        rates, day = euro_dollar(table), max(table)
        assert convert(amount, "USD", "EUR", rates=rates, dates=day) == amount / table[day]

    def test_a_row_of_the_asked_direction_goes_first(self) -> None:
        rates = Rates.of(
            [(FRIDAY, "EUR", "USD", 1.25), (FRIDAY, "USD", "EUR", 0.7), (MONDAY, "USD", "EUR", 0.5)]
        )
        assert rates.rate("EUR", "USD", FRIDAY) == 1.25
        assert rates.rate("USD", "EUR", FRIDAY) == 0.7
        assert rates.rate("EUR", "USD", MONDAY) == 2.0

    def test_one_common_third_currency_links_two(self) -> None:
        """A table against one currency, as central banks publish them, converts any two of its currencies."""
        rates = Rates.of([(FRIDAY, "EUR", "USD", 1.25), (MONDAY, "EUR", "GBP", 0.75)])
        assert rates.rate("USD", "GBP", MONDAY) == 0.75 / 1.25
        with pytest.raises(UnitError, match="USD to GBP on 2026-03-07: no rate; the first from EUR to GBP"):
            rates.rate("USD", "GBP", SATURDAY)

    def test_several_third_currencies_are_refused(self) -> None:
        """No rate is picked where the ways could differ."""
        thirds = [(FRIDAY, one, two, 2.0) for one in ("EUR", "CHF") for two in ("USD", "GBP")]
        with pytest.raises(
            UnitError, match="USD to GBP on 2026-03-06: no single rate, but ways through CHF, EUR"
        ):
            Rates.of(thirds).rate("USD", "GBP", FRIDAY)

    @pytest.mark.parametrize("code", ["BYR", "DEM", "LTL", "MRO", "STD", "VEF", "XDR", "ZMK"])
    def test_what_was_withdrawn_has_rates_too(self, code: str) -> None:
        rates = Rates.of([(FRIDAY, "EUR", code, 4.0)])
        assert convert(20.0, code, "EUR", rates=rates, dates=FRIDAY) == 5.0

    def test_equal_tables_are_equal_whatever_their_order_and_form(self) -> None:
        rows: list[Any] = [
            (MONDAY, "EUR", "USD", 1.5),
            (FRIDAY, "EUR", "USD", 1.25),
            (FRIDAY, "USD", "JPY", 150),
        ]
        named = [dict(zip(("date", "base", "quote", "rate"), row, strict=True)) for row in rows]
        texts = [(f"{date}", base, quote, Decimal(rate)) for date, base, quote, rate in rows]
        stamps = [(np.datetime64(date), base, quote, np.float64(rate)) for date, base, quote, rate in rows]
        pairs = {("USD", "JPY"): {FRIDAY: 150}, ("EUR", "USD"): {FRIDAY: 1.25, "2026-03-09": 1.5}}
        tables = [
            Rates.of(form) for form in (rows, rows[::-1], rows * 2, named, texts, stamps, iter(rows), pairs)
        ]
        assert all(table == tables[0] and hash(table) == hash(tables[0]) for table in tables)
        copy = pickle.loads(pickle.dumps(tables[0]))
        assert copy == tables[0]
        assert copy.rate("EUR", "USD", MONDAY) == 1.5

    def test_rates_cannot_be_changed(self) -> None:
        rates = euro_dollar({FRIDAY: 1.25})
        with pytest.raises(AttributeError):
            rates.rows = ()  # type: ignore[misc]


class TestBadRows:
    def test_all_bad_rows_are_reported_at_once(self) -> None:
        """S0.4: all problems at once; rates are positive and finite."""
        bad: list[Any] = [
            (FRIDAY, "EUR", "USD", 0.0),
            (FRIDAY, "EUR", "USD", -1.0),
            (FRIDAY, "EUR", "USD", math.nan),
            (FRIDAY, "EUR", "USD", math.inf),
            (FRIDAY, "EUR", "USD", True),
            (FRIDAY, "EUR", "USD", "1.1"),
            (FRIDAY, "EUR", "USD", 10**400),
            (FRIDAY, "EUR", "USD", Decimal("sNaN")),
            (FRIDAY, "EUR", "EUR", 1.0),
            (FRIDAY, "EUR", "customer", 1.0),
            (FRIDAY, ["EUR"], "USD", 1.0),
            ("6 March 2026", "EUR", "USD", 1.0),
            (dt.datetime(2026, 3, 6, 12, tzinfo=dt.UTC), "EUR", "USD", 1.0),
            (None, "EUR", "USD", 1.0),
            (FRIDAY, "EUR", "USD"),
            {"date": FRIDAY, "base": "EUR", "quote": "USD"},
            "EUR",
            None,
        ]
        good = (FRIDAY, "EUR", "USD", 1.25)
        with pytest.raises(UnitError) as caught:
            Rates.of([good, *bad, (FRIDAY, "EUR", "USD", 1.5)])
        assert [problem.path for problem in caught.value.problems] == [
            f"rates[{i}]" for i in range(1, len(bad) + 2)
        ]
        with pytest.raises(UnitError):
            Rates(rows=(bad[0],))

    def test_bad_pairs_of_a_mapping_are_named(self) -> None:
        with pytest.raises(UnitError) as caught:
            Rates.of({"EUR/USD": {FRIDAY: 1.0}, ("EUR", "USD"): 1.25, ("EUR", "GBP"): {FRIDAY: -1.0}})
        assert len(caught.value.problems) == 3

    @given(
        st.lists(st.tuples(st.just(FRIDAY) | st.none() | st.text(), st.text(), st.just("EUR"), st.floats()))
    )
    def test_only_unit_errors_come_out(self, rows: list[Any]) -> None:
        try:
            kept = Rates.of(rows).rows
        except UnitError as error:
            kept = ()
            found = len(error.problems)
        else:
            found = 0
        assert len(kept) + found <= len(rows)
        assert not rows or kept or found


class TestConvert:
    @given(tables, st.lists(st.tuples(amounts, days), min_size=1, max_size=20))
    def test_arrays_equal_scalars_to_the_last_bit(
        self, table: dict[dt.date, float], facts: list[tuple[float, dt.date]]
    ) -> None:
        """S1.3, S1.5: each value takes the rate of its own date; a scalar is an array of one."""
        rates = euro_dollar(table | {dt.date(2024, 12, 31): 1.1})
        values = np.array([value for value, _ in facts])
        dates = np.array([date for _, date in facts], dtype="datetime64[D]")
        for units in [("EUR", "USD"), ("USD/month", "EUR/year"), ("customer/EUR^2", "customer/USD^2")]:
            want = np.array([convert(value, *units, rates=rates, dates=date) for value, date in facts])
            for form in (dates, dates.astype(np.int64), dates.astype("datetime64[ns]")):
                assert convert(values, *units, rates=rates, dates=form).tobytes() == want.tobytes()

    def test_compound_units(self) -> None:
        """S1.5: also inside compound units such as EUR/year."""
        rates = euro_dollar({FRIDAY: 1.25})
        assert convert(12.0, "EUR/year", "USD/month", rates=rates, dates=FRIDAY) == 1.25
        assert convert(1.0, "customer/EUR", "customer/USD", rates=rates, dates=FRIDAY) == 0.8
        assert convert(1.0, "EUR^2", "USD^2", rates=rates, dates=FRIDAY) == 1.25**2
        assert convert(1.0, "EUR^2", "EUR*USD", rates=rates, dates=FRIDAY) == 1.25
        assert convert(8.0, "USD/employee/quarter", "EUR/employee/year", rates=rates, dates=FRIDAY) == 25.6

    @given(amounts)
    def test_without_an_exchange_it_is_the_conversion(self, value: float) -> None:
        """S1.3: rates and dates are not asked for where no currency changes."""
        assert convert(value, "EUR/month", "EUR/year") == conversion("EUR/month", "EUR/year").apply(value)
        assert convert(value, "pallet", "pallets", declared=("pallet",)) == value
        assert convert(value, "", "USD") == value

    def test_what_is_missing_is_named(self) -> None:
        """S1.5: no rate: UnitError naming both currencies and the date."""
        rates = euro_dollar({MONDAY: 1.25})
        later = np.array([FRIDAY, SATURDAY, MONDAY], dtype="datetime64[D]")
        with pytest.raises(UnitError, match="EUR to USD on 2026-03-06: no rates are given"):
            convert(1.0, "EUR", "USD", dates=FRIDAY)
        with pytest.raises(UnitError, match="EUR to USD: no date is given"):
            convert(1.0, "EUR", "USD", rates=rates)
        with pytest.raises(UnitError, match=r"EUR to USD on 2026-03-06: no rate; the first .* 2026-03-09"):
            convert(np.ones(3), "EUR", "USD", rates=rates, dates=later)
        with pytest.raises(UnitError, match="EUR to JPY on 2026-03-09: no rate; add rows"):
            convert(1.0, "EUR", "JPY", rates=rates, dates=MONDAY)
        with pytest.raises(UnitError, match=r"\(3,\) dates for \(2,\) values"):
            convert(np.ones(2), "EUR", "USD", rates=rates, dates=np.array([MONDAY] * 3, "M8[D]"))
        with pytest.raises(UnitError, match="but must be a date"):
            convert(np.ones(2), "EUR", "USD", rates=rates, dates=[1.5, 2.5])
        with pytest.raises(UnitError, match="does not convert"):
            convert(1.0, "EUR/year", "USD", rates=rates, dates=MONDAY)

    def test_shapes(self) -> None:
        """A float gives a float; an array keeps its shape; one date serves all."""
        rates = euro_dollar({FRIDAY: 1.25})
        assert type(convert(2.0, "EUR", "USD", rates=rates, dates="2026-03-07")) is float
        grid = convert(np.ones((2, 3)), "EUR", "USD", rates=rates, dates=MONDAY)
        assert grid.shape == (2, 3)
        assert convert(np.ones(0), "EUR", "USD", rates=rates, dates=np.array([], dtype=np.int64)).shape == (
            0,
        )
        assert math.isnan(convert(math.nan, "EUR", "USD", rates=rates, dates=MONDAY))
