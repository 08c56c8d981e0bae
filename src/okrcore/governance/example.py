"""Show a rule what it judges: the text of a small document, and what was observed and answered."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any

import attrs

from okrcore.declarations.declared_versions import Declarations
from okrcore.definitions.moments import parse_as_of
from okrcore.definitions.portfolio import Portfolio
from okrcore.documents.loading import loads
from okrcore.governance.context import Context
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


def _held(values: Any) -> Any:
    return values if values is None or callable(values) else tuple(values)


Given = Observation | tuple[str, str, float]


@attrs.frozen(eq=False)
class Example:
    """A portfolio at a moment that passes or fails a rule: shown on the rule's page and run as a test.

    `document` is YAML; version and the cycle "2026" are put before it where it declares no cycles.
    `observations` are Observation values or (measure, at, value), or a function that returns them, `entries`
    what the journal holds; with None there is no history, or no journal, at all. All of it is read when it is
    first asked for. With `earlier`, an older document, there are two versions: that one in force from the
    first day of its cycles on, `document` from the day `amended` on, declared by `by` because of `why`.

    >>> Example("teams: [{id: operations}]").portfolio.teams[0].id
    'operations'
    """

    document: str = attrs.field(converter=_to_text)
    _observed: Iterable[Given] | Callable[[], Iterable[Given]] | None = attrs.field(
        default=None, converter=_held, kw_only=True, alias="observations", repr=False
    )
    _answered: Iterable[Entry] | Callable[[], Iterable[Entry]] | None = attrs.field(
        default=None, converter=_held, kw_only=True, alias="entries", repr=False
    )
    as_of: str = attrs.field(default="2026-06-30", kw_only=True)
    earlier: str | None = attrs.field(
        default=None, converter=attrs.converters.optional(_to_text), kw_only=True, repr=False
    )
    amended: str = attrs.field(default="2026-05-04", kw_only=True)
    by: str = attrs.field(default="", kw_only=True)
    why: str = attrs.field(default="", kw_only=True)

    @cached_property
    def observations(self) -> tuple[Observation, ...] | None:
        """What was observed, None without a history."""
        given = self._observed() if callable(self._observed) else self._observed
        if given is None:
            return None
        return tuple(one if isinstance(one, Observation) else Observation(*one) for one in given)

    @cached_property
    def entries(self) -> tuple[Entry, ...] | None:
        """What was answered, None without a journal."""
        given = self._answered() if callable(self._answered) else self._answered
        return None if given is None else tuple(given)

    @property
    def portfolio(self) -> Portfolio:
        """What the document declares."""
        return loads(self.document)

    @property
    def history(self) -> History | None:
        """The observations as a history."""
        return None if self.observations is None else History.of(self.observations)

    @property
    def journal(self) -> Journal | None:
        """The entries as a journal."""
        return None if self.entries is None else Journal.of(self.entries)

    @property
    def declarations(self) -> Declarations | None:
        """The earlier document and this one as versions, None without an earlier one."""
        if self.earlier is None:
            return None
        before = loads(self.earlier)
        begun = Declarations.of((min(one.start for one in before.cycles), before))
        return begun.append(self.portfolio, at=self.amended, by=self.by, why=self.why)

    @property
    def context(self) -> Context:
        """What a rule may ask, of the example alone."""
        declared, as_of = self.declarations, parse_as_of(self.as_of)
        return Context(
            portfolio=self.portfolio if declared is None else declared.at(as_of),
            as_of=as_of,
            history=self.history,
            journal=self.journal,
            declarations=declared,
        )

    def _read(self) -> tuple[Any, ...]:
        versions = self.earlier, self.amended, self.by, self.why
        return self.document, self.observations, self.entries, self.as_of, *versions

    def __eq__(self, other: object) -> bool:
        return self._read() == other._read() if isinstance(other, Example) else NotImplemented

    def __hash__(self) -> int:
        return hash((self.document, self.as_of))

    def __reduce__(self) -> tuple[Any, ...]:
        return _example, self._read()


def _example(document: str, observations: Any, entries: Any, as_of: str, *versions: Any) -> Example:
    told = dict(zip(("earlier", "amended", "by", "why"), versions, strict=True))
    return Example(document, observations=observations, entries=entries, as_of=as_of, **told)


def to_example(value: Example | str | None) -> Example | None:
    """Return an example; text is its document."""
    return Example(value) if isinstance(value, str) else value
