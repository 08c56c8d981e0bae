"""Judge each rule and subject once, also where nothing was found."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from okrcore.definitions.codes import names
from okrcore.definitions.ignores import Ignore
from okrcore.errors import RuleError
from okrcore.findings import Finding
from okrcore.governance.checking import Skipped, missing, run_rule, subjects
from okrcore.governance.context import Context
from okrcore.governance.policy import Policy
from okrcore.governance.rule import Rule
from okrcore.governance.subjects import SEEN


@attrs.frozen(kw_only=True)
class Verdict:
    """What one rule says of one subject (None: the rule could not be asked at all).

    `findings` are reported, `waived` are not, since `ignores` cover them; `expired` would have covered
    findings once, `unused` name this subject and cover nothing. `skipped` says which inputs are absent,
    `crash` how the rule failed; empty otherwise.
    """

    rule: Rule
    subject: str | None = None
    findings: tuple[Finding, ...] = ()
    waived: tuple[Finding, ...] = ()
    ignores: tuple[Ignore, ...] = ()
    expired: tuple[Ignore, ...] = ()
    unused: tuple[Ignore, ...] = ()
    skipped: str = ""
    crash: str = ""


def verdicts(
    context: Context, policy: Policy, rules: Iterable[Rule], ignores: Iterable[Ignore]
) -> tuple[Verdict, ...]:
    """Return a verdict for each rule and each subject that it looks at or names, by code.

    A rule that crashes is run again subject by subject, so that only those it fails on say so.
    """
    told: list[Verdict] = []
    for rule in rules:
        if absent := missing(rule, context):
            told.append(Verdict(rule=rule, skipped=str(Skipped(rule.code, absent))))
        else:
            told += _of_rule(rule, context, policy, tuple(ignores))
    return tuple(_unused(told, policy, tuple(ignores)))


def joined(found: Iterable[Verdict]) -> Verdict:
    """Return the verdicts of one rule as one."""
    listed = list(found)
    told: dict[str, Any] = {
        name: tuple(dict.fromkeys(one for verdict in listed for one in getattr(verdict, name)))
        for name in ("findings", "waived", "ignores", "expired", "unused")
    }
    crash = "\n".join(verdict.crash for verdict in listed if verdict.crash)
    return Verdict(rule=listed[0].rule, skipped=listed[0].skipped, crash=crash, **told)


def _of_rule(rule: Rule, context: Context, policy: Policy, ignores: tuple[Ignore, ...]) -> Iterator[Verdict]:
    crashes: dict[str, str] = {}
    try:
        found: dict[str, list[Finding]] = {subject: [] for subject in subjects(rule, context)}
        for finding in _run(rule, context, policy.settings(rule), crashes):
            found.setdefault(finding.subject, []).append(finding)
    except RuleError as error:  # a fault of the rule's own choice of rows
        yield Verdict(rule=rule, crash=str(error))
        return
    except Exception as error:  # a fault of what the rule rests on
        yield Verdict(rule=rule, crash=f"rule {rule.code} failed: {type(error).__name__}: {error}")
        return
    relevant = [one for one in ignores if names(one.code, rule.code, policy.codes)]
    for subject, findings in found.items():
        if subject in crashes:
            yield Verdict(rule=rule, subject=subject, crash=crashes[subject])
        elif findings and relevant:
            yield _weighed(rule, subject, findings, relevant, context, policy)
        else:
            yield Verdict(rule=rule, subject=subject, findings=tuple(findings))


def _run(
    rule: Rule, context: Context, settings: Mapping[str, Any], crashes: dict[str, str]
) -> Iterable[Finding]:
    try:
        return run_rule(rule, context, settings)
    except RuleError:
        context = context.pursued
        rows = SEEN[rule.sees].rows(context)
        found: list[Finding] = []
        given = {name: value for name, value in settings.items() if name != "severity"}
        set_so = attrs.evolve(rule, severity=settings.get("severity", rule.severity))
        for row in rule.look_at(rows, context, given):
            try:
                found += set_so.find_at(row, rows, context, given)
            except RuleError as error:
                crashes[rows.ids[row]] = str(error)
        return found


def _weighed(
    rule: Rule,
    subject: str,
    findings: Iterable[Finding],
    ignores: Iterable[Ignore],
    context: Context,
    policy: Policy,
) -> Verdict:
    reported: list[Finding] = []
    waived: list[Finding] = []
    held: dict[Ignore, None] = {}
    expired: dict[Ignore, None] = {}
    for finding in findings:
        covering = [one for one in ignores if one.covers(finding.code, subject, policy.codes)]
        holding = [one for one in covering if one.holds(context.day)]
        (waived if holding else reported).append(finding)
        held.update(dict.fromkeys(holding))
        expired.update(dict.fromkeys(one for one in covering if one not in holding))
    return Verdict(
        rule=rule,
        subject=subject,
        findings=tuple(reported),
        waived=tuple(waived),
        ignores=tuple(held),
        expired=tuple(expired),
    )


def _unused(told: list[Verdict], policy: Policy, ignores: tuple[Ignore, ...]) -> Iterator[Verdict]:
    """Yield the verdicts; an ignore that names a subject and covers nothing is told by the first of them."""
    used = {one for verdict in told for one in (*verdict.ignores, *verdict.expired)}
    idle: dict[tuple[str, str | None], tuple[Ignore, ...]] = {}
    asked = [verdict.rule for verdict in told if not verdict.skipped and not verdict.crash]
    rules = {rule.code: rule for rule in asked}
    for one in ignores:
        code = next((code for code in rules if names(one.code, code, policy.codes)), None)
        if one.subject is not None and one not in used and code is not None:
            idle[code, one.subject] = (*idle.get((code, one.subject), ()), one)
    for verdict in told:
        left = idle.pop((verdict.rule.code, verdict.subject), ())
        yield attrs.evolve(verdict, unused=left) if left else verdict
    for (code, subject), left in idle.items():
        yield Verdict(rule=rules[code], subject=subject, unused=left)
