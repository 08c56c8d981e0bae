"""Each derived fact has one home: a second one is noticed here."""

from __future__ import annotations

import re

import pytest

from tests.support.paths import ROOT

SOURCE = ROOT / "src" / "okrcore"
HOMES = [
    # what is looked for, as a pattern of one line; the files, or folders, that may hold it (none: it is gone)
    (r"html\.escape\(", ["display/tags.py"]),
    (r":\.?\d*%\}", []),  # a percent sign stands after a space, and nothing is rounded onto an end
    (r"percent\([^)]*score", ["scoring/scoring_policy.py", "declarations/amendment.py"]),
    (r"\.start or dt\.date\.min|\.end or dt\.date\.max", []),
    (r"\bHtml\(", ["display/tags.py", "display/stylesheet.py"]),
    (r"\|safe|<script", []),
    (r"\"#[0-9a-fA-F]{3,8}\"", ["display/palette.py"]),
    (r"date(?:time)?\(1970,", ["definitions/days.py"]),
    (r"date(?:time)?\(2001, 1, 1", ["definitions/days.py"]),
    (r"EPOCH\) // ", ["definitions/days.py"]),
    (r"86_?400_?000_?000", ["definitions/days.py"]),
    (r"\.date\(\) if isinstance\(", ["definitions/days.py"]),
    (r"FrozenDict\(\w+\) if isinstance", ["frozen.py"]),
    (r"\[:40\]\} \.\.\. ", ["priorities/s_feel_literals.py"]),
    (r"30\.4375|91\.3125|365\.25", ["definitions/days.py"]),
    (
        r"""["']latest["'], *["']sum["'], *["']mean["']|["']mean["']: (np|lambda)""",
        ["definitions/aggregates.py"],
    ),
    # units, cadence, direction, team, cycle and due day of a definition; who belongs to whom; walks of graphs
    (r"\"higher\": -?1|-?1: \"higher\"", ["definitions/derived.py", "definitions/kpis.py"]),
    (r"direction=str\(\)|at_least\": 1", ["definitions/measures.py"]),
    (r"\[[\w.]*\.measured_by\]|\.measured_by or ", ["definitions/derived.py"]),
    (r"\.unit or \(|\.unit if kpi else", []),
    (r"\.cadence or |\.cadence if kpi", ["definitions/formulas.py"]),
    (r"\[[\w.]*owner\]\.team|\.team or ", ["definitions/derived.py"]),
    (r"\.due or (?!ANCHOR)\w+\.end|\"due\", None\) or", []),
    (r"\[[\w.]*\[[\w.]+\.objective\]\.cycle\]", []),
    (r"low\[\w+\] == seen\[\w+\]", ["definitions/digraph.py"]),
    (r"height\[\w+\] (\+ 1|= level)", ["definitions/digraph.py"]),
    (r"def _?circles\(e", ["definitions/digraph.py"]),
    (r"setdefault\(\w+\.(objective|measured_by|initiative|source|target), \[", []),
    (r"\(\w+\.to, ", ["definitions/relations.py"]),
    (r"at_least\(0\)$", ["conflicts/supply.py"]),
    (r"def _?to_id\b|def _?(to|is)_id_or_empty", ["definitions/fields.py"]),
    (r"f\"\{[\w.]+\}->\{", ["definitions/joined_ids.py", "surfaces/plots/strategy_plot.py"]),
    (r"f\"\{[\w.]+\}#", ["definitions/joined_ids.py"]),
    (r"achieved_at\[\w+\] for ", ["scoring/kernels.py"]),
    # one rule against many tests, one slope beside what else explains, one grammar of S-FEEL cells
    (r"\) / np\.arange\(1, |/ \(q \* ", ["statistics/multiplicity.py"]),
    (r"sqrt\(\w+ @ \w+ / ", ["statistics/regression.py"]),
    (r"\bnot\\s\*|<=\|>=\|<\||\\\\\]\|\\\\\.", ["priorities/s_feel_literals.py"]),
    (
        r"\.reduceat\(",
        [
            "definitions/aggregates.py",
            "history/formula_rows.py",
            "schedule/delays.py",
            "scoring/graph.py",
        ],
    ),
]


@pytest.mark.parametrize(("pattern", "homes"), HOMES)
def test_nowhere_else(pattern: str, homes: list[str]) -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if any(re.search(pattern, line) for line in path.read_text("utf-8").splitlines())
    }
    assert found or not homes, f"nothing matches {pattern!r}; the pattern or its row is out of date"
    assert not {path for path in found if not path.startswith(tuple(homes))}
