"""Lay out findings: one row a rule, with how many and where, each opening to what to do."""

from __future__ import annotations

from collections.abc import Sequence

from okrcore.display import clipped, counted
from okrcore.display.blocks import Grid, GridColumn, GridRow, Say, Section
from okrcore.display.drawing import Step
from okrcore.findings import Finding
from okrcore.rhythm.review_result import Review

MOST_RULES, MOST_OF_A_RULE, MOST_NAMED = 24, 12, 4
_SEVERITIES = ("error", "warning", "info")


def findings(review: Review) -> Section:
    """Return what should not be, by rule: errors first, then by code; at most 24 rules."""
    rules: dict[str, list[Finding]] = {}
    for one in review.findings:
        rules.setdefault(one.code, []).append(one)
    order = sorted(rules, key=lambda code: (_SEVERITIES.index(rules[code][0].severity), code))
    rows = [_row(rules[code]) for code in order[:MOST_RULES]]
    left = len(order) - len(rows)
    columns = (
        GridColumn("Code", "code"),
        GridColumn("What should not be", "name"),
        GridColumn("Count", "dlt", right=True),
        GridColumn("Where", "say"),
    )
    grid = Grid(
        columns=columns,
        rows=rows,
        caption="Findings by rule",
        kind="findings",
        more=f"And findings of {counted(left, 'rule')} more: okrcore check has all." if left else "",
    )
    lede = f"{counted(len(review.findings), 'finding')} in {counted(len(order), 'rule')}."
    return Section("Findings", [grid] if rows else [], name="findings", lede=lede)


def _row(found: Sequence[Finding]) -> GridRow:
    first, subjects = found[0], list(dict.fromkeys(one.subject for one in found))
    named = ", ".join(clipped(name, 60) for name in subjects[:MOST_NAMED])
    more = f" and {len(subjects) - MOST_NAMED} more" if len(subjects) > MOST_NAMED else ""
    steps: list[Step] = [
        (0, one.subject, "; ".join(filter(None, (one.message, one.fix)))) for one in found[:MOST_OF_A_RULE]
    ]
    if len(found) > MOST_OF_A_RULE:
        steps.append((0, "", f"And {len(found) - MOST_OF_A_RULE} more: okrcore check --select {first.code}"))
    return GridRow(
        [
            Say(first.code, "code"),
            Say(clipped(first.message, 160)),
            Say(str(len(found)), "number"),
            Say(f"{named}{more}", "soft"),
        ],
        word=first.severity,
        reasons=tuple(steps),
    )
