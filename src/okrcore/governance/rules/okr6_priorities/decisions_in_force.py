"""OKR6, decisions: what is in force is still needed, still meant, and nobody is paid to break it."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.definitions.kpis import Kpi
from okrcore.definitions.tolerances import Tolerance
from okrcore.findings import Finding
from okrcore.governance.context import Context
from okrcore.governance.questions.rulings_between import first_between
from okrcore.governance.rule import fault, governance_rule
from okrcore.governance.rules.okr6_priorities.table_coverage import RULED

_DECIDED = (
    RULED.rstrip()
    + """
    tolerances:
      - {sides: [speed, uptime], winner: speed, rule: goal-first, start: 2026-01-12, end: END}
    """
)


@governance_rule(
    "OKR603",
    fix="decide it anew: resolve the conflict and apply the decision",
    passes=_DECIDED.replace("END", "2026-12-31"),
    fails=_DECIDED.replace("END", "2026-03-31"),
)
def decision_has_not_run_out(tolerance: Tolerance, context: Context) -> Iterator[Finding]:
    """A decision runs out with its conflict, not before.

    Its day has passed, the conflict is still there, and nothing took its place: both sides work by a ruling
    that no longer holds. Of several between the same sides the last one is told.
    """
    if tolerance.end >= context.day or tolerance.sides not in context.once(first_between):
        return
    others = context.index.tolerances_between.get(tolerance.sides, (tolerance,))
    if others[-1] is tolerance and not any(one.holds(context.day) for one in others):
        yield fault(
            f"ran out on {tolerance.end}; {' and '.join(tolerance.sides)} are still in conflict",
            end=tolerance.end,
            conflict=context.once(first_between)[tolerance.sides].id,
        )


_RENEWED = (
    RULED.rstrip()
    + """
    tolerances:
      - sides: [speed, uptime]
        winner: speed
        effect: {tolerate: {within: limit, incentive: suspended}}
        subject: uptime
        start: 2026-05-04
        end: 2026-12-31
        renewed: COUNT
        days_before: 60
    """
)


@governance_rule(
    "OKR604",
    fix="remove what the exception is for: move the target, fund the way out, or change the rule",
    passes=_RENEWED.replace("COUNT", "1"),
    fails=_RENEWED.replace("COUNT", "3"),
)
def exception_is_not_renewed_forever(
    tolerance: Tolerance, context: Context, *, least: int = 3
) -> Iterator[Finding]:
    """A tolerance is not renewed again and again.

    Once is an exception, twice may be bad luck; from the third renewal on it is how things are run, without
    anybody having decided so. Said while it is in force or yet to come.
    """
    if tolerance.renewed >= least and tolerance.end >= context.day:
        days = tolerance.days_before + max(0, (context.day - tolerance.start).days + 1)
        yield fault(
            f"was renewed {tolerance.renewed} times and was in force for {days} days",
            renewed=tolerance.renewed,
            least=least,
            days=days,
        )


@governance_rule(
    "OKR607",
    fix="resolve the conflict by the table of now, and apply the decision",
    passes=_DECIDED.replace("END", "2026-12-31"),
    fails=_DECIDED.replace("END", "2026-12-31").replace(
        "rule: goal-first", "rule: goal-first, table_hash: 7d1c2a"
    ),
)
def decision_is_of_the_table_of_now(tolerance: Tolerance, context: Context) -> Iterator[Finding]:
    """A decision in force was made by the priority table as it is now.

    The table was changed or taken away since: the decision is up again, and until then it stands on a
    rule that nobody follows any more. Decisions that name no table are left alone.
    """
    name, _ = context.proof
    if not tolerance.table_hash or not tolerance.holds(context.day) or tolerance.table_hash == name:
        return
    if context.portfolio.priorities is None:
        yield fault("was decided by a priority table that is gone", table_hash=tolerance.table_hash)
    elif name:
        yield fault(
            f"was decided by table {tolerance.table_hash[:8]}; the table of now is {name[:8]}",
            table_hash=tolerance.table_hash,
            now=name,
        )


@governance_rule(
    "OKR609",
    fix="suspend or re-base the incentive for as long as the tolerance holds",
    passes=_RENEWED.replace("COUNT", "0").replace("category: operational", "incentivised: true"),
    fails=_RENEWED.replace("COUNT", "0")
    .replace("category: operational", "incentivised: true")
    .replace("suspended", "kept"),
)
def bonus_follows_the_decision(tolerance: Tolerance, context: Context) -> Iterator[str]:
    """While a KPI gives way by decision, nobody is paid for holding it.

    The decision lets the number slip, the bonus pays for not letting it: people keep doing what they are paid
    for, and the decision stays on paper.
    """
    kpi, effect = context.find(tolerance.subject), tolerance.tolerate
    paid = isinstance(kpi, Kpi) and kpi.incentivised
    if paid and effect and effect.incentive == "kept" and tolerance.holds(context.day):
        yield f"lets {kpi.id} slip while its bonus is kept"
