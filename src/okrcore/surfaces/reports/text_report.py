"""Report a check as text: each finding with its place, its line and a caret, and what to do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache

from okrcore.display import counted, one_line, width, wrapped
from okrcore.documents.nodes import Limits
from okrcore.documents.source_text import decode, read_bytes
from okrcore.findings import Finding, place_text
from okrcore.governance.rule import INPUTS, SEVERITIES
from okrcore.surfaces.reports.checked import Checked

WIDTH = 100
_OPTIONS = {
    "history": "--history FILE",
    "journal": "--journal FILE",
    "records": "--history FILE",
    "declarations": "a ledger as FILE, or --against OLD",
}
_AFTER = 20  # so much of a line is shown behind the column at least
SHOWN = 3
"""So many findings of one cause are told one by one; of more, the first of them, once, with their number."""
MANY = 20
"""With more findings than this the summary says what to do, cause by cause."""


def to_text(checked: Checked) -> str:
    """Return the report that `okrcore check` prints."""
    read = cache(_lines)
    parts = []
    for causes in _by_cause(checked.fresh):
        if len(causes) > SHOWN:
            parts.append("\n".join(_together(causes, checked)) + "\n")
        else:
            parts += ["\n".join(_finding(one, checked, read)) + "\n" for one in causes]
    return "\n".join([*parts, *_summary(checked)])


def excerpt(finding: Finding, lines: tuple[str, ...]) -> list[str]:
    """Return the line that a finding is about, numbered, with a caret below; nothing where it is unknown.

    Of a long line the part around the column is shown, so that the cost of a report goes with its findings.
    """
    _, line, column = finding.location or ("", None, None)
    if line is None or not 1 <= line <= len(lines):
        return []
    text = lines[line - 1]
    at = len(text) - len(text.lstrip()) if column is None else min(column - 1, len(text))
    begin = 0 if at < WIDTH - _AFTER else at - WIDTH // 2
    before, rest = one_line(text[begin:at]), one_line(text[at : begin + WIDTH])
    before = f"...{before}" if begin else before
    length = width(rest.split(",")[0].split("}")[0].split(" ")[0])
    number, gap = str(line), " " * len(str(line))
    caret = " " * width(before) + "^" * max(1, length)
    return [f"{gap} |", f"{number} | {(before + rest).rstrip()}", f"{gap} | {caret}"]


def _by_cause(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings of one cause together: those of one rule that are mended in one way."""
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for one in findings:
        found.setdefault((one.code, one.severity, one.fix), []).append(one)
    return list(found.values())


def _together(findings: Sequence[Finding], checked: Checked) -> Iterator[str]:
    """Tell a cause once: how often, the first few places, and what to do."""
    first = findings[0]
    yield one_line(f"{first.severity} {_named(first, checked)}: {len(findings)} findings")
    for one in findings[:SHOWN]:
        place = place_text(one.location)
        yield from _indented(
            wrapped(f"{place + ': ' if place else ''}{one.subject}: {one.message}", WIDTH - 4)
        )
    yield f"  and {len(findings) - SHOWN} more; --format json tells each"
    if first.fix:
        yield from _indented(wrapped(f"fix: {first.fix}", WIDTH - 4))


def _named(finding: Finding, checked: Checked) -> str:
    rule = next((one for one in checked.policy.rules if one.code == finding.code), None)
    return f"{finding.code} {rule.name}" if rule else finding.code


def _finding(finding: Finding, checked: Checked, read: object) -> Iterator[str]:
    file, place = (finding.location or ("",))[0], place_text(finding.location)
    yield one_line(f"{place + ': ' if place else ''}{finding.severity} {_named(finding, checked)}")
    yield from _indented(excerpt(finding, read(file) if callable(read) and file else ()))
    yield from _indented(wrapped(f"{finding.subject}: {finding.message}", WIDTH - 4))
    if finding.fix:
        yield from _indented(wrapped(f"fix: {finding.fix}", WIDTH - 4))


def _indented(lines: list[str]) -> list[str]:
    return [f"  {line}".rstrip() for line in lines]


def _lines(file: str) -> tuple[str, ...]:
    """Return the lines of a file as its readers count them: they end at line feeds alone."""
    try:
        return tuple(decode(read_bytes(file, Limits().max_bytes)).split("\n"))
    except OSError:
        return ()


def _next(findings: Iterable[Finding]) -> Iterator[str]:
    """Say in a line each what to do, the worst and most frequent causes first."""
    causes = sorted(_by_cause(findings), key=lambda one: (SEVERITIES.index(one[0].severity), -len(one)))
    yield "What to do, the worst and most frequent first:"
    for found in causes:
        yield one_line(f"  {found[0].code} {len(found):>4}  {found[0].fix or found[0].message}")


def _summary(checked: Checked) -> Iterator[str]:
    result = checked.result
    counts = Counter(one.severity for one in checked.fresh)
    parts = ", ".join(counted(counts[word], word) for word in ("error", "warning") if counts[word])
    parts += f"{', ' if parts else ''}{counts['info']} info" if counts["info"] else ""
    asked = f"{counted(len(result.asked), 'rule')} asked as of {checked.as_of}"
    total = counted(len(checked.fresh), "finding")
    yield f"{total} ({parts}); {asked}" if parts else f"No findings; {asked}"
    if len(checked.fresh) > MANY:
        yield from _next(checked.fresh)
    if checked.accepted:
        yield f"{counted(len(checked.accepted), 'finding')} accepted by the baseline"
    if checked.gone:
        gone = counted(sum(checked.gone.values()), "accepted finding")
        yield f"{gone} no longer there; lock that in with --write-baseline"
    for waived in result.ignored:
        until = f" until {waived.ignore.until}" if waived.ignore.until else ""
        found = waived.finding
        yield one_line(f"ignored{until}: {found.code} {found.subject}: {waived.ignore.reason}")
    for ignore, told in checked.idle_waivers:
        place = place_text(ignore.location)
        yield one_line(f"{place}: {told}" if place else told)
    needs: dict[tuple[str, ...], list[str]] = {}
    for skipped in result.skipped:
        needs.setdefault(skipped.needs, []).append(skipped.code)
    for names, codes in sorted(needs.items()):
        inputs = " and ".join(INPUTS[name] for name in names)
        options = " ".join(dict.fromkeys(_OPTIONS[name] for name in names))
        yield from wrapped(f"not asked without {inputs} ({options}): {', '.join(codes)}", WIDTH)
