"""Collect verdicts as tests: a document holds rules, a rule holds its subjects."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest

from okrcore.definitions.ignores import Ignore
from okrcore.display import worded
from okrcore.errors import OkrError
from okrcore.findings import Finding, place_text
from okrcore.governance.rule import SEVERITIES, Rule
from okrcore.surfaces.pytest.by_subject import Verdict, joined
from okrcore.surfaces.pytest.options import Inputs


class BrokenError(Exception):
    """A rule does not hold; what it says is all there is to say."""


def collect(document: pytest.File, held: Inputs) -> Iterator[pytest.Item | pytest.Collector]:
    """Yield a collector a rule, or an item where the rule is told as a whole.

    What keeps the documents from being checked is raised for the first of them, and the others are empty.
    """
    if held.refused:
        return
    try:
        mine = _verdicts(document, held)
    except OkrError as error:
        held.refused = True
        raise document.CollectError(held.told(error)) from error
    for code, found in groupby(mine, key=attrgetter("rule.code")):
        listed = list(found)
        if document.config.getini("okr_items") == "rule":
            listed = [joined(listed)]
        for verdict in listed:
            if verdict.subject is None:
                yield RuleTest.from_parent(document, name=code, verdict=verdict, held=held)
        told = [verdict for verdict in listed if verdict.subject is not None]
        if told:
            yield RuleTests.from_parent(document, name=code, verdicts=told, held=held)


def _verdicts(document: pytest.File, held: Inputs) -> list[Verdict]:
    first = next(held.files(), document.path)
    mine = []
    for verdict in held.verdicts:
        place = held.place(verdict.subject or "")
        file = Path(place.file) if place and place.file else first
        if file == document.path:
            mine.append(verdict)
    return sorted(mine, key=attrgetter("rule.code"))


class RuleTests(pytest.Collector):
    """One rule of one document."""

    def __init__(self, *, verdicts: list[Verdict], held: Inputs, **more: Any) -> None:
        super().__init__(**more)
        self.verdicts, self.held = verdicts, held
        self.extra_keyword_matches.add(verdicts[0].rule.name)

    def collect(self) -> Iterator[pytest.Item]:
        """Yield an item a subject."""
        for verdict in self.verdicts:
            name = escaped(verdict.subject or "")
            yield RuleTest.from_parent(self, name=name, verdict=verdict, held=self.held)


class RuleTest(pytest.Item):
    """One rule and one subject; or one rule, where it was not asked or is told as a whole."""

    def __init__(self, *, verdict: Verdict, held: Inputs, **more: Any) -> None:
        super().__init__(**more)
        self.verdict, self.held = verdict, held
        if verdict.subject is None:
            self.extra_keyword_matches.add(verdict.rule.name)
        elif verdict.subject != self.name:
            self.extra_keyword_matches.add(verdict.subject)
        if verdict.skipped:
            self.add_marker(pytest.mark.skip(reason=verdict.skipped))
        if reason := self._waiver():
            self.add_marker(pytest.mark.xfail(reason=reason, strict=True, raises=BrokenError))

    def _waiver(self) -> str:
        """Return why the test is expected to fail, "" where it is not."""
        verdict = self.verdict
        if self._reported() or verdict.crash:
            return ""
        idle = [
            f"{one.reason} (covers nothing any more; remove the ignore{_at(one)})" for one in verdict.unused
        ]
        return "; ".join(idle or [one.reason for one in verdict.ignores])

    def _reported(self) -> tuple[Finding, ...]:
        """Return the findings that make the test fail."""
        worst = SEVERITIES[: SEVERITIES.index(self.config.getini("okr_fail_on")) + 1]
        return tuple(one for one in self.verdict.findings if one.severity in worst)

    def setup(self) -> None:
        """Say how the rule crashed, where it did."""
        if self.verdict.crash:
            pytest.fail(self.verdict.crash, pytrace=False)

    def runtest(self) -> None:
        """Fail where the rule does not hold; one that is waived is expected to."""
        reported, verdict = self._reported(), self.verdict
        if reported or (verdict.waived and not verdict.unused):
            raise BrokenError(self._text(reported or verdict.waived))
        if verdict.findings:
            self.add_report_section("call", "okrcore", self._text(verdict.findings))

    def _text(self, findings: Iterable[Finding]) -> str:
        lines = [line for finding in findings for line in self._told(finding)]
        late = [
            f"  the waiver{_at(one)} expired on {one.until}: {one.reason}" for one in self.verdict.expired
        ]
        return "\n".join([*lines, *late])

    def _told(self, finding: Finding) -> Iterator[str]:
        place = place_text(self._place(finding))
        yield f"{place}: {finding.code} {finding.severity}: {finding.subject}: {finding.message}"
        yield f"  {self.verdict.rule.name}: {self.verdict.rule.summary}"
        if finding.fix:
            yield f"  fix: {finding.fix}"
        if finding.evidence:
            yield f"  evidence: {', '.join(f'{name} {worded(value)}' for name, value in finding.evidence)}"

    def _place(self, finding: Finding) -> tuple[str, int | None, int | None]:
        if finding.location is not None:
            return finding.location
        place = self.held.place(finding.subject)
        line, column = (place.line, place.column) if place else (None, None)
        return os.path.relpath(self.path, self.config.invocation_params.dir), line, column

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """Return the text of what was found, without a traceback."""
        if not isinstance(excinfo.value, BrokenError):
            return super().repr_failure(excinfo, style)
        shown = super().repr_failure(excinfo, style="value")
        first = (self._reported() or self.verdict.waived)[0]
        file, line, _ = self._place(first)
        crash: Any = getattr(shown, "reprcrash", None)
        if crash is not None:
            crash.path, crash.lineno, crash.message = file, line or 1, f"{first.subject}: {first.message}"
        return shown

    def reportinfo(self) -> tuple[Path, int, str]:
        """Return where the subject is declared, and the test's title."""
        place = self.held.place(self.verdict.subject or "")
        rule: Rule = self.verdict.rule
        title = f"{rule.code} {rule.name}"
        about = f": {self.verdict.subject}" if self.verdict.subject else ""
        return self.path, (place.line or 1) - 1 if place else 0, title + about


def _at(ignore: Ignore) -> str:
    """Return where a document waives, as a part of a sentence; "" where none does."""
    place = place_text(ignore.location)
    return f" at {place}" if place else ""


def escaped(subject: str) -> str:
    """Return an id as pytest writes parameters: ASCII, and nothing in it that parts a test's name.

    >>> escaped("größe::a")
    'gr\\\\xf6\\\\xdfe\\\\x3a\\\\x3aa'
    """
    return subject.encode("unicode_escape").decode("ascii").replace("::", r"\x3a\x3a") or "-"
