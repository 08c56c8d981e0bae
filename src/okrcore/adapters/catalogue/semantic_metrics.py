"""Read the metrics of a semantic layer, as dbt and Open Semantic Interchange write them, into KPIs."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

import attrs

from okrcore.adapters.catalogue.amount_words import read_unit
from okrcore.adapters.catalogue.semantic_formulas import semantic_formula, with_formulas
from okrcore.adapters.cells import Refused
from okrcore.definitions.formula import Formula
from okrcore.definitions.kpis import Kpi
from okrcore.documents.loading import sources_of
from okrcore.documents.nodes import Fields, Node, NodeItems, Scalar
from okrcore.documents.source_text import SourceText, found
from okrcore.errors import DocumentError, OkrError, Problem, raise_all

SEMANTIC_FORMATS = ("dbt", "osi")
"""The formats that are documents of metrics, not tables; the shape of each metric says which one it is."""

AS = {"ratio": "a ratio of", "derived": "derived from", "conversion": "a conversion between"}
TYPES = ("simple", "cumulative", *AS)
_OWN = ("name", "label", "description", "type", "type_params", "config", "meta")
# fmt: off
_FORMULA = (
    "numerator", "denominator", "expr", "metrics", "input_metric", "input_metrics", "measure", "agg",
    "percentile", "percentile_type", "agg_time_dimension", "non_additive_dimension", "join_to_timespine",
    "fill_nulls_with", "window", "grain_to_date", "period_agg", "cumulative_type_params",
    "conversion_type_params", "metric_aggregation_params", "entity", "calculation", "base_metric",
    "conversion_metric", "constant_properties", "expression", "filter",
)
# fmt: on
"""What says how a metric is computed: under `type_params` in the older form, beside the name in the newer."""


@attrs.frozen(eq=False)
class SemanticMetrics:
    """The KPIs of a file by id, its problems in order of lines, its metrics and what was not read of them."""

    kpis: Mapping[str, Kpi]
    problems: tuple[Problem, ...]
    metrics: int
    unread: Mapping[str, int]


def read_metrics(path: str | os.PathLike[str], max_bytes: int) -> SemanticMetrics:
    """Return the metrics of a YAML or JSON file: each is a KPI, and says in words how it is computed.

    A ratio of, or one derived from, metrics of the same file has a formula too, where it has no filter and no
    offset and its expression fits; else a problem says why not.

    Read are `metrics` at the top, those of each of `models` (dbt) and of each `semantic_model` (Open Semantic
    Interchange, since renamed Apache Ossie). Raises DocumentError where the file cannot be read, or has none.
    Cost in proportion to the text.
    """
    if not isinstance(path, str | os.PathLike) or os.path.isdir(path):  # noqa: PTH112 - unlike Path.is_dir it never raises
        raise DocumentError(f"metrics are read from a file, and {str(path)[:80]!r} is none; give its path")
    (source,) = sources_of(path, max_bytes=max_bytes)
    if source.root is None:
        raise_all(source.problems())
    reading = _Reading(source)
    for name, node in _metrics(source.root):
        reading.read(name, node)
    if not reading.metrics:
        message = "no metrics are in it; give a list of them under metrics, models or semantic_model"
        raise DocumentError([*source.problems(), Problem(message, file=source.name, kind=DocumentError)])
    kpis = reading.computed()
    problems = sorted(
        [*source.problems(), *reading.problems], key=lambda one: (one.line or 0, one.column or 0)
    )
    return SemanticMetrics(kpis, tuple(problems), reading.metrics, dict(reading.unread))


def _metrics(root: Node | None) -> Iterator[tuple[str, Node]]:
    """Yield the metrics of a document, each with the path of the list that it stands in."""
    if not isinstance(root, Fields):
        return
    yield from (("metrics", one) for one in _each(root.entries.get("metrics")))
    for name in ("models", "semantic_model"):
        for holder in _each(root.entries.get(name)):
            if isinstance(holder, Fields):
                yield from ((f"{name}.metrics", one) for one in _each(holder.entries.get("metrics")))


def _each(node: Node | None) -> Iterator[Node]:
    """Yield the entries of a list, or of a mapping by ids, as compiled manifests have it."""
    if isinstance(node, NodeItems):
        yield from node.items
    elif isinstance(node, Fields):
        yield from node.entries.values()


@attrs.define(eq=False)
class _Reading:
    source: SourceText
    kpis: dict[str, Kpi] = attrs.Factory(dict)
    problems: list[Problem] = attrs.Factory(list)
    metrics: int = 0
    unread: Counter[str] = attrs.Factory(Counter)
    formulas: dict[str, Formula] = attrs.Factory(dict)
    asked: dict[str, tuple[Callable[[str], None], str]] = attrs.Factory(dict)
    """Of each formula what notes at its place that it cannot be computed, and its first words."""

    def computed(self) -> Mapping[str, Kpi]:
        """Return the KPIs with their formulas, and note those that cannot be computed."""
        kpis, refused = with_formulas(self.kpis, {n: f for n, f in self.formulas.items() if n in self.kpis})
        for name, why in refused.items():
            note, first = self.asked[name]
            note(f"{first} ({why})")
        return kpis

    def read(self, path: str, node: Node) -> None:
        self.metrics += 1
        if not isinstance(node, Fields):
            self._note(
                path, node, f"a metric is {found(node)}, but must be a mapping; give its name and type"
            )
            return
        entries = node.entries
        name = self._text(entries, path, "name")
        if not name:
            self._note(path, node, "a metric has no name, and is left out; give one")
            return
        note = partial(self._note, f"{path}.{name}")
        if name in self.kpis:
            note(entries["name"], f"metric {name!r} is defined twice, and this one is left out; rename it")
            return
        formula = self._formula(name, entries, note, node)
        text = partial(self._text, entries, f"{path}.{name}")
        definition = "\n".join(one for one in (text("description").strip(), formula) if one)
        unit = self._unit(entries, note)
        try:
            self.kpis[name] = Kpi(id=name, title=text("label") or name, unit=unit, definition=definition)
        except OkrError as error:
            for problem in error.problems:
                note(node, f"{problem.message}; it is left out")
        self.unread.update(key for key in entries if key not in _OWN and key not in _FORMULA)

    def _formula(self, name: str, entries: Mapping[str, Node], note: Any, node: Node) -> str:
        """Return in words how a metric is computed; a formula that is not evaluated is noted."""
        kind = self._text(entries, name, "type")
        params = entries.get("type_params")
        given = params.entries if isinstance(params, Fields) else {}
        if params is not None and not isinstance(params, Fields) and _words(params):
            note(params, f"type_params is {found(params)}, but must be a mapping; it is left out")
        given = {key: one for key, one in given.items() if key != "input_measures"}
        given |= {key: one for key, one in entries.items() if key in _FORMULA}
        parts = [f"{key}: {words}" for key, one in given.items() if (words := _words(one))]
        told = "; ".join(parts)
        at = entries.get("type", node)
        if not kind and "expression" in given:  # that of Open Semantic Interchange, which has no types
            return told
        if kind not in TYPES:
            asked = f"type is {kind!r}, but must be" if kind else "type is missing; give"
            note(at, f"{asked} one of {', '.join(TYPES)}; {name!r} is kept as a KPI with what it says")
        elif kind in AS and not told:
            note(at, f"{name!r} is {AS[kind]} others, and says not from what; give its inputs")
        elif kind in AS:
            formula = semantic_formula(kind, given)
            if formula is None:
                note(at, f"{name!r} is {AS[kind]} other metrics, {NOT_YET} ({told})")
            else:
                self.formulas[name] = formula
                self.asked[name] = partial(note, at), f"{name!r} is {AS[kind]} other metrics, {NOT_YET}"
        return f"{kind}: {told}" if kind and told else kind or told

    def _unit(self, entries: Mapping[str, Node], note: Any) -> str:
        """Return the unit that the metadata declare, "" where none does or it is none."""
        config = entries.get("config")
        holders = [config.entries.get("meta")] if isinstance(config, Fields) else []
        for meta in (*holders, entries.get("meta")):
            node = meta.entries.get("unit") if isinstance(meta, Fields) else None
            if node is None or not _words(node):
                continue
            try:
                scale, unit = read_unit(_words(node))
            except Refused as refused:
                note(node, f"unit is left out: {refused}")
                return ""
            if scale == 1:
                return unit
            note(node, f"unit {_words(node)!r} has a scale, and is left out; give {unit!r} and values in it")
            return ""
        return ""

    def _text(self, entries: Mapping[str, Node], path: str, key: str) -> str:
        node = entries.get(key)
        if node is None or (isinstance(node, Scalar) and not _words(node)):
            return ""
        if isinstance(node, Scalar) and isinstance(node.value, str):
            return node.value
        self._note(path, node, f"{key} is {found(node)}, and is left out; give text")
        return ""

    def _note(self, path: str, node: Node, message: str) -> None:
        cut = message if len(message) <= 600 else f"{message[:590]}...)"
        place = self.source.place(node.at)
        self.problems.append(Problem(cut, path, self.source.name, *place, kind=DocumentError))


NOT_YET = "which is not evaluated: its formula is kept in the definition, and its values have to be given"


def _words(node: Node) -> str:
    """Return what a node says on one line: a mapping by its name, and the rest of it in brackets."""
    if isinstance(node, NodeItems):
        return ", ".join(words for one in node.items if (words := _words(one)))
    if isinstance(node, Fields):
        if node.entries.keys() == {"dialect", "expression"}:
            return ": ".join(_words(node.entries[key]) for key in ("dialect", "expression"))
        if node.entries.keys() == {"dialects"}:
            return _words(node.entries["dialects"])
        parts = {key: words for key, one in node.entries.items() if (words := _words(one))}
        name = parts.pop("name", "")
        rest = ", ".join(f"{key}: {words}" for key, words in parts.items())
        return f"{name} ({rest})" if name and rest else name or rest
    if node.value is None or (node.plain and node.value in ("", "~", "null")):
        return ""
    if isinstance(node.value, bool):
        return str(node.value).lower()
    return " ".join(str(node.value).split())
