"""Report a check as SARIF 2.1.0 (OASIS), which code scanning services read."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from typing import Any
from urllib.parse import quote

import okrcore
from okrcore.definitions.codes import family_of
from okrcore.definitions.ignores import Ignore
from okrcore.documents.plain import to_dict
from okrcore.findings import Finding, Location
from okrcore.governance.pages import page_address
from okrcore.governance.rule import Rule
from okrcore.surfaces.reports.checked import Checked

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS = {"error": "error", "warning": "warning", "info": "note"}


def to_sarif(checked: Checked) -> str:
    """Return one run: the rules asked, new and accepted findings, and ignored ones as suppressed results."""
    asked = [rule for rule in checked.policy.selected(None) if rule.code in checked.result.asked]
    index = {rule.code: place for place, rule in enumerate(asked)}
    told: list[tuple[Finding, str, Ignore | None]] = [(one, "new", None) for one in checked.fresh]
    told += [(one, "unchanged", None) for one in checked.accepted]
    told += [(one.finding, "new", one.ignore) for one in checked.result.ignored]
    prints = _fingerprints([finding for finding, _, _ in told])
    results = [
        _result(finding, index, state, mark, ignore)
        for (finding, state, ignore), mark in zip(told, prints, strict=True)
    ]
    notes: list[dict[str, Any]] = [
        {"level": "note", "message": {"text": str(one)}, "associatedRule": {"id": one.code}}
        for one in checked.result.skipped
    ]
    notes += [
        {"level": "warning", "message": {"text": told}, "locations": [_physical(one.location)]}
        for one, told in checked.idle_waivers
        if one.location is not None
    ]
    rules = [_rule(one, checked.pages) for one in asked]
    driver = {"name": "okrcore", "version": okrcore.__version__, "rules": rules}
    run = {
        "tool": {"driver": driver},
        "columnKind": "unicodeCodePoints",
        "invocations": [{"executionSuccessful": True, "toolConfigurationNotifications": notes}],
        "properties": {"asOf": checked.as_of.isoformat()},
        "results": results,
    }
    return json.dumps({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, indent=2, allow_nan=False)


def _rule(rule: Rule, pages: str) -> dict[str, Any]:
    page = page_address(rule.code, pages)
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.summary},
        "fullDescription": {"text": " ".join(rule.why.split()) or rule.summary},
        "help": {"text": f"{rule.why}\n\nFix: {rule.fix}.".strip()},
        **({} if page is None else {"helpUri": page}),
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": ["okr", family_of(rule.code)]},
    }


def _fingerprints(findings: list[Finding]) -> list[str]:
    """Return what each finding is known by from run to run: code, subject, and which of theirs it is.

    The message is no part of it: the numbers in it change from day to day, and the finding stays.
    """
    seen = Counter[tuple[str, str]]()
    found = []
    for one in findings:
        key = one.code, one.subject
        nth = f"\0{seen[key]}" if seen[key] else ""
        found.append(hashlib.sha256(f"{one.code}\0{one.subject}{nth}".encode()).hexdigest())
        seen[key] += 1
    return found


def _result(
    finding: Finding, index: dict[str, int], state: str, mark: str, ignore: Ignore | None
) -> dict[str, Any]:
    text = f"{finding.subject}: {finding.message}{f'; {finding.fix}' if finding.fix else ''}"
    found: dict[str, Any] = {
        "ruleId": finding.code,
        "level": _LEVELS[finding.severity],
        "baselineState": state,
        "message": {"text": text},
        "locations": [_location(finding)],
        "partialFingerprints": {"okrcoreCodeAndSubject/v1": mark},
        "properties": {"evidence": to_dict(dict(finding.evidence))},
    }
    found |= {"ruleIndex": index[finding.code]} if finding.code in index else {}
    return found | ({} if ignore is None else {"suppressions": [_suppression(ignore)]})


def _location(finding: Finding) -> dict[str, Any]:
    logical = [{"name": finding.subject, "fullyQualifiedName": finding.subject, "kind": "object"}]
    physical = {} if finding.location is None else _physical(finding.location)
    return {**physical, "logicalLocations": logical}


def _physical(location: Location) -> dict[str, Any]:
    file, line, column = location
    region = {"startLine": line or 1} | ({"startColumn": column} if column else {})
    return {"physicalLocation": {"artifactLocation": {"uri": quote(file)}, "region": region}}


def _suppression(ignore: Ignore) -> dict[str, Any]:
    until = f" (until {ignore.until})" if ignore.until else ""
    told = {"status": "accepted", "justification": f"{ignore.reason}{until}"}
    if ignore.location is None:
        return {"kind": "external", **told}
    return {"kind": "inSource", **told, "location": _physical(ignore.location)}
