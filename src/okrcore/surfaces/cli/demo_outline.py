"""Outline what was found and decided in a story, as steps and as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from okrcore.conflicts.conflict import Conflict
from okrcore.display import figure
from okrcore.display.drawing import Step, mark
from okrcore.explanations.explaining import explain
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.cli.demo_decisions import HARM, AskedConflict, first_found
from okrcore.surfaces.stories import FIRST


def verdict_steps(told: Sequence[AskedConflict], now: Snapshot) -> Iterator[Step]:
    """Yield where each kind of conflict was found first, how it was decided, and what that changes.

    `now` is the story as it went on without a decision.
    """
    found, last = list(first_found(told)), told[-1]
    if not found:
        yield 0, f"No conflict is found until {last.day}, asked {len(told)} times.", ""
    for kind in dict.fromkeys(conflict.kind for _, conflict, _ in found):
        asked, conflict, decision = next(one for one in found if one[1].kind == kind)
        more = [other.id for when, other, _ in found if when is asked and other.kind == kind][1:]
        week = (asked.day - FIRST).days // 7 + 1
        head = f"{asked.day}, week {week}: {conflict.kind}: {' and '.join(conflict.sides)}"
        yield 0, head, " ".join(_said(conflict, more))
        by = f"rule {decision.rule}" if decision.rule else "the default"
        ruled = f"As decided on {decision.since}." if decision.standing else f"{decision.why}."
        yield 1, f"{decision.winner or 'nobody'} wins by {by}", ruled
    for name in _losers(last):
        if last.portfolio[name].incentivised:
            state = last.snapshot.kpi(name)
            head = f"[{mark(state.judged_zone)}] KPI {name}: zone {state.zone}, judged {state.judged_zone}"
            yield 0, f"{head} on {last.day}", " ".join(_changed(told, name, now))


def plain_verdicts(told: Sequence[AskedConflict]) -> Mapping[str, Any]:
    """Return all of it: what was found when, what is in force, and the zones of each KPI that gives way."""
    last = told[-1]
    zones = [
        {
            "id": name,
            "zone": [one.snapshot.kpi(name).zone for one in told],
            "judged_zone": [one.snapshot.kpi(name).judged_zone for one in told],
        }
        for name in _losers(last)
    ]
    return {
        "asked": [one.day for one in told],
        "found": [
            {"conflict": conflict, "decision": decision.as_plain()}
            for _, conflict, decision in first_found(told)
        ],
        "declared": [HARM] if HARM.id in last.portfolio else [],
        "tolerances": last.portfolio.tolerances,
        "kpis": zones,
    }


def _said(conflict: Conflict, more: Sequence[str]) -> Iterator[str]:
    if conflict.kind == "measured":
        yield "Nobody had declared it:"
    if conflict.kind == "opposed":
        yield f"{HARM.id} (sign {HARM.sign:+d}) is declared by now, and no numbers are needed:"
    yield f"{conflict.sentence}."
    if more:
        yield f"Found with it: {', '.join(more)}."


def _losers(last: AskedConflict) -> list[str]:
    """The KPIs that are judged by a decision in force."""
    held = (one for one in last.portfolio.tolerances if one.tolerate and one.holds(last.day))
    return sorted({one.subject for one in held if one.subject})


def _changed(told: Sequence[AskedConflict], name: str, now: Snapshot) -> Iterator[str]:
    last = told[-1]
    yield explain(last.snapshot, name).sentence
    since = [one.snapshot.kpi(name) for one in told if name in _losers(one)]
    spared = sum(one.zone != one.judged_zone for one in since)
    if spared:
        yield f"Outside its target and judged healthy {spared} of {len(since)} times since the decision."
    for winner in sorted({one.winner for one in last.decisions if one.loser == name and one.winner}):
        result, without = (getattr(one[winner], "value", None) for one in (last.snapshot, now))
        if result != without:
            unit = last.portfolio[winner].unit
            yield f"{winner}: {figure(result)} {unit}, without the decision {figure(without)}."
