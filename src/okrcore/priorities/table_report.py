"""Report what a proof about a table found: findings of one shape, each with a witness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import attrs

from okrcore.frozen import FrozenDict


def frozen(value: Mapping[str, Any]) -> FrozenDict[str, Any]:
    """Return a mapping that cannot change."""
    return FrozenDict(value)


@attrs.frozen(kw_only=True)
class TableFinding:
    """One finding about a table.

    `kind` is "gap", "overlap", "masked", "unreachable", "redundant", "mergeable", "cycle", or for problems
    "cell", "column", "policy", "guardrail", "size". `rules` are the ids concerned, the subject first.
    `witness` is one point {column: value} that `decide_table` takes; for what holds no point, the cells that
    say so {column: cell}; for a cycle {"path": ids}. `region` is all of it: {column: cell}, columns in which
    anything goes left out. `error` says whether it keeps the table from being used.
    """

    kind: str
    message: str
    rules: tuple[str, ...] = ()
    witness: Mapping[str, Any] = attrs.field(factory=dict, converter=frozen)
    region: Mapping[str, str] = attrs.field(factory=dict, converter=frozen)
    error: bool = True

    @property
    def rule(self) -> str | None:
        """The id of the rule that the finding is about; None where it is about none."""
        return self.rules[0] if self.rules else None

    @property
    def by(self) -> tuple[str, ...]:
        """The ids of the other rules concerned."""
        return self.rules[1:]

    def __str__(self) -> str:
        return self.message


@attrs.frozen(kw_only=True, repr=False)
class TableReport:
    """What `verify_table` found, exactly, or that it could not be found in bounded time (S14.3).

    `gaps` are regions where no rule matches: the default decides there, and without one they are errors.
    `overlaps` are pairs of rules that both match somewhere; errors unless overrides or the hit policy say
    which rule wins. `masked` rules match but never win (an error only where rules, not guardrails, hide
    them); `unreachable` ones never match; `redundant` ones could go and nothing would change; `mergeable`
    ones could be one row. `cycles` are circles of overrides. `problems` are cells and columns that cannot be
    read, and "too large to verify". `more` names the lists that were cut at 1,000 entries.
    """

    FORM: ClassVar[str] = "table-report"

    gaps: tuple[TableFinding, ...] = ()
    overlaps: tuple[TableFinding, ...] = ()
    masked: tuple[TableFinding, ...] = ()
    unreachable: tuple[TableFinding, ...] = ()
    redundant: tuple[TableFinding, ...] = ()
    mergeable: tuple[TableFinding, ...] = ()
    cycles: tuple[TableFinding, ...] = ()
    problems: tuple[TableFinding, ...] = ()
    more: tuple[str, ...] = ()

    @property
    def findings(self) -> tuple[TableFinding, ...]:
        """All findings, errors and others, problems first."""
        lists = (self.problems, self.cycles, self.unreachable, self.overlaps)
        return tuple(
            finding
            for found in (*lists, self.masked, self.gaps, self.redundant, self.mergeable)
            for finding in found
        )

    @property
    def errors(self) -> tuple[TableFinding, ...]:
        """The findings that keep the table from being used."""
        return tuple(finding for finding in self.findings if finding.error)

    @property
    def ok(self) -> bool:
        """Whether the table is proved: every input has one ruling, and every rule can win somewhere."""
        return not any(finding.error for finding in self.findings)

    def __str__(self) -> str:
        lines = [
            f"{'error' if finding.error else 'note'}: {finding.kind}: {finding}" for finding in self.findings
        ]
        cut = [f"note: more {name} than the first {len(getattr(self, name))}" for name in self.more]
        return "\n".join(["verified" if self.ok else "not verified", *lines, *cut])

    def __repr__(self) -> str:
        return str(self)
