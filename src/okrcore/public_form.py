"""Head the public form of every result alike: the version of the form, and the kind of what it says."""

from __future__ import annotations

from typing import Any

VERSION_KEY = "okrcore"
KIND_KEY = "kind"
_VERSION = 1


def headed(kind: str, /, **parts: Any) -> dict[str, Any]:
    """Return the public form of a kind: version and kind first, then its parts.

    >>> headed("rules", rules=[])
    {'okrcore': 1, 'kind': 'rules', 'rules': []}
    """
    return {VERSION_KEY: _VERSION, KIND_KEY: kind, **parts}


def form_of(cls: type) -> str | None:
    """Return the kind that heads the public form of a class, as its `FORM` says; None of a part of one."""
    found: str | None = getattr(cls, "FORM", None)
    return found
