"""Resolve conflicts by a proved priority table: predefined, not debated (S14.4, S15)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache

import attrs
import numpy as np

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision, Decisions
from okrcore.conflicts.table_inputs import InputRows, Questions, columns, questions
from okrcore.definitions.argument_checks import check_arguments
from okrcore.definitions.days import to_date
from okrcore.definitions.fields import each, is_a, optional, to_tuple
from okrcore.definitions.portfolio import Portfolio
from okrcore.definitions.priority_outcomes import Effect, Escalate
from okrcore.definitions.priority_table import PriorityTable
from okrcore.definitions.tolerances import Tolerance
from okrcore.display import Rows
from okrcore.errors import Problem, TableError
from okrcore.priorities.bulk_decisions import Rulings, decide_rows
from okrcore.priorities.fingerprint import table_hash
from okrcore.priorities.hit_policies import SINGLE, letter_of
from okrcore.priorities.table_report import TableReport
from okrcore.priorities.table_rulings import NOBODY, Ruling
from okrcore.priorities.verification import verify_table
from okrcore.scoring.belonging import check_belongs
from okrcore.scoring.observed import Reader
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.tolerated import freeze_over

WINNERS = ("objective", "kpi")
"""What an outcome may name: the role that wins."""
_MORE = "only two sides have roles; somebody has to decide between more"
_NO_GOAL = "neither side is a key result or an objective"
_UNLIKE = "asked both ways, the table names now one side, now the other"


def resolve(
    conflicts: Iterable[Conflict],
    portfolio: Portfolio,
    *,
    snapshot: Snapshot,
    table: PriorityTable | None = None,
) -> Rows[Decision]:
    """Return one decision a conflict, in their order, by `table` (None: the portfolio's).

    A goal is asked as `objective`, the other side as `kpi`. Two goals are asked both ways, and a winner
    stands only where both name the same side. Two KPIs escalate, and so do missing inputs: never a guess.
    Inputs are raw (`zone`, not `judged_zone`), so that a decision does not erase the conflict it decided.
    What is decided is recognised by the portfolio's tolerances: see `Decision.standing` and `apply`.

    Raises TableError where there is no table, and for one that is not proved (`verify_table`), has no default
    or names other winners than "objective" and "kpi"; UnknownIdError for a side that nothing declares. The
    proof is done once a table. A million conflicts take some seconds, most of them for making the decisions;
    `resolve_many` makes none.

    >>> from okrcore import Cycle, History, KeyResult, Kpi, Objective, Outcome, Target, evaluate
    >>> import datetime as dt
    >>> from okrcore.frozen import FrozenDict
    >>> year = Cycle.year(2026)
    >>> goal = Objective(id="sort", title="Sort faster", cycle=year.id)
    >>> speed = KeyResult(id="speed", objective="sort", title="Speed", measure=Target(10, 12))
    >>> table = PriorityTable(columns=[], rules=[], default=Outcome(winner="objective"))
    >>> portfolio = Portfolio.of(year, goal, speed, Kpi(id="uptime", title="Uptime"), table)
    >>> conflict = Conflict(kind="opposed", sides=("speed", "uptime"), degree=0.4, path=(), sentence="",
    ...                     since=year.start, witness=FrozenDict())
    >>> snapshot = evaluate(portfolio, History.of([]), as_of="2026-06-30")
    >>> (decision,) = resolve([conflict], portfolio, snapshot=snapshot)
    >>> decision.winner, decision.loser, decision.rule, decision.standing
    ('speed', 'uptime', None, False)
    """
    return Rows(resolve_many(to_tuple(conflicts), portfolio, snapshot=snapshot, table=table))


def resolve_many(
    conflicts: Sequence[Conflict],
    portfolio: Portfolio,
    *,
    snapshot: Snapshot,
    table: PriorityTable | None = None,
) -> Decisions:
    """Return the decisions that `resolve` gives, as columns: for a million conflicts at once.

    Same arguments, same answers, same errors. The table is asked for all of them together and each fact is
    looked up once a side; a `Decision` is made where one is looked at. `winner`, `loser` and `rule` are
    arrays, one entry a conflict, in their order. About 1 us a conflict.

    >>> from okrcore import evaluate, find_conflicts
    >>> from okrcore.surfaces.stories import story
    >>> portfolio, history = story("software")
    >>> snapshot = evaluate(portfolio, history, as_of="2026-02-28")
    >>> found = find_conflicts(portfolio, as_of="2026-02-28", snapshot=snapshot)
    >>> many = resolve_many(found, portfolio, snapshot=snapshot)
    >>> many.loser.tolist(), many.rule.tolist()
    (['ui-satisfaction', 'page-load'], ['company-goal-first', 'company-goal-first'])
    >>> tuple(many) == resolve(found, portfolio, snapshot=snapshot)
    True
    """
    conflicts = to_tuple(conflicts)
    check_arguments(
        conflicts=(conflicts, each(is_a(Conflict))),
        portfolio=(portfolio, is_a(Portfolio)),
        table=(table, optional(is_a(PriorityTable))),
    )
    table = portfolio.priorities if table is None else table
    if table is None and conflicts:
        raise TableError("there is no priority table; declare one under `priorities`, or give table=")
    name = proved(table) if table else ""
    if conflicts:
        check_belongs(snapshot, portfolio)
    asked = questions(conflicts, portfolio)
    table = table or PriorityTable(columns=[], rules=[], default=None)  # nothing is asked of it
    wanted = {"conflict.degree", *(column.name for column in table.columns)}  # one column makes the rows
    rulings = decide_rows(table, columns(sorted(wanted), conflicts, asked, snapshot))
    case, cases, winner = _winners(rulings, asked, table, len(conflicts))
    both = asked.objective[: len(conflicts)] + asked.kpi[: len(conflicts)]
    return Decisions(
        conflicts=conflicts,
        names=asked.names,
        winner_at=winner,
        loser_at=np.where(winner < 0, -1, both - winner),
        cases=cases,
        case=case,
        table_hash=name,
        at=to_date(snapshot.when.day),
        recognise=_recogniser(portfolio, snapshot) if portfolio.tolerances else None,
    )


def proved(table: PriorityTable) -> str:
    """Return the hash of a table that is proved and decides between two sides; else raise TableError."""
    name, report = proof_of(table)
    problems = [
        *(f"the priority table is not verified: {fault.message}" for fault in report.errors),
        *(text for _, text in unfit(table)),
    ]
    if problems:
        raise TableError([Problem(text, "priorities", kind=TableError) for text in problems])
    return name


@attrs.frozen
class _Named:
    """A table told apart by its hash: tables that are equal in Python (1 and True) may read differently."""

    name: str
    table: PriorityTable = attrs.field(eq=False)


def proof_of(table: PriorityTable) -> tuple[str, TableReport]:
    """Return the hash of a table, "" where it cannot be read, and its proof.

    The proofs of the last tables are kept, so that asking every week costs nothing.
    """
    try:
        name = table_hash(table)
    except TableError:  # the report says why
        return "", verify_table(table)
    return name, _proof(_Named(name, table))


@lru_cache(maxsize=32)
def _proof(named: _Named) -> TableReport:
    return verify_table(named.table)


def unfit(table: PriorityTable) -> Iterator[tuple[str, str]]:
    """Yield what keeps any table, proved or not, from deciding between two sides: where, and what."""
    outcomes = [(rule.id, rule.then) for rule in table.rules]
    if table.default is None:
        yield "default", "the priority table has no default; add one"
    else:
        outcomes.append(("default", table.default))
    for rule, outcome in outcomes:
        if outcome.winner not in WINNERS:
            yield rule, f"{rule} names {outcome.winner!r}; a conflict is won by 'objective' or 'kpi'"
    if letter_of(table) not in SINGLE:
        yield "hit_policy", f"hit policy {table.hit_policy!r} has many winners; decide conflicts by UNIQUE"


def _winners(
    rulings: Rulings, asked: Questions, table: PriorityTable, count: int
) -> tuple[InputRows, tuple[Ruling, ...], InputRows]:
    """Return each conflict's ruling (case, cases) and the place of its winner, -1 where nobody wins."""
    nobody = len(asked.names) - 1
    roles = [WINNERS.index(one.winner) if one.winner else -1 for one in rulings.cases]
    role = np.array(roles, dtype=np.int64)[rulings.case]
    won = np.where(role < 0, -1, np.where(role == 0, asked.objective, asked.kpi))
    case, winner = rulings.case[:count].copy(), won[:count].copy()
    cases = list(rulings.cases)

    def escalate(rows: InputRows, why: str) -> None:
        for before in np.unique(case[rows]).tolist():
            cases.append(_escalated(cases[before], table, why))
            case[rows[case[rows] == before]] = len(cases) - 1
        winner[rows] = -1

    both, again = won[asked.alike], won[count:]
    stuck = (both >= 0) & (again < 0)
    case[asked.alike[stuck]], winner[asked.alike[stuck]] = rulings.case[count:][stuck], -1
    escalate(asked.alike[(both >= 0) & (again >= 0) & (both != again)], _UNLIKE)
    escalate(np.flatnonzero((asked.objective[:count] == nobody) & (asked.kpi[:count] == nobody)), _MORE)
    lone = (asked.objective[:count] == nobody) & (asked.kpi[:count] != nobody)
    escalate(np.flatnonzero(lone), _NO_GOAL)
    return case, tuple(cases), winner


def _escalated(ruling: Ruling, table: PriorityTable, why: str) -> Ruling:
    """The ruling as a question to somebody: whom it or the default names, else the table's owner."""
    default = table.default.effect if table.default else None
    asks = [effect for effect in (ruling.effect, default) if effect is not None and effect.escalate]
    return attrs.evolve(
        ruling,
        winner=None,
        winners=(),
        rule=None,
        effect=asks[0] if asks else Effect(escalate=Escalate(to=NOBODY)),
        why=why,
        overruled=dict.fromkeys(ruling.matched, why),
    )


def _recogniser(portfolio: Portfolio, snapshot: Snapshot) -> Callable[[Decision], Decision]:
    """Return what recognises decisions that were made before, and stand (S15)."""
    between: dict[tuple[str, ...], list[Tolerance]] = {}
    for tolerance in portfolio.tolerances:
        between.setdefault(tolerance.sides, []).append(tolerance)

    def recognised(decision: Decision) -> Decision:
        known = between.get(tuple(sorted(decision.conflict.sides)))
        return _known(decision, known, portfolio, snapshot) if known else decision

    return recognised


def _known(
    decision: Decision, known: Sequence[Tolerance], portfolio: Portfolio, snapshot: Snapshot
) -> Decision:
    freezes = [one for one in known if one.kind == "freeze" and one.start <= decision.at]
    thawed = None
    if freezes:
        reader = Reader(
            snapshot.history, snapshot.when, snapshot.scoring, portfolio.units, rates=snapshot.rates
        )
        thawed = freeze_over(max(freezes, key=lambda one: one.start), portfolio, reader)
    held = [
        one for one in known if one.holds(decision.at) and not (one.kind == "freeze" and thawed is not None)
    ]
    last = max(held, key=lambda one: (one.start, one.kind != "freeze", one.id), default=None)
    if last is not None and same_ruling(last, decision):
        return attrs.evolve(decision, since=last.start, standing=True, thawed=thawed)
    return attrs.evolve(decision, thawed=thawed)


def same_ruling(tolerance: Tolerance, decision: Decision) -> bool:
    """Return whether a tolerance records just this ruling of the same table; numbers do not count."""
    return (
        tolerance.table_hash == decision.table_hash
        and tolerance.rule == decision.rule
        and tolerance.winner == decision.winner
        and tolerance.effect == decision.effect
    )
