"""Check a portfolio, and what is known about it, by the rules of a policy; report what should not be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import Any, ClassVar

import attrs

from okrcore._log import logger
from okrcore.conflicts.conflict import Conflict
from okrcore.declarations.in_force import AnyPortfolio, portfolio_at, versions_of
from okrcore.definitions.argument_checks import check_arguments, is_function
from okrcore.definitions.codes import names
from okrcore.definitions.fields import each, is_a, is_text, optional, to_tuple
from okrcore.definitions.ignores import Ignore, to_ignores
from okrcore.definitions.moments import AsOf, parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.display import Rows
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.policy import Policy, unknown_code
from okrcore.governance.presets import STANDARD, STRICT
from okrcore.governance.rule import INPUTS, Rule
from okrcore.governance.subjects import SEEN
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.journal import Journal, followed_journal
from okrcore.leading.declared_evidence import check_evidence
from okrcore.leading.evidence import LinkEvidence
from okrcore.scoring.belonging import check_belongs
from okrcore.scoring.snapshot import Snapshot
from okrcore.units.rates import Rates

_LOG = logger(__name__)


@attrs.frozen
class Skipped:
    """A rule that could not be asked, and the inputs that were not there."""

    code: str
    needs: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.code} was not asked without {' and '.join(INPUTS[name] for name in self.needs)}"


@attrs.frozen
class Waived:
    """A finding that is not reported, and why."""

    finding: Finding
    ignore: Ignore


@attrs.frozen(kw_only=True)
class CheckResult:
    """What a check found, and what it did not report; made by `check_in_full`.

    `findings` are by code, then subject. `ignored` are those that somebody accepted; `expired` the ignores
    that cover a finding and no longer hold, `unused` those that cover none. `skipped` are rules whose inputs
    were absent, `asked` the codes of those that ran.
    """

    FORM: ClassVar[str] = "check-result"

    findings: Rows[Finding]
    ignored: tuple[Waived, ...] = ()
    expired: tuple[Ignore, ...] = ()
    unused: tuple[Ignore, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    asked: tuple[str, ...] = ()


def check(
    portfolio: AnyPortfolio,
    history: AnyHistory | None = None,
    *,
    as_of: AsOf,
    policy: Policy = STANDARD,
    select: Iterable[str] | None = None,
    ignore: Iterable[Ignore | Mapping[str, Any]] | None = None,
    journal: Journal | None = None,
    snapshot: Snapshot | None = None,
    known_at: AsOf | None = None,
    rates: Rates | None = None,
    evidence: Iterable[LinkEvidence] | None = None,
    conflicts: Iterable[Conflict] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Rows[Finding]:
    """Return what should not be, by code and then subject; empty where all is well.

    `select` names codes or families ("OKR1"), None all rules of the policy; `ignore` adds to what the policy
    and comments in documents ignore: mappings with code, reason and perhaps until and subject. Rules whose
    inputs are absent are
    skipped; `check_in_full` says which. Of `Declarations` is checked what is in force at `as_of`, and rules
    about amendments look at how it came to that. `snapshot`, `evidence` and `conflicts` of the same moment
    save making them again; a snapshot lends its history, journal and declarations where none are given.
    `progress` is called after each rule with how many are done, and of how many.

    Raises RuleError where a rule crashes, naming it and its subject; DefinitionError for a code that no rule
    has. Cost: most rules look only at what breaks them; with a history the evidence on links takes about
    3 ms a link where it is not given, and the rules about dips about 1 ms a series.

    >>> from okrcore import Cycle, Objective, Portfolio
    >>> portfolio = Portfolio.of(Cycle.year(2026), Objective(id="grow", title="Grow", cycle="2026"))
    >>> [finding.subject for finding in check(portfolio, as_of="2026-03-31", select=["OKR101"])]
    ['grow']
    """
    return check_in_full(
        portfolio, history, as_of=as_of, policy=policy, select=select, ignore=ignore, journal=journal,
        snapshot=snapshot, known_at=known_at, rates=rates, evidence=evidence, conflicts=conflicts,
        progress=progress,
    ).findings  # fmt: skip


def check_in_full(
    portfolio: AnyPortfolio,
    history: AnyHistory | None = None,
    *,
    as_of: AsOf,
    policy: Policy = STANDARD,
    select: Iterable[str] | None = None,
    ignore: Iterable[Ignore | Mapping[str, Any]] | None = None,
    journal: Journal | None = None,
    snapshot: Snapshot | None = None,
    known_at: AsOf | None = None,
    rates: Rates | None = None,
    evidence: Iterable[LinkEvidence] | None = None,
    conflicts: Iterable[Conflict] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CheckResult:
    """Return what `check` finds, and what it does not report: ignored, expired, unused and skipped."""
    conflicts = None if conflicts is None else to_tuple(conflicts)
    evidence = None if evidence is None else to_tuple(evidence)
    check_arguments(
        policy=(policy, is_a(Policy)),
        evidence=(evidence, optional(each(is_a(LinkEvidence)))),
        conflicts=(conflicts, optional(each(is_a(Conflict)))),
        progress=(progress, optional(is_function)),
    )
    declared = versions_of(portfolio)
    portfolio = portfolio_at(portfolio, as_of, known_at)
    if snapshot is not None:
        check_belongs(snapshot, portfolio, as_of=as_of, known_at=known_at)
        history = snapshot.history if history is None else history
        journal = snapshot.journal if journal is None else journal
        rates = snapshot.rates if rates is None else rates
        declared = snapshot.declared if declared is None else declared
    if evidence is not None:
        check_evidence(evidence, portfolio)
    history, journal = with_derived(portfolio, history, rates), followed_journal(portfolio, journal)
    context = Context(
        portfolio=portfolio,
        as_of=parse_as_of(as_of),
        history=history,
        journal=journal,
        scoring=policy.scoring,
        rates=portfolio.rates_or(rates),
        known_at=None if known_at is None else parse_as_of(known_at, "known_at"),
        declarations=declared,
        given={"snapshot": snapshot, "evidence": evidence, "conflicts": conflicts},
    )
    return checked(context, policy, select, ignore, progress)


def checked(
    context: Context,
    policy: Policy,
    select: Iterable[str] | None = None,
    ignore: Iterable[Ignore | Mapping[str, Any]] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> CheckResult:
    """Return what the rules of a policy find in a context, and what of it is not reported."""
    rules = chosen(policy, select)
    ignores = ignores_of(policy, context.portfolio, ignore or ())
    findings: list[Finding] = []
    skipped = []
    for place, rule in enumerate(rules, 1):
        if absent := missing(rule, context):
            skipped.append(Skipped(rule.code, absent))
        else:
            findings += run_rule(rule, context, policy.settings(rule))
        _LOG.debug("%s: %d findings so far", rule.code, len(findings))
        if progress is not None:
            progress(place, len(rules))
    asked = {rule.code for rule in rules} - {one.code for one in skipped}
    return _sorted_out(findings, ignores, context, policy, tuple(skipped), tuple(sorted(asked)))


def ignores_of(
    policy: Policy, portfolio: Portfolio, given: Iterable[Ignore | Mapping[str, Any]] = ()
) -> tuple[Ignore, ...]:
    """Return all that is ignored: by a policy, by the documents of a portfolio, and by a caller.

    Raises DefinitionError for each code that no rule has; a document may also name rules of the library
    that the policy leaves out, since another policy asks them.
    """
    mine = (*policy.ignore, *to_ignores(given))
    _check_codes((one.code for one in mine), policy, "ignore")
    everywhere, unknown = (*policy.rules, *STRICT.rules), list[Problem]()
    for one in portfolio.waivers:
        if not policy.selected([one.code]) and not STRICT.selected([one.code]):
            file, line, column = one.location or (None, None, None)
            said = unknown_code(one.code, everywhere)
            unknown.append(Problem(said, "", file or None, line, column, DefinitionError))
    raise_all(unknown)
    return (*mine, *portfolio.waivers)


def chosen(policy: Policy, select: Iterable[str] | None) -> tuple[Rule, ...]:
    """Return the rules that `select` names, by code; raises DefinitionError for what names none."""
    if select is None:
        return policy.selected(None)
    names = (select,) if isinstance(select, str) else to_tuple(select)
    check_arguments(select=(names, each(is_text)))
    _check_codes(names, policy, "select")
    return policy.selected(names)


def missing(rule: Rule, context: Context) -> tuple[str, ...]:
    """Return the inputs that a rule needs and that are not there."""
    absent = {name for name in rule.needs if getattr(context, name) is None}
    if "records" in absent and context.history is None:
        absent = absent - {"records"} | {"history"}
    return tuple(sorted(absent))


def run_rule(rule: Rule, context: Context, settings: Mapping[str, Any] | None = None) -> list[Finding]:
    """Return what one rule finds, set as `settings` say, in the order of its rows; then of drafts (S21.5)."""
    settings = dict(settings or {})
    severity = settings.pop("severity", rule.severity)
    set_so = rule if severity == rule.severity else attrs.evolve(rule, severity=severity)
    idle = context.idle
    unasked = {*idle, *(() if set_so.asks_closed else context.closings)}
    found = [*_found(set_so, context.pursued, settings, lambda subject: subject not in unasked)]
    if set_so.asks_drafts and "draft" in idle.values():
        drafts = {name for name, stage in idle.items() if stage == "draft"}
        told = _found(set_so, context.with_drafts, settings, lambda subject: True)
        found += [one for one in told if one.subject in drafts]
    return found


def _found(
    rule: Rule, context: Context, settings: Mapping[str, Any], asks: Callable[[str], bool]
) -> Iterator[Finding]:
    rows = SEEN[rule.sees].rows(context)
    for row in rule.look_at(rows, context, settings):
        if asks(rows.ids[row]):
            yield from rule.find_at(row, rows, context, settings)


def subjects(rule: Rule, context: Context) -> tuple[str, ...]:
    """Return the ids of all that a rule looks at, in the order of its rows."""
    return tuple(SEEN[rule.sees].rows(context.pursued).ids)


def _check_codes(codes: Iterable[str], policy: Policy, where: str) -> None:
    unknown = [code for code in codes if not policy.selected([code])]
    raise_all([Problem(unknown_code(code, policy.rules), where, kind=DefinitionError) for code in unknown])


def _sorted_out(
    findings: Iterable[Finding],
    ignores: tuple[Ignore, ...],
    context: Context,
    policy: Policy,
    skipped: tuple[Skipped, ...],
    asked: tuple[str, ...],
) -> CheckResult:
    reported, waived, used = [], [], set[int]()
    for finding in sorted(findings, key=attrgetter("code", "subject")):
        covering = [
            (index, one)
            for index, one in enumerate(ignores)
            if one.covers(finding.code, finding.subject, policy.codes)
        ]
        used |= {index for index, _ in covering}
        holding = [one for _, one in covering if one.holds(context.day)]
        if holding:
            waived.append(Waived(finding, holding[0]))
        else:
            reported.append(finding)
    expired = [one for index, one in enumerate(ignores) if index in used and not one.holds(context.day)]
    relevant = [one for one in ignores if any(names(one.code, code, policy.codes) for code in asked)]
    unused = [one for index, one in enumerate(ignores) if index not in used and one in relevant]
    return CheckResult(
        findings=Rows(reported),
        ignored=tuple(waived),
        expired=tuple(expired),
        unused=tuple(unused),
        skipped=skipped,
        asked=asked,
    )
