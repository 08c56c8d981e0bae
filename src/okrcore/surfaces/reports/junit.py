"""Report a check as JUnit XML, which most continuous integration shows: one case a rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape, quoteattr

from okrcore.definitions.codes import family_of
from okrcore.display import counted
from okrcore.findings import Finding, place_text
from okrcore.governance.rule import Rule
from okrcore.surfaces.reports.checked import Checked

_REFUSED = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 cannot hold."""


def to_junit(checked: Checked) -> str:
    """Return one suite: a case for each rule asked, failing where it found something new, or skipped.

    Where waivers in documents cover nothing a further case fails that names them.
    """
    found: dict[str, list[Finding]] = {}
    for one in checked.fresh:
        found.setdefault(one.code, []).append(one)
    absent = {one.code: one for one in checked.result.skipped}
    rules = [rule for rule in checked.policy.selected(None) if rule.code in {*checked.result.asked, *absent}]
    lines = [line for rule in rules for line in _case(rule, found.get(rule.code, []), absent.get(rule.code))]
    idle = [
        (one, told) for one, told in checked.idle_waivers if one in checked.result.unused and one.location
    ]
    lines += [_idle_case([f"{place_text(one.location)}: {told}" for one, told in idle])] if idle else []
    head = (
        f'<testsuite name="okrcore" tests="{len(rules) + bool(idle)}" failures="{len(found) + bool(idle)}"'
        f' errors="0"'
        f' skipped="{len(absent)}" time="0">'
    )
    return "\n".join(
        [
            '<?xml version="1.0" encoding="utf-8"?>',
            "<testsuites>",
            head,
            *lines,
            "</testsuite>",
            "</testsuites>",
        ]
    )


def _case(rule: Rule, findings: list[Finding], skipped: object) -> Iterator[str]:
    case = (
        f"<testcase classname={_attribute(f'okrcore.{family_of(rule.code)}')} name={_attribute(_named(rule))}"
    )
    if skipped is not None:
        yield f"{case}><skipped message={_attribute(str(skipped))}/></testcase>"
    elif not findings:
        yield f"{case}/>"
    else:
        worst = findings[0].severity
        message = f"{counted(len(findings), 'finding')} against the rule: {rule.summary}"
        body = escape(_clean("\n".join(map(_told, findings))))
        failure = f"<failure type={_attribute(worst)} message={_attribute(message)}>{body}</failure>"
        yield f"{case}>{failure}</testcase>"


def _idle_case(told: list[str]) -> str:
    body = escape(_clean("\n".join(told)))
    failure = f'<failure type="warning" message="waivers that cover nothing">{body}'
    return (
        f'<testcase classname="okrcore.waivers" name="waivers cover something">{failure}</failure></testcase>'
    )


def _named(rule: Rule) -> str:
    return f"{rule.code} {rule.name}"


def _told(finding: Finding) -> str:
    place = place_text(finding.location)
    return f"{place + ': ' if place else ''}{finding.subject}: {finding.message}; {finding.fix}".rstrip("; ")


def _attribute(text: str) -> str:
    return quoteattr(_clean(text), {"\n": "&#10;", "\t": "&#9;"})


def _clean(text: str) -> str:
    return _REFUSED.sub("\ufffd", text)
