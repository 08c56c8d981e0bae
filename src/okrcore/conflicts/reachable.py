"""Find what leads to what over links, key results, contributions, formulas and checklists (S13.4)."""

from __future__ import annotations

from collections.abc import Iterable

import attrs

from okrcore.conflicts.paths import MAX_LINKS
from okrcore.conflicts.sides import Scene
from okrcore.definitions.digraph import reached
from okrcore.definitions.formulas import formulas_of
from okrcore.definitions.measures import Checklist

LinkEdges = dict[str, list[str]]


@attrs.frozen(eq=False)
class Reach:
    """What contributes to and is read by each objective, and what leads to and from each measure.

    A link that weighs nothing leads nowhere. A key result stands for the KPI that it reads. A checklist is
    led to by the initiatives whose milestones it lists, and a formula by what it is computed from.
    """

    below: LinkEdges
    reads: LinkEdges
    sources: LinkEdges
    ahead: LinkEdges

    @classmethod
    def of(cls, scene: Scene) -> Reach:
        """Return the paths of a portfolio; cost in proportion to its definitions."""
        found = cls({}, {}, {}, {})
        for name, parts in scene.relations.contributors_of.items():
            found.below[name] = [goal.id for goal, weight in parts if weight > 0]
        for name, results in scene.relations.key_results_of.items():
            found.reads[name] = [scene.measure(one.id) for one in results]
        for name, kpis in scene.relations.guards_of.items():
            found.reads[name] = [*found.reads.get(name, ()), *kpis]
        for result in scene.portfolio.key_results:
            items = result.measure.items if isinstance(result.measure, Checklist) else ()
            for name in dict.fromkeys(item.milestone for item in items if item.milestone):
                found._lead(scene.portfolio[name].initiative, result.id)
        for link in scene.portfolio.links:
            if link.weight > 0:
                found._lead(link.source, scene.measure(link.target))
        for formula in formulas_of(scene.portfolio).values():
            for series in dict.fromkeys(one.series for one in formula.inputs):
                found._lead(series, formula.id)
        return found

    def to(self, goals: Iterable[str]) -> frozenset[str]:
        """Return all with a path to any of these objectives: at most 6 links to what is read below it."""
        known = reached(goals, self.below)
        return reached({name for one in known for name in self.reads.get(one, ())}, self.sources, MAX_LINKS)

    def onward(self, starts: Iterable[str]) -> frozenset[str]:
        """Return these, and the measures that they have a path to: at most 6 links."""
        return reached(starts, self.ahead, MAX_LINKS)

    def _lead(self, source: str, target: str) -> None:
        self.sources.setdefault(target, []).append(source)
        self.ahead.setdefault(source, []).append(target)
