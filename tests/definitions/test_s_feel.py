"""Cells are exact sets: what they hold, how they are written back, and what is refused (S14.1)."""

import datetime as dt
import time
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.priority_table import Column
from okrcore.errors import TableError
from okrcore.priorities import s_feel_literals as literals
from okrcore.priorities.axes import axis_of
from okrcore.priorities.regions import RegionGrid
from okrcore.priorities.s_feel import parse_cell, write_cell
from tests.support.table_models import GRID, cells, column, value


def holds(text, axis, given):
    """Return whether a cell holds a value."""
    line = parse_cell(text, axis)
    grid = RegionGrid.of(axis.domain, [line])
    segment = grid.segment(axis.position(given))
    return segment >= 0 and bool(grid.bits(line) >> segment & 1)


@given(st.data())
def test_a_cell_holds_exactly_what_it_says(data):
    """S14.1: S-FEEL unary tests on every kind of column, unions and not() included."""
    kind = data.draw(st.sampled_from(sorted(GRID)))
    text, meaning = data.draw(cells(kind))
    axis = axis_of(column("c", kind))
    for position in GRID[kind]:
        assert holds(text, axis, value(kind, position)) == meaning(position)


@given(st.data())
def test_writing_a_cell_and_reading_it_gives_the_set_back(data):
    """S14.1: one set, one spelling."""
    kind = data.draw(st.sampled_from(sorted(GRID)))
    axis = axis_of(column("c", kind))
    line = parse_cell(data.draw(cells(kind))[0], axis)
    if line:
        assert parse_cell(write_cell(line, axis), axis) == line
        assert holds(write_cell(line, axis), axis, axis.witness(line))


@given(st.decimals(-(10**6), 10**6, places=6), st.sampled_from(["number", "integer", "date", "duration"]))
def test_a_position_and_its_literal_are_one(number, kind):
    """S14.1: no digit is lost between text and position."""
    position = Fraction(number) if kind == "number" else int(abs(number)) + 1
    assert literals.read(kind, literals.write(kind, position)) == position
    assert literals.position(kind, literals.value(kind, position)) == position


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float_is_the_decimal_that_prints_it(number):
    """S14.1: numbers exact."""
    axis = axis_of(Column(name="x"))
    assert holds(f"[{number!r}..1e399]", axis, number)
    assert not holds(f"> {number!r}", axis, number)
    assert holds(write_cell(parse_cell(repr(number), axis), axis), axis, number)


def test_a_tenth_and_two_tenths():
    """S14.1: 0.1 is a tenth; what floats make of 0.1 + 0.2 is more than 0.3, and decimals make 0.3 of it."""
    axis = axis_of(Column(name="x", low=0, high=1))
    assert holds("0.3", axis, 0.3)
    assert holds("0.3", axis, Decimal("0.1") + Decimal("0.2"))
    assert holds("0.3", axis, Fraction(1, 10) + Fraction(2, 10))
    assert holds("> 0.3", axis, 0.1 + 0.2)
    assert not holds("<= 0.3", axis, 0.1 + 0.2)


@pytest.mark.parametrize(
    ("kind", "text", "inside", "outside"),
    [
        ("date", '< 2026-07-01, date("2027-01-01")', dt.date(2026, 6, 30), dt.date(2026, 7, 1)),
        ("date", ">= 2026-07-01", dt.datetime(2026, 7, 1), dt.datetime(2026, 7, 1, 12)),  # noqa: DTZ001
        ("date", ">= 2026-07-01", np.datetime64("2026-07-01"), np.datetime64("2026-07-01T12")),
        ("duration", "[24h..5d)", "PT24H", "P5D"),
        ("duration", "<= 2w", dt.timedelta(days=14), dt.timedelta(days=14, microseconds=1)),
        ("duration", 'duration("P1DT12H")', "36h", "35h"),
        ("integer", "> 3", 4, 3),
        ("integer", "(3..5)", 4, 5),
        ("number", "1e2", 100, 101),
        ("number", "]1..5[", Decimal("1.000001"), 5),
        ("number", "not(< -0.5, [1..2])", -0.5, 1.5),
    ],
)
def test_literals_of_every_kind(kind, text, inside, outside):
    axis = axis_of(Column(name="c", kind=kind))
    assert holds(text, axis, inside)
    assert not holds(text, axis, outside)


def test_labels_may_hold_anything():
    axis = axis_of(Column(name="c", values=["a, b", "-", 'say "x"', "not(a)", "plain one"]))
    for label in axis.labels:
        line = parse_cell(write_cell(parse_cell('"' + label.replace('"', '\\"') + '"', axis), axis), axis)
        assert axis.witness(line) == label
    assert parse_cell("-", axis) == axis.domain
    assert holds("plain one", axis, "plain one")


def test_most_of_many_labels_are_written_as_what_is_left_out():
    axis = axis_of(Column(name="c", values=[f"l{n}" for n in range(20)]))
    line = parse_cell("not(l3, l7)", axis)
    assert write_cell(line, axis) == "not(l3, l7)"
    assert parse_cell(write_cell(line, axis), axis) == line


def test_flags_are_labels():
    axis = axis_of(Column(name="kpi.guardrail", values=[True, False]))
    assert holds("true", axis, True)
    assert holds("not(true)", axis, False)


NUMBER, COLOUR = Column(name="n"), Column(name="c", values=["red", "green"])


@pytest.mark.parametrize(
    ("on", "text"),
    [
        *(
            (NUMBER, text)
            for text in ["", " ", ",", "1,", "abc", "<", "<<3", "< abc", "[1..2", "1..2", "[1..2..3]"]
        ),
        *(
            (NUMBER, text)
            for text in ["[5..1]", "not(not(3))", "not(3), 4", "not()", "1e99999", "1" * 101, "0x10"]
        ),
        *(
            (NUMBER, text)
            for text in ["nan", "inf", "1_000", "\u0663", "1/3", "3 4", "[a..b]", "not(-)", '"3']
        ),
        *(
            (COLOUR, text)
            for text in ["blue", "< red", "[red..green]", "red,,green", '"red', "RED", "not(blue)"]
        ),
        *((Column(name="d", kind="date"), text) for text in ["2026-02-30", "tomorrow", "26-01-01", "5"]),
        *(
            (Column(name="t", kind="duration"), text)
            for text in ["P", "PT", "P1M", "P1Y", "5", "5x", "9999999999w"]
        ),
        *(
            (NUMBER, text)
            for text in ["(" * 4000, "not(" * 1000, "1," * 2000, '"' * 4001, "[" * 2000 + ".." * 900]
        ),
        (NUMBER, "9" * 1_000_000),
        (COLOUR, "red, " * 1_000_000),
    ],
)
def test_hostile_cells_are_refused_at_once(on, text):
    """S14.1: an ill-typed cell is an error that names column, cell, fault and remedy, in bounded time."""
    axis = axis_of(on)
    begin = time.perf_counter()
    with pytest.raises(TableError, match=f"column '{on.name}', cell ") as error:
        parse_cell(text, axis)
    assert time.perf_counter() - begin < 0.5
    assert len(str(error.value)) < 300


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"low": 5, "high": 1}, "holds nothing between 5 and 1"),
        ({"kind": "integer", "low": 0.2, "high": 0.8}, "holds nothing"),
        ({"kind": "date", "low": "soon"}, "has the bound 'soon'; give a date"),
        ({"kind": "duration", "high": dt.date(2026, 1, 1)}, "give a duration"),
        ({"kind": "integer", "values": [1, 2.5]}, "has the bound '2.5'; give an integer"),
        ({"values": [str(n) for n in range(10_001)]}, "lists 10001 values; give 10000 or fewer"),
    ],
)
def test_a_domain_that_cannot_be_is_refused(given, fault):
    with pytest.raises(TableError, match=fault):
        axis_of(Column(name="c", **given))


@pytest.mark.parametrize(
    "given", [None, float("nan"), float("inf"), True, "abc", [1], Decimal("1e999999"), 1j]
)
def test_what_is_no_number_has_no_position(given):
    """S14.1: a value outside its column's domain counts as missing."""
    assert axis_of(Column(name="n")).position(given) is None
