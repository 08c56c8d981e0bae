"""Formulas: what they may say, in which unit and periods they are, and what is refused (S22.1, S22.2)."""

from __future__ import annotations

import math
import time
from typing import Any

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from okrcore import Cycle, DefinitionError, Formula, Kpi, Objective, OkrError, Portfolio, Target, loads
from okrcore.definitions import KeyResult
from okrcore.definitions.derived import cadence_of, unit_of
from okrcore.definitions.expression import parse_expression
from okrcore.definitions.formulas import formulas_of

HOSTILE = [
    *(
        "(" * 1000,
        "(" * 500 + "a" + ")" * 500,
        "-" * 1000 + "1",
        "9" * 1000,
        "9**9**9",
        "a.__class__",
        "a[0]",
    ),
    *("lambda: 1", "__import__('os')", "\u0430 + 1", "a // b", "1e999", "a if b else c", "a and b", "a == 1"),
    *("prev(a, -1)", "prev(a, 0.5)", "prev(a, b)", "prev(a, 10**9)", "prev(a, True)", "max", "a b", "0x10"),
    *("1_000", "1j", "f(a)", "min()", "min(*a)", "a\0", "'x'", "a @ b", "(a := 1)", "not a", "True", "None"),
    *("+".join(["1"] * 500), "sum(" * 100 + "a" + ")" * 100, "", "\uff41", "yield", "await a", "a, b", "()"),
    *("~a", "1..real", "1if a else 2", "x" * 2000, "a" + " " * 1020 + "@", "coalesce(a)", "abs(a, b)", "{a}"),
    *("a\u202e+b", "\ud800", "a % 2", "a < b", "a\n+ (b"),
]


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_formula_is_refused_at_its_column(text: str) -> None:
    with pytest.raises(DefinitionError, match="expr"):
        Formula(text, {"a": "x", "b": "y"})


def test_hostile_expressions_take_no_time() -> None:
    start = time.perf_counter()
    for text in HOSTILE * 3:
        with pytest.raises(OkrError):
            parse_expression(text)
    assert time.perf_counter() - start < 2  # thousands of times what they take


@given(st.text("ab()+-*/.,0123456789e mincolesprvau_\n", max_size=60))
@settings(max_examples=300, deadline=None)
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        steps = parse_expression(text)
    except DefinitionError:
        return
    assert all(place < at for at, step in enumerate(steps) for place in step.args)
    # what is read is arithmetic that Python reads alike
    names = {step.name: 2.5 for step in steps if step.op == "input"}
    known: dict[str, Any] = {
        "__builtins__": {},
        "min": lambda *x: min(x), "max": lambda *x: max(x), "abs": abs, "sum": lambda *x: math.fsum(x),
        "coalesce": lambda x, n: x, "prev": lambda x, k=1: x,
    }  # fmt: skip
    try:
        expected = float(eval(f"({' '.join(text.split())})", known, names))
    except (ZeroDivisionError, OverflowError):
        return
    assert _value(steps) == pytest.approx(expected, nan_ok=True)


def _value(steps: Any) -> float:
    done: list[float] = []
    ways: dict[str, Any] = {
        "add": lambda x, y: x + y, "sub": lambda x, y: x - y, "mul": lambda x, y: x * y,
        "div": lambda x, y: x / y,
        "neg": lambda x: -x, "abs": abs, "min": lambda *x: min(x), "max": lambda *x: max(x),
        "sum": lambda *x: math.fsum(x), "coalesce": lambda x, n: x, "prev": lambda x: x,
    }  # fmt: skip
    for step in steps:
        own = {"number": step.value, "input": 2.5}.get(step.op)
        done.append(own if own is not None else ways[step.op](*(done[one] for one in step.args)))
    return done[-1]


def _kpis(expr: str, unit: str = "", **inputs: tuple[str, str, str]) -> Portfolio:
    """A portfolio of a formula and its inputs, each a unit, a cadence and an aggregate."""
    parts = [
        Kpi(id=alias, title=alias, unit=one, cadence=cadence or None, aggregate=aggregate)  # type: ignore[arg-type]
        for alias, (one, cadence, aggregate) in inputs.items()
    ]
    return Portfolio.of(
        *parts, Kpi(id="f", title="F", unit=unit, formula=Formula(expr, {one: one for one in inputs}))
    )


@pytest.mark.parametrize(
    ("expr", "units", "unit"),
    [
        ("a / b", ("EUR", "hour"), "EUR/hour"),
        ("a / b", ("EUR", "EUR"), "1"),
        ("a + b", ("hour", "minute"), "hour"),
        ("a * b", ("hour", "EUR/hour"), "EUR"),
        ("(a - b) / a", ("%", "%"), "1"),
        ("1 - a + 0 * b", ("%", "1"), "1"),
        ("a + b", ("", "EUR"), "EUR"),
        ("a * b", ("", ""), ""),
        ("a / b", ("", ""), "1"),
        ("max(a, 5) + coalesce(b, 0)", ("parcel", "parcel"), "parcel"),
        ("a + b", ("EUR", "USD"), "EUR"),
        ("b + a", ("EUR", "USD"), "USD"),
    ],
)
def test_the_unit_follows_from_the_inputs(expr: str, units: tuple[str, str], unit: str) -> None:
    portfolio = _kpis(expr, a=(units[0], "monthly", "sum"), b=(units[1], "monthly", "sum"))
    assert unit_of(portfolio["f"], portfolio) == unit
    assert cadence_of(portfolio["f"], portfolio) == portfolio["a"].cadence


@pytest.mark.parametrize(
    ("expr", "units", "unit", "said"),
    [
        ("a + b", ("EUR", "hour"), "", "column 1: + joins 'EUR' and 'hour'"),
        ("2 * (a - b)", ("parcel", "order"), "", "column 6: - joins 'parcel' and 'order'"),
        ("a / b", ("EUR", "hour"), "EUR", "expr gives 'EUR/hour'"),
        ("a + b", ("%", "percentage_point"), "", "percentage points"),
        ("a * b", ("degC", "meter"), "", "offset"),
    ],
)
def test_units_that_do_not_go_together_are_refused(
    expr: str, units: tuple[str, str], unit: str, said: str
) -> None:
    with pytest.raises(OkrError) as caught:
        _kpis(expr, unit, a=(units[0], "monthly", "sum"), b=(units[1], "monthly", "sum"))
    assert said in str(caught.value)


DOCUMENT = """
okrcore: 1
kpis:
  - {id: net-sales, title: Net sales, unit: EUR, aggregate: sum, cadence: monthly}
  - {id: cogs, title: Cost of goods, unit: USD, aggregate: sum, cadence: monthly}
  - id: margin
    title: Gross margin
    unit: "%"
    formula:
      expr: "(revenue - cost) / revenue"
      inputs: {revenue: net-sales, cost: cogs}
"""


@pytest.mark.parametrize(
    ("old", "new", "place", "said"),
    [
        ("revenue - cost", "revenue - tax", "10:13", "tax is no alias of inputs"),
        ("cost: cogs", "cost: cog", "11:42", "did you mean 'cogs'"),
        ("cost: cogs", "cost: margin", "11:", "reads 'margin' itself"),
        ('unit: "%"', "unit: EUR", "10:13", "expr gives '1'"),
        ("- cost)", "-- cost) // 2", "10:13", "column 19: '// 2"),
        ('"%"\n', '"%"\n    cadence: weekly\n', "12:", "a sum of monthly"),
        ('"%"\n', '"%"\n    zero_when_silent: true\n', "9:", "say it of its inputs"),
    ],
)
def test_faults_of_a_formula_stand_at_their_place(old: str, new: str, place: str, said: str) -> None:
    with pytest.raises(OkrError) as caught:
        loads(DOCUMENT.replace(old, new, 1))
    assert any(str(one).startswith(place) and said in str(one) for one in caught.value.problems), caught.value


def test_circles_are_spelled() -> None:
    def kpi(name: str, other: str) -> Kpi:
        return Kpi(id=name, title=name, formula=Formula("x + 1", {"x": other}))

    with pytest.raises(OkrError) as caught:
        Portfolio.of(kpi("a", "b"), kpi("b", "c"), kpi("c", "a"))
    assert "'a' is computed from 'b' is computed from 'c' is computed from 'a'" in str(caught.value)
    result = KeyResult(id="k", objective="o", title="K", measure=Target(0, 1), measured_by="a")
    year = Cycle.year(2026)
    with pytest.raises(OkrError, match="circle"):
        Portfolio.of(year, Objective(id="o", title="O", cycle=year.id), result, kpi("a", "k"))


def test_a_deep_chain_and_many_diamonds_are_resolved_in_no_time() -> None:
    chain = [Kpi(id="k0", title="0", unit="EUR", cadence="weekly")]
    chain += [
        Kpi(id=f"k{at}", title="n", formula=Formula("a + b", {"a": f"k{at - 1}", "b": "k0"}))
        for at in range(1, 1500)
    ]
    for at in range(1, 200):
        read = {"a": f"d{at - 1}" if at > 1 else "k0", "b": f"e{at - 1}" if at > 1 else "k0"}
        chain += [Kpi(id=f"{name}{at}", title="n", formula=Formula("a + b", read)) for name in "de"]
    portfolio = Portfolio.of(*reversed(chain))
    assert unit_of(portfolio["k1499"], portfolio) == unit_of(portfolio["d199"], portfolio) == "EUR"
    order = [*formulas_of(portfolio)]
    assert order.index("k3") < order.index("k4")
    assert order.index("e5") < order.index("d6")


def test_spelling_makes_no_other_definition() -> None:
    def definition(expr: str, inputs: dict[str, str], **fields: Any) -> str:
        parts = [Kpi(id=name, title=name, unit="EUR", **fields) for name in ("a", "b")]
        portfolio = Portfolio.of(*parts, Kpi(id="f", title="F", formula=Formula(expr, inputs)))
        renamed = portfolio.renamed({"a": "a-2"})
        assert formulas_of(renamed)["f"].definition == formulas_of(portfolio)["f"].definition
        assert renamed["f"].formula.inputs[next(iter(inputs))] == "a-2"
        return formulas_of(portfolio)["f"].definition

    first = definition("x-y", {"x": "a", "y": "b"})
    assert first == definition("( one - two )", {"one": "a", "two": "b"})
    assert first != definition("y - x", {"x": "a", "y": "b"})
    assert first != definition("x-y", {"x": "a", "y": "b"}, aggregate="sum")
