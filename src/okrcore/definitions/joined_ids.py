"""Join ids to one text, and part it again: a conflict and what is asked of it are named by their sides."""

from __future__ import annotations

import re
from collections.abc import Iterable

_PARTS = re.compile(r"(?:[^|]|\|\|)+")


def joined_ids(ids: Iterable[str]) -> str:
    """Return ids as one text, a "|" inside one doubled.

    >>> joined_ids(["grow", "a|b"])
    'grow|a||b'
    """
    return "|".join(one.replace("|", "||") for one in ids)


def parted_ids(text: str) -> tuple[str, ...]:
    """Return the ids that were joined, if none of them begins or ends with "|".

    >>> parted_ids("grow|a||b")
    ('grow', 'a|b')
    """
    return tuple(part.replace("||", "|") for part in _PARTS.findall(text))
