"""Compute the value of a formula from arrays of its inputs: unknown in, unknown out (S22.2)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from okrcore.definitions.formula_units import ProgramStep
from okrcore.frozen import FrozenDict

Floats = NDArray[np.float64]


def formula_values(steps: Sequence[ProgramStep], inputs: Floats) -> Floats:
    """Return the value of a formula: `inputs` (inputs, ..., periods) gives (..., periods).

    `prev` looks back along the last axis and finds nothing before its start. NaN is unknown; x / 0 and what
    is beyond the greatest number are unknown too. Cost in proportion to steps times values.

    >>> from okrcore.definitions.expression import parse_expression
    >>> from okrcore.definitions.formula_units import unit_program
    >>> margin = unit_program(parse_expression("(r - c) / r"), ["r", "c"], ["EUR", "EUR"], "%", ())
    >>> formula_values(margin.steps, np.array([[200.0, 0.0, np.nan], [150.0, 1.0, 2.0]]))
    array([25., nan, nan])
    """
    done: list[Any] = []
    with np.errstate(all="ignore"):
        for step in steps:
            args = [done[place] for place in step.args]
            if step.op == "input":
                done.append(inputs[step.input])
            elif step.op == "number":
                done.append(np.float64(step.value))
            elif step.op == "prev":
                done.append(_earlier(np.broadcast_to(args[0], inputs.shape[1:]), int(step.value), np.nan))
            elif step.op == "convert":
                assert step.conversion is not None
                done.append(step.conversion.apply(args[0]))
            else:
                done.append(_OPERATIONS[step.op](*args))
    result: Floats = np.broadcast_to(done[-1], inputs.shape[1:])
    return np.where(np.isfinite(result), result, np.nan)


def formula_known(steps: Sequence[ProgramStep], present: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return whether all that a formula cannot do without is `present` (inputs, ..., periods).

    Its value may be unknown all the same, where it divides by 0: that is undefined, and not missing.

    >>> from okrcore.definitions.expression import parse_expression
    >>> from okrcore.definitions.formula_units import unit_program
    >>> program = unit_program(parse_expression("coalesce(a, 0) / b"), ["a", "b"], ["1", "1"], "1", ())
    >>> formula_known(program.steps, np.array([[False, True], [True, False]]))
    array([ True, False])
    """
    done: list[Any] = []
    for step in steps:
        args = [done[place] for place in step.args]
        if step.op == "input":
            done.append(present[step.input])
        elif step.op == "prev":
            done.append(_earlier(np.broadcast_to(args[0], present.shape[1:]), int(step.value), False))
        elif step.op == "coalesce":
            done.append(np.logical_or(*args))
        else:
            done.append(reduce(np.logical_and, args, np.True_))
    result: NDArray[np.bool_] = np.broadcast_to(done[-1], present.shape[1:])
    return result


def needed(steps: Sequence[ProgramStep]) -> tuple[tuple[int, int], ...]:
    """Return the inputs that a formula looks at, each with how many periods it looks back, in order.

    >>> needed([ProgramStep("input", input=0), ProgramStep("prev", (0,), 2.0)])
    ((0, 2),)
    """
    back, found = [0] * len(steps), set()
    for place in range(len(steps) - 1, -1, -1):
        step = steps[place]
        if step.op == "input":
            found.add((step.input, back[place]))
        for one in step.args:
            back[one] = back[place] + (int(step.value) if step.op == "prev" else 0)
    return tuple(sorted(found))


def _divided(left: Any, right: Any) -> Any:
    return left / np.where(right == 0, np.nan, right)


def _earlier(values: NDArray[Any], back: int, nothing: float) -> NDArray[Any]:
    shifted = np.full_like(values, nothing)
    if back < values.shape[-1]:
        shifted[..., back:] = values[..., :-back]
    return shifted


def _each(join: np.ufunc) -> Callable[..., Any]:
    def joined(first: Any, *more: Any) -> Any:
        for one in more:
            first = join(first, one)
        return first

    return joined


_OPERATIONS: Mapping[str, Callable[..., Any]] = FrozenDict(
    {
        "add": np.add,
        "sub": np.subtract,
        "mul": np.multiply,
        "div": _divided,
        "neg": np.negative,
        "abs": np.abs,
        "min": _each(np.minimum),
        "max": _each(np.maximum),
        "sum": _each(np.add),
        "coalesce": lambda value, other: np.where(np.isnan(value), other, value),
    }
)
