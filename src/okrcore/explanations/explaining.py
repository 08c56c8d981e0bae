"""Explain a status by the chain from it to the observations under it (S20)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import attrs

from okrcore.conflicts.conflict import Conflict
from okrcore.conflicts.decision import Decision
from okrcore.definitions.argument_checks import check_arguments, is_count
from okrcore.definitions.derived import due_of, series_of
from okrcore.definitions.fields import each, is_a, is_text, optional, to_tuple
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.links import Link
from okrcore.explanations.conflict_steps import KnownConflicts, conflict_steps
from okrcore.explanations.explanation import Explanation, ExplanationNotes
from okrcore.explanations.initiative_steps import milestone_steps, say_initiative
from okrcore.explanations.objective_steps import Child, children_of, guardrails_of, say_objective
from okrcore.explanations.original_steps import say_original
from okrcore.explanations.outlook_steps import say_achieved, say_forecast, say_lead
from okrcore.explanations.signal_steps import say_dip, say_signal
from okrcore.explanations.sources_of_value import Ground, observations
from okrcore.explanations.status_reasons import say_key_result, say_kpi, say_way
from okrcore.explanations.tolerance_steps import say_freeze, say_tolerance
from okrcore.frozen import FrozenDict
from okrcore.leading.weeks_ahead import Outlook
from okrcore.scoring.scoring_policy import STATUSES
from okrcore.scoring.snapshot import Snapshot


def explain(
    snapshot: Snapshot,
    id: str,
    *,
    outlook: Outlook | None = None,
    conflicts: Iterable[Conflict] = (),
    decisions: Iterable[Decision] = (),
    depth: int = 1,
    limit: int = 20,
) -> Explanation:
    """Return why a goal, KPI or initiative has its status, down to the observations under it.

    Of an objective: its children and what each gives to the score, what is unknown or stale and lowers
    coverage, which guardrail holds it down, which comparison made the status. Of a key result: value, date
    and source, start and goal, progress beside expected, pace beside its thresholds. Of a KPI: bands, zone,
    satisfaction, the key results it measures, the links that lead from it. Of an initiative: its milestones
    and what it is meant to move. With an `outlook` of this snapshot also: how likely a goal is met, which
    leading KPI moved, and what that lets expect. With `conflicts`, and `decisions` on them, also: whom
    each of these stands against, and the decision that covers it, one in force in the portfolio too; each
    conflict is told once. Of a snapshot of `Declarations` also: the score under the goal as it was when its
    cycle had settled, where that is another, and what was amended since.

    `depth` is how many objectives deep all children are explained; from there on only the worst child of each
    is, down to its observations (at most 50 objectives deep). `limit` is how many children a step shows,
    worst first. Every number comes from the snapshot; nothing is scored again.

    Raises UnknownIdError for an id without a state. Cost: one pass over the portfolio, then what is shown.

    >>> from okrcore import Cycle, History, KeyResult, Objective, Observation, Portfolio, Target, evaluate
    >>> year = Cycle.year(2026)
    >>> goal = Objective(id="grow", title="Grow", cycle=year.id)
    >>> arr = KeyResult(id="arr", objective="grow", title="ARR", measure=Target(10, 20), unit="EUR")
    >>> history = History.of([Observation("arr", "2026-06-30", 14)])
    >>> print(explain(evaluate(Portfolio.of(year, goal, arr), history, as_of="2026-07-02"), "arr"))
    [~] key result arr: at-risk - ARR
        14 EUR on 2026-06-30, on the way from 10 to 20. That is 40 % of the way, where 50 % is expected.
        Pace (progress / expected) 0.8 is at least 0.7 but below 0.9, so at-risk.
        [ ] observation arr
            Observed 14 EUR on 2026-06-30, from a source that nobody named.
    """
    conflicts, decisions = to_tuple(conflicts), to_tuple(decisions)
    check_arguments(
        snapshot=(snapshot, is_a(Snapshot)),
        id=(id, is_text),
        outlook=(outlook, optional(is_a(Outlook))),
        conflicts=(conflicts, each(is_a(Conflict))),
        decisions=(decisions, each(is_a(Decision))),
        depth=(depth, is_count),
        limit=(limit, is_count),
    )
    return explain_on(
        Ground(snapshot),
        id,
        outlook=outlook,
        conflicts=conflicts,
        decisions=decisions,
        depth=depth,
        limit=limit,
    )


def explain_on(
    ground: Ground,
    id: str,
    *,
    outlook: Outlook | None = None,
    conflicts: Iterable[Conflict] = (),
    decisions: Iterable[Decision] = (),
    depth: int = 1,
    limit: int = 20,
) -> Explanation:
    """Return what `explain` does; many explanations on one ground find what they share once."""
    snapshot = ground.snapshot
    is_objective = isinstance(snapshot[id].goal, Objective)
    given = ground.leaf_shares.under(id) if is_objective else FrozenDict[str, float]()
    known = KnownConflicts.among(conflicts, decisions)
    ahead = Outlook() if outlook is None else outlook
    teller = _Teller(ground, ahead, known, limit, id, given, set())
    return teller.objective(id, depth, ExplanationNotes()) if is_objective else teller.step(id, full=True)


_DEEPEST = 50


@attrs.frozen(eq=False)
class _Teller:
    """Makes the steps of one explanation; an objective that was told once is only named again."""

    ground: Ground
    outlook: Outlook
    conflicts: KnownConflicts
    limit: int
    root: str
    given: Mapping[str, float]
    told: set[str]

    def step(self, id: str, *, full: bool = False) -> Explanation:
        """Return the step of anything but an objective; only a `full` one goes on along the links."""
        match self.ground.snapshot.portfolio[id]:
            case KeyResult():
                return self.key_result(id, full=full)
            case Kpi():
                return self.kpi(id, full=full)
        return self.initiative(id, full=full)

    def objective(self, id: str, depth: int, notes: ExplanationNotes, level: int = 0) -> Explanation:
        snapshot = self.ground.snapshot
        state = snapshot.objective(id)
        children, guardrails = children_of(self.ground, id), guardrails_of(self.ground, id)
        say_objective(notes, snapshot, state, children, guardrails)
        say_original(notes, snapshot, state)
        if id in self.outlook:
            say_achieved(notes, due_of(state.goal, snapshot.portfolio), self.outlook[id])
        below: Iterable[Explanation] = ()
        if id in self.told:
            notes.say("It is explained above")
        elif (depth < 0 or level > _DEEPEST) and children:
            notes.say("What is under it is left out here; ask for it by its id")
        else:
            self.told.add(id)
            below = [
                *self._children(children, depth, level),
                *map(self.step, guardrails),
                *self._conflicts(id),
            ]
        return notes.explanation(id, "objective", status=state.status, title=state.goal.title, children=below)

    def _children(self, children: Iterable[Child], depth: int, level: int) -> Iterator[Explanation]:
        worst = sorted(children, key=lambda child: (STATUSES.index(child.status), child.id))
        for child in worst[: self.limit]:
            notes = ExplanationNotes()
            weight = f"Weight {notes.number('weight', child.weight)}"
            if child.is_objective:
                notes.say(weight)
                deeper = max(depth - 1, 0) if child is worst[0] else depth - 1
                yield self.objective(child.id, deeper, notes, level + 1)
            else:
                given = self.given.get(child.id)
                adds = "nothing" if given is None else notes.share("contribution", given)
                notes.say(f"{weight}, adds {adds} to the score of {self.root}")
                yield self.key_result(child.id, full=True, notes=notes)
        if len(worst) > self.limit:
            notes = ExplanationNotes()
            notes.say(f"And {notes.number('left_out', len(worst) - self.limit)} more, none of them worse")
            yield notes.explanation("...", "rest")

    def key_result(self, id: str, *, full: bool, notes: ExplanationNotes | None = None) -> Explanation:
        state, notes = self.ground.snapshot.key_result(id), notes or ExplanationNotes()
        say_way(notes, self.ground, state)
        say_key_result(notes, self.ground, state)
        say_original(notes, self.ground.snapshot, state)
        if id in self.outlook:
            say_forecast(notes, self.ground.due(id), self.outlook[id])
        if full and state.goal.measured_by is None:
            say_dip(notes, self.ground, id)
        if state.goal.guardrail:
            notes.say("It is a guardrail: no weight, but outside it holds its objective at off-track")
        below = list(observations(self.ground, state))
        if full:
            kpi = series_of(state.goal, self.ground.snapshot.portfolio)
            if isinstance(kpi, Kpi) and kpi.is_judged:
                below.append(self.kpi(kpi.id, full=False, bare=True))
            below += self._links(id)
        below += self._conflicts(id)
        return notes.explanation(
            id, "key result", status=state.status, title=state.goal.title, children=below
        )

    def kpi(self, id: str, *, full: bool, bare: bool = False) -> Explanation:
        state, notes = self.ground.snapshot.kpi(id), ExplanationNotes()
        say_kpi(notes, self.ground, state)
        say_signal(notes, self.ground, id, chance=full)
        measures = sorted(one.id for one in self.ground.relations.measured_with.get(id, ()))
        if measures:
            notes.say(f"It measures {notes.some('measures', measures)}")
        if state.goal.incentivised:
            notes.say("A bonus hangs on it")
        say_tolerance(notes, state)
        if state.goal.guards:
            notes.say(f"It guards {notes.some('guards', state.goal.guards)}")
        below = [] if bare else list(observations(self.ground, state))
        if full:
            below += [self.key_result(result, full=False) for result in measures[: self.limit]]
            below += self._links(id)
        below += self._conflicts(id)
        return notes.explanation(id, "KPI", status=state.zone, title=state.goal.title, children=below)

    def initiative(self, id: str, *, full: bool) -> Explanation:
        state, notes = self.ground.snapshot.initiative(id), ExplanationNotes()
        say_initiative(notes, state)
        say_freeze(notes, state)
        below = [*milestone_steps(self.ground, id), *self._links(id)] if full else []
        below += self._conflicts(id)
        status = state.statuses.value
        return notes.explanation(id, "initiative", status=status, title=state.goal.title, children=below)

    def _conflicts(self, id: str) -> Iterator[Explanation]:
        return conflict_steps(self.ground, self.conflicts, id, self.told)

    def _links(self, id: str) -> Iterator[Explanation]:
        """Yield the declared links from or into something, with the state of their other end."""
        for link in self.ground.relations.links_at(id)[: self.limit]:
            yield self._link(link, link.target if link.source == id else link.source)

    def _link(self, link: Link, other: str) -> Explanation:
        notes = ExplanationNotes()
        amount = "more" if link.sign > 0 else "less"
        lag = f" after {link.lag}" if link.lag else ""
        weight = notes.number("weight", link.weight)
        notes.say(f"Declared: more of {link.source} means {amount} of {link.target}{lag}, weight {weight}")
        notes.say(link.rationale)
        for lead in self.outlook[link.target].leads if link.target in self.outlook else ():
            if lead.evidence.link == link.id:
                say_lead(notes, self.ground, lead)
        return notes.explanation(link.id, "link", children=[self.step(other)])
