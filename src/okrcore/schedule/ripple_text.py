"""Word what slips do as lines of text: what is delayed and why, whose buffers hold, who owes an answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from okrcore.display import counted, indented, one_line, percent, time_left, wrapped
from okrcore.schedule.deadlines import Owed
from okrcore.schedule.impacts import Clock, Impact
from okrcore.schedule.ripple_result import Ripple

COLUMNS = 100
MOST = 20
"""How many impacts and clocks are told one by one."""


def lines(ripple: Ripple, columns: int = COLUMNS) -> list[str]:
    """Return a screen of text."""
    found = []
    for text in _texts(ripple):
        deep = len(text) - len(text.lstrip())
        drawn = wrapped(one_line(text), columns - deep)
        found += indented(drawn[:1], deep) + indented(drawn[1:], deep + 2 * bool(deep)) if text else [""]
    return found


def _texts(ripple: Ripple) -> Iterator[str]:
    yield summary(ripple)
    if not ripple.impacts:
        return
    late = [one for one in ripple.impacts if not one.absorbed]
    taken = [one for one in ripple.impacts if one.absorbed]
    yield from _listed("Delayed", [_impact(one) for one in late])
    yield from _listed("Absorbed", [_absorbed(one) for one in taken])
    if ripple.absorbed:
        yield f"Teams whose buffers take all of it: {', '.join(ripple.absorbed)}."
    deltas = [_delta(name, *pair) for name, pair in ripple.goal_deltas.items()]
    yield from _listed("Goals that it reaches", deltas)
    yield from _listed("Clocks", [_clock(one) for one in ripple.clocks])


def summary(ripple: Ripple) -> str:
    """Return how many milestones are late, past their due date, and taken by a buffer, in a sentence."""
    late = [one for one in ripple.impacts if not one.absorbed]
    if not ripple.impacts:
        return f"As of {ripple.as_of} no milestone is late, and no slip is given."
    past = sum(one.breach_days > 0 for one in late)
    return (
        f"As of {ripple.as_of}: {counted(len(late), 'milestone')} late, {past} past the due date;"
        f" buffers take the delay of {len(ripple.impacts) - len(late)}."
    )


def _listed(title: str, texts: Sequence[str]) -> Iterator[str]:
    if texts:
        yield ""
        yield title
        yield from indented(texts[:MOST])
        if len(texts) > MOST:
            yield f"  and {len(texts) - MOST} more; JSON has all"


def days(number: float) -> str:
    """Return a number of days in words.

    >>> days(1), days(12), days(2.5)
    ('1 day', '12 days', '2.5 days')
    """
    return f"{number:g} day{'' if number == 1 else 's'}"


def _impact(one: Impact) -> str:
    who = one.owner or "nobody"
    team = f" ({one.team})" if one.team else ""
    until = "done" if one.done else "expected"
    parts = [f"{one.subject}: {days(one.delay_days)} late, {until} {one.expected}"]
    if not one.delay_days:
        parts = [f"{one.subject}: starts {days(one.start_delay_days)} late, and recovers it"]
    if one.breach_days:
        parts.append(f"{days(one.breach_days)} past its due date")
    if one.buffer_days is not None and one.buffer_days > 0:
        parts.append(f"its buffer of {days(one.buffer_days)} is used up")
    if one.since_first:
        parts.append(f"{days(one.since_first)} after the first plan")
    if len(one.chain) > 1:
        parts.append(f"by {' > '.join(one.chain)}")
    soon = f"in {days(one.bites_in)}" if one.bites_in > 0 else "now"
    return f"{'; '.join(parts)}; {who}{team}{'' if one.done else f', bites {soon}'}"


def _absorbed(one: Impact) -> str:
    left = "" if one.buffer_left is None else f", {days(one.buffer_left)} left"
    return (
        f"{one.subject}: a buffer of {days(one.buffer_days or 0)} takes it{left}; by {' > '.join(one.chain)}"
    )


def _delta(name: str, planned: float | None, delayed: float | None) -> str:
    if planned is None or delayed is None:
        return name
    if percent(planned) == percent(delayed):
        return f"{name}: {percent(planned)} at its due date all the same"
    return f"{name}: {percent(planned)} at its due date as planned, {percent(delayed)} as delayed"


def _clock(one: Clock) -> str:
    return f"{one.cause} > {one.team}: notice {_owed(one.notice)}; mitigation {_owed(one.mitigation)}"


def _owed(one: Owed) -> str:
    if one.entry is not None:
        return f"{one.state} by {one.entry.by} on {one.entry.at}"
    return f"{one.state}, {time_left(one.left)}" if one.left is not None else one.state
