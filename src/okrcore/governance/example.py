"""The text of a small document, and what was observed and answered, into what a rule is shown to judge."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

import attrs

from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.loading import loads
from okrcore.history.entry import Entry
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.history.observation import Observation

YEAR = 'okrcore: 1\ncycles:\n  - {id: "2026", start: 2026-01-01, end: 2026-12-31}\n'
"""What begins the document of every example that does not declare cycles of its own."""


def _to_text(document: str) -> str:
    text = textwrap.dedent(document).strip("\n") + "\n"
    if "cycles:" not in text:
        return YEAR + text
    return text if "okrcore:" in text else f"okrcore: 1\n{text}"


def _to_observations(values: Iterable[Observation | tuple[str, str, float]]) -> tuple[Observation, ...]:
    return tuple(one if isinstance(one, Observation) else Observation(*one) for one in values)


def _to_entries(values: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(values)


@attrs.frozen
class Example:
    """A portfolio at a moment that passes or fails a rule: shown on the rule's page and run as a test.

    `document` is YAML; version and the cycle "2026" are put before it where it declares no cycles.
    `observations` are Observation values or (measure, at, value), `entries` what the journal holds; with
    None there is no history, or no journal, at all.

    >>> Example("teams: [{id: operations}]").portfolio.teams[0].id
    'operations'
    """

    document: str = attrs.field(converter=_to_text)
    observations: tuple[Observation, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(_to_observations), kw_only=True
    )
    entries: tuple[Entry, ...] | None = attrs.field(
        default=None, converter=attrs.converters.optional(_to_entries), kw_only=True
    )
    as_of: str = attrs.field(default="2026-06-30", kw_only=True)

    @property
    def portfolio(self) -> Portfolio:
        """What the document declares."""
        return loads(self.document)

    @property
    def history(self) -> History | None:
        """What was observed."""
        return None if self.observations is None else History.of(self.observations)

    @property
    def journal(self) -> Journal | None:
        """What was answered."""
        return None if self.entries is None else Journal.of(self.entries)


def to_example(value: Example | str | None) -> Example | None:
    """Return an example; text is its document."""
    return Example(value) if isinstance(value, str) else value
