"""The how-to notebook "Is this KPI a leading indicator?" runs, and shows what its text says."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.paths import ROOT

NOTEBOOK = ROOT / "docs" / "how-to" / "leading-indicator.ipynb"
WHY = "the notebook needs nbclient, ipykernel and matplotlib"


def shown(cells: list[Any]) -> str:
    """Return the text that the cells put out."""
    outputs = [output for cell in cells for output in cell.get("outputs", ())]
    return "\n".join(one.get("text", "") or one.get("data", {}).get("text/plain", "") for one in outputs)


def test_it_is_committed_without_outputs() -> None:
    nbformat = pytest.importorskip("nbformat", reason=WHY)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert len(code) > 8
    assert not any(cell.outputs or cell.execution_count for cell in code)


@pytest.mark.filterwarnings("ignore")
def test_it_runs_and_shows_what_it_says() -> None:
    nbformat = pytest.importorskip("nbformat", reason=WHY)
    nbclient = pytest.importorskip("nbclient", reason=WHY)
    for name in ("ipykernel", "matplotlib"):
        pytest.importorskip(name, reason=WHY)
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    pictures = [
        output
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if "image/png" in output.get("data", {})
    ]
    assert len(pictures) == 5
    text = shown(notebook.cells)
    assert "{'lanes, then parcels': -0.62, 'parcels, then uptime': 0.81}" in text
    assert "supported - leads by 3 weeks" in text
    assert "undecided - undecided at lags 1..8" in text
    assert "decayed in week" in text
    assert "trade-off" in text
    assert "lanes-recalibrated moved in the week of 2026-05-11: 5 lane" in " ".join(text.split())
    assert "percentage points lower than its own past announces" in " ".join(text.split())
    assert "<Forecast < 1 % likely to be met by 2026-12-27>" in text
