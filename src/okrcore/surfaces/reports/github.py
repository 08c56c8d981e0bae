"""Report a check as workflow commands, which GitHub shows as annotations on the changed lines."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.display import one_line
from okrcore.findings import Finding
from okrcore.surfaces.reports.checked import Checked

_WORDS = {"error": "error", "warning": "warning", "info": "notice"}


def to_github(checked: Checked) -> str:
    """Return one command a new finding, each on one line.

    >>> _escaped("50 % of a,b:\\nc", property=True)
    '50 %25 of a%2Cb%3A%0Ac'
    """
    return "\n".join(_commands(checked))


def _commands(checked: Checked) -> Iterator[str]:
    for one in checked.fresh:
        keys = [("file", "line", "col"), one.location or (None, None, None)]
        given = [(key, value) for key, value in zip(*keys, strict=True) if value is not None]
        given.append(("title", f"{one.code} {one.subject}"))
        properties = ",".join(f"{key}={_escaped(str(value), property=True)}" for key, value in given)
        yield f"::{_WORDS[one.severity]} {properties}::{_escaped(_message(one))}"


def _message(finding: Finding) -> str:
    return f"{finding.subject}: {finding.message}{f'; {finding.fix}' if finding.fix else ''}"


def _escaped(text: str, property: bool = False) -> str:
    pairs = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")]
    pairs += [(":", "%3A"), (",", "%2C")] if property else []
    for sign, code in pairs:
        text = text.replace(sign, code)
    return one_line(text)
