"""Read ratio and derived metrics of a semantic layer as formulas, where they fit the grammar (S22.1)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import attrs

from okrcore.definitions.expression import FUNCTIONS
from okrcore.definitions.formula import Formula
from okrcore.definitions.formulas import formula_problems
from okrcore.definitions.kpis import Kpi
from okrcore.documents.nodes import Fields, Node, NodeItems, Scalar
from okrcore.errors import OkrError

_PLAIN = frozenset({"name", "alias"})
_BESIDE = {"ratio": frozenset({"numerator", "denominator"})}
_BESIDE["derived"] = frozenset({"expr", "metrics", "input_metrics"})


def semantic_formula(kind: str, given: Mapping[str, Node]) -> Formula | None:
    """Return the formula of a ratio or derived metric; None where it says more than a formula holds.

    A filter, an offset or SQL in the expression are more.
    """
    said = {key: node for key, node in given.items() if not _is_empty(node)}
    if kind not in _BESIDE or not set(said) <= _BESIDE[kind]:
        return None
    if kind == "ratio":
        over, under = (_metric(said.get(side)) for side in ("numerator", "denominator"))
        if over is None or under is None:
            return None
        return _made("numerator / denominator", {"numerator": over[0], "denominator": under[0]})
    listed, expr = said.get("metrics", said.get("input_metrics")), said.get("expr")
    if not isinstance(listed, NodeItems) or not isinstance(expr, Scalar) or not isinstance(expr.value, str):
        return None
    inputs = {}
    for node in listed.items:
        metric = _metric(node)
        if metric is None or metric[1] in inputs:
            return None
        inputs[metric[1]] = metric[0]
    words = set(re.findall(r"[A-Za-z_]\w*", expr.value))
    return _made(expr.value, {alias: name for alias, name in inputs.items() if alias in words})


def with_formulas(
    kpis: Mapping[str, Kpi], formulas: Mapping[str, Formula]
) -> tuple[dict[str, Kpi], dict[str, str]]:
    """Return the KPIs with those of their formulas that can be computed, and why each other one cannot."""
    refused: dict[str, str] = {}
    kept = dict(formulas)
    while True:
        for name, formula in list(kept.items()):
            missing = [one for one in formula.inputs.values() if one not in kpis]
            if missing:
                refused[name] = f"{missing[0]!r} is no metric of this file"
                del kept[name]
        found = {name: attrs.evolve(kpi, formula=kept.get(name)) for name, kpi in kpis.items()}
        wrong = formula_problems(found, ())
        if not wrong:
            return found, refused
        for problem in wrong:
            name = next(one for one in kept if problem.path.startswith(f"{one}.formula"))
            refused.setdefault(name, problem.message)
        kept = {name: formula for name, formula in kept.items() if name not in refused}


def _made(expr: str, inputs: Mapping[str, str]) -> Formula | None:
    try:
        return Formula(expr, inputs)
    except OkrError:
        return None


def _metric(node: Node | None) -> tuple[str, str] | None:
    """Return name and alias of a metric that is named without a filter or an offset."""
    if isinstance(node, Scalar) and isinstance(node.value, str):
        return node.value, node.value
    if not isinstance(node, Fields):
        return None
    said: dict[str, Any] = {key: one for key, one in node.entries.items() if not _is_empty(one)}
    texts = {key: one.value for key, one in said.items() if isinstance(one, Scalar)}
    if not set(said) <= _PLAIN or not isinstance(texts.get("name"), str):
        return None
    alias = str(texts.get("alias", texts["name"]))
    return None if alias in FUNCTIONS else (texts["name"], alias)


def _is_empty(node: Node) -> bool:
    if isinstance(node, Scalar):
        return node.value is None or (node.plain and node.value in ("", "~", "null"))
    return not (node.entries if isinstance(node, Fields) else node.items)
