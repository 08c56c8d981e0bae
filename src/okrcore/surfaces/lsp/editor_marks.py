"""Mark what is wrong in documents where it stands: faults, findings, and waivers that waive nothing."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator

import attrs

from okrcore.errors import OkrError, Problem
from okrcore.findings import Location
from okrcore.governance.pages import page_address
from okrcore.governance.rule import Severity
from okrcore.surfaces.lsp.text_positions import Span, TextLines
from okrcore.surfaces.reports import Checked


@attrs.frozen(kw_only=True)
class EditorMark:
    """What is said at a place of a file; `page` is where more is said, "" for nowhere."""

    file: str
    line: int | None
    column: int | None
    message: str
    severity: Severity
    code: str
    page: str = ""
    unnecessary: bool = False

    def span(self, lines: TextLines) -> Span:
        """Return what is marked of the file's lines."""
        return lines.span(self.line, self.column)


def of_problems(problems: Iterable[Problem]) -> Iterator[EditorMark]:
    """Yield a mark for each problem that has a file."""
    for one in problems:
        if one.file is not None:
            kind = (one.kind or OkrError).__name__
            path = f"{one.path}: " if one.path else ""
            yield EditorMark(
                file=one.file,
                line=one.line,
                column=one.column,
                message=f"{path}{one.message}",
                severity="error",
                code=kind,
            )


def of_check(checked: Checked) -> Iterator[EditorMark]:
    """Yield a mark for each new finding, and each waiver in a document that silences nothing."""
    for one in checked.fresh:
        file, line, column = _absolute(one.location)
        yield EditorMark(
            file=file,
            line=line,
            column=column,
            message=f"{one.subject}: {one.message}{f'; {one.fix}' if one.fix else ''}",
            severity=one.severity,
            code=one.code,
            page=page_address(one.code, checked.pages) or "",
        )
    for ignore, told in checked.idle_waivers:
        if ignore.location is not None:
            file, line, column = _absolute(ignore.location)
            yield EditorMark(
                file=file,
                line=line,
                column=column,
                message=told,
                severity="warning",
                code=ignore.code,
                page=page_address(ignore.code, checked.pages) or "",
                unnecessary=True,
            )


def _absolute(location: Location | None) -> Location:
    file, line, column = location or ("", None, None)
    return os.path.realpath(file) if file else "", line, column
