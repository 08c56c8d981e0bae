"""The calendar of an organisation: weeks, fiscal and retail years, days off (A1)."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Cadence, Calendar, Cycle, DefinitionError, Portfolio
from okrcore.definitions.days import day_number, to_date
from okrcore.testing import calendars

DAY = dt.timedelta(days=1)
NAMES = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
CADENCES = [
    "daily",
    "weekly",
    "fortnightly",
    "every 3 weeks",
    "monthly",
    "every 2 months",
    "quarterly",
    "yearly",
]
DATES = st.dates(dt.date(1995, 1, 1), dt.date(2040, 12, 31))


def first_day_by_search(year: int, month: int, week_start: str, how: str) -> dt.date:
    """The first day of the retail year that ends in `year`, found by looking at days one by one."""
    first = dt.date(year if month == 1 else year - 1, month, 1)
    if how == "nearest":
        near = [first + DAY * i for i in range(-3, 4)]
        (found,) = [day for day in near if NAMES[day.weekday()] == week_start]
        return found
    last = first - DAY
    while NAMES[(last + DAY).weekday()] != week_start:  # the last week-end day of the month before
        last -= DAY
    return last + DAY


def months_by_counting(year: int, month: int, week_start: str, how: str, pattern: str) -> list[dt.date]:
    """The first days of its months and of the next year, counted week by week."""
    start = first_day_by_search(year, month, week_start, how)
    after = first_day_by_search(year + 1, month, week_start, how)
    found, day = [], start
    for weeks in [int(sign) for sign in pattern.replace("-", "")] * 4:
        found.append(day)
        for _ in range(weeks):
            day += 7 * DAY
    assert (after - day).days in (0, 7)
    return [*found, after]


@pytest.mark.parametrize("pattern", ["4-4-5", "4-5-4", "5-4-4"])
@pytest.mark.parametrize("how", ["nearest", "last"])
@pytest.mark.parametrize(
    ("month", "week_start"), [(2, "sunday"), (1, "monday"), (10, "sunday"), (9, "saturday")]
)
def test_retail_years_are_what_counting_gives(pattern: str, how: str, month: int, week_start: str) -> None:
    calendar = Calendar(pattern=pattern, pattern_year=how, year_start_month=month, week_start=week_start)
    for year in range(2015, 2036):
        starts = months_by_counting(year, month, week_start, how, pattern)
        cycles = [calendar.cycle(year, month=m) for m in range(1, 13)]
        assert [one.start for one in cycles] == starts[:-1]
        assert [one.end + DAY for one in cycles] == starts[1:]
        whole = calendar.cycle(year)
        assert (whole.start, whole.end + DAY) == (starts[0], starts[-1])
        quarters = [calendar.cycle(year, quarter=q) for q in range(1, 5)]
        assert [one.start for one in quarters] == starts[:-1:3]
        assert calendar.cycle(year, half=2).start == starts[6]
        edges = calendar.edges(Cadence("monthly"), day_number(starts[0]), day_number(starts[-1]))
        assert [to_date(edge) for edge in edges[1:14]] == starts


def test_years_of_53_weeks() -> None:
    """Published: the National Retail Federation's years that begin in 2006, 2012, 2017 and 2023."""

    def long_years(calendar: Calendar) -> list[int]:
        cycles = {year: calendar.cycle(year) for year in range(2005, 2036)}
        return [year for year, one in cycles.items() if (one.end - one.start).days + 1 == 53 * 7]

    federation = Calendar(pattern="4-5-4", year_start_month=2, week_start="sunday")
    assert long_years(federation) == [2007, 2013, 2018, 2024, 2029, 2035]
    iso = Calendar(pattern="4-4-5")
    assert long_years(iso) == [
        year for year in range(2005, 2036) if dt.date(year, 12, 28).isocalendar()[1] == 53
    ]
    last_saturday = Calendar(pattern="5-4-4", pattern_year="last", year_start_month=10, week_start="sunday")
    assert long_years(last_saturday) == [2006, 2012, 2017, 2023, 2028, 2034]
    assert str(last_saturday.cycle(2023).end) == "2023-09-30"


@given(calendars(), st.sampled_from(CADENCES), DATES, st.integers(0, 800))
def test_periods_tile_time_and_do_not_depend_on_the_window(calendar, cadence, first, days) -> None:
    """A1: wherever one looks from, the periods are the same, and they enclose what is asked."""
    one, begin, end = Cadence(cadence), day_number(first), day_number(first) + days
    edges = calendar.edges(one, begin, end).tolist()
    assert edges[0] < edges[1] <= begin < edges[2]
    assert edges[-2] > end
    wide = calendar.edges(one, begin - 500, end + 500).tolist()
    assert [edge for edge in wide if edges[0] <= edge <= edges[-1]] == edges
    if "week" in cadence or cadence == "fortnightly" or calendar.pattern:
        starts = {NAMES[to_date(edge).weekday()] for edge in edges}
        assert cadence == "daily" or starts == {calendar.week_start}


@given(DATES, st.integers(1, 12))
def test_months_are_calendar_months_and_quarters_begin_with_the_fiscal_year(day: dt.date, first: int) -> None:
    calendar, number = Calendar(year_start_month=first), day_number(day)
    begin = {name: to_date(calendar.edges(Cadence(name), number, number)[1]) for name in CADENCES}
    assert begin["monthly"] == day.replace(day=1)
    assert (begin["quarterly"].day, (begin["quarterly"].month - first) % 3) == (1, 0)
    assert (begin["yearly"].day, begin["yearly"].month) == (1, first)


def test_several_weeks_count_from_the_week_of_2001() -> None:
    """A1: the week of 2001-01-01, whichever day weeks begin on."""
    for week_start, first in (("monday", dt.date(2001, 1, 1)), ("sunday", dt.date(2000, 12, 31))):
        for text, weeks in (("fortnightly", 2), ("every 3 weeks", 3), ("every 10 weeks", 10)):
            day = day_number(dt.date(2026, 5, 1))
            edges = Calendar(week_start=week_start).edges(Cadence(text), day, day)
            assert (edges[0] - day_number(first)) % (7 * weeks) == 0


@pytest.mark.parametrize(
    ("parts", "id", "start", "end"),
    [
        ({}, "FY2027", "2026-07-01", "2027-06-30"),
        ({"quarter": 3}, "FY2027-Q3", "2027-01-01", "2027-03-31"),
        ({"half": 1}, "FY2027-H1", "2026-07-01", "2026-12-31"),
        ({"month": 1}, "FY2027-M01", "2026-07-01", "2026-07-31"),
        ({"month": 12, "id": "last"}, "last", "2027-06-01", "2027-06-30"),
    ],
)
def test_cycles_of_a_fiscal_year(parts, id, start, end) -> None:
    """S3.5: fiscal years are named by the year they end in; the zone is left to the calendar."""
    cycle = Calendar(year_start_month=7).cycle(2027, **parts)
    assert (cycle.id, str(cycle.start), str(cycle.end), cycle.timezone) == (id, start, end, None)


@pytest.mark.parametrize("parts", [{"quarter": 5}, {"month": 0}, {"half": True}, {"quarter": 1, "month": 1}])
def test_parts_that_no_year_has_are_refused(parts) -> None:
    with pytest.raises(DefinitionError, match="give"):
        Calendar().cycle(2026, **parts)


@pytest.mark.parametrize(
    "fields",
    [
        {"timezone": "Mars/Base"},
        {"week_start": "Montag"},
        {"year_start_month": 13},
        {"pattern": "4-4-4"},
        {"pattern_year": "first"},
        {"working_days": "mon-fun"},
        {"holidays": ["2026-13-01"]},
        {"clocks": "often"},
    ],
)
def test_what_a_calendar_cannot_be_is_refused_by_name(fields) -> None:
    with pytest.raises(DefinitionError, match=f"Calendar 'calendar': {next(iter(fields))} "):
        Calendar(**fields)


class TestClocks:
    @given(st.sampled_from(["mon-fri", "sun-thu", "mon-thu, sat", "wed"]), DATES, st.integers(0, 12))
    def test_working_days_are_counted_one_by_one(self, text: str, day: dt.date, count: int) -> None:
        calendar = Calendar(working_days=text, holidays=[day + 2 * DAY, day + 9 * DAY])
        found, left = day, count
        while left or not calendar.is_working(found):
            found += DAY
            left -= calendar.is_working(found) and left > 0
        assert calendar.working_day(day, count) == found

    def test_working_clocks_stand_still_on_days_off(self) -> None:
        """A1: S18.1's clocks, whole days off left out in the calendar's zone."""
        friday = dt.datetime(2026, 4, 3, 15, tzinfo=dt.UTC)
        elapsed, working = Calendar(), Calendar(clocks="working", holidays=["2026-04-06"])
        assert elapsed.after(friday, 24) == friday + DAY
        assert working.after(friday, 24) == friday + 4 * DAY
        assert working.after(friday, 7 * 24) == friday + 12 * DAY
        saturday = friday + DAY
        assert working.after(saturday, 1) == dt.datetime(2026, 4, 7, 1, tzinfo=dt.UTC)
        tokyo = Calendar(clocks="working", timezone="Asia/Tokyo")
        assert tokyo.after(friday, 1) == dt.datetime(2026, 4, 5, 16, tzinfo=dt.UTC)


class TestPortfolio:
    CALENDAR = Calendar(timezone="Asia/Tokyo", pattern="4-4-5", holidays=["2026-01-01"])

    def test_a_portfolio_has_one_calendar(self) -> None:
        assert Portfolio.of().calendar == Calendar()
        assert Portfolio.of(self.CALENDAR).calendar == self.CALENDAR
        assert Portfolio.of().with_(self.CALENDAR).calendar == self.CALENDAR
        assert Portfolio.of(self.CALENDAR) != Portfolio.of()
        with pytest.raises(DefinitionError, match="two calendars are given"):
            Portfolio.of(self.CALENDAR, Calendar())

    def test_a_cycle_without_a_zone_has_the_calendars(self) -> None:
        assert self.CALENDAR.zone_of(Cycle.year(2026)) == "Asia/Tokyo"
        assert self.CALENDAR.zone_of(Cycle.year(2026, timezone="UTC")) == "UTC"

    @pytest.mark.parametrize("format", ["yaml", "toml", "json"])
    def test_a_document_holds_it(self, format: str) -> None:
        portfolio = Portfolio.of(self.CALENDAR, Cycle.year(2026))
        assert okr.loads(okr.dumps(portfolio, format=format), format=format) == portfolio
        assert "calendar" not in okr.dumps(Portfolio.of(Cycle.year(2026)), format=format)

    def test_faults_of_a_document_have_their_place(self) -> None:
        with pytest.raises(okr.DocumentError, match="week_start is 'Montag'") as caught:
            okr.loads("okrcore: 1\ncalendar:\n  week_start: Montag\n")
        assert caught.value.problems[0].line == 3

    def test_the_schema_knows_it(self) -> None:
        calendar = okr.json_schema()["$defs"]["Calendar"]["properties"]
        assert calendar["week_start"]["enum"] == NAMES
        assert calendar["pattern_year"]["default"] == "nearest"
