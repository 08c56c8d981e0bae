"""Explain whether a KPI moved beyond chance: its newest value within the limits of its process (S11)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from okrcore.definitions.days import day_in
from okrcore.definitions.derived import team_of
from okrcore.explanations.explanation import ExplanationNotes
from okrcore.explanations.sources_of_value import Ground
from okrcore.monitoring.found_dips import dips
from okrcore.monitoring.signal_table import newest_points, signals_of

_WORDS = {
    "outside": "lies outside its limits",
    "trend": "is one of seven in a row that go one way",
    "two-of-three": "lies near a limit, the second of three",
    "shift": "is one of seven in a row on one side of the mean",
}


def say_signal(notes: ExplanationNotes, ground: Ground, id: str, *, chance: bool) -> None:
    """Say how the newest value of a KPI lies within its limits, `chance` too, and when it last dipped.

    Of a period that holds too few observations to be compared with others the one before it is said.
    """
    snapshot = ground.snapshot
    portfolio, history, rates = snapshot.portfolio, snapshot.history, snapshot.rates
    as_of, known_at, journal = snapshot.as_of, snapshot.when.known, snapshot.journal
    last = ground.newest.get(id)
    if ground.signals is None:
        points = signals_of(
            portfolio, history, as_of=as_of, known_at=known_at, only=[id], rates=rates, journal=journal
        )
        last = next(iter(newest_points(points)), None)
    if last is not None and last["low"] is not None and (chance or last["signal"]):
        low, high = (notes.number(f"natural_{name}", last[name], digits=4) for name in ("low", "high"))
        newest = _newest(notes, last, snapshot.kpi(id).value)
        if last["signal"] is None:
            notes.say(f"{newest} lies within its limits, {low} to {high}: chance alone moves it so far")
        else:
            meaning = {"neutral": ""}.get(last["meaning"], f", {_article(last['meaning'])}")
            notes.say(f"{newest} {_WORDS[last['signal']]}, {low} to {high}{meaning}")
    say_dip(notes, ground, id)


def say_dip(notes: ExplanationNotes, ground: Ground, id: str) -> None:
    """Say when a KPI or key result last dipped, to which team it belongs, and who answers for it."""
    snapshot = ground.snapshot
    portfolio, history, rates = snapshot.portfolio, snapshot.history, snapshot.rates
    as_of, known_at, journal = snapshot.as_of, snapshot.when.known, snapshot.journal
    found = [one for one in ground.dips or () if one.subject == id]
    if ground.dips is None:
        found += dips(
            portfolio, history, as_of=as_of, known_at=known_at, only=[id], journal=journal, rates=rates
        )
    if not found:
        return
    last, value = found[-1], portfolio[found[-1].subject]
    shown_on = day_in(last.shown, portfolio.calendar.timezone)
    shown = notes.day("shown", shown_on)
    if last.is_early:
        period = f"from {notes.day('period_start', last.start)}"
    else:
        period = f"to {notes.day('period_end', last.period_end)}"
    team, owner = team_of(value, portfolio), ground.relations.who_answers(value)
    whose = "".join([f"; it is of team {team}" if team else "", f"; {owner} answers for it" if owner else ""])
    notes.say(f"It last dipped in the period {period}, shown on {shown}{whose}")


def _newest(notes: ExplanationNotes, last: Mapping[str, Any], value: float | None) -> str:
    if value is None or math.isclose(last["value"], value, rel_tol=1e-9):
        return "Its newest value"
    end, whole = notes.day("charted_end", last["end"]), notes.number("charted", last["value"])
    return f"The newest period that is whole, to {end}, has {whole}, which"


def _article(word: str) -> str:
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"
