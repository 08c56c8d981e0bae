"""The laws of amounts: a scale and a unit are read, converted or told, and never dropped."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore import Band, HistoryError, Target, read_catalogue, read_history
from okrcore.adapters.catalogue.target_words import read_target
from okrcore.adapters.cells import Refused
from okrcore.adapters.date_cells import date_of, moment_of
from okrcore.adapters.number_cells import NumberFormat, number_of
from okrcore.adapters.table_format import TableFormat
from okrcore.sources.files import FileSource

ENGLISH, GERMAN = NumberFormat(thousands=","), NumberFormat(decimal=",", thousands=".")
COLUMNS = {"title": "KPI", "target": "Target", "current": "Now", "unit": "Unit", "direction": "Way"}
PERCENTS: dict[str, Any] = {
    "rows": "key_result",
    "columns": {"title": "KR", "start": "From", "target": "To", "unit": "Unit"},
    "constants": {"objective": "Please customers"},
    "observations": {"Oct": "2026-10-31", "Nov": "2026-11-30"},
}


def kpi(tmp_path: Path, target: str, now: str = "", unit: str = "", way: str = "", **more: Any) -> Any:
    path = tmp_path / "a.csv"
    path.write_text(f'KPI,Target,Now,Unit,Way\nK,"{target}","{now}",{unit},{way}\n', encoding="utf-8")
    found = read_catalogue(path, {"columns": COLUMNS, "at": "2026-03-31", **more})
    return found.portfolio.kpis[0], list(found.history), [one.message for one in found.problems]


@pytest.mark.parametrize(
    ("text", "high", "unit"),
    [
        ("at most 2 million", 2e6, ""),
        ("at most 3 Mio", 3e6, ""),
        ("at most 3 Mio.", 3e6, ""),
        ("at most 1.5 bn", 1.5e9, ""),
        ("< 2 Mrd. EUR", 2e9, "EUR"),
        ("at most 10 thousand", 1e4, ""),
        ("at most 10 Tsd. EUR", 1e4, "EUR"),
        ("at most 4 lakh", 4e5, ""),
        ("at most 2 crore INR", 2e7, "INR"),
        ("at most 3 dozen", 36, ""),
        ("at most 5 hundred", 500, ""),
        ("at most 2 hundred thousand", 2e5, ""),
        ("at most 12 Billion TZS", 12e9, "TZS"),
        ("at most 2 millones", 2e6, ""),
        ("at most 3 mila", 3e3, ""),
        ("at most 2 \u043c\u043b\u043d", 2e6, ""),
        ("at most 3 \u5104", 3e8, ""),
        ("at most 3 mln PLN", 3e6, "PLN"),
        ("at most 5 kEUR", 5e3, "EUR"),
        ("at most 5 MEUR", 5e6, "EUR"),
        ("at most 5 TEUR", 5e3, "EUR"),
        ("at most 924,067.67 Mlls", 924_067.67e6, ""),
        ("under 2 h", 2, "hour"),
        ("at most 12 hours/day", 12, "hours/day"),
        ("at most 0.5 pp", 0.5, "percentage_point"),
        ("at most 3 percentage points", 3, "percentage_point"),
        ("at most 5 per cent", 5, "%"),
        ("h\u00f6chstens 5 %", 5, "%"),
        ("au plus 2 millions", 2e6, ""),
        ("at most 30 mins on average", 30, "minutes"),
        ("2 million or less", 2e6, ""),
        ("\u2264 3 %", 3, "%"),
    ],
)
def test_a_scale_and_a_unit_are_read(text: str, high: float, unit: str) -> None:
    found = read_target(text, numbers=ENGLISH)
    assert (found.band, found.unit, found.fault) == (Band(high=high), unit, "")


@pytest.mark.parametrize(
    "text",
    [
        "at most 10 k",
        "at most 2 M",
        "at most 3 m",
        "at most 3 B",
        "at most 5 mil",
        "at most 5 MM",
        "at most 10K",
        "at most 5m",
        "at most 10 working days",
        "at most 5 business hours",
        "at most 2.5 (million)",
        "about 5 %",
        "~5",
        "at most approx. 5",
        "\u00b15 %",
        "at most two million",
        "at most 5 foo/bar",
        "$3 million",
        "between 2 and 3 million",
        "at most 5 and a half million",
    ],
)
def test_what_may_mean_several_things_is_told(text: str) -> None:
    found = read_target(text, numbers=ENGLISH)
    assert found.band is None
    assert ";" in found.fault


def test_a_number_and_how_far_from_it_is_a_band() -> None:
    assert read_target("5 \u00b1 1 days").band == Band(4, 6)
    assert read_target("between 2 million and 3 million").band == Band(2e6, 3e6)
    assert read_target("maintain between 5 and 10 %").band == Band(5, 10)


@given(
    st.sampled_from(["million", "Mio", "Mrd", "bn", "lakh", "Tsd.", "crore"]),
    st.integers(1, 999),
    st.booleans(),
)
def test_a_scale_multiplies_wherever_a_number_stands(word: str, number: int, way: bool) -> None:
    one, scaled = (read_target(f"at least {text}") for text in (str(number), f"{number} {word}"))
    assert one.band is not None
    assert scaled.band is not None
    ratio = (scaled.band.low or 0) / (one.band.low or 1)
    assert ratio in (1e3, 1e5, 1e6, 1e7, 1e9)
    assert read_target(f"{number} {word}", "higher").band == scaled.band


class TestUnits:
    @pytest.mark.parametrize(
        ("target", "now", "unit", "bound", "value"),
        [
            ("at most 2 hours", "90", "minute", 120, 90),
            ("at most 100 GB", "1", "TB", 0.1, 1),
            ("at most 3 Mio", "2,900,000", "EUR", 3e6, 2.9e6),
            ("at most 3 Mio EUR", "2,900", "kEUR", 3e6, 2.9e6),
            ("at most 3", "2.9", "MEUR", 3e6, 2.9e6),
            ("at most 2 days", "36 hours", "", 2, 1.5),
            ("at most 2 million", "1.5 million", "visitor", 2e6, 1.5e6),
            ("at most 5 %", "4 %", "percent", 5, 4),
            ("at most 5 days", "4 days", "", 5, 4),
            ("at most 90", "1.5 h", "minute", 90, 90),
        ],
    )
    def test_are_converted_to_that_of_the_row(self, tmp_path, target, now, unit, bound, value) -> None:  # type: ignore[no-untyped-def]
        made, (seen,), told = kpi(tmp_path, target, now, unit, numbers={"thousands": ","})
        assert told == []
        assert made.target == Band(high=bound)
        assert seen.value == value
        assert made.unit.startswith("EUR") or "EUR" not in unit

    @pytest.mark.parametrize(
        ("target", "unit"),
        [
            ("at most 90 %", "day"),
            ("at most 5 users", "customer"),
            ("at most 2 hours", "EUR"),
            ("at most 3 Foos", "EUR"),
            ("at most 5 USD", "EUR"),
            ("at most 5 pp", "%"),
        ],
    )
    def test_that_contradict_the_row_are_told(self, tmp_path: Path, target: str, unit: str) -> None:
        made, _, told = kpi(tmp_path, target, "", unit)
        assert made.target is None
        assert len(told) == 1
        assert "correct one of them" in told[0] or "declare" in told[0]

    def test_the_advice_is_that_of_the_cause(self, tmp_path: Path) -> None:
        for text in ("\u22643%", "<3", "at most 3"):
            (told,) = kpi(tmp_path, text, "", "", "higher")[2]
            assert "the words say that lower is better, the direction says higher" in told
        (told,) = kpi(tmp_path, "95", "", "", "maintain")[2]
        assert "low and high" in told
        assert kpi(tmp_path, "between 5 and 10", "", "", "maintain")[0].target == Band(5, 10)

    @given(st.lists(st.booleans(), min_size=4, max_size=4), st.sampled_from(["%", "percent", ""]))
    def test_a_row_signs_all_its_percents_or_none(
        self, tmp_path_factory: pytest.TempPathFactory, signs: list[bool], unit: str
    ) -> None:
        """S0.3: beside a number with the sign one without it may be a fraction, whatever the unit says."""
        cells = [
            f"{number}{'%' * sign}"
            for number, sign in zip(("0.7", "0.9", "0.74", "0.81"), signs, strict=True)
        ]
        path = tmp_path_factory.getbasetemp() / "signed.csv"
        path.write_text(f"KR,From,To,Unit,Oct,Nov\nK,{cells[0]},{cells[1]},{unit},{cells[2]},{cells[3]}\n")
        found = read_catalogue(path, PERCENTS)
        told = {one.path for one in found.problems if "no percent sign" in one.message}
        mixed = any(signs) and not all(signs)
        names = ("From", "To", "Oct", "Nov")
        assert told == {name for name, sign in zip(names, signs, strict=True) if mixed and not sign}
        assert {one.line for one in found.problems if one.path in told} <= {2}
        kept = [value for value, name in ((0.74, "Oct"), (0.81, "Nov")) if name not in told]
        assert [one.value for one in found.history] == kept

    def test_a_zero_is_as_many_percents_with_the_sign_as_without(self, tmp_path: Path) -> None:
        path = tmp_path / "zero.csv"
        path.write_text("KR,From,To,Unit,Oct,Nov\nK,0,90%,%,74%,0\n")
        found = read_catalogue(path, PERCENTS)
        assert found.portfolio["k"].measure == Target(0, 90)
        assert [one.value for one in found.history] == [74.0, 0.0]

    def test_a_cell_shown_as_a_percentage_has_the_sign(self, tmp_path: Path) -> None:
        openpyxl = pytest.importorskip("openpyxl")
        book = openpyxl.Workbook()
        book.active.append(["KR", "From", "To", "Unit", "Oct", "Nov"])
        book.active.append(["K", 0.7, 0.9, "%", 0.74, 0.81])
        for cell in ("B2", "C2", "E2"):
            book.active[cell].number_format = "0%"
        book.save(tmp_path / "signed.xlsx")
        found = read_catalogue(tmp_path / "signed.xlsx", PERCENTS)
        assert found.portfolio["k"].measure == Target(70, 90)
        assert [one.value for one in found.history] == [74.0]
        ((line, path),) = [(one.line, one.path) for one in found.problems if "no percent sign" in one.message]
        assert (line, path) == (2, "Nov")

    def test_a_check_in_is_read_like_any_number_of_its_row(self, tmp_path: Path) -> None:
        path = tmp_path / "said.csv"
        said = "Checkin Date: 2026-01-31; Current Value: {};"
        mapping = {**PERCENTS, "observations": {}, "columns": {**PERCENTS["columns"], "check_ins": "Said"}}
        for target, unit, value, wanted in (
            ("90%", "%", "0.74", []),
            ("90%", "%", "74%", [74.0]),
            ("90", "%", "74", [74.0]),
            ("3", "kEUR", "2", [2000.0]),
        ):
            path.write_text(f"KR,From,To,Unit,Said\nK,,{target},{unit},{said.format(value)}\n")
            found = read_catalogue(path, mapping)
            assert [one.value for one in found.history] == wanted
            assert any("no percent sign" in one.message for one in found.problems) is not bool(wanted)


class TestNumbers:
    @pytest.mark.parametrize(
        ("text", "style", "value"),
        [
            ("1\u2019234.50", {"thousands": "'"}, 1234.5),
            ("1'234.50", {"thousands": "'"}, 1234.5),
            ("12,34,567.8", {"thousands": ",", "grouping": "indian"}, 1234567.8),
            ("1,00,000", {"thousands": ",", "grouping": "indian"}, 100000.0),
            ("(1,234)", {"thousands": ",", "negative": "parentheses"}, -1234.0),
            ("(5 %)", {"negative": "parentheses"}, -5.0),
            ("1234-", {"negative": "trailing"}, -1234.0),
            ("\u20135", {}, -5.0),
            ("\u22125", {}, -5.0),
            ("-5", {"negative": "parentheses"}, -5.0),
            ("1 234,5", {"decimal": ",", "thousands": " "}, 1234.5),
            ("\u202f5\u202f", {}, 5.0),
        ],
    )
    def test_are_read_in_the_notation_that_is_declared(
        self, text: str, style: dict[str, Any], value: float
    ) -> None:
        found = number_of(text, NumberFormat(**style))
        assert found is not None
        assert found[0] == value

    @pytest.mark.parametrize(
        ("text", "remedy"),
        [
            ("83,5", "numbers.decimal to ','"),
            ("1.204,5", "numbers.decimal to ',' and numbers.thousands to '.'"),
            ("1,204", "numbers.thousands or numbers.decimal"),
            ("(1234)", "numbers.negative to 'parentheses'"),
            ("1234-", "numbers.negative to 'trailing'"),
            ("1\u2019234", "numbers.thousands"),
            ("1,00,000", "numbers.grouping to 'indian'"),
            ("many", "digits only"),
        ],
    )
    def test_that_are_not_declared_name_the_remedy(self, text: str, remedy: str) -> None:
        with pytest.raises(Refused, match="no number") as caught:
            number_of(text, NumberFormat())
        assert remedy in str(caught.value)

    @pytest.mark.parametrize("unknown", [(), ("-",), ("k. A.", "offen")])
    def test_words_for_no_value_are_further_ones(self, unknown: tuple[str, ...]) -> None:
        style = NumberFormat(unknown=unknown)
        assert [number_of(word, style) for word in ("n/a", "N/A", "", *unknown)] == [None] * (
            3 + len(unknown)
        )

    def test_of_two_digits_groups_are_no_thousands(self) -> None:
        for text in ("1,00,000", "1,0000", "12,34"):
            with pytest.raises(Refused):
                number_of(text, ENGLISH)
        with pytest.raises(Refused):
            number_of("123,456,789", NumberFormat(thousands=",", grouping="indian"))


class TestDates:
    @pytest.mark.parametrize(
        ("text", "order", "wanted"),
        [
            ("05.01.2026 14:30", "day-first", "2026-01-05T14:30:00"),
            ("1/5/2026 2:30 PM", "month-first", "2026-01-05T14:30:00"),
            ("1/5/2026 12:05 am", "month-first", "2026-01-05T00:05:00"),
            ("5.1.2026, 8:00:09", "day-first", "2026-01-05T08:00:09"),
            ("05-Jan-2026", "day-first", "2026-01-05"),
            ("5 January 2026", "either", "2026-01-05"),
            ("Jan 5, 2026", "month-first", "2026-01-05"),
            ("5. M\u00e4rz 2026", "day-first", "2026-03-05"),
            ("5 de enero de 2026", "day-first", "2026-01-05"),
            ("2026/01/05", "day-first", "2026-01-05"),
            ("2026-01", "period-end", "2026-01-31"),
            ("Feb 2024", "period-end", "2024-02-29"),
            ("2026-Q1", "period-end", "2026-03-31"),
            ("02/2026", "period-end", "2026-02-28"),
            ("2026", "period-end", "2026-12-31"),
            ("2026-01-05", "period-end", "2026-01-05"),
            ("2026-01-05T10:00:00", "day-first", "2026-01-05T10:00:00"),
        ],
    )
    def test_are_read_in_the_order_that_is_declared(self, text: str, order: Any, wanted: str) -> None:
        assert moment_of(text, order).isoformat() == wanted

    @pytest.mark.parametrize(
        ("text", "order", "remedy"),
        [
            ("05.01.26", "day-first", "write four"),
            ("5-Jan-26", "day-first", "write four"),
            ("Jan 26", "period-end", "write four"),
            ("5.1.2026", "iso", "day-first or month-first"),
            ("2026-01", "iso", "period-end"),
            ("Jan 2026", "day-first", "no date"),
            ("5/1/2026", "either", "two ways"),
            ("2026-W02", "iso", "2026-01-05"),
            ("20260105", "iso", "2026-01-05"),
            ("2026-W02", "day-first", "2026-01-05"),
            ("5.13.2026", "day-first", "no date"),
            ("5.1.2026 14:30 PM", "day-first", "AM or PM"),
            ("5.1.2026 25:00", "day-first", "0 to 23"),
            ("2026-13", "period-end", "no date"),
        ],
    )
    def test_that_are_not_name_the_remedy(self, text: str, order: Any, remedy: str) -> None:
        with pytest.raises(Refused, match=remedy):
            moment_of(text, order)

    @given(
        st.dates(dt.date(1601, 1, 1), dt.date(2399, 12, 31)), st.sampled_from(["day-first", "month-first"])
    )
    def test_every_way_to_write_a_day_is_that_day(self, day: dt.date, order: Any) -> None:
        numbers = f"{day:%d/%m/%Y}" if order == "day-first" else f"{day:%m/%d/%Y}"
        for text in (day.isoformat(), numbers, f"{day:%d %B %Y}", f"{day:%b %d, %Y}", f"{day:%Y/%m/%d}"):
            assert date_of(text, order) == day

    def test_reach_every_reader_of_facts(self, tmp_path: Path) -> None:
        path = tmp_path / "a.csv"
        path.write_text("measure;at;value\nk;05.01.2026 14:30;1\n", encoding="utf-8")
        table = TableFormat(dates="day-first", timezone="Europe/Berlin")
        source = FileSource(path=path, system="x", delimiter=";", table=table)
        found = read_history(path, delimiter=";", dates="day-first", timezone="Europe/Berlin")
        assert [str(one.at) for one in found] == ["2026-01-05 13:30:00+00:00"]
        assert [str(one.at) for batch in source.pull() for one in batch] == ["2026-01-05 13:30:00+00:00"]
        with pytest.raises(HistoryError, match="set dates"):
            read_history(path, delimiter=";")
