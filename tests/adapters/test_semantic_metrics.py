"""Metrics of dbt and of Open Semantic Interchange become KPIs, and no formula is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import load
from okrcore.adapters.catalogue.reader import Catalogue, read_catalogue
from okrcore.errors import DocumentError
from okrcore.surfaces.cli.main import main

METRICS = """\
metrics:
  - name: parcels
    label: Parcels delivered
    description: Every parcel that was handed over.
    type: simple
    type_params:
      measure: parcel_count
    config:
      meta: {unit: parcels, owner: depot}
    filter: |
      {{ Dimension('parcel__state') }} = 'delivered'
  - name: late_share
    label: Late parcels
    type: ratio
    type_params:
      numerator:
        name: late_parcels
        filter: "{{ Dimension('parcel__kind') }} = 'letter'"
        alias: late_letters
      denominator: parcels
    meta: {unit: "%"}
  - name: margin
    description: What is left.
    type: derived
    type_params:
      expr: revenue - cost
      metrics:
        - name: revenue
        - name: cost
          offset_window: 1 month
  - name: parcels_to_date
    type: cumulative
    type_params:
      measure: parcel_count
      cumulative_type_params: {grain_to_date: month}
  - name: guess
    type: oracle
"""


def read(folder: Path, text: str, name: str = "metrics.yml") -> Catalogue:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return read_catalogue(file, format="dbt")


def test_each_metric_is_a_kpi_that_says_how_it_is_computed(tmp_path: Path) -> None:
    found = read(tmp_path, METRICS)
    kpis = {kpi.id: kpi for kpi in found.portfolio.kpis}
    assert {name: (kpi.title, kpi.unit) for name, kpi in kpis.items()} == {
        "parcels": ("Parcels delivered", "parcels"),
        "late_share": ("Late parcels", "%"),
        "margin": ("margin", ""),
        "parcels_to_date": ("parcels_to_date", ""),
        "guess": ("guess", ""),
    }
    assert kpis["parcels"].definition == (
        "Every parcel that was handed over.\n"
        "simple: measure: parcel_count; filter: {{ Dimension('parcel__state') }} = 'delivered'"
    )
    ratio, derived = kpis["late_share"].definition, kpis["margin"].definition
    assert all(word in ratio for word in ("late_parcels", "'letter'", "late_letters", "denominator: parcels"))
    assert derived == (
        "What is left.\nderived: expr: revenue - cost; metrics: revenue, cost (offset_window: 1 month)"
    )
    assert "grain_to_date: month" in kpis["parcels_to_date"].definition
    assert (found.rows, len(found.history)) == (5, 0)


def test_formulas_and_unknown_types_are_told_at_their_lines(tmp_path: Path) -> None:
    problems = read(tmp_path, METRICS).problems
    lines = METRICS.split("\n")
    assert [(one.path, lines[(one.line or 0) - 1].strip()) for one in problems] == [
        ("metrics.late_share", "type: ratio"),
        ("metrics.margin", "type: derived"),
        ("metrics.guess", "type: oracle"),
    ]
    assert "expr: revenue - cost; metrics: revenue, cost (offset_window: 1 month)" in problems[1].message
    assert "'oracle', but must be one of simple, cumulative, ratio" in problems[2].message
    assert all(str(tmp_path) in str(one.file) and one.column for one in problems)


def test_the_newer_form_says_the_same_beside_the_name(tmp_path: Path) -> None:
    text = """\
models:
  - name: parcels
    semantic_model: {enabled: true}
    metrics:
      - {name: parcels, type: simple, agg: count, expr: parcel_id}
      - {name: late, type: ratio, numerator: late_parcels, denominator: parcels}
"""
    found = read(tmp_path, text)
    assert found.portfolio["parcels"].definition == "simple: agg: count; expr: parcel_id"
    assert found.portfolio["late"].definition == "ratio: numerator: late_parcels; denominator: parcels"
    assert [(one.path, one.line) for one in found.problems] == [("models.metrics.late", 6)]


def test_json_is_read_as_yaml_is_and_nothing_stands_for_null(tmp_path: Path) -> None:
    metric: dict[str, Any] = {
        "name": "late",
        "label": None,
        "description": None,
        "type": "ratio",
        "type_params": {
            "measure": None,
            "numerator": {"name": "a"},
            "denominator": {"name": "b"},
            "metrics": [],
        },
        "filter": None,
    }
    for metrics in ([metric], {"metric.depot.late": metric}):
        found = read(tmp_path, json.dumps({"metrics": metrics}), "semantic_manifest.json")
        assert found.portfolio["late"].title == "late"
        assert found.portfolio["late"].definition == "ratio: numerator: a; denominator: b"


def test_a_model_of_open_semantic_interchange_keeps_its_sql(tmp_path: Path) -> None:
    text = """\
version: 0.2.0.dev0
semantic_model:
  - name: depot
    datasets: []
    metrics:
      - name: parcels_each
        description: Parcels for each driver.
        expression:
          dialects:
            - {dialect: ANSI_SQL, expression: COUNT(parcels.id) / COUNT(DISTINCT drivers.id)}
        ai_context: {synonyms: [load]}
"""
    found = read(tmp_path, text)
    assert found.portfolio["parcels_each"].definition == (
        "Parcels for each driver.\nexpression: ANSI_SQL: COUNT(parcels.id) / COUNT(DISTINCT drivers.id)"
    )
    assert (found.problems, found.unread) == ((), {"ai_context": 1})


@pytest.mark.parametrize(
    ("entry", "told"),
    [
        ("{type: simple}", "has no name"),
        ("5", "must be a mapping"),
        ("{name: good, type: simple}", "defined twice"),
        ("{name: bad, type: simple, label: [a]}", "label is a list"),
        ("{name: bad, type: simple, meta: {unit: blorps}}", "unit is left out"),
        ("{name: bad, type: simple, meta: {unit: kEUR}}", "has a scale"),
        ("{name: bad}", "type is missing"),
        ("{name: bad, type: simple, type_params: [a]}", "type_params is a list"),
        ("{name: bad, type: ratio}", "says not from what"),
    ],
)
def test_what_is_wrong_costs_no_other_metric(tmp_path: Path, entry: str, told: str) -> None:
    found = read(tmp_path, f"metrics:\n  - {{name: good, type: simple}}\n  - {entry}\n")
    assert "good" in found.portfolio
    assert [told in one.message and one.line for one in found.problems] == [3]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "metrics: []",
        "metrics: 5",
        "- a",
        "metrics: &a [*a]",
        "a: &a [x]\nmetrics: [*a, *a]",
        "metrics: " + "[" * 500,
        "{{ jinja }}",
    ],
)
def test_hostile_and_empty_files_are_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(DocumentError):
        read(tmp_path, text)


def test_a_tag_is_told_and_makes_nothing(tmp_path: Path) -> None:
    text = "metrics:\n  - {name: a, type: simple, expr: !!python/object/apply:os.system [x]}\n"
    found = read(tmp_path, text)
    assert [(one.line, "is not read" in one.message) for one in found.problems] == [(2, True)]
    assert found.portfolio["a"].definition == "simple: expr: x"


def test_columns_and_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="is none"):
        read_catalogue(tmp_path, format="dbt")
    with pytest.raises(DocumentError, match="cannot be opened"):
        read_catalogue(tmp_path / "none.yml", format="dbt")
    read(tmp_path, METRICS)
    with pytest.raises(DocumentError, match="max_bytes"):
        read_catalogue(tmp_path / "metrics.yml", format="dbt", max_bytes=10)
    with pytest.raises(DocumentError, match="no columns"):
        read_catalogue(tmp_path / "metrics.yml", {"columns": {"title": "a"}}, format="dbt")


keys = st.sampled_from(["name", "label", "description", "type", "type_params", "config", "meta", "unit"])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from(["ratio", "simple"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=5),
    max_leaves=20,
)


@given(metrics=st.lists(values, min_size=1, max_size=4))
def test_any_metrics_are_read_or_told(tmp_path_factory: pytest.TempPathFactory, metrics: list[Any]) -> None:
    found = read(tmp_path_factory.mktemp("metrics"), json.dumps({"metrics": metrics}), "metrics.json")
    assert found.rows == len(metrics)
    assert len(found.portfolio.kpis) + len(found.problems) >= len(metrics)


OSI = {
    "semantic_model": [
        {
            "name": "sales",
            "datasets": [{"name": "o", "source": "db.o"}],
            "metrics": [
                {
                    "name": "total_sales",
                    "description": "All sales",
                    "expression": {"dialects": [{"dialect": "ANSI_SQL", "expression": "SUM(o.amount)"}]},
                }
            ],
        }
    ]
}


@pytest.mark.parametrize(
    ("name", "text", "format"),
    [("m.yml", METRICS, "dbt"), ("m.yaml", METRICS, "dbt"), ("m.json", json.dumps(OSI), "osi")],
)
def test_a_semantic_layer_is_recognised(tmp_path: Path, name: str, text: str, format: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    unsaid, said = read_catalogue(path), read_catalogue(path, format=format)
    assert (unsaid.portfolio, unsaid.problems) == (said.portfolio, said.problems)
    assert unsaid.portfolio.kpis


def test_records_that_are_nothing_known_are_still_asked_for_a_mapping(tmp_path: Path) -> None:
    path = tmp_path / "m.json"
    path.write_text('[{"name": "a", "goal": 5}]')
    with pytest.raises(DocumentError, match="give a mapping or a format"):
        read_catalogue(path)


def test_a_user_imports_metrics_in_one_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Documents, a page of what is to be looked at, and what the next command says, without --from."""
    monkeypatch.chdir(tmp_path)
    Path("metrics.yml").write_text(METRICS)
    assert main(["import", "metrics.yml"]) == 0
    assert {one.id for one in load("okrs").kpis} >= {"parcels", "late_share", "margin"}
    page = Path("okrs/import.md").read_text()
    assert "ratio of other metrics" in page
    assert main(["score", "okrs", "--history", "okrs/observations.csv", "--as-of", "2026-03-31"]) == 0


def test_ratios_and_derived_metrics_are_formulas_where_they_fit(tmp_path: Path) -> None:
    text = """\
metrics:
  - {name: revenue, type: simple, type_params: {measure: r}, meta: {unit: EUR}}
  - {name: cost, type: simple, type_params: {measure: c}, meta: {unit: EUR}}
  - {name: parcels, type: simple, type_params: {measure: p}, meta: {unit: parcels}}
  - name: margin
    type: derived
    type_params: {expr: (r - cost) / r, metrics: [{name: revenue, alias: r}, {name: cost}]}
    meta: {unit: "%"}
  - {name: per_parcel, type: ratio, type_params: {numerator: margin_eur, denominator: parcels}}
  - name: margin_eur
    type: derived
    type_params: {expr: revenue - cost, metrics: [revenue, cost]}
  - {name: odd, type: derived, type_params: {expr: revenue + parcels, metrics: [revenue, parcels]}}
  - {name: sql, type: derived, type_params: {expr: "case when cost > 0 then 1 end", metrics: [cost]}}
  - {name: a, type: derived, type_params: {expr: b + 1, metrics: [b]}}
  - {name: b, type: derived, type_params: {expr: a + 1, metrics: [a]}}
"""
    found = read(tmp_path, text)
    formulas = {kpi.id: kpi.formula for kpi in found.portfolio.kpis if kpi.formula}
    assert {"margin", "per_parcel", "margin_eur"} <= set(formulas)
    assert formulas["margin"] == okr.Formula("(r - cost) / r", {"r": "revenue", "cost": "cost"})
    assert set(formulas) < {"margin", "per_parcel", "margin_eur", "a", "b"}
    told = {one.path.partition(".")[2]: one.message for one in found.problems}
    assert "joins 'EUR' and 'parcel'" in told["odd"]
    assert "not evaluated" in told["sql"]
    assert "a circle" in told.get("a", told.get("b", ""))
    history = okr.History.of(
        okr.Observation(name, "2026-01-05", value)
        for name, value in (("revenue", 200), ("cost", 150), ("parcels", 10))
    )
    snapshot = okr.evaluate(found.portfolio, history, as_of="2026-01-06")
    assert (snapshot["margin"].value, snapshot["per_parcel"].value) == (25, 5)
