"""Read the waivers that comments hold: findings that are accepted, each beside what it is about.

A comment says `okr: ignore OKR301, OKR302 until 2026-12-31, because ...`, on the line on which a definition
begins, on the line of its id, or above it. Beside the version key it is about the portfolio as a whole,
beside `priorities` about the table.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any

from okrcore.definitions.ignores import Ignore
from okrcore.documents.layout import VERSION_KEY
from okrcore.documents.nodes import Fields, Node, Scalar, Unreadable, descend
from okrcore.documents.scalar_nodes import BAD, date
from okrcore.documents.source_text import SourceText, shown

WHOLE = "portfolio"
"""The subject of findings about the portfolio as a whole."""

_FORM = "# okr: ignore CODE[, CODE] until DATE, because REASON"
_REMARK = re.compile(r"#[ \t]*okr:[ \t]*ignore\b", re.IGNORECASE)
_TOML = re.compile(
    r'"""(?:[^"\\]++|\\.|"(?!""))*+"{3,5}|'
    r"'''(?:[^']++|'(?!''))*+'{3,5}|"
    r'"(?:[^"\\\n]++|\\.)*+"|'
    r"'[^'\n]*+'|"
    r"#[^\n]*+",
    re.DOTALL,
)
_CODE = re.compile(r"[A-Z]{2,20}[0-9]{0,6}", re.ASCII)


def remarks(text: str, format: str) -> tuple[int, ...]:
    """Return the offsets of the comments in a readable text that mean to waive something.

    Cost: one search of the text; a text that holds such words is read once more.
    """
    found = [match.start() for match in _REMARK.finditer(text)]
    if not found or format == "json":
        return ()
    if format == "toml":
        comments = {match.start() for match in _TOML.finditer(text) if match[0].startswith("#")}
        return tuple(at for at in found if at in comments)
    begins, ends = _values(text)
    return tuple(at for at in found if (before := bisect_right(begins, at)) == 0 or ends[before - 1] <= at)


def _values(text: str) -> tuple[list[int], list[int]]:
    """Return where the values of a YAML text begin and end, in order."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    scalar: Any = yaml.ScalarEvent
    found = [one for one in yaml.parse(text, Loader=loader) if isinstance(one, scalar)]
    return [one.start_mark.index for one in found], [one.end_mark.index for one in found]


def waivers(
    sources: Iterable[SourceText], origins: Mapping[str, tuple[SourceText, Node]]
) -> tuple[Ignore, ...]:
    """Return what the comments of documents waive, each with its place; notes a fault for what says nothing.

    `origins` are the text and the node of each definition, by id.
    """
    found: list[Ignore] = []
    for source in sources:
        if source.remarks:
            beside = _beside(source, origins)
            for at in source.remarks:
                with suppress(Unreadable):
                    found += _read(source, at, beside)
    return tuple(found)


def _beside(source: SourceText, origins: Mapping[str, tuple[SourceText, Node]]) -> list[tuple[str, ...]]:
    """Return for each line the ids that a comment in it is about: those of the line, or of the one below."""
    lines = source.text.split("\n")
    ids: list[tuple[str, ...]] = [()] * (len(lines) + 1)

    def put(name: str, *offsets: int) -> None:
        for line in {source.place(at)[0] for at in offsets}:
            if line is not None:
                ids[line - 1] += (name,)

    for name, (home, node) in origins.items():
        if home is source:
            put(name, node.at, node.key_at, descend(node, "id").at)
    if isinstance(source.root, Fields) and VERSION_KEY in source.root.entries:
        put(WHOLE, source.root.entries[VERSION_KEY].key_at)
    for row in reversed(range(len(lines))):
        if lines[row].lstrip()[:1] in ("", "#"):
            ids[row] = ids[row + 1]
    return ids


def _read(source: SourceText, at: int, beside: Sequence[tuple[str, ...]]) -> Iterator[Ignore]:
    remark, end = _REMARK.match(source.text, at), source.text.find("\n", at)
    begin = remark.end() if remark else at
    words = " ".join(source.text[begin : end if end >= 0 else None].split())
    rest, _, reason = f" {words} ".partition(" because ")
    listed, _, until = rest.rstrip(" ,").partition(" until ")
    codes, day = listed.replace(",", " ").split(), date(Scalar(until.strip()))
    line, column = source.place(at)
    subjects = beside[(line or 1) - 1]
    if not codes or not all(map(_CODE.fullmatch, codes)):
        fault = f"names {shown(' '.join(codes))}, which is no code" if codes else "names no code"
    elif day is BAD:
        fault = f"holds until {shown(until.strip())}, which is no date" if until else "has no last day"
    elif not reason.strip():
        fault = "has no reason"
    elif not subjects:
        fault = "stands beside no definition; put it on the line where one begins, or right above that line"
    elif len(subjects) > 1:
        fault = f"is about one of {', '.join(map(repr, subjects[:5]))}; give each of them a line of its own"
    else:
        location = (source.name or "", line, column)
        for code in dict.fromkeys(codes):
            yield Ignore(code=code, reason=reason.strip(), until=day, subject=subjects[0], location=location)
        return
    source.fault(f"this waiver {fault}" if ";" in fault else f"this waiver {fault}; write {_FORM}", at)
