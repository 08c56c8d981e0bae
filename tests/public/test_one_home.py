"""Each derived fact has one home: a second one is noticed here."""

from __future__ import annotations

import re

import pytest

from tests.support.paths import ROOT

SOURCE = ROOT / "src" / "okrcore"
HOMES = [
    # what is looked for, as a pattern of one line; the files, or folders, that may hold it
    (r"html\.escape\(", ["display/"]),
    (r"date(?:time)?\(1970,", ["definitions/days.py"]),
    (r"date(?:time)?\(2001, 1, 1", ["definitions/days.py"]),
    (r"EPOCH\) // ", ["definitions/days.py"]),
    (r"86_?400_?000_?000", ["definitions/days.py"]),
    (r"30\.4375|91\.3125|365\.25", ["definitions/days.py"]),
    (
        r"""["']latest["'], *["']sum["'], *["']mean["']|["']mean["']: (np|lambda)""",
        ["definitions/aggregates.py"],
    ),
    (r"\.reduceat\(", ["definitions/aggregates.py", "scoring/graph.py"]),
]


@pytest.mark.parametrize(("pattern", "homes"), HOMES)
def test_nowhere_else(pattern: str, homes: list[str]) -> None:
    found = {
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if any(re.search(pattern, line) for line in path.read_text("utf-8").splitlines())
    }
    assert found, f"nothing matches {pattern!r}; the pattern or its row is out of date"
    assert not {path for path in found if not path.startswith(tuple(homes))}
