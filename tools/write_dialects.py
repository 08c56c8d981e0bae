"""Write docs/reference/each-dialect.md: what each sets, and what it makes of cases. Run: make pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import nan
from pathlib import Path

import attrs

import okrcore as okr
from okrcore.scoring.dialects import DIALECTS
from okrcore.scoring.scoring_policy import ScoringPolicy

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "each-dialect.md"
OPENING = """\
# Each dialect

What each [dialect](dialects.md) sets beside [our default](#the-default), and what it makes of the same cases.
`make pages` writes this page from the code: each number on it is computed by the policy that it stands under.
"""
DEFAULT = ScoringPolicy()
CYCLE = okr.Cycle.year(2026)
VALUES = [
    ("150 of 0 to 100", okr.Target(0, 100), 150.0),
    ("-20 of 0 to 100", okr.Target(0, 100), -20.0),
    ("66.6 of 0 to 100", okr.Target(0, 100), 66.6),
    ("no value", okr.Target(0, 100), nan),
    ("5, where start and goal are 10", okr.Target(10, 10, direction="at_least"), 5.0),
]
PACES = [(0.48, 0.5), (0.4, 0.5), (0.2, 0.5), (0.02, 0.05)]


def page() -> str:
    """Return the text of the page."""
    names = sorted(DIALECTS, key=str.casefold)
    parts = [OPENING, *_section("The default", DEFAULT)]
    for name in names:
        parts += _section(name, DIALECTS[name])
    return "\n".join(parts)


def _section(name: str, policy: ScoringPolicy) -> Iterator[str]:
    yield from (f"## {name}", "")
    changed = [
        field.name
        for field in attrs.fields(ScoringPolicy)
        if field.name != "words" and getattr(policy, field.name) != getattr(DEFAULT, field.name)
    ]
    if policy is not DEFAULT:
        yield f'```python\nokr.DIALECTS["{name}"]\n```\n'
    if changed:
        yield from ("| knob | here | default |", "| --- | --- | --- |")
        for knob in changed:
            yield f"| `{knob}` | `{getattr(policy, knob)!r}` | `{getattr(DEFAULT, knob)!r}` |"
        yield ""
        yield from (f"- {meaning}" for meaning in dict.fromkeys(map(_meaning, changed)))
        yield ""
    elif policy is not DEFAULT:
        yield "Nothing that its makers publish about scores differs from the default.\n"
    if changed or policy.words or policy is DEFAULT:
        yield from ("| case | score |", "| --- | --- |")
        yield from (f"| {case} | {_score(measure, value, policy)} |" for case, measure, value in VALUES)
        yield ""
        yield from ("| progress, and what is expected | status |", "| --- | --- |")
        for gone, due in PACES:
            yield f"| {gone:.0%} of {due:.0%} | {policy.word(okr.status(gone, due, policy))} |"
        yield ""


def _score(measure: okr.Target, value: float, policy: ScoringPolicy) -> str:
    goal = okr.Objective(id="o", title="", cycle=CYCLE.id)
    key_result = okr.KeyResult(id="k", objective="o", title="", measure=measure)
    compiled = okr.compile_portfolio(okr.Portfolio.of(CYCLE, goal, key_result))
    score = float(compiled.score([value], policy).key_results[0])
    return "unknown" if score != score else f"{score:g}"


def _meaning(knob: str) -> str:
    """Return the line of the policy's own text that names the knob."""
    text = " ".join((ScoringPolicy.__doc__ or "").split())
    line = next(line for line in text.split(" * ")[1:] if f"`{knob}`" in line)
    return re.sub(r" (Raises|>>>).*", "", line).strip(" ;.") + "."


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
