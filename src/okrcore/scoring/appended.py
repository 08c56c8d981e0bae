"""Find what reads the records that were appended to a history: the rows that are judged again."""

from __future__ import annotations

from collections.abc import Mapping

import attrs
import numpy as np

from okrcore.errors import Problem
from okrcore.history.backends import AnyHistory, MeasureCodes
from okrcore.history.derivation import undefined
from okrcore.history.history import History
from okrcore.scoring.compiled_portfolio import CompiledPortfolio
from okrcore.scoring.graph import Flags, RowNumbers
from okrcore.scoring.guardrails import breached_kpis
from okrcore.scoring.history_codes import HistoryCodes
from okrcore.scoring.judged_kpis import judge_kpis
from okrcore.scoring.judged_results import judge_some_results
from okrcore.scoring.milestones_done import milestone_columns
from okrcore.scoring.observed import Reader
from okrcore.scoring.roster import Roster
from okrcore.scoring.roster_columns import Subjects
from okrcore.scoring.samples import SampleColumns
from okrcore.scoring.snapshot import Snapshot
from okrcore.scoring.snapshot_columns import KpiValues, ResultColumns

MOST = 8
"""Rows are judged again one by one while they are at most one in so many; else all at once is quicker."""


@attrs.frozen(eq=False)
class Appended:
    """What is other than in a snapshot, since its history got more records and nothing else changed."""

    before: Snapshot
    results: RowNumbers
    kpis: RowNumbers
    milestones: frozenset[str]
    """The ids of those that were observed."""
    problems: Mapping[str, dict[Problem, None]]
    """What could not be read before, of the measures that read the same."""

    @classmethod
    def since(
        cls, before: Snapshot, history: AnyHistory, roster: Roster, codes: HistoryCodes
    ) -> Appended | None:
        """Return what reads what a later history has more; None where it is none, or most reads it."""
        earlier = before.history
        if not isinstance(history, History) or not isinstance(earlier, History):
            return None
        if undefined(earlier) or undefined(history):  # a formula says otherwise without a record more
            return None
        changed = history.added_since(earlier)
        if changed is None:
            return None
        results, kpis = roster.key_results, roster.kpis
        for subjects, own in ((results.subjects, codes.results), (kpis, codes.kpis)):
            # their silence depends on what others bring, and a formula over a span on its inputs
            changed[own[[*subjects.feeds, *subjects.spans]]] = True
        changed[-1] = False  # what was never observed
        # the days whose cases count follow from the last number
        again = changed.copy()
        for samples, own, counts in (
            (results.samples, codes.results, codes.result_samples),
            (roster.kpi_samples, codes.kpis, codes.kpi_samples),
        ):
            again[counts[changed[own[samples.rows]]]] = True
        again[-1] = False
        found = _reading(again, results.subjects, codes.results, results.samples, codes.result_samples)
        for read in (results.items.measures, results.items.steps):
            found[results.items.owner[again[history.codes(read)]]] = True
        rows = np.flatnonzero(found)
        if len(rows) * MOST > len(found):
            return None
        of_kpis = _reading(again, kpis, codes.kpis, roster.kpi_samples, codes.kpi_samples)
        told: dict[str, dict[Problem, None]] = {}
        for problem in before.problems:
            told.setdefault(problem.path, {})[problem] = None
        measures = zip(told, history.codes([*told]).tolist(), strict=True)
        same = {name: told[name] for name, code in measures if not again[code]}
        steps = milestone_columns(before.portfolio).ids
        observed = frozenset(steps[row] for row in np.flatnonzero(again[history.codes(steps)]).tolist())
        return cls(before, rows, np.flatnonzero(of_kpis), observed, same)

    def judged(
        self, roster: Roster, reader: Reader, codes: HistoryCodes
    ) -> tuple[KpiValues, ResultColumns, frozenset[tuple[int, int]]]:
        """Return KPIs, key results and what breached KPIs hold down: as before, but for what changed."""
        reader.problems.update({name: dict(found) for name, found in self.problems.items()})
        before = self.before
        kpis = before.kpi_values.with_rows(self.kpis, judge_kpis(roster, reader, codes, self.kpis))
        found = judge_some_results(roster.key_results, reader, codes.results, self.results)
        results = before.result_values.with_rows(self.results, found)
        again = np.zeros(len(roster.columns.kpis), dtype=np.bool_)
        again[self.kpis] = True
        held = {pair for pair in before.objective_values.breaches if not again[pair[0]]}
        return kpis, results, frozenset(held | breached_kpis(roster, kpis, reader, codes, again))

    def goals(self, compiled: CompiledPortfolio, breached: Flags) -> RowNumbers:
        """Return the objectives right above what changed, and those that only now are held down or not."""
        other = np.flatnonzero(breached != self.before.objective_values.breached)
        return np.concatenate([compiled.parent[self.results], other])

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the key results, KPIs and milestones that changed."""
        results, kpis = self.before.compiled.key_results, self.before.kpi_columns.kpis
        changed = [results[row] for row in self.results.tolist()]
        return self.milestones.union(changed, (kpis[row].id for row in self.kpis.tolist()))


def _reading(
    changed: Flags, subjects: Subjects, codes: MeasureCodes, samples: SampleColumns, counts: MeasureCodes
) -> Flags:
    """Return which subjects read a changed measure, may be silent, or combine the inputs of a formula."""
    found: Flags = changed[codes]
    found[[*subjects.feeds, *subjects.spans]] = True
    found[samples.rows[changed[counts]]] = True
    return found
