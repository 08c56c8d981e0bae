"""Dialects as values: published numbers of other systems, restated, and what the page about them says."""

from __future__ import annotations

import doctest
import pickle
import subprocess
import sys

import attrs
import pytest

from okrcore import Band, ScoringPolicy, Target, compile_portfolio, progress, roll_up, status
from okrcore.definitions.cycle import Cycle
from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.portfolio import Portfolio
from okrcore.scoring.dialects import DIALECTS
from okrcore.scoring.scoring_policy import STATUSES, ZONES
from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "reference" / "dialects.md"


def score(system: str, start: float, goal: float, value: float | None) -> float:
    """Return the score as the system shows it, as a fraction."""
    cycle = Cycle.year(2026)
    objective = Objective(id="o", title="", cycle=cycle.id)
    result = KeyResult(id="k", objective="o", title="", measure=Target(start, goal))
    compiled = compile_portfolio(Portfolio.of(cycle, objective, result))
    return float(compiled.score([float("nan") if value is None else value], DIALECTS[system]).key_results[0])


@pytest.mark.parametrize(
    ("system", "start", "goal", "value", "shown"),
    [
        ("okr-tracker", 0, 100, 150, 1.5),
        ("okr-tracker", 20, 100, 0, -0.25),
        ("okr-tracker", 100, 0, None, 0.0),
        ("okr-tracker (backend)", 20, 100, -20, 0.0),
        ("Operately", 10, 10, 5, 0.0),
        ("Leantime", 0, 100, -20, 0.0),
        ("business-as-code", 50, 50, 50, 1.0),
        ("business-as-code", 0, 100, None, 0.0),
        ("puzzle/okr", 0, -100, -70, 0.7),
        ("puzzle/okr", 0, 100, -1, 0.0),
        ("OpenOKR KPI Tree Studio", 14.2, 6, 7.8, 0.78),
        ("OpenOKR KPI Tree Studio", 61, 78, 73, 0.71),
        ("Quantive (Gtmhub)", 100, 60, 50, 1.25),
        ("Ally.io / Viva Goals", 3, 0, 1, 0.7),
        ("Red Hat Research", 3000, 6000, 5000, 0.66),
    ],
)
def test_published_progress(
    system: str, start: float, goal: float, value: float | None, shown: float
) -> None:
    assert score(system, start, goal, value) == pytest.approx(shown, abs=1e-12)


@pytest.mark.parametrize(
    ("system", "gone", "expected", "word"),
    [
        ("BurningOKR", 0.5, 0.5, "OnTrack"),
        ("BurningOKR", 0.25, 0.5, "InDanger"),
        ("UpRaise", 0.95, 1.0, "on track"),
        ("UpRaise", 0.74, 1.0, "at risk"),
        ("Oboard", 0.15, 0.40, "at risk"),
        ("Engagedly", 0.40, 0.50, "ON TRACK"),
        ("Engagedly", 0.335, 0.50, "BEHIND"),
        ("Engagedly", 1.00, 0.50, "ACHIEVED"),
        ("Mooncamp", 0.50, 0.50, "On Track"),
        ("Mooncamp", 0.50, 1.00, "Off Track"),
        ("Atlassian Goals", 0.6, 1.0, "at risk"),
        ("Atlassian Goals", 0.7, 1.0, "on track"),
        ("Qulture.Rocks", 0.333, 1.0, "red"),
        ("ServiceNow SPW", 0.88, 1.0, "Yellow"),
        ("frappe/hrms", 0.0, 1.0, "Pending"),
        ("frappe/hrms", 0.5, 1.0, "In Progress"),
        ("frappe/hrms", 1.0, 1.0, "Completed"),
    ],
)
def test_published_statuses(system: str, gone: float, expected: float, word: str) -> None:
    dialect = DIALECTS[system]
    assert dialect.word(status(gone, expected, dialect)) == word


def test_published_roll_ups() -> None:
    assert roll_up([], DIALECTS["ShamanR/okrs"]).score == 0
    assert roll_up([(0.5, 0)], DIALECTS["ShamanR/okrs"]).score == 0
    assert roll_up([], DIALECTS["Lattice"]).score is None
    assert roll_up([(0.5, 1), (1.0, 3)], DIALECTS["okr-tracker (backend)"]).score == 0.875
    assert roll_up([(1.5, 1), (0.0, 1), (0.0, 1)], DIALECTS["Mooncamp"]).score == pytest.approx(0.33)


def test_published_bands() -> None:
    assert progress(Band(high=25), 25, DIALECTS["Quantive (Gtmhub)"]) == 0
    assert progress(Band(high=5), 5, DIALECTS["Ever Gauzy"]) == 1
    assert progress(Band(high=1), 0.25, DIALECTS["Profit.co, distance from target"]) == 1.75
    assert progress(Band(5, 5, tolerance=5), 6, DIALECTS["Qulture.Rocks"]) == pytest.approx(0.8)


def test_dialects_are_policies_and_cannot_be_changed() -> None:
    assert all(isinstance(policy, ScoringPolicy) for policy in DIALECTS.values())
    with pytest.raises(TypeError, match="frozen"):
        DIALECTS["mine"] = ScoringPolicy()  # type: ignore[index]
    assert pickle.loads(pickle.dumps(DIALECTS)) == DIALECTS


def test_words_are_for_statuses_and_zones() -> None:
    known = {*STATUSES, *ZONES, "recovering"}
    for name, policy in DIALECTS.items():
        assert set(policy.words) <= known, name


def test_reading_dialects_imports_nothing_heavy() -> None:
    code = "import sys, okrcore.scoring.dialects; print({'numpy', 'pint', 'yaml'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"


def row(name: str, policy: ScoringPolicy) -> str:
    """Return the line of the page's table for one dialect."""
    default = ScoringPolicy()
    changed = {
        field.name: getattr(policy, field.name)
        for field in attrs.fields(ScoringPolicy)
        if field.name != "words" and getattr(policy, field.name) != getattr(default, field.name)
    }
    knobs = ", ".join(f"`{key}={value!r}`" for key, value in changed.items()) or "the default"
    words = ", ".join(f"{standard}: {word}" for standard, word in policy.words.items())
    return f"| {name} | {knobs} | {words} |".replace("|  |", "| |")


def test_the_page_lists_every_dialect_as_it_is() -> None:
    rows = [
        row(name, policy) for name, policy in sorted(DIALECTS.items(), key=lambda pair: pair[0].casefold())
    ]
    table = PAGE.read_text("utf-8").partition("| system | knobs | words |")[2]
    listed = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert listed == rows


def test_the_page_runs() -> None:
    result = doctest.testfile(str(PAGE), module_relative=False, optionflags=doctest.NORMALIZE_WHITESPACE)
    assert result.attempted > 5
    assert result.failed == 0
