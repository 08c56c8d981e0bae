"""One published case as a value: inputs that are checked, never guessed, and the dialect it runs under."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from okr_cases.vocabulary import POLICY, SCALES, THRESHOLDS
from okrcore import ScoringPolicy

Answer = Any
"""What a case gives, in the shape of its `expected`: a number, None, a word or a flag, or many."""


class Skip(Exception):
    """Why a case is not run."""


@attrs.frozen(kw_only=True)
class Case:
    """A case; `scoring` is the dialect it is scored with, `shipped` the one its policy is checked by."""

    id: str
    system: str
    kind: str
    inputs: Mapping[str, Any]
    expected: Answer
    scoring: ScoringPolicy = attrs.field(factory=ScoringPolicy)
    shipped: ScoringPolicy = attrs.field(factory=ScoringPolicy)
    folder: str = "."

    @property
    def policy(self) -> Mapping[str, Any]:
        """What the case says of its system's rules."""
        policy = self.inputs.get("policy", {})
        if not isinstance(policy, dict):
            raise Skip("policy is no mapping")
        return policy

    @property
    def scale(self) -> float:
        """How large the goal reached is shown: 100 on a percent scale, which is also where none is named."""
        named = self.policy.get("scale", self.inputs.get("scale", "percent"))
        if not isinstance(named, str) or named not in SCALES:
            raise Skip(f"unknown scale {named!r}")
        return SCALES[named]

    def shown(self, score: float | None) -> float | None:
        """Return a score on the case's scale."""
        return None if score is None else score * self.scale

    def share(self, shown: float | None) -> float | None:
        """Return what is shown as a score."""
        return None if shown is None else shown / self.scale

    def number(self, key: str, within: Mapping[str, Any] | None = None) -> float | None:
        """Return an input as a finite number, or None where it is missing."""
        value = (self.inputs if within is None else within).get(key)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise Skip(f"{key} is no number")
        return float(value)

    def known(self, key: str, within: Mapping[str, Any] | None = None) -> float:
        """Return an input as a number; a missing one needs a rule that the case does not state."""
        value = self.number(key, within)
        if value is None:
            raise Skip(f"{key} is missing and no rule is stated for it")
        return value

    def flag(self, key: str, within: Mapping[str, Any] | None = None) -> bool:
        """Return an input that is true or false."""
        value = (self.inputs if within is None else within).get(key)
        if not isinstance(value, bool):
            raise Skip(f"{key} is neither true nor false")
        return value

    def one_of(self, key: str, *values: object) -> Any:
        """Return an input that is one of `values`."""
        value = self.inputs.get(key)
        if value not in values:
            raise Skip(f"unknown {key} {value!r}")
        return value

    def parts(
        self, key: str, keys: str, within: Mapping[str, Any] | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Return an input that is a list of mappings with no other than the named keys."""
        parts = (self.inputs if within is None else within).get(key)
        if not isinstance(parts, list) or not all(isinstance(part, dict) for part in parts):
            raise Skip(f"{key} is no list of mappings")
        for part in parts:
            refuse_unknown(part, keys, key)
        return parts

    def needs(self, key: str, why: str) -> None:
        """Skip where the policy does not state a rule that these inputs need."""
        if key not in self.policy:
            raise Skip(f"{why}, and the policy states no {key}")

    def check_policy(self, keys: str) -> None:
        """Skip for a rule that is not known for this kind, or that is not the shipped dialect's."""
        refuse_unknown(self.policy, keys, "policy")
        for key, word in self.policy.items():
            if key == "status_thresholds":
                self.check_thresholds(word, 100.0)
                continue
            words = POLICY[key]
            if words is not None and (not isinstance(word, str | float | int | None) or word not in words):
                raise Skip(f"unknown policy {key} {word!r}")
            for knob, value in (words or {}).get(word, {}).items():
                if getattr(self.shipped, knob) != value:
                    raise Skip(f"policy {key} {word!r} is another setting than the dialect's")

    def check_thresholds(self, thresholds: object, scale: float) -> None:
        """Skip for thresholds that are not those of the shipped dialect."""
        if not isinstance(thresholds, dict):
            raise Skip("thresholds are no mapping")
        for name in thresholds:
            if name not in THRESHOLDS[self.kind]:
                raise Skip(f"unknown threshold {name!r}")
            knob, sign = THRESHOLDS[self.kind][name]
            level = sign * self.known(name, thresholds) / scale
            if abs(level - getattr(self.shipped, knob)) > 1e-6:
                raise Skip(f"threshold {name} is another setting than the dialect's")

    def word(self, name: str) -> str:
        """Return the system's own word for a status or zone."""
        return self.scoring.word(name)

    @property
    def words(self) -> set[str]:
        """The words that the dialect publishes, plain."""
        return {plain(word) for word in self.shipped.words.values()}


def refuse_unknown(given: Mapping[str, Any], keys: str, where: str) -> None:
    """Skip where `given` has a key that is not one of `keys`."""
    unknown = sorted(set(given) - set(keys.split()))
    if unknown:
        raise Skip(f"unknown key in {where}: {', '.join(unknown)}")


def plain(word: str) -> str:
    """Return a word without case, spaces and hyphens."""
    return re.sub(r"[\s_-]", "", word).casefold()


def agrees(expected: Answer, got: Answer, case: Case) -> bool:
    """Return whether a case gave what was published, to the precision it is printed in."""
    if isinstance(expected, dict):
        return isinstance(got, dict) and all(agrees(expected[key], got.get(key), case) for key in expected)
    if isinstance(expected, list):
        same = isinstance(got, list) and len(got) == len(expected)
        return same and all(agrees(a, b, case) for a, b in zip(expected, got, strict=True))
    if expected is None or expected == "undefined":
        return got is None
    if isinstance(expected, bool) or isinstance(got, bool):
        return expected is got
    if isinstance(expected, str):
        return isinstance(got, str) and plain(expected) == plain(got)
    return isinstance(got, int | float) and abs(got - expected) <= _slack(expected, case)


_DECIMALS = re.compile(r"(\d+) decimals?( of the fraction)?")


def _slack(expected: float, case: Case) -> float:
    """Half a unit of the last printed digit; 1e-9 relative where nothing was rounded."""
    rounding = case.policy.get("rounding")
    printed = repr(expected).partition(".")[2]
    if rounding == "none":
        exact = 1e-9 * max(1.0, abs(expected))
        return max(exact, 0.5 * 10.0 ** -len(printed)) if len(printed) >= 4 else exact
    unit = 10.0 ** -len(printed)
    if match := _DECIMALS.fullmatch(str(rounding)):
        unit = 10.0 ** -int(match[1]) * (case.scale if match[2] else 1.0)
    elif rounding is not None:
        unit = 1.0
    return 0.5 * unit + 1e-9
