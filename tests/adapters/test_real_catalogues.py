"""Real catalogues: what they publish is reproduced, what they do not say is reported row by row."""

from __future__ import annotations

import csv
import json
from collections import Counter
from pathlib import Path

import pytest

import okrcore as okr
from okrcore.adapters.catalogue.reader import Catalogue, read_catalogue
from okrcore.adapters.history_input import read_history
from okrcore.documents import dump, loads
from tests.support.real_catalogues import (
    ABSENT,
    BUDGET,
    CITY,
    DATA,
    DAYS,
    HANDBOOK,
    METRICS,
    QUARTERS,
    SHEETS,
)

pytestmark = pytest.mark.skipif(not DATA.exists(), reason=ABSENT)


def rows(path: str) -> list[dict[str, str]]:
    with (DATA / path).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def verdict(zone: str | None) -> str:
    return {"healthy": "Met_Goal", "breached": "Did_Not_Meet"}.get(zone or "", "")


@pytest.fixture(scope="module")
def city() -> Catalogue:
    return read_catalogue(DATA / "nyc_mmr/indicators.csv", CITY)


@pytest.fixture(scope="module")
def verdicts(city: Catalogue) -> dict[str, str]:
    """The verdict of each indicator that has a target: what its zone says at the end of the year."""
    snapshot = okr.evaluate(city.portfolio, city.history, as_of="2023-06-30")
    return {kpi.id: verdict(snapshot[kpi.id].zone) for kpi in city.portfolio.kpis if kpi.target}


def test_every_verdict_of_a_city_is_reproduced(city: Catalogue, verdicts: dict[str, str]) -> None:
    """S7.1: 1,139 indicators, 351 with a published verdict, each of them from direction, target, value."""
    published = {row["ID"]: row["Success"] for row in rows("nyc_mmr/indicators.csv")}
    assert city.problems == ()
    assert [kpi.id for kpi in city.portfolio.kpis] == list(published)
    assert verdicts == {name: word for name, word in published.items() if word}
    assert Counter(verdicts.values()) == {"Met_Goal": 183, "Did_Not_Meet": 168}
    critical = Counter(verdicts[kpi.id] for kpi in city.portfolio.kpis if kpi.target and kpi.category)
    assert critical == {"Met_Goal": 108, "Did_Not_Meet": 104}


def test_every_value_of_a_city_is_kept(city: Catalogue) -> None:
    columns = list(CITY["observations"])
    cells = [row[column] for row in rows("nyc_mmr/indicators.csv") for column in columns]
    assert len(city.history) == sum(cell != "" for cell in cells)
    assert sorted(one.value for one in city.history) == sorted(float(cell) for cell in cells if cell)


@pytest.mark.parametrize("scope", ["all", "critical"])
def test_the_totals_of_every_agency_are_reproduced(
    scope: str, city: Catalogue, verdicts: dict[str, str]
) -> None:
    """34 agencies (31 with critical indicators), and the indicators that name no agency: the NA row."""
    counts: dict[str, Counter[str]] = {}
    for kpi in city.portfolio.kpis:
        if scope == "all" or kpi.category == "critical":
            agency = (kpi.team or "agency-NA").removeprefix("agency-")
            counts.setdefault(agency, Counter())[verdicts.get(kpi.id, "NA.s")] += 1
    published = rows(f"nyc_mmr/published_agency_outcomes_{scope}.csv")
    words = ("Met_Goal", "Did_Not_Meet", "NA.s")
    assert len(published) == {"all": 35, "critical": 32}[scope]
    assert {name: [found[word] for word in words] for name, found in counts.items()} == {
        row["Agency.Number"]: [int(row[word]) for word in words] for row in published
    }


@pytest.fixture(scope="module")
def handbook() -> Catalogue:
    return read_catalogue(DATA / "gitlab_kpis/indicators_2022-11.json", HANDBOOK, at="2022-11-30")


def test_prose_targets_of_a_company_are_bands_or_reports(handbook: Catalogue) -> None:
    """Of 229 KPIs 143 have a target: 83 state a band, 60 are reported with the reason; none is guessed."""
    with (DATA / "gitlab_kpis/indicators_2022-11.json").open(encoding="utf-8") as file:
        indicators = json.load(file)["indicators"]
    assert len(handbook.portfolio.kpis) == len(indicators) == 229
    assert sum(one["target"] is not None for one in indicators) == 143
    bands = {kpi.id: kpi for kpi in handbook.portfolio.kpis if kpi.target}
    told = [one for one in handbook.problems if one.path == "target"]
    assert (len(bands), len(told)) == (83, 60)
    reasons = Counter(
        next(
            word
            for word in (
                "no target is set", "not told", "without a direction", "without a number", "no direction",
                "more than one", "no plain number", "currency",
            )
            if word in one.message.rpartition("': ")[2]
        )
        for one in told
    )  # fmt: skip
    assert reasons == {
        "without a direction": 19,
        "no target is set": 12,
        "without a number": 8,
        "no direction": 8,
        "not told": 7,
        "more than one": 3,
        "no plain number": 2,
        "currency": 1,
    }
    assert bands["support-satisfaction-ssat"].target == okr.Band(low=95)
    assert bands["support-satisfaction-ssat"].unit == "%"
    numbers = [one for one in indicators if isinstance(one["target"], int | float)]
    assert len(numbers) == 8
    assert not {one["name"] for one in numbers} & {kpi.title for kpi in bands.values()}


def test_owners_teams_and_parents_of_a_company(handbook: Catalogue) -> None:
    """48 children name their parents by anchor: 42 become links, 4 lead nowhere, 2 to themselves."""
    portfolio = handbook.portfolio
    assert (len(portfolio.teams), len(portfolio.owners), len(portfolio.links)) == (14, 8, 42)
    lost = [one.message for one in handbook.problems if one.path == "parent"]
    assert sum("no row" in message for message in lost) == 4
    assert sum("above itself" in message for message in lost) == 2
    assert len(lost) == 6
    assert sum(kpi.owner is not None for kpi in portfolio.kpis) == 22
    assert sum(kpi.category == "key" for kpi in portfolio.kpis) == 94
    link = next(one for one in portfolio.links if one.source == "development-department-mr-rate")
    assert (link.target, link.sign) == ("engineering-mr-rate", 1)
    assert sum("give ids" in one.message for one in handbook.problems) == 2
    assert len(handbook.problems) == 60 + 6 + 2


def test_unknown_and_confidential_never_fail(handbook: Catalogue) -> None:
    """S5.6, S0.2: a declared level is kept as it was said, and no data is no verdict."""
    said = Counter(entry.status for entry in handbook.journal)
    assert said == {"okay": 69, "attention": 76, "problem": 10, "unknown": 60, "confidential": 14}
    snapshot = okr.evaluate(handbook.portfolio, handbook.history, as_of="2022-11-30")
    assert set(snapshot.kpis["zone"]) == {"unknown"}


@pytest.mark.parametrize(
    ("column", "mean", "shown", "project"),
    [
        ("mid_q_actual", 0.344, 0.3, 0.31),
        ("mid_q_projection", 0.568, 0.6, 0.93),
        ("end_q", 0.357, 0.4, None),
    ],
)
def test_the_published_means_of_two_sheets(
    column: str, mean: float, shown: float, project: float | None
) -> None:
    """S4.1, S0.2: the mean of the graded key results; what nobody graded is unknown, never zero."""
    columns = {**SHEETS["columns"], "current": column}
    mapping = {**SHEETS, "columns": columns, "at": "2019-06-30"}
    found = read_catalogue(DATA / "ipfs_okrs/key_results.csv", mapping)
    assert len(found.portfolio.key_results) == 51
    assert [one.path for one in found.problems] == ["owner"] * 7
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2019-06-30")
    rounded = okr.evaluate(
        found.portfolio,
        found.history,
        as_of="2019-06-30",
        scoring=okr.ScoringPolicy(rounding=(1, "half_up")),
    )
    published = {row["file"]: row for row in rows("ipfs_okrs/published_summary.csv")}
    name = {"mid_q_actual": "mid_actual", "mid_q_projection": "mid_projection", "end_q": "end"}[column]
    assert snapshot["okr-cluster-md"].score == pytest.approx(mean, abs=5e-4)
    assert rounded["okr-cluster-md"].score == shown
    assert shown == float(published["OKR/CLUSTER.md"][f"published_{name}"])
    next_quarter = read_catalogue(DATA / "ipfs_okrs/key_results.csv", {**mapping, "at": "2019-07-15"})
    state = okr.evaluate(next_quarter.portfolio, next_quarter.history, as_of="2019-07-15")["okr-project-md"]
    assert state.score == (None if project is None else pytest.approx(project, abs=5e-3))
    graded = [row[column] for row in rows("ipfs_okrs/key_results.csv") if row["file"] == "OKR/CLUSTER.md"]
    children = [(float(cell) if cell else None, 1.0) for cell in graded]
    assert okr.roll_up(children).score == pytest.approx(snapshot["okr-cluster-md"].score)


def test_a_cascade_of_eleven_quarters(tmp_path: Path) -> None:
    """2,589 lines: an objective for each that is none of the 593 key results, 174 of 202 outcomes kept."""
    found = read_catalogue(DATA / "gitlab_okrs/okr_items.csv", QUARTERS, at="2023-01-31")
    told = [one.message for one in found.problems]
    scored_below = sum(message.startswith("the numbers of") for message in told)
    left_out = sum("left out" in message for message in told) - scored_below
    results = [one for one in found.portfolio.key_results if not one.id.endswith("-progress")]
    assert len(found.portfolio.objectives) == 1996
    assert (len(results), left_out) == (593 - left_out, 48)
    assert (len(found.history), scored_below) == (202 - scored_below, 28)
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2023-01-31")
    assert len(snapshot.objectives) == 1996
    assert {cycle.id for cycle in found.portfolio.cycles} >= {"2018-Q2", "FY2020-Q4"}
    assert loads(_dumped(found, tmp_path)) == found.portfolio


def _dumped(found: Catalogue, folder: Path) -> str:
    file = folder / "portfolio.okr.yaml"
    dump(found.portfolio, file)
    return file.read_text(encoding="utf-8")


def test_budget_measures_report_what_is_no_number() -> None:
    found = read_catalogue(DATA / "boston_budget_measures/measures.csv", BUDGET)
    reasons = Counter("earlier row" if "earlier row" in one.message else one.path for one in found.problems)
    assert len(found.portfolio.kpis) == 1466 - reasons["earlier row"]
    quoted = {one.message.split("'")[1] for one in found.problems if "no number" in one.message}
    assert quoted >= {"354 (calendar year)", "495 (calendar year)", "N/A%"}
    okr.evaluate(found.portfolio, found.history, as_of="2019-06-30")


def test_city_scores_keep_one_value_a_day() -> None:
    """S8.5: 3,891 values, 2,557 days of 21 metrics: the others contradict, and each is told."""
    metrics = read_catalogue(DATA / "boston_cityscore/metrics.csv", METRICS)
    values = read_catalogue(DATA / "boston_cityscore/values.csv", DAYS)
    assert (len(metrics.portfolio.kpis), metrics.problems) == (21, ())
    assert len(values.history) + len(values.problems) == 3891
    days = {(row["metric_id"], row["date"]) for row in rows("boston_cityscore/values.csv")}
    assert len(values.history) == len(days)
    with pytest.raises(okr.HistoryError, match="two values"):
        read_history(DATA / "boston_cityscore/values.csv", columns=DAYS["columns"])
    snapshot = okr.evaluate(metrics.portfolio, values.history, as_of="2016-07-19")
    assert len(snapshot.kpis) == 21
