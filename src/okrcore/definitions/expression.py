"""Read an arithmetic expression through an allow-list: numbers, names, and a few functions (S22.1)."""

from __future__ import annotations

import ast
import hashlib
import math
import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn

from okrcore.errors import DefinitionError

LONGEST, MOST_NODES, FURTHEST = 1024, 256, 366
"""Characters and nodes that an expression has at most, and periods that `prev` goes back."""

_TOKENS = re.compile(
    r"(?:[ \t\r\n]+|(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_.])"
    r"|[A-Za-z_][A-Za-z0-9_]*|\*(?!\*)|/(?!/)|[-+(),])*"
)
_WORDS = re.compile(r"[A-Za-z0-9_.]+")
_DEEPEST = 60
_OPERATORS: Mapping[type, str] = {ast.Add: "add", ast.Sub: "sub", ast.Mult: "mul", ast.Div: "div"}
SIGNS: Mapping[str, str] = {"add": "+", "sub": "-", "mul": "*", "div": "/"}
_ARGUMENTS = {"min": (1, None), "max": (1, None), "sum": (1, None), "abs": (1, 1)}
_ARGUMENTS |= {"coalesce": (2, 2), "prev": (1, 2)}
FUNCTIONS = tuple(sorted(_ARGUMENTS))
_ALLOWED = "write numbers, aliases, + - * / ( ) and " + ", ".join(FUNCTIONS)


class ExpressionNode(NamedTuple):
    """One step of an expression: an operation on the results of earlier steps.

    `op` is "number", "input", "neg", "abs", "add", "sub", "mul", "div", "min", "max", "sum", "coalesce" or
    "prev"; `value` is that of a number, and of `prev` how many periods it goes back; `column` counts from 1.
    """

    op: str
    args: tuple[int, ...] = ()
    value: float = 0.0
    name: str = ""
    column: int = 0


@lru_cache(maxsize=4096)
def parse_expression(text: str) -> tuple[ExpressionNode, ...]:
    """Return the steps of an expression, operands before what they serve; the last one is its value.

    Raises DefinitionError that says what is wrong and at which column: an expression of more than 1,024
    characters or 256 nodes, and anything that is not a number, a name, + - * /, a parenthesis, or min, max,
    abs, sum, coalesce(x, n) and prev(x, k). Nothing is evaluated; a refusal takes microseconds.

    >>> [node.op for node in parse_expression("(revenue - cost) / revenue")]
    ['input', 'input', 'sub', 'input', 'div']
    """
    if len(text) > LONGEST:
        raise DefinitionError(f"has {len(text)} characters; write at most {LONGEST}")
    good = _TOKENS.match(text)
    end = good.end() if good else 0
    if end < len(text):
        _refuse(end, f"{text[end : end + 12]!a} is no part of a formula; {_ALLOWED}")
    if len(_WORDS.findall(text)) > MOST_NODES:
        raise DefinitionError(f"has more than {MOST_NODES} nodes; make KPIs of its parts")
    if not text.strip():
        raise DefinitionError("is empty; write a formula such as revenue - cost")
    depth = deepest = signs = 0
    for character in text:
        depth += (character == "(") - (character == ")")
        signs = signs + 1 if character in "+-" else signs if character.isspace() else 0
        deepest = max(deepest, depth, signs)
    if deepest > _DEEPEST:
        raise DefinitionError(f"is nested {deepest} deep; write at most {_DEEPEST}")
    try:
        tree = ast.parse(f"({text.translate(_SPACES)})", mode="eval")
    except SyntaxError as error:
        why = re.split(r"[.;,]", error.msg)[0]
        _refuse(min(max((error.offset or 2) - 2, 0), len(text)), f"cannot be read, {why}; correct it")
    except (ValueError, MemoryError, RecursionError):
        raise DefinitionError("cannot be read; write it in fewer and shorter parts") from None
    count = sum(1 for node in ast.walk(tree) if not isinstance(node, ast.expr_context | ast.operator))
    if count > MOST_NODES:
        raise DefinitionError(f"has more than {MOST_NODES} nodes; make KPIs of its parts")
    return tuple(_steps(tree.body))


_SPACES = {9: 32, 10: 32, 13: 32}


def _steps(root: ast.expr) -> list[ExpressionNode]:
    """Return the steps below a node, in order, without recursion."""
    steps: list[ExpressionNode] = []
    done: list[int] = []  # the places of operands that wait for what they serve
    waiting: list[tuple[ast.expr, bool]] = [(root, False)]
    while waiting:
        node, ready = waiting.pop()
        op, operands, value, name = _step(node)
        if operands and not ready:
            waiting.append((node, True))
            waiting += [(one, False) for one in reversed(operands)]
            continue
        args = tuple(done[len(done) - len(operands) :]) if operands else ()
        del done[len(done) - len(operands) :]
        done.append(len(steps))
        steps.append(ExpressionNode(op, args, value, name, max(node.col_offset, 1)))
    return steps


def _step(node: ast.expr) -> tuple[str, list[ast.expr], float, str]:
    """Return operation, operands, number and name of one node, or refuse it."""
    match node:
        case ast.Constant(value=bool()) | ast.Constant(value=None):
            pass
        case ast.Constant(value=int() | float() as number):
            return "number", [], _number(number, node), ""
        case ast.Name(id=name) if name not in _ARGUMENTS:
            return "input", [], 0.0, name
        case ast.Name(id=name):
            _refuse(node.col_offset - 1, f"{name} is a function; write {name}(...)")
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return "neg", [operand], 0.0, ""
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return "sum", [operand], 0.0, ""
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in _OPERATORS:
            return _OPERATORS[type(sign)], [left, right], 0.0, ""
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]) if name in _ARGUMENTS:
            return _call(node, name, args)
        case ast.Call(func=ast.Name(id=name)):
            _refuse(node.col_offset - 1, f"{name:.40} is no function here; write {', '.join(FUNCTIONS)}")
    return _refuse(node.col_offset - 1, f"{type(node).__name__} is no part of a formula; {_ALLOWED}")


def _call(node: ast.expr, name: str, args: list[ast.expr]) -> tuple[str, list[ast.expr], float, str]:
    least, most = _ARGUMENTS[name]
    if len(args) < least or (most is not None and len(args) > most):
        wanted = f"{least}" if most == least else f"{least} or more" if most is None else f"{least} or {most}"
        _refuse(node.col_offset - 1, f"{name} has {len(args)} arguments; give it {wanted}")
    if name != "prev":
        return name, args, 0.0, ""
    match args[1:]:
        case []:
            return name, args[:1], 1.0, ""
        case [ast.Constant(value=int() as back)] if not isinstance(back, bool) and 1 <= back <= FURTHEST:
            return name, args[:1], float(back), ""
    return _refuse(args[1].col_offset - 1, f"prev goes back a whole number of periods; give 1 to {FURTHEST}")


def _number(value: int | float, node: ast.expr) -> float:
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        _refuse(node.col_offset - 1, "a number is beyond the greatest there is; write a smaller one")
    return number


def _refuse(at: int, fault: str) -> NoReturn:
    raise DefinitionError(f"at column {at + 1}: {fault}")


def aliases_in(steps: tuple[ExpressionNode, ...]) -> Mapping[str, int]:
    """Return each name that an expression uses and the column of its first use, in order of use."""
    found: dict[str, int] = {}
    for column, name in sorted((step.column, step.name) for step in steps if step.op == "input"):
        found.setdefault(name, column)
    return found


def fingerprint(steps: tuple[ExpressionNode, ...], inputs: Mapping[str, str]) -> str:
    """Return the hash of an expression and the series it reads, however it is spaced and aliased."""
    said: Any = [(step.op, step.args, step.value, inputs.get(step.name, "")) for step in steps]
    return f"formula:{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"
