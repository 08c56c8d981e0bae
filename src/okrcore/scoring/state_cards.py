"""Show how one goal, KPI or initiative stands as a card: what decided its status, in a sentence and facts."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.definitions.measures import Band, Checklist, Target
from okrcore.display import apart, card, figure, percent
from okrcore.display.blocks.block import Block
from okrcore.display.blocks.inks import Ink, Row, Say
from okrcore.display.blocks.shapes import Bar
from okrcore.scoring.goal_states import InitiativeState, KeyResultState, KpiState, ObjectiveState
from okrcore.scoring.snapshot_text import range_text

State = KeyResultState | ObjectiveState | KpiState | InitiativeState
Told = Iterator[tuple[str, Ink | str]]


def state_card(state: State) -> tuple[Block, ...]:
    """Return the card of a state."""
    kind, word, said, facts = _parts(state)
    sentence = f"{said[:1].upper()}{said[1:]}." if said else ""
    return card(kind, state.goal.id, title=state.goal.title, word=word, sentence=sentence, facts=facts)


def _parts(state: State) -> tuple[str, str, str, Told]:
    """Return the kind of a state, the word that judges it, its sentence, and its facts."""
    if isinstance(state, KeyResultState):
        return "key result", state.status, way_gone(state), _of_key_result(state)
    if isinstance(state, ObjectiveState):
        return "objective", state.status, _score(state), _of_objective(state)
    if isinstance(state, KpiState):
        return "KPI", state.judged_zone if state.bands.target else "", "", _of_kpi(state)
    return "initiative", state.statuses.value, "", _of_initiative(state)


def state_line(state: State) -> tuple[str, ...]:
    """Return the id of a state and how it stands, with its score, of a KPI its value."""
    name = state.goal.id
    if isinstance(state, KeyResultState | ObjectiveState):
        return name, state.status, "" if state.score is None else f"score {state.score_text}"
    if isinstance(state, KpiState):
        zone = state.judged_zone if state.bands.target else "no target"
        return name, zone, f"{figure(state.value)} {state.goal.unit}".rstrip()
    done, moved = state.statuses
    return name, f"work {done}", f"value {moved}"


def state_label(state: State) -> str:
    """Return what a state is of, for who cannot see it."""
    return f"{type(state.goal).__name__} {state.goal.title or state.goal.id}"


def way_gone(state: KeyResultState) -> str:
    """Return how far a key result is, how far it should be, and what follows.

    >>> from okrcore import KeyResult, Target
    >>> arr = KeyResult(id="arr", objective="o", title="ARR", measure=Target(0, 10))
    >>> way_gone(KeyResultState(goal=arr, value=2.0, observed_at=None, progress=0.2, score=0.2, expected=0.5,
    ...                         pace=0.4, status="off-track", stale=False))
    '20 % of the way where 50 % is due, so off-track'
    """
    if state.progress is None:
        return str(state.status)
    gone = state.scoring.score_text(state.progress)
    if isinstance(state.goal.measure, Band) and state.goal.measure.is_cap and state.value is not None:
        used, cap = apart(state.value, state.goal.measure.high or 0.0, digits=4)
        time = "" if state.expected is None else f" at {percent(state.expected)} of its time"
        return f"{used} of at most {cap}{time}, so {state.status}"
    if isinstance(state.goal.measure, Band):
        return f"{gone} of its periods kept, so {state.status}"
    what = "done" if isinstance(state.goal.measure, Checklist) else "of the way"
    due = "" if state.expected is None else f" where {percent(state.expected)} is due"
    return f"{gone} {what}{due}, so {state.status}"


def _score(state: ObjectiveState) -> str:
    if state.score is None:
        return str(state.status)
    due = "" if state.expected is None else f" where {percent(state.expected)} is due"
    return f"score {state.score_text}{due}, so {state.status}"


def _bar(share: float | None, said: str, due: float | None = None) -> Ink:
    return Row(Bar(share, due, said), Say(said, "number"))


def _of_key_result(state: KeyResultState) -> Told:
    goal = state.goal
    yield "value", _value(state.value, goal.unit, share=isinstance(goal.measure, Checklist))
    if isinstance(goal.measure, Target):
        start = "unknown" if goal.measure.start is None else figure(goal.measure.start)
        yield "from, to", f"{start} to {figure(goal.measure.goal)}"
    elif isinstance(goal.measure, Band):
        yield "target", range_text(goal.measure)
    else:
        yield "items", str(len(goal.measure.items))
    yield "progress", _bar(state.progress, state.scoring.score_text(state.progress), state.expected)
    yield "due by now", percent(state.expected)
    yield "pace", figure(state.pace)
    yield "observed", f"{state.observed_at or '-'}{', stale' if state.stale else ''}"
    if state.coverage < 1:
        yield "periods observed", percent(state.coverage)
    yield from _told_of_both(state)


def _of_objective(state: ObjectiveState) -> Told:
    yield "score", _bar(state.score, state.score_text, state.expected)
    yield "due by now", percent(state.expected)
    if state.low != state.high:
        yield (
            "with what is unknown",
            f"{state.scoring.score_text(state.low)} to {state.scoring.score_text(state.high)}",
        )
    yield "known", percent(state.coverage)
    yield "commitment", state.goal.commitment
    yield from _told_of_both(state)


def _told_of_both(state: KeyResultState | ObjectiveState) -> Told:
    if state.provisional:
        yield "provisional", "a last number may still come"
    if state.original_score is not None:
        yield "under the goal as it was", state.scoring.score_text(state.original_score)
    if state.closing is not None:
        yield "closed", f"{state.closing.at} by {state.closing.by}"


def _of_kpi(state: KpiState) -> Told:
    kpi = state.goal
    yield "value", _value(state.value, kpi.unit)
    yield "target", range_text(state.bands.target)
    if state.bands.limit is not None:
        yield "limit", range_text(state.bands.limit)
    if state.bands.target is not None:
        yield "zone", state.zone
    if state.tolerance is not None:
        yield "tolerated as", f"{state.judged_zone} by {state.tolerance.id}"
    yield "satisfaction", figure(state.satisfaction)
    yield "bonus", "yes" if kpi.incentivised else ""
    yield "owner", kpi.owner or ""
    yield "observed", f"{state.observed_at or '-'}{', stale' if state.stale else ''}"


def _of_initiative(state: InitiativeState) -> Told:
    yield (
        "work done",
        Row(_bar(state.implementation, percent(state.implementation)), Say(state.statuses.implementation)),
    )
    yield "effect", Row(_bar(state.value, percent(state.value)), Say(state.statuses.value))
    yield "stage", state.goal.stage
    yield "cost", "" if state.goal.cost is None else figure(state.goal.cost)
    if state.freeze is not None:
        yield "stands still by", state.freeze.id


def _value(value: float | None, unit: str, *, share: bool = False) -> Ink:
    said = "-" if value is None else percent(value) if share else f"{figure(value)} {unit}".rstrip()
    return Say(said, "number")
