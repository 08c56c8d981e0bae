"""Turn what a row says of its state into entries of a journal."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from okrcore.adapters.catalogue.checkin_cells import read_check_ins
from okrcore.adapters.catalogue.harvest import Harvest
from okrcore.adapters.catalogue.people_cells import People
from okrcore.adapters.catalogue.row_drafts import Draft
from okrcore.adapters.cells import Refused
from okrcore.errors import OkrError
from okrcore.history.entry import Entry


def add_entries(draft: Draft, harvest: Harvest, people: People) -> None:
    """Keep the status that is declared and the check-ins of a cell: reported, never computed with (S5.6)."""
    row = draft.row
    said = list(_said(draft, people))
    status, note = row.text("status"), row.text("note")
    at = row.at()
    if not (status or note):
        pass
    elif at is None:
        row.notes.count(row.mapping.column("status") or "", UNDATED_STATUS)
    elif same := [place for place, entry in enumerate(said) if entry.at == at]:
        entry = said[same[-1]]
        text = entry.text if note in entry.text else f"{entry.text}; {note}".lstrip("; ")
        said[same[-1]] = attrs.evolve(entry, text=text, status=entry.status or status or None)
    else:
        by = people.owner(row) or row.mapping.system or "import"
        said.append(Entry("check-in", draft.id, by, at, status=status or None, text=note))
    harvest.entries += said


UNDATED_STATUS = "{n} statuses have no date and are left out; say when they were declared: at=..."


def _said(draft: Draft, people: People) -> Iterator[Entry]:
    """Yield the check-ins in a cell."""
    row = draft.row
    text = row.text("check_ins")
    if not text:
        return
    try:
        for one in read_check_ins(text, row.mapping.dates):
            by = people.named(row, one.by) if one.by else row.mapping.system or "import"
            yield Entry("check-in", draft.id, by, one.day, status=one.status or None, text=one.note)
    except (Refused, OkrError) as error:
        row.note("check_ins", f"{error}; it is left out")
