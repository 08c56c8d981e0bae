"""Report a check as workflow commands, which GitHub shows as annotations on the changed lines."""

from __future__ import annotations

from collections.abc import Iterator

from okrcore.display import one_line
from okrcore.findings import Finding, Location
from okrcore.surfaces.reports.checked import Checked

_WORDS = {"error": "error", "warning": "warning", "info": "notice"}


def to_github(checked: Checked) -> str:
    """Return one command a new finding, or waiver in a document that silences nothing, each on one line.

    >>> _escaped("50 % of a,b:\\nc", property=True)
    '50 %25 of a%2Cb%3A%0Ac'
    """
    return "\n".join(_commands(checked))


def _commands(checked: Checked) -> Iterator[str]:
    for one in checked.fresh:
        yield _command(_WORDS[one.severity], one.location, f"{one.code} {one.subject}", _message(one))
    for ignore, told in checked.idle_waivers:
        if ignore.location is not None:
            yield _command("warning", ignore.location, f"waiver of {ignore.code}", told)


def _command(word: str, location: Location | None, title: str, message: str) -> str:
    keys = [("file", "line", "col"), location or (None, None, None)]
    given = [(key, value) for key, value in zip(*keys, strict=True) if value is not None]
    given.append(("title", title))
    properties = ",".join(f"{key}={_escaped(str(value), property=True)}" for key, value in given)
    return f"::{word} {properties}::{_escaped(message)}"


def _message(finding: Finding) -> str:
    return f"{finding.subject}: {finding.message}{f'; {finding.fix}' if finding.fix else ''}"


def _escaped(text: str, property: bool = False) -> str:
    pairs = [("%", "%25"), ("\r", "%0D"), ("\n", "%0A")]
    pairs += [(":", "%3A"), (",", "%2C")] if property else []
    for sign, code in pairs:
        text = text.replace(sign, code)
    return one_line(text)
