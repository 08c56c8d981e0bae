"""A file of sources takes every option that a table takes."""

from pathlib import Path

import attrs

from okrcore.adapters.table_format import TableFormat
from okrcore.sources.source_files import DeclaredSource, load_sources


def test_each_option_of_a_table_is_a_key_of_a_source() -> None:
    declared = {one.name for one in attrs.fields(DeclaredSource)}
    assert {one.name for one in attrs.fields(TableFormat)} <= declared


def test_a_source_of_one_column_a_period(tmp_path: Path) -> None:
    (tmp_path / "kpis.csv").write_text("KPI,Jan 2026,Feb 2026,Mar 2026\nARR,5,6,7\nNPS,31,,33\n")
    (tmp_path / "sources.toml").write_text(
        '[[sources]]\nkind = "file"\nsystem = "sheet"\npath = "kpis.csv"\n'
        'columns = {measure = "KPI"}\nperiods = ["Jan 2026..Mar 2026"]\ndates = "period-end"\n'
    )
    (planned,) = load_sources(tmp_path / "sources.toml", {})
    rows = [(one.measure, str(one.at), one.value) for part in planned.source.pull() for one in part]
    assert sorted(rows) == [
        ("ARR", "2026-01-31", 5.0),
        ("ARR", "2026-02-28", 6.0),
        ("ARR", "2026-03-31", 7.0),
        ("NPS", "2026-01-31", 31.0),
        ("NPS", "2026-03-31", 33.0),
    ]
