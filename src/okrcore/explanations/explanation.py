"""Define one step of an explanation: what it says, with which numbers, and the steps under it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

import attrs

from okrcore.display import apart, blocks, clipped, figure, fragment, mark
from okrcore.display.drawing import Step
from okrcore.frozen import FrozenDict
from okrcore.scoring.kernels import SLACK

Day = dt.date | dt.datetime
_STEPS, _SAID = 20, 500
STEPS = ("at-risk", "on-track")
"""The statuses that two rising thresholds open; below the first it is off-track (S5.2)."""


@attrs.frozen(kw_only=True, repr=False)
class Explanation:
    """Why `subject` has its status: a tree of steps down to the observations; made by `explain`.

    `kind` is objective, key result, KPI, initiative, link, milestone, item, observation, conflict, decision,
    or rest (of what was left out). `status` is a status, of a KPI its zone, "" where the step has none. Every
    number and date in `sentence` stands in `numbers` (as computed, shares as 0 to 1) and `dates`, so that
    anyone can recheck it.
    `text`, `str()` and a notebook show the whole tree.
    """

    subject: str
    kind: str
    status: str = ""
    title: str = ""
    sentence: str = ""
    numbers: Mapping[str, float] = FrozenDict()
    dates: Mapping[str, Day] = FrozenDict()
    children: tuple[Explanation, ...] = ()
    shares: Mapping[str, float] = FrozenDict()
    """How much of a change each cause made, by id, adding up to all of it; of `explain_change` alone."""

    @property
    def text(self) -> str:
        """The whole tree as lines of at most 100 columns."""
        return blocks.text(blocks.Tree(self.steps()))

    def steps(self, depth: int = 0) -> Iterator[Step]:
        """Yield depth, head and sentence of every step, from the top down."""
        status = f": {self.status}" if self.status else ""
        title = f" - {self.title}" if self.title else ""
        yield depth, f"[{mark(self.status)}] {self.kind} {self.subject}{status}{title}", self.sentence
        for child in self.children:
            yield from child.steps(depth + 1)

    def __str__(self) -> str:
        return self.text

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        steps = [*islice(self.steps(), _STEPS + 1)]
        told = [(depth, head, clipped(said, _SAID)) for depth, head, said in steps[:_STEPS]]
        more = (
            [blocks.Para(f"The first {_STEPS} steps; .text has all.", "note")] if len(steps) > _STEPS else []
        )
        return fragment(f"why {self.subject}", [blocks.Tree(told), *more])


class ExplanationNotes:
    """Writes numbers into a sentence and keeps them; what is written nowhere else is not said."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.numbers: dict[str, float] = {}
        self.dates: dict[str, Day] = {}

    def say(self, *words: str) -> None:
        """Add a sentence; it gets its stop here."""
        text = " ".join(word for word in words if word)
        if text:
            self.parts.append(text if text.endswith(".") else f"{text}.")

    def number(self, name: str, value: float, unit: str = "", digits: int = 5) -> str:
        """Return a value with its unit."""
        self.numbers[name] = value
        return f"{figure(value, digits)} {unit}".rstrip()

    def share(self, name: str, value: float, bounds: Iterable[float] = ()) -> str:
        """Return a share as percents, with as many digits as tell it from `bounds` that decide a status."""
        self.numbers[name] = value
        return f"{apart(value * 100, *(bound * 100 for bound in bounds))[0]} %"

    def day(self, name: str, day: Day) -> str:
        """Return a date, or an instant, as ISO text."""
        self.dates[name] = day
        return day.isoformat() if not isinstance(day, dt.datetime) else day.isoformat(timespec="minutes")

    def some(self, name: str, ids: Sequence[str]) -> str:
        """Return the first three ids, and how many more there are."""
        if len(ids) <= 3:
            return ", ".join(ids)
        return f"{', '.join(ids[:3])} and {self.number(f'{name}_more', len(ids) - 3)} more"

    def level(self, what: str, name: str, value: float, thresholds: Mapping[str, float]) -> str:
        """Return where a number stands between the two thresholds of a status."""
        self.numbers |= {name: value, **thresholds}
        number, low, high = apart(value, *thresholds.values())
        if value >= thresholds[_HIGH] - SLACK:
            return f"{what} {number} is at least {high}, so {STEPS[1]}"
        if value >= thresholds[_LOW] - SLACK:
            return f"{what} {number} is at least {low} but below {high}, so {STEPS[0]}"
        return f"{what} {number} is below {low}, so off-track"

    def against(self, what: str, name: str, value: float, bound: str, limit: float, words: str = "") -> str:
        """Return a number compared with one bound."""
        self.numbers |= {name: value, bound: limit}
        number, edge = apart(value, limit)
        verb = "is at least" if value >= limit - SLACK else "is below"
        return f"{what} {number} {verb} {edge}{words}"

    def explanation(
        self,
        subject: str,
        kind: str,
        *,
        status: str = "",
        title: str = "",
        children: Iterable[Explanation] = (),
        shares: Mapping[str, float] = FrozenDict(),
    ) -> Explanation:
        """Return the step of what was noted."""
        return Explanation(
            subject=subject,
            kind=kind,
            status=status,
            title=title,
            sentence=" ".join(self.parts),
            numbers=FrozenDict(self.numbers),
            dates=FrozenDict(self.dates),
            children=tuple(children),
            shares=FrozenDict(shares),
        )


_LOW, _HIGH = "at_risk", "on_track"
