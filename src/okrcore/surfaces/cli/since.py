"""Show what changed since a date, and why: the differences of two snapshots with the shares of each cause."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from okrcore.display import clipped, indented, wrapped
from okrcore.explanations.changing import explain_change
from okrcore.explanations.explanation import Explanation
from okrcore.scoring.differences import Differences, compare_snapshots
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.snapshot_text import Look

_MOST = 30


@attrs.frozen
class Since:
    """What differs between two snapshots, and why the numbers of objectives and formula KPIs moved."""

    before: Snapshot
    differences: Differences
    why: Mapping[str, Explanation]

    @classmethod
    def of(cls, before: Snapshot, after: Snapshot) -> Since:
        """Return what changed between two snapshots."""
        found = compare_snapshots(before, after)
        moved = dict.fromkeys(row["id"] for row in found if row["what"] in {"score", "value"})
        why = {
            name: explain_change(before, after, name) for name in moved if name in before and name in after
        }
        return cls(before, found, {name: one for name, one in why.items() if one.shares})

    def as_plain(self) -> dict[str, Any]:
        """Return the part of the JSON output."""
        return {"as_of": self.before.as_of, "differences": self.differences, "why": dict(self.why)}

    def lines(self, look: Look) -> Iterator[str]:
        """Yield the lines of the screen: a heading, one line a difference, and its causes under it."""
        yield f"Since {self.before.as_of}"
        if not len(self.differences):
            yield "  Nothing is different."
        told: set[str] = set()
        for at, row in enumerate(self.differences):
            if at == _MOST:
                yield f"  and {len(self.differences) - _MOST} more; --format json has all"
                break
            before, after = (row[side] or "unknown" for side in ("before", "after"))
            words = {"new": f"{after}, new", "gone": f"{before}, gone"}
            said = words.get(row["change"], f"{look.word(before)} -> {look.word(after)}, {row['change']}")
            yield clipped(f"  {row['id']}: {row['what']} {said}", look.columns)
            why = self.why.get(row["id"])
            if why is not None and row["what"] in {"score", "value"} and row["id"] not in told:
                told.add(row["id"])
                yield from indented(wrapped(_causes(why), look.columns - 6), 6)


def _causes(why: Explanation) -> str:
    """Return the causes of a change in one line, the largest first."""
    steps = {step.subject: step.sentence.partition(":")[0] for step in why.children}
    told = sorted(why.shares.items(), key=lambda pair: (-abs(pair[1]), pair[0]))
    formula = why.kind != "objective"
    parts = [
        f"{name} {share:+.3g}" + ("" if formula or name not in steps else f" ({steps[name].lower()})")
        for name, share in told
        if share
    ]
    return f"by {', '.join(parts[:5])}" + (f" and {len(parts) - 5} more" if len(parts) > 5 else "")
