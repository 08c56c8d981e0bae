"""Declare objectives, how they contribute to each other, and their key results."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

import attrs
from attrs import field

from okrcore.definitions.aggregates import AGGREGATES, Aggregate
from okrcore.definitions.cadence import Cadence, cadence_fault
from okrcore.definitions.commitments import COMMITMENTS
from okrcore.definitions.fields import (
    at_least,
    check,
    each,
    from_texts,
    is_a,
    is_date,
    is_flag,
    is_id,
    is_text,
    one_of,
    optional,
    report,
    to_day_or_none,
    to_float,
    to_texts,
)
from okrcore.definitions.measures import Band, Checklist, Measure, Target
from okrcore.errors import OkrError

is_aggregate = one_of(*AGGREGATES)


def to_cadence(value: Cadence | str | None) -> Cadence | None:
    """Return the cadence that text names; what names none is left for `is_cadence` to report."""
    try:
        return Cadence(value) if isinstance(value, str) else value
    except OkrError:
        return value  # type: ignore[return-value]


def is_cadence(value: object) -> str | None:
    """A cadence, or None."""
    return None if value is None or isinstance(value, Cadence) else cadence_fault(value)


def silence_faults(zero_when_silent: bool, aggregate: str) -> Iterable[tuple[str, str]]:
    """Yield the fault of a silence that is to be 0 where no number follows from that (A9)."""
    if zero_when_silent and aggregate not in {"sum", "latest"}:
        yield (
            "zero_when_silent",
            f"zero_when_silent is true, but silence is no {aggregate}; give aggregate sum, or leave it out",
        )


SAME_MOMENT = ("correct", "add")
"""What several records of one measure and moment are (A12): corrections, or counts of each author."""


def moment_faults(same_moment: str, aggregate: str) -> Iterable[tuple[str, str]]:
    """Yield the fault of counts that are to add up in what is no sum (A12)."""
    if same_moment == "add" and aggregate != "sum":
        fault = f'same_moment is "add", but aggregate is {aggregate}; give aggregate sum, or leave it out'
        yield "same_moment", fault


def _to_weight(value: float | Literal["value"]) -> float | Literal["value"]:
    return value if isinstance(value, str) else to_float(value)


def _is_weight(value: object) -> str | None:
    return None if isinstance(value, str) and value == "value" else at_least(0)(value)


Stage = Literal["draft", "active", "paused", "cancelled"]
"""Whether a goal is pursued: only active ones have weight (S21.5)."""

STAGES: tuple[Stage, ...] = ("active", "paused", "draft", "cancelled")
"""Every stage, from the most to the least active."""


@attrs.frozen
class Contribution:
    """An objective's share in the score of the objective `to`; weight 0 aligns for display only (S4.1).

    >>> Contribution("automate-sorting", weight=2).weight
    2.0
    """

    to: str = field(metadata=check(is_id))
    weight: float = field(default=1.0, converter=to_float, metadata=check(at_least(0)))

    def __attrs_post_init__(self) -> None:
        report(self)


def _to_contributions(values: Iterable[Contribution | str]) -> tuple[Contribution, ...]:
    return from_texts(values, Contribution)


@attrs.frozen(kw_only=True)
class Objective:
    """What is to be achieved in a cycle, judged by its key results and the objectives that contribute.

    `commitment`: "committed" is achieved at 1.0, "aspirational" at 0.7, "learning" when its question is
    answered (S5.3). `contributes_to` may name several parents; text stands for a contribution of weight 1.
    `stage`: only what is "active" has weight; "draft", "paused" or "cancelled" is then the status, of its key
    results too (S21.5). `continues` names the objective that it was carried over from.

    >>> Objective(id="growth", title="Grow", cycle="2026", contributes_to=["north-star"]).contributes_to
    (Contribution(to='north-star', weight=1.0),)
    """

    id: str = field(metadata=check(is_id))
    title: str = field(metadata=check(is_text))
    cycle: str = field(metadata=check(is_id))
    owner: str | None = field(default=None, metadata=check(optional(is_id)))
    team: str | None = field(default=None, metadata=check(optional(is_id)))
    commitment: Literal["committed", "aspirational", "learning"] = field(
        default="committed", metadata=check(one_of(*COMMITMENTS))
    )
    contributes_to: tuple[Contribution, ...] = field(
        default=(), converter=_to_contributions, metadata=check(each(is_a(Contribution)))
    )
    stage: Stage = field(default="active", metadata=check(one_of(*STAGES)))
    continues: str | None = field(default=None, metadata=check(optional(is_id)))
    why: str = field(default="", metadata=check(is_text))
    tags: tuple[str, ...] = field(default=(), converter=to_texts, metadata=check(each(is_text)))
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        report(self)
        parents = [contribution.to for contribution in self.contributes_to]
        if len(set(parents)) < len(parents):
            report(self, [("contributes_to", "contributes_to names one objective twice; add the weights up")])


def a_sum_would_fall(target: Target) -> bool:
    """Return whether a sum, which begins at 0, would meet a falling target on the first day (A8)."""
    return target.start is not None and target.start > target.goal >= 0


@attrs.frozen(kw_only=True)
class KeyResult:
    """A number that says how far an objective is.

    Observations are read from the KPI or key result `measured_by`, in the unit of the first of that chain,
    or, without one, from this id; so goals share one series, or carry it over (A10). `unit`
    is the unit of `measure` ("" not declared). `aggregate` makes one value of a cycle's observations
    (S2.7), to which with `same_moment` "add", here or on its KPI, each author of one moment adds (A12);
    with `zero_when_silent`, here or on its KPI, no rows is 0 while the feed is known to live (A9).
    `weight` is its share in the objective, 0 or more; "value" weighs by |goal - start| (S4.7).
    A `guardrail` has no weight: outside its band (a target: short of its goal) it holds the objective
    down (S5.5). `due` None is the cycle's end; `cadence` None is the KPI's. `stage` is as an objective's; a
    key result is at most as active as its objective (S21.5). `continues` names the key result that it was
    carried over from.

    >>> KeyResult(id="arr", objective="growth", title="ARR", measure=Target(1e6, 2e6), unit="EUR").aggregate
    'latest'
    """

    id: str = field(metadata=check(is_id))
    objective: str = field(metadata=check(is_id))
    title: str = field(metadata=check(is_text))
    measure: Measure = field(metadata=check(is_a(Target, Band, Checklist)))
    owner: str | None = field(default=None, metadata=check(optional(is_id)))
    unit: str = field(default="", metadata=check(is_text))
    measured_by: str | None = field(default=None, metadata=check(optional(is_id)))
    aggregate: Aggregate = field(default="latest", metadata=check(is_aggregate))
    same_moment: Literal["correct", "add"] = field(default="correct", metadata=check(one_of(*SAME_MOMENT)))
    zero_when_silent: bool = field(default=False, metadata=check(is_flag))
    weight: float | Literal["value"] = field(default=1.0, converter=_to_weight, metadata=check(_is_weight))
    guardrail: bool = field(default=False, metadata=check(is_flag))
    due: dt.date | None = field(default=None, converter=to_day_or_none, metadata=check(optional(is_date)))
    cadence: Cadence | None = field(default=None, converter=to_cadence, metadata=check(is_cadence))
    stage: Stage = field(default="active", metadata=check(one_of(*STAGES)))
    continues: str | None = field(default=None, metadata=check(optional(is_id)))
    tags: tuple[str, ...] = field(default=(), converter=to_texts, metadata=check(each(is_text)))
    formerly: tuple[str, ...] = field(
        default=(), converter=to_texts, metadata=check(each(is_id, unique=True))
    )

    def __attrs_post_init__(self) -> None:
        report(self)
        if self.weight == "value" and not (
            isinstance(self.measure, Target) and self.measure.start is not None
        ):
            report(self, [("weight", 'weight "value" needs a target with start and goal; give a number')])
        if self.aggregate == "sum" and isinstance(self.measure, Target) and a_sum_would_fall(self.measure):
            fault = (
                f"measure falls from {self.measure.start:g} to {self.measure.goal:g}, but a sum begins "
                f'below; give Band(high={self.measure.goal:g}, over="cycle") for a cap, '
                'or aggregate "mean" for a level'
            )
            report(self, [("measure", fault)])
        report(self, silence_faults(self.zero_when_silent, self.aggregate))
        report(self, moment_faults(self.same_moment, self.aggregate))
        if isinstance(self.measure, Checklist):
            if self.guardrail:
                report(self, [("guardrail", "a checklist has no band to leave; use a band or a target")])
            if self.measured_by:
                report(
                    self, [("measured_by", "a checklist is observed by its own items; leave measured_by out")]
                )
