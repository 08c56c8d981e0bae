"""Options of pytest, read alike by the plugin and by what it collects; as light as the plugin itself."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest

GIVEN = pytest.StashKey[tuple[Path, ...]]()
"""The documents that a run names."""


def paths(config: pytest.Config, option: str, ini: str) -> list[Path]:
    """Return the paths of an option, relative to where pytest was called, or else of an ini option."""
    found: Iterable[str] = getattr(config.option, option)
    return [absolute(config, path) for path in found] or config.getini(ini)


def as_of(config: pytest.Config) -> str:
    """Return the date that is asked for; where none is, the day on which pytest began, and " today"."""
    return str(config.option.okr_as_of or config.getini("okr_as_of"))


def absolute(config: pytest.Config, path: str) -> Path:
    """Return a path as seen from where pytest was called."""
    return Path(os.path.normpath(config.invocation_params.dir / path))
