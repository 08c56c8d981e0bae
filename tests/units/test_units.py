"""Laws of unit texts, exact conversions and pint quantities (S1.1 to S1.4, S1.6)."""

from __future__ import annotations

import math
import re
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pint
import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

import okrcore
from okrcore.errors import UnitError
from okrcore.units.conversion import (
    Conversion,
    check_declared,
    check_unit,
    conversion,
    convertible,
    root,
)
from okrcore.units.quantities import from_quantity, is_quantity, to_quantity
from okrcore.units.unit_names import vocabulary
from okrcore.units.unit_text import format_unit, parse_unit

NAMES = vocabulary()
REGISTRY: Any = pint.UnitRegistry()
for definition in ("customer = [customer]", "pallet = [pallet]", "EUR = [currency]"):
    REGISTRY.define(definition)
FILE = Path(okrcore.__path__[0]) / "data" / "units.txt"
FAMILIES = [
    ("second", "minute", "hour", "day", "week", "month", "quarter", "half_year", "year", "ms"),
    ("bit", "byte", "kB", "KiB", "MB", "GiB", "TB"),
    ("mm", "m", "km", "inch", "foot", "mile"),
    ("g", "kg", "tonne", "pound", "ounce"),
    ("J", "kWh", "MWh", "kcal", "GJ"),
    ("W", "kW", "MW", "joule/second"),
    ("m^3", "liter", "ml", "gallon", "oil_barrel"),
    ("1", "%", "permille", "ppm"),
    ("percentage_point", "basis_point"),
    ("degC", "degF", "kelvin"),
    ("parcel/hour", "parcels/day", "parcel/year"),
]
pairs = st.sampled_from(FAMILIES).flatmap(lambda f: st.tuples(st.sampled_from(f), st.sampled_from(f)))
triples = st.sampled_from(FAMILIES).flatmap(lambda f: st.tuples(*[st.sampled_from(f)] * 3))
values = st.floats(-1e12, 1e12)
terms = st.dictionaries(
    st.sampled_from([*sorted({*NAMES.physical} - NAMES.offsets)[:40], "customer", "EUR", "m", "h"]),
    st.sampled_from([-4, -3, -2, -1, 1, 2, 3, 4]),
    max_size=4,
)


def exact(change: Conversion, value: Fraction) -> Fraction:
    return (value * change.numerator + change.offset) / change.denominator


def refusal(text: str, declared: tuple[str, ...] = ()) -> str:
    try:
        check_unit(text, declared)
    except UnitError as error:
        return str(error)
    return ""


class TestRegistryFile:
    def test_every_name_is_given_once(self) -> None:
        """S1.1: a name, symbol or alias means one thing."""
        found = []
        for line in FILE.read_text().splitlines():
            if body := line.partition("#")[0]:
                found += [part.strip() for i, part in enumerate(body.split("=")) if i != 1]
        found = [name for name in found if name != "_"]
        assert len(found) > 500
        assert len(found) == len(set(found))

    def test_pint_reads_the_whole_file_and_means_the_same(self) -> None:
        """S1.1: the file is a pint registry; counts and currencies are dimensions of their own."""
        registry: Any = pint.UnitRegistry(None, non_int_type=Fraction, on_redefinition="raise")
        registry.load_definitions(FILE.read_text().splitlines())
        for name in [*NAMES.counts, *NAMES.currencies]:
            assert dict(registry.Quantity(1, name).to_root_units().unit_items()) == {name: 1}
        for alias, name in NAMES.names.items():
            if alias in registry:
                assert list(registry.Quantity(1, alias).unit_items()) == [(name, 1)]

    def test_definitions_agree_with_the_default_registry_of_pint(self) -> None:
        """An independent table of the same units."""
        default: Any = pint.UnitRegistry()
        agreed = 0
        for name in sorted(NAMES.physical):
            if name in default and name != "quarter":  # a mass there
                theirs, ours = root(default.Quantity, name), root(None, name)
                assert theirs[1] == ours[1], name
                assert math.isclose(theirs[0], ours[0], rel_tol=1e-9), name
                agreed += 1
        assert agreed >= 80

    @pytest.mark.parametrize("name", ["pp", "bp", "pt", "k", "M", "K", "B", "ton"])
    def test_misread_names_are_refused_with_a_remedy(self, name: str) -> None:
        """S1.1: names that pint's default registry misreads are not taken over."""
        with pytest.raises(UnitError, match=r"easily misread; (write|multiply)"):
            check_unit(name)

    @pytest.mark.parametrize("name", ["kilocustomer", "kEUR", "MUSD", "millideal", "kilodegC", "kmonth"])
    def test_counts_currencies_and_times_take_no_prefix(self, name: str) -> None:
        """S1.1: counts take no SI prefix."""
        with pytest.raises(UnitError, match="takes no prefix"):
            check_unit(name)

    def test_calendar_lengths(self) -> None:
        """A year has 365.25 days, 12 months and 4 quarters."""
        assert conversion("year", "day").apply(1.0) == 365.25
        assert conversion("month", "day").apply(1.0) == 30.4375
        assert conversion("year", "month") == Conversion(12, 1)
        assert conversion("quarter", "month") == Conversion(3, 1)

    @pytest.mark.parametrize(("text", "name"), [("people", "person"), ("stories", "story"), ("boxes", "box")])
    def test_plurals(self, text: str, name: str) -> None:
        assert dict(parse_unit(text, ("box",))) == {name: 1}


class TestWhitelist:
    @given(terms)
    def test_format_then_parse_gives_the_terms(self, powers: dict[str, int]) -> None:
        """S1.2: what is written in known names is read as it is written."""
        canonical = {NAMES.names[name]: power for name, power in powers.items()}
        spaced = " ".join(re.findall(r"\*|/|\^|-?\w+|%", format_unit(powers))).replace("^", "**")
        assume(len(canonical) == len(powers) and len(spaced) <= 64)
        assert dict(parse_unit(format_unit(powers))) == dict(parse_unit(spaced)) == canonical

    @given(st.text(max_size=80) | st.text("mh%1^*/ ()+-0123456789.eE_k", max_size=70))
    @example("10**10**10")
    @example("m^2^2")
    @example("m\u00b2")
    @example("\uff4d")
    @example("m\x00")
    @example("customer\n")
    @example("__import__('os')")
    @example("m^" + "9" * 60)
    @example("*" * 64)
    @example("(" * 64)
    def test_only_unit_errors_come_out(self, text: str) -> None:
        """S1.2: any other text is a UnitError that can be printed; what passes is short, ASCII and small."""
        fault = refusal(text)
        assert fault.isprintable()
        assert len(fault) < 400
        if not fault:
            assert len(text) <= 64
            assert text.isascii()
            assert all(abs(power) <= 4 for power in parse_unit(text).values())

    @pytest.mark.parametrize(
        "text",
        [
            "10**10**10",
            "m^2^2",
            "m**2**2",
            "m^-2^-2",
            "m^5",
            "m^-5",
            "m^2.5",
            "m^1e9",
            "m^4*m",
            "m*s*m*s*m*s/m",
            "(m)",
            "m/(h*s)",
            "2*m",
            "m*1",
            "1/1",
            "1^2",
            "1**2/m",
            "m/",
            "/m",
            "m m",
            " ",
            "m\n",
            "m\t",
            "\u33a5",
            "\u216f",
            "m\u2044s",
            "degC/hour",
            "degC^2",
            "hour.__class__",
            "lightyear",
            "100%",
            "h" * 65,
        ],
    )
    def test_refusals(self, text: str) -> None:
        """S1.2: 64 characters, known names, |e| <= 4, no chained powers, 6 terms."""
        with pytest.raises(UnitError, match="; "):
            check_unit(text)

    @pytest.mark.parametrize(
        "text", ["", "1", "%", "1/year", "EUR/user/month", "kg*m^2/s**2", " m ", "m^-2", "m^0"]
    )
    def test_acceptances(self, text: str) -> None:
        check_unit(text)

    @pytest.mark.parametrize("value", [None, 1, b"m", ["m"], 2.5])
    def test_what_is_not_text_is_refused(self, value: object) -> None:
        with pytest.raises(UnitError, match="not text"):
            check_unit(value)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        "text", ["m" * 10**6, "m*" * 500_000, "\u0663" * 10**6, "a" * 64, "10**" * 16 + "9"]
    )
    def test_refusals_are_fast(self, text: str) -> None:
        """S1.2: in microseconds; the bound here is generous for a busy machine."""
        check_unit("customer")
        start = time.perf_counter()
        with pytest.raises(UnitError):
            check_unit(text)
        assert time.perf_counter() - start < 0.05

    @pytest.mark.parametrize(
        ("text", "near"),
        [("custmer", "customer"), ("Customer", "customer"), ("eur", "EUR"), ("palet", "pallet")],
    )
    def test_a_close_name_is_offered(self, text: str, near: str) -> None:
        with pytest.raises(UnitError, match=f"did you mean '{near}'.*declare it under units"):
            check_unit(text, ("pallet",))

    def test_checking_and_equal_units_import_neither_pint_nor_numpy(self) -> None:
        """S1.2: nothing reaches pint's parser; a same unit needs no factor."""
        code = (
            "import sys\n"
            "from okrcore.units.conversion import check_unit, conversion\n"
            "check_unit('parcel/hour'); conversion('customers/h', 'customer/hour').apply(2.0)\n"
            "try: check_unit('10**10**10')\n"
            "except ValueError: print([m for m in ('pint', 'numpy') if m in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


class TestDeclared:
    def test_a_declared_count_is_a_dimension_of_its_own(self) -> None:
        """S1.1: a document may declare more counts."""
        declared = ("pallet",)
        assert conversion("pallets/hour", "pallet/day", declared) == Conversion(24, 1)
        with pytest.raises(UnitError, match=r"\[pallet\].*\[parcel\]"):
            conversion("pallet", "parcel", declared)
        with pytest.raises(UnitError, match="declare it under units"):
            check_unit("pallet")

    def test_all_bad_names_are_reported_at_once(self) -> None:
        with pytest.raises(UnitError) as caught:
            check_declared(("pallet", "hour", "two words", "k", "EUR", "", "m\u00b2", "pallets"))
        assert [problem.path for problem in caught.value.problems] == [f"units[{i}]" for i in range(1, 8)]

    @pytest.mark.parametrize("declared", ["pallet", (1,), ([],), (None, "pallet")])
    def test_what_is_no_tuple_of_names_is_refused(self, declared: tuple[str, ...]) -> None:
        with pytest.raises(UnitError):
            check_unit("m", declared)

    def test_declaring_a_known_count_changes_nothing(self) -> None:
        """A count that a later version knows must not break the documents that declared it."""
        assert parse_unit("customers", ("customer",)) == parse_unit("customers")

    @given(st.text(max_size=70), st.text(max_size=10))
    def test_only_unit_errors_come_out(self, name: str, text: str) -> None:
        assert refusal(text, (name,)).isprintable()

    def test_a_word_in_another_script_is_shown_as_it_is_read(self) -> None:
        assert refusal("St\u00fcck").startswith(
            "unit 'St\u00fcck': has characters outside printable ASCII; write "
        )


class TestConversion:
    @given(pairs, values)
    def test_a_value_is_converted_within_two_roundings(self, pair: tuple[str, str], value: float) -> None:
        """S1.3: value * n / d, an exact integer ratio."""
        change = conversion(*pair)
        assert math.gcd(change.numerator, change.denominator, change.offset) == 1
        want = float(exact(change, Fraction(value)))
        tolerance = 4 * math.ulp(max(abs(want), abs(change.offset / change.denominator)))
        assert abs(change.apply(value) - want) <= tolerance

    @given(pairs, st.integers(-(10**6), 10**6))
    def test_whole_values_are_converted_to_the_nearest_float(self, pair: tuple[str, str], value: int) -> None:
        """S1.3: a met goal must not score 0.9999: while value * n is exact, one rounding is left."""
        change = conversion(*pair)
        if max(abs(value * change.numerator + change.offset), change.denominator) < 2**53:
            assert change.apply(float(value)) == float(exact(change, Fraction(value)))

    @given(triples)
    def test_factors_are_transitive(self, units: tuple[str, str, str]) -> None:
        """S1.3: a to b to c is a to c, exactly."""
        a, b, c = units
        for value in (Fraction(0), Fraction(1), Fraction(7, 3)):
            through = exact(conversion(b, c), exact(conversion(a, b), value))
            assert through == exact(conversion(a, c), value)

    @given(pairs)
    def test_there_and_back_is_the_identity(self, pair: tuple[str, str]) -> None:
        """S1.3: the inverse ratio is the ratio of the inverse."""
        a, b = pair
        assert exact(conversion(b, a), exact(conversion(a, b), Fraction(5, 7))) == Fraction(5, 7)

    @given(pairs, st.lists(values | st.sampled_from([math.nan, math.inf, -0.0, 1e308, 5e-324]), min_size=1))
    def test_arrays_equal_scalars_to_the_last_bit(self, pair: tuple[str, str], many: list[float]) -> None:
        """S1.3: a scalar is an array of one."""
        change = conversion(*pair)
        array = change.apply(np.array(many))
        one_by_one = np.array([change.apply(value) for value in many])
        assert array.tobytes() == one_by_one.tobytes()

    def test_percent_is_exact(self) -> None:
        """S1.4: 70 % is 0.7 exactly; so is every other whole and half percent."""
        assert conversion("%", "1").apply(70.0) == 0.7
        for half in range(401):
            assert conversion("%", "1").apply(half / 2) == half / 200

    def test_percentage_points_are_no_percents(self) -> None:
        """S1.4: an observation in percentage_point on a percent measure is an error."""
        for pair in [("percentage_point", "%"), ("%", "basis_point"), ("percentage_point", "1")]:
            with pytest.raises(UnitError, match="differences of percents"):
                conversion(*pair)
        assert conversion("basis_point", "percentage_point") == Conversion(1, 100)

    def test_temperatures_have_an_offset(self) -> None:
        """S1.3: plus offset for temperatures."""
        assert [conversion("degF", "degC").apply(value) for value in (32.0, 68.0, -40.0)] == [
            0.0,
            20.0,
            -40.0,
        ]
        assert conversion("degC", "degF").apply(100.0) == 212.0
        assert conversion("degC", "kelvin").apply(-273.15) == 0.0

    @pytest.mark.parametrize(
        ("source", "target", "dimensions"),
        [
            ("km", "kg", r"\[length\].*\[mass\]"),
            ("parcel/hour", "parcel", r"\[parcel\]/\[time\].*\[parcel\]"),
            ("EUR", "customer", r"\[EUR\].*\[customer\]"),
            ("EUR*USD", "EUR^2/km", r"\[EUR\]\*\[USD\].*\[EUR\]\^2/\[length\]"),
            ("customer", "1", r"\[customer\].*\(1\)"),
            ("EUR^2", "USD", r"\[EUR\]\^2.*\[USD\]"),
        ],
    )
    def test_units_of_other_dimensions_are_named(self, source: str, target: str, dimensions: str) -> None:
        """S0.3: a unit of another dimension is raised."""
        for convert in (conversion, convertible):
            with pytest.raises(UnitError, match=dimensions) as caught:
                convert(source, target)
            assert repr(source) in str(caught.value)
            assert repr(target) in str(caught.value)

    def test_an_exchange_needs_rates(self) -> None:
        """S1.5: each currency is its own dimension."""
        convertible("EUR/year", "USD/month")
        with pytest.raises(UnitError, match="EUR to USD needs an exchange rate"):
            conversion("EUR/year", "USD/month")

    def test_undeclared_is_the_identity_and_a_same_unit_too(self) -> None:
        """S1.4: "" means undeclared, "1" dimensionless."""
        for pair in [("", "km"), ("km", ""), ("", ""), ("km", "km"), ("customers", "customer"), ("1", "m/m")]:
            assert conversion(*pair) == Conversion(1, 1)
        with pytest.raises(UnitError):
            conversion("", "no such unit")

    def test_factors_past_the_largest_float_are_refused(self) -> None:
        far = "EB^4*PB^4*PiB^4*TWh^4*TJ^4*GWh^4"
        with pytest.raises(UnitError, match="too far apart"):
            conversion(far, "bit^4*kbit^4*byte^4*J^4*cal^4*kJ^4")

    def test_threads_agree(self) -> None:
        """The first conversions of all threads race for the registry; each gets the same answer."""
        code = (
            "from concurrent.futures import ThreadPoolExecutor\n"
            "from threading import Barrier\n"
            "from okrcore.units.conversion import conversion\n"
            "pairs = [('mile', 'km'), ('kWh', 'MJ'), ('degF', 'degC'), ('year', 's'), ('l', 'm^3')] * 8\n"
            "ready = Barrier(8)\n"
            "def work(i):\n"
            "    ready.wait()\n"
            "    return [conversion(*pair) for pair in pairs[i:] + pairs[:i]]\n"
            "with ThreadPoolExecutor(8) as pool: found = list(pool.map(work, range(8)))\n"
            "print(len({(a, f) for i in range(8) for a, f in zip(pairs[i:] + pairs[:i], found[i])}))"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "5"


class TestQuantities:
    @given(
        st.sampled_from(
            sorted({*NAMES.physical} - {"percentage_point", "basis_point", "quarter", "half_year"})
        ),
        values,
    )
    def test_there_and_back_through_the_callers_registry(self, name: str, value: float) -> None:
        """S1.6: results are handed back as quantities of the caller's registry, and read again."""
        text = name if name in NAMES.offsets else f"customer/{name}^2"
        assert from_quantity(to_quantity(value, text, REGISTRY)) == (value, text)

    @pytest.mark.parametrize(
        ("text", "want"),
        [
            ("36 km/hour", (36.0, "kilometer/hour")),
            ("98 %", (98.0, "percent")),
            ("12", (12.0, "1")),
            ("5 metric_ton", (5.0, "tonne")),
            ("3 / month", (3.0, "1/month")),
            ("3 customer", (3.0, "customer")),
            ("4 pallet/day", (4.0, "pallet/day")),
            ("7 EUR/month", (7.0, "EUR/month")),
        ],
    )
    def test_quantities_of_another_registry_are_read(self, text: str, want: tuple[float, str]) -> None:
        """S1.6: a pint Quantity from any registry is accepted; a count unknown here may be declared."""
        assert from_quantity(REGISTRY(text) if text != "12" else REGISTRY.Quantity(12, "")) == want

    @pytest.mark.parametrize(
        "text",
        [
            "quarter",
            "point",
            "furlong",
            "delta_degC",
            "m^0.5",
            "m^5",
            "delta_degC/hour",
            "decade",
            "acre",
            "dBm",
        ],
    )
    def test_what_means_something_else_is_refused(self, text: str) -> None:
        """S1.6: a unit passes by its name, and only where the name means the same."""
        with pytest.raises(UnitError):
            from_quantity(REGISTRY.Quantity(3, text))

    def test_a_month_of_thirty_days_is_another_month(self) -> None:
        """S1.6: the same name and dimension are not enough, the length must agree as well."""
        registry: Any = pint.UnitRegistry(["second = [time]", "day = 86400 * second", "month = 30 * day"])
        assert from_quantity(registry.Quantity(3, "day")) == (3.0, "day")
        with pytest.raises(UnitError, match="'month' means something else here"):
            from_quantity(registry.Quantity(3, "month"))

    @pytest.mark.parametrize("magnitude", [np.array([1.0, 2.0]), np.array([1.0]), 1 + 2j])
    def test_a_magnitude_is_one_real_number(self, magnitude: object) -> None:
        with pytest.raises(UnitError, match="not one real number"):
            from_quantity(REGISTRY.Quantity(magnitude, "meter"))

    def test_numbers_are_no_quantities(self) -> None:
        assert not any(map(is_quantity, (1.0, "m", None, np.ones(2), REGISTRY.meter)))
        assert is_quantity(REGISTRY("3 meter"))
        with pytest.raises(UnitError, match="not a pint quantity"):
            from_quantity(3.0)

    @pytest.mark.parametrize("unit", ["EUR", "ticket", "basis_point", "item/day", "unit"])
    def test_what_the_caller_lacks_is_named_and_not_defined(self, unit: str) -> None:
        """S1.6: the embedding application's registry is never changed."""
        registry: Any = pint.UnitRegistry()
        before = set(dir(registry))
        with pytest.raises(UnitError, match=r"registry\.define\('"):
            to_quantity(1.0, unit, registry)
        for other in ("point", "quarter"):
            with pytest.raises(UnitError, match="means something else in your registry"):
                to_quantity(1.0, other, registry)
        to_quantity(1.0, "meter/hour", registry)
        assert set(dir(registry)) == before

    def test_a_plain_registry_takes_part(self) -> None:
        """The remedy of the error works: each definition it names can be added by the caller."""
        registry: Any = pint.UnitRegistry()
        for unit in ("ticket", "percentage_point", "basis_point"):
            with pytest.raises(UnitError) as caught:
                to_quantity(2.0, unit, registry)
            registry.define(str(caught.value).split("registry.define('")[1].removesuffix("')"))
            assert from_quantity(to_quantity(2.0, unit, registry)) == (2.0, unit)

    def test_arrays_and_the_application_registry(self) -> None:
        """S1.6: pint's application registry is neither replaced nor needed."""
        application: Any = pint.application_registry
        before = application.get()
        quantity = to_quantity(np.array([1.0, 2.0]), "km", application)
        conversion("mile", "km")
        assert quantity.to("meter").magnitude.tolist() == [1000.0, 2000.0]
        assert application.get() is before

    def test_an_undeclared_unit_is_not_handed_out(self) -> None:
        with pytest.raises(UnitError, match="undeclared"):
            to_quantity(1.0, "", REGISTRY)
        assert to_quantity(1.0, "1", REGISTRY).dimensionless


ADVICE = {
    "percentage points": "write percentage_point",
    "Percentage Point": "write percentage_point",
    "% points": "write percentage_point",
    "ppt": "write percentage_point",
    "p.p.": "declare it under units|join names|write",
    "basis points": "write basis_point",
    "story points": "write story_point",
    "page views": "write page_view",
    "NPS points": "write NPS_point, one name, and declare it under units",
    "active customers": "write active_customer, one name, and declare it under units",
    "NPS": "'NPS' is not a known unit; declare it under units",
    "nps": "'nps' is not a known unit; declare it under units",
    "CSAT": "'CSAT' is not a known unit; declare it under units",
    "hrs": "did you mean 'hr'",
    "Prozent": "write %",
    "\u20ac": "write EUR$",
    "k\u20ac": "write EUR, with the values scaled to it",
    "$": "write USD, or the code of another dollar",
}


@pytest.mark.parametrize("text", ADVICE)
def test_a_unit_in_words_or_signs_is_told_how_to_write_it(text: str) -> None:
    with pytest.raises(UnitError, match=ADVICE[text]):
        check_unit(text)


@pytest.mark.parametrize("text", [text for text, said in ADVICE.items() if said.startswith("write ")])
def test_what_is_advised_is_a_unit(text: str) -> None:
    """Advice that is followed works: as it stands, or declared where it says so."""
    said = ADVICE[text].removeprefix("write ").rstrip("$")
    name, declared = said.split(",")[0], "declare it" in said
    check_unit(name, (name,) if declared else ())
