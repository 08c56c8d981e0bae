"""Find every conflict between the goals of a portfolio (S13)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from okrcore.conflicts.conflict import Conflict, in_order
from okrcore.conflicts.contention import contention_conflicts
from okrcore.conflicts.disconnected import disconnected_conflicts
from okrcore.conflicts.divergent import divergent_conflicts
from okrcore.conflicts.earlier import Past
from okrcore.conflicts.measured import evident_conflicts, measured_conflicts
from okrcore.conflicts.opposed import Influence, opposed_conflicts
from okrcore.conflicts.sides import Scene
from okrcore.conflicts.supply import checked_supply
from okrcore.conflicts.targets import target_conflicts
from okrcore.declarations.in_force import AnyPortfolio, portfolio_at
from okrcore.definitions.argument_checks import check_arguments, is_count
from okrcore.definitions.fields import each, is_a, is_flag, optional, to_tuple, within
from okrcore.definitions.moments import AsOf, parse_as_of
from okrcore.definitions.pursued import pursued
from okrcore.display import Rows
from okrcore.errors import Problem, raise_all
from okrcore.history.backends import AnyHistory
from okrcore.history.derivation import with_derived
from okrcore.history.journal import Journal, followed_journal
from okrcore.leading.declared_evidence import check_evidence
from okrcore.leading.evidence import LinkEvidence
from okrcore.scoring.as_of import When
from okrcore.scoring.belonging import check_belongs
from okrcore.scoring.closings import closings_at, taken_out
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.scoring_policy import ScoringPolicy
from okrcore.scoring.snapshot import Snapshot
from okrcore.units.rates import Rates


def find_conflicts(
    portfolio: AnyPortfolio,
    history: AnyHistory | None = None,
    *,
    as_of: AsOf,
    snapshot: Snapshot | None = None,
    evidence: Iterable[LinkEvidence] | None = None,
    known_at: AsOf | None = None,
    rates: Rates | None = None,
    scoring: ScoringPolicy | None = None,
    journal: Journal | None = None,
    capacity: Mapping[str, float] | None = None,
    budget: float | None = None,
    q: float = 0.10,
    periods: int = 3,
    season: bool = True,
) -> Rows[Conflict]:
    """Return every conflict at `as_of`, by kind and then hardest first; one an id.

    Declarations alone give "targets", "opposed" and "contention". With a `history` come "measured",
    "divergent" and "disconnected". `snapshot`, of the same moment, saves an evaluation, and lends its
    history, policy, rates and journal where none are given. With `evidence` nothing is tested: "measured"
    is then found among the links in it. A goal that is not active, has not begun, or is closed in the
    journal, is no side (S21.5, S21.6).

    Of `Declarations` counts what was in force at `as_of`, for the past that is looked back at, too.
    `known_at` None filters nothing, except that past periods are judged by what was known at their ends.
    `capacity` by id of a team or owner goes before what teams declare; `budget` is what all costs together
    may be. `q` is the share of false ones that "measured" may have, at every look; `periods` the period ends
    in a row that make a divergence. `season` takes the calendar's season out before testing.

    Raises UnitError where required values are in currencies without a rate, DefinitionError or UnknownIdError
    where `capacity` or `budget` is below 0, not finite, or of what nothing declares. Cost: near to linear in
    definitions and links, with one evaluation for each past period end that is looked at.

    >>> from okrcore import Band, Cycle, Initiative, KeyResult, Kpi, Link, Objective, Portfolio, Target
    >>> portfolio = Portfolio.of(
    ...     Cycle.year(2026), Objective(id="sort", title="Sort faster", cycle="2026"),
    ...     KeyResult(id="throughput", objective="sort", title="A fifth more", measure=Target(10, 12)),
    ...     Kpi(id="uptime", title="Uptime", target=Band(low=98)),
    ...     Initiative(id="recalibration", title="Recalibrate"),
    ...     Link(source="recalibration", target="throughput", sign=+1, weight=0.8),
    ...     Link(source="recalibration", target="uptime", sign=-1, weight=0.4),
    ... )
    >>> conflict, = find_conflicts(portfolio, as_of="2026-03-31")
    >>> conflict.id, conflict.degree, conflict.path
    ('opposed:throughput|uptime', 0.4, ('throughput', 'recalibration', 'uptime'))
    """
    evidence = None if evidence is None else to_tuple(evidence)
    check_arguments(
        evidence=(evidence, optional(each(is_a(LinkEvidence)))),
        scoring=(scoring, optional(is_a(ScoringPolicy))),
        q=(q, within(0, 1)),
        periods=(periods, is_count),
        season=(season, is_flag),
    )
    portfolio = portfolio_at(portfolio, as_of, known_at)
    if snapshot is not None:
        check_belongs(snapshot, portfolio, as_of=as_of, known_at=known_at)
        history = snapshot.history if history is None else history
        scoring = snapshot.scoring if scoring is None else scoring
        rates = snapshot.rates if rates is None else rates
        journal = snapshot.journal if journal is None else journal
    history, journal = with_derived(portfolio, history, rates), followed_journal(portfolio, journal)
    when = When.of(as_of, known_at, portfolio.calendar.timezone)
    closed = closings_at(portfolio, journal, when)
    active = pursued(portfolio, taken_out(closed))
    problems: list[Problem] = []
    there, spendable = checked_supply(active, capacity, budget, problems)
    raise_all(problems)
    if evidence is not None:
        check_evidence(evidence, portfolio)
    scene = Scene(active, when, closed)
    rates = active.rates_or(rates)
    known = None if known_at is None else parse_as_of(known_at, "known_at")
    past = None
    if history is not None:
        policy = ScoringPolicy() if scoring is None else scoring
        now = snapshot if snapshot is not None and active is portfolio else None
        now = now or evaluate(
            active, history, as_of=as_of, known_at=known_at, scoring=policy, rates=rates, journal=journal
        )
        past = Past(
            portfolio=active, history=history, when=scene.when, known_at=known, scoring=policy,
            rates=rates, journal=journal, now=now,
        )  # fmt: skip
    return conflicts_in(
        scene, past, evidence=evidence, rates=rates, there=there, spendable=spendable, q=q, periods=periods,
        season=season,
    )  # fmt: skip


def conflicts_in(
    scene: Scene,
    past: Past | None,
    *,
    evidence: Iterable[LinkEvidence] | None = None,
    rates: Rates | None = None,
    there: Mapping[str, float] | None = None,
    spendable: float | None = None,
    q: float = 0.10,
    periods: int = 3,
    season: bool = True,
) -> Rows[Conflict]:
    """Return what `find_conflicts` does of what is pursued, with what was made of its past; None: no history.

    `there` and `spendable` are the supplies that teams, owners and the whole have; None as declared.
    """
    influence = Influence.of(scene)
    found: list[Conflict] = [
        *target_conflicts(scene, rates),
        *opposed_conflicts(influence),
        *contention_conflicts(scene, there or {}, spendable),
    ]
    history = None if past is None else past.history
    if evidence is not None:
        kept = [one for one in evidence if one.link in scene.portfolio]
        found += evident_conflicts(influence, kept, history, q)
    elif past is not None:
        found += measured_conflicts(
            influence, past.history, known_at=past.known_at, rates=rates, q=q, season=season,
            journal=past.journal,
        )  # fmt: skip
    if past is not None:
        found += _of_the_past(scene, influence, past, periods)
    return in_order(found)


def _of_the_past(scene: Scene, influence: Influence, past: Past, periods: int) -> Iterator[Conflict]:
    yield from divergent_conflicts(influence, past, periods)
    yield from disconnected_conflicts(scene, past)
