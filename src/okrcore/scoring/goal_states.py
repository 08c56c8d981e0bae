"""Hold how one goal, KPI or initiative stands at a moment, as it is read: plain values with their meaning."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple

import attrs

from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative
from okrcore.definitions.kpis import Kpi, KpiBands
from okrcore.definitions.tolerances import Tolerance
from okrcore.display import brief, fragment
from okrcore.display.blocks import text
from okrcore.history.entry import Entry
from okrcore.scoring.scoring_policy import ScoringPolicy, Status, Zone


class ShownState:
    """What every state has in common: it shows itself as a card, on a terminal and in a notebook.

    Its `repr` is one line: its id, how it stands and its score.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        from okrcore.scoring.state_cards import state_line

        return brief(self, *state_line(self))  # type: ignore[arg-type]

    def __str__(self) -> str:
        from okrcore.scoring.state_cards import state_card

        return text(state_card(self))  # type: ignore[arg-type]

    def _repr_html_(self) -> str:
        from okrcore.scoring.state_cards import state_card, state_label

        return fragment(state_label(self), state_card(self))  # type: ignore[arg-type]


class ScoredState(ShownState):
    """What the states of goals that have a score have in common."""

    __slots__ = ()

    score: float | None
    scoring: ScoringPolicy

    @property
    def score_text(self) -> str:
        """The score as every surface writes it: never rounded across a bound that decides a status."""
        return self.scoring.score_text(self.score)


@attrs.frozen(kw_only=True, repr=False)
class KeyResultState(ScoredState):
    """One key result at a moment; None is unknown."""

    goal: KeyResult
    """The key result as declared."""
    value: float | None
    """The value in the key result's unit, as last observed."""
    observed_at: dt.date | dt.datetime | None
    """The moment of that value."""
    progress: float | None
    """The share of the way from start to goal, 1.0 at the goal; it may lie outside 0..1."""
    score: float | None
    """The progress as clamped and rounded for showing."""
    expected: float | None
    """The share of the way that is due, 1.0 at the due date."""
    pace: float | None
    """The number that is compared with the thresholds of a status (S5.2)."""
    status: Status
    """How it stands; of what is not pursued, which has no score, its stage."""
    stale: bool
    """Whether an observation is overdue by its cadence."""
    coverage: float = 1.0
    """The share, 0..1, of its ended periods in which it was observed; without any, 1.0 with a value (A9)."""
    provisional: bool = False
    """Whether its last number may still come after the due date: its status is that of the last day (A6)."""
    sample: float | None = None
    """How many cases are behind the value, where its KPI counts them (A11)."""
    original_score: float | None = None
    """The score under the goal as it was when its cycle had settled (S21.3); None where that is `score`."""
    closing: Entry | None = None
    """The closing in force, with the score that was declared, if one was; None: it is open (S21.6)."""
    scoring: ScoringPolicy = attrs.field(factory=ScoringPolicy, eq=False, repr=False)
    """The policy that it was judged by."""


@attrs.frozen(kw_only=True, repr=False)
class ObjectiveState(ScoredState):
    """One objective at a moment; None is unknown."""

    goal: Objective
    """The objective as declared."""
    score: float | None
    """The weighted mean of its children's scores, rounded for showing."""
    low: float
    """What the score would be with every unknown leaf at 0 (S4.3)."""
    high: float
    """What the score would be with every unknown leaf at 1 (S4.3)."""
    coverage: float
    """The weighted mean, 0..1, of its children's coverage."""
    expected: float | None
    """The score that is due, 1.0 at the end of its cycle."""
    status: Status
    """How it stands; of what is not pursued, which has no score, its stage."""
    provisional: bool = False
    """Whether, after the end, a last number of a key result may still come (A6)."""
    original_score: float | None = None
    """The score under the goals as they were once settled, with those taken out since; None: as `score`."""
    closing: Entry | None = None
    """The closing in force, with the score that was declared, if one was; None: it is open (S21.6)."""
    scoring: ScoringPolicy = attrs.field(factory=ScoringPolicy, eq=False, repr=False)
    """The policy that it was judged by."""


@attrs.frozen(kw_only=True, repr=False)
class KpiState(ShownState):
    """One KPI at a moment; None is unknown."""

    goal: Kpi
    """The KPI as declared."""
    value: float | None
    """The value in the KPI's unit, as last read."""
    zone: Zone
    """Where the value lies, whatever is tolerated."""
    judged_zone: Zone
    """Where the value lies under the tolerance in force (S15)."""
    satisfaction: float | None
    """How good the value is, -1..1 (S7)."""
    stale: bool
    """Whether an observation is overdue by its cadence."""
    recovering: bool
    """Whether a key result whose cycle is under way reads this KPI."""
    bands: KpiBands = attrs.field(factory=KpiBands)
    """The bands that it is judged by (A11)."""
    tolerance: Tolerance | None = None
    """The tolerance in force; None: there is none."""
    sample: float | None = None
    """How many cases are behind the value, where they are counted (A11)."""
    observed_at: dt.date | dt.datetime | None = None
    """The moment of the last observation that was read."""


class Statuses(NamedTuple):
    """The two statuses of an initiative: is the work done, and does it move what it should? (S5.7)"""

    implementation: Status
    """Whether the work is done."""
    value: Status
    """Whether it moves what it should."""


@attrs.frozen(kw_only=True, repr=False)
class InitiativeState(ShownState):
    """One initiative at a moment; None is unknown."""

    goal: Initiative
    """The initiative as declared."""
    implementation: float | None
    """The share of milestone weight done, 0..1."""
    value: float | None
    """The share of the way that the measures it is linked to have gone, signed and weighted by its links."""
    statuses: Statuses
    """How its work and its value stand (S5.7)."""
    freeze: Tolerance | None = None
    """The decision that it stands still by; None: it may go on (S15)."""
    frozen_days: int = 0
    """How many days of standing still left its share due."""
