"""Series whose truth is known: does the link test find it, and not its reverse?"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from okrcore.leading.assess import assess_link, assess_pairs
from okrcore.leading.evidence import LinkEvidence
from tests.support.paths import SHARED

SERIES, CASES = SHARED / "data" / "series", SHARED / "cases" / "links.json"
pytestmark = pytest.mark.skipif(
    not CASES.exists(), reason="the shared series and cases are not beside the repo"
)
Floats = NDArray[np.float64]


def columns(name: str) -> Any:
    return np.genfromtxt(SERIES / name, delimiter=",", names=True)


def cases(*kinds: str) -> list[Any]:
    if not CASES.exists():
        return []
    found = json.loads(CASES.read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["id"]) for case in found if case["kind"] in kinds]


@pytest.mark.parametrize("case", cases("lead_lag", "lead_lag_declared"))
def test_published_leads(case: dict[str, Any]) -> None:
    given, expected = case["inputs"], case["expected"]
    table = columns(given["dataset"])
    found = assess_link(
        table[given["x"]], table[given["y"]], lags=range(given["lags"][0], given["lags"][1] + 1),
        sign=1 if "declared_sign" in given else 0, log=given.get("transform") == "log",
    )  # fmt: skip
    verdict = expected.get("verdict")
    if verdict == "supported":
        assert found.verdict == "supported"
        assert found.effect is not None
        assert found.lag in expected.get("lag_accept", [expected["lag"]])
        assert found.effect * (1 if expected["sign"] == "+" else -1) > 0
        least, most = expected.get("abs_r_range", [expected.get("abs_r_min", expected.get("r_min", 0)), 1])
        assert least <= abs(found.effect) <= most
        assert abs(found.effect) == pytest.approx(expected.get("r_about", abs(found.effect)), abs=0.05)
        assert found.p_value <= expected.get("p_max", 0.05)
    elif verdict == "refuted at the declared lags":
        assert found.verdict == "refuted"
    else:
        assert found.verdict in {"undecided", "refuted"}
        assert found.p_value > expected.get("p_min", 0.05)


def test_sales_follow_their_leading_indicator_by_three_in_every_window() -> None:
    table = columns("bjsales.csv")
    windows = [(table["lead"][s : s + 52], table["sales"][s : s + 52]) for s in range(99)]
    lead, sales = (np.array(side) for side in zip(*windows, strict=True))
    forward = assess_pairs(lead, sales, lags=range(1, 9), sign=0)
    assert np.mean((forward.verdict == "supported") & (forward.lag == 3)) >= 0.95
    backward = assess_pairs(sales, lead, lags=range(1, 9), sign=0)
    assert not (backward.verdict == "supported").any()


def test_the_gas_furnace_answers_after_five_steps_and_downwards() -> None:
    table = columns("gas_furnace.csv")
    found = assess_link(table["gas_rate"], table["co2"], lags=range(1, 9), sign=-1)
    assert (found.verdict, found.lag) == ("supported", 5)
    assert assess_link(table["gas_rate"], table["co2"], lags=range(1, 9)).verdict == "opposed"
    assert assess_link(table["co2"], table["gas_rate"], lags=range(1, 9), sign=0).verdict != "supported"


def us_change() -> LinkEvidence:
    table = columns("us_change_quarterly.csv")
    return assess_link(table["Production"], table["Unemployment"], lags=range(5), sign=-1)


def flights(x: str, y: str) -> LinkEvidence:
    table = columns("nycflights_daily.csv")
    return assess_link(table[x], table[y], lags=range(4), season=7)


def particulates() -> LinkEvidence:
    table = columns("la_mortality_weekly.csv")
    return assess_link(table["part"], table["cmort"], lags=range(5), season=52.18, smallest_effect=0.2)


@pytest.mark.parametrize(
    ("evidence", "lags"),
    [
        (us_change, {0, 1}),
        (lambda: flights("precip", "dep_delay"), {0}),
        (lambda: flights("dep_delay", "arr_delay"), {0}),
        (particulates, {0}),
    ],
    ids=["production", "rain", "delay", "particulates"],
)
def test_other_known_leads(evidence: Any, lags: set[int]) -> None:
    found = evidence()
    assert found.verdict == "supported"
    assert found.lag in lags


def real_pairs(n: int, count: int, seed: int) -> tuple[Floats, Floats]:
    """Random windows, in logs and not aligned in time, of two different real weekly series: no link."""
    rows = [
        np.array([float(cell) for cell in line.split(",")[1:] if cell not in ("", "NA")])
        for line in (SERIES / "m4_weekly_even.csv").read_text(encoding="utf-8").splitlines()[1:]
    ]
    rows, rng = [row for row in rows if len(row) > n], np.random.default_rng(seed)
    pairs: list[Floats] = []
    while len(pairs) < count:
        cut = [rows[i] for i in rng.choice(len(rows), 2, replace=False)]
        cut = [row[s : s + n] for row in cut for s in [rng.integers(0, len(row) - n)]]
        if all(np.diff(w).std() > 1e-6 * abs(w.mean()) and len(np.unique(w)) > n // 3 for w in cut):
            pairs.append(np.log(np.maximum(np.array(cut), 1e-3)))
    return np.array(pairs)[:, 0], np.array(pairs)[:, 1]


@pytest.mark.parametrize(("n", "most"), [(26, 0.05), (52, 0.06), (104, 0.06), (156, 0.08)])
def test_unrelated_real_series_are_not_linked(n: int, most: float) -> None:
    found = assess_pairs(*real_pairs(n, 1500, 3), lags=range(1, 9), sign=0)
    assert np.mean(found.p_value <= 0.05) <= most
