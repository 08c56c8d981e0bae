"""What the README's examples read: a portfolio on disk and a database of observations."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = ["pytester"]


@pytest.fixture(autouse=True)
def _examples(
    request: pytest.FixtureRequest, tmp_path: Path, doctest_namespace: dict[str, Any]
) -> Iterator[None]:
    if request.node.path.name != "README.md":
        yield
        return
    import okrcore as okr
    from okrcore.surfaces.stories import story

    portfolio, history = story("logistics")[:2]
    (tmp_path / "okrs").mkdir()
    okr.dump(portfolio, tmp_path / "okrs" / "acme.okr.yaml")
    before = Path.cwd()
    os.chdir(tmp_path)
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("create table kpi_values (measure text, at text, value real, unit text)")
        rows = [(o.measure, o.at.isoformat(), o.value, o.unit) for o in history]
        connection.executemany("insert into kpi_values values (?, ?, ?, ?)", rows)
        doctest_namespace["connection"] = connection
        yield
    os.chdir(before)
