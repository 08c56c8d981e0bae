"""Exports of known tools: their columns and conventions, found by name or by their headers."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

import okrcore as okr
from okrcore.adapters.catalogue.product_templates import PRODUCTS
from okrcore.adapters.catalogue.products import product_named
from okrcore.adapters.catalogue.reader import Catalogue, read_catalogue
from okrcore.errors import DefinitionError, DocumentError
from tests.support.paths import SHARED

TEMPLATES = SHARED / "data" / "okr_import_templates" / "templates.json"
HEADERS: Mapping[str, Sequence[str]] = {
    name: [header.strip() for header in headers.split(",")]
    for name, headers in {
        "appfire": """Order, Type, Summary, Status, Period, Owner, Weight, OKR type, Labels, Teams,
            Expected start date, Expected end date, Start value, Current value, Target value, Description""",
        "peoplecues": """Objective Title, Owner_Email_ID, Start_Date, Due_Date, Description, Metric_Name,
            Metric_Type, Metric_Start_Value, Metric_Target_Value""",
        "betterworks": "name, type, progress, start_date, end_date, owner_email, categories, description",
        "cultureamp": """email, name, description, visibility, individual_emails, due_at, created_at,
            priority, status, completion, key_result_1_title, key_result_1_completion, key_result_2_title,
            key_result_2_completion""",
        "mirro": """Objective Action, Objective ID, Objective Title, Objective Description, Objective Type,
            Objective Type Value""",
        "engagedly": """Goal, Notes, Goal Identifier, Start Date, End Date, Notification Frequency,
            Check-In Type, Status, Assigner Email ID, Owner Email ID""",
        "hrwize": "Goal Name, Goal Description, Goal Type, Goal Category, Goal Options",
        "purview": "id, name, description, businessDomainId, type, parentOkrId, status, createdAt, updatedAt",
    }.items()
}


def export(folder: Path, product: str, *rows: Mapping[str, str], extra: Sequence[str] = ()) -> Path:
    file = folder / f"{product}.csv"
    with file.open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, [*HEADERS[product], *extra])
        writer.writeheader()
        writer.writerows(rows)
    return file


_CELLS_OF = {
    "Summary": "One",
    "Period": "Q3 2025",
    "Expected start date": "2025-07-01",
    "Expected end date": "2025-09-30",
}


def told(catalogue: Catalogue) -> list[tuple[int | None, str]]:
    return [(one.line, one.path) for one in catalogue.problems]


_CELLS = {
    "status": "Status",
    "period": "Period",
    "owner": "Owner",
    "teams": "Teams",
    "weight": "Weight",
    "start": "Start value",
    "now": "Current value",
    "goal": "Target value",
    "begin": "Expected start date",
}


def appfire(order: str, type: str, title: str, **cells: str) -> dict[str, str]:
    given = {_CELLS[key]: cell for key, cell in cells.items()}
    return {"Order": order, "Type": type, "Summary": title} | given


def test_appfire_orders_are_a_hierarchy(tmp_path: Path) -> None:
    rows = [
        appfire("1", "Objective", "Grow", owner="Ann", status="On track", now="2", goal="10", start="0"),
        appfire("1.1", "Objective", "ARR", period="Q3 Y2025", owner="ann@example.com", weight="2"),
        appfire("1.2", "Objective", "Sales", period="Q3 Y2025", teams="Alpha, Beta", status="AT RISK"),
        appfire("1.2.1", "Key result", "Deals", period="Y2025", start="0", now="5", goal="20", teams="Alpha"),
        appfire("1.1.1", "Key result", "Invoices", start="10", now="", goal="4", begin="01/01/2025"),
        appfire("1.1.1.1", "Key result", "Below a key result", start="0", goal="1"),
        appfire("2.1", "Key result", "Orphan", start="0", goal="1"),
        appfire("3", "Task", "Work item"),
    ]
    found = read_catalogue(export(tmp_path, "appfire", *rows), format="appfire", at="2025-08-15")
    objectives = {one.id: one for one in found.portfolio.objectives}
    assert objectives["arr"].contributes_to == (okr.Contribution("grow", 2.0),)
    assert objectives["sales"].contributes_to == (okr.Contribution("grow"),)
    assert [objectives[name].cycle for name in ("grow", "arr")] == ["2025-07-01..2025-09-30", "2025-Q3"]
    assert [objectives[name].owner for name in ("grow", "arr")] == ["ann", "ann@example.com"]
    results = {one.id: one for one in found.portfolio.key_results}
    assert {name: one.objective for name, one in results.items()} == {"deals": "sales", "invoices": "arr"}
    assert str(results["deals"].due) == "2025-12-31"
    assert [(one.measure, str(one.at), one.value, one.source) for one in found.history] == [
        ("deals", "2025-08-15", 5.0, okr.Source("appfire", mode="manual"))
    ]
    assert [(one.kind, one.subject, one.status) for one in found.journal] == [
        ("check-in", "grow", "On track"),
        ("check-in", "sales", "AT RISK"),
    ]
    assert told(found) == [
        (2, "Period"),  # the span of what is below
        (2, "Target value"),  # numbers of an objective that has key results below it
        (4, "Teams"),
        (7, "Order"),
        (8, "Order"),
        (9, "Type"),
    ]
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2025-08-15")
    assert snapshot["grow"].score == snapshot["sales"].score == 0.25


def test_values_and_statuses_without_a_day_are_told_once(tmp_path: Path) -> None:
    """S0.1: nothing reads the clock, so an export without a date has no observations."""
    rows = [
        appfire(
            str(n), "Objective", f"Goal {n}", period="Y2025", status="On track", start="0", now="1", goal="2"
        )
        for n in range(1, 6)
    ]
    file = export(tmp_path, "appfire", *rows)
    found = read_catalogue(file)
    assert (len(found.history), len(found.journal), len(found.portfolio.key_results)) == (0, 0, 5)
    assert [one.message.split(";")[0] for one in found.problems] == [
        "5 statuses have no date and are left out",
        "5 values have no date and are left out",
    ]
    dated = read_catalogue(file, at="2025-03-01")
    assert (len(dated.history), len(dated.journal), dated.problems) == (5, 5, ())


def test_peoplecues_rows_are_metrics_of_objectives(tmp_path: Path) -> None:
    goal = {"Owner_Email_ID": "ann@example.com", "Start_Date": "2025-01-01", "Due_Date": "2025-03-31"}
    metric = {"Metric_Start_Value": "10", "Metric_Target_Value": "20"}
    found = read_catalogue(
        export(
            tmp_path,
            "peoplecues",
            {"Objective Title": "A", **goal, "Metric_Name": "Share", "Metric_Type": "Percentage", **metric},
            {"Objective Title": "A", **goal, "Metric_Name": "Sum", "Metric_Type": "Currency", **metric},
            {"Objective Title": "B", **goal},
        )
    )
    assert found.problems == ()
    assert [(one.id, one.owner) for one in found.portfolio.objectives] == [
        ("a", "ann@example.com"),
        ("b", "ann@example.com"),
    ]
    assert [(one.id, one.unit, one.tags, one.measure) for one in found.portfolio.key_results] == [
        ("share", "%", ("Percentage",), okr.Target(10, 20)),
        ("sum", "", ("Currency",), okr.Target(10, 20)),
    ]


def test_betterworks_milestones_are_key_results_in_percent(tmp_path: Path) -> None:
    found = read_catalogue(
        export(
            tmp_path,
            "betterworks",
            {"name": "Orphan", "type": "milestone", "progress": "5"},
            {"name": "Goal", "type": "goal", "start_date": "2025-01-01", "end_date": "2025-06-30"},
            {"name": "First", "type": "milestone", "progress": "40", "categories": "x;y"},
            {"name": "Second", "type": "milestone", "progress": ""},
        ),
        at="2025-02-01",
    )
    assert told(found) == [(2, "name")]
    assert [(one.objective, one.measure, one.unit) for one in found.portfolio.key_results] == [
        ("goal", okr.Target(0, 100), "%")
    ] * 2
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2025-02-01")
    assert [snapshot[name].score for name in ("first", "second", "goal")] == [0.4, None, 0.4]


def test_culture_amp_key_results_stand_side_by_side(tmp_path: Path) -> None:
    goal = {"email": "ann@example.com", "created_at": "2025-01-02", "due_at": "2025-06-30"}
    found = read_catalogue(
        export(
            tmp_path,
            "cultureamp",
            {**goal, "name": "Alone", "completion": "0.07", "status": "ongoing"},
            {
                **goal,
                "name": "Grow",
                "key_result_1_title": "A",
                "key_result_1_completion": "0.55",
                "key_result_2_title": "B",
                "key_result_2_completion": "35",
            },
            {**goal, "name": "Odd", "key_result_2_completion": "0.5"},
            extra=["nickname"],
        ),
        at="2025-03-01",
    )
    assert [(one.id, one.objective) for one in found.portfolio.key_results] == [
        ("alone-progress", "alone"),
        ("grow-kr-1", "grow"),
        ("grow-kr-2", "grow"),
    ]
    assert [(one.measure, one.value) for one in found.history] == [
        ("alone-progress", 7.0),
        ("grow-kr-1", 55.0),
    ]
    assert [one.status for one in found.journal] == ["ongoing"]
    assert told(found) == [(1, "nickname"), (3, "key_result_2_completion"), (4, "key_result_2_title")]


def test_mirro_types_say_whose_an_objective_is(tmp_path: Path) -> None:
    found = read_catalogue(
        export(
            tmp_path,
            "mirro",
            dict(zip(HEADERS["mirro"], ["add", "o1", "A", "", "team", "Ops"], strict=True)),
            dict(zip(HEADERS["mirro"], ["update", "o2", "B", "", "individual", "Ann"], strict=True)),
            dict(zip(HEADERS["mirro"], ["delete", "o3", "C", "", "organization", ""], strict=True)),
        )
    )
    assert [(one.id, one.team, one.owner) for one in found.portfolio.objectives] == [
        ("o1", "ops", None),
        ("o2", None, "ann"),
    ]
    assert told(found) == [(1, ""), (4, "Objective Action")]


def test_engagedly_dates_are_read_only_where_they_are_plain(tmp_path: Path) -> None:
    found = read_catalogue(
        export(
            tmp_path,
            "engagedly",
            {"Goal": "A", "Goal Identifier": "G-1", "Start Date": "13/01/2025", "End Date": "31/03/2025"},
            {"Goal": "B", "Goal Identifier": "G-2", "Start Date": "01/02/2025", "End Date": "31/03/2025"},
        )
    )
    assert [(one.id, one.cycle) for one in found.portfolio.objectives] == [
        ("G-1", "2025-01-13..2025-03-31"),
        ("G-2", "2025-03-31..2025-03-31"),
    ]
    assert told(found) == [(3, "Start Date")]
    again = read_catalogue(tmp_path / "engagedly.csv", {"dates": "day-first"}, "engagedly")
    assert again.problems == ()
    assert again.portfolio["G-2"].cycle == "2025-02-01..2025-03-31"


def test_hrwize_kpis_and_goals(tmp_path: Path) -> None:
    found = read_catalogue(
        export(
            tmp_path,
            "hrwize",
            dict(zip(HEADERS["hrwize"], ["Margin", "Gross", "Company", "KPI", "Percentage"], strict=True)),
            dict(zip(HEADERS["hrwize"], ["Learn", "", "Individual", "Development", "Default"], strict=True)),
        )
    )
    assert [(one.id, one.unit, one.category) for one in found.portfolio.kpis] == [("margin", "%", "Company")]
    assert [one.tags for one in found.portfolio.objectives] == [("Individual",)]


def test_purview_records_name_their_parents(tmp_path: Path) -> None:
    base = {"businessDomainId": "sales", "status": "Published", "updatedAt": "2025-02-01T10:00:00.5Z"}
    records = [
        {"id": "k", "name": "Deals", "type": "KeyResult", "parentOkrId": "o", **base},
        {"id": "o", "name": "Grow", "type": "Objective", "parentOkrId": None, **base},
    ]
    file = tmp_path / "purview.json"
    file.write_text(json.dumps(records), encoding="utf-8")
    found = read_catalogue(file)
    assert [(one.id, one.objective, one.measure) for one in found.portfolio.key_results] == [
        ("k", "o", okr.Target(0, 100))
    ]
    assert [(one.subject, str(one.at), one.status) for one in found.journal] == [
        ("o", "2025-02-01", "Published"),
        ("k", "2025-02-01", "Published"),
    ]
    assert [one.team for one in found.portfolio.objectives] == ["sales"]


@pytest.mark.parametrize("product", sorted(HEADERS))
def test_each_export_is_known_by_name_and_by_its_headers(product: str, tmp_path: Path) -> None:
    file = export(tmp_path, product)
    found = read_catalogue(file)
    assert (len(found.portfolio), found.problems) == (0, ())
    assert read_catalogue(file, format=product.upper()).problems == ()


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.name)
def test_a_missing_required_column_is_an_error(product: Any, tmp_path: Path) -> None:
    for column in product.required:
        file = tmp_path / "less.csv"
        names = [name for name in HEADERS[product.name] if name != column]
        file.write_text(",".join(names) + "\n", encoding="utf-8")
        with pytest.raises(DocumentError, match="missing") as caught:
            read_catalogue(file, format=product.name)
        assert repr(column) in str(caught.value)


@pytest.mark.parametrize("suffix", [".toml", ".yaml", ".json", None])
def test_a_mapping_adds_to_what_is_known_of_a_tool(tmp_path: Path, suffix: str | None) -> None:
    """A dict and a file alike, down to single words: what the tool's own words mean stays."""
    added = {"fiscal_start_month": 7, "words": {"type": {"Big bet": "objective"}}}
    rows = [dict(_CELLS_OF, Type="Objective"), dict(_CELLS_OF, Type="Big bet", Summary="Two")]
    file = export(tmp_path, "appfire", *rows)
    mapping: Any = added
    if suffix:
        mapping = tmp_path / f"more{suffix}"
        toml = 'fiscal_start_month = 7\n[words.type]\n"Big bet" = "objective"\n'
        mapping.write_text(toml if suffix == ".toml" else json.dumps(added), encoding="utf-8")
    found = read_catalogue(file, mapping, "appfire", at="2025-08-15")
    assert [one.title for one in found.portfolio.objectives] == ["One", "Two"]
    alone = read_catalogue(file, format="appfire", at="2025-08-15")
    assert [one.title for one in alone.portfolio.objectives] == ["One"]


def test_what_is_no_known_export_asks_for_a_mapping(tmp_path: Path) -> None:
    file = tmp_path / "any.csv"
    file.write_text("a,b\n1,2\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="give a mapping or a format"):
        read_catalogue(file)
    file.write_text(",".join(HEADERS["mirro"]) + ",Goal,Start Date,End Date\n", encoding="utf-8")
    with pytest.raises(DocumentError, match="several tools"):
        read_catalogue(file)
    with pytest.raises(DocumentError, match="unknown"):
        read_catalogue(file, format="Notion")
    with pytest.raises(DefinitionError):
        read_catalogue(file, format="mirro", at="someday")
    assert product_named("Culture Amp").name == "cultureamp"


def test_headers_are_those_of_the_published_templates() -> None:
    if not TEMPLATES.exists():
        pytest.skip("the import templates are not beside this checkout")
    templates = json.loads(TEMPLATES.read_text(encoding="utf-8"))
    assert len(templates) == len(PRODUCTS)
    for template in templates:
        words = template["product"].casefold().replace(" ", "")
        (product,) = [one for one in PRODUCTS if one.name in words]
        known = {*product.mapping.used, *product.required, *product.ignored}
        known |= {name.replace("{n}", "1") for name in product.wide.values()}
        assert set(template.get("headers") or template["headers_seen"]) <= known
        assert set(template.get("required", ())) == set(product.required) or "required" not in template
