"""Report a check as JSON: all that it found and did not report, for other programs."""

from __future__ import annotations

import json
from typing import Any

from okrcore.documents.plain import to_dict
from okrcore.findings import Finding
from okrcore.public_form import headed
from okrcore.surfaces.reports.checked import Checked


def to_json(checked: Checked) -> str:
    """Return one object: findings, what is accepted, ignored, expired, unused, and which rules were asked."""
    return json.dumps(to_plain(checked), indent=2, allow_nan=False)


def to_plain(checked: Checked) -> dict[str, Any]:
    """Return what `to_json` writes, as plain values."""
    result = checked.result
    held = headed(
        "check",
        as_of=checked.as_of,
        findings=[_plain(one) for one in checked.fresh],
        accepted=[_plain(one) for one in checked.accepted],
        gone=[
            {"code": code, "subject": subject, "count": count}
            for (code, subject), count in checked.gone.items()
        ],
        ignored=[
            {**_plain(one.finding), "reason": one.ignore.reason, "until": one.ignore.until}
            for one in result.ignored
        ],
        expired=result.expired,
        unused=result.unused,
        skipped=result.skipped,
        asked=result.asked,
    )
    told: dict[str, Any] = to_dict(held)
    return told


def _plain(finding: Finding) -> dict[str, object]:
    file, line, column = finding.location or (None, None, None)
    return {
        "code": finding.code,
        "severity": finding.severity,
        "subject": finding.subject,
        "message": finding.message,
        "fix": finding.fix,
        "evidence": dict(finding.evidence),
        "file": file,
        "line": line,
        "column": column,
    }
