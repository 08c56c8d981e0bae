"""Tell which ids a place in a document asks for, from the words before it: it is being written."""

from __future__ import annotations

import re
from collections.abc import Mapping

import attrs

from okrcore.documents.layout import SECTIONS

FIELDS: Mapping[str, tuple[str, ...]] = {
    "after": ("milestones",),
    "continues": ("objectives", "key_results"),
    "contributes_to": ("objectives",),
    "cycle": ("cycles",),
    "guards": ("objectives",),
    "initiative": ("initiatives",),
    "lead": ("owners",),
    "measured_by": ("kpis", "key_results"),
    "milestone": ("milestones",),
    "objective": ("objectives",),
    "of": ("teams", "owners"),
    "owner": ("owners",),
    "parent": ("teams",),
    "sample": ("kpis",),
    "sides": ("key_results", "kpis", "objectives", "initiatives", "owners", "teams"),
    "source": ("initiatives", "kpis"),
    "subject": ("kpis", "key_results", "initiatives"),
    "target": ("kpis", "key_results"),
    "team": ("teams",),
    "to": ("objectives",),
    "watchers": ("teams",),
}
"""The key before a place -> the parts of a portfolio whose ids may stand there."""

_ONLY_IN = {"source": "links", "target": "links", "subject": "tolerances", "sides": "tolerances"}
_INPUTS = ("kpis", "key_results")
_LONGEST = 5000
"""So many characters before a place are looked at."""

_COMMENT = re.compile(r"^(?:[^\"'#]|\"[^\"]*+\"|'[^']*+'|(?<=\S)#)*+(?<!\S)#")
_HEADER = re.compile(r"^\[{1,2}(?:[\w-]+\.)*+([\w-]+)\]", re.MULTILINE)
_BEGUN = re.compile(r"[^\s,\[\]{}\"'#]*+$")
_KEY = re.compile(r"[\"']?([A-Za-z_]\w*)[\"']?[ \t]*[:=][ \t]*$")
_SECTION = re.compile(r"^(?:\[{1,2}(?:\w+\.)*|[ ]{0,2}\"|)([a-z_]+)(?:\]{1,2}|\"?[ \t]*:)", re.MULTILINE)
_ENTRY = re.compile(r"(?m)^([ \t]*)-[ \t]+[\"']?$")


@attrs.frozen
class Wanted:
    """What may stand at a place: ids of these parts of a portfolio, in place of what begins at `begin`."""

    parts: tuple[str, ...]
    begin: int
    quoted: bool


def wanted(text: str, offset: int) -> Wanted | None:
    """Return which ids may stand at an offset of a document, readable or not; None where none may.

    >>> text = "teams:\\n  - {id: a, parent: "
    >>> wanted(text, len(text)).parts
    ('teams',)
    """
    text = text[max(0, offset - _LONGEST) : offset]
    line = text[text.rfind("\n") + 1 :]
    if _COMMENT.search(line):
        return None
    begun = _BEGUN.search(line)
    length = len(begun[0]) if begun else 0
    before = text[: len(text) - length]
    quoted = before[-1:] in ('"', "'")
    before = before.rstrip("\"'") if quoted else before
    key = _key(before)
    section = next((name for name in reversed(_SECTION.findall(before)) if name in _TOPS), None)
    parts = () if key is None else _parts(key, section)
    if not parts and key is not None and _holder(before) == "inputs":
        parts = _INPUTS
    return Wanted(parts, offset - length, quoted) if parts else None


_TOPS = frozenset((*SECTIONS, "priorities", "calendar", "units", "rates"))


def _parts(key: str, section: str | None) -> tuple[str, ...]:
    if key == "to" and section == "priorities":
        return ("owners",)
    if section is not None and _ONLY_IN.get(key, section) != section:
        return ()
    return FIELDS.get(key, ())


def _key(before: str) -> str | None:
    """Return the key whose value, or an entry of whose list, begins where the text ends."""
    if match := _KEY.search(before):
        return match[1]
    if match := _ENTRY.search(before):
        return _above(before[: match.start()], len(match[1]))
    opened = _opened(before)
    if opened is not None and before[opened] == "[":
        match = _KEY.search(before[:opened])
        return match[1] if match else None
    return None


def _holder(before: str) -> str | None:
    """Return the key of the mapping that a key, which ends the text, stands in."""
    opened = _opened(before)
    if opened is not None and before[opened] == "{":
        match = _KEY.search(before[:opened])
        return match[1] if match else None
    line = before[before.rfind("\n") + 1 :]
    indent = len(line) - len(line.lstrip())
    if indent:
        return _above(before[: before.rfind("\n") + 1], indent - 1)
    headers = _HEADER.findall(before)
    return headers[-1] if headers else None


def _above(before: str, indent: int) -> str | None:
    """Return the key alone on the nearest line above that is indented no deeper."""
    for line in reversed(before.split("\n")):
        bare = line.lstrip(" ")
        depth = len(line) - len(bare)
        if depth > indent or not bare.strip() or bare[0] == "#" or (bare[0] == "-" and depth == indent):
            continue
        match = _KEY.search(bare.split(" #")[0].rstrip())
        return match[1] if match else None
    return None


def _opened(text: str) -> int | None:
    """Return the offset of the last bracket that is not closed."""
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        if text[at] in "]}":
            depth += 1
        elif text[at] in "[{":
            if not depth:
                return at
            depth -= 1
    return None
