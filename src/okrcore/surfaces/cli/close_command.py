"""Run the command that ends a cycle: which goals are to be closed, and what is carried over."""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from okrcore.display import counted, grid, one_line
from okrcore.documents.dumping import dump, dumps
from okrcore.errors import DefinitionError
from okrcore.history.entry import Entry
from okrcore.public_form import headed
from okrcore.scoring.carried_goals import carry_over
from okrcore.scoring.evaluation import evaluate
from okrcore.scoring.proposed_closings import propose_closing
from okrcore.scoring.snapshot import Snapshot
from okrcore.surfaces.cli.commands import moment
from okrcore.surfaces.cli.screen import show, show_document, show_json
from okrcore.surfaces.cli.settings import read_all, settled


def close(arguments: Namespace) -> None:
    """Show what is closed and what is to be; with --propose the entries, with --into the new goals."""
    config = settled(arguments)
    if arguments.propose and arguments.into:
        raise DefinitionError("--propose and --into are given; ask for entries and for goals one by one")
    goals, rates = read_all(config)
    snapshot = evaluate(
        goals.declared, goals.observed, as_of=moment(arguments.as_of), known_at=arguments.known_at,
        rates=rates, journal=goals.journal,
    )  # fmt: skip
    if arguments.into:
        _carried(snapshot, arguments)
        return
    proposed = propose_closing(snapshot, by=arguments.by)
    if arguments.propose:
        _write(proposed, arguments.output)
    elif arguments.format == "json":
        show_json(headed("close", as_of=snapshot.as_of, proposed=proposed, closed=snapshot.closings))
    else:
        show(list(_lines(snapshot, proposed)))


def _carried(snapshot: Snapshot, arguments: Namespace) -> None:
    """Write all documents as one, with the goals that are carried over."""
    before = snapshot.portfolio
    after = carry_over(before, snapshot, into=arguments.into, ids=arguments.only or None)
    if arguments.output:
        dump(after, arguments.output)
        show([f"{arguments.output}: {counted(len(after) - len(before), 'definition')} more"])
    else:
        show_document(dumps(after, "json" if arguments.format == "json" else "yaml"))


def _write(entries: Sequence[Entry], output: str | None) -> None:
    """Append entries to a journal of JSON lines, or print them so."""
    lines = [json.dumps(_plain(entry), ensure_ascii=False) for entry in entries]
    if output is None:
        show(lines)
        return
    file = Path(output)
    if file.suffix != ".jsonl":
        raise DefinitionError(f"-o is {output!r}, but must be a journal of JSON lines; name a .jsonl file")
    held = file.read_text("utf-8") if file.exists() else ""
    gap = "\n" if held and not held.endswith("\n") else ""
    with file.open("a", encoding="utf-8") as journal:
        journal.write(gap + "".join(f"{line}\n" for line in lines))
    more = "1 entry" if len(lines) == 1 else f"{len(lines)} entries"
    show([f"{output}: {more} more"])


def _plain(entry: Entry) -> Mapping[str, Any]:
    fields = ("kind", "subject", "by", "text", "outcome", "score")
    given = {name: value for name in fields if (value := getattr(entry, name)) not in (None, "")}
    return {**given, "at": entry.at.isoformat()}


def _lines(snapshot: Snapshot, proposed: Iterable[Entry]) -> Iterator[str]:
    todo = list(proposed)
    yield f"As of {snapshot.as_of}: {counted(len(todo), 'goal')} to close, {len(snapshot.closings)} closed."
    for heading, entries in (("to close", todo), ("closed", _own(snapshot))):
        if entries:
            rows = [_row(snapshot, entry) for entry in entries]
            yield ""
            yield from grid({heading: [row[0] for row in rows], **_columns(rows)})
    if todo:
        yield ""
        yield "okrcore close ... --propose -o JOURNAL.jsonl records these; correct first what is not so."


def _own(snapshot: Snapshot) -> list[Entry]:
    """Return the closings in force once each, by goal."""
    return [entry for name, entry in sorted(snapshot.closings.items()) if entry.subject == name]


def _row(snapshot: Snapshot, entry: Entry) -> tuple[str, str, str, str, str, str]:
    state = snapshot[entry.subject]
    declared = "-" if entry.score is None else state.scoring.score_text(entry.score)
    score, why = state.score_text, one_line(entry.text) or "-"
    return entry.subject, entry.outcome or "", score, declared, entry.by, why


def _columns(rows: Sequence[tuple[str, ...]]) -> dict[str, list[str]]:
    names = ("outcome", "score", "declared", "by", "why")
    return {name: [row[place] for row in rows] for place, name in enumerate(names, 1)}
