"""Evaluate every goal and KPI of a portfolio at one moment, as a snapshot."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.definitions.moments import AsOf
from okrcore.definitions.portfolio import Portfolio
from okrcore.errors import UnitError, raise_all
from okrcore.history.backends import AnyHistory, MeasureCodes, facts_of
from okrcore.history.former_names import followed
from okrcore.history.journal import Journal
from okrcore.scoring import caps, kernels
from okrcore.scoring.as_of import When
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.expected import expected_progress
from okrcore.scoring.graph import Flags, Floats, NodeCodes, RowNumbers
from okrcore.scoring.initiative_status import initiative_states
from okrcore.scoring.observed import BandPeriods, Reader, Reading
from okrcore.scoring.periods_due import NEVER, AskedPeriods, PeriodsDue
from okrcore.scoring.roster import ChecklistItems, KpiColumns, Roster, roster_of
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.scoring_policy import (
    ACHIEVED,
    COMMITMENTS,
    MISSED,
    NO_DATA,
    NOT_STARTED,
    OFF_TRACK,
    ScoringPolicy,
)
from okrcore.scoring.snapshot import KpiValues, ObjectiveColumns, ResultColumns, Snapshot
from okrcore.units.rates import Rates


def evaluate(
    portfolio: Portfolio,
    history: AnyHistory,
    *,
    as_of: AsOf,
    known_at: AsOf | None = None,
    scoring: ScoringPolicy = ScoringPolicy(),
    rates: Rates | None = None,
    journal: Journal | None = None,
    previous: Snapshot | None = None,
    strict: bool = False,
) -> Snapshot:
    """Return every goal, KPI and initiative judged at `as_of`, by what was known at `known_at`.

    `as_of` is a date (the end of that day in each cycle's timezone), an aware instant, or ISO text (S0.8);
    `known_at` None filters nothing. `rates`, by default the portfolio's, are needed where a measure and its
    observations are in different currencies. `journal` answers learning key results. `previous` only saves
    work: the result is the same without it. Same inputs give the same snapshot, bit for bit.

    An observation whose unit does not convert makes its own measure unknown and no other: `problems` of the
    snapshot names it, and `strict` raises them as UnitError. Raises DefinitionError for a date that is none.
    Cost in proportion to goals plus the observations that are looked at.

    >>> from okrcore import Cycle, History, KeyResult, Objective, Observation, Target
    >>> year = Cycle.year(2026)
    >>> goal = Objective(id="grow", title="Grow", cycle=year.id)
    >>> arr = KeyResult(id="arr", objective="grow", title="ARR", measure=Target(10, 20), cadence="monthly")
    >>> history = History.of([Observation("arr", "2026-06-30", 14)])
    >>> state = evaluate(Portfolio.of(year, goal, arr), history, as_of="2026-07-02")["arr"]
    >>> state.progress, state.status
    (0.4, 'at-risk')
    """
    history, journal = followed(portfolio, history), followed(portfolio, journal)
    when = When.of(as_of, known_at, portfolio.calendar.timezone)
    rates = portfolio.rates_or(rates)
    same = previous is not None and previous.is_of(portfolio, history, when, scoring, rates, journal)
    if previous is not None and same and not (strict and previous.problems):
        return previous
    roster = roster_of(portfolio)
    reader = Reader(history, when, scoring, portfolio.units, rates, journal)
    codes = codes_of(roster, history)
    return judge(portfolio, roster, reader, codes, journal, strict=strict)


BY_PERIOD = frozenset({"share", "share-of-planned"})
"""The ways to score a band (knob `band`) that count periods."""


@attrs.frozen(eq=False)
class HistoryCodes:
    """Where a history keeps what a roster reads."""

    results: MeasureCodes
    kpis: MeasureCodes
    result_samples: MeasureCodes
    kpi_samples: MeasureCodes


def codes_of(roster: Roster, history: AnyHistory) -> HistoryCodes:
    """Return the codes of all measures, which serve every moment."""
    facts = facts_of(history)
    return HistoryCodes(
        results=facts.codes(roster.results.measures),
        kpis=facts.codes(roster.kpis.measures),
        result_samples=facts.codes(roster.result_samples.counts.measures),
        kpi_samples=facts.codes(roster.kpi_samples.counts.measures),
    )


def judge(
    portfolio: Portfolio,
    roster: Roster,
    reader: Reader,
    codes: HistoryCodes,
    journal: Journal | None,
    *,
    strict: bool = False,
) -> Snapshot:
    """Return the snapshot of one moment; `evaluate` and `evaluate_many` both end here."""
    compiled, policy, when = roster.compiled, reader.policy, reader.when
    kpis = _kpis(roster, reader, codes)
    results, silent = _results(roster, reader, codes, _answered(compiled, journal, when))
    breached = _breached(compiled, results, silent, policy)
    breaches = _breaches(roster, kpis, reader, codes)
    breached[np.array([goal for _, goal in breaches], dtype=np.int64)] = True
    objectives = _objectives(compiled, results, silent, breached, breaches, roster.goal_days(when), policy)
    initiatives = initiative_states(portfolio, roster, results, kpis.reading, reader, codes.kpis)
    problems = tuple(one for _, found in sorted(reader.problems.items()) for one in found)
    if strict:
        raise_all(problems, UnitError)
    return Snapshot(
        portfolio=portfolio,
        history=reader.history,
        when=when,
        scoring=policy,
        rates=reader.rates,
        journal=journal,
        compiled=compiled,
        kpi_columns=roster.columns,
        result_values=results,
        objective_values=objectives,
        kpi_values=kpis,
        initiative_states=initiatives,
        problems=problems,
    )


def _results(
    roster: Roster, reader: Reader, codes: HistoryCodes, answered: RowNumbers
) -> tuple[ResultColumns, Flags]:
    compiled, policy, when = roster.compiled, reader.policy, reader.when
    due = compiled.due_day
    now = when.days_in(roster.results.zone, roster.results.zones)
    end = now if policy.late == "count" else np.minimum(now, due)
    reading = reader.read(roster.results, codes.results, end)
    reading = _with_checklists(reading, roster.items, reader, end)
    newest = np.where(reading.row < 0, -NEVER, reading.day)
    asked = AskedPeriods(
        history=reader.history,
        when=when,
        grace=policy.stale_grace_days,
        subjects=roster.results,
        codes=codes.results,
        newest=newest,
        lived=reading.lived,
        end=end,
        clock=now,
    )
    over = now > due
    # of what is under way and observed, only bands are judged by their periods
    open_rows = np.flatnonzero(over | np.isnan(reading.value) | compiled.measures.banded())
    periods = asked.of(open_rows)
    opening = _not_started(roster, reading, periods, now, policy)
    opening[answered] = False
    provisional = over & _awaited(roster, periods, now, policy)
    if provisional.any():  # they keep the status of their last day, and what was awaited on it
        asked = attrs.evolve(asked, clock=np.where(provisional, due, now))
        periods = asked.of(open_rows)
    rows, bands = _band_periods(roster, reader, codes, end, reading.lived)
    sample, few = _result_samples(roster, reader, codes, reading, end, rows, bands)
    reading = _judged(reading, rows, bands)
    progress = compiled.measures.progress(reading.value, policy)
    met, waiting = _shares(progress, reading, rows, bands, periods, policy)
    if few.any():
        progress, waiting = np.where(few, np.nan, progress), waiting & ~few
    if reader.problems:
        bad = np.fromiter((name in reader.problems for name in roster.results.measures), np.bool_, len(due))
        reading = attrs.evolve(reading, value=np.where(bad, np.nan, reading.value))
        progress, waiting = np.where(bad, np.nan, progress), waiting & ~bad
    raw = kernels.clamp(progress, policy.clamp, policy.cap)
    if opening.any():
        reading = attrs.evolve(reading, stale=reading.stale & ~opening)
        raw = np.where(opening, np.nan, raw)
    expected = expected_progress(compiled, now, policy)
    enough = np.array([policy.achieved_at[name] for name in COMMITMENTS])[compiled.commitment][
        compiled.parent
    ]
    silent = np.isnan(reading.value) & (policy.missing_value == "unknown")
    silent = silent | (reading.stale & (policy.stale == "no-data") & ~np.isnan(reading.value)) | opening | few
    banded = compiled.measures.banded()
    score = kernels.rounded(raw, policy)
    status = kernels.judge(
        progress=progress,
        score=score,
        expected=expected,
        enough=enough,
        planned=compiled.planned,
        banded=banded,
        waiting=waiting,
        over=over & ~provisional,
        silent=silent,
        policy=policy,
    )
    rows = compiled.measures.caps
    cap_rows = rows[~np.isnan(reading.value[rows]) & ~silent[rows]]
    status[cap_rows] = _cap_statuses(roster, cap_rows, reading.value, expected, over & ~provisional, policy)
    status[opening] = NOT_STARTED
    status[answered] = ACHIEVED
    absolute = banded | (policy.pace == "absolute")
    by_difference = compiled.planned | (policy.pace == "difference")
    pace = np.where(absolute, raw, kernels.pace(progress, expected * enough, by_difference))
    pace[rows] = caps.burn(reading.value[rows], compiled.measures.high[rows], expected[rows])
    columns = ResultColumns(
        reading=reading,
        end=end,
        progress=progress,
        raw=raw,
        score=score,
        expected=expected,
        pace=np.where(opening | few, np.nan, pace),
        status=status,
        sample=sample,
        few=few,
        lists=roster.items.owner,
        provisional=provisional,
        asked=asked,
        met=met,
    )
    return columns, silent


def _not_started(
    roster: Roster, reading: Reading, periods: PeriodsDue, now: RowNumbers, policy: ScoringPolicy
) -> Flags:
    """Return which key results cannot be due yet: before their cycle, or before their first number (A5)."""
    compiled = roster.compiled
    start, due = compiled.start_day[compiled.parent], compiled.due_day
    if not policy.waits:
        return np.zeros(len(due), dtype=np.bool_)
    opening = now < start
    unseen = np.isnan(reading.value) & ((reading.row < 0) | (reading.day < start)) & (now <= due)
    if len(rows := np.flatnonzero(unseen & ~opening)):
        day = now[rows].astype(np.float64)
        gone = kernels.elapsed(day, start[rows].astype(np.float64), due[rows].astype(np.float64), policy)
        early = gone < policy.early_until - kernels.SLACK
        opening[rows] = np.where(roster.results.rhythm[rows] >= 0, now[rows] <= periods.opening[rows], early)
    return opening


def _awaited(roster: Roster, periods: PeriodsDue, now: RowNumbers, policy: ScoringPolicy) -> Flags:
    """Return which key results still wait for the last number that counts, a band by periods for any (A6)."""
    if policy.late == "count":
        return np.zeros(len(now), dtype=np.bool_)
    by_period = roster.compiled.measures.banded() & (policy.band == "share")
    by_period[roster.compiled.measures.caps] = False
    waiting = np.where(by_period, periods.awaited > 0, periods.open_until >= now)
    waiting[roster.items.owner] = False  # items have no periods
    return waiting


def _with_checklists(reading: Reading, items: ChecklistItems, reader: Reader, end: RowNumbers) -> Reading:
    """Return the reading with the share done of each checklist (S2.5), unknown where no item is told of."""
    if not len(items.owner):
        return reading
    done, found = reader.done(items.measures, items.zone, items.zones, end[items.owner])
    last = found.row
    done = done | (items.finish <= end[items.owner])
    size = len(reading.value)

    def total(weights: Floats) -> Floats:
        return np.bincount(items.owner, weights, size).astype(np.float64)

    share = kernels.share(total(items.weight * done), total(items.weight))
    dated = total(items.dated.astype(np.float64)) > 0
    told = (total((last >= 0).astype(np.float64)) > 0) | dated
    lists = np.unique(items.owner)
    value, stale = reading.value.copy(), reading.stale.copy()
    value[lists], stale[lists] = np.where(told, share, np.nan)[lists], ~told[lists]
    row, day, at, date_only = (
        reading.row.copy(),
        reading.day.copy(),
        reading.at.copy(),
        reading.date_only.copy(),
    )
    row[lists], day[lists], at[lists], date_only[lists] = -1, -1, -1, False  # its own id is read by nobody
    seen = found.columns
    for item in np.lexsort((seen.at, items.owner)).tolist():
        if last[item] >= 0:
            owner = items.owner[item]
            row[owner], day[owner], at[owner] = last[item], seen.day[item], seen.at[item]
            date_only[owner] = seen.date_only[item]
    return attrs.evolve(reading, value=value, row=row, day=day, at=at, date_only=date_only, stale=stale)


def _cap_statuses(
    roster: Roster, rows: RowNumbers, value: Floats, elapsed: Floats, over: Flags, policy: ScoringPolicy
) -> NodeCodes:
    """Return the status of the caps at `rows` (A8)."""
    measures, results = roster.compiled.measures, roster.results
    used, cap = value[rows], measures.high[rows]
    final = np.array([results.aggregate[row] in {"sum", "max"} for row in rows], dtype=bool)
    return caps.judge_caps(
        used=used,
        cap=cap,
        elapsed=elapsed[rows],
        inside=kernels.inside(used, measures.low[rows], cap, policy.inclusive) == 1,
        final=final,
        counted=roster.counted[rows] & (used == np.floor(used)),
        over=over[rows],
        policy=policy,
    )


def _band_periods(
    roster: Roster, reader: Reader, codes: HistoryCodes, end: RowNumbers, lived: RowNumbers
) -> tuple[RowNumbers, BandPeriods]:
    """Return the rows of bands that have periods, and how these stand (S2.4)."""
    compiled, policy = roster.compiled, reader.policy
    low, high = compiled.measures.low, compiled.measures.high
    rows = compiled.measures.bands
    rows = rows[(roster.results.rhythm[rows] >= 0) & ~np.isin(rows, compiled.measures.caps)]
    if policy.band not in BY_PERIOD:  # judged by one value, which for the latest needs no periods
        rows = rows[np.isin(rows, roster.results.reduced)]

    def held(owner: RowNumbers, values: Floats) -> Flags:
        inside: Flags = kernels.inside(values, low[owner], high[owner], policy.inclusive) == 1
        return inside

    bands = reader.periods(
        roster.results, rows, codes.results, end=end, due=compiled.due_day, lived=lived, held=held
    )
    return rows, bands


def _result_samples(
    roster: Roster,
    reader: Reader,
    codes: HistoryCodes,
    reading: Reading,
    end: RowNumbers,
    rows: RowNumbers,
    bands: BandPeriods,
) -> tuple[Floats, Flags]:
    """Return how many cases are behind each key result, and which have too few to be judged (A11).

    A band at `rows` that is judged by its periods has the cases of these.
    """
    samples, size = roster.result_samples, len(end)
    if not len(samples.rows):
        return np.full(size, np.nan), np.zeros(size, dtype=np.bool_)
    first, last = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.int64)
    first[samples.rows], last[samples.rows] = reader.windows(
        roster.results, samples.rows, reading, end, by_period=False
    )
    begin, until = bands.ended_days if reader.policy.band in BY_PERIOD else bands.judged_days
    some = begin <= until
    first[rows[some]], last[rows[some]] = begin[some], until[some]
    found = reader.sums(samples.counts, codes.result_samples, first[samples.rows], last[samples.rows])
    sizes = samples.spread(found, size)
    return sizes, samples.few(sizes)


def _judged(reading: Reading, rows: RowNumbers, bands: BandPeriods) -> Reading:
    """Return the reading in which a band has the value of the last period judged (A7)."""
    if not len(rows):
        return reading
    value, count = reading.value.copy(), reading.count.copy()
    judged = ~np.isnan(bands.judged)
    value[rows[judged]], count[rows[judged]] = bands.judged[judged], -1
    return attrs.evolve(reading, value=value, count=count)


def _shares(
    progress: Floats,
    reading: Reading,
    rows: RowNumbers,
    bands: BandPeriods,
    periods: PeriodsDue,
    policy: ScoringPolicy,
) -> tuple[Floats, Flags]:
    """Put the share of periods met in place of the lone value's progress (S2.4).

    Return how many are met, and which bands wait for their first period.
    """
    met, waiting = np.full(len(progress), np.nan), np.zeros(len(progress), dtype=bool)
    if policy.band in BY_PERIOD:
        met[rows] = bands.met
        planned = policy.band == "share-of-planned"
        ripe = bands.ended if planned else bands.ended - periods.awaited[rows]
        whole = bands.planned if planned else ripe
        unseen = (reading.row[rows] < 0) & (reading.lived[rows] < 0)
        progress[rows] = np.where(unseen, progress[rows], kernels.share(bands.met, whole))
        waiting[rows] = ripe <= 0
    return met, waiting


def _kpis(roster: Roster, reader: Reader, codes: HistoryCodes) -> KpiValues:
    columns, policy = roster.columns, reader.policy
    now = np.full(len(columns.kpis), reader.when.day, dtype=np.int64)
    reading = reader.read(roster.kpis, codes.kpis, now, by_period=True)
    every = np.arange(len(columns.kpis))
    sample = roster.kpi_samples.by_period(reader, codes.kpi_samples, roster.kpis, reading, now)
    few = roster.kpi_samples.few(sample)
    fresh = np.where(few, np.nan, _fresh(reading, policy))
    judged_on = _judged_on(columns, reader, roster.kpis, every, reading, now)
    bands = columns.bands_on(every, judged_on)
    low, high = (
        kernels.satisfaction(
            fresh,
            _side(bands.target[side]),
            _side(bands.limit[side]),
            _side(bands.worst[side]),
            np.full(len(fresh), sense),
        )
        for side, sense in ((0, 1.0), (1, -1.0))
    )
    absent = np.isnan(bands.target[0])
    running = _running(roster, reader.when)
    kpi_rows, result_rows = columns.measuring
    recovering = np.bincount(kpi_rows, running[result_rows], len(columns.kpis)) > 0
    return KpiValues(
        reading=reading,
        judged_on=judged_on,
        zone=kernels.zone(fresh, bands.target, bands.limit, policy.inclusive),
        satisfaction=np.where(absent, np.nan, np.minimum(low, high)),
        recovering=recovering,
        sample=sample,
        few=few,
    )


def _fresh(reading: Reading, policy: ScoringPolicy) -> Floats:
    return np.where(reading.stale & (policy.stale == "no-data"), np.nan, reading.value)


def _judged_on(
    columns: KpiColumns,
    reader: Reader,
    subjects: Subjects,
    rows: RowNumbers,
    reading: Reading,
    end: RowNumbers,
) -> RowNumbers:
    """Return the day by whose bands each subject is judged; `rows` are the KPIs that the subjects are."""
    judged = end.copy()
    dated = np.flatnonzero(columns.dated[rows])
    if len(dated):
        judged[dated] = reader.judged_on(subjects, dated, reading.day, end)
    return judged


def _side(bounds: Floats) -> Floats:
    return np.where(np.isinf(bounds), np.nan, bounds)


def _running(roster: Roster, when: When) -> Flags:
    """Return which key results' cycles are under way."""
    compiled, today = roster.compiled, roster.goal_days(when)
    inside = (compiled.start_day <= today) & (today <= compiled.end_day)
    return inside[compiled.parent]


def _breached(
    compiled: CompiledPortfolio, results: ResultColumns, silent: Flags, policy: ScoringPolicy
) -> Flags:
    """Return which objectives have a key result that is a breached guardrail (S5.5)."""
    measures = compiled.measures
    breached = np.zeros(len(compiled.objectives), dtype=bool)
    rows = np.flatnonzero(compiled.guardrail & ~silent)
    if len(rows):
        value, goal = results.reading.value[rows], measures.goal[rows]
        short = np.where(measures.sense[rows] < 0, value > goal, value < goal)
        inside = kernels.inside(value, measures.low[rows], measures.high[rows], policy.inclusive)
        outside = np.where(np.isnan(measures.low[rows]), short, inside == 0)
        breached[compiled.parent[rows[outside]]] = True
    return breached


def _breaches(
    roster: Roster, kpis: KpiValues, reader: Reader, codes: HistoryCodes
) -> frozenset[tuple[int, int]]:
    """Return the rows of breached KPIs and of what they guard, read up to the end of that (A6)."""
    columns, ends = roster.columns, roster.compiled.end_day
    pairs = [(row, goal) for row, goals in columns.guards for goal in goals.tolist()]
    kpi, goal = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    zone = kpis.zone[kpi]
    past = np.flatnonzero(ends[goal] < roster.goal_days(reader.when)[goal])
    if len(past):
        rows = kpi[past]
        subjects, end = roster.kpis.take(rows), ends[goal[past]]
        reading = reader.read(subjects, codes.kpis[rows], end, by_period=True)
        bands = columns.bands_on(rows, _judged_on(columns, reader, subjects, rows, reading, end))
        samples = roster.kpi_samples.take(rows)
        counts = facts_of(reader.history).codes(samples.counts.measures)
        few = samples.few(samples.by_period(reader, counts, subjects, reading, end))
        fresh, inclusive = np.where(few, np.nan, _fresh(reading, reader.policy)), reader.policy.inclusive
        zone = zone.copy()
        zone[past] = kernels.zone(fresh, bands.target, bands.limit, inclusive)
    return frozenset(pair for pair, breached in zip(pairs, (zone == 1).tolist(), strict=True) if breached)


def _objectives(
    compiled: CompiledPortfolio,
    results: ResultColumns,
    silent: Flags,
    breached: Flags,
    breaches: frozenset[tuple[int, int]],
    today: RowNumbers,
    policy: ScoringPolicy,
) -> ObjectiveColumns:
    graph = compiled.graph
    opening = results.status == NOT_STARTED
    begun = today >= compiled.start_day
    counted = None
    if policy.waits and (opening.any() or not begun.all()):
        counted = kernels.counted(~opening, begun, graph)
    live = None if counted is None else counted.objectives
    raw = kernels.average(results.raw, graph, policy, policy.rollup_clamp, live)
    cut = kernels.clamp(results.raw, policy.rollup_clamp)
    known = ~np.isnan(results.raw) & ~(silent & ~np.isnan(results.reading.value))
    leaf, own = np.where(known, cut, 0.0), np.where(np.isnan(raw), 0.0, raw)
    told = (~np.isnan(raw)).astype(np.float64)
    low, high, heard = kernels.nominal(
        np.stack([leaf, np.where(known, cut, 1.0), known.astype(np.float64)]),
        np.stack([own, np.where(np.isnan(raw), 1.0, raw), told]),
        graph,
        counted,
    )
    low, high = np.fmin(low, raw), np.fmax(high, raw)
    due = np.where(np.isnan(results.raw) & (policy.missing == "exclude"), np.nan, results.expected)
    expected = kernels.average(due, graph, policy, begun=live)
    provisional = today > compiled.end_day
    if provisional.any():
        provisional &= kernels.reached(results.provisional, graph)
    status = _objective_statuses(
        compiled, results, raw, expected, heard, breached, provisional, live, today, policy
    )
    return ObjectiveColumns(
        raw=raw,
        score=kernels.rounded(raw, policy),
        low=kernels.rounded(low, policy),
        high=kernels.rounded(high, policy),
        heard=heard,
        results=results,
        graph=graph,
        counted=counted,
        expected=expected,
        status=status,
        provisional=provisional,
        breaches=breaches,
    )


def _objective_statuses(
    compiled: CompiledPortfolio,
    results: ResultColumns,
    raw: Floats,
    expected: Floats,
    heard: Floats,
    breached: Flags,
    provisional: Flags,
    begun: Flags | None,
    today: RowNumbers,
    policy: ScoringPolicy,
) -> NodeCodes:
    """S5.4: the worst weighted child, or the own score's pace; aspirational ones by their score once over."""
    size = len(raw)
    over = (today > compiled.end_day) & ~provisional
    no = np.zeros(size, dtype=bool)
    own = kernels.judge(
        progress=raw,
        score=kernels.rounded(raw, policy),
        expected=expected,
        enough=np.array([policy.achieved_at[name] for name in COMMITMENTS])[compiled.commitment],
        planned=no,
        banded=no,
        waiting=no,
        over=over,
        silent=np.isnan(raw),
        policy=policy,
    )
    aspirational = compiled.commitment == COMMITMENTS.index("aspirational")
    by_score = (over & aspirational) | (policy.objective_status == "pace")
    return kernels.worst(
        results.status,
        np.full(size, NO_DATA, dtype=np.int8),
        coverage=heard,
        held=np.where(breached, np.where(over, MISSED, OFF_TRACK), ACHIEVED).astype(np.int8),
        fixed=np.where(by_score & ~np.isnan(raw), own, -1).astype(np.int8),
        begun=begun,
        graph=compiled.graph,
        policy=policy,
    )


def _answered(compiled: CompiledPortfolio, journal: Journal | None, when: When) -> RowNumbers:
    """Return the learning key results whose answer the journal holds or confirms (S5.3)."""
    learning = COMMITMENTS.index("learning")
    entries = () if journal is None else journal.entries(until=when.as_of, zone=when.zone)
    subjects = {entry.subject for entry in entries if entry.kind in {"answer", "confirmation"}}
    rows = [compiled.result_rows[name] for name in sorted(subjects) if name in compiled.result_rows]
    found = np.array(rows, dtype=np.int64)
    answered: RowNumbers = found[compiled.commitment[compiled.parent[found]] == learning]
    return answered
