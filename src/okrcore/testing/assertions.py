"""Assert what should hold of rules, tables and conflicts, and say what is there instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from okrcore.conflicts.conflict import Conflict
from okrcore.definitions.fields import shown
from okrcore.definitions.priority_table import PriorityTable
from okrcore.errors import OkrError
from okrcore.governance.checking import missing, run_rule
from okrcore.governance.context import Context
from okrcore.governance.example import Example
from okrcore.governance.rule import Rule
from okrcore.governance.subjects import SEEN
from okrcore.priorities.table_rulings import decide_table
from okrcore.priorities.verification import verify_table


def one(
    conflicts: Iterable[Conflict], kind: str | None = None, between: Iterable[str] | None = None
) -> Conflict:
    """Return the only conflict of a kind and between exactly these sides (None: whatever they are).

    Raises AssertionError that lists what there is where there is none, or more than one.

    >>> import okrcore as okr
    >>> one([], kind="opposed", between={"throughput", "uptime"})
    Traceback (most recent call last):
    AssertionError: no conflict of kind opposed between throughput and uptime; there is none at all
    """
    listed = list(conflicts)
    sides = None if between is None else {between} if isinstance(between, str) else set(between)
    found = [
        conflict
        for conflict in listed
        if kind in (None, conflict.kind) and (sides is None or sides == set(conflict.sides))
    ]
    if len(found) == 1:
        return found[0]
    asked = f" of kind {kind}" if kind else ""
    asked += f" between {' and '.join(sorted(sides))}" if sides else ""
    count = f"{len(found)} conflicts" if found else "no conflict"
    there = [f"\n  {conflict.id}: {conflict}" for conflict in found or listed]
    raise AssertionError(f"{count}{asked}; there is {''.join(['', *there]) or 'none at all'}")


def check_rule_examples(rule: Rule) -> None:
    """Run a rule on the examples that it passes and fails; raises AssertionError where they do not.

    Also where an example is missing, cannot be read, or lacks what the rule needs, and where the rule finds
    something else in one value than in many at once (`check_rule_agrees`).

    >>> import okrcore as okr
    >>> check_rule_examples(okr.STANDARD.rule("OKR101"))
    """
    faults = [
        f"  {name}: {fault}"
        for name, example, broken in (("passes", rule.passes, False), ("fails", rule.fails, True))
        if (fault := _example_fault(rule, example, broken))
    ]
    if faults:
        raise AssertionError("\n".join([f"the examples of rule {rule.code} {rule.name}", *faults]))


def check_rule_agrees(rule: Rule, context: Context) -> None:
    """Ask a rule of all values at once and of each alone; raises AssertionError where the two differ.

    They do where `where` asks of a row what depends on the other rows. Run it on a `Context` of your own
    portfolio, or on those that `okrcore.testing.portfolios()` draws.

    >>> import okrcore as okr
    >>> context = okr.governance.Context(portfolio=okr.Portfolio.of(okr.Team(id="ops")), as_of="2026-06-30")
    >>> check_rule_agrees(okr.STANDARD.rule("OKR101"), context)
    """
    rows = SEEN[rule.sees].rows(context)
    together = list(rule.find(rows, context))
    alone = [found for row in range(len(rows)) for found in rule(rows.value(row), context)]
    if together != alone:
        differing = [one for one in (*together, *alone) if (one in together) != (one in alone)]
        what = "; ".join(f"{one.subject}: {one.message}" for one in differing) or "the order of its findings"
        raise AssertionError(
            f"rule {rule.code} {rule.name} finds one thing in all rows and another in each alone: {what}"
        )


def _example_fault(rule: Rule, example: Example | None, broken: bool) -> str | None:
    if example is None:
        return "there is none; give governance_rule one"
    try:
        context = example.context
        if absent := missing(rule, context):
            return f"has no {' and no '.join(absent)}; give it an Example with them"
        found = run_rule(rule, context)
        check_rule_agrees(rule, context)
    except (OkrError, AssertionError) as error:
        return str(error)
    if broken and not found:
        return "the rule finds nothing in it"
    if found and not broken:
        return f"the rule finds {'; '.join(f'{one.subject}: {one.message}' for one in found)}"
    return None


def assert_proved(table: PriorityTable | None) -> None:
    """Raise AssertionError with all that `verify_table` finds where a table is not proved, or not there.

    >>> import okrcore as okr
    >>> assert_proved(okr.PriorityTable(columns=[], rules=[], default=okr.Outcome(winner="kpi")))
    """
    if table is None:
        raise AssertionError("there is no priority table; declare one under priorities")
    report = verify_table(table)
    if not report.ok:
        raise AssertionError(str(report))


def assert_rules(table: PriorityTable, cases: Iterable[tuple[Mapping[str, Any], str | None]]) -> None:
    """Raise AssertionError with every case, (inputs, winner), in which a table names another winner.

    Inputs that are left out are missing; the winner None is expected where nobody wins and it escalates.

    >>> import okrcore as okr
    >>> table = okr.PriorityTable(columns=[], rules=[], default=okr.Outcome(winner="kpi"))
    >>> assert_rules(table, [({}, "objective")])
    Traceback (most recent call last):
    AssertionError: 1 case is ruled otherwise
      {}: kpi by the default, not objective
    """
    wrong = []
    for inputs, winner in cases:
        ruling = decide_table(table, inputs)
        if ruling.winner != winner:
            by = f"rule {ruling.rule}" if ruling.rule else "the default"
            why = f" ({ruling.why})" if ruling.why else ""
            told = f"{ruling.winner or 'nobody'} by {by}{why}"
            wrong.append(f"  {shown(dict(inputs))}: {told}, not {winner or 'nobody'}")
    if wrong:
        count = "1 case is" if len(wrong) == 1 else f"{len(wrong)} cases are"
        raise AssertionError("\n".join([f"{count} ruled otherwise", *wrong]))
