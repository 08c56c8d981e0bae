"""OKR5, integrity, what people say beside what is computed: watermelons, confidence, sandbags."""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from okrcore.definitions.derived import cycle_of, due_of
from okrcore.definitions.digraph import grouped
from okrcore.definitions.measures import Band
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import counted, percent
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.subject_rows import Bools, SubjectRows
from okrcore.history.entry import Entry
from okrcore.scoring.goal_states import KeyResultState, KpiState, ObjectiveState
from okrcore.scoring.kernels import SLACK
from okrcore.scoring.snapshot import Snapshot

ARR = """
    objectives:
      - id: enterprise
        title: Become the tool of large companies
        cycle: "2026"
        key_results:
          - id: arr
            title: ARR of 5 million
            unit: EUR
            cadence: monthly
            measure: {target: {start: 2e6, goal: 5e6}}
    """
_FELL_BACK = """
          - id: seats
            title: 200 seats
            unit: seat
            cadence: monthly
            measure: {target: {start: 100, goal: 200}}
    """
SLOW = [("arr", "2026-03-31", 2.1e6), ("arr", "2026-04-30", 2.2e6), ("arr", "2026-05-31", 2.3e6)]
GREEN = ("green", "ok", "okay", "good", "healthy", "done", "on-track", "achieved", "early")
AMBER = ("amber", "yellow", "attention", "watch", "at-risk", "behind")
RED = ("red", "problem", "breached", "critical", "off-track", "missed")
UNJUDGED = (
    "not-started", "no-data", "unknown", "pending", "draft", "open", "active", "in-progress", "paused",
    "on-hold", "postponed", "cancelled", "canceled", "closed",
)  # fmt: skip
"""Statuses that say how far the work is, and nothing of whether it goes well."""
REVIEWS = ("2026-04-07", "2026-05-05", "2026-06-02")


def _said(confidence: float | None = None, **words: Any) -> list[Entry]:
    return [Entry("check-in", "arr", "cfo", day, confidence=confidence, **words) for day in REVIEWS]


@governance_rule(
    "OKR501",
    needs=("history", "journal"),
    fix="look at the numbers together, and declare what they say or say what they miss",
    passes=Example(ARR, observations=SLOW, entries=_said(status="red")),
    fails=Example(ARR, observations=SLOW, entries=_said(status="green")),
)
def declared_is_not_better_than_computed(
    portfolio: Portfolio,
    context: Context,
    *,
    reviews: int = 3,
    green: tuple[str, ...] = GREEN,
    amber: tuple[str, ...] = AMBER,
    red: tuple[str, ...] = RED,
) -> Iterator[Finding]:
    """The status declared at check-ins is not better than the computed one, review after review.

    Watermelon: green outside, red inside. Compared are the last 3 check-ins that declare a status, each
    with what was computed and known that day and the day before, the better of the two. No data is no
    contradiction, and ends the row; words that neither the lists nor the policy's dialect know are passed
    over.
    """
    levels = _levels(context, green, amber, red)

    def declared(entry: Entry) -> int | None:
        return levels.get(_plain(entry.status)) if entry.status else None

    for subject, row in _in_a_row(context, reviews, declared, lambda said, computed: computed < said):
        yield fault(
            f"worth a look: declared {row[0][1].status} and computed {row[0][2]} at the last "
            f"{len(row)} check-ins",
            subject=subject,
            reviews=tuple((day, one.status, computed) for day, one, computed in row),
        )


@governance_rule(
    "OKR514",
    needs="journal",
    severity="info",
    fix="say it again in a known word, or list the word: in the dialect's `words`, or here and in OKR501",
    passes=Example(ARR, entries=_said(status="On track")),
    fails=Example(ARR, entries=_said(status="greeen")),
)
def declared_status_is_known(
    portfolio: Portfolio,
    context: Context,
    *,
    green: tuple[str, ...] = GREEN,
    amber: tuple[str, ...] = AMBER,
    red: tuple[str, ...] = RED,
    unjudged: tuple[str, ...] = UNJUDGED,
) -> Iterator[Finding]:
    """A status that is declared at a check-in is a word that reviews know.

    People say it in words of their own, so any text is kept. But a word that no list knows, often a mistyped
    one, is compared with nothing, and a watermelon hides behind it. Known are the lists, the statuses and
    zones of the library, and the words of the policy's dialect; case, blanks and hyphens do not matter.
    """
    levels = _levels(context, green, amber, red)
    known = {*levels, *map(_plain, (*unjudged, *context.scoring.words, *context.scoring.words.values()))}
    said = [(_plain(one.status), one) for one in context.entries(kind="check-in") if one.status]
    for word, found in sorted(grouped(one for one in said if one[0] not in known).items()):
        near = difflib.get_close_matches(word, sorted(known), n=1)
        hint = f"; did you mean {near[0]!r}?" if near else ""
        last, times = found[-1], counted(len(found), "check-in")
        yield fault(
            f"has {times} with the status {last.status!r}, which no list knows{hint}",
            subject=last.subject,
            word=last.status,
            entries=len(found),
        )


@governance_rule(
    "OKR510",
    needs=("history", "journal"),
    severity="info",
    fix="ask what the confidence rests on: something that the numbers do not show yet, or hope",
    passes=Example(ARR, observations=SLOW, entries=_said(confidence=0.4)),
    fails=Example(ARR, observations=SLOW, entries=_said(confidence=0.9)),
)
def confidence_follows_the_numbers(
    portfolio: Portfolio, context: Context, *, reviews: int = 3, confidence: float = 0.8
) -> Iterator[Finding]:
    """Nobody stays highly confident of a goal that is off-track, review after review.

    Confidence is declared and progress is computed; they are never mixed, and where they part for
    3 check-ins in a row one of them knows something that should be said. Each is compared with what was
    computed and known that day and the day before, the better of the two.
    """

    def sure(entry: Entry) -> int | None:
        return None if entry.confidence is None else int(entry.confidence >= confidence - SLACK)

    for subject, row in _in_a_row(context, reviews, sure, lambda high, computed: high > computed == 0):
        yield fault(
            f"worth a look: declared a confidence of {row[0][1].confidence:g} and computed {row[0][2]} at "
            f"the last {len(row)} check-ins",
            subject=subject,
            reviews=tuple((day, one.confidence, computed) for day, one, computed in row),
        )


def _met(rows: SubjectRows, context: Context, set_to: Mapping[str, Any]) -> Bools:
    return np.nan_to_num(rows["progress"], nan=-1.0) >= 1 - SLACK


@governance_rule(
    "OKR506",
    severity="info",
    fix="set a goal that has to be worked for, or record why this one was reached so early",
    where=_met,
    passes=Example(
        ARR + _FELL_BACK,
        observations=[
            *(("arr", "2026-03-31", 3.1e6), ("arr", "2026-05-31", 5.0e6)),
            *(("seats", "2026-03-31", 210), ("seats", "2026-05-31", 150)),
        ],
    ),
    fails=Example(ARR, observations=[("arr", "2026-03-31", 5.1e6), ("arr", "2026-05-31", 5.2e6)]),
)
def goal_is_not_met_at_once(
    state: KeyResultState, context: Context, *, share: float = 1 / 3
) -> Iterator[Finding]:
    """A key result is not met in the first third of its cycle.

    A goal that is reached so soon was set too low, or known to be as good as reached; the rest of the cycle
    has nothing to aim at. Looked at are cycles under way, by what was known when the third ended; a
    band to stay in and a guardrail are not asked.
    """
    result = state.goal
    if result.guardrail or isinstance(result.measure, Band):
        return
    cycle, due = cycle_of(result, context.portfolio), due_of(result, context.portfolio)
    third = cycle.start + dt.timedelta(days=int((due - cycle.start).days * share))
    today = context.day_in(cycle)
    if not cycle.start <= today <= cycle.end:
        return
    then = _at(context, third).key_result(result.id) if third < today else state
    if then.progress is not None and then.progress >= 1 - SLACK:
        yield fault(
            f"worth a look: was met by {min(third, today)}, in the first {percent(share)} of its time",
            progress=then.progress,
            by=min(third, today),
        )


Review = tuple[dt.date, Entry, str]
"""The day of a check-in, what was declared there, and the word for what was computed."""


def _in_a_row(
    context: Context,
    reviews: int,
    declared: Callable[[Entry], int | None],
    apart: Callable[[int, int], bool],
) -> Iterator[tuple[str, Sequence[Review]]]:
    """Yield the subjects whose last reviews all part from what was computed, with these, newest first."""
    said: dict[str, dict[dt.date, Entry]] = {}
    for one in context.entries(kind="check-in"):
        if one.subject in context.snapshot and declared(one) is not None:
            said.setdefault(one.subject, {})[context.day_of(one.at)] = one
    for subject, days in sorted(said.items()):
        row: list[Review] = []
        for day in sorted(days, reverse=True)[:reviews]:
            computed, word = _computed(context, subject, day)
            level = declared(days[day])
            if computed is None or level is None or not apart(level, computed):
                break
            row.append((day, days[day], word))
        if row and len(row) == reviews:
            yield subject, row


def _computed(context: Context, subject: str, day: dt.date) -> tuple[int | None, str]:
    """The better of what was computed that day and the day before, as level and word; None for no data."""
    words = [_word(_at(context, one), subject) for one in (day, day - dt.timedelta(days=1))]
    known = [(level, word) for word in words if (level := _LEVELS.get(word)) is not None]
    return max(known) if len(known) == len(words) else (None, "")


def _at(context: Context, day: dt.date) -> Snapshot:
    return context.snapshot if day >= context.day else context.past.at(day, day)


def _word(snapshot: Snapshot, subject: str) -> str:
    match snapshot[subject]:
        case KpiState() as state:
            return state.zone
        case KeyResultState() | ObjectiveState() as state:
            return state.status
        case state:
            return str(state.statuses.value)


def _levels(
    context: Context, green: Sequence[str], amber: Sequence[str], red: Sequence[str]
) -> Mapping[str, int]:
    """Return how good each word is, 2 green and 0 red: the lists, then the words of the policy's dialect."""
    levels = {_plain(word): level for level, words in enumerate((red, amber, green)) for word in words}
    named = {_plain(word): status for status, word in context.scoring.words.items()}
    return levels | {word: _LEVELS[status] for word, status in named.items() if status in _LEVELS}


def _plain(word: str) -> str:
    return "-".join(word.casefold().replace("_", " ").replace("-", " ").split())


_LEVELS = {
    "missed": 0, "off-track": 0, "breached": 0, "at-risk": 1, "watch": 1,
    "early": 2, "on-track": 2, "achieved": 2, "healthy": 2,
}  # fmt: skip
"""Statuses and zones as red, amber and green; no-data, not-started and unknown are none."""
