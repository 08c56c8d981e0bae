"""Documents are read strictly, as written, and every fault arrives at once at its own node."""

from __future__ import annotations

import datetime as dt
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from okrcore.definitions.goals import KeyResult, Objective
from okrcore.definitions.kpis import Kpi
from okrcore.definitions.measures import Band, Checklist, Item, Target, Waypoint
from okrcore.definitions.people import Owner, Team
from okrcore.definitions.portfolio import KINDS, Portfolio
from okrcore.definitions.priority_table import Column
from okrcore.documents import Place, dump, dumps, from_dict, load, load_with_places, loads, to_dict
from okrcore.documents.layout import SECTIONS
from okrcore.documents.loading import Format
from okrcore.errors import (
    CyclicAlignmentError,
    DefinitionError,
    DocumentError,
    DuplicateIdError,
    OkrError,
    UnitError,
    UnknownIdError,
)
from tests.support.paths import SHARED

EXAMPLE = SHARED / "design" / "EXAMPLE.okr.yaml"
needs_example = pytest.mark.skipif(not EXAMPLE.exists(), reason="../shared/design/EXAMPLE.okr.yaml is absent")

GOALS = """\
okrcore: 1
cycles:
  - {id: c, start: 2026-01-01, end: 2026-12-31}
objectives:
  - id: growth
    titel: Growth
    cycle: c
    contributes_to: [profit]
    key_results:
      - id: deals
        title: no
        weight: '2'
        measure: {target: {start: 1_000, goal: 0x10}}
      - id: pilots
        title: 12:30
        measured_by: pilots-run
        measure: {bnd: {low: 1}}
        guardrail: yes
  - id: profit
    title: Profit
    cycle: fy
    contributes_to:
      - to: growth
        weight: 1
  - {id: calm, title: Calm, cycle: c, why: &w x, contributes_to: [{to: profit, weight: -1}], title: Twice}
  - id: empty
    title:
    cycle: c
    tags: !!set [a]
kpi: []
"""
KPIS = """{
  "okrcore": 1,
  "kpis": [
    {"id": "deals", "title": 5, "target": {"low": "98"}},
    {"id": "uptime", "title": "Uptime", "unit": "lightyear", "watchers": [2, 3], "incentivised": "true"},
    {"id": "latency", "title": "Latency", "target": {"low": 5}, "limit": {"low": 6}, "cadence": "wekly"},
    {"id": "cost", "title": "Cost", "unit": "EUR", "target": {"low": 2, "high": 1}, "owner": "nobody"}
  ],
  "links": [{"source": "uptime", "target": "growth", "sign": 2},
            {"source": "uptime", "target": "cost", "sign": true}]
}
"""
WORK = """\
okrcore = 1
units = ["pallet", "5 5"]
initiatives = [
  {id = "i", title = "I", stage = "done"},
]

[[milestones]]
id = "m"
initiative = "j"
title = 5
due = 2026-12-01T10:00:00
after = [{milestone = "n", lag_days = "5"}]

[[milestones]]
id = "n"
initiative = "i"
title = '''two
lines'''
due = 2026-12-02
after = ["m", "o"]
"""
FAULTS: list[tuple[str, int, str, type[OkrError], str, str]] = [
    ("goals.yaml", 5, "id: growth", CyclicAlignmentError, "growth", "circle"),
    ("goals.yaml", 6, "titel", DocumentError, "growth.titel", "did you mean 'title'?"),
    (
        "goals.yaml",
        12,
        "'2'",
        DocumentError,
        "deals.weight",
        "is '2'; give value or a number, without quotes",
    ),
    (
        "goals.yaml",
        13,
        "1_000",
        DocumentError,
        "deals.measure.target.start",
        "give a number, written like 1000, 0.5",
    ),
    ("goals.yaml", 13, "0x10", DocumentError, "deals.measure.target.goal", "is '0x10'; give a number"),
    (
        "goals.yaml",
        16,
        "pilots-run",
        UnknownIdError,
        "pilots.measured_by",
        "'pilots-run' is declared nowhere",
    ),
    ("goals.yaml", 17, "bnd", DocumentError, "pilots.measure.bnd", "is unknown; did you mean 'band'?"),
    ("goals.yaml", 18, "yes", DocumentError, "pilots.guardrail", "guardrail is 'yes'; give true or false"),
    ("goals.yaml", 21, "fy", UnknownIdError, "profit.cycle", "'fy' is declared nowhere"),
    ("goals.yaml", 25, "&w", DocumentError, "", "anchor &w is not read"),
    ("goals.yaml", 25, "-1", DefinitionError, "calm.contributes_to[0].weight", "give 0 or more"),
    ("goals.yaml", 25, "title: Twice", DocumentError, "calm.title", "given twice, first in line 25"),
    ("goals.yaml", 27, "", DocumentError, "empty.title", "title is empty; give text"),
    ("goals.yaml", 29, "!!set", DocumentError, "", "tag tag:yaml.org,2002:set is not read"),
    ("goals.yaml", 30, "kpi", DocumentError, "kpi", "key 'kpi' is unknown; did you mean 'kpis'?"),
    ("kpis.json", 4, '"deals"', DuplicateIdError, "deals.id", "declared twice, first at {}goals.yaml:10:9"),
    ("kpis.json", 4, "5", DocumentError, "deals.title", "title is 5; give text, in quotes"),
    ("kpis.json", 4, '"98"', DocumentError, "deals.target.low", "is '98'; give a number, without quotes"),
    ("kpis.json", 5, '"lightyear"', UnitError, "uptime.unit", "lightyear"),
    ("kpis.json", 5, "2, 3", DocumentError, "uptime.watchers[0]", "watchers[0] is 2; give text"),
    ("kpis.json", 5, "3]", DocumentError, "uptime.watchers[1]", "watchers[1] is 3; give text"),
    ("kpis.json", 5, '"true"', DocumentError, "uptime.incentivised", "give true or false, without quotes"),
    ("kpis.json", 6, '"wekly"', DefinitionError, "latency.cadence", "cadence 'wekly' is unknown"),
    ("kpis.json", 7, "2", DefinitionError, "cost.target.low", "low 2 is above high 1"),
    ("kpis.json", 7, '"nobody"', UnknownIdError, "cost.owner", "'nobody' is declared nowhere"),
    (
        "kpis.json",
        9,
        '"growth"',
        UnknownIdError,
        "links[0].target",
        "'growth' names a definition of type Objective",
    ),
    ("kpis.json", 9, "2}", DocumentError, "links[0].sign", "sign is 2; give one of 1, -1"),
    ("kpis.json", 10, "true", DocumentError, "links[1].sign", "sign is True; give one of 1, -1"),
    ("work.toml", 2, "units", UnitError, "units[1]", "'5 5'"),
    ("work.toml", 4, "stage", DocumentError, "i.stage", "stage is 'done'; give one of defined"),
    ("work.toml", 9, "initiative", UnknownIdError, "m.initiative", "'j' is declared nowhere"),
    ("work.toml", 10, "title", DocumentError, "m.title", "title is 5; give text, in quotes"),
    ("work.toml", 11, "due", DocumentError, "m.due", "give a date such as 2026-12-31"),
    ("work.toml", 12, "after", DocumentError, "m.after[0].lag_days", "is '5'; give a number, without quotes"),
    ("work.toml", 20, "after", UnknownIdError, "n.after[1].milestone", "'o' is declared nowhere"),
]
"""File, line, what stands at the column, kind, path, and part of the message of each fault, in order."""
TEXTS = {"goals.yaml": GOALS, "kpis.json": KPIS, "work.toml": WORK}


@pytest.fixture
def three(tmp_path: Path) -> list[Path]:
    """Three files, one of each format, with faults of every kind."""
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    return [tmp_path / name for name in TEXTS]


def test_every_fault_of_three_files_arrives_at_once_at_its_own_node(three: list[Path]) -> None:
    """S0.4: all problems at once, each with its path, and line and column where it came from a file."""
    with pytest.raises(DefinitionError) as caught:
        load(three)
    folder = f"{three[0].parent}/"
    found = [(str(p.file).removeprefix(folder), p.line, p.kind, p.path) for p in caught.value.problems]
    assert found == [(file, line, kind, path) for file, line, _, kind, path, _ in FAULTS]
    for problem, (file, line, token, _, _, message) in zip(caught.value.problems, FAULTS, strict=True):
        assert message in problem.message.replace(folder, "{}")
        text = TEXTS[file].splitlines()[line - 1]
        if file.endswith(".toml"):
            assert problem.column is None
            assert token in text
        else:
            assert problem.column is not None
            assert text[problem.column - 1 :].startswith(token)
    assert pickle.loads(pickle.dumps(caught.value)).problems == caught.value.problems


def test_faults_of_one_kind_raise_that_kind() -> None:
    """S0.4: mixed problems raise DefinitionError, else the one subclass."""
    cases: list[tuple[str, type[OkrError]]] = [
        ("okrcore: 1\nteams: [{id: a, x: 1}]", DocumentError),
        ("okrcore: 1\nteams: [{id: a, parent: b}]", UnknownIdError),
        ("okrcore: 1\nteams: [{id: a}, {id: a}]", DuplicateIdError),
        ("okrcore: 1\nunits: ['5']", UnitError),
        ("okrcore: 1\nteams: [{id: a, x: 1, parent: b}]", DefinitionError),
    ]
    for text, kind in cases:
        with pytest.raises(OkrError) as caught:
            loads(text)
        assert type(caught.value) is kind


def test_a_circle_across_files_is_told_at_a_node_on_it(tmp_path: Path) -> None:
    """S4.2: a cycle is an error that spells the path."""
    head = "okrcore: 1\n"
    (tmp_path / "a.yaml").write_text(f"{head}cycles: [{{id: c, start: 2026-01-01, end: 2026-12-31}}]\n")
    for name, parent in (("x", "y"), ("y", "z"), ("z", "x")):
        text = f"{head}objectives:\n- {{id: {name}, title: t, cycle: c, contributes_to: [{parent}]}}\n"
        (tmp_path / f"{name}.yaml").write_text(text)
    with pytest.raises(CyclicAlignmentError, match="'x' contributes to 'y' contributes to 'z'") as caught:
        load(tmp_path)
    (problem,) = caught.value.problems
    assert (problem.file, problem.line, problem.column) == (str(tmp_path / "x.yaml"), 3, 3)


def test_what_cannot_be_read_is_no_dangling_id() -> None:
    """A fault is told once: naming a definition that has faults of its own is no further fault."""
    text = """\
okrcore: 1
cycles: [{id: c, start: 2026-01-01, end: tomorrow}]
objectives:
  - {title: no id, cycle: c, key_results: [{id: k, title: t, measure: {band: {low: 1}}}]}
  - {id: o, title: t, cycle: c, contributes_to: [p]}
objektives:
  - {id: p, title: t, cycle: c}
"""
    with pytest.raises(DocumentError) as caught:
        loads(text)
    assert [(p.line, p.message.partition(";")[0]) for p in caught.value.problems] == [
        (2, "end is 'tomorrow'"),
        (4, "id is missing"),
        (6, "key 'objektives' is unknown"),
    ]


def test_toml_finds_the_lines_of_tables_inside_tables() -> None:
    text = """\
okrcore = 1
[[cycles]]
id = "c"
start = 2026-01-01
end = 2026-12-31
[[objectives]]
id = "o"
title = "O"
cycle = "c"
[[objectives.key_results]]
id = "k"
title = "K"
[objectives.key_results.measure.target]
goal = "5"
[[objectives.key_results]]
id = "l"
title = "L"
owner = "nobody"
measure.band.low = 1
[[objectives]]
id = "p"
cycle = "c"
titel = "P"
"""
    with pytest.raises(DefinitionError) as caught:
        loads(text, "toml")
    assert [(p.line, p.column, p.path) for p in caught.value.problems] == [
        (14, None, "k.measure.target.goal"),
        (18, None, "l.owner"),
        (23, None, "p.titel"),
    ]


def reads(field: str, value: str) -> Any:
    """Return what a field of a KPI or a key result holds when YAML says `value`."""
    text = f"""\
okrcore: 1
cycles: [{{id: c, start: 2026-01-01, end: 2026-12-31}}]
objectives: [{{id: o, title: t, cycle: c}}]
owners: [{{id: "no"}}, {{id: "null"}}, {{id: "12"}}]
kpis: [{{id: q, title: t}}]
key_results:
  - id: k
    objective: o
    {"" if field == "title" else "title: t"}
    {"" if field == "measure" else "measure: {band: {low: 1}}"}
    {field}: {value}
"""
    return getattr(loads(text)["k"], field)


@pytest.mark.parametrize(
    "word",
    [
        "no",
        "Yes",
        "on",
        "12:30",
        "1e3",
        "1_000",
        "010",
        "0x1f",
        "2026-01-01",
        "true",
        ".5",
        "Null",
        "1.10",
    ],
)
def test_where_text_is_wanted_yaml_words_are_text_as_written(word: str) -> None:
    assert reads("title", word) == word
    assert reads("tags", f"[{word}, '{word}']") == (word, word)


@settings(max_examples=60, deadline=None)
@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_read_to_the_last_bit(number: float) -> None:
    measure = reads("measure", f"{{band: {{low: {number!r}}}}}")
    assert repr(measure.low) == repr(number)


@pytest.mark.parametrize(
    ("word", "number"),
    [("+1", 1.0), ("1e3", 1000.0), ("-0.0", -0.0), ("1E-2", 0.01), ("10", 10.0), ("2.50", 2.5)],
)
def test_numbers_are_those_of_json_and_a_leading_plus(word: str, number: float) -> None:
    assert repr(reads("measure", f"{{band: {{low: {word}}}}}").low) == repr(number)


@pytest.mark.parametrize(
    ("field", "word"),
    [
        *(
            ("weight", word)
            for word in ("1_000", "010", ".5", "5.", "0x1f", "0o7", ".inf", ".nan", "1e999", "12:30")
        ),
        *(
            ("weight", word)
            for word in ("'1'", "yes", "true", "~", "", "1,5", "1 000", "[1]", "{a: 1}", "9" * 500)
        ),
        *(("guardrail", word) for word in ("yes", "no", "on", "off", "True", "1", "'true'", "~", "")),
        *(
            ("due", word)
            for word in ("2026-1-1", "2026-02-30", "20260101", "2026-12-31 10:00", "today", "2026")
        ),
        *(("title", word) for word in ("", "~", "null", "[a]", "{a: b}")),
        *(("tags", word) for word in ("a", "a, b", "~", "[~]", "[[a]]", "{a: b}")),
        *(("aggregate", word) for word in ("Latest", "median", "1", "~")),
        *(("cadence", word) for word in ("7", "FREQ=SECONDLY", "[weekly]", "''")),
        *(("owner", word) for word in ("[no]", "''", "' no'")),
        *(
            ("measure", word)
            for word in ("5", "{}", "{band: 5}", "{band: {low: 1}, target: {goal: 1}}", "{goal: 1}")
        ),
    ],
)
def test_what_is_not_plainly_of_the_type_is_refused_at_its_place(field: str, word: str) -> None:
    """No silent conversion: 'false' is no flag, 010 no number, 2026-1-1 no date."""
    with pytest.raises(OkrError) as caught:
        reads(field, word)
    (problem,) = caught.value.problems
    assert problem.line == 11
    assert problem.path.startswith(f"k.{field}")


def test_the_path_of_a_fault_begins_with_the_id_of_its_definition() -> None:
    for value, path in (
        ("{checklist: [{id: a, weight: x}]}", "k.measure.checklist[0].weight"),
        ("{checklist: {items: [{id: a}, {id: b, weight: -1}]}}", "k.measure.checklist.items[1].weight"),
        ("{checklist: [a, {id: b, milestone: m}]}", "k.measure.items[1].milestone"),
    ):
        with pytest.raises(OkrError) as caught:
            reads("measure", value)
        assert [problem.path for problem in caught.value.problems] == [path]
        assert caught.value.problems[0].column == 14 + max(
            value.find("x}"), value.find("-1"), value.find("m}")
        )


def test_null_is_none_where_the_field_takes_it_and_words_in_quotes_are_text() -> None:
    assert reads("owner", "~") is reads("owner", "") is reads("owner", "null") is None
    assert reads("owner", "'null'") == "null"
    assert reads("owner", "no") == "no"
    assert reads("owner", "12") == "12"


@pytest.mark.parametrize(
    ("format", "weight"),
    [("json", "1.9"), ("json", '"1"'), ("json", "true"), ("toml", "1.9"), ("toml", "'1'"), ("toml", "true")],
)
def test_a_sign_is_one_or_minus_one_and_nothing_close(format: Format, weight: str) -> None:
    ends = '"initiatives": [{"id": "i", "title": ""}], "kpis": [{"id": "q", "title": ""}]'
    json = f'{{"okrcore": 1, {ends}, "links": [{{"source": "i", "target": "q", "sign": {weight}}}]}}'
    toml = f"""
okrcore = 1
initiatives = [{{id = "i", title = ""}}]
kpis = [{{id = "q", title = ""}}]
links = [{{source = "i", target = "q", sign = {weight}}}]"""
    text = json if format == "json" else toml
    with pytest.raises(DocumentError, match="give one of 1, -1"):
        loads(text, format)


def test_toml_and_json_say_dates_and_texts_in_their_own_way() -> None:
    toml = loads('okrcore = 1\ncycles = [{id = "c", start = 2026-01-01, end = "2026-12-31"}]', "toml")
    json = loads(
        '{"okrcore": 1, "cycles": [{"id": "c", "start": "2026-01-01", "end": "2026-12-31"}]}', "json"
    )
    assert toml == json
    with pytest.raises(DocumentError, match="units\\[0\\] is 12:30:00; give text, in quotes"):
        loads("okrcore = 1\nunits = [12:30:00]", "toml")


def test_short_and_long_forms_are_the_same() -> None:
    short = "{target: {start: 0, goal: 9, plan: [[2026-06-30, 5]]}}"
    long = "{target: {start: 0, goal: 9, plan: [{date: 2026-06-30, value: 5}]}}"
    assert reads("measure", short) == reads("measure", long)
    assert reads("measure", long) == Target(0, 9, plan=(Waypoint(dt.date(2026, 6, 30), 5),))
    items = Checklist((Item("a"), Item("b", weight=2)))
    assert reads("measure", "{checklist: [a, {id: b, weight: 2}]}") == items
    assert reads("measure", "{checklist: {items: [{id: a}, {id: b, weight: 2}]}}") == items
    assert reads("measure", "{target: {goal: 9}}") == Target(None, 9)


def test_numbers_flags_and_dates_are_cells_and_columns_keep_their_type() -> None:
    text = """\
{"okrcore": 1, "priorities": {
  "columns": [{"name": "days_left", "low": 0, "high": 9.5},
              {"name": "kpi.guardrail", "values": [true, false]},
              {"name": "kpi.id", "kind": "date", "low": "2026-01-01"},
              {"name": "objective.id", "values": ["2026-01-01"]}],
  "rules": [{"id": "r", "when": {"days_left": 5, "kpi.guardrail": true, "kpi.id": "2026-01-01"},
             "then": {"winner": "kpi"}}]}}"""
    table = loads(text, "json").priorities
    assert table is not None
    assert table.rules[0].when == {"days_left": "5", "kpi.guardrail": "true", "kpi.id": "2026-01-01"}
    assert table.columns[2:] == (
        Column(name="kpi.id", kind="date", low=dt.date(2026, 1, 1)),
        Column(name="objective.id", values=("2026-01-01",)),
    )
    yaml = (
        "okrcore: 1\npriorities: {columns: [{name: days_left}],"
        " rules: [{id: r, when: {days_left: 1.50}, then: {winner: x}}]}"
    )
    table = loads(yaml).priorities
    assert table is not None
    assert table.rules[0].when == {"days_left": "1.50"}  # as written, not as a float


def test_nested_key_results_may_also_stand_at_the_top() -> None:
    rest = "title: t, measure: {band: {low: 1}}"
    nested = f"objectives: [{{id: o, title: t, cycle: c, key_results: [{{id: k, {rest}}}]}}]"
    flat = f"objectives: [{{id: o, title: t, cycle: c}}]\nkey_results: [{{id: k, objective: o, {rest}}}]"
    head = "okrcore: 1\ncycles: [{id: c, start: 2026-01-01, end: 2026-12-31}]\n"
    assert loads(head + nested) == loads(head + flat)
    assert loads(head + nested.replace("id: k,", "id: k, objective: o,")) == loads(head + flat)
    with pytest.raises(DocumentError, match="objective is 'p'; give 'o', which its place says"):
        loads(head + nested.replace("id: k,", "id: k, objective: p,"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("teams: []", "the version key is missing; begin the document with okrcore: 1"),
        ("okrcore: 2", "upgrade okrcore"),
        ("okrcore: 0", "give the version"),
        ("okrcore: '1'", "give the version"),
        ("okrcore: 1.0", "give the version"),
        ("okrcore:", "give the version"),
        ("[1]", "give a mapping"),
        ("", "the document is empty"),
        ("# only a comment", "the document is empty"),
        ("okrcore: 1\n---\nokrcore: 1", "a second document begins here"),
        ("%YAML 1.1\n---\nokrcore: 1", "directives are not read"),
        ("okrcore: 1\nunits: &u [a]\nteams: *u", r"alias \*u is not read"),
        ("okrcore: 1\nteams:\n  - <<: {id: a}", "merge keys are not read"),
        ("okrcore: 1\n? [a]\n: b", "a key is a list or a mapping"),
        ("okrcore: 1\nunits: {}", "units is a mapping; give a list"),
        ("okrcore: 1\nteams:", "teams is empty; give a list"),
        ("okrcore: 1\npriorities: []", "priorities is a list; give a mapping"),
        ("okrcore: 1\tteams", "a tab stands in unquoted text"),
        ("okrcore: 1\n\tteams: []", "not YAML"),
        ("okrcore: 1\nunits: [a\u2028b]", "U\\+2028 is a line break to YAML only"),
        ("okrcore: 1\rteams: []", "carriage return"),
        ("okrcore: 1\x07", "character U\\+0007 is not allowed"),
    ],
)
def test_what_no_document_may_hold(text: str, message: str) -> None:
    with pytest.raises(DocumentError, match=message) as caught:
        loads(text)
    assert len(caught.value.problems) == 1 + ("&u" in text)


def test_encodings() -> None:
    text = "okrcore: 1\r\nteams: [{id: é}]\r\n"
    expected = Portfolio.of(Team(id="é"))
    assert loads(text) == loads(text.encode()) == loads(text.encode("utf-8-sig")) == expected
    for encoding, message in (("latin-1", "byte 0xe9 is not UTF-8"), ("utf-16", "UTF-8")):
        with pytest.raises(DocumentError, match=message) as caught:
            loads(text.encode(encoding))
        if encoding == "latin-1":
            assert (caught.value.problems[0].line, caught.value.problems[0].column) == (2, 14)


def test_a_folder_is_read_in_order_and_what_is_no_document_is_passed_by(tmp_path: Path) -> None:
    files = {
        "b/teams.okr.yaml": "okrcore: 1\nteams: [{id: b}]",
        "a/teams.yml": "# teams\nokrcore: 1\nteams: [{id: a}]",
        "a/min.json": '{"teams": [{"id": "c"}], "okrcore": 1}',
        "pyproject.toml": '[tool.poetry.dependencies]\nokrcore = "^0.1"\n',
        "config.toml": '# ours\nokrcore = 1\n[[owners]]\nid = "d"\n',
        "workflow.yaml": "on: push\nsteps:\n  okrcore: 1\n",
        "data.json": '{"a": 1}',
        "notes.txt": "okrcore: 1",
        ".hidden.okr.yaml": "broken: [",
        ".venv/x.okr.yaml": "broken: [",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    portfolio, places = load_with_places(tmp_path)
    assert [value.id for value in portfolio] == ["d", "c", "a", "b"]
    assert places["a"] == Place(str(tmp_path / "a/teams.yml"), 3, 14)
    assert places["d"] == Place(str(tmp_path / "config.toml"), 4, None)
    assert (
        load([tmp_path / "a", tmp_path / "b", tmp_path / "a/teams.yml", tmp_path / "config.toml"])
        == portfolio
    )
    (tmp_path / "broken.okr.json").write_text("{")
    with pytest.raises(DocumentError, match=r"broken\.okr\.json:1:2: this is not JSON: the end where a key"):
        load(tmp_path)


def test_files_that_cannot_be_read_are_told_together(tmp_path: Path) -> None:
    (tmp_path / "bad.yaml").write_text("okrcore: 1\nteams: [{id: a, parent: nowhere}]\nx: [")
    (tmp_path / "good.yaml").write_text("okrcore: 1\nteams: [{id: b, parent: c}]\n")
    (tmp_path / "goals.txt").write_text("")
    (tmp_path / "nothing").mkdir()
    with pytest.raises(DocumentError) as caught:
        load([tmp_path / name for name in ("absent.yaml", "bad.yaml", "goals.txt", "nothing", "good.yaml")])
    messages = [str(problem).replace(f"{tmp_path}/", "") for problem in caught.value.problems]
    assert [message.partition(": ")[0] for message in messages] == [
        *("absent.yaml", "bad.yaml:3:5", "goals.txt", "nothing"),
    ]
    with pytest.raises(DocumentError, match="no path is given"):
        load([])
    (tmp_path / "large.yaml").write_text("#" * 101)
    with pytest.raises(
        DocumentError, match=r"large\.yaml: the document has 101 bytes, more than max_bytes 100"
    ):
        load(tmp_path / "large.yaml", max_bytes=100)


def test_from_dict_is_as_strict_and_names_paths() -> None:
    with pytest.raises(DocumentError) as caught:
        from_dict(Kpi, {"id": "q", "title": 1, "target": {"lo": 1}, "source": {"system": None}})
    assert [(p.path, p.line, p.file) for p in caught.value.problems] == [
        *(("title", None, None), ("target.lo", None, None), ("source.system", None, None)),
    ]
    with pytest.raises(UnknownIdError, match=r"^o\.cycle: 'c' is declared nowhere"):
        from_dict(Portfolio, {"okrcore": 1, "objectives": [{"id": "o", "title": "", "cycle": "c"}]})
    assert from_dict(Kpi, {"id": "q", "title": "", "target": {"low": 1}}).target == Band(low=1)
    assert from_dict(Owner, to_dict(Owner(id="a"))) == Owner(id="a")
    assert from_dict(Objective, to_dict(Objective(id="o", title="", cycle="c"))).cycle == "c"
    with pytest.raises(DefinitionError, match="is not read back by from_dict"):
        from_dict(bytes, {})


def test_every_kind_of_definition_has_its_section() -> None:
    assert {kind: section for section, kind in SECTIONS.items()} == KINDS


def test_unknown_formats_are_named() -> None:
    for call in (lambda: loads("", "xml"), lambda: dumps(Portfolio.of(), "xml")):  # type: ignore[arg-type]
        with pytest.raises(DocumentError, match="format 'xml' is unknown; give one of yaml, toml, json"):
            call()


def test_yaml_is_imported_only_when_yaml_is_read() -> None:
    code = (
        "import sys, okrcore.documents as d\n"
        "p = d.loads('{\"okrcore\": 1}', 'json'); d.dumps(p); d.json_schema()\n"
        "assert 'yaml' not in sys.modules and 'pint' not in sys.modules\n"
        "d.loads('okrcore: 1'); assert 'yaml' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@needs_example
def test_the_example_loads_as_it_stands_and_survives_every_format(tmp_path: Path) -> None:
    portfolio = load(EXAMPLE)
    assert isinstance(portfolio["throughput"], KeyResult)
    assert portfolio["throughput"].measure == Target(10_000, 12_000)
    assert portfolio["lanes-recalibrated->throughput"].lag == "2w..6w"
    assert portfolio.priorities is not None
    assert [rule.id for rule in portfolio.priorities.rules] == ["P1", "P2"]
    for suffix in ("yaml", "toml", "json"):
        dump(portfolio, tmp_path / f"example.{suffix}")
        assert load(tmp_path / f"example.{suffix}") == portfolio
    with pytest.raises(DefinitionError, match="a second priority table") as caught:
        load(tmp_path)
    assert len(caught.value.problems) == 2 * (len(portfolio) + 1)
