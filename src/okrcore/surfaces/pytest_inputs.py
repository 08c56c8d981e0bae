"""Options of pytest into what they name: portfolio, places, history, journal, policy; each read once.

What they do not name is read from `[tool.okrcore]` of the nearest pyproject.toml, as `okrcore check` does.
"""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

import attrs
import pytest

from okrcore.definitions.calendar import parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.reading import Place, load_with_places
from okrcore.errors import DefinitionError, OkrError, Problem, raise_all
from okrcore.governance.check import chosen
from okrcore.governance.context import Context
from okrcore.governance.policy import Ignore, Policy, to_ignores
from okrcore.history.columns import History
from okrcore.history.journal import Journal
from okrcore.surfaces.by_subject import Verdict, verdicts
from okrcore.surfaces.config import Config, policy_of, read_config
from okrcore.surfaces.pytest_options import GIVEN, as_of, paths

_IGNORE = re.compile(
    r"(?P<code>\S+?)(?:\s+(?P<subject>(?!until\s)\S.*?))?(?:\s+until\s+(?P<until>\S+))?\s*:\s+(?P<reason>\S.*)"
)


@attrs.define(eq=False)
class Inputs:
    """What one run of pytest checks. `refused` says whether some document has told all faults already."""

    config: pytest.Config
    refused: bool = False

    @cached_property
    def _loaded(self) -> tuple[Portfolio, dict[str, Place]]:
        return load_with_places(self.config.stash[GIVEN])

    @property
    def portfolio(self) -> Portfolio:
        """What the documents declare together."""
        return self._loaded[0]

    def place(self, subject: str) -> Place | None:
        """Return where a definition stands; None for what no document declares."""
        return self._loaded[1].get(subject)

    @cached_property
    def _known(self) -> Config:
        return read_config(None, self.config.rootpath)

    @cached_property
    def history(self) -> History | None:
        """The observations of all files; None without any."""
        from okrcore.surfaces.facts import open_histories

        return open_histories(paths(self.config, "okr_history", "okr_history") or self._known.history)

    @cached_property
    def journal(self) -> Journal | None:
        """The entries of all files; None without any."""
        from okrcore.surfaces.facts import open_journals

        return open_journals(paths(self.config, "okr_journal", "okr_journal") or self._known.journal)

    @property
    def as_of(self) -> dt.date | dt.datetime:
        """The date or instant that is asked for."""
        return parse_as_of(as_of(self.config).removesuffix(" today"))

    @cached_property
    def policy(self) -> Policy:
        """The host's own, else the one that is named and set, with what the ini file ignores."""
        policy: Policy | None = self.config.hook.pytest_okr_policy(config=self.config)
        if policy is None:
            named = self.config.option.okr_policy or self.config.getini("okr_policy") or self._known.policy
            policy = policy_of(attrs.evolve(self._known, policy=named))
        return policy.with_ignored(*read_ignores(self.config.getini("okr_ignore")))

    @cached_property
    def context(self) -> Context:
        """What rules may ask."""
        return Context(
            portfolio=self.portfolio,
            as_of=self.as_of,
            history=self.history,
            journal=self.journal,
            scoring=self.policy.scoring,
        )

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """What each rule says of each subject."""
        given = self.config.option.okr_select or self.config.getini("okr_select") or list(self._known.select)
        codes = [code.strip() for text in given for code in text.split(",")]
        rules = chosen(self.policy, codes or None)
        return verdicts(self.context, self.policy, rules, self.policy.ignore)

    def read(self) -> None:
        """Read all that is named, so that what cannot be read is told at once."""
        _ = self.context

    def told(self, error: OkrError) -> str:
        """Return all problems of an error, their files relative to where pytest was called."""
        base = self.config.invocation_params.dir
        problems = [
            attrs.evolve(one, file=os.path.relpath(one.file, base)) if one.file else one
            for one in error.problems
        ]
        return str(OkrError(problems))

    def files(self) -> Iterator[Path]:
        """Yield the files that declare something, in order."""
        seen = dict.fromkeys(place.file for place in self._loaded[1].values() if place.file)
        yield from map(Path, seen)


INPUTS = pytest.StashKey[Inputs]()


def inputs(config: pytest.Config) -> Inputs:
    """Return what the options name, the same for all tests of a process."""
    if INPUTS not in config.stash:
        config.stash[INPUTS] = Inputs(config)
    return config.stash[INPUTS]


def read_ignores(lines: list[str]) -> tuple[Ignore, ...]:
    """Return what lines `CODE[ SUBJECT][ until DATE]: reason` ignore; raises DefinitionError with each fault.

    >>> read_ignores(["OKR204 growth until 2026-05-31: measured in May"])[0].until
    datetime.date(2026, 5, 31)
    """
    found, problems = [], list[Problem]()
    for line in lines:
        match = _IGNORE.fullmatch(line.strip())
        try:
            if match is None:
                raise ValueError
            given = {name: text for name, text in match.groupdict().items() if text is not None}
            until = {"until": dt.date.fromisoformat(given["until"])} if "until" in given else {}
            found.append({**given, **until})
        except ValueError:
            text = f"okr_ignore: {line!r} is unknown; write CODE[ SUBJECT][ until DATE]: reason"
            problems.append(Problem(text, "okr_ignore", kind=DefinitionError))
    raise_all(problems)
    return to_ignores(found)
