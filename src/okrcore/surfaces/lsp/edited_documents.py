"""Judge documents while they are edited: what is typed and not saved counts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path

import attrs

from okrcore.definitions.moments import parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.loading import Place, places_of, sources_with
from okrcore.documents.sections import assemble
from okrcore.documents.source_text import SourceText
from okrcore.errors import OkrError, Problem
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.configuration import Config, policy_of
from okrcore.surfaces.facts_opened import open_histories, open_journals, open_rates
from okrcore.surfaces.goals_checked import check_goals
from okrcore.surfaces.goals_opened import Goals
from okrcore.surfaces.reports import Checked
from okrcore.units.rates import Rates

HISTORIES = ("observations.csv", "observations.jsonl", "ledger.okr")
"""The files that are taken for the history where none is named and one stands beside a document."""


@attrs.frozen(kw_only=True, eq=False)
class EditedFacts:
    """The numbers and answers that edited documents are judged by."""

    history: History | None = None
    journal: Journal | None = None
    rates: Rates | None = None

    @classmethod
    def read(cls, config: Config) -> EditedFacts:
        """Return what a configuration names. Raises an OkrError for what cannot be read."""
        return cls(
            history=open_histories(config.history),
            journal=open_journals(config.journal),
            rates=open_rates(config.rates),
        )


def with_history_beside(config: Config, files: Iterable[str]) -> Config:
    """Return a configuration that, where it names no history, names the one that stands beside files."""
    folders = dict.fromkeys(Path(one).parent for one in files)
    found = (folder / name for folder in folders for name in HISTORIES)
    beside = tuple(str(file) for file in found if file.is_file())[:1]
    return attrs.evolve(config, history=beside) if beside and not config.history else config


@attrs.frozen(kw_only=True, eq=False)
class Edited:
    """Documents as they are typed, and what they declare: `portfolio` is None where they have `problems`."""

    documents: tuple[SourceText, ...]
    portfolio: Portfolio | None
    places: Mapping[str, Place]
    problems: tuple[Problem, ...]
    config: Config
    as_of: dt.date | dt.datetime

    @classmethod
    def read(cls, config: Config, texts: Mapping[str, str], as_of: dt.date | dt.datetime | str) -> Edited:
        """Return the documents that a configuration names, those in `texts` (by real path) with that text."""
        documents = sources_with(config.files, texts)
        portfolio, places, problems = None, dict[str, Place](), tuple[Problem, ...]()
        try:
            portfolio, origins = assemble(documents) if documents else (Portfolio.of(), {})
            places = places_of(origins)
        except OkrError as error:
            problems = error.problems
        names = [one.name for one in documents if one.name]
        return cls(
            documents=documents,
            portfolio=portfolio,
            places=places,
            problems=problems,
            config=with_history_beside(config, names),
            as_of=parse_as_of(as_of),
        )

    def checked(self, facts: EditedFacts) -> Checked | None:
        """Return what rules find, None where documents have problems; raises an OkrError as a check does."""
        if self.portfolio is None:
            return None
        goals = Goals(
            declared=self.portfolio, places=self.places, history=facts.history, journal=facts.journal
        )
        policy = policy_of(self.config)
        return check_goals(goals, self.config, policy=policy, as_of=self.as_of, rates=facts.rates)

    def judged(self, facts: EditedFacts) -> Snapshot | None:
        """Return the documents evaluated; None where they have problems."""
        if self.portfolio is None:
            return None
        history = History.of() if facts.history is None else facts.history
        return evaluate(self.portfolio, history, as_of=self.as_of, rates=facts.rates, journal=facts.journal)
