"""The two stories asked again and again: found, declared, decided, applied and judged (S13, S15)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from typing import Any

import pytest

from okrcore import Decision, Snapshot, evaluate, explain, find_conflicts, weekly
from okrcore.conflicts.conflict import KINDS
from okrcore.surfaces.cli.demo_decisions import (
    HARM,
    AskedConflict,
    first_found,
    logistics_decided,
    software_decided,
)
from okrcore.surfaces.stories import FIRST, LAST, observed, story

SUNDAYS = weekly(FIRST, dt.date(2026, 12, 27))
YEAR_END = dt.date(2026, 12, 31)
HALF_YEAR = dt.date(2026, 7, 1)
SEEDS = (2026, 3, 5, 10)
DAY, WEEK = dt.timedelta(1), dt.timedelta(7)
PAIR = ("sorter-uptime", "throughput")
FAILING = ("off-track", "missed")
MONTHS = [dt.date(2026, month + 1, 1) - DAY for month in range(1, 10)]


@cache
def year(seed: int) -> tuple[AskedConflict, ...]:
    """Return 52 weeks of the logistics story, asked for conflicts between its goals."""
    told = logistics_decided(len(SUNDAYS), seed=seed)
    assert tuple(one.day for one in told) == tuple(SUNDAYS)
    return told


@cache
def full_year(seed: int) -> tuple[AskedConflict, ...]:
    """Return 52 weeks of it, asked for conflicts of every kind."""
    return logistics_decided(len(SUNDAYS), seed=seed, kinds=KINDS)


@cache
def software(seed: int) -> tuple[AskedConflict, ...]:
    """Return the software story, asked at the end of each month."""
    return software_decided(MONTHS, seed=seed)


def uptime(told: tuple[AskedConflict, ...]) -> dict[dt.date, float]:
    """Return what was observed by the end."""
    series = told[-1].snapshot.history.series("sorter-uptime")
    return dict(zip(series.times, series.values.tolist(), strict=True))


def decided_weeks(told: tuple[AskedConflict, ...]) -> Iterator[tuple[AskedConflict, Decision]]:
    """Yield the weeks in which the two goals were decided between."""
    for one in told:
        if one.decisions:
            yield one, one.decisions[0]


def ruling(decision: Decision) -> tuple[Any, ...]:
    """Return what makes a decision another one."""
    return decision.rule, decision.winner, decision.effect, decision.table_hash


class TestTelling:
    @pytest.mark.parametrize("name", ["logistics", "software"])
    def test_more_weeks_change_none_before_them(self, name: str) -> None:
        """S0.5: the weeks to come have no part in those that were."""
        some, more = (set(story(name, weeks=weeks).history) for weeks in (40, 52))
        assert some < more
        assert {one.at for one in more - some} == set(SUNDAYS[40:])

    def test_what_is_granted_changes_no_week_before(self) -> None:
        portfolio, history = story("logistics")
        other = observed("logistics", portfolio, granted=dict.fromkeys(SUNDAYS[20:40], True))
        changed = {one.at for one in set(history) ^ set(other)}
        assert min(changed) == SUNDAYS[20]
        lanes = [one.series("lanes-recalibrated").values[20:].sum() for one in (history, other)]
        assert lanes[1] > 5 * lanes[0]


class TestLogistics:
    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_harm_is_found_from_the_data_by_what_was_known_then(self, seed: int) -> None:
        """S13.3, S0.2: asked with all later weeks at hand it is found on the same day by the same numbers."""
        asked, found, _ = next(first_found(year(seed)))
        assert (found.kind, found.sides) == ("measured", PAIR)
        witness = found.witness
        assert (witness["source"], witness["goal"]) == (HARM.source, HARM.target)
        assert witness["e_value"] >= witness["threshold"]
        assert witness["effect"] < 0
        portfolio, history = story("logistics", seed=seed)
        for day in SUNDAYS[: SUNDAYS.index(asked.day) + 1]:
            every = find_conflicts(portfolio, history, as_of=day, known_at=day)
            between = [one for one in every if one.kind in ("measured", "opposed")]
            assert between == ([found] if day == asked.day else [])

    def test_in_the_story_as_told_it_is_found_before_the_lanes_are_closed(self) -> None:
        asked, found, _ = next(first_found(year(2026)))
        lanes = story("logistics").history.series("lanes-recalibrated").values
        week = SUNDAYS.index(asked.day)
        assert lanes[:week].mean() > 3 * lanes[week + 1 :].mean()
        assert asked.day < HALF_YEAR
        assert found.since < FIRST + WEEK

    def test_once_declared_it_follows_from_structure(self) -> None:
        """S13.2: the same pair, without a number."""
        portfolio, _ = story("logistics")
        assert find_conflicts(portfolio, as_of=FIRST) == ()
        (found,) = find_conflicts(portfolio.with_(HARM), as_of=FIRST + DAY)
        assert (found.kind, found.sides) == ("opposed", PAIR)
        assert found.since == portfolio["recalibration"].start
        for seed in SEEDS:
            told = year(seed)
            first = next(at for at, one in enumerate(told) if one.conflicts)
            for one in told[first + 1 :]:
                assert "opposed" in {conflict.kind for conflict in one.conflicts}
                assert HARM.id in one.portfolio

    @pytest.mark.parametrize("seed", SEEDS)
    def test_the_table_lets_uptime_fall_to_its_limit_until_year_end(self, seed: int) -> None:
        """S15: from the decision's day to the end of the winner's cycle; the incentive suspended."""
        asked, _, decision = next(first_found(year(seed)))
        assert (decision.rule, decision.winner, decision.loser) == ("company-goal-first", *PAIR[::-1])
        assert not decision.standing
        (one,) = asked.portfolio.tolerances
        assert (one.subject, one.winner, one.start, one.end) == (*PAIR, asked.day, YEAR_END)
        assert one.tolerate is not None
        assert (one.tolerate.within, one.tolerate.incentive) == ("limit", "suspended")

    @pytest.mark.parametrize("seed", SEEDS)
    def test_between_target_and_limit_operations_are_not_red(self, seed: int) -> None:
        """S7.1, S15: the raw zone stays, judged healthy down to the limit; no goal is scored otherwise."""
        told = year(seed)
        first = next(first_found(told))[0].day
        watched = [one for one in told if one.snapshot.kpi("sorter-uptime").zone == "watch"]
        assert {one.day > first for one in watched} == {False, True}
        for one in told:
            state = one.snapshot.kpi("sorter-uptime")
            tolerated = one.day >= first and state.zone != "breached"
            assert state.judged_zone == ("healthy" if tolerated else state.zone)
            assert (state.tolerance is not None) == tolerated
        later = watched[-1]
        rows = {row["id"]: row for row in later.snapshot.kpis.to_dicts()}
        assert (rows["sorter-uptime"]["zone"], rows["sorter-uptime"]["judged_zone"]) == ("watch", "healthy")
        said = explain(later.snapshot, "sorter-uptime")
        assert "so watch" in said.sentence
        assert "Judged healthy by rule company-goal-first" in said.sentence
        assert "its incentive suspended" in said.sentence
        assert said.dates["tolerated_until"] == YEAR_END
        free = later.portfolio.without(*(one.id for one in later.portfolio.tolerances))
        other = evaluate(free, later.snapshot.history, as_of=later.day, known_at=later.day)
        assert other.objectives.to_dicts() == later.snapshot.objectives.to_dicts()
        assert other.kpi("sorter-uptime").judged_zone == "watch"

    def test_below_the_limit_the_line_is_repaired_first(self) -> None:
        """S15: the lever's initiative stands still until three period ends in a row are inside the limit."""
        broken = [(told, one, ruled) for told in map(year, SEEDS) for one, ruled in decided_weeks(told)]
        broken = [one for one in broken if one[1].snapshot.kpi("sorter-uptime").zone == "breached"]
        assert broken
        for told, one, decision in broken:
            assert (decision.rule, decision.winner) == ("repair-first", "sorter-uptime")
            assert one.snapshot.kpi("sorter-uptime").judged_zone == "breached"
            held = one.snapshot.initiative("recalibration").freeze
            assert held is not None
            assert (held.subject, held.start) == ("recalibration", one.day)
            assert one.snapshot.initiative("preventive-maintenance").freeze is None
            ended = one.portfolio[f"tolerate:{'<'.join(PAIR)}"]
            assert ended.end == one.day - DAY
            inside, day = 0, one.day
            while inside < 3:
                day += WEEK
                inside = inside + 1 if uptime(told)[day] >= 96.5 else 0
            assert told[-1].portfolio[held.id].end == day
            lanes = told[-1].snapshot.history.series("lanes-recalibrated")
            stopped = lanes.values[SUNDAYS.index(one.day) + 1 : SUNDAYS.index(day) + 1]
            assert not stopped.any()
            for later in told[SUNDAYS.index(one.day) :]:
                state = later.snapshot.initiative("recalibration")
                assert (state.freeze is not None) == (later.day <= day)
                assert state.frozen_days == (min(later.day, day) - one.day).days + 1
            assert told[-1].portfolio[ended.id].renewed == 1

    @pytest.mark.parametrize("seed", SEEDS[:2])
    def test_tolerances_never_pile_up(self, seed: int) -> None:
        """S15: one an effect and pair; of these one in force, and beside it at most a freeze."""
        for one in full_year(seed):
            kept = [(held.kind, held.sides) for held in one.portfolio.tolerances]
            assert len(kept) == len(set(kept))
            for sides in {conflict.sides for conflict in one.conflicts}:
                between = [held for held in one.portfolio.tolerances if held.sides == sides]
                holding = [held for held in between if held.holds(one.day) and held.kind != "freeze"]
                frozen = [held for held in between if held.holds(one.day) and held.kind == "freeze"]
                assert len(holding) == 1 or (len(frozen) == 1 and not holding)

    @pytest.mark.parametrize("seed", SEEDS[:2])
    def test_a_decision_is_up_again_only_with_its_ruling(self, seed: int) -> None:
        """S15: not when a number moves, though numbers do."""
        last: dict[tuple[str, ...], tuple[Any, ...]] = {}
        degrees: dict[str, set[float]] = {}
        for one in full_year(seed):
            for decision in one.decisions:
                sides = decision.conflict.sides
                assert decision.standing == (last.get(sides) == ruling(decision)), one.day
                degrees.setdefault(decision.conflict.id, set()).add(decision.conflict.degree)
            last |= {decision.conflict.sides: ruling(decision) for decision in one.decisions}
        assert max(map(len, degrees.values())) > 10

    @pytest.mark.parametrize("seed", SEEDS)
    def test_measured_and_opposed_of_one_pair_are_one_decision(self, seed: int) -> None:
        """S15: both name one winner by one rule, and one tolerance holds."""
        both = [
            one for one in year(seed) if len(one.conflicts) == 2 and set(one.conflicts[1].sides) == set(PAIR)
        ]
        assert both
        for one in both:
            assert len({ruling(decision) for decision in one.decisions}) == 1
            assert len({decision.since for decision in one.decisions}) == 1
            holding = [held for held in one.portfolio.tolerances if held.holds(one.day) and held.tolerate]
            assert len(holding) == (one.decisions[0].rule == "company-goal-first")

    def test_throughput_gains_what_uptime_gives(self) -> None:
        """The decision is worth something: at the same week the story as it went is behind."""
        portfolio, history = story("logistics", weeks=52)
        without = evaluate(portfolio, history, as_of=SUNDAYS[-1]).key_result("throughput")
        with_it = year(2026)[-1].snapshot.key_result("throughput")
        assert with_it.score >= 1 > without.score + 0.3


class TestSoftware:
    def test_disconnected_is_found_in_the_first_month_it_could_be(self) -> None:
        """S13.4: from the first month whose end sees the objective fail, the bonus first."""
        for seed in (2026, 0, 1):
            portfolio, history = story("software", seed=seed)
            could = [
                day
                for day in MONTHS
                if evaluate(portfolio, history, as_of=day, known_at=day).objective("enterprise").status
                in FAILING
            ]
            found = [one for one in first_found(software(seed)) if one[1].kind == "disconnected"]
            assert [one.day for one, *_ in found[:1]] == could[:1]
            if found:
                _, first, decision = found[0]
                assert first.sides == ("enterprise", "ui-satisfaction")
                assert first.witness["incentivised"]
                assert "page-load" in {side for _, later, _ in found[1:] for side in later.sides}
                assert decision.winner == "enterprise"
        assert found_month(2026, "disconnected") < HALF_YEAR

    def test_divergent_is_found_in_the_first_month_it_could_be(self) -> None:
        """S13.4: three failing ends of weeks in a row, the KPI healthy its longest lag before each."""
        for seed in (2026, 0, 1):
            could = first_divergence(seed)
            days = [one.day for one, found, _ in first_found(software(seed)) if found.kind == "divergent"]
            assert days[:1] == [day for day in MONTHS if could and day >= could][:1]
        could = first_divergence(2026)
        assert could is not None
        assert found_month(2026, "divergent").month == could.month
        assert found_month(2026, "divergent") < HALF_YEAR

    def test_a_number_of_the_interface_and_the_pilots_part_from_their_goal(self) -> None:
        """The interface is green, pilots run and run, and no contract comes of either."""
        found = [one for _, one, _ in first_found(software(2026)) if one.kind == "divergent"]
        kpis = {one.witness["kpi"] for one in found}
        assert kpis == {"onboarding-completed", "pilots-running"}
        assert {one.witness["goal"] for one in found} == {"pilots-converted", "enterprise-arr"}
        for one in found:
            assert {zone for _, _, zone, _ in one.witness["periods"]} == {"healthy"}

    def test_the_bonus_is_suspended_and_every_goal_stays_as_it_is(self) -> None:
        told = software(2026)
        asked, _, decision = next(first_found(told))
        held = asked.snapshot.kpi("ui-satisfaction").tolerance
        assert held is not None
        assert (held.winner, held.start, held.end) == ("enterprise", asked.day, YEAR_END)
        assert held.tolerate == decision.effect.tolerate
        assert held.tolerate.incentive == "suspended"
        for before, after in pairwise(told[told.index(asked) :]):
            kept = set(before.portfolio.tolerances)
            assert kept <= set(after.portfolio.tolerances)
        portfolio, history = story("software")
        free = evaluate(portfolio, history, as_of=LAST)
        last = evaluate(told[-1].portfolio, history, as_of=LAST)
        assert free.objectives.to_dicts() == last.objectives.to_dicts()


def found_month(seed: int, kind: str) -> dt.date:
    """Return the month's end at which a kind is found first."""
    return next(one.day for one, found, _ in first_found(software(seed)) if found.kind == kind)


def first_divergence(seed: int) -> dt.date | None:
    """Return the first day on which a KPI diverges from a key result that it is to help, by definition.

    Weeks count from the first day of the cycle; all links of the story give their lag as `low w..high w`.
    """
    portfolio, history = story("software", seed=seed)
    start = portfolio["2026"].start

    @cache
    def at(day: dt.date, known: dt.date) -> Snapshot:
        return evaluate(portfolio, history, as_of=day, known_at=known)

    firsts = []
    for link in portfolio.links:
        helps = link.source in {kpi.id for kpi in portfolio.kpis if kpi.target} and link.sign > 0
        if not helps or link.target not in {result.id for result in portfolio.key_results}:
            continue
        lag, run = dt.timedelta(weeks=int(link.lag.split("..")[1].rstrip("w"))), 0
        for end in weekly(start + 6 * DAY, LAST):
            failed = at(end, end).key_result(link.target).status in FAILING
            apart = failed and at(end - lag, end).kpi(link.source).zone == "healthy"
            run = run + 1 if apart else 0
            if run == 3:
                firsts.append(end)
                break
    return min(firsts, default=None)
