"""Head the public form of every result alike: the version of the form, and the kind of what it says."""

from __future__ import annotations

from typing import Any

VERSION_KEY = "okrcore"
_VERSION = 1


def headed(kind: str, /, **parts: Any) -> dict[str, Any]:
    """Return the public form of a kind: version and kind first, then its parts.

    >>> headed("rules", rules=[])
    {'okrcore': 1, 'kind': 'rules', 'rules': []}
    """
    return {VERSION_KEY: _VERSION, "kind": kind, **parts}
