"""Word what a signal is, and whether a process meets its target, for whoever reads it (S11)."""

from __future__ import annotations

from collections.abc import Mapping

from okrcore.frozen import FrozenDict

RULE_WORDS: Mapping[str, str] = FrozenDict(
    {
        "outside": "outside its limits",
        "trend": "points in a row that go one way",
        "two-of-three": "2 of 3 points near a limit",
        "shift": "points in a row on one side of the mean",
    }
)
"""What the newest point is part of, by signal; before a trend or shift stands how many points."""

ASSURANCE_WORDS: Mapping[str, str] = FrozenDict(
    {
        "consistently-passing": "holds its target",
        "hit-and-miss": "hits and misses its target",
        "consistently-failing": "misses its target",
    }
)
"""What to expect of a process that is left alone, by assurance."""
