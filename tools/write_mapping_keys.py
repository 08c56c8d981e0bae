"""Write docs/reference/mapping.md: the keys of a mapping of columns, and every role. Run: make pages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from okrcore.adapters.catalogue.roles import ROLES

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "mapping.md"
KEYS = {
    "rows": 'what a row declares: `"kpi"` (left out), `"key_result"`, `"objective"`, or one `"observation"`'
    " of a long table; a role `type` may say it row by row",
    "columns": "the column of each [role](#roles); of `id` and `tags` also a list of columns",
    "observations": 'columns that hold values, each with the day that they are of: `{Oct = "2026-10-31"}`',
    "periods": 'ranges of such columns called by periods, each of its last day: `["Jan 2026..Dec 2026"]`',
    "words": "by role, what the words of its cells mean, in any case: `{direction = {Up = "
    '"higher"}, unit = {Tage = "day"}}`; a word that is none of them is told, so that a role of free'
    " text, such as `unit`, lists all that there are",
    "constants": "by role, the value in rows that have no cell for it:"
    ' `{objective = "Grow", unit = "%", owner = "head-of-sales"}`',
    "units": 'counts that are no [unit](units.md) yet: `["piece"]`',
    "numbers": "how numbers are written, as for [sources](sources.md#cells): `{decimal = "
    '",", thousands = ".", unknown = ["-"]}`',
    "dates": "the order of dates in text, as for [sources](sources.md#cells); left out: `2026-12-31` alone",
    "cycle": "that of objectives for which nothing tells a time:"
    ' `{id = "2026-Q4", start = 2026-10-01, end = 2026-12-31}`; left out: `undated`, which expects nothing',
    "fiscal_start_month": "1 to 12, needed to read FY26",
    "at": "the day of current values, progress and statuses where no column says it; `--at` goes before it",
    "progress": 'whether the role `progress` is in `"percent"` (left out), or a `"share"` of 0 to 1',
    "values_from_progress": "`true`: the value of a target is what its progress makes of start and goal",
    "parent_above": "`true`: a key result that names no objective belongs to that of the row above",
    "parent_sign": "1 or -1: the parents of KPIs become links of that sign",
    "prefixes": 'what goes before the ids of a kind: `{kpi = "kpi-"}`; kinds are `team`, `owner`,'
    " `objective`, `key_result`, `kpi`, `initiative`",
    "system": "the system that observations bear as their source",
    "mode": 'how they came there: `"manual"` (left out), `"pulled"` or `"derived"`',
    "separator": 'what parts several texts in one cell; left out: `";"`',
    "separators": 'the same of single roles: `{owner = ","}`',
    "several": 'of several owners or teams in a cell `"none"` is taken (left out), or the `"first"`',
    "nested": 'what lists inside JSON records declare: `{key_results = "key_result"}`',
    "delimiter": 'what parts the cells of text, such as `";"`; left out: a comma, or a tab in .tsv',
    "encoding": 'that of text, such as `"cp1252"`; left out: UTF-8',
    "sheet": "the sheet of a workbook; left out: the first",
    "records": "the key of the list in JSON; left out: the only one",
    "heading": "the row that names the columns, by its number or the text of a cell in it (`*` stands for"
    " anything); left out: the first that is not blank",
    "merged": '`"fill"` gives the value of merged cells to each of them; left out: to the `"first"` alone',
    "short_rows": '`"blank"` takes cells that a row leaves out at its end as blank; left out: `"refuse"`'
    " where they are in a column that is read",
}
"""What each key of a `ColumnMapping` says."""
OPENING = """\
# Mapping of columns

A mapping says what the columns of a table mean: to `okrcore import FILE --mapping MAP` in a TOML, YAML or
JSON file, to `read_catalogue` also as a dict or a `ColumnMapping`. How cells are read stands in
[import a spreadsheet](../how-to/import-a-spreadsheet.md). `make pages` writes this page.

A table that a German Excel saved, with one key result a row:

```toml
rows = "key_result"
delimiter = ";"
encoding = "cp1252"
dates = "day-first"
units = ["piece"]

[cycle] # of objectives without a date
id = "2026-Q4"
start = 2026-10-01
end = 2026-12-31

[columns] # role = "column"
id = "Nr"
objective = "Ziel"
title = "Kennzahl"
owner = "Verantwortlich"
start = "Startwert"
target = "Zielwert"
unit = "Einheit"
end = "F\u00e4llig am"

[words.unit] # all that there are
Tage = "day"
"St\u00fcck" = "piece"
"%" = "%"

[constants]
team = "service"

[numbers]
decimal = ","
thousands = "."
unknown = ["-", "offen"] # beside n/a

[observations] # column = the day of its values
"Ist Okt" = "2026-10-31"
"Ist Nov" = "2026-11-30"
```

## Keys

All but `columns` may be left out.
"""


def page() -> str:
    """Return the text of the page."""
    return "\n".join([OPENING, *_table("key", "says", KEYS), "", "## Roles", "", *_roles()]) + "\n"


def _roles() -> Iterator[str]:
    yield "What a column under `columns`, a word list under `words`, or a value under `constants` is for.\n"
    yield from _table("role", "holds", ROLES)


def _table(left: str, right: str, rows: Mapping[str, str]) -> Iterator[str]:
    yield f"| {left} | {right} |"
    yield "| --- | --- |"
    yield from (f"| `{name}` | {text} |" for name, text in rows.items())


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
