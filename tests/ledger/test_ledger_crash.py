"""The ledger survives a writer that is killed at random moments (S8.7)."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.paths import ROOT

SCRIPT = ROOT / "benchmarks" / "ledger_crash.py"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="starts the writer with fork, which this system has not")
def test_a_killed_writer_loses_nothing_that_was_acknowledged() -> None:
    """S8.7, with a real process and SIGKILL; benchmarks/ledger_crash.py --kills 500 runs it longer."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, str(SCRIPT), "--kills", "50", "--seconds", "15"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    counts = json.loads(done.stdout)
    assert counts["failures"] == 0
    assert counts["kills"] >= 10
    assert counts["batches acknowledged"] > 0
    assert counts["damaged"] >= 3
