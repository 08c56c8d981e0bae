"""Every published case in aim passes, every dialect is needed for it, and nothing unknown is guessed."""

from __future__ import annotations

import copy
import functools
import json
from pathlib import Path
from typing import Any

import attrs
import pytest
import run
import schedules
import tables
from okr_cases.counterexamples import is_counterexample
from okr_cases.vocabulary import VARIANTS, WITHOUT_KNOBS
from tests.support.paths import SHARED

from okrcore.scoring.dialects import DIALECTS

FOLDER = SHARED / "cases"
FILES = sorted(FOLDER.glob("*.json"))
shared = pytest.mark.skipif(
    not FILES, reason="the published cases are not beside this repository (../shared/cases)"
)

PASSED, SKIPPED = 239, 65


@functools.cache
def cases() -> list[dict[str, Any]]:
    return [case for file in FILES for case in json.loads(file.read_text("utf-8"))]


@functools.cache
def runnable() -> list[dict[str, Any]]:
    scored = [case for case in cases() if case["kind"] not in (*tables.KINDS, *schedules.KINDS)]
    plain = [case for case in scored if not is_counterexample(case["expected"])]
    return [case for case in plain if run.judge(case, str(FOLDER)).verdict == "passed"]


@shared
def test_every_visible_case_passes(capsys: pytest.CaptureFixture[str]) -> None:
    """S6: the dialects reproduce the published numbers; what is skipped has a reason."""
    assert run.main([str(file) for file in FILES]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == f"{PASSED} passed, 0 failed, {SKIPPED} skipped"
    skipped = [line.split(": ", 1) for line in lines[:-1]]
    assert sum(int(count.removeprefix("skipped ")) for count, _ in skipped) == SKIPPED
    known = ("out of aim", "goal-model propagation", "not a scoring case", "pairwise", "team defeat")
    assert all(reason.startswith(known) for _, reason in skipped)


def home(case: dict[str, Any]) -> str:
    """Return the name of the dialect that a case is scored by."""
    system: str = case["system"]
    return VARIANTS.get((system, case["kind"]), system)


# One knob of each dialect that another value breaks.
CHANGED: dict[str, dict[str, Any]] = {
    "okr-tracker": {"clamp": "unit"},
    "okr-tracker (backend)": {"clamp": "none"},
    "Operately": {"degenerate": "one"},
    "ShamanR/okrs": {"clamp": "none"},
    "Leantime": {"clamp": "floor"},
    "business-as-code": {"missing_value": "start"},
    "puzzle/okr": {"clamp": "none"},
    "OpenOKR KPI Tree Studio": {"rounding": (2, "floor")},
    "Quantive (Gtmhub)": {"inclusive": True},
    "Feedback4e": {"rounding": (0, "floor")},
    "Ally.io / Viva Goals": {"elapsed": "inclusive"},
    "Red Hat Research": {"rounding": (2, "half_up")},
    "BSC Designer": {"rounding": (1, "half_up")},
    "Ever Gauzy": {"band": "distance"},
    "frappe/hrms": {"rounding": (2, "half_up")},
    "Lattice": {"rounding": (1, "half_up")},
    "Synergita": {"rounding": (1, "half_up")},
    "Viva Goals": {"clamp": "cap", "cap": 0.5},
    "OKR by BOJA": {"rounding": (0, "floor")},
    "Perdoo": {"objective_status": "pace"},
    "BurningOKR": {"missing": "zero"},
    "Engagedly": {"on_track_gap": 0.05},
    "UpRaise": {"on_track": 0.99},
    "Oboard": {"at_risk": 0.3},
    "Mooncamp": {"early_until": 0.6},
    "Atlassian Goals": {"on_track": 0.8},
    "Qulture.Rocks": {"band": "latest"},
    "ServiceNow SPW": {"inclusive": False},
    "OpenOKR": {"inclusive": False},
    "OCA kpi": {"inclusive": False},
    "Profit.co": {"band": "share"},
    "Profit.co, distance from target": {"band": "distance"},
}

OVERLAP = {
    "id": "an example from the note: a shared endpoint is an overlap",
    "system": "OCA kpi",
    "kind": "ranges_valid",
    "inputs": {"ranges": [[1, 3], [3, 5]]},
    "expected": False,
}


def test_the_table_of_changes_names_every_dialect() -> None:
    assert set(CHANGED) == set(DIALECTS)


@shared
@pytest.mark.parametrize("name", DIALECTS)
def test_one_changed_knob_fails_a_case(name: str) -> None:
    """S6: every dialect is needed: with one knob changed its system's numbers do not come out."""
    mine = [case for case in [*runnable(), OVERLAP] if home(case) == name]
    changed = {**DIALECTS, name: attrs.evolve(DIALECTS[name], **CHANGED[name])}
    assert any(run.judge(case, str(FOLDER), changed).verdict == "failed" for case in mine)


def skipped(case: dict[str, Any], **changes: Any) -> bool:
    return run.judge({**case, **changes}, str(FOLDER)).verdict == "skipped"


@shared
def test_what_is_unknown_is_skipped_and_never_guessed() -> None:
    """S6: an unknown system, kind, key, policy value or word is no reason to guess."""
    words = 0
    for case in runnable():
        inputs = case["inputs"]
        assert skipped(case, system="Nobody's tool")
        assert skipped(case, kind="astrology")
        assert skipped(case, inputs={**inputs, "surprise": 1})
        if "policy" in inputs:
            policy = inputs["policy"]
            assert skipped(case, inputs={**inputs, "policy": {**policy, "surprise": 1}})
            for key in policy:
                assert skipped(case, inputs={**inputs, "policy": {**policy, key: "wobble"}}), (
                    case["id"],
                    key,
                )
        if isinstance(case["expected"], str):
            words += 1
            assert skipped(case, expected="purple")
        for key in ("children", "kpis", "stages", "checkpoints", "history"):
            if inputs.get(key):
                parts = [{**part, "surprise": 1} for part in inputs[key]]
                assert skipped(case, inputs={**inputs, key: parts}), case["id"]
        if "thresholds" in inputs:
            named = {**inputs["thresholds"], "surprise": 1}
            assert skipped(case, inputs={**inputs, "thresholds": named})
    assert words > 10


@shared
def test_another_setting_of_a_system_is_skipped() -> None:
    """A dialect is one setting of a system; a case about another says so, in its policy or thresholds."""
    by_id = {case["id"]: case for case in runnable()}
    tracker = copy.deepcopy(by_id["okr-tracker.linear-progress.04"])
    tracker["inputs"]["policy"]["clamp"] = "0..100"
    oboard = copy.deepcopy(by_id["oboard.pace-ratio.01"])
    oboard["inputs"]["thresholds"]["behind_at"] = 0.3
    reasons = [run.judge(case).text for case in (tracker, oboard)]
    assert reasons == [
        "policy clamp '0..100' is another setting than the dialect's",
        "threshold behind_at is another setting than the dialect's",
    ]


@shared
def test_a_rule_that_is_needed_and_not_stated_is_skipped() -> None:
    by_id = {case["id"]: case for case in runnable()}
    backend = by_id["okr-tracker-backend.linear-progress.05"]
    inputs = backend["inputs"]
    assert skipped(backend, inputs={**inputs, "current": None})
    assert skipped(backend, inputs={**inputs, "target": inputs["start"]})
    lattice = by_id["lattice.weighted-rollup.01"]
    assert skipped(lattice, inputs={"children": [], "policy": {"scale": "percent"}})
    weightless = [{"progress": 50, "weight": 0}]
    assert skipped(lattice, inputs={"children": weightless, "policy": {"scale": "percent"}})


@shared
def test_no_input_crashes_the_runner() -> None:
    """Whatever stands in a case file, a case ends in a verdict."""
    weird: list[Any] = [None, True, -1, 1e100, 10**400, "x", [], {}, [None], [{}], {"x": []}, [[1, 2, 3]]]
    for number, case in enumerate(cases()):
        for place, key in enumerate(case["inputs"]):
            value = weird[(number + place) % len(weird)]
            outcome = run.judge({**case, "inputs": {**case["inputs"], key: value}}, str(FOLDER))
            assert outcome.verdict in {"passed", "failed", "skipped"}
    for value in weird:
        assert run.judge(value).verdict == "skipped"


@shared
def test_a_wrong_number_fails_with_a_line_that_says_so() -> None:
    case = next(case for case in runnable() if case["id"] == "quantive.linear-progress.02")
    outcome = run.judge({**case, "expected": 75.001})
    assert (outcome.verdict, outcome.text) == (
        "failed",
        "quantive.linear-progress.02: expected 75.001, got 75.0",
    )


def test_files_that_cannot_be_read_end_in_code_2(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty.json").write_text("[]")
    assert run.main([str(tmp_path / "empty.json")]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 passed, 0 failed, 0 skipped"
    for name, text in [("broken.json", "[{"), ("object.json", "{}"), ("deep.json", "[" * 100_000)]:
        (tmp_path / name).write_text(text)
        assert run.main([str(tmp_path / name)]) == 2
    assert run.main([str(tmp_path / "missing.json")]) == 2
    assert run.main([str(tmp_path)]) == 2
    assert run.main([]) == 2
    assert "passed" not in capsys.readouterr().out


def test_systems_without_a_dialect_have_no_kind_that_needs_one() -> None:
    assert not set(WITHOUT_KNOBS) & set(DIALECTS)
    assert set(VARIANTS.values()) <= set(DIALECTS)
