"""Read what options of pytest name: portfolio, places, history, journal, policy; each once.

What they do not name is read from `[tool.okrcore]` of the nearest pyproject.toml, as `okrcore check` does.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import attrs

from okrcore.declarations.in_force import portfolio_at, versions_of
from okrcore.definitions.moments import parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.loading import Place
from okrcore.errors import OkrError
from okrcore.governance.checking import chosen, ignores_of
from okrcore.governance.context import Context
from okrcore.governance.policy import Policy
from okrcore.history.former_names import followed
from okrcore.surfaces.configuration import Config, policy_of, read_config
from okrcore.surfaces.facts_opened import open_rates
from okrcore.surfaces.goals_opened import Goals, compared_with, open_goals
from okrcore.surfaces.ignore_lines import read_ignores
from okrcore.surfaces.pytest.by_subject import Verdict, verdicts


@attrs.define(eq=False, kw_only=True)
class Inputs:
    """What one run of pytest checks, as its options say; "" and () leave it to `[tool.okrcore]`.

    `own` is the host's own policy, `root` where the configuration is looked for, `base` where pytest was
    called. `refused` says whether some document has told all faults already.
    """

    documents: tuple[Path, ...]
    history: tuple[Path, ...]
    journal: tuple[Path, ...]
    rates: tuple[Path, ...]
    against: tuple[Path, ...]
    known_at: str
    as_of: str
    select: tuple[str, ...]
    policy: str
    ignore: tuple[str, ...]
    own: Policy | None
    root: Path
    base: Path
    refused: bool = False

    @cached_property
    def _goals(self) -> Goals:
        history, journal = self.history or self._known.history, self.journal or self._known.journal
        return compared_with(open_goals(self.documents, history, journal), self.against, self.as_of)

    @cached_property
    def portfolio(self) -> Portfolio:
        """What the documents declare together, or of a ledger what was in force."""
        return portfolio_at(self._goals.declared, self.as_of, self.known_at or None)

    def place(self, subject: str) -> Place | None:
        """Return where a definition stands; None for what no document declares."""
        return self._goals.places.get(subject)

    @cached_property
    def _known(self) -> Config:
        return read_config(None, self.root)

    @cached_property
    def _policy(self) -> Policy:
        """The host's own, else the one that is named and set, with what the ini file ignores."""
        policy = self.own
        if policy is None:
            policy = policy_of(attrs.evolve(self._known, policy=self.policy or self._known.policy))
        return policy.with_ignored(*read_ignores(self.ignore))

    @cached_property
    def context(self) -> Context:
        """What rules may ask; without a history or journal where no file is named."""
        return Context(
            portfolio=self.portfolio,
            as_of=parse_as_of(self.as_of),
            history=followed(self.portfolio, self._goals.history),
            journal=followed(self.portfolio, self._goals.journal),
            declarations=versions_of(self._goals.declared),
            scoring=self._policy.scoring,
            rates=self.portfolio.rates_or(open_rates(self.rates or self._known.rates)),
            known_at=parse_as_of(self.known_at, "known_at") if self.known_at else None,
        )

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What each rule says of each subject."""
        codes = [code.strip() for text in self.select or self._known.select for code in text.split(",")]
        policy = self._policy
        ignores = ignores_of(policy, self.portfolio)
        return verdicts(self.context, policy, chosen(policy, codes or None), ignores)

    def read(self) -> None:
        """Read all that is named, so that what cannot be read is told at once."""
        _ = self.context

    def told(self, error: OkrError) -> str:
        """Return all problems of an error, their files relative to where pytest was called."""
        problems = [
            attrs.evolve(one, file=os.path.relpath(one.file, self.base)) if one.file else one
            for one in error.problems
        ]
        return str(OkrError(problems))

    def files(self) -> Iterator[Path]:
        """Yield the files that declare something, in order."""
        seen = dict.fromkeys(place.file for place in self._goals.places.values() if place.file)
        yield from map(Path, seen)
