"""Read what is ignored from lines such as `OKR204 growth until 2026-05-31: measured in May`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from okrcore.definitions.ignores import Ignore, to_ignores
from okrcore.errors import DefinitionError, Problem, raise_all

_IGNORE = re.compile(
    r"(?P<code>\S+?)(?:\s+(?P<subject>(?!until\s)\S.*?))?(?:\s+until\s+(?P<until>\S+))?\s*:\s+(?P<reason>\S.*)"
)


def read_ignores(lines: Iterable[str], name: str = "okr_ignore") -> tuple[Ignore, ...]:
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
            text = f"{name} is {line!r}, but must be CODE[ SUBJECT][ until DATE]: reason; write it so"
            problems.append(Problem(text, name, kind=DefinitionError))
    raise_all(problems)
    return to_ignores(found)
