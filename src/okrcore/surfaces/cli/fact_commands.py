"""Run the commands about facts: pull them into a ledger; show, verify and compare what a ledger has."""

from __future__ import annotations

import datetime as dt
import os
import sys
from argparse import Namespace
from typing import Any

import attrs
import numpy as np

from okrcore.definitions.days import to_date, to_instant
from okrcore.display import cell, grid, one_line
from okrcore.errors import HistoryError, OkrError, Problem
from okrcore.history.history import History
from okrcore.history.observation import Observation
from okrcore.history.records import end_of_days
from okrcore.ledger.ledger import Ledger, verify_ledger
from okrcore.public_form import headed
from okrcore.sources.pulling import Pulled, pull_into
from okrcore.sources.source_files import Planned, load_sources
from okrcore.surfaces.cli.screen import show, show_json
from okrcore.surfaces.facts_opened import open_history

MOST_SHOWN = 200


def pull(arguments: Namespace) -> None:
    """Pull the sources that a file declares into a ledger; one that fails does not stop the others."""
    planned = load_sources(arguments.config, os.environ)
    now = dt.datetime.now(dt.UTC)
    rows, problems = [], list[Problem]()
    with Ledger.open(arguments.ledger) as ledger:
        for one in planned:
            done, failed = _pull(ledger, one, arguments, now)
            problems += failed
            state = "failed" if failed else "done"
            rows.append({**attrs.asdict(done), "state": state})
        count, root = len(ledger.history), ledger.history.root
    if arguments.format == "json":
        show_json(headed("pull", sources=rows, observations=count, root=root))
    else:
        show([*_drawn(rows), "", f"The ledger has {count} observations; its root is {root}"])
    if problems:
        raise OkrError(problems)


def _pull(
    ledger: Ledger, planned: Planned, arguments: Namespace, now: dt.datetime
) -> tuple[Pulled, list[Problem]]:
    last = [Pulled(system=planned.source.system)]

    def progress(done: Pulled) -> None:
        last[0] = done
        if sys.stderr.isatty():
            text = f"pulling from {one_line(done.system)}: {done.delivered} observations"
            print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)

    try:
        pull_into(
            ledger,
            planned.source,
            planned.measures,
            arguments.since,
            arguments.until or now.isoformat(),
            begin=planned.begin,
            pulled_at=now,
            overlap=planned.overlap,
            progress=progress,
        )
    except OkrError as error:
        return last[0], list(error.problems)
    finally:
        if sys.stderr.isatty():
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
    return last[0], []


def history(arguments: Namespace) -> None:
    """Show, verify or compare what a file of observations has."""
    {"show": _show, "verify": _verify, "restatements": _restatements}[arguments.action](arguments)


def _show(arguments: Namespace) -> None:
    found = open_history(arguments.file)
    if arguments.measure is not None:
        rows = [_row(one) for one in _known(found, arguments.measure)]
    else:
        rows = _summaries(found)
    if arguments.format == "json":
        heads = {"observations": len(found), "root": found.root, "measure": arguments.measure}
        show_json(headed("history", **heads, rows=rows))
        return
    more = [f"and {len(rows) - MOST_SHOWN} more; JSON has all"] if len(rows) > MOST_SHOWN else []
    end = f"{len(found)} observations of {len(found.measures)} measures; root {found.root}"
    show([*_drawn(rows[:MOST_SHOWN]), *more, "", end])


def _verify(arguments: Namespace) -> None:
    found = verify_ledger(arguments.file, arguments.root)
    if arguments.format == "json":
        problems = [str(one) for one in found.problems]
        show_json(headed("verification", ok=found.ok, root=arguments.root, problems=problems))
    elif found.ok:
        beyond = (
            "begins with the records of the root" if arguments.root else "is whole: every hash in it holds"
        )
        show([f"{one_line(arguments.file)} {beyond}"])
    if not found.ok:
        raise HistoryError(found.problems)


def _restatements(arguments: Namespace) -> None:
    found = open_history(arguments.file)
    if arguments.measure is not None:
        _known(found, arguments.measure)
    names = found.measures if arguments.measure is None else (arguments.measure,)
    rows = [
        {
            "measure": name,
            "at": one.after.at.isoformat(),
            "system": one.after.source.system if one.after.source else "",
            "before": one.before.value,
            "after": one.after.value,
            "unit": one.after.unit,
            "recorded_at": one.after.recorded_at.isoformat(),
        }
        for name in names
        for one in found.restatements(name)
    ]
    if arguments.format == "json":
        show_json(headed("restatements", rows=rows))
        return
    show([*_drawn(rows[:MOST_SHOWN]), "", f"{len(rows)} values were replaced later"])


def _known(found: History, measure: str) -> tuple[Observation, ...]:
    observations = found.observations(measure)
    if not observations:
        raise HistoryError(f"measure {measure!r} has no observation; history show lists the measures")
    return observations


def _row(one: Observation) -> dict[str, Any]:
    return {
        "at": one.at.isoformat(),
        "value": one.value,
        "unit": one.unit,
        "recorded_at": one.recorded_at.isoformat(),
        "system": one.source.system if one.source else "",
        "mode": one.source.mode if one.source else "",
        "by": one.by,
    }


def _summaries(found: History) -> list[dict[str, Any]]:
    """Return a row for each measure, by name."""
    batch = found.batch()
    records = batch.records
    order = np.lexsort((np.where(records.day, end_of_days(records.time), records.time), records.code))
    firsts = order[np.searchsorted(records.code[order], np.arange(len(batch.measures)))].tolist()
    counts = np.bincount(records.code, minlength=len(batch.measures)).tolist()
    rows = []
    for measure, first, count in sorted(zip(batch.measures, firsts, counts, strict=True)):
        begin = (to_date if records.day[first] else to_instant)(int(records.time[first]))
        last = found.latest(measure, dt.datetime.max.replace(tzinfo=dt.UTC))
        assert last is not None, "a measure that is listed has observations"
        rows.append(
            {
                "measure": measure,
                "observations": count,
                "first": begin.isoformat(),
                "last": last.at.isoformat(),
                "value": last.value,
                "unit": last.unit,
                "system": last.source.system if last.source else "",
            }
        )
    return rows


def _drawn(rows: list[dict[str, Any]]) -> list[str]:
    if not rows:
        return []
    numbers = {name for name, value in rows[0].items() if isinstance(value, int | float)}
    return grid({name: [_text(row[name]) for row in rows] for name in rows[0]}, numbers)


def _text(value: Any) -> str:
    """Return a fact with all its digits."""
    return (
        f"{value:.15g}" if isinstance(value, float) else str(value) if isinstance(value, int) else cell(value)
    )
