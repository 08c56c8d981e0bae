"""Run the commands about conflicts and priority tables: what collides, who gives way, is it proved."""

from __future__ import annotations

import datetime as dt
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from okrcore.conflicts.conflict import KINDS, Conflict
from okrcore.conflicts.decision import Decision
from okrcore.conflicts.find import find_conflicts
from okrcore.conflicts.resolution import proved, resolve
from okrcore.definitions.moments import parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.priority_outcomes import Effect
from okrcore.definitions.priority_table import PriorityTable
from okrcore.display import Rows, clipped, counted, figure, indented, wrapped
from okrcore.documents.loading import load
from okrcore.documents.plain import to_dict
from okrcore.errors import OkrError, TableError
from okrcore.priorities import TableFinding, compare_tables, table_hash, verify_table
from okrcore.public_form import headed
from okrcore.scoring.evaluation import evaluate
from okrcore.surfaces.cli.commands import dialect, moment
from okrcore.surfaces.cli.screen import FOUND, look, show, show_json, stage
from okrcore.surfaces.cli.settings import read_all, settled

_FEW = 6


def conflicts(arguments: Namespace) -> None:
    """List the conflicts at a date, and with --decide what the priority table says about each.

    Where the table decides nothing, the conflicts are shown all the same, and the reasons raised.
    """
    for kind in arguments.kind:
        if kind not in KINDS:
            raise OkrError(f"kind {kind!r} is unknown; give one of {', '.join(KINDS)}")
    config, scoring = settled(arguments), dialect(arguments.dialect)
    goals, rates = read_all(config)
    as_of, known_at = parse_as_of(moment(arguments.as_of)), arguments.known_at
    with stage("looking for conflicts"):
        known: Mapping[str, Any] = {
            "as_of": as_of, "known_at": known_at, "rates": rates, "scoring": scoring,
            "journal": goals.journal,
        }  # fmt: skip
        snapshot = evaluate(goals.declared, goals.observed, **known)
        found = find_conflicts(
            goals.declared, **known, snapshot=None if goals.history is None else snapshot,
            capacity=_capacities(arguments.capacity), budget=arguments.budget,
            q=arguments.q, periods=arguments.periods, season=not arguments.no_season,
        )  # fmt: skip
    found = Rows(one for one in found if one.kind in (arguments.kind or KINDS))
    decided: tuple[Decision, ...] | None = None
    undecided: TableError | None = None
    if arguments.decide:
        try:
            table = _table([arguments.table], arguments)[0] if arguments.table else None
            decided = resolve(found, snapshot.portfolio, snapshot=snapshot, table=table)
        except TableError as error:
            undecided = error
    if arguments.format == "json":
        rows = [{"id": one.id, **to_dict(one)} for one in found]
        moments = {"as_of": as_of, "known_at": known_at}
        show_json(headed("conflicts", **moments, conflicts=rows, decisions=decided))
    else:
        lines = _listed(found, decided, as_of)
        if goals.history is None:
            lines += [
                "",
                "No history is given, so only declarations are compared; name one with --history FILE.",
            ]
        show(lines)
    if undecided is not None:
        raise undecided


def _listed(
    found: Sequence[Conflict],
    decided: Sequence[Decision] | None,
    as_of: dt.date | dt.datetime,
) -> list[str]:
    drawn = look()
    counts = {kind: sum(one.kind == kind for one in found) for kind in KINDS}
    told = ", ".join(f"{count} {kind}" for kind, count in counts.items() if count)
    total = f"{counted(len(found), 'conflict')} ({told})" if found else "no conflicts"
    lines = wrapped(f"As of {as_of}: {total}.", drawn.columns)
    for place, one in enumerate(found[: drawn.rows]):
        head = f"{one.kind}  {' | '.join(one.sides)}  {one.degree:.2f} since {one.since}"
        lines += ["", clipped(head, drawn.columns)]
        told_of = [one.sentence, f"numbers: {_numbers(one.witness)}"]
        told_of += [f"path: {' > '.join(one.path)}"] if one.path else []
        told_of += [*_ruled(decided[place])] if decided is not None else []
        for text in told_of:
            lines += indented(wrapped(text, drawn.columns - 4), 4)
    if len(found) > drawn.rows:
        lines += ["", f"... {len(found) - drawn.rows} more; --format json has all"]
    return lines


def _capacities(given: Sequence[str]) -> Mapping[str, float]:
    """Return what `ID=AMOUNT` says; raises OkrError for what is not of that form."""
    found = {}
    for text in given:
        name, sign, amount = text.rpartition("=")
        try:
            found[name if sign else ""] = float(amount)
        except ValueError:
            sign = ""
        if not (name and sign):
            raise OkrError(f"capacity is {text!r}, but must be ID=AMOUNT; give such as operations=12")
    return found


def _ruled(decision: Decision) -> Iterator[str]:
    by = f"rule {decision.rule}" if decision.rule else "the default"
    since = f"standing since {decision.since}" if decision.standing else f"new at {decision.at}"
    why = f": {decision.why}" if decision.why else ""
    if decision.winner is None:
        yield f"undecided{why}"
    else:
        yield f"decided: {decision.winner} wins by {by}, {since}{why}"
    if decision.effect is not None:
        yield f"effect: {_effect(decision.effect)}"
    for rule, reason in sorted(decision.overruled.items()):
        yield f"overruled: {rule}: {reason}"


def _effect(effect: Effect) -> str:
    """Return an effect in words, such as "escalate: to lead, within 24h"."""
    value = getattr(effect, effect.kind)
    parts = to_dict(value)
    told = ", ".join(f"{name} {one}" for name, one in parts.items()) if isinstance(parts, dict) else parts
    return f"{effect.kind}: {told}"


def _numbers(witness: Mapping[str, Any]) -> str:
    return "; ".join(f"{name} {_shown(value)}" for name, value in witness.items())


def _shown(value: Any) -> str:
    """Return a number or name of a witness; of a long list, how many there are."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        return figure(float(value))
    if isinstance(value, tuple | list):
        nested = any(isinstance(one, tuple | list | Mapping) for one in value)
        return (
            f"{len(value)} entries" if nested or len(value) > _FEW else ", ".join(map(_shown, value)) or "-"
        )
    return f"({_numbers(value)})" if isinstance(value, Mapping) else "-" if value is None else str(value)


def priorities(arguments: Namespace) -> int:
    """Verify a priority table or compare two; 1 where it is not proved, or where they differ, else 0."""
    return (_verify if arguments.action == "verify" else _compare)(arguments)


def _verify(arguments: Namespace) -> int:
    table, portfolio = _table(arguments.files, arguments)
    with stage(f"proving {len(table.rules)} rules"):
        report = verify_table(table, max_cells=arguments.max_cells)
    unfit = _unfit(table) if portfolio is not None and report.ok else []
    ok = report.ok and not unfit
    if arguments.format == "json":
        proof = {"findings": report.findings, "more": report.more, "unfit": unfit}
        show_json(headed("priorities", ok=ok, table_hash=_hash(table), **proof))
        return 0 if ok else FOUND
    columns = look().columns
    counts = f"{len(table.rules)} rules, {len(table.guardrails)} guardrails, {len(table.columns)} columns"
    lines = [f"{'verified' if ok else 'not verified'}: {counts}; hit policy {table.hit_policy}"]
    lines += indented(wrapped(f"hash {_hash(table)}", columns)) if ok else []
    for message in unfit:
        lines += ["", *_hanging(f"error: {message}", columns)]
    for finding in report.findings:
        lines += ["", *_found(finding, columns)]
    for name in report.more:
        lines += ["", f"more {name} than the first {len(getattr(report, name))}"]
    show(lines)
    return 0 if ok else FOUND


def _found(finding: TableFinding, columns: int) -> list[str]:
    lines = _hanging(f"{'error' if finding.error else 'note'}: {finding.kind}: {finding}", columns)
    if finding.witness:
        at = "; ".join(f"{name}: {one}" for name, one in to_dict(finding.witness).items())
        lines += indented(wrapped(f"such as {at}", columns - 4), 4)
    return lines


def _compare(arguments: Namespace) -> int:
    old, new = (_table([path], arguments)[0] for path in (arguments.old, arguments.new))
    with stage(f"comparing {len(old.rules)} rules with {len(new.rules)}"):
        found = compare_tables(old, new, max_cells=arguments.max_cells)
    if arguments.format == "json":
        show_json(headed("comparison", differences=found))
        return FOUND if found else 0
    columns = look().columns
    lines = [f"decided differently in {len(found)} regions" if found else "nothing is decided differently"]
    for difference in found:
        lines += ["", *_hanging(str(difference), columns)]
        effects = [one.effect if one else None for one in (difference.before, difference.after)]
        if effects[0] != effects[1]:
            told = " -> ".join(_effect(one) if one else "no effect" for one in effects)
            lines += indented(wrapped(told, columns - 4), 4)
    show(lines)
    return FOUND if found else 0


def _table(paths: Sequence[str], arguments: Namespace) -> tuple[PriorityTable, Portfolio | None]:
    """Return the priority table in a .dmn, or that of documents with their portfolio."""
    if len(paths) == 1 and Path(paths[0]).suffix.lower() == ".dmn":
        from okrcore.adapters import read_dmn

        with stage("reading a decision table"):
            return read_dmn(paths[0], arguments.decision, winner=arguments.winner), None
    with stage("reading documents"):
        portfolio = load(paths)
    if portfolio.priorities is None:
        raise TableError(
            f"{', '.join(paths)}: no priority table is declared; add priorities"
            " (docs/how-to/write-your-priority-table.md begins one)"
        )
    return portfolio.priorities, portfolio


def _unfit(table: PriorityTable) -> list[str]:
    """Return what keeps a proved table from deciding conflicts."""
    try:
        proved(table)
    except TableError as error:
        return [problem.message for problem in error.problems]
    return []


def _hash(table: PriorityTable) -> str | None:
    try:
        return table_hash(table)
    except TableError:
        return None


def _hanging(text: str, columns: int) -> list[str]:
    first, *rest = wrapped(text, columns - 4)
    return [first, *indented(rest, 4)]
