"""Explanations show what the evaluation read: nothing after as_of, nothing unknown at known_at (S20, A3)."""

import datetime as dt
import zoneinfo

from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Calendar, Checklist, Cycle, History, KeyResult, Kpi, Objective, Observation, Portfolio
from okrcore.definitions.measures import Band, Item, Target
from okrcore.explanations.explanation import Explanation

UTC = dt.UTC
FIRST = dt.datetime(2026, 5, 28, tzinfo=UTC)
ZONES = ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"]
AGGREGATES = {"k-sum": "sum", "k-mean": "mean", "k-max": "max", "k-min": "min", "k": "latest"}
MEASURES = [*AGGREGATES, "band", "list#a", "list#b", "list", "kpi", "kpi-sum"]

instants = st.integers(0, 8 * 24 * 4).map(lambda quarter: FIRST + dt.timedelta(minutes=15 * quarter))
moments = instants | instants.map(lambda at: at.date())


def portfolio(zone: str) -> Portfolio:
    cycle = Cycle(id="c", start=dt.date(2026, 5, 30), end=dt.date(2026, 6, 4))
    goal = Objective(id="o", title="O", cycle="c")

    def result(id: str, **fields) -> KeyResult:
        return KeyResult(id=id, objective="o", title=id, **fields)

    return Portfolio.of(
        Calendar(timezone=zone),
        cycle,
        goal,
        *(result(name, measure=Target(0, 9), aggregate=how) for name, how in AGGREGATES.items()),
        result("band", measure=Band(low=3), aggregate="sum", cadence="daily"),
        result("list", measure=Checklist([Item("a"), Item("b", weight=2)])),
        Kpi(id="kpi", title="K", target=Band(low=3)),
        Kpi(id="kpi-sum", title="K", target=Band(low=3), aggregate="sum", cadence="daily"),
    )


@st.composite
def histories(draw) -> History:
    keys = draw(st.lists(st.tuples(st.sampled_from(MEASURES), moments), max_size=40, unique_by=str))
    numbers, recorded = st.integers(0, 3), st.none() | instants
    return History.of(
        Observation(measure, at, draw(numbers), recorded_at=draw(recorded)) for measure, at in keys
    )


def nodes(step: Explanation) -> list[Explanation]:
    return [step, *(node for child in step.children for node in nodes(child))]


def counts_by(one: Observation, moment: dt.date | dt.datetime, zone: str) -> bool:
    """A day counts all day long, and an instant by the end of the day asked for, both in the zone."""
    if isinstance(moment, dt.datetime) and isinstance(one.at, dt.datetime):
        return one.at <= moment
    days = [
        at.astimezone(zoneinfo.ZoneInfo(zone)).date() if isinstance(at, dt.datetime) else at
        for at in (one.at, moment)
    ]
    return days[0] <= days[1]


def local_day(one: Observation, zone: str) -> dt.date:
    return one.at.astimezone(zoneinfo.ZoneInfo(zone)).date() if isinstance(one.at, dt.datetime) else one.at


@settings(max_examples=150, deadline=None)
@given(
    histories(), moments, st.none() | instants, st.sampled_from(ZONES), st.sampled_from(["ignore", "count"])
)
def test_only_what_counted_is_shown_and_all_of_it_is_counted(history, as_of, known_at, zone, late) -> None:
    asked, policy = portfolio(zone), okr.ScoringPolicy(late=late)
    snapshot = okr.evaluate(asked, history, as_of=as_of, known_at=known_at, scoring=policy)
    start, due = asked.cycles[0].start, asked.cycles[0].end
    for goal in [*asked.key_results, *asked.kpis]:
        for node in nodes(okr.explain(snapshot, goal.id))[1:]:
            if node.kind not in {"observation", "item"}:
                continue
            read = [
                one
                for one in history.observations(node.subject)
                if counts_by(one, as_of, zone)
                and (known_at is None or known_in(one, zone) <= known_at)
                and (late == "count" or isinstance(goal, Kpi) or local_day(one, zone) <= due)
            ]
            if "at" in node.dates:
                assert (node.dates["at"], node.numbers["value"]) in [(one.at, one.value) for one in read]
            else:
                assert not read
            if "count" in node.numbers:
                inside = [one.value for one in read if local_day(one, zone) >= start]
                assert node.numbers["count"] == len(inside)
                if inside and AGGREGATES.get(goal.id) == "sum":
                    assert snapshot[goal.id].value == sum(inside)
            else:
                assert AGGREGATES.get(goal.id, "latest") == "latest"
        if snapshot[goal.id].value is not None and goal.id in AGGREGATES:
            assert [child.kind for child in okr.explain(snapshot, goal.id).children] == ["observation"]


def known_in(one: Observation, zone: str) -> dt.datetime:
    """A day without a time of recording of its own is known at its end in the zone."""
    if isinstance(one.at, dt.datetime) or one.recorded_at != end_of(one.at, UTC):
        return one.recorded_at
    return end_of(one.at, zoneinfo.ZoneInfo(zone))


def end_of(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    following = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zone)
    return following.astimezone(UTC) - dt.timedelta(microseconds=1)


class TestOneDay:
    """In the morning of a day the afternoon has not been."""

    MORNING = dt.datetime(2026, 6, 1, 10, tzinfo=UTC)
    HISTORY = History.of(
        Observation(measure, dt.datetime(2026, 6, 1, hour, tzinfo=UTC), value)
        for measure, hour, value in [
            ("k-sum", 9, 2),
            ("k-sum", 15, 3),
            ("list#a", 15, 1),
            ("kpi", 9, 5),
            ("kpi", 15, 1),
        ]
    )

    def explained(self, id: str) -> str:
        return str(okr.explain(okr.evaluate(portfolio("UTC"), self.HISTORY, as_of=self.MORNING), id))

    def test_a_sum_counts_the_morning_alone(self) -> None:
        text = self.explained("k-sum")
        assert "the sum of 1 observation from 2026-05-30 to 2026-06-01" in text
        assert "Observed 2 on 2026-06-01T09:00" in text

    def test_an_item_and_a_kpi_are_told_of_the_morning(self) -> None:
        assert "T15" not in self.explained("list") + self.explained("kpi")
        assert "Nobody has told anything" in self.explained("list")
        assert "Observed 5 on 2026-06-01T09:00" in self.explained("kpi")


def test_a_checklist_whose_own_id_was_observed_was_never_told_of_its_items() -> None:
    history = History.of([Observation("list", "2026-06-01", 1)])
    snapshot = okr.evaluate(portfolio("UTC"), history, as_of="2026-06-03")
    assert (snapshot["list"].status, snapshot["list"].observed_at) == ("no-data", None)
    assert "Nobody has told of any of its items, so no-data" in str(okr.explain(snapshot, "list"))
