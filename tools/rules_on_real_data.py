"""Every rule asked of every real catalogue: how often it fires, as a table for the docs. Run: make pages."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from tests.support.real_catalogues import DATA, SETS, real

import okrcore as okr
from okrcore.governance.checking import check_in_full

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "rules" / "real-data.md"
HEAD = """\
# How often each rule fires on real data

Made by `make pages` from public catalogues and the two stories, by the policy STRICT; `-` where an input that
the rule needs was not there. Below each name stands how many definitions there are. Read it as a portrait of
what is common, and as a check that no rule fires on noise: a count near the number of definitions is a way of
working that the organisation does not share, such as KPIs without owners, or something that an export leaves
out.
"""


def counts(name: str) -> tuple[int, dict[str, int | None]]:
    """Return the number of definitions of a set, and how often each rule fires, None where it is skipped."""
    found = real(name)
    history = found.history if len(found.history) else None
    journal = found.journal if len(found.journal) else None
    result = check_in_full(found.portfolio, history, as_of=found.as_of, policy=okr.STRICT, journal=journal)
    fired = Counter(one.code for one in result.findings)
    skipped = {one.code for one in result.skipped}
    return len(found.portfolio), {
        rule.code: None if rule.code in skipped else fired[rule.code] for rule in okr.STRICT.rules
    }


def page() -> str:
    """Return the page: one row a rule, one column a set."""
    columns = {name: counts(name) for name in SETS}
    names = " | ".join(name.replace("_", " ") for name in columns)
    sizes = " | ".join(f"*{size:,}*" for size, _ in columns.values())
    lines = [
        HEAD,
        f"| rule | {names} |",
        f"| --- | {' | '.join('---:' for _ in columns)} |",
        f"| | {sizes} |",
    ]
    for rule in okr.STRICT.rules:
        cells = [found[rule.code] for _, found in columns.values()]
        shown = " | ".join("-" if cell is None else str(cell) if cell else "" for cell in cells)
        lines.append(f"| [{rule.code}]({rule.code}.md) {rule.name} | {shown} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    if DATA.exists():
        PAGE.write_text(page(), "utf-8")
        print(PAGE)
    else:
        print(f"{DATA} is not there; the page stays as it is")
