"""Name the scoring policies that reproduce the published numbers of other systems (S6)."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources
from typing import Any

from okrcore.frozen import FrozenDict
from okrcore.scoring.scoring_policy import ScoringPolicy


def _read() -> FrozenDict[str, ScoringPolicy]:
    text = resources.files("okrcore").joinpath("data", "dialects.toml").read_text("utf-8")
    return FrozenDict({name: _policy(knobs) for name, knobs in tomllib.loads(text).items()})


def _policy(knobs: Mapping[str, Any]) -> ScoringPolicy:
    pairs: dict[str, Any] = {n: tuple(knob) if isinstance(knob, list) else knob for n, knob in knobs.items()}
    return ScoringPolicy(**pairs)


DIALECTS: Mapping[str, ScoringPolicy] = _read()
"""A `ScoringPolicy` by the name of a system, from `data/dialects.toml`: read once, on first use.

A dialect sets only what its system publishes; every other knob keeps our default. Scores stay fractions where
1.0 is the goal reached: percents and scores of 5 are a matter of display. `rounding` counts decimals of the
fraction, so that whole percents are `(2, "half_up")`. A name that is not there raises KeyError.

>>> from okrcore import Target, progress, status
>>> tool = DIALECTS["UpRaise"]
>>> tool.word(status(0.40, 0.50, tool)), status(0.40, 0.50)
('lagging', 'at-risk')
>>> DIALECTS["okr-tracker"].missing_value
'start'
"""
