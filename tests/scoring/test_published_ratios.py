"""Published ratios, recomputed by formula from the parts that were published beside them (S22.2)."""

from __future__ import annotations

import csv

import pytest

import okrcore as okr
from okrcore import Formula, History, Kpi, Observation, Portfolio
from tests.support.paths import SHARED

TABLE = SHARED / "data" / "nyc_mmr" / "agency_vacancy_2022-10.csv"
RATE = "(plan - actual) / plan"


def number(text: str) -> float:
    return float(text.replace(",", "") or 0)


@pytest.mark.skipif(not TABLE.is_file(), reason="the shared data of New York's agencies is not here")
def test_vacancy_rates_of_new_york_follow_from_plan_and_staff() -> None:
    with TABLE.open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if number(row["November Plan"]) > 0]
    kpis: list[Kpi] = []
    records: list[Observation] = []
    for at, row in enumerate(rows):
        inputs = {"plan": f"plan-{at}", "actual": f"staff-{at}"}
        for name, column in zip(inputs.values(), ("November Plan", "October Actuals"), strict=True):
            kpis.append(Kpi(id=name, title=name, unit="employee", cadence="monthly"))
            records.append(Observation(name, "2022-10-31", number(row[column])))
        kpis.append(Kpi(id=f"rate-{at}", title=row["Agency Name"], formula=Formula(RATE, inputs)))
    every = {
        f"{side}{at}": f"{name}-{at}" for at in range(5) for side, name in (("p", "plan"), ("s", "staff"))
    }
    plans, staff = (f"sum({', '.join(f'{side}{at}' for at in range(5))})" for side in "ps")
    kpis.append(Kpi(id="all", title="Five agencies", formula=Formula(f"1 - {staff} / {plans}", every)))
    snapshot = okr.evaluate(Portfolio.of(*kpis), History.of(records), as_of="2022-11-01")
    apart = [abs(snapshot[f"rate-{at}"].value - number(row["Vacancy Rate"])) for at, row in enumerate(rows)]
    assert max(apart) < 0.0055
    # two of the 71 are published a hundredth higher than their parts round to
    assert (len(rows), sum(one <= 0.00501 for one in apart)) == (71, 69)
    five = [(number(row["November Plan"]), number(row["October Actuals"])) for row in rows[:5]]
    of_sums = 1 - sum(actual for _, actual in five) / sum(plan for plan, _ in five)
    mean_of_rates = sum(1 - actual / plan for plan, actual in five) / 5
    assert snapshot["all"].value == pytest.approx(of_sums)
    assert abs(of_sums - mean_of_rates) > 0.001
