"""Where the checkout, its neighbours, and the library under test lie."""

from __future__ import annotations

from pathlib import Path

import okrcore

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
LIBRARY = Path(okrcore.__file__).parents[1]
"""The folder of what is tested: src, or where the wheel is installed."""
