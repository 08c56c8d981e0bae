"""Reading and writing as a user calls it."""

from __future__ import annotations

from pathlib import Path
from typing import assert_type

import okrcore as okr


def documents(portfolio: okr.Portfolio) -> None:
    assert_type(okr.load("okrs/"), okr.Portfolio)
    assert_type(okr.load([Path("a.yaml"), "b.toml"]), okr.Portfolio)
    assert_type(okr.loads("okrcore: 1", format="yaml"), okr.Portfolio)
    okr.dump(portfolio, Path("out.json"))
    assert_type(okr.dumps(portfolio, format="toml"), str)
    assert_type(okr.from_dict(okr.Team, {"id": "a"}), okr.Team)
    okr.to_dict(portfolio)
    okr.json_schema()
    okr.load(5)  # type: ignore[arg-type]


def explained(snapshot: okr.Snapshot) -> None:
    assert_type(okr.explain(snapshot, "grow"), okr.Explanation)


def imported() -> None:
    catalogue = okr.read_catalogue("indicators.csv")
    assert_type(okr.read_dmn("priorities.dmn", "who-wins", winner="side"), okr.PriorityTable)
    assert_type(catalogue, okr.adapters.Catalogue)
    assert_type(catalogue.portfolio, okr.Portfolio)
    assert_type(okr.read_history("values.csv"), okr.History)
