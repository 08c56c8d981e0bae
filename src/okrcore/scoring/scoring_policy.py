"""Choose how scores are made, as one frozen value: the knobs of S2 to S5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, cast, get_args

import attrs
from attrs import field

from okrcore.definitions.commitments import COMMITMENTS
from okrcore.definitions.fields import (
    at_least,
    check,
    is_flag,
    is_number,
    is_whole,
    one_of,
    optional,
    report,
    shown,
    to_float,
    to_float_or_none,
    to_text_mapping,
    to_tuple,
    within,
)
from okrcore.display import percent
from okrcore.frozen import FrozenDict

Status = Literal[
    "missed",
    "off-track",
    "no-data",
    "at-risk",
    "early",
    "not-started",
    "on-track",
    "achieved",
    "draft",
    "paused",
    "postponed",
    "cancelled",
]
"""How a goal stands (S5.3); the last four are those of what is not pursued (S21.5)."""

STATUSES: tuple[Status, ...] = get_args(Status)
"""Every status, worst first (A5); those of what is not pursued, which nothing is judged by, last."""

MISSED, OFF_TRACK, NO_DATA, AT_RISK, EARLY, NOT_STARTED, ON_TRACK, ACHIEVED = range(8)

NOT_PURSUED: frozenset[Status] = frozenset(STATUSES[ACHIEVED + 1 :])
"""The statuses of goals that have no score and no weight, and of which nothing is asked (S21.5)."""

Zone = Literal["unknown", "breached", "watch", "healthy"]
"""Where the value of a KPI lies (S7.1)."""

ZONES: tuple[Zone, ...] = get_args(Zone)
"""Every zone of a KPI (S7.1)."""

_RECOVERING = "recovering"
"""What other systems call a KPI that a key result under way reads."""

Rounding = tuple[int, Literal["half_up", "floor"]]
"""How many decimals of the fraction are shown, and how they are found."""


def _to_levels(levels: Mapping[str, float]) -> FrozenDict[str, float]:
    given: Any = levels
    if not isinstance(given, Mapping):
        return given  # type: ignore[no-any-return]  # named by the check
    return FrozenDict({**_ACHIEVED_AT, **{name: to_float(level) for name, level in given.items()}})


_ACHIEVED_AT = {"committed": 1.0, "aspirational": 0.7, "learning": 1.0}


def _are_levels(levels: object) -> str | None:
    good = isinstance(levels, Mapping) and set(levels) == set(COMMITMENTS)
    if not good or any(map(is_number, levels.values())):  # type: ignore[attr-defined]
        return f"is {shown(levels)}; give a number for committed, aspirational or learning"
    return None


def _are_words(words: object) -> str | None:
    if not isinstance(words, Mapping) or not all(
        isinstance(word, str) for pair in words.items() for word in pair
    ):
        return f"is {shown(words)}; give a mapping from status or zone to a word"
    known = (*STATUSES, *ZONES, _RECOVERING)
    unknown = ", ".join(sorted(set(words) - {*known}))
    return (
        f"has {unknown}, but must have statuses and zones alone; use {', '.join(known)}" if unknown else None
    )


def _to_rounding(rounding: Rounding | None) -> Rounding | None:
    return None if rounding is None else cast("Rounding", to_tuple(rounding))


def _is_rounding(rounding: object) -> str | None:
    match rounding:
        case (int(digits), "half_up" | "floor") if not isinstance(digits, bool) and 0 <= digits <= 9:
            return None
    return f"is {shown(rounding)}; give None, (digits, 'half_up') or (digits, 'floor'), digits 0 to 9"


@attrs.frozen(kw_only=True)
class ScoringPolicy:
    """How values become scores and scores become statuses; the defaults are the project's own (S2 to S5).

    * `clamp` of a key result's score: "unit" 0 to 1, "floor" not below 0, "cap" not above `cap`, "none"
    * `degenerate`, where start equals goal: "met" by the direction, "zero", "one", "unknown" (S2.2)
    * `missing_value`, a key result without a value: "unknown", "start" (as if at its start), "zero"
    * `missing`, a child without a score: "exclude" it or count it as "zero" (S4.6)
    * `zero_weights`, all weights zero: "unknown", "mean", "zero" (S4.5)
    * `empty`, an objective without children: "unknown", "zero" (S4.6)
    * `rollup_clamp` of children before they are averaged: "unit", "floor", "none" (S4.6)
    * `band`: "share" of due periods met, "share-of-planned" periods met, "latest", "distance", or "margin",
      which is the distance that also rewards room inside (S2.4); `inclusive`: the bounds belong to the band
    * `burn_on_track`, `burn_at_risk`: how fast a cap over a cycle may be used, 1 being its own pace; counts
      are worse only where so many have a chance below `chance_at_risk`, `chance_off_track` (A8)
    * `pace`: "ratio" or "difference" of progress and expected, or "absolute"; `on_track`, `at_risk`,
      `on_track_gap`, `at_risk_gap` are its thresholds; `early_until` the expected share before which
      nothing is judged (S5.2)
    * `elapsed`: "exclusive" or "inclusive" of the first day (S3.1)
    * `objective_status`: the "worst" child, or "pace" on its own score; `min_coverage` below which an
      objective is no-data at best (S5.4)
    * `stale`: "no-data", or "keep" the last status; `stale_grace_days` (S3.4)
    * `late`: "ignore" or "count" observations after the due date (S2.7)
    * `rounding` of shown scores: None or (digits, "half_up" | "floor") (S4.6)
    * `achieved_at`: the score that is enough, by commitment (S5.3)
    * `final`: the score of a closed goal is the one "computed" when it was closed, or "declared" by people
      where they gave one (S21.6)
    * `rate_date`: exchange rates of the "observation" or of "as_of" (S1.5)
    * `words`: another system's words for statuses and zones; `word` looks one up (S6)

    >>> ScoringPolicy(clamp="none").on_track
    0.9
    """

    clamp: Literal["unit", "floor", "cap", "none"] = field(
        default="unit", metadata=check(one_of("unit", "floor", "cap", "none"))
    )
    cap: float | None = field(default=None, converter=to_float_or_none, metadata=check(optional(is_number)))
    degenerate: Literal["met", "zero", "one", "unknown"] = field(
        default="met", metadata=check(one_of("met", "zero", "one", "unknown"))
    )
    missing_value: Literal["unknown", "start", "zero"] = field(
        default="unknown", metadata=check(one_of("unknown", "start", "zero"))
    )
    missing: Literal["exclude", "zero"] = field(default="exclude", metadata=check(one_of("exclude", "zero")))
    zero_weights: Literal["unknown", "mean", "zero"] = field(
        default="unknown", metadata=check(one_of("unknown", "mean", "zero"))
    )
    rollup_clamp: Literal["unit", "floor", "none"] = field(
        default="unit", metadata=check(one_of("unit", "floor", "none"))
    )
    empty: Literal["unknown", "zero"] = field(default="unknown", metadata=check(one_of("unknown", "zero")))
    band: Literal["share", "share-of-planned", "latest", "distance", "margin"] = field(
        default="share", metadata=check(one_of("share", "share-of-planned", "latest", "distance", "margin"))
    )
    inclusive: bool = field(default=True, metadata=check(is_flag))
    pace: Literal["ratio", "difference", "absolute"] = field(
        default="ratio", metadata=check(one_of("ratio", "difference", "absolute"))
    )
    on_track: float = field(default=0.9, converter=to_float, metadata=check(is_number))
    at_risk: float = field(default=0.7, converter=to_float, metadata=check(is_number))
    on_track_gap: float = field(default=0.1, converter=to_float, metadata=check(at_least(0)))
    at_risk_gap: float = field(default=0.25, converter=to_float, metadata=check(at_least(0)))
    burn_on_track: float = field(default=1.0, converter=to_float, metadata=check(at_least(0)))
    burn_at_risk: float = field(default=1.25, converter=to_float, metadata=check(at_least(0)))
    chance_at_risk: float = field(default=0.2, converter=to_float, metadata=check(within(0, 1)))
    chance_off_track: float = field(default=0.05, converter=to_float, metadata=check(within(0, 1)))
    early_until: float = field(default=0.1, converter=to_float, metadata=check(within(0, 1)))
    elapsed: Literal["exclusive", "inclusive"] = field(
        default="exclusive", metadata=check(one_of("exclusive", "inclusive"))
    )
    min_coverage: float = field(default=0.5, converter=to_float, metadata=check(within(0, 1)))
    objective_status: Literal["worst", "pace"] = field(
        default="worst", metadata=check(one_of("worst", "pace"))
    )
    stale: Literal["no-data", "keep"] = field(default="no-data", metadata=check(one_of("no-data", "keep")))
    stale_grace_days: int = field(default=3, metadata=check(is_whole))
    late: Literal["ignore", "count"] = field(default="ignore", metadata=check(one_of("ignore", "count")))
    rounding: Rounding | None = field(
        default=None, converter=_to_rounding, metadata=check(optional(_is_rounding))
    )
    achieved_at: Mapping[str, float] = field(factory=dict, converter=_to_levels, metadata=check(_are_levels))
    final: Literal["computed", "declared"] = field(
        default="computed", metadata=check(one_of("computed", "declared"))
    )
    rate_date: Literal["observation", "as_of"] = field(
        default="observation", metadata=check(one_of("observation", "as_of"))
    )
    words: Mapping[str, str] = field(factory=dict, converter=to_text_mapping, metadata=check(_are_words))

    def __attrs_post_init__(self) -> None:
        report(self)
        if (self.clamp == "cap") != (self.cap is not None):
            report(self, [("cap", 'cap and clamp="cap" go together; give both or neither')])
        if self.at_risk > self.on_track:
            report(self, [("at_risk", "at_risk is above on_track; swap them")])
        if self.burn_on_track > self.burn_at_risk:
            report(self, [("burn_at_risk", "burn_at_risk is below burn_on_track; swap them")])
        if self.chance_off_track > self.chance_at_risk:
            report(self, [("chance_off_track", "chance_off_track is above chance_at_risk; swap them")])
        if self.on_track_gap > self.at_risk_gap:
            report(self, [("at_risk_gap", "at_risk_gap is below on_track_gap; swap them")])

    @property
    def waits(self) -> bool:
        """Whether what cannot be due yet has no weight: other policies count the unknown as known (A5)."""
        return self.missing_value == "unknown" and self.missing == "exclude"

    @property
    def score_bounds(self) -> tuple[float, ...]:
        """The scores that decide a status."""
        return self.on_track, self.at_risk, *self.achieved_at.values()

    def score_text(self, score: float | None) -> str:
        """Return a score as it is written everywhere: in percent, never rounded across one that decides.

        >>> policy = ScoringPolicy()
        >>> policy.score_text(0.698), policy.score_text(0.498), policy.score_text(None)
        ('69.8 %', '50 %', '-')
        """
        return percent(score, *self.score_bounds)

    def word(self, status: str) -> str:
        """Return this policy's own word for a status or zone; the standard word where it has none."""
        return self.words.get(status, status)
