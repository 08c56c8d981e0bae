"""Real catalogues, as data sets that rules and readers are tried on: each read once, by its own mapping."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, NamedTuple

from okrcore.adapters.catalogue.reader import Catalogue, read_catalogue
from okrcore.definitions.portfolio import Portfolio
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.surfaces.stories import story
from tests.support.paths import SHARED

DATA = SHARED / "data"
ABSENT = "the real data are not beside this checkout"

CITY: Mapping[str, Any] = {
    "columns": {
        "id": "ID",
        "title": "Indicator",
        "team": "Agency_Number",
        "team_title": "Agency_Full_Name",
        "direction": "Desired_Direction",
        "target": "Target_MMR",
        "category": "Critical",
    },
    "words": {
        "direction": {"Up": "higher", "Down": "lower"},
        "category": {"Yes": "critical", "No": ""},
    },
    "prefixes": {"team": "agency-"},
    "observations": {
        **{f"FY{year}": f"{year}-06-30" for year in range(2016, 2023)},
        "YTDScaled": "2023-06-30",
    },
}
HANDBOOK: Mapping[str, Any] = {
    "columns": {
        "title": "name",
        "team": "org",
        "owner": "dri",
        "target": "target",
        "category": "is_key",
        "definition": "definition",
        "parent": "parent",
        "status": "health_level",
    },
    "words": {
        "category": {"true": "key", "false": ""},
        "status": {"3": "okay", "2": "attention", "1": "problem", "0": "unknown", "-1": "confidential"},
    },
    "parent_sign": 1,
    "system": "handbook",
}
SHEETS: Mapping[str, Any] = {
    "rows": "key_result",
    "columns": {
        "title": "key_result",
        "objective": "file",
        "owner": "owner",
        "period": "quarter",
        "tags": "priority",
    },
    "constants": {"start": 0, "target": 1, "unit": "1"},
}
QUARTERS: Mapping[str, Any] = {
    "rows": "objective",
    "columns": {
        "id": "id",
        "type": "kind",
        "title": "text",
        "parent": "parent",
        "period": "quarter",
        "owner": "owner",
        "progress": "outcome_pct",
    },
    "words": {"type": {"KR": "key_result", "objective_or_item": "objective"}},
    "fiscal_start_month": 2,
}
BUDGET: Mapping[str, Any] = {
    "columns": {
        "id": ["edition", "department", "program", "measure"],
        "title": "measure",
        "team": "department",
        "target": "FY19 Target",
    },
    "numbers": {"thousands": ",", "unknown": ["N/A"]},
    "constants": {"direction": "higher"},
    "observations": {
        "FY15 Actual": "2015-06-30",
        "FY16 Actual": "2016-06-30",
        "FY17 Actual": "2017-06-30",
    },
}
METRICS: Mapping[str, Any] = {
    "columns": {"id": "id", "title": "name", "direction": "direction", "target": "target"},
    "words": {"direction": {"1": "higher"}},
}
DAYS: Mapping[str, Any] = {
    "rows": "observation",
    "columns": {"measure": "metric_id", "at": "date", "value": "value"},
}


class Real(NamedTuple):
    """What an organisation declared, observed and said, and the day to look from."""

    portfolio: Portfolio
    history: History
    journal: Journal
    as_of: str


def _read(path: str, mapping: Mapping[str, Any], as_of: str, *, at: bool = True) -> Real:
    found = read_catalogue(DATA / path, mapping, at=as_of if at else None)
    return Real(found.portfolio, found.history, found.journal, as_of)


def _city_score() -> Real:
    metrics: Catalogue = read_catalogue(DATA / "boston_cityscore/metrics.csv", METRICS)
    values: Catalogue = read_catalogue(DATA / "boston_cityscore/values.csv", DAYS)
    return Real(metrics.portfolio, values.history, metrics.journal, "2016-07-19")


def _sheets() -> Real:
    mapping = {**SHEETS, "columns": {**SHEETS["columns"], "current": "end_q"}}
    return _read("ipfs_okrs/key_results.csv", mapping, "2019-06-30")


def _story(name: str) -> Real:
    portfolio, history = story(name)
    return Real(portfolio, history, Journal.of(), "2026-10-04")


SETS: Mapping[str, Callable[[], Real]] = {
    "nyc_mmr": lambda: _read("nyc_mmr/indicators.csv", CITY, "2023-06-30", at=False),
    "gitlab_kpis": lambda: _read("gitlab_kpis/indicators_2022-11.json", HANDBOOK, "2022-11-30"),
    "gitlab_okrs": lambda: _read("gitlab_okrs/okr_items.csv", QUARTERS, "2023-01-31"),
    "ipfs_okrs": _sheets,
    "boston_budget": lambda: _read("boston_budget_measures/measures.csv", BUDGET, "2019-06-30", at=False),
    "boston_cityscore": _city_score,
    "logistics": lambda: _story("logistics"),
    "software": lambda: _story("software"),
}
"""Name of a data set, or of a story -> what reads it."""


@cache
def real(name: str) -> Real:
    """Return a data set by name, read once a process."""
    return SETS[name]()
