"""Serve the goals of several tenants over HTTP: a ledger each, check-ins in, results out as JSON.

Run it with `TENANTS=/srv/tenants uvicorn service:app`. A tenant is a folder: documents in `okrs/`, and its
ledger `facts.ledger`, which is made with the first check-in. FastAPI runs each request on a thread: values
are immutable, and one open ledger serves all threads.
"""

from __future__ import annotations

import datetime as dt
import os
import re
import threading
from pathlib import Path
from typing import Any

import attrs
from fastapi import FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse
from pydantic import BaseModel

import okrcore as okr


class CheckIn(BaseModel):
    """What a form sends: the number of a key result, KPI or item ("launch#docs"), and words about it."""

    subject: str
    value: float
    unit: str = ""
    at: dt.date
    by: str
    text: str = ""
    confidence: float | None = None


@attrs.frozen
class Tenant:
    """What one organisation declared, and the file that holds what was observed and answered."""

    portfolio: okr.Portfolio
    ledger: okr.Ledger

    def read(self, given: CheckIn, recorded_at: dt.datetime) -> tuple[okr.Observation, okr.Entry]:
        """Return the observation and the entry of a check-in; raises OkrError before anything is written."""
        goal = self.portfolio[given.subject.partition("#")[0]]  # an item is told about under its checklist
        measure = getattr(goal, "measured_by", None) or given.subject
        observation = okr.Observation(
            measure,
            given.at,
            given.value,
            unit=given.unit or getattr(goal, "unit", ""),
            recorded_at=recorded_at,
            source=okr.Source("form", mode="manual"),
            by=given.by,
        )
        if problems := okr.check_observations(self.portfolio, [observation]):
            raise okr.OkrError(problems)
        entry = okr.Entry(
            "check-in", goal.id, given.by, recorded_at, text=given.text, confidence=given.confidence
        )
        return observation, entry

    def snapshot(self, as_of: dt.datetime) -> okr.Snapshot:
        """Return every goal judged at a moment."""
        return okr.evaluate(self.portfolio, self.ledger.refresh(), as_of=as_of, journal=self.ledger.journal)


def make_app(folder: Path) -> FastAPI:
    """Return the service of the tenants in a folder."""
    app, opened, lock = FastAPI(title="Goals"), dict[str, Tenant](), threading.Lock()

    def tenant(name: str) -> Tenant:
        with lock:
            if name not in opened:
                home = folder / name
                if not re.fullmatch(r"[a-z0-9-]+", name) or not home.is_dir():
                    raise HTTPException(404, "no such tenant")
                opened[name] = Tenant(okr.load(home / "okrs"), okr.Ledger.open(home / "facts.ledger"))
            return opened[name]

    @app.exception_handler(okr.OkrError)
    def refused(_: Request, error: okr.OkrError) -> JSONResponse:
        problems = [{"path": one.path, "message": one.message} for one in error.problems]
        return JSONResponse({"problems": problems}, status_code=422)

    @app.post("/{name}/check-ins", status_code=201)
    def check_in(name: str, given: CheckIn) -> dict[str, Any]:
        held, now = tenant(name), dt.datetime.now(dt.UTC)
        observation, entry = held.read(given, now)
        held.ledger.append([observation])
        held.ledger.record([entry])
        return {"observations": held.ledger.history.root, "entries": held.ledger.journal.root}

    @app.get("/{name}/score")
    def score(name: str, as_of: dt.datetime | None = None) -> dict[str, Any]:
        snapshot = tenant(name).snapshot(as_of or dt.datetime.now(dt.UTC))
        tables = ("objectives", "key_results", "kpis", "initiatives")
        return {table: okr.to_dict(getattr(snapshot, table)) for table in tables}

    @app.get("/{name}/goals/{goal}")
    def explain(name: str, goal: str, as_of: dt.datetime | None = None) -> Any:
        snapshot = tenant(name).snapshot(as_of or dt.datetime.now(dt.UTC))
        return okr.to_dict(okr.explain(snapshot, goal))

    @app.get("/{name}/findings")
    def findings(name: str) -> Any:
        held, now = tenant(name), dt.datetime.now(dt.UTC)
        found = okr.check(held.portfolio, held.ledger.history, as_of=now, journal=held.ledger.journal)
        return okr.to_dict(found)

    return app


app = make_app(Path(os.environ.get("TENANTS", "tenants")))
