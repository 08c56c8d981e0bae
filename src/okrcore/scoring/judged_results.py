"""Judge the key results of one moment: progress, pace and status of each (S5.1 to S5.3)."""

from __future__ import annotations

import attrs
import numpy as np

from okrcore.definitions.commitments import COMMITMENTS
from okrcore.history.backends import MeasureCodes
from okrcore.history.journal import Journal
from okrcore.scoring import caps, kernels
from okrcore.scoring.as_of import When
from okrcore.scoring.band_scores import band_periods, shares_met, with_last_periods
from okrcore.scoring.begun import awaited, not_started
from okrcore.scoring.checklists import with_checklists
from okrcore.scoring.expected import expected_progress
from okrcore.scoring.graph import Flags, Floats, NodeCodes, RowNumbers
from okrcore.scoring.inactive import PURSUED
from okrcore.scoring.observed import Reader
from okrcore.scoring.periods_due import NEVER, AskedPeriods
from okrcore.scoring.result_roster import ResultRoster
from okrcore.scoring.result_samples import result_samples
from okrcore.scoring.scoring_policy import ACHIEVED, NOT_STARTED, ScoringPolicy
from okrcore.scoring.snapshot_columns import ResultColumns


def judge_results(
    roster: ResultRoster,
    reader: Reader,
    codes: MeasureCodes,
    sample_codes: MeasureCodes,
    ending: Flags | None = None,
) -> ResultColumns:
    """Return how each key result stands; what one says does not depend on the others that are asked for.

    Those that are `ending` are closed at this moment, and so judged as over (S21.6).
    """
    subjects, measures, policy, when = roster.subjects, roster.measures, reader.policy, reader.when
    answered = _answered(roster, reader.journal, when)
    due = roster.due
    now = when.days_in(subjects.zone, subjects.zones)
    end = now if policy.late == "count" else np.minimum(now, due)
    reading = reader.read(subjects, codes, end)
    reading = with_checklists(reading, roster.items, reader, end)
    newest = np.where(reading.seen, reading.day, -NEVER)
    asked = AskedPeriods(
        history=reader.history,
        when=when,
        grace=policy.stale_grace_days,
        subjects=subjects,
        codes=codes,
        newest=newest,
        lived=reading.lived,
        end=end,
        clock=now,
    )
    over = now > due
    # of what is under way and observed, only bands are judged by their periods
    open_rows = np.flatnonzero(over | np.isnan(reading.value) | measures.banded())
    periods = asked.of(open_rows)
    opening = not_started(roster, reading, periods, now, policy)
    opening[answered] = False
    idle = np.zeros(len(due), dtype=np.bool_) if roster.stages is None else roster.stages != PURSUED
    provisional = over & ~idle & awaited(roster, periods, now, policy)
    if ending is not None:
        over, opening, provisional = over | ending, opening & ~ending, provisional & ~ending
    unjudged = opening | idle
    if provisional.any():  # they keep the status of their last day, and what was awaited on it
        asked = attrs.evolve(asked, clock=np.where(provisional, due, now))
        periods = asked.of(open_rows)
    rows, bands = band_periods(roster, reader, codes, end, reading.lived)
    sample, few = result_samples(roster, reader, sample_codes, reading, end, rows, bands)
    reading = with_last_periods(reading, rows, bands)
    progress = measures.progress(reading.value, policy)
    met, waiting = shares_met(progress, reading, rows, bands, periods, policy)
    if few.any():
        progress, waiting = np.where(few, np.nan, progress), waiting & ~few
    if reader.problems:
        bad = np.fromiter((name in reader.problems for name in subjects.measures), np.bool_, len(due))
        reading = attrs.evolve(reading, value=np.where(bad, np.nan, reading.value))
        progress, waiting = np.where(bad, np.nan, progress), waiting & ~bad
    raw = kernels.clamp(progress, policy.clamp, policy.cap)
    expected = expected_progress(roster, now, policy)
    if unjudged.any():
        reading = attrs.evolve(reading, stale=reading.stale & ~unjudged)
        raw, expected = np.where(unjudged, np.nan, raw), np.where(idle, np.nan, expected)
    enough = kernels.enough(roster.commitment, policy)
    silent = np.isnan(reading.value) & (policy.missing_value == "unknown")
    silent = (
        silent | (reading.stale & (policy.stale == "no-data") & ~np.isnan(reading.value)) | unjudged | few
    )
    banded = measures.banded()
    score = kernels.rounded(raw, policy)
    status = kernels.judge(
        progress=progress,
        score=score,
        expected=expected,
        enough=enough,
        planned=roster.planned,
        banded=banded,
        waiting=waiting,
        over=over & ~provisional,
        silent=silent,
        policy=policy,
    )
    rows = measures.caps
    cap_rows = rows[~np.isnan(reading.value[rows]) & ~(unjudged | few)[rows]]
    found, certain = _cap_statuses(roster, cap_rows, reading.value, expected, over & ~provisional, policy)
    told = certain | ~silent[cap_rows]
    status[cap_rows[told]] = found[told]
    status[opening] = NOT_STARTED
    status[answered] = ACHIEVED
    if roster.stages is not None:
        status[idle] = roster.stages[idle]
    absolute = banded | (policy.pace == "absolute")
    by_difference = roster.planned | (policy.pace == "difference")
    pace = np.where(absolute, raw, kernels.pace(progress, expected * enough, by_difference))
    pace[rows] = caps.burn(reading.value[rows], measures.high[rows], expected[rows])
    pace[unjudged | few] = np.nan
    return ResultColumns(
        reading=reading,
        end=end,
        progress=progress,
        raw=raw,
        score=score,
        expected=expected,
        pace=pace,
        status=status,
        sample=sample,
        few=few,
        listed=roster.listed,
        provisional=provisional,
        asked=asked,
        met=met,
        silent=silent,
    )


def judge_some_results(
    roster: ResultRoster, reader: Reader, codes: MeasureCodes, rows: RowNumbers
) -> ResultColumns:
    """Return how some key results stand, each once and in the order of rows; `codes` are those of all."""
    part = roster if len(rows) == len(roster.results) else roster.take(rows)
    counts = reader.asked.facts.codes(part.samples.counts.measures)
    return judge_results(part, reader, codes[rows], counts)


def _cap_statuses(
    roster: ResultRoster, rows: RowNumbers, value: Floats, elapsed: Floats, over: Flags, policy: ScoringPolicy
) -> tuple[NodeCodes, Flags]:
    """Return the status of the caps at `rows`, and which come back inside no more (A8)."""
    measures, aggregate = roster.measures, roster.subjects.aggregate
    used, cap = value[rows], measures.high[rows]
    final = np.array([aggregate[row] in {"sum", "max"} for row in rows], dtype=bool)
    inside = kernels.inside(used, measures.low[rows], cap, policy.inclusive) == 1
    status = caps.judge_caps(
        used=used,
        cap=cap,
        elapsed=elapsed[rows],
        inside=inside,
        final=final,
        counted=roster.counted[rows] & (used == np.floor(used)),
        over=over[rows],
        policy=policy,
    )
    return status, final & ~inside


def _answered(roster: ResultRoster, journal: Journal | None, when: When) -> RowNumbers:
    """Return the learning key results whose answer the journal holds or confirms (S5.3)."""
    learning = COMMITMENTS.index("learning")
    subjects = {
        entry.subject
        for kind in ("answer", "confirmation")
        for entry in (() if journal is None else journal.entries(kind=kind, until=when.as_of, zone=when.zone))
    }
    rows = [roster.rows[name] for name in sorted(subjects) if name in roster.rows]
    found = np.array(rows, dtype=np.int64)
    answered: RowNumbers = found[roster.commitment[found] == learning]
    return answered
