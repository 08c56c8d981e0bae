"""Accept the findings that an organisation starts with, in a file, and hold it to no new ones."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable
from typing import Any

import attrs

from okrcore.documents.dumping import replace_file
from okrcore.documents.nodes import Limits
from okrcore.documents.source_text import read_bytes
from okrcore.errors import DocumentError
from okrcore.findings import Finding
from okrcore.frozen import FrozenDict
from okrcore.public_form import headed

Key = tuple[str, str]
"""Code and subject: what of a finding stays while its numbers move."""


@attrs.frozen
class Baseline:
    """How many findings of each code and subject are accepted.

    >>> found = Finding(code="OKR101", severity="error", subject="grow", message="rests on nothing")
    >>> fresh, accepted = Baseline.of([found]).split([found, found])
    >>> len(fresh), len(accepted)
    (1, 1)
    """

    counts: FrozenDict[Key, int] = attrs.field(factory=lambda: FrozenDict[Key, int]())

    @classmethod
    def of(cls, findings: Iterable[Finding]) -> Baseline:
        """Return the baseline that accepts just these findings."""
        return cls(FrozenDict(Counter((one.code, one.subject) for one in findings)))

    def split(self, findings: Iterable[Finding]) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Return the findings that are new, and those that are accepted; the first of a kind are accepted."""
        left = Counter(self.counts)
        fresh, accepted = list[Finding](), list[Finding]()
        for one in findings:
            key = one.code, one.subject
            (accepted if left[key] > 0 else fresh).append(one)
            left[key] -= 1
        return tuple(fresh), tuple(accepted)

    def gone(self, findings: Iterable[Finding]) -> FrozenDict[Key, int]:
        """Return how many of each code and subject are accepted and are there no more."""
        left = Counter(self.counts)
        left.subtract(Counter((one.code, one.subject) for one in findings))
        return FrozenDict({key: count for key, count in sorted(left.items()) if count > 0})


def read_baseline(path: str) -> Baseline:
    """Return the baseline of a file; an empty one where there is none. Raises DocumentError for another."""
    if not os.path.lexists(path):
        return Baseline()
    try:
        held: Any = json.loads(read_bytes(path, Limits().max_bytes))
        if not (isinstance(held, dict) and held.get("kind") == "baseline" and held.get("okrcore") == 1):
            raise ValueError("it holds something else")
        counts = {
            (code, subject): _whole(count)
            for code, subjects in held["findings"].items()
            for subject, count in subjects.items()
        }
    except (OSError, ValueError, KeyError, AttributeError, RecursionError) as error:
        message = f"{path}: cannot be read as a baseline: {error}; write it anew with --write-baseline"
        raise DocumentError(message) from error
    return Baseline(FrozenDict(counts))


def write_baseline(path: str, baseline: Baseline) -> None:
    """Write a baseline, sorted, so that a change of it reads well."""
    findings: dict[str, dict[str, int]] = {}
    for (code, subject), count in sorted(baseline.counts.items()):
        findings.setdefault(code, {})[subject] = count
    held = headed("baseline", findings=findings)
    replace_file(path, (json.dumps(held, indent=2) + "\n").encode())


def _whole(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"a count is {value!r:.40}, but must be a whole number of 0 or more")
    return value
