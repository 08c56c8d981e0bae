"""Write what another tool's export holds as documents, observations and check-ins, and a page about it."""

from __future__ import annotations

import csv
import io
import json
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from okrcore.adapters.catalogue.reader import Catalogue, read_catalogue
from okrcore.display import counted, one_line
from okrcore.documents.dumping import dumps, replace_file
from okrcore.errors import DocumentError, Problem
from okrcore.history.history import History
from okrcore.history.journal import Journal
from okrcore.surfaces.cli.screen import show, stage

FILES = ("goals.okr.yaml", "observations.csv", "check-ins.jsonl", "import.md")
KINDS = ("objectives", "key_results", "kpis", "initiatives", "links", "teams", "owners", "cycles")


def import_goals(arguments: Namespace) -> None:
    """Write the files into a folder; refuse where one of them is there already."""
    folder = Path(arguments.folder)
    there = [name for name in FILES if (folder / name).exists()]
    if there:
        raise DocumentError(f"{folder / there[0]}: is there already; name another folder, or remove it")
    with stage("reading the export"):
        found = read_catalogue(arguments.file, arguments.mapping, arguments.tool, at=arguments.at)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        raise DocumentError(f"{folder}: cannot be made: {error}; check the path") from error
    texts = {
        "goals.okr.yaml": dumps(found.portfolio),
        "observations.csv": _observations(found.history),
        "check-ins.jsonl": _check_ins(found.journal),
        "import.md": "\n".join(page(found, Path(arguments.file).name)) + "\n",
    }
    for name, text in texts.items():
        replace_file(folder / name, text.encode())
    facts = f"--history {folder / FILES[1]} --journal {folder / FILES[2]}"
    show(
        [
            f"read {arguments.file}: {_counted(found)}",
            f"wrote {', '.join(FILES)} in {folder}",
            f"{counted(len(found.problems), 'place')} to look at; {folder / FILES[3]} lists them",
            "",
            "Next:",
            f"  okrcore score {folder} {facts}",
            f"  okrcore check {folder} {facts}",
        ]
    )


def page(found: Catalogue, name: str) -> Iterator[str]:
    """Yield the lines of a page that says what was kept, changed and left out."""
    left = [one for one in found.problems if _is_left_out(one)]
    changed = [one for one in found.problems if not _is_left_out(one)]
    yield f"# What was read from {_plain(name)}"
    yield ""
    yield f"{counted(found.rows, 'row')} gave {_counted(found)}."
    for title, problems in (("Changed, or to be looked at", changed), ("Left out", left)):
        yield from ("", f"## {title}", "")
        yield from (f"- {_place(one)}{_plain(one.message)}" for one in problems)
        if not problems:
            yield "Nothing."
    yield from ("", "## Columns that are not read", "")
    yield from (f"- {_plain(column)}: {counted(count, 'cell')}" for column, count in found.unread.items())
    if not found.unread:
        yield "None."


def _is_left_out(problem: Problem) -> bool:
    words = ("left out", "not read", "passed by", "out of range", "no number", "no date")
    return any(word in problem.message for word in words)


def _place(problem: Problem) -> str:
    parts = [f"line {problem.line}" if problem.line else "", _plain(problem.path)]
    return f"{', '.join(filter(None, parts))}: " if any(parts) else ""


def _counted(found: Catalogue) -> str:
    counts = {kind: len(getattr(found.portfolio, kind)) for kind in KINDS}
    counts |= {"observations": len(found.history), "check-ins": len(found.journal)}
    words = {kind: kind.removesuffix("s").replace("_", " ").replace("kpi", "KPI") for kind in counts}
    return ", ".join(counted(count, words[kind]) for kind, count in counts.items() if count) or "nothing"


def _plain(text: str) -> str:
    """Return a text on one line in which Markdown finds no marks."""
    return "".join(f"\\{letter}" if letter in "\\`*_<>[]|#" else letter for letter in one_line(text))


def _observations(history: History) -> str:
    head = ("measure", "at", "value", "unit", "system", "mode")
    rows = (
        (
            one.measure,
            one.at.isoformat(),
            repr(one.value),
            one.unit,
            one.source.system if one.source else "",
            one.source.mode if one.source else "",
        )
        for one in history
    )
    return _csv(head, rows)


def _csv(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(head)
    writer.writerows(rows)
    return text.getvalue()


def _check_ins(journal: Journal) -> str:
    return "".join(json.dumps(_entry(entry), ensure_ascii=False) + "\n" for entry in journal)


def _entry(entry: Any) -> Mapping[str, Any]:
    given = {
        "kind": entry.kind,
        "subject": entry.subject,
        "by": entry.by,
        "at": entry.at.isoformat(),
        "text": entry.text,
        "status": entry.status,
    }
    return {name: value for name, value in given.items() if value}
