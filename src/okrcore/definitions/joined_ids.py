"""Join ids to one text, and part it again: sides of a conflict, ends of a link, a checklist and its item."""

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


def link_id(source: str, target: str) -> str:
    """Return the id of a link that declares none.

    >>> link_id("uptime", "orders")
    'uptime->orders'
    """
    return f"{source}->{target}"


def item_id(result: str, item: str) -> str:
    """Return the measure under which an item of a key result's checklist is observed.

    >>> item_id("launch", "docs"), parted_item("launch#docs"), parted_item("launch")
    ('launch#docs', ('launch', 'docs'), ('launch', ''))
    """
    return f"{result}#{item}"


def parted_item(measure: str) -> tuple[str, str]:
    """Return the id before the item that a measure names, and that item, "" where it names none."""
    owner, _, item = measure.partition("#")
    return owner, item
