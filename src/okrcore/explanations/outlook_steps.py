"""Explain an outlook: how likely a goal is reached, which leading KPI moved, and what to expect."""

from __future__ import annotations

import datetime as dt

from okrcore.definitions.derived import unit_of
from okrcore.explanations.explanation import ExplanationNotes
from okrcore.explanations.sources_of_value import Ground
from okrcore.leading.evidence import LinkEvidence
from okrcore.leading.weeks_ahead import Lead, WeeksAhead

INTERVAL = 0.95


def say_forecast(notes: ExplanationNotes, due: dt.date, weeks: WeeksAhead) -> None:
    """Say how likely a key result's goal is met by its `due` date, or why nobody can tell (S10)."""
    ahead = weeks.forecast
    if ahead is None:
        notes.say(weeks.note)
        return
    final, touch = notes.share("p_final", ahead.p_final), notes.share("p_touch", ahead.p_touch)
    middle = notes.number("median", ahead.quantiles[0.5], digits=4)
    low, high = (
        notes.number(name, ahead.quantiles[level], digits=4) for name, level in (("low", 0.1), ("high", 0.9))
    )
    span = notes.share("span", 0.8)
    notes.say(
        f"If things go on as they did, the goal is met on {notes.day('due', due)} with probability {final}"
        f" (on the way: {touch}); the value is then about {middle}, with {span} between {low} and {high}"
    )
    notes.say(f"Note: {ahead.note}" if ahead.note else "")


def say_achieved(notes: ExplanationNotes, end: dt.date, weeks: WeeksAhead) -> None:
    """Say how likely an objective is achieved at the `end` of its cycle, or why nobody can tell (S10)."""
    ahead = weeks.achieved
    if ahead is None:
        notes.say(weeks.note)
        return
    p_final = notes.share("p_final", ahead.p_final)
    middle, low, high = (
        notes.number(name, ahead.scores[level], digits=2)
        for name, level in (("median", 0.5), ("low", 0.1), ("high", 0.9))
    )
    span = notes.share("span", 0.8)
    notes.say(
        f"If things go on as they did, it is achieved on {notes.day('end', end)} with probability {p_final};"
        f" its score is then about {middle}, with {span} between {low} and {high}"
    )
    if ahead.together:
        most = notes.number("together", ahead.together, digits=2)
        notes.say(f"Its key results share their shocks: what they do not announce correlates by up to {most}")
    notes.say(f"Note: {ahead.note}" if ahead.note else "")


def say_lead(notes: ExplanationNotes, ground: Ground, lead: Lead) -> None:
    """Say what the data say about a link, and what the last move of its source lets expect (S9.4)."""
    evidence = lead.evidence
    notes.say(_verdict(notes, evidence))
    notes.say(f"Note: {evidence.note}" if evidence.note and evidence.effect is not None else "")
    if not lead.watched or evidence.verdict == "refuted":
        return
    periods = notes.number("watched", lead.watched)
    if lead.moved_at is None or lead.value is None or lead.usual is None:
        notes.say(f"{lead.source} did not move beyond its own noise in the last {_many(evidence, periods)}")
        return
    value = notes.number(
        "moved_to", lead.value, unit_of(ground.snapshot.portfolio[lead.source], ground.snapshot.portfolio)
    )
    notes.say(
        f"{lead.source} moved in the {evidence.period} of {notes.day('moved_at', lead.moved_at)}: {value},"
        f" where its own past announced {notes.number('usual', lead.usual, digits=3)}"
    )
    if lead.expected is None or lead.interval is None or lead.arrives is None:
        return
    effect = notes.number("expected", abs(lead.expected), _difference(ground, lead.target), digits=3)
    side = "lower" if lead.expected < 0 else "higher"
    low, high = (
        notes.number(f"expected_{name}", bound, digits=3)
        for name, bound in zip(("low", "high"), lead.interval, strict=True)
    )
    first, last = (
        notes.day(f"arrives_{name}", day) for name, day in zip(("first", "last"), lead.arrives, strict=True)
    )
    notes.say(
        f"So {lead.target} is expected {effect} {side} than its own past announces"
        f" ({_span(notes)} {low} to {high}), between {first} and {last}"
    )


def _verdict(notes: ExplanationNotes, evidence: LinkEvidence) -> str:
    many = _many(evidence, notes.number("n", evidence.n))
    if evidence.effect is None or evidence.interval is None or evidence.lag is None:
        return f"In the data: undecided; {evidence.note or 'the series hold no information'}"
    effect = notes.number("effect", evidence.effect, digits=3)
    low, high = (
        notes.number(name, bound, digits=3)
        for name, bound in zip(("effect_low", "effect_high"), evidence.interval, strict=True)
    )
    p = notes.number("p_value", evidence.p_value, digits=3)
    numbers = f"effect {effect} ({_span(notes)} {low} to {high}), p {p}, {many}"
    by = f"by {_many(evidence, notes.number('lag', evidence.lag))}"
    leads, led = f"leads {by}", f"led {by}"
    if not evidence.lag:
        leads, led = "moves with it in the same period", "moved with it in the same period"
    if evidence.verdict == "supported":
        among = ""
        if evidence.q_value is not None and evidence.q_value != evidence.p_value:
            among = f", corrected for all links tested {notes.number('q_value', evidence.q_value, digits=3)}"
        return f"In the data it {leads}: {numbers}{among}"
    if evidence.verdict == "decayed":
        at = evidence.decayed_at
        until = f" until {notes.day('decayed_at', at)}" if isinstance(at, dt.date) else ""
        return f"In the data it {led}{until}, and no longer: {numbers}"
    if evidence.verdict == "opposed":
        return f"In the data it {leads}, but against the declared sign: {numbers}"
    if evidence.verdict == "refuted":
        return f"In the data it does not lead: {numbers}"
    more = ""
    if evidence.needed:
        more = f"; about {_many(evidence, notes.number('needed', evidence.needed))} more would decide"
    return f"In the data it is undecided whether it leads: {numbers}{more}"


def _difference(ground: Ground, id: str) -> str:
    portfolio = ground.snapshot.portfolio
    unit = unit_of(portfolio[id], portfolio)
    return "percentage points" if unit in {"%", "percent"} else unit


def _many(evidence: LinkEvidence, count: str) -> str:
    return f"{count} {evidence.period}{'' if count == '1' else 's'}"


def _span(notes: ExplanationNotes) -> str:
    return f"{notes.share('level', INTERVAL)} interval"
