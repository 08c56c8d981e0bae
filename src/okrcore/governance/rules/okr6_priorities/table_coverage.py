"""OKR6, priorities: conflicts that a rule decides, by a table that is proved and names whom to ask."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.resolution import unfit
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.priority_outcomes import Effect, Escalate
from okrcore.definitions.priority_table import PriorityTable
from okrcore.errors import TableError
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.questions.exposure import exposures
from okrcore.governance.questions.rulings_between import speaks_for_its_sides, undecided
from okrcore.governance.rule import fault, governance_rule
from okrcore.priorities.table_rulings import NOBODY

_SORTING = """
    owners: [{id: managing-director, kind: role}]
    objectives:
      - id: sorting
        title: Sort a fifth more
        cycle: "2026"
        key_results:
          - {id: speed, title: A fifth more, unit: parcel/hour, measure: {target: {start: 100, goal: 120}}}
    kpis:
      - {id: uptime, title: Uptime, unit: "%", target: {low: 98}, limit: {low: 95}, category: operational}
    initiatives:
      - {id: recalibration, title: Recalibrate the lanes, start: 2026-01-05}
    links:
      - {source: recalibration, target: speed, sign: 1, weight: 0.8}
      - {source: recalibration, target: uptime, sign: -1, weight: 0.4}
    priorities:
      columns:
        - {name: objective.commitment, values: [committed, aspirational, learning]}
        - {name: kpi.category, values: [safety, compliance, operational, other]}
      rules:
        - {id: goal-first, when: {objective.commitment: COMMITMENT}, then: {winner: objective}}
      default: {winner: kpi, effect: {escalate: {to: managing-director, within: 24h}}}
    """
RULED, _BY_DEFAULT = _SORTING.replace("COMMITMENT", "committed"), _SORTING.replace("COMMITMENT", "learning")


@governance_rule(
    "OKR601",
    fix="write the rule into the priority table that decides it, before it has to be decided",
    passes=Example(RULED, observations=[("speed", "2026-03-01", 104.0)]),
    fails=Example(_BY_DEFAULT, observations=[("speed", "2026-03-01", 104.0)]),
)
def conflict_is_decided_by_a_rule(conflict: Conflict, context: Context) -> Iterator[Finding]:
    """A rule of the priority table, or one of its guardrails, decides each conflict.

    Where only the default speaks, or an input is missing, the question goes to somebody who has to decide it
    under pressure and from scratch. One finding for each pair of sides. Conflicts that no table can
    decide are left out: those of more than two sides, of an initiative, and of two KPIs. What a table says
    is unknown without a history.
    """
    if not (speaks_for_its_sides(conflict, context) and _decidable(conflict, context)):
        return
    if reason := undecided(conflict, context):
        yield fault(
            f"no rule decides between {' and '.join(conflict.sides)}: {reason}",
            kind=conflict.kind,
            degree=conflict.degree,
        )


def _decidable(conflict: Conflict, context: Context) -> bool:
    values = [context.find(side) for side in conflict.sides]
    goals = [isinstance(value, KeyResult | Objective) for value in values]
    return (
        len(values) == 2
        and any(goals)
        and all(isinstance(one, KeyResult | Objective | Kpi) for one in values)
    )


_TABLE = """
    owners: [{id: managing-director, kind: role}]
    priorities:
      columns:
        - {name: days_left, kind: integer, low: 0}
      rules:
        - {id: last-month, when: {days_left: "<= 30"}, then: {winner: objective}}
        - {id: before, when: {days_left: "CELL"}, then: {winner: kpi}}
      default: {winner: kpi, effect: {escalate: {to: managing-director}}}
    """


@governance_rule(
    "OKR602",
    severity="error",
    fix="mend the row; `resolve` refuses a table that is not proved",
    passes=_TABLE.replace("CELL", "> 30"),
    fails=_TABLE.replace("CELL", ">= 30"),
)
def table_is_verified(table: PriorityTable, context: Context) -> Iterator[Finding]:
    """The priority table is proved: each case has one ruling, and each rule decides somewhere.

    A table that is not proved is refused where a conflict is to be resolved, so that nothing is
    decided in advance. One finding for each error, with a witness: a case that shows it.
    """
    _, report = context.proof
    for error in report.errors:
        yield fault(
            error.message, kind=error.kind, rules=error.rules, witness=error.witness, region=error.region
        )
    for where, text in unfit(table):
        yield fault(text, kind="outcome", rules=(where,))


_STAKES = """
    owners: [{id: managing-director, kind: role}]
    kpis:
      - {id: uptime, title: Uptime, unit: "%", target: {low: 98}, incentivised: true}
    """


@governance_rule(
    "OKR605",
    fix="write a priority table, and verify it",
    passes=_STAKES.rstrip() + _TABLE.replace("CELL", "> 30").partition("kind: role}]")[2],
    fails=_STAKES,
)
def stakes_have_a_priority_table(portfolio: Portfolio) -> Iterator[Finding]:
    """Where a bonus or a guardrail is at stake, a priority table says in advance what gives way.

    A bonus pays people to hold one number, a guardrail forbids to leave a band. Sooner or later either meets
    a goal, and then it is too late to agree on the rule.
    """
    if portfolio.priorities is not None:
        return
    bonus = sum(kpi.incentivised for kpi in portfolio.kpis)
    guards = sum(one.guardrail for part in (portfolio.kpis, portfolio.key_results) for one in part)
    if bonus or guards:
        yield fault(
            f"has no priority table for {bonus} KPIs with a bonus and {guards} guardrails",
            incentivised=bonus,
            guardrails=guards,
        )


@governance_rule(
    "OKR606",
    severity="info",
    fix="drop the row, or narrow what hides it",
    passes=_TABLE.replace("CELL", "> 30"),
    fails=_TABLE.replace("then: {winner: kpi}", "then: {winner: objective}")
    .replace("CELL", "-")
    .replace("default:", "overrides: [[last-month, before]]\n      default:"),
)
def table_has_no_idle_rules(table: PriorityTable, context: Context) -> Iterator[Finding]:
    """Each rule of the priority table changes some ruling.

    A rule that others replace, or that guardrails always forbid, is no error. But whoever reads the table
    believes that it decides something, and whoever changes it changes nothing.
    """
    _, report = context.proof
    for idle in (*report.masked, *report.unreachable, *report.redundant):
        if not idle.error:
            yield fault(idle.message, kind=idle.kind, rules=idle.rules, witness=idle.witness)


_SAFE = RULED.replace(
    "category: operational}",
    "category: operational}\n      - {id: injuries, title: Injuries, category: safety}",
)


_FIRST = """guardrails:
        - {id: people-first, when: {kpi.category: safety}, forbid: [objective]}"""


@governance_rule(
    "OKR608",
    severity="error",
    fix="add a guardrail that forbids objective for these KPIs, and names whom to ask",
    passes=_SAFE.replace("rules:", f"{_FIRST}\n      rules:"),
    fails=_SAFE,
)
def people_come_first(
    table: PriorityTable, context: Context, *, categories: tuple[str, ...] = ("safety", "compliance")
) -> Iterator[Finding]:
    """No objective can win over a KPI of safety or compliance.

    What the law or somebody's health depends on is not to be traded by a rule that was written for
    throughput. Found exactly, over all cases that the table knows: a case is given in which a rule, or the
    default, would let the objective win and no guardrail forbids it. One finding for each category, also
    where a table has too many cases for a proof.
    """
    _, report = context.proof
    if not report.ok:
        return
    for category in categories:
        kpis = sorted(
            (kpi for kpi in context.portfolio.kpis if kpi.category == category), key=lambda kpi: kpi.id
        )
        try:
            found = [(kpi.id, case) for kpi in kpis if (case := next(exposures(table, kpi, context), None))]
        except TableError as error:
            yield fault(
                f"has too many cases to prove that no objective wins over a KPI of {category}: {error}",
                fix="split the table, or put a guardrail first that forbids objective for these KPIs",
                category=category,
            )
            continue
        if found:
            name, (rule, witness) = found[0]
            by = f"rule {rule}" if rule else "the default"
            more = f" and {len(found) - 1} more" if len(found) > 1 else ""
            yield fault(
                f"{by} lets an objective win over {name}{more} of {category}",
                category=category,
                kpis=tuple(name for name, _ in found),
                rule=rule,
                witness=witness,
            )


@governance_rule(
    "OKR610",
    fix="name a role, such as escalate: {to: managing-director}",
    passes=_TABLE.replace("CELL", "> 30"),
    fails=_TABLE.replace("CELL", "> 30").replace("kind: role", "kind: person"),
)
def escalations_name_a_role(table: PriorityTable, context: Context) -> Iterator[Finding]:
    """What the table cannot decide goes to a role, a process or a team.

    A person is on holiday on that very day, and a table that names nobody asks nobody: the clock of 24 hours
    runs, and no one hears it. Where the default names nobody, a missing input asks nobody.
    """
    for row, escalate in _escalations(table):
        owner = context.find(escalate.to)
        if owner is not None and owner.kind == "person":
            yield fault(f"{row} escalates to {owner.id}, a person", row=row, owner=owner.id)
    silent = table.default is None or _asks(table.default.effect) is None
    if silent and NOBODY not in context.portfolio:
        yield fault(
            "the default escalates to nobody, so a missing input asks nobody",
            fix="let the default escalate to a role",
            row="default",
        )


def _escalations(table: PriorityTable) -> Iterator[tuple[str, Escalate]]:
    asked = [(rule.id, _asks(rule.then.effect)) for rule in table.rules]
    asked += [(guardrail.id, guardrail.escalate) for guardrail in table.guardrails]
    asked += [("the default", _asks(table.default.effect))] if table.default else []
    yield from ((row, escalate) for row, escalate in asked if escalate is not None)


def _asks(effect: Effect | None) -> Escalate | None:
    return effect.escalate if effect else None
