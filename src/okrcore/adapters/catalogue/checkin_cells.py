"""Read the check-ins that one cell holds, each with its day, person, words, status and value."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator

import attrs

from okrcore.adapters.cells import Refused
from okrcore.adapters.date_cells import DateOrder, date_of

_FIELD = re.compile(
    r"(?:^|[;\n|]\s*|\s)(?P<name>check-?in date|user|note|status|current value|progress)\s*:\s*",
    re.IGNORECASE,
)


@attrs.frozen
class CheckIn:
    """What somebody said on a day: `value` is the text of the number, "" for none."""

    day: dt.date
    by: str = ""
    note: str = ""
    status: str = ""
    value: str = ""


def read_check_ins(text: str, order: DateOrder) -> Iterator[CheckIn]:
    """Yield the check-ins of a cell, as Viva Goals writes them, in their order.

    Raises Refused where the text holds none, or one has no day.

    >>> cell = "Checkin Date: 2025-03-10; User: lead; Note: signed; Status: On Track; Current Value: 25%;"
    >>> [(one.day.isoformat(), one.by, one.value) for one in read_check_ins(cell, "iso")]
    [('2025-03-10', 'lead', '25%')]
    """
    fields = list(_FIELD.finditer(text))
    known: dict[str, str] = {}
    found = 0
    for place, field in enumerate(fields):
        end = fields[place + 1].start() if place + 1 < len(fields) else len(text)
        name = field["name"].lower().replace("-", "")
        if name == "checkin date" and known:
            yield _check_in(known, order)
            found, known = found + 1, {}
        known.setdefault(name, text[field.end() : end].strip(" ;|\n"))
    if known:
        yield _check_in(known, order)
    elif not found:
        raise Refused("holds no check-in; write it like Checkin Date: 2025-03-10; Status: On Track")


def _check_in(known: dict[str, str], order: DateOrder) -> CheckIn:
    day = date_of(known.get("checkin date"), order)
    if day is None:
        raise Refused("holds a check-in without a day; write Checkin Date: before it")
    return CheckIn(
        day,
        known.get("user", ""),
        known.get("note", ""),
        known.get("status", ""),
        known.get("current value", "") or known.get("progress", ""),
    )
