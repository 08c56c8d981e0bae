"""OKR1, outcomes: key results that count what changes, and titles that tell goals apart."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Any

import numpy as np

from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.measures import Checklist, Measure, Target
from okrcore.definitions.portfolio import Portfolio
from okrcore.findings import Finding
from okrcore.governance.questions.words import some
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.subject_rows import Bools, SubjectRows

ACTIVITIES = (
    "add", "assemble", "assess", "build", "certify", "complete", "conduct", "craft", "create",
    "define", "deliver", "deploy", "design", "determine", "develop", "discuss", "document", "draft",
    "establish", "evaluate", "execute", "finalise", "finalize", "finish", "hire", "hold", "host", "identify",
    "implement", "initiate", "install", "integrate", "introduce", "investigate", "kick off", "launch",
    "migrate", "organise", "organize", "perform", "pilot", "plan", "prepare", "produce", "propose",
    "publish", "refactor", "release", "research", "review", "roll out", "run", "set up", "ship", "train",
    "update", "upgrade", "write",
)  # fmt: skip
"""Verbs that say what somebody does, not what is different afterwards."""

OPENING = re.compile(r"[\W_]*([^\W_]+)(?:[\W_]+([^\W_]+))?")
OUTCOME = re.compile(
    r"\d\s*(?:%|percent\b)|[<>≤≥]=?\s*[$€£]?\d|[$€£]\s*\d|\bfrom\s+\S+\s+to\b|\bout\s+of\s+\d", re.IGNORECASE
)
"""A share, a bound, an amount of money, or a way from here to there."""


@governance_rule(
    "OKR105",
    fix="count what changes: name the KPI that reads it, or the number to reach",
    where=lambda rows, context, _: _completions(rows),
    passes="""
        objectives:
          - id: support
            title: Customers get help at once
            cycle: "2026"
            key_results:
              - id: hours
                title: First answers within 4 hours
                unit: hour
                measure: {target: {start: 9, goal: 4}}
              - id: calls
                title: Fewer customers have to call again
                unit: call
                measure: {target: {start: 900, goal: 300}}
        """,
    fails="""
        objectives:
          - id: support
            title: Customers get help at once
            cycle: "2026"
            key_results:
              - id: hours
                title: First answers are fast
                measure: {checklist: {items: [done]}}
        """,
)
def key_result_has_a_number(result: KeyResult) -> Iterator[str]:
    """A key result has a number that moves.

    What is only done or not done says nothing until the last day, and a share of completion without
    anything that is counted is a guess: "it's not a key result unless it has a number" (Marissa Mayer, in
    Doerr, Measure What Matters). So judged are a checklist of a single item, and a target from 0 to 1 or
    from 0 to 100 % that reads no KPI and whose title names no number.
    """
    if isinstance(result.measure, Checklist):
        if len(result.measure.items) == 1:
            yield "is a checklist of one item: done or not done is no number"
    elif not any(map(str.isdigit, result.title)):
        yield "runs from nothing to all, and its title says of what no number"


@governance_rule(
    "OKR106",
    fix="say what is different once it is done; what is done is an initiative",
    where=lambda rows, context, set_to: _activities(rows, set_to["verbs"]),
    passes="""
        objectives:
          - id: self-service
            title: Customers help themselves
            cycle: "2026"
            key_results:
              - id: solved
                title: 60 % of questions are answered by the help centre
                unit: "%"
                measure: {target: {start: 25, goal: 60}}
        """,
    fails="""
        objectives:
          - id: self-service
            title: Customers help themselves
            cycle: "2026"
            key_results:
              - id: solved
                title: Launch the new help centre
                measure: {checklist: {items: [design, articles, go-live]}}
        """,
)
def key_result_is_an_outcome(result: KeyResult, *, verbs: tuple[str, ...] = ACTIVITIES) -> Iterator[Finding]:
    """A key result says what changes, not what somebody does.

    Activity that is finished on time while nothing changes is green to the end: output is taken for
    outcome. So judged is a title that begins with a verb of doing (English; `verbs`) and states no share,
    bound or amount, where only completion is measured: a checklist, or a target from 0 to 1 or 0 to 100 %
    that reads no KPI.
    """
    verb = _activity(result.title, verbs)
    yield fault(f"begins with {verb!r}, which is an activity, and measures only that it is done", verb=verb)


@governance_rule(
    "OKR118",
    severity="info",
    fix="keep one and let the others contribute to it, or say what sets them apart",
    passes="""
        objectives:
          - {id: north, title: Win the north, cycle: "2026"}
          - {id: south, title: Win the south, cycle: "2026"}
        """,
    fails="""
        objectives:
          - {id: north, title: Win new customers, cycle: "2026"}
          - {id: south, title: win new  customers, cycle: "2026"}
        """,
)
def titles_tell_goals_apart(portfolio: Portfolio) -> Iterator[Finding]:
    """No two objectives of one cycle, and no two key results of one objective, have the same title.

    A copy is work counted twice, or a goal that two teams mean to reach each on their own. Case and spaces
    do not tell titles apart. One finding for all that share a title; the subject is the first of them by id.
    """
    shared = (*_shared(portfolio.objectives, "cycle"), *_shared(portfolio.key_results, "objective"))
    for names in sorted(shared):
        first, *others = names
        yield fault(f"has the same title as {some(others)}", subject=first, others=tuple(others))


def _is_completion(measure: Measure, unit: str, measured_by: str | None) -> bool:
    """Return whether a measure tells only how much of a thing is done."""
    if isinstance(measure, Checklist):
        return True
    if not isinstance(measure, Target) or measured_by is not None or measure.start != 0:
        return False
    return measure.goal == (100 if unit in {"%", "percent"} else 1)


def _activity(title: str, verbs: Iterable[str]) -> str:
    """Return the verb of doing that a title begins with, "" where it has none, or states an outcome."""
    if not (found := OPENING.match(title)):
        return ""
    first, second = (word.casefold() for word in found.groups(""))
    verb = next((words for words in (first, f"{first} {second}") if words in verbs), "")
    return "" if verb and OUTCOME.search(title) else verb


def _shared(values: Sequence[Objective | KeyResult], place: str) -> list[list[str]]:
    """Return the ids, sorted, of those that have a title in common in one place."""
    titles = (" ".join(value.title.casefold().split()) for value in values)
    keys = list(zip(map(attrgetter(place), values), titles, strict=True))
    counts = Counter(keys)
    found: dict[tuple[str, str], list[str]] = {}
    if len(counts) < len(keys):
        for key, value in zip(keys, values, strict=True):
            if counts[key] > 1 and key[1]:
                found.setdefault(key, []).append(value.id)
    return list(map(sorted, found.values()))


def _completions(rows: SubjectRows) -> Bools:
    columns: Any = (rows["measure"], rows["unit"], rows["measured_by"])
    return np.fromiter(map(_is_completion, *columns), dtype=np.bool_, count=len(rows))


def _activities(rows: SubjectRows, verbs: Iterable[str]) -> Bools:
    """Return which key results measure completion only and have a title that begins with a verb of doing."""
    found, titles, known = _completions(rows), rows["title"], frozenset(verbs)
    at = np.flatnonzero(found)
    found[at] = [bool(_activity(title, known)) for title in titles[at]]
    return found
