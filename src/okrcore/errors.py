"""Raise what cannot be evaluated, in one family of exceptions that say the thing, the fault, the remedy.

What merely should not be is a finding, not an error (S0.3). Every error carries `problems`, one
`Problem` for each fault found, so that all faults of one document or portfolio arrive together (S0.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import attrs


@attrs.frozen
class Problem:
    """One fault: what is wrong, where, and of which kind.

    `path` names the place inside the value or document ("objectives[2].key_results[0].measure").
    `file`, `line` and `column` (both counted from 1) are known where the value came from a file;
    otherwise they are None. `kind` is the error class that this fault alone would raise.

    >>> str(Problem("goal is missing; add goal", path="measure", file="a.yaml", line=3, column=5))
    'a.yaml:3:5: measure: goal is missing; add goal'
    """

    message: str
    path: str = ""
    file: str | None = None
    line: int | None = None
    column: int | None = None
    kind: type[OkrError] | None = attrs.field(default=None, repr=False)

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.file, self.line, self.column) if part is not None)
        return ": ".join(part for part in (place, self.path, self.message) if part)


class OkrError(Exception):
    """Base of every error this library raises on purpose.

    Build it from one message or from problems; `str()` shows all of them, one a line.

    >>> str(OkrError("unit 'lightyear' is unknown; declare it under units"))
    "unit 'lightyear' is unknown; declare it under units"
    """

    problems: tuple[Problem, ...]

    def __init__(self, problems: str | Problem | Iterable[Problem] = ()) -> None:
        if isinstance(problems, str):
            problems = (Problem(problems, kind=type(self)),)
        elif isinstance(problems, Problem):
            problems = (problems,)
        self.problems = tuple(problems)
        super().__init__(self.problems)

    def __str__(self) -> str:
        lines = [str(problem) for problem in self.problems]
        return lines[0] if len(lines) == 1 else "\n".join([f"{len(lines)} problems", *lines])

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.problems,)


class DefinitionError(OkrError, ValueError):
    """A definition, or the portfolio as a whole, cannot be evaluated."""


class UnknownIdError(DefinitionError):
    """An id is used that nothing declares."""


class DuplicateIdError(DefinitionError):
    """Two definitions share one id (S0.7)."""


class CyclicAlignmentError(DefinitionError):
    """Objectives contribute to each other in a circle; the message spells the path (S4.2)."""


class UnitError(OkrError, ValueError):
    """A unit is unknown or refused, or two units do not convert."""


class DocumentError(OkrError, ValueError):
    """A document cannot be read: syntax, an unknown key, a wrong type, a limit passed."""


class HistoryError(OkrError, ValueError):
    """An observation cannot be kept, or two observations contradict each other."""


class DamagedLedgerError(HistoryError):
    """A ledger file lost or changed records; `problems` names the first block at fault first."""


class TableError(OkrError, ValueError):
    """A priority table is ill-formed or not verified."""


class RuleError(OkrError, RuntimeError):
    """A governance rule crashed; the message names rule and subject."""


class MissingExtraError(OkrError, ImportError):
    """An optional dependency is not installed; the message holds the pip line."""

    @classmethod
    def of(cls, package: str, extra: str) -> MissingExtraError:
        """Return the error for `package`, which the extra `extra` installs."""
        return cls(f"{package} is not installed; run: pip install 'okrcore[{extra}]'")


def raise_all(problems: Sequence[Problem], default: type[OkrError] = DefinitionError) -> None:
    """Raise all `problems` as one error: their common class where they agree, else `default` (S0.4).

    Does nothing when there is no problem.
    """
    if not problems:
        return
    kinds = {problem.kind or default for problem in problems}
    raise (kinds.pop() if len(kinds) == 1 else default)(problems)
