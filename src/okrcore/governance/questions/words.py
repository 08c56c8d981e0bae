"""Word counts and ids for messages."""

from __future__ import annotations

from collections.abc import Sequence

from okrcore.conflicts.sides import joined


def days(count: int) -> str:
    """Return a number of days in words.

    >>> days(1), days(12)
    ('1 day', '12 days')
    """
    return f"{count} day{'s' if count != 1 else ''}"


def some(ids: Sequence[str], most: int = 3) -> str:
    """Return ids in words, the first few of many.

    >>> some(["a", "b"]), some(["a", "b", "c", "d", "e"])
    ("'a' and 'b'", "'a', 'b', 'c' and 2 more")
    """
    more = [f"{len(ids) - most} more"] if len(ids) > most else []
    return joined([*map(repr, ids[:most]), *more])
