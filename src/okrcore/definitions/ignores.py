"""Accept findings in advance: of which code, on what, why and until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Container, Iterable, Mapping
from typing import Any

import attrs
from attrs import field

from okrcore.definitions.argument_checks import check_arguments, is_list, to_asked_day
from okrcore.definitions.codes import names
from okrcore.definitions.fields import (
    check,
    is_date,
    is_id,
    optional,
    report,
    shown,
    to_day_or_none,
)
from okrcore.errors import DefinitionError, Problem, raise_all
from okrcore.findings import Location


@attrs.frozen(kw_only=True)
class Ignore:
    """Findings that somebody accepted: of a code or family, for a reason.

    `subject` None is every subject; `until` None is for good, else the last day that it holds. `location` is
    the file, line and column of the comment that says so, None where no document does.

    >>> Ignore(code="OKR204", reason="the baseline is measured in May", until=dt.date(2026, 5, 31)).subject
    """

    code: str = field(metadata=check(is_id))
    reason: str = field(metadata=check(is_id))
    until: dt.date | None = field(default=None, converter=to_day_or_none, metadata=check(optional(is_date)))
    subject: str | None = field(default=None, metadata=check(optional(is_id)))
    location: Location | None = None

    def __attrs_post_init__(self) -> None:
        report(self)

    def covers(self, code: str, subject: str, known: Container[str] = ()) -> bool:
        """Return whether it is about findings of a code on a subject, whatever the day.

        `known` are the codes there are: one of them covers itself alone.
        """
        return names(self.code, code, known) and self.subject in (None, subject)

    def holds(self, day: dt.date | str) -> bool:
        """Return whether it has not expired on a day."""
        return self.until is None or to_asked_day(day) <= self.until


def to_ignores(values: Iterable[Ignore | Mapping[str, Any]]) -> tuple[Ignore, ...]:
    """Return ignores; a mapping with their fields stands for one. Raises DefinitionError with every fault."""
    found, problems = [], list[Problem]()
    listed = tuple(values) if isinstance(values, Iterable) else () if values is None else values
    check_arguments(ignore=(listed, is_list))
    for index, given in enumerate(listed):
        if isinstance(given, Ignore):
            found.append(given)
            continue
        known = [one.name for one in attrs.fields(Ignore) if one.name != "location"]
        if not isinstance(given, Mapping) or not {"code", "reason"} <= set(given) <= set(known):
            text = f"ignore[{index}] is {shown(given)}; give code and reason, and perhaps until and subject"
            problems.append(Problem(text, f"ignore[{index}]", kind=DefinitionError))
            continue
        try:
            found.append(Ignore(**given))
        except DefinitionError as error:
            problems += [attrs.evolve(one, path=f"ignore[{index}].{one.path}") for one in error.problems]
    raise_all(problems)
    return tuple(found)
