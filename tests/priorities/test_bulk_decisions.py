"""Deciding columns of inputs is deciding row by row (S14.2)."""

import datetime as dt
import math
import struct
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from okrcore.definitions.priority_outcomes import Outcome
from okrcore.definitions.priority_table import Column, PriorityRule, PriorityTable
from okrcore.errors import TableError
from okrcore.priorities.bulk_decisions import Codes, decide_rows
from okrcore.priorities.table_rulings import decide_table
from tests.support.table_models import models

X, Y = Outcome(winner="x"), Outcome(winner="y")
ODD: list[Any] = [
    None,
    float("nan"),
    "nonsense",
    True,
    Decimal("0.3"),
    Fraction(1, 3),
    10**30,
    [],
    dt.date(1999, 1, 1),
]


def held(values, kind):
    """Return values as the array that a caller would bring."""
    if kind == "number":
        return np.array(values, dtype=float)
    if kind == "integer":
        return np.array(values, dtype=np.int32)
    if kind == "date":
        return np.array(values, dtype="datetime64[ns]")
    if kind == "duration":
        return np.array(values, dtype="timedelta64[ms]")
    return np.array(values)


def column_of(values):
    """Return any values as an array of objects."""
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found


@given(st.data())
def test_bulk_equals_row_by_row(data):
    """S14.6: the same rulings, from arrays of the column's kind, of objects, and with anything missing."""
    model = data.draw(models(most_columns=3, total=False))
    points = data.draw(st.lists(st.sampled_from(model.points()), min_size=1, max_size=20))
    rows = [model.inputs(point) for point in points]
    columns: dict[str, Any] = {name: [row[name] for row in rows] for name in rows[0]}
    for name, kind in zip(columns, model.kinds, strict=True):
        form = data.draw(st.sampled_from(["plain", "objects", "odd", "codes"]))
        if form == "odd":
            columns[name] = [data.draw(st.sampled_from([one, *ODD])) for one in columns[name]]
        elif form == "codes":
            columns[name] = Codes(np.arange(len(rows)) - 1, columns[name])
        columns[name] = held(columns[name], kind) if form == "plain" else columns[name]
        columns[name] = column_of(columns[name]) if form in ("objects", "odd") else columns[name]
    expected = []
    for row in range(len(rows)):
        try:
            one = decide_table(model.table, {name: column[row] for name, column in columns.items()})
        except TableError as error:
            with pytest.raises(TableError, match=rf"^row {row}: {str(error)[:14]}"):
                decide_rows(model.table, columns)
            return
        expected.append(one)
    found = decide_rows(model.table, columns)
    assert list(found) == expected
    assert found.winner.tolist() == [one.winner for one in expected]
    assert found.rule.tolist() == [one.rule for one in expected]
    assert len(found) == len(rows)
    assert found[0] == expected[0]


def around(number):
    """Return a float, and those next to it."""
    return [math.nextafter(number, -math.inf), number, math.nextafter(number, math.inf)]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False, width=64), min_size=1, max_size=6))
def test_limits_are_exact_to_the_last_bit(limits):
    """S14.1: a float on one side of a limit is on that side in bulk too."""
    rows = [PriorityRule(id=f"R{n}", when={"x": f"<= {limit!r}"}, then=X) for n, limit in enumerate(limits)]
    rows += [PriorityRule(id=f"S{n}", when={"x": f"< {limit!r}"}, then=X) for n, limit in enumerate(limits)]
    table = PriorityTable(columns=[Column(name="x")], rules=rows, default=Y, hit_policy="R")
    column = np.array([one for limit in limits for one in around(limit)] + [0.1 + 0.2, 0.0, -0.0])
    assert list(decide_rows(table, {"x": column})) == [decide_table(table, {"x": one}) for one in column]


@pytest.mark.parametrize(
    "limit", ["0.3", "0.1", "1e-400", "-1e-400", "1e400", "-1e400", "9007199254740993", "5e-324"]
)
def test_limits_between_two_floats(limit):
    """S14.1: a limit that no float equals still parts the floats exactly."""
    rows = [PriorityRule(id="R", when={"x": f"<= {limit}"}, then=X)]
    table = PriorityTable(columns=[Column(name="x")], rules=rows, default=Y)
    near = float(Fraction(limit)) if abs(Fraction(limit)) < 10**300 else math.copysign(1e308, float(limit))
    bits = struct.unpack("<q", struct.pack("<d", near))[0]
    steps = [
        struct.unpack("<d", struct.pack("<q", bits + step))[0] for step in range(-3, 4) if bits + step >= 0
    ]
    column = np.array([one for one in [*steps, 0.0, 5e-324, -5e-324, 1e308, -1e308] if not math.isnan(one)])
    expected = [decide_table(table, {"x": one}).winner for one in column]
    assert decide_rows(table, {"x": column}).winner.tolist() == expected
    assert expected == ["x" if Fraction(repr(float(one))) <= Fraction(limit) else "y" for one in column]


def test_whole_numbers_beyond_floats_and_types():
    """Integers of any width are compared as they are, never through a float."""
    big = 2**53
    rows = [PriorityRule(id="R", when={"x": f"[{-(2**63)}..{big}]"}, then=X)]
    for kind in ("number", "integer"):
        table = PriorityTable(columns=[Column(name="x", kind=kind)], rules=rows, default=Y)
        signed = np.array([-(2**63), 0, big, big + 1, 2**63 - 1])
        assert decide_rows(table, {"x": signed}).winner.tolist() == ["x", "x", "x", "y", "y"]
        unsigned = np.array([0, big, big + 1, 2**64 - 1], dtype=np.uint64)
        assert decide_rows(table, {"x": unsigned}).winner.tolist() == ["x", "x", "y", "y"]
        small = np.array([-128, 0, 127], dtype=np.int8)
        assert decide_rows(table, {"x": small}).winner.tolist() == ["x"] * 3


def test_a_float_between_integers_is_missing_to_an_integer_column():
    rows = [PriorityRule(id="R", when={"x": "<= 2"}, then=X)]
    table = PriorityTable(columns=[Column(name="x", kind="integer")], rules=rows, default=Y)
    column = np.array([2.0, 2.5, 3.0, np.inf, -np.inf, np.nan])
    assert decide_rows(table, {"x": column}).winner.tolist() == ["x", None, "y", None, None, None]


def test_limits_at_the_ends_of_an_integer_type():
    rows = [
        PriorityRule(id=f"R{n}", when={"x": cell}, then=X)
        for n, cell in enumerate(["127", "-128", "[-9..9]"])
    ]
    table = PriorityTable(columns=[Column(name="x")], rules=rows, default=Y)
    column = np.array([127, 126, 10, 9, -127, -128], dtype=np.int8)
    assert decide_rows(table, {"x": column}).winner.tolist() == ["x", "y", "y", "x", "y", "x"]


def test_many_rules_and_columns_need_more_than_one_word():
    """More than 64 rows: masks of several words."""
    columns = [Column(name=f"c{n}", kind="integer", low=0, high=99) for n in range(3)]
    rows = [
        PriorityRule(id=f"R{n:03}", when={f"c{n % 3}": f"[{n % 50}..{n % 50 + 30}]"}, then=X)
        for n in range(150)
    ]
    table = PriorityTable(columns=columns, rules=rows, default=Y, hit_policy="ANY")
    rng = np.random.default_rng(3)
    inputs = {column.name: rng.integers(-2, 102, 300) for column in columns}
    found = decide_rows(table, inputs)
    for row in range(300):
        assert found[row] == decide_table(table, {name: int(given[row]) for name, given in inputs.items()})


def test_instants_durations_and_categories():
    columns = [
        Column(name="d", kind="date"),
        Column(name="t", kind="duration"),
        Column(name="s", values=["a", "b"]),
    ]
    rows = [PriorityRule(id="R", when={"d": ">= 2026-07-01", "t": "< 24h", "s": "a"}, then=X)]
    table = PriorityTable(columns=columns, rules=rows, default=Y)
    found = decide_rows(
        table,
        {
            "d": np.array(["2026-07-01", "2026-07-01T12:00", "NaT", "2026-06-30"], dtype="datetime64[m]"),
            "t": np.array([23, 23, 23, 23], dtype="timedelta64[h]"),
            "s": Codes(np.array([0, 0, 0, 0]), ["a", "b"]),
        },
    )
    assert found.winner.tolist() == ["x", None, None, "y"]
    assert found[1].missing == ("d",)


def test_pandas_categoricals_are_read_as_codes():
    pandas = pytest.importorskip("pandas")
    table = PriorityTable(
        columns=[Column(name="s", values=["a", "b"])],
        rules=[PriorityRule(id="R", when={"s": "a"}, then=X)],
        default=Y,
    )
    series = pandas.Series(["a", "b", None, "zzz"], dtype="category")
    for column in (series, series.array, series.astype(object)):
        assert decide_rows(table, {"s": column}).winner.tolist() == ["x", "y", None, None]


def test_columns_not_given_and_columns_of_unequal_length():
    table = PriorityTable(columns=[Column(name="a"), Column(name="b")], rules=[], default=Y)
    assert decide_rows(table, {"a": [1.0, 2.0]})[0].missing == ("b",)
    assert len(decide_rows(table, {})) == 0
    assert len(decide_rows(table, {"a": np.array([]), "b": np.array([])})) == 0
    for bad in ({"a": [1.0], "b": [1.0, 2.0]}, {"a": [[1.0]], "b": [[2.0]]}):
        with pytest.raises(TableError, match="one-dimensional arrays of one length"):
            decide_rows(table, bad)
    with pytest.raises(TableError, match="no place in its categories"):
        decide_rows(table, {"a": Codes(np.array([0, 5]), [1, 2]), "b": [1.0, 2.0]})


def test_a_clash_names_the_first_row_that_has_it():
    rows = [PriorityRule(id=f"R{n}", when={"a": f"> {n}"}, then=X) for n in range(2)]
    table = PriorityTable(columns=[Column(name="a")], rules=rows, default=Y)
    with pytest.raises(TableError, match=r"row 2: rules R0 and R1 both match where a: 7\.5;"):
        decide_rows(table, {"a": [0.5, -1.0, 7.5, 8.0]})
    agreed = attrs.evolve(table, hit_policy="ANY")
    assert decide_rows(agreed, {"a": [0.5, -1.0, 7.5]}).winner.tolist() == ["x", "y", "x"]
