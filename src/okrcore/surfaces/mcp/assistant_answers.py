"""Answer what an assistant asks of documents and numbers: read-only, each answer with evidence and ids."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs

from okrcore.conflicts.find import find_conflicts
from okrcore.conflicts.resolution import resolve
from okrcore.definitions.moments import AsOf, parse_as_of
from okrcore.documents.plain import to_dict
from okrcore.errors import OkrError, TableError
from okrcore.explanations.changing import explain_change
from okrcore.explanations.explaining import explain
from okrcore.public_form import headed
from okrcore.rhythm.reviewing import review
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.configuration import Config, policy_of
from okrcore.surfaces.facts_opened import open_rates
from okrcore.surfaces.goals_checked import check_goals
from okrcore.surfaces.goals_opened import Goals, open_goals
from okrcore.surfaces.reports.json_report import to_plain
from okrcore.units.rates import Rates

MOST = 100
"""So many rows of a list are given unless more are asked for; `left_out` counts the others."""


@attrs.frozen(kw_only=True)
class Answers:
    """What may be asked of the files that a configuration names; they are read anew for each answer.

    `as_of` is the moment of questions that name none, and None says that each has to name one; `known_at`
    is until when recorded facts count, None for all.
    """

    config: Config
    as_of: str | None = None
    known_at: str | None = None

    def score(
        self, as_of: str | None = None, known_at: str | None = None, ids: Sequence[str] = (), most: int = MOST
    ) -> dict[str, Any]:
        """Return the states of goals, KPIs and initiatives: value, progress, score, status, coverage.

        `ids` keeps these alone; unknown ids are an UnknownIdError.
        """
        snapshot = self._snapshot(as_of, known_at)
        for name in ids:
            _ = snapshot.portfolio[name]
        told: dict[str, Any] = to_dict(snapshot)
        for part, rows in told.items():
            if isinstance(rows, list):
                kept = [row for row in rows if not ids or row.get("id") in ids]
                told[part] = _limited(kept, most)
        return told

    def check(self, as_of: str | None = None, select: Sequence[str] = (), most: int = MOST) -> dict[str, Any]:
        """Return what the governance rules find, with evidence and place, and what is waived and why."""
        goals, rates = self.opened()
        config = attrs.evolve(self.config, select=tuple(select) or self.config.select)
        moment, policy = parse_as_of(self._moment(as_of)), policy_of(config)
        checked = check_goals(goals, config, policy=policy, as_of=moment, known_at=self.known_at, rates=rates)
        told = to_plain(checked)
        return {**told, "findings": _limited(told["findings"], most)}

    def conflicts(self, as_of: str | None = None, decide: bool = False, most: int = MOST) -> dict[str, Any]:
        """Return which goals cannot both be served, each with its witness, and what the table decides."""
        goals, rates = self.opened()
        moment = parse_as_of(self._moment(as_of))
        snapshot = self._judged(goals, rates, moment)
        found = find_conflicts(
            goals.declared,
            as_of=moment,
            known_at=self.known_at,
            rates=rates,
            journal=goals.journal,
            snapshot=None if goals.history is None else snapshot,
        )
        decided, undecided = None, ""
        if decide:
            try:
                ruled = resolve(found, snapshot.portfolio, snapshot=snapshot)
                decided = _limited(to_dict(ruled), most)
            except TableError as error:
                undecided = str(error)
        rows = _limited([{"id": one.id, **to_dict(one)} for one in found], most)
        said: Mapping[str, Any] = {"undecided": undecided} if undecided else {}
        return _plain(headed("conflicts", as_of=moment, conflicts=rows, decisions=decided, **said))

    def explain(self, id: str, as_of: str | None = None, known_at: str | None = None) -> dict[str, Any]:
        """Return why a goal, KPI or initiative has its status, down to the observations under it."""
        why = explain(self._snapshot(as_of, known_at), id)
        return _plain(headed("explanation", text=why.text, explanation=why))

    def explain_change(
        self, id: str, since: str, as_of: str | None = None, known: bool = True
    ) -> dict[str, Any]:
        """Return why a goal or KPI has another number than at `since`: each cause with its share.

        `known`: as it was known then; else by all that is known of then by now.
        """
        before = self._snapshot(since, since if known else None)
        why = explain_change(before, self._snapshot(as_of), id)
        return _plain(headed("explanation", since=parse_as_of(since), text=why.text, explanation=why))

    def review(self, as_of: str | None = None, most: int = MOST) -> dict[str, Any]:
        """Return one review: the few decisions that it needs, who owes what, and what these rest on."""
        goals, rates = self.opened()
        found = review(
            goals.declared,
            goals.observed,
            as_of=self._moment(as_of),
            known_at=self.known_at,
            policy=policy_of(self.config),
            rates=rates,
            journal=goals.journal,
        )
        told = {
            name: _limited(value, most) if isinstance(value, list) else value
            for name, value in _plain(found).items()
        }
        return {**told, "text": str(found)}

    def opened(self) -> tuple[Goals, Rates | None]:
        """Return what the files hold now; raises an OkrError for what cannot be read."""
        config = self.config
        return open_goals(config.files, config.history, config.journal), open_rates(config.rates)

    def _snapshot(self, as_of: str | None, known_at: str | None = None) -> Snapshot:
        goals, rates = self.opened()
        return self._judged(goals, rates, self._moment(as_of), known_at)

    def _judged(
        self, goals: Goals, rates: Rates | None, as_of: AsOf, known_at: str | None = None
    ) -> Snapshot:
        return evaluate(
            goals.declared,
            goals.observed,
            as_of=as_of,
            known_at=known_at or self.known_at,
            rates=rates,
            journal=goals.journal,
        )

    def _moment(self, given: str | None) -> str:
        asked = given or self.as_of
        if not asked:
            raise OkrError(
                "as_of is missing; give a date such as 2026-09-30, or start the server with --as-of DATE"
            )
        return asked


def _limited(rows: Sequence[Any], most: int) -> dict[str, Any]:
    """Return the first rows of a list, and how many are left out."""
    if most < 0:
        raise OkrError(f"most is {most}, but must be 0 or more; give how many rows to tell")
    return {"rows": list(rows[:most]), "left_out": max(0, len(rows) - most)}


def _plain(value: Any) -> dict[str, Any]:
    told: dict[str, Any] = to_dict(value)
    return told
