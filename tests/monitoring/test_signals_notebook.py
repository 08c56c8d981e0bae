"""The how-to notebook "Which of these changes mean something?" runs, and shows what its text says."""

from __future__ import annotations

import ast
import importlib.util
import json
from typing import Any

import pytest

from tests.support.paths import ROOT

NOTEBOOK = ROOT / "docs" / "how-to" / "which-changes-mean-something.ipynb"


def code() -> list[dict[str, Any]]:
    cells = json.loads(NOTEBOOK.read_text("utf-8"))["cells"]
    return [cell for cell in cells if cell["cell_type"] == "code"]


def run(source: str, names: dict[str, Any]) -> Any:
    """Run a cell, and return what its last line shows."""
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, str(NOTEBOOK), "exec"), names)
    if not isinstance(last, ast.Expr):
        return None
    return eval(compile(ast.Expression(last.value), str(NOTEBOOK), "eval"), names)


def test_it_is_committed_without_outputs() -> None:
    assert len(code()) > 8
    assert not any(cell["outputs"] or cell["execution_count"] for cell in code())


@pytest.mark.filterwarnings("ignore")
def test_it_runs_and_shows_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    if importlib.util.find_spec("matplotlib"):
        import matplotlib as mpl

        mpl.use("Agg")
    names: dict[str, Any] = {}
    shown = [run("".join(cell["source"]), names) for cell in code()]
    text = capsys.readouterr().out
    assert "hit-and-miss" in str(shown)
    assert names["found"]
    assert "lanes-recalibrated has been on the worse side of its mean" in text
    assert True in shown  # what was found earlier is found again
    assert [4, 0] in shown  # signals of the last year, without and with the season
    assert names["carried"].phases[0].widened
    assert shown[-1] == [("outside", True)]
    if importlib.util.find_spec("matplotlib"):
        assert any(type(one).__name__ == "Figure" for one in shown)
