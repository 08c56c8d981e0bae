"""An explanation reaches from a red objective to the dip, its team, the conflict and the decision on it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import okrcore as okr
from okrcore.surfaces.stories import story
from tests.rhythm.test_actions import at, history, warehouse

AS_OF = "2026-10-04"


def walk(step: okr.Explanation) -> Iterator[okr.Explanation]:
    yield step
    for child in step.children:
        yield from walk(child)


def known():
    portfolio, facts = story("logistics")
    snapshot = okr.evaluate(portfolio, facts, as_of=AS_OF)
    conflicts = okr.find_conflicts(portfolio, facts, as_of=AS_OF, snapshot=snapshot)
    return portfolio, snapshot, conflicts, okr.resolve(conflicts, portfolio, snapshot=snapshot)


def test_from_a_red_objective_to_dip_team_conflict_and_decision():
    _, snapshot, conflicts, decisions = known()
    top = okr.explain(snapshot, "peak-season", conflicts=conflicts, decisions=decisions)
    assert top.status == "off-track"
    (result,) = [one for one in walk(top) if one.subject == "throughput"]
    (leading,) = [one for one in walk(result) if (one.kind, one.subject) == ("KPI", "lanes-recalibrated")]
    assert "It last dipped in the period to 2026-07-19" in leading.sentence
    assert "it is of team engineering; head-of-engineering answers for it" in leading.sentence
    (conflict,) = [one for one in walk(result) if one.kind == "conflict"]
    assert conflict.subject == "measured:sorter-uptime|throughput"
    assert conflict.sentence.startswith("It stands against sorter-uptime of team operations since 2025-12-29")
    (decision,) = conflict.children
    assert decision.sentence == (
        "Rule company-goal-first decides for throughput over sorter-uptime, since 2026-10-04."
    )


def test_each_conflict_is_told_once_and_every_number_can_be_rechecked():
    _, snapshot, conflicts, decisions = known()
    for goal in ("peak-season", "faster-sorting", "sorter-uptime", "recalibration"):
        steps = list(walk(okr.explain(snapshot, goal, conflicts=conflicts, decisions=decisions)))
        told = [one.subject for one in steps if one.kind == "conflict"]
        assert len(told) == len(set(told))
        for one in steps:
            if one.kind not in ("conflict", "decision"):
                continue
            for day in re.findall(r"\d{4}-\d\d-\d\d", one.sentence):
                assert day in map(str, one.dates.values())
            numbers = re.findall(r"\d+(?:\.\d+)?", re.sub(r"\d{4}-\d\d-\d\d", "", one.sentence))
            assert len(numbers) <= len(one.numbers)
    alone = okr.explain(snapshot, "sorter-uptime", conflicts=conflicts, decisions=decisions)
    assert any(one.kind == "decision" for one in walk(alone))


def test_without_conflicts_nothing_is_said_of_them():
    _, snapshot, _, _ = known()
    kinds = {one.kind for one in walk(okr.explain(snapshot, "peak-season"))}
    assert not kinds & {"conflict", "decision"}


def test_what_is_in_force_covers_a_conflict_and_what_nothing_covers_says_so():
    portfolio, snapshot, conflicts, decisions = known()
    one = okr.testing.one(conflicts, kind="measured", between={"throughput", "sorter-uptime"})
    told = okr.explain(snapshot, "throughput", conflicts=[one])
    (conflict,) = [step for step in walk(told) if step.kind == "conflict"]
    assert (conflict.sentence.endswith("No decision covers it."), conflict.children) == (True, ())
    decided = okr.apply(decisions, portfolio)
    later = okr.evaluate(decided, snapshot.history, as_of=AS_OF)
    told = okr.explain(later, "throughput", conflicts=[one])
    (conflict,) = [step for step in walk(told) if step.kind == "conflict"]
    assert [step.kind for step in conflict.children] == ["decision"]
    assert "sorter-uptime gives way to throughput" in conflict.children[0].sentence


def test_the_dip_of_a_key_result_of_its_own_is_told_in_the_days_of_the_calendar():
    base = warehouse()
    goal = okr.KeyResult(
        id="lanes-goal", objective="faster", title="Lanes", measure=okr.Target(10, 30), cadence="weekly"
    )
    own = okr.History.of(
        okr.Observation("lanes-goal", one.at, one.value, recorded_at=one.recorded_at)
        for one in history().observations("lanes")
    )
    snapshot = okr.evaluate(base.with_(goal), own, as_of=at(0, 10))
    told = okr.explain(snapshot, "faster")
    (step,) = [one for one in walk(told) if (one.kind, one.subject) == ("key result", "lanes-goal")]
    assert "shown on 2026-06-08; it is of team operations" in step.sentence
