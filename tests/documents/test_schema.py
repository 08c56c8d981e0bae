"""The JSON Schema accepts what loads, and refuses what it can see is wrong."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings

from okrcore.definitions.portfolio import Portfolio
from okrcore.documents import from_dict, json_schema, load, to_dict
from okrcore.errors import OkrError
from tests.documents.test_round_trip import portfolios
from tests.support.paths import SHARED

EXAMPLE = SHARED / "design" / "EXAMPLE.okr.yaml"
CHECKER = jsonschema.FormatChecker()
VALIDATOR = jsonschema.Draft202012Validator(json_schema(), format_checker=CHECKER)
DOCUMENT: dict[str, Any] = {
    "okrcore": 1,
    "units": ["pallet"],
    "cycles": [{"id": "c", "start": "2026-01-01", "end": "2026-12-31"}],
    "objectives": [
        {
            "id": "o",
            "title": "O",
            "cycle": "c",
            "key_results": [
                {"id": "k", "title": "K", "measure": {"target": {"goal": 5, "plan": [["2026-06-30", 2]]}}},
                {"id": "l", "title": "L", "measure": {"checklist": ["a", {"id": "b"}]}, "cadence": "weekly"},
            ],
        },
        {"id": "p", "title": "P", "cycle": "c", "contributes_to": ["o"], "owner": None},
    ],
    "kpis": [{"id": "q", "title": "Q", "target": {"low": 98}}],
    "links": [{"source": "q", "target": "k", "sign": -1, "lag": 3}],
    "priorities": {
        "columns": [{"name": "conflict.degree", "low": 0}],
        "rules": [
            {
                "id": "r",
                "when": {"conflict.degree": 1},
                "then": {"winner": "kpi", "effect": {"freeze": "initiative"}},
            }
        ],
    },
}
WRONG: list[Callable[[dict[str, Any]], object]] = [
    lambda d: d.pop("okrcore"),
    lambda d: d.update(okrcore=2),
    lambda d: d.update(okrcore="1"),
    lambda d: d.update(objektives=[]),
    lambda d: d.update(units="pallet"),
    lambda d: d.update(kpis={}),
    lambda d: d["cycles"][0].pop("start"),
    lambda d: d["cycles"][0].update(start="1 Jan 2026"),
    lambda d: d["cycles"][0].update(start="2026-02-30"),
    lambda d: d["cycles"][0].update(id=""),
    lambda d: d["objectives"][0].update(titel="x"),
    lambda d: d["objectives"][0].update(title=5),
    lambda d: d["objectives"][0].update(title=None),
    lambda d: d["objectives"][0].update(commitment="comitted"),
    lambda d: d["objectives"][0]["key_results"][0].pop("measure"),
    lambda d: d["objectives"][0]["key_results"][0].update(measure={}),
    lambda d: d["objectives"][0]["key_results"][0].update(measure={"goal": 1}),
    lambda d: d["objectives"][0]["key_results"][0]["measure"].update(band={"low": 1}),
    lambda d: d["objectives"][0]["key_results"][0]["measure"]["target"].update(goal="5"),
    lambda d: d["objectives"][0]["key_results"][0]["measure"]["target"].update(plan=[["2026-06-30"]]),
    lambda d: d["objectives"][0]["key_results"][0].update(guardrail="yes"),
    lambda d: d["objectives"][0]["key_results"][0].update(weight="heavy"),
    lambda d: d["objectives"][0]["key_results"][1].update(cadence=7),
    lambda d: d["objectives"][1].update(contributes_to="o"),
    lambda d: d["objectives"][1].update(contributes_to=[{"weight": 1}]),
    lambda d: d["kpis"][0]["target"].update(lo=1),
    lambda d: d["links"][0].update(sign=2),
    lambda d: d["links"][0].pop("target"),
    lambda d: d["priorities"]["rules"][0].pop("then"),
    lambda d: d["priorities"]["rules"][0]["then"]["effect"].update(freeze="all"),
    lambda d: d["priorities"]["columns"][0].update(kind="text"),
]


def test_the_schema_is_a_schema_that_describes_every_definition() -> None:
    schema = json_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema)) == schema
    assert all(definition["description"] for definition in schema["$defs"].values())
    assert ">>>" not in json.dumps(schema)


@settings(max_examples=15, deadline=None)
@given(portfolios())
def test_every_document_that_is_written_validates(portfolio: Portfolio) -> None:
    VALIDATOR.validate(json.loads(json.dumps(to_dict(portfolio))))


@settings(max_examples=15, deadline=None)
@given(portfolios())
def test_every_definition_in_full_form_validates(portfolio: Portfolio) -> None:
    schema = json_schema()
    for value in portfolio.definitions:
        one = {"$ref": f"#/$defs/{type(value).__name__}", "$defs": schema["$defs"]}
        jsonschema.Draft202012Validator(one).validate(to_dict(value))


def test_a_real_document_validates_as_other_readers_see_it() -> None:
    VALIDATOR.validate(DOCUMENT)
    assert from_dict(Portfolio, DOCUMENT)


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_what_the_schema_can_see_is_refused_by_both(number: int) -> None:
    document = copy.deepcopy(DOCUMENT)
    WRONG[number](document)
    assert not VALIDATOR.is_valid(document)
    with pytest.raises(OkrError):
        from_dict(Portfolio, document)


@pytest.mark.skipif(not EXAMPLE.exists(), reason="../shared/design/EXAMPLE.okr.yaml is absent")
def test_the_example_validates() -> None:
    seen = yaml.safe_load(EXAMPLE.read_text(encoding="utf-8"))
    VALIDATOR.validate(json.loads(json.dumps(seen, default=str)))
    VALIDATOR.validate(to_dict(load(EXAMPLE)))
