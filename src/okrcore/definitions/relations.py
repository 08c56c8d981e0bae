"""Look up who is under, measured by and linked to whom in a portfolio, by id."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from functools import cached_property

import attrs

from okrcore.definitions.derived import span_of, team_of
from okrcore.definitions.digraph import by_field, grouped
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.initiatives import Initiative, Milestone
from okrcore.definitions.links import Link
from okrcore.definitions.portfolio import Portfolio


@attrs.frozen(eq=False, repr=False)
class Relations:
    """What the definitions of one portfolio say of each other, by id, each look-up made when first asked for.

    Only ids that have any are in a look-up; what belongs to one stands in the order of declaration.
    """

    portfolio: Portfolio

    @cached_property
    def key_results_of(self) -> Mapping[str, tuple[KeyResult, ...]]:
        """The key results of each objective, guardrails among them."""
        return by_field(self.portfolio.key_results, "objective")

    @cached_property
    def contributors_of(self) -> Mapping[str, tuple[tuple[Objective, float], ...]]:
        """The objectives that contribute to each objective, with their weights, which may be 0."""
        goals = self.portfolio.objectives
        return grouped((part.to, (goal, part.weight)) for goal in goals for part in goal.contributes_to)

    @cached_property
    def measured_with(self) -> Mapping[str, tuple[KeyResult, ...]]:
        """The key results that name each KPI as what measures them."""
        return by_field((one for one in self.portfolio.key_results if one.measured_by), "measured_by")

    @cached_property
    def guards_of(self) -> Mapping[str, tuple[str, ...]]:
        """The ids of the KPIs that guard each objective."""
        return grouped((name, kpi.id) for kpi in self.portfolio.kpis for name in kpi.guards)

    @cached_property
    def links_from(self) -> Mapping[str, tuple[Link, ...]]:
        """The links that begin at each id."""
        return by_field(self.portfolio.links, "source")

    @cached_property
    def links_to(self) -> Mapping[str, tuple[Link, ...]]:
        """The links that end at each id; those to a key result and to the KPI that measures it are apart."""
        return by_field(self.portfolio.links, "target")

    def links_at(self, id: str) -> tuple[Link, ...]:
        """Return the links that begin or end at an id, by their own id."""
        found = (*self.links_from.get(id, ()), *self.links_to.get(id, ()))
        return tuple(sorted(found, key=lambda link: link.id))

    @cached_property
    def milestones_of(self) -> Mapping[str, tuple[Milestone, ...]]:
        """The milestones of each initiative."""
        return by_field(self.portfolio.milestones, "initiative")

    def span_of(self, initiative: Initiative) -> tuple[dt.date | None, dt.date | None]:
        """Return the first and the last day of an initiative: its own, else those of its milestones."""
        return span_of(initiative, self.milestones_of.get(initiative.id, ()))

    @cached_property
    def waiting_for(self) -> Mapping[str, tuple[Milestone, ...]]:
        """The milestones that come after each milestone."""
        return grouped((step.milestone, one) for one in self.portfolio.milestones for step in one.after)

    def teams_above(self, team: str | None) -> Iterator[str]:
        """Yield a team, the team above it, and so on to the top; nothing for None.

        >>> from okrcore import Team
        >>> list(Relations(Portfolio.of(Team(id="all"), Team(id="ops", parent="all"))).teams_above("ops"))
        ['ops', 'all']
        """
        while team is not None:
            yield team
            team = self.portfolio[team].parent

    def leads_above(self, team: str | None, owner: str | None = None) -> Iterator[str]:
        """Yield the leads of a team and of those above it, from the nearest on; each once, `owner` never.

        They stand above an owner of the team (S18.4): its lead does, above a lead that of the parent team.
        """
        seen = {owner}
        for name in self.teams_above(team):
            lead = self.portfolio[name].lead
            if lead is not None and lead not in seen:
                seen.add(lead)
                yield lead

    def above(self, owner: str) -> str | None:
        """Return who stands above an owner; None at the top, and where no team says who leads it.

        >>> from okrcore import Owner, Team
        >>> all, ops = Team(id="all", lead="coo"), Team(id="ops", parent="all", lead="head")
        >>> owners = [Owner(id=name, team=team) for name, team in {"coo": "all", "head": "ops"}.items()]
        >>> tree = Relations(Portfolio.of(all, ops, *owners, Owner(id="ann", team="ops")))
        >>> tree.above("ann"), tree.above("head"), tree.above("coo")
        ('head', 'coo', None)
        """
        return next(self.leads_above(team_of(self.portfolio[owner], self.portfolio), owner), None)

    def who_answers(self, value: object) -> str | None:
        """Return who answers for a definition (S18.4); None where nobody does.

        Its owner, else that of the initiative or objective that it is part of, else the nearest lead of
        its team.
        """
        above = getattr(value, "objective", None) or getattr(value, "initiative", None)
        owner: str | None = getattr(value, "owner", None)
        owner = owner or (self.portfolio[above].owner if above else None)
        return owner or next(self.leads_above(team_of(value, self.portfolio)), None)
