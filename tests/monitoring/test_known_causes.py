"""Real series with known causes: what is found, and when, beside what is known to have happened."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence

import pytest

import okrcore as okr
from tests.support.paths import SHARED

DATA = SHARED / "data"
pytestmark = pytest.mark.skipif(
    not DATA.exists(), reason="the real series are not beside this repository (../shared/data)"
)


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def dips(
    kpi: okr.Kpi, days: Sequence[dt.date], values: Sequence[float], weeks: int
) -> tuple[okr.monitoring.Dip, ...]:
    history = okr.History.of_columns([kpi.id] * len(days), days, values)
    as_of = days[-1] + dt.timedelta(days=40)
    return okr.dips(okr.Portfolio.of(kpi), history, as_of=as_of, weeks=weeks)


def test_the_nile_falls_after_the_dam() -> None:
    """The level falls after 1898: shown within eight years, and nothing before; 1913 was very dry."""
    told = rows("special_causes/nile.csv")
    days = [dt.date(int(row["year"]), 12, 31) for row in told]
    kpi = okr.Kpi(id="nile", title="Volume of the Nile", better="higher", cadence="yearly")
    found = dips(kpi, days, [float(row["volume"]) for row in told], weeks=53 * 100)
    assert [one.period_end.year for one in found][:2] == [1905, 1913]
    assert [one.signal for one in found][:2] == ["shift", "outside"]


def test_availability_hits_and_misses_its_target() -> None:
    """99.95 lies inside the limits; March 2021 does not, and since December 2021 it is better."""
    told = rows("gitlab_kpis/gitlab_com_availability_monthly.csv")
    values = [float(row["availability_pct"]) for row in told]
    days = [dt.date.fromisoformat(f"{row['month']}-28") for row in told]
    chart = okr.signals(values, better="higher", target=99.95)
    assert chart.assurance == "hit-and-miss"
    assert [point.meaning for point in chart.points[-7:]] == ["improvement"] * 7
    kpi = okr.Kpi(id="availability", title="Availability", cadence="monthly", target=okr.Band(low=99.95))
    (outage,) = dips(kpi, days, values, weeks=200)
    assert (outage.period_end, outage.signal) == (dt.date(2021, 3, 31), "outside")


def test_a_web_site_is_quiet_at_christmas() -> None:
    """A weekly season is found in daily page views; what leaves it are the holidays."""
    told = rows("series/otexts_pageviews_daily.csv")
    days = [dt.date.fromisoformat(row["Date"]) for row in told]
    history = okr.History.of_columns(["views"] * len(days), days, [float(row["Pageviews"]) for row in told])
    kpi = okr.Kpi(id="views", title="Page views", better="higher", cadence="daily")
    found = okr.dips(okr.Portfolio.of(kpi), history, as_of="2020-01-31", weeks=6)
    assert [str(one.start) for one in found] == ["2019-12-25", "2020-01-01"]
