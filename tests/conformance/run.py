"""Case files to a verdict a case: does okrcore give the published number, or the published ruling?

`python tests/conformance/run.py FILE...` prints a line for each case that differs, a line for each reason to
skip, and closes with 'N passed, N failed, N skipped'. The exit code is 0, 1 where a case failed, 2 where a
file cannot be read. There is no formula here: numbers come from okrcore's public functions alone.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import attrs
import schedules
import tables
from okr_cases import counterexamples
from okr_cases.case import Answer, Case, Skip, agrees, plain, refuse_unknown
from okr_cases.kinds import KINDS
from okr_cases.vocabulary import (
    GOAL_MODELS,
    NOT_SCORING,
    OTHER_CHARTS,
    OUT_OF_AIM,
    VARIANTS,
    WITHOUT_KNOBS,
)

from okrcore import OkrError, ScoringPolicy
from okrcore.scoring.dialects import DIALECTS

Dialects = Mapping[str, ScoringPolicy]


@attrs.frozen
class Outcome:
    """What became of a case, and the line or the reason that says so."""

    verdict: Literal["passed", "failed", "skipped"]
    text: str = ""


def main(paths: Sequence[str]) -> int:
    """Run all cases of all files and print what differs; return the exit code."""
    if not paths:
        print("usage: python tests/conformance/run.py FILE...", file=sys.stderr)
        return 2
    try:
        files = [(Path(path), read(Path(path))) for path in paths]
    except (OSError, ValueError) as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 2
    outcomes = [judge(given, str(path.parent)) for path, cases in files for given in cases]
    for outcome in outcomes:
        if outcome.verdict == "failed":
            print(outcome.text)
    reasons = Counter(outcome.text for outcome in outcomes if outcome.verdict == "skipped")
    for reason, count in sorted(reasons.items()):
        print(f"skipped {count}: {reason}")
    counts = Counter(outcome.verdict for outcome in outcomes)
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


def read(path: Path) -> list[Any]:
    """Return the cases of a file; raises OSError, or ValueError where it is no JSON list."""
    try:
        cases = json.loads(path.read_text("utf-8"))
    except RecursionError:
        raise ValueError(f"{path} is nested too deeply") from None
    except ValueError as error:
        raise ValueError(f"{path} is no JSON text: {error}") from None
    if not isinstance(cases, list):
        raise ValueError(f"{path} is no list of cases")
    return cases


def judge(given: Any, folder: str = ".", dialects: Dialects = DIALECTS) -> Outcome:
    """Return what became of one case, scored by `dialects`; policies are checked by the shipped ones."""
    if isinstance(given, dict) and given.get("kind") in tables.KINDS:
        return _told(tables.judge, given)
    if isinstance(given, dict) and given.get("kind") in schedules.KINDS:
        return _told(schedules.judge, given)
    try:
        case = _case(given, folder)
        if counterexamples.is_counterexample(case.expected):
            return _counterexample(case)
        got = _answer(case, dialects)
    except Skip as reason:
        return Outcome("skipped", str(reason))
    except OkrError as error:
        return _failed(given, given["expected"], f"refused: {error}")
    except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
        return Outcome("skipped", f"inputs are not of the schema ({type(error).__name__}: {error})")
    return Outcome("passed") if agrees(case.expected, got, case) else _failed(given, case.expected, got)


def _told(answer: Callable[[Mapping[str, Any]], tuple[Any, str]], given: Mapping[str, Any]) -> Outcome:
    try:
        verdict, text = answer(given)
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        return Outcome("skipped", f"inputs are not of the schema ({type(error).__name__}: {error})")
    return Outcome(verdict, text)


def _failed(given: Mapping[str, Any], expected: Answer, got: Answer) -> Outcome:
    return Outcome("failed", f"{given['id']}: expected {_text(expected)}, got {_text(got)}")


def _text(value: Answer) -> str:
    return value if isinstance(value, str) else json.dumps(value, default=str)


def _case(given: Any, folder: str) -> Case:
    texts = ("id", "system", "kind")
    if not isinstance(given, dict) or not all(isinstance(given.get(key), str) for key in texts):
        raise Skip("no case of this schema")
    if not isinstance(given.get("inputs"), dict) or "expected" not in given:
        raise Skip("no case of this schema")
    names = {key: given[key] for key in (*texts, "inputs", "expected")}
    return Case(**names, folder=folder)


def _answer(case: Case, dialects: Dialects) -> Answer:
    """Return what okrcore says to a case; skips with a reason where it is not asked, or not told enough."""
    kind = KINDS.get(case.kind)
    if kind is None:
        raise Skip(_reason(case.kind))
    if case.kind not in WITHOUT_KNOBS.get(case.system, ()):
        name = VARIANTS.get((case.system, case.kind), case.system)
        if name not in DIALECTS:
            raise Skip(f"unknown system {case.system!r}")
        case = attrs.evolve(case, scoring=dialects[name], shipped=DIALECTS[name])
    refuse_unknown(case.inputs, kind.inputs, "inputs")
    case.check_policy(kind.policy)
    if kind.words:
        _check_words(case)
    got = kind.answer(case)
    if isinstance(case.expected, dict) and not (isinstance(got, dict) and set(case.expected) <= set(got)):
        raise Skip("expects figures that this kind does not have")
    return got


def _check_words(case: Case) -> None:
    """Skip where the expected status is no word that the dialect publishes."""
    word = case.expected.get("status") if isinstance(case.expected, dict) else case.expected
    if word is not None and (not isinstance(word, str) or plain(word) not in case.words):
        raise Skip(f"the dialect publishes no status {word!r}")


def _reason(kind: str) -> str:
    if kind in OUT_OF_AIM:
        return f"out of aim (S6): {OUT_OF_AIM[kind]}"
    if kind in OTHER_CHARTS:
        return f"out of aim: {OTHER_CHARTS[kind]}"
    if kind in GOAL_MODELS:
        return "goal-model propagation: only indicator satisfaction is in aim"
    return "not a scoring case" if kind in NOT_SCORING else f"unknown kind {kind!r}"


def _counterexample(case: Case) -> Outcome:
    """A counterexample passes where the default policy does not give what is wrong, but what is correct."""
    if case.kind in GOAL_MODELS:
        raise Skip(_reason(case.kind))
    if case.kind not in counterexamples.KINDS:
        raise Skip(f"unknown kind {case.kind!r} of a counterexample")
    answer, keys = counterexamples.KINDS[case.kind]
    refuse_unknown(case.inputs, keys, "inputs")
    got, wrong, correct = answer(case), case.expected["wrong"], case.expected["correct"]
    fell_for_it = agrees(wrong, got, case) or got != got  # a NaN is never right
    if fell_for_it or (correct is not None and not agrees(correct, got, case)):
        return Outcome("failed", f"{case.id}: {case.expected['rule']}, got {_text(got)}")
    return Outcome("passed")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
