"""Pages whose examples need a package that is not installed are skipped, with that reason."""

from __future__ import annotations

import importlib.util

import pytest

collect_ignore = [
    "conf.py",
    "how-to/programs",
]  # the site's settings; whole programs, which tests/surfaces runs

NEEDED = {
    "draw-it.md": ("matplotlib",),
    "fund-what-moves-the-goals.md": ("scipy",),
    "keep-the-rows-where-they-are.md": ("narwhals", "duckdb", "pyarrow"),
    "tradeoffs.md": ("scipy",),
    "write-your-priority-table.md": ("defusedxml",),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        absent = [name for name in NEEDED.get(item.path.name, ()) if importlib.util.find_spec(name) is None]
        if absent:
            item.add_marker(pytest.mark.skip(reason=f"{', '.join(absent)} not installed"))
