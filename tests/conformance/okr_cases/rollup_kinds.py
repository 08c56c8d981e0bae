"""Cases whose answer is what children make of their parent."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from okr_cases.build import Definition, goal_state, judged, key_result, objective, observed, snapshot, ticked
from okr_cases.case import Answer, Case, Skip, refuse_unknown
from okrcore import Cycle, KeyResult, Observation, Target, contributions, roll_up

Node = Mapping[str, Any]


def mean_rollup(case: Case) -> Answer:
    """The mean of the children, each with the same weight."""
    children = case.parts("children", "progress weight type")
    if any(case.known("weight", child) != 1 for child in children):
        raise Skip("a mean of children with different weights")
    return weighted_rollup(case)


def weighted_rollup(case: Case) -> Answer:
    """The weighted mean of the children."""
    children = case.parts("children", "progress weight type")
    pairs = [(case.share(case.number("progress", child)), case.known("weight", child)) for child in children]
    for child in children:
        if child.get("type", "key_result") not in {"key_result", "objective"}:
            raise Skip(f"unknown type {child['type']!r} of a child")
    if not pairs:
        case.needs("empty", "there are no children")
    elif not sum(weight for _, weight in pairs):
        case.needs("zero_total_weight", "all weights are zero")
    if any(score is None for score, _ in pairs):
        case.needs("missing", "a child has no progress")
    _check_ends(case, [score for score, _ in pairs if score is not None])
    return case.shown(roll_up(pairs, case.scoring).score)


def _check_ends(case: Case, scores: Sequence[float]) -> None:
    """Skip for a child beyond the ends where neither the case nor the dialect says what it counts."""
    rule = case.policy.get("child_clamp")
    below, above = any(score < 0 for score in scores), any(score > 1 for score in scores)
    stated = {"unit": rule is not None, "floor": True, "none": True}[case.shipped.rollup_clamp]
    if (below or above) and not stated:
        raise Skip("a child lies beyond 0 or 100 %, and the policy states no child_clamp")
    if below and str(rule).startswith("cap"):
        raise Skip(f"a child is below 0, and child_clamp {rule!r} says nothing of that")


def tree_mean_rollup(case: Case) -> Answer:
    """The mean of the children at every node of a tree; the second child of the root is "child2"."""
    tree = case.inputs["tree"]
    definitions: list[Definition] = []
    observations: list[Observation] = []

    def define(node: Node, name: str, parent: str | None) -> None:
        refuse_unknown(node, "children progress name", "tree")
        if ("children" in node) == ("progress" in node) or (parent is None and "children" not in node):
            raise Skip("a node of a tree has either children or a progress, and the root has children")
        if "children" not in node:
            value = case.share(case.known("progress", node))
            _check_ends(case, [value or 0.0])
            definitions.append(key_result(name, Target(0, 1), goal=str(parent)))
            observations.extend(observed(name, value))
            return
        children = case.parts("children", "children progress name", node)
        if not children:
            case.needs("node_without_children", "a node has no children")
        definitions.append(objective(name, *([parent] if parent else [])))
        for number, child in enumerate(children, 1):
            define(child, f"child{number}" if parent is None else f"{name}.{number}", name)

    define(tree, "root", None)
    found = snapshot(definitions, observations, case.scoring)
    return {one.id: case.shown(getattr(found[one.id], "score", None)) for one in definitions}


def history_series(case: Case) -> Answer:
    """One key result on each day, as it stood that day."""
    entries = case.parts("history", "date start target current")
    return _series(case, [{"history": entries}])


def history_series_rollup(case: Case) -> Answer:
    """The mean of key results, or of objectives, on each day."""
    return _series(case, case.parts("children", "children history"))


def _series(case: Case, nodes: Sequence[Node]) -> list[float | None]:
    first, count = dt.date.fromisoformat(case.inputs["from"]), case.known("days")
    if not (count.is_integer() and 0 <= count <= 10_000):
        raise Skip("days is no count")
    days = [first + dt.timedelta(days=n) for n in range(int(count))]
    return [case.shown(_on(case, nodes, day)) for day in days]


def _on(case: Case, nodes: Sequence[Node], day: dt.date) -> float | None:
    """Return the parent's score on a day, by the targets that stood that day."""
    definitions: list[Definition] = [objective("root")]
    observations: list[Observation] = []

    def define(node: Node, name: str, parent: str) -> None:
        if "history" not in node:
            definitions.append(objective(name, parent))
            for number, child in enumerate(case.parts("children", "children history", node)):
                define(child, f"{name}.{number}", name)
            return
        entries = _entries(case, node)
        standing = [target for at, target, _ in entries if at <= day] or [
            target for _, target, _ in entries[:1]
        ]
        definitions.append(key_result(name, standing[-1] if standing else Target(0, 1), goal=parent))
        observations.extend(Observation(name, at, value) for at, _, value in entries)

    for number, node in enumerate(nodes):
        define(node, f"child{number}", "root")
    cycle = Cycle(id="cycle", start=day - dt.timedelta(days=1), end=day + dt.timedelta(days=1))
    return goal_state(snapshot(definitions, observations, case.scoring, day, cycle), "root").score


def _entries(case: Case, node: Node) -> list[tuple[dt.date, Target, float]]:
    """Return (day, target, value) of each entry, in the order of days."""
    entries: dict[dt.date, tuple[dt.date, Target, float]] = {}
    for entry in case.parts("history", "date start target current", node):
        day, value = dt.date.fromisoformat(entry["date"]), case.known("current", entry)
        target = Target(case.known("start", entry), case.known("target", entry))
        if target.start == target.goal and value != target.start:
            raise Skip("start equals target and no rule is stated for it")
        if day in entries:
            raise Skip("two values on one day and no rule is stated for it")
        entries[day] = (day, target, value)
    return [entries[day] for day in sorted(entries)]


def series_mean(case: Case) -> Answer:
    """The mean of several series at each position, over those that reach it."""
    series = [child["series"] for child in case.parts("children", "series")]
    count = case.known("days")
    if not (count.is_integer() and 0 <= count <= 10_000):
        raise Skip("days is no count")
    return [
        case.shown(
            roll_up(
                [
                    (case.share(case.number("series", {"series": one[n]}) if n < len(one) else None), 1)
                    for one in series
                ],
                case.scoring,
            ).score
        )
        for n in range(int(count))
    ]


def targets_and_checklist_rollup(case: Case) -> Answer:
    """Targets and one checklist, which counts as one of them."""
    children = case.parts("children", "start target current weight")
    definitions: list[Definition] = [objective()]
    observations: list[Observation] = []
    for number, child in enumerate(children):
        target = Target(case.known("start", child), case.known("target", child))
        if target.start == target.goal:
            case.needs("start_equals_target", "start equals target")
        definitions.append(key_result(f"child{number}", target, case.known("weight", child)))
        observations += observed(f"child{number}", case.known("current", child))
    done = case.inputs.get("checklist") or []
    if not all(isinstance(flag, bool) for flag in done):
        raise Skip("checklist is no list of true and false")
    if done:
        checklist, told = ticked(done)
        definitions.append(key_result("list", checklist))
        observations += told
    if len(definitions) == 1:
        case.needs("empty", "there are no children")
    return case.shown(goal_state(snapshot(definitions, observations, case.scoring)).score)


def kra_weighted_score(case: Case) -> Answer:
    """What each child gives to the score, the score, and the same out of 5."""
    children = case.parts("children", "progress weight")
    weights = [case.known("weight", child) for child in children]
    if abs(sum(weights) - 100) > 1e-9:
        raise Skip("the weights do not sum to 100, which the system refuses")
    shares = [case.share(case.known("progress", child)) for child in children]
    _check_ends(case, [share for share in shares if share is not None])
    names = [f"child{number}" for number in range(len(children))]
    found = snapshot(
        [
            objective(),
            *(key_result(name, Target(0, 1), weight) for name, weight in zip(names, weights, strict=True)),
        ],
        [one for name, share in zip(names, shares, strict=True) for one in observed(name, share)],
        case.scoring,
    )
    score, given = goal_state(found).score, contributions(found, "goal")
    return {
        "goal_scores": [case.shown(given.get(name, 0.0)) for name in names],
        "goal_score_percentage": case.shown(score),
        "total_score_of_5": None if score is None else 5 * score,
    }


def value_proportional_weights(case: Case) -> Answer:
    """Weights in proportion to the way to each target: what each gives once all are reached."""
    children = case.parts("children", "start target")
    ways = [(case.number("start", child) or 0.0, case.known("target", child)) for child in children]
    if all(start == goal for start, goal in ways):
        raise Skip("there is no way to go and no rule is stated for it")
    names = [f"child{number}" for number in range(len(ways))]
    results = [
        KeyResult(
            id=name,
            objective="goal",
            title="",
            measure=Target(*way, "at_most" if way[1] < way[0] else "at_least"),
            weight="value",
        )
        for name, way in zip(names, ways, strict=True)
    ]
    reached = [one for name, (_, goal) in zip(names, ways, strict=True) for one in observed(name, goal)]
    given = contributions(snapshot([objective(), *results], reached, case.scoring), "goal")
    return [case.shown(given.get(name, 0.0)) for name in names]


def sum_of_current_values(case: Case) -> Answer:
    """The children's values added up."""
    children = case.parts("children", "setting current")
    if not children:
        raise Skip("there are no children and no rule is stated for it")
    for child in children:
        if child.get("setting") not in {"linkonly", "linkAndReport"}:
            raise Skip(f"unknown setting {child.get('setting')!r}")
    return judged(
        Target(0, 1), [case.known("current", child) for child in children], case.scoring, "sum"
    ).value
