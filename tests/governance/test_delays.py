"""How late a record is, is asked in the calendar's zone; what nobody dated is not late (A3)."""

import datetime as dt
import zoneinfo

from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Band, Calendar, Cycle, Kpi, Observation, Portfolio, Source
from okrcore.governance.records.single_records import Recorded
from okrcore.scoring.as_of import When

ZONES = ["UTC", "Pacific/Auckland", "America/Los_Angeles", "Asia/Kolkata", "America/New_York"]
FORM = Source("form", mode="manual")
MONDAY = dt.date(2026, 3, 2)


@st.composite
def records(draw):
    day = MONDAY + dt.timedelta(draw(st.integers(0, 60)))
    at = dt.datetime(day.year, day.month, day.day, draw(st.integers(0, 23)), tzinfo=dt.UTC)
    told = at + dt.timedelta(hours=draw(st.integers(0, 200)))
    return draw(st.sampled_from([(day, None), (day, told), (at, None), (at, told)]))


@given(st.lists(records(), min_size=1, max_size=12, unique_by=str), st.sampled_from(ZONES))
def test_a_delay_runs_from_the_end_of_the_day_where_the_organisation_is(pairs, zone):
    observed = [Observation(f"m{place}", at, 1, recorded_at=told) for place, (at, told) in enumerate(pairs)]
    recorded = Recorded(okr.History.of(observed), When.of("2027-01-01", None, zone))
    names = [recorded.batch.measures[code] for code in recorded.batch.records.code.tolist()]
    found = dict(zip(names, recorded.late.tolist(), strict=True))
    for one, (at, told) in zip(observed, pairs, strict=True):
        end = at
        if not isinstance(at, dt.datetime):
            midnight = dt.datetime.combine(at + dt.timedelta(1), dt.time(), zoneinfo.ZoneInfo(zone))
            end = midnight.astimezone(dt.UTC) - dt.timedelta(microseconds=1)
        wanted = dt.timedelta() if told is None else told - end
        assert recorded.delay(one) == wanted
        assert found[one.measure] == wanted // dt.timedelta(microseconds=1)


def _okr508(zone: str, hour: int) -> list[okr.Finding]:
    """What OKR508 says of five days that were typed in on one day, 15 days after the last of them."""
    typed = dt.datetime(2026, 3, 21, hour, tzinfo=dt.UTC)
    told = [
        Observation("uptime", MONDAY + dt.timedelta(day), 98, source=FORM, recorded_at=typed)
        for day in range(5)
    ]
    kpi = Kpi(id="uptime", title="Uptime", target=Band(low=98), cadence="daily")
    portfolio = Portfolio.of(Cycle.year(2026), kpi, Calendar(timezone=zone))
    return list(okr.check(portfolio, okr.History.of(told), as_of="2026-03-30", select=["OKR508"]))


def test_a_day_ends_where_the_organisation_is():
    """14 days after 6 March ended: in Los Angeles from 08:00 UTC on, in Auckland hours before."""
    assert not _okr508("America/Los_Angeles", 6)
    (late,) = _okr508("America/Los_Angeles", 8)
    assert dict(late.evidence)["day"] == dt.date(2026, 3, 21)
    (far,) = _okr508("Pacific/Auckland", 6)
    assert dict(far.evidence)["longest"] == 18
