"""A table of goals or indicators becomes a portfolio and a history; each row not read is a problem."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.adapters.catalogue.cycle_words import read_period
from okrcore.adapters.catalogue.mapping import ColumnMapping
from okrcore.adapters.catalogue.reader import Catalogue, read_catalogue
from okrcore.adapters.catalogue.roles import ROLES
from okrcore.adapters.catalogue.title_ids import slug
from okrcore.adapters.cells import Refused
from okrcore.documents import dumps, loads
from okrcore.errors import DefinitionError, DocumentError, MissingExtraError, OkrError
from tests.support.paths import ROOT

KPIS: dict[str, Any] = {
    "columns": {"title": "KPI", "target": "Target", "direction": "Way", "team": "Team", "unit": "Unit"},
    "words": {"direction": {"Up": "higher", "Down": "lower"}},
    "observations": {"2024": "2024-12-31", "2025": "2025-12-31"},
}


NO_NUMBER = "a key result needs a number to reach, and is kept as a draft until it has one; give a target"


def read(folder: Path, text: str, mapping: Any = KPIS, name: str = "table.csv", **settings: Any) -> Catalogue:
    file = folder / name
    file.write_text(text, encoding="utf-8")
    return read_catalogue(file, mapping, **settings)


def told(catalogue: Catalogue) -> list[tuple[int | None, str, str]]:
    return [(one.line, one.path, one.message) for one in catalogue.problems]


HEAD = "KPI,Target,Way,Team,Unit,2024,2025\n"


def test_rows_become_kpis_with_bands_teams_and_values(tmp_path: Path) -> None:
    """S7.1, S8.2: targets become bands by direction, values become observations of their source."""
    found = read(
        tmp_path,
        HEAD + "Uptime,98,Up,Operations,%,97.5,98.5\nLead time,5,Down,Operations,day,7,\nMorale,,,,,,\n",
        {**KPIS, "system": "sheet"},
    )
    assert found.problems == ()
    assert found.portfolio["uptime"] == okr.Kpi(
        id="uptime", title="Uptime", unit="%", target=okr.Band(low=98), better="higher", team="operations"
    )
    assert found.portfolio["lead-time"].target == okr.Band(high=5)
    assert [(one.measure, one.at, one.value) for one in found.history] == [
        ("uptime", dt.date(2024, 12, 31), 97.5),
        ("uptime", dt.date(2025, 12, 31), 98.5),
        ("lead-time", dt.date(2024, 12, 31), 7.0),
    ]
    assert {one.source for one in found.history} == {okr.Source("sheet", mode="manual")}
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2025-12-31")
    assert [snapshot[name].zone for name in ("uptime", "lead-time", "morale")] == [
        "healthy",
        "breached",
        "unknown",
    ]


def test_a_blank_cell_is_unknown_and_zero_only_where_asked(tmp_path: Path) -> None:
    """S0.2: unknown is not zero."""
    text = HEAD + "Calls,3,Up,,,,0\n"
    assert [one.value for one in read(tmp_path, text).history] == [0.0]
    zero = {**KPIS, "numbers": {"blank": "zero"}}
    assert [one.value for one in read(tmp_path, text, zero).history] == [0.0, 0.0]
    assert read(tmp_path, HEAD + "Calls,,Up,,,,0\n", zero).portfolio["calls"].target is None
    unknown = {**KPIS, "numbers": {"unknown": ["0"]}}
    assert len(read(tmp_path, text, unknown).history) == 0


@pytest.mark.parametrize(
    ("cells", "column", "why"),
    [
        ("Calls,2M,Up,,,,1", "Target", "no plain number|state no direction"),
        ("Calls,3,Sideways,,,,1", "Way", "no word that is known"),
        ("Calls,3,,,,,1", "Target", "without a direction"),
        ('Calls,"1,234",Up,,,,1', "Target", "set numbers.thousands"),
        ("Calls,3,Up,,lightyear,,1", "Unit", "kept without a unit"),
        ("Calls,3,Up,,,1 Hour%,1", "2024", "'1 Hour%' is no number"),
        ("Calls,3,Up,,,354 (calendar year),1", "2024", "no number"),
        ("Calls,3,Up,,,N/A%,1", "2024", "'N/A%' is no number"),
        ("Calls,3,Up,,,inf,1", "2024", "no number"),
        ("Calls,3,Up,,,1e999,1", "2024", "no number"),
        ("Calls,3,Up,,day,5%,1", "2024", "the unit is 'day'"),
        ("Calls,3%,Up,,,0.5,1%", "2024", "no percent sign"),
        ("Calls,3,Up,A;B,,,1", "Team", "names 2 teams"),
        (",3,Up,,,,1", "KPI", "neither title nor id"),
    ],
)
def test_what_a_cell_cannot_say_is_told_at_its_place(
    tmp_path: Path, cells: str, column: str, why: str
) -> None:
    """S0.4: every problem has its file, line and column, and says what to do."""
    found = read(tmp_path, HEAD + f"Good,1,Up,,,,1\n{cells}\nAlso good,1,Up,,,,1\n")
    assert {"good", "also-good"} <= {one.id for one in found.portfolio}
    (problem,) = [one for one in found.problems if one.path == column]
    assert (problem.file, problem.line) == (str(tmp_path / "table.csv"), 3)
    assert problem.column == HEAD.strip().split(",").index(column) + 1
    assert any(part in problem.message for part in why.split("|"))
    assert ";" in problem.message


def test_a_record_that_is_no_row_costs_no_other(tmp_path: Path) -> None:
    text = HEAD + 'One,1,Up,,,,1\nTwo,1,Up\n"Th"ree,1,Up,,,,1\nFour,1,Up,,,,1,extra\nFive,1,Up,,,,1\n'
    found = read(tmp_path, text)
    assert [one.title for one in found.portfolio.kpis] == ["One", "Five"]
    assert [line for line, _, _ in told(found)] == [3, 4, 5]


def test_numbers_are_read_as_the_mapping_says(tmp_path: Path) -> None:
    mapping = {**KPIS, "numbers": {"decimal": ",", "thousands": "."}, "delimiter": ";"}
    found = read(tmp_path, HEAD.replace(",", ";") + "Sales;1.234,5;Up;;EUR;\u22121.000;2.000.000\n", mapping)
    assert found.problems == ()
    assert found.portfolio["sales"].target == okr.Band(low=1234.5)
    assert [one.value for one in found.history] == [-1000.0, 2_000_000.0]


def test_ids_follow_one_rule_and_collisions_are_told(tmp_path: Path) -> None:
    """S0.7: ids are unique across the portfolio, whatever the type."""
    found = read(tmp_path, HEAD + "UX debt!,,,,,,1\nUX  Debt,,,,,,2\nOps,,,Ops,,,\n???,,,,,,\n")
    assert [(one.id, one.title) for one in found.portfolio.kpis] == [
        ("ux-debt", "UX debt!"),
        ("ux-debt-2", "UX Debt"),
        ("ops", "Ops"),
        ("row-5", "???"),
    ]
    assert [team.id for team in found.portfolio.teams] == ["ops-team"]
    assert [(line, path) for line, path, _ in told(found)] == [(3, "KPI")]
    given = {"columns": {"id": "KPI", "title": "KPI"}, "prefixes": {"kpi": "k-"}}
    again = read(tmp_path, "KPI\nA b\nA b\n", given)
    assert [one.id for one in again.portfolio] == ["k-A b"]
    assert "left out" in again.problems[0].message


@given(st.text(max_size=60) | st.text(alphabet="aB -", min_size=70, max_size=120))
def test_a_slug_is_an_id_or_nothing_and_its_own_slug(title: str) -> None:
    """The rule of ids from titles: printable, in small letters, at most 80 characters, settled at once."""
    name = slug(title)
    assert len(name) <= 80
    assert slug(name) == name
    if name:
        assert okr.Team(id=name).id == name


def test_text_is_taken_as_text(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + '"=HYPERLINK(""x"")\x1b[31m\u202e",,,,,,1\n')
    (kpi,) = found.portfolio.kpis
    assert kpi.title == '=HYPERLINK("x") [31m'
    assert kpi.id == "hyperlink-x-31m"


def test_values_of_one_day_that_differ_are_told(tmp_path: Path) -> None:
    """S8.5: two values for one measure and day are never both kept, nor one of them silently."""
    same_day = {**KPIS, "observations": {"2024": "2024-12-31", "2025": "2024-12-31"}}
    found = read(tmp_path, HEAD + "A,,,,,1,2\nB,,,,,3,3\n", same_day)
    assert [(one.measure, one.value) for one in found.history] == [("a", 1.0), ("b", 3.0)]
    assert told(found) == [(2, "2025", "'a' has 1 for 2024-12-31 already, and 2 is left out; keep one")]


def test_a_long_table_gives_observations(tmp_path: Path) -> None:
    mapping = {
        "rows": "observation",
        "columns": {"measure": "kpi", "at": "day", "value": "v"},
        "dates": "day-first",
    }
    found = read(tmp_path, "kpi,day,v\nup,31/01/2026,5%\nup,32/01/2026,6%\nup,,7%\n,01/02/2026,\n", mapping)
    assert [(one.measure, one.at, one.value, one.unit) for one in found.history] == [
        ("up", dt.date(2026, 1, 31), 5.0, "%")
    ]
    assert [line for line, _, _ in told(found)] == [3, 3, 4]


def test_a_long_table_keeps_its_units_and_tells_percents_that_may_be_fractions(tmp_path: Path) -> None:
    """S1.4: a unit column goes with its value; of one measure all percents have the sign, or none."""
    columns = {"measure": "kpi", "at": "day", "value": "v", "unit": "u"}
    text = (
        "kpi,day,v,u\nwait,2026-01-31,90,minute\nwait,2026-02-28,2,hour\nsales,2026-01-31,3,kEUR\n"
        "up,2026-01-31,95%,\nup,2026-02-28,0.96,\nup,2026-03-31,0,\nshare,2026-01-31,95,%\nodd,2026-01-31,5%,day\n"
    )
    found = read(tmp_path, text, {"rows": "observation", "columns": columns})
    assert [(one.measure, one.value, one.unit) for one in found.history] == [
        ("wait", 90.0, "minute"),
        ("wait", 2.0, "hour"),
        ("sales", 3000.0, "EUR"),
        ("up", 95.0, "%"),
        ("up", 0.0, "%"),
        ("share", 95.0, "%"),
    ]
    assert [(line, path) for line, path, _ in told(found)] == [(6, "v"), (9, "v")]
    assert "no percent sign" in found.problems[0].message
    assert "the unit is 'day'" in found.problems[1].message


OKRS: dict[str, Any] = {
    "rows": "key_result",
    "columns": {
        "objective": "Objective",
        "title": "Key result",
        "owner": "Owner",
        "period": "Period",
        "start": "From",
        "target": "To",
        "current": "Now",
        "weight": "Weight",
    },
    "parent_above": True,
    "at": "2026-02-15",
}


def test_key_results_make_the_objectives_that_they_name(tmp_path: Path) -> None:
    text = (
        "Objective,Key result,Owner,Period,From,To,Now,Weight\n"
        "Grow,Customers,ann,Q1 2026,10,20,15,2\n,Churn,bob,Q1 2026,5,3,5,1\n"
        "Learn,Interviews,Ann,H1 2026,0,at least 12,,\nLearn,Nothing to reach,ann,H1 2026,0,,,\n"
    )
    found = read(tmp_path, text, OKRS)
    assert [(one.id, one.cycle, one.owner) for one in found.portfolio.objectives] == [
        ("grow", "2026-Q1", None),
        ("learn", "2026-H1", "ann"),
    ]
    assert [one.id for one in found.portfolio.owners] == ["ann", "bob"]  # Ann is ann
    results = {one.id: one for one in found.portfolio.key_results}
    assert results["churn"].objective == "grow"
    assert results["interviews"].measure == okr.Band(low=12)
    assert told(found) == [
        (
            5,
            "To",
            NO_NUMBER,
        )
    ]
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2026-02-15")
    assert snapshot["grow"].score == pytest.approx((2 * 0.5 + 1 * 0.0) / 3)
    assert snapshot["nothing-to-reach"].status == "draft"


@pytest.mark.parametrize("target", ["", "TBD", "unter 1%", "about 5"])
def test_values_are_kept_whatever_the_target_says(tmp_path: Path, target: str) -> None:
    """S0.3: a key result that cannot be judged yet keeps what was observed, as a KPI does."""
    text = f"Objective,Key result,To,Unit,Oct,Nov\nGrow,Faults,{target},hour,2.5,2.1\n"
    columns = {"objective": "Objective", "title": "Key result", "target": "To", "unit": "Unit"}
    mapping = {"columns": columns, "observations": {"Oct": "2026-10-31", "Nov": "2026-11-30"}}
    judged, plain = (read(tmp_path, text, {**mapping, "rows": rows}) for rows in ("key_result", "kpi"))
    assert [(one.measure, one.at, one.value) for one in judged.history] == [
        (one.measure, one.at, one.value) for one in plain.history
    ]
    goal = judged.portfolio["faults"]
    assert (goal.stage, goal.unit) == ("draft", "hour")
    replaced = attrs.evolve(goal, measure=okr.Target(3, 1), stage="active")
    portfolio = okr.Portfolio.of(*(replaced if one.id == goal.id else one for one in judged.portfolio))
    assert okr.evaluate(portfolio, judged.history, as_of="2026-12-01")["faults"].value == 2.1


def test_values_that_nothing_reads_are_told(tmp_path: Path) -> None:
    """S0.3: where progress is taken, or an objective has nothing to reach, the numbers beside it are told."""
    mapping = {**OKRS, "columns": {**OKRS["columns"], "progress": "Done"}}
    head = "Objective,Key result,Owner,Period,From,To,Now,Weight,Done\n"
    found = read(tmp_path, head + "Grow,Customers,ann,Q1 2026,,TBD,15,,40\n", mapping)
    assert [one.value for one in found.history] == [40.0]
    assert any("the values are left out" in message for _, _, message in told(found))
    found = read(tmp_path, head + "Grow,Customers,ann,Q1 2026,,TBD,15,,\n", mapping)
    assert [one.value for one in found.history] == [15.0]
    alone = {"rows": "objective", "columns": {"title": "t"}, "observations": {"Oct": "2026-10-31"}}
    found = read(tmp_path, "t,Oct\nGrow,5\nLearn,\n", {**alone, "cycle": okr.Cycle.year(2026)})
    assert [(line, "are left out" in message) for line, _, message in told(found)] == [(2, True)]


def test_words_of_a_status_say_the_stage(tmp_path: Path) -> None:
    rows = {
        "On Track": "active",
        "On hold": "paused",
        "Postponed": "paused",
        "Canceled": "cancelled",
        "DRAFT": "draft",
        "Frozen": "active",
        "": "active",
    }
    text = "Objective,Key result,Owner,Period,From,To,Now,Weight,Status\n" + "".join(
        f"Grow,Customers {n},ann,Q1 2026,10,20,15,2,{word}\n" for n, word in enumerate(rows)
    )
    found = read(tmp_path, text, {**OKRS, "columns": {**OKRS["columns"], "status": "Status"}})
    assert [one.stage for one in found.portfolio.key_results] == list(rows.values())
    assert [one.status for one in found.journal] == [word for word in rows if word]
    columns = {**OKRS["columns"], "stage": "Status"}
    own = {**OKRS, "columns": columns, "words": {"stage": {"Frozen": "draft", "On hold": "active"}}}
    found = read(tmp_path, text, own)
    stages = [found.portfolio.key_result(f"customers-{n}").stage for n in (1, 4, 5)]
    assert stages == ["active", "draft", "draft"]


def test_circles_and_rows_above_themselves_are_taken_apart(tmp_path: Path) -> None:
    """S4.2: the alignment graph of a catalogue has no circle; the row that closed it is told."""
    mapping = {"rows": "objective", "columns": {"id": "id", "title": "t", "parent": "p", "period": "when"}}
    text = "id,t,p,when\na,A,b,2026\nb,B,c,2026\nc,C,a,2026\nd,D,d,2026\ne,E,x,2026\nf,F,a,2026\n"
    found = read(tmp_path, text, mapping)
    assert len(found.portfolio.objectives) == 6
    assert [(line, path) for line, path, _ in told(found)] == [(4, "p"), (5, "p"), (6, "p")]


def test_a_parent_is_one_row_or_none(tmp_path: Path) -> None:
    """Nothing is guessed: a title that two rows have names neither; an id comes before a title."""
    mapping = {"rows": "objective", "columns": {"id": "id", "title": "t", "parent": "p", "period": "when"}}
    text = "id,t,p,when\na,Grow,,2026\nb,grow,,2026\nc,C,Grow,2026\nd,D,a,2026\na2,a,,2026\ne,E,c,2026\n"
    found = read(tmp_path, text, mapping)
    parents = {one.id: [parent.to for parent in one.contributes_to] for one in found.portfolio.objectives}
    assert parents == {"a": [], "b": [], "c": [], "d": ["a"], "a2": [], "e": ["c"]}
    assert told(found) == [(4, "p", "'Grow' is the name of several rows; give the id of one")]


def test_an_objective_without_a_period_spans_what_is_below_it(tmp_path: Path) -> None:
    mapping = {"rows": "objective", "columns": {"title": "t", "parent": "p", "period": "when"}}
    text = "t,p,when\nTop,,\nMiddle,Top,\nA,Middle,Q1 2026\nB,Middle,Q3 2026\nC,Top,Q2 2026\n"
    found = read(tmp_path, text, mapping)
    cycles = {one.id: one.cycle for one in found.portfolio.objectives}
    assert cycles["top"] == cycles["middle"] == "2026-01-01..2026-09-30"
    assert [line for line, _, _ in told(found)] == [2, 3]


@pytest.mark.parametrize(
    ("text", "id", "start", "end"),
    [
        ("Q3 Y2025", "2025-Q3", "2025-07-01", "2025-09-30"),
        ("Y2025", "2025", "2025-01-01", "2025-12-31"),
        ("2018-q2", "2018-Q2", "2018-04-01", "2018-06-30"),
        ("FY23-Q2", "FY2023-Q2", "2022-05-01", "2022-07-31"),
        ("fy2024", "FY2024", "2023-02-01", "2024-01-31"),
        ("H2 2025", "2025-H2", "2025-07-01", "2025-12-31"),
        ("2025-01-15 to 2025-02-14", "2025-01-15..2025-02-14", "2025-01-15", "2025-02-14"),
    ],
)
def test_the_words_for_a_time_are_cycles(text: str, id: str, start: str, end: str) -> None:
    """S3.5: fiscal years are named by the year they end in."""
    cycle = read_period(text, fiscal_start_month=2)
    assert (cycle.id, str(cycle.start), str(cycle.end)) == (id, start, end)


@pytest.mark.parametrize(
    "text", ["Q5 2025", "23", "H3 2025", "soon", "2025-13-01..2025-12-31", "9999", "x" * 99]
)
def test_other_words_are_no_time(text: str) -> None:
    with pytest.raises(Refused, match=";"):
        read_period(text, fiscal_start_month=2)
    with pytest.raises(Refused, match="set fiscal_start_month"):
        read_period("FY23")


def test_without_a_period_nothing_is_expected(tmp_path: Path) -> None:
    mapping = {**OKRS, "columns": {**OKRS["columns"]}}
    del mapping["columns"]["period"]
    text = "Objective,Key result,Owner,From,To,Now,Weight\nGrow,Customers,ann,10,20,11,\n"
    found = read(tmp_path, text, mapping)
    assert "no period" in found.problems[0].message
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2026-02-15")
    assert (snapshot["customers"].expected, snapshot["customers"].status) == (0.0, "not-started")
    cycle = okr.Cycle.quarter(2026, 1, id="q1")
    assert read(tmp_path, text, {**mapping, "cycle": cycle}).portfolio["grow"].cycle == "q1"


def test_json_records_are_read_with_their_places(tmp_path: Path) -> None:
    records = [{"KPI": "Up", "Target": "at least 98%", "2024": 97.5}, {"KPI": "Odd", "2024": {"a": 1}}, 5]
    mapping = {"columns": {"title": "KPI", "target": "Target"}, "observations": {"2024": "2024-12-31"}}
    text = json.dumps({"source": "x", "kpis": records}, indent=1)
    found = read(tmp_path, text, mapping, "k.json")
    assert found.portfolio["up"].target == okr.Band(low=98)
    assert [path for _, path, _ in told(found)] == ["", "2024", "2024"]
    lines = text.split("\n")
    assert '"2024": {' in lines[(found.problems[2].line or 0) - 1]


def test_a_workbook_is_read_as_it_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    book = openpyxl.Workbook()
    book.active.append(["KPI", "Target", "Way", "Team", "Unit", "2024", "2025"])
    book.active.append(["Uptime", 0.98, "Up", 810, None, 0.07, 0.985])
    book.active.append([])
    book.active.append(["Broken", "=1/0", "Up", None, None, dt.datetime(2025, 1, 1), True])  # noqa: DTZ001
    for cell in ("B2", "F2", "G2"):
        book.active[cell].number_format = "0.0%"
    book.save(tmp_path / "k.xlsx")
    found = read_catalogue(tmp_path / "k.xlsx", KPIS)
    kpi = found.portfolio["uptime"]
    assert isinstance(kpi, okr.Kpi)
    assert (kpi.target, kpi.unit, kpi.team) == (okr.Band(low=98), "%", "810")
    assert [one.value for one in found.history] == [7.0, 98.5]
    assert [(line, path) for line, path, _ in told(found)] == [(4, "2024"), (4, "2025")]
    with pytest.raises(DocumentError, match="no sheet 'Goals'"):
        read_catalogue(tmp_path / "k.xlsx", {**KPIS, "sheet": "Goals"})
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'okrcore\[excel\]'"):
        read_catalogue(tmp_path / "k.xlsx", KPIS)


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("missing.csv", None),
        ("empty.csv", b""),
        ("blank.csv", b"\n\n"),
        ("twice.csv", b"KPI,KPI\na,b\n"),
        ("other.csv", b"title,target\na,1\n"),
        ("quote.csv", b'"KPI\n'),
        ("odd.doc", b"KPI\n"),
        ("no.json", b"[1, 2"),
        ("none.json", b'{"a": 1}'),
        ("two.json", b'{"a": [], "b": []}'),
        ("no.xlsx", b"PK\x03\x04 nothing"),
        ("long.csv", b"KPI\n" + b"x" * 2_000_000),
    ],
)
def test_what_is_no_table_is_one_error(tmp_path: Path, name: str, data: bytes | None) -> None:
    if name.endswith(".xlsx"):
        pytest.importorskip("openpyxl", reason="openpyxl is not installed")
    if data is not None:
        (tmp_path / name).write_bytes(data)
    with pytest.raises(DocumentError) as caught:
        read_catalogue(tmp_path / name, KPIS)
    assert name in str(caught.value)


def test_size_is_limited_and_encodings_are_named(tmp_path: Path) -> None:
    file = tmp_path / "k.csv"
    file.write_bytes("KPI\nGr\u00f6\u00dfe\n".encode("cp1252"))
    columns = {"columns": {"title": "KPI"}}
    found = read_catalogue(file, columns)
    assert "UTF-8" in found.problems[0].message
    assert not len(found.portfolio)
    assert (
        read_catalogue(file, {**columns, "encoding": "cp1252"}).portfolio.kpis[0].title == "Gr\u00f6\u00dfe"
    )
    with pytest.raises(DocumentError, match="unknown"):
        read_catalogue(file, {**columns, "encoding": "klingon"})
    with pytest.raises(DocumentError, match="max_bytes"):
        read_catalogue(file, columns, max_bytes=5)
    file.write_text("KPI\nA\n", encoding="utf-16")
    assert read_catalogue(file, columns).portfolio.kpis[0].title == "A"
    file.write_text("KPI\n" + "x" * 20_000 + "\nB\n", encoding="utf-8")
    assert [one.title for one in read_catalogue(file, columns).portfolio.kpis] == ["B"]


def test_a_mapping_is_a_value_a_dict_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "m.toml").write_text(
        'rows = "kpi"\n[columns]\ntitle = "KPI"\n[observations]\n2024 = 2024-12-31\n', encoding="utf-8"
    )
    (tmp_path / "m.json").write_text(
        '{"columns": {"title": "KPI"}, "observations": {"2024": "2024-12-31"}}', encoding="utf-8"
    )
    value = ColumnMapping(columns={"title": "KPI"}, observations={"2024": dt.date(2024, 12, 31)})
    text = "KPI,2024\nA,1\n"
    found = [read(tmp_path, text, given) for given in (value, tmp_path / "m.toml", str(tmp_path / "m.json"))]
    assert all(
        one.portfolio == found[0].portfolio and one.history.root == found[0].history.root for one in found
    )
    assert ColumnMapping.load(tmp_path / "m.toml") == value


def test_the_page_names_every_key_and_role_and_its_mapping_reads_a_table(tmp_path: Path) -> None:
    text = (ROOT / "docs/reference/mapping.md").read_text("utf-8")
    keys, _, roles = text.partition("## Roles")
    named = [re.findall(r"(?m)^\| `(\w+)`", part) for part in (keys, roles)]
    assert {*named[0]} == {one.name for one in attrs.fields(ColumnMapping)}
    assert named[1] == [*ROLES]
    (tmp_path / "m.toml").write_text(text.partition("```toml\n")[2].partition("```")[0], "utf-8")
    (tmp_path / "g.csv").write_text(
        "Nr;Ziel;Kennzahl;Verantwortlich;Startwert;Zielwert;Einheit;F\u00e4llig am;Ist Okt;Ist Nov\n"
        "K1;Antworten;Antwortzeit;Anna;5,5;2;Tage;;4,2;offen\nK2;Umsatz;Angebote;Anna;10;1.050;St\u00fcck;;-;15\n",
        "cp1252",
    )
    found = read_catalogue(tmp_path / "g.csv", tmp_path / "m.toml")
    assert found.problems == ()
    assert [(one.id, one.unit, one.measure) for one in found.portfolio.key_results] == [
        ("K1", "day", okr.Target(5.5, 2)),
        ("K2", "piece", okr.Target(10, 1050)),
    ]
    assert {(one.cycle, one.team) for one in found.portfolio.objectives} == {("2026-Q4", "service")}
    assert [(one.measure, one.value) for one in found.history] == [("K1", 4.2), ("K2", 15.0)]


def test_faults_of_a_mapping_arrive_together(tmp_path: Path) -> None:
    """S0.4: all problems of one mapping at once, from a file with their lines."""
    with pytest.raises(DefinitionError) as caught:
        ColumnMapping(
            columns={"titel": "KPI"},
            words={"direction": {"Up": "better"}},
            observations={"x": "soon"},
            separator="",
        )
    assert {one.path for one in caught.value.problems} == {
        "columns.titel",
        "columns.title",
        "words.direction.Up",
        "observations.x",
        "separator",
    }
    (tmp_path / "m.toml").write_text('rows = "kpis"\n[columns]\ntitle = "KPI"\nids = 5\n', encoding="utf-8")
    with pytest.raises(OkrError) as wrong:
        ColumnMapping.load(tmp_path / "m.toml")
    assert {one.line for one in wrong.value.problems} == {1, 4}
    with pytest.raises(DocumentError, match="column 'KPI' is missing"):
        read(tmp_path, "A,B\n1,2\n", {"columns": {"title": "KPI"}})


_CELLS = st.sampled_from(
    [
        "",
        "1",
        "-2.5",
        "98%",
        "at least 5",
        "TBD",
        "2M",
        "Up",
        "Down",
        "Ops",
        "A;B",
        "%",
        "day",
        "???",
        "=1+1",
        "\x00",
    ]
) | st.text(max_size=12)
_ROWS = st.lists(st.tuples(*[_CELLS] * 7), max_size=8)


def _csv(rows: Sequence[tuple[str, ...]]) -> str:
    quoted = (",".join('"' + cell.replace('"', '""') + '"' for cell in row) for row in rows)
    return HEAD + "".join(f"{line}\n" for line in quoted)


@given(rows=_ROWS)
def test_every_row_is_read_or_told(
    rows: list[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """S0.3, S0.4: no row is lost silently, and what was read can be evaluated."""
    file = tmp_path_factory.getbasetemp() / "fuzz.csv"
    file.write_bytes(_csv(rows).encode("utf-8", "surrogatepass"))
    found = read_catalogue(file, KPIS)
    wanted = sum(any(cell.strip() for cell in row) for row in rows)
    lines = {line for line, _, _ in told(found)}
    assert len(found.portfolio.kpis) + len(lines) >= wanted
    assert len(found.portfolio.kpis) <= wanted
    okr.evaluate(found.portfolio, found.history, as_of="2025-12-31")


@given(rows=_ROWS)
def test_a_bad_row_takes_no_good_one_with_it(
    rows: list[tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """What can be read is read: rows behind the good ones change nothing of what these gave."""
    file = tmp_path_factory.getbasetemp() / "fuzz.csv"
    good = [
        ("Uptime", "98", "Up", "Crew", "%", "97", "98"),
        ("Lead time", "5", "Down", "Crew", "day", "7", ""),
    ]
    file.write_text(_csv(good), encoding="utf-8")
    before = read_catalogue(file, KPIS)
    file.write_bytes(_csv([*good, *rows]).encode("utf-8", "surrogatepass"))
    after = read_catalogue(file, KPIS)
    assert before.problems == ()
    assert all(after.portfolio[one.id] == one for one in before.portfolio)
    assert set(before.history) <= set(after.history)


GOALS: dict[str, Any] = {
    "rows": "objective",
    "columns": {
        "type": "type",
        "id": "id",
        "title": "title",
        "parent": "parent",
        "order": "order",
        "owner": "owner",
        "team": "team",
        "period": "period",
        "end": "end",
        "start": "from",
        "target": "to",
        "current": "now",
        "weight": "weight",
        "status": "status",
    },
    "words": {"type": {"O": "objective", "K": "key_result", "P": "kpi"}},
    "parent_sign": 1,
    "at": "2026-02-15",
}
_SOME = {
    "type": ["O", "K", "P", "O", "X"],
    "id": ["", "", "a", "b", "c", "a->b", "ann", "2026-Q1"],
    "title": ["A", "B", "c", "", "2026-Q1"],
    "parent": ["", "a", "b", "c", "A", "#a", "nobody"],
    "order": ["", "", "1", "1.1", "1.1.1", "2"],
    "owner": ["", "ann", "Ann", "a;b", "a"],
    "team": ["", "ann", "b", "Crew"],
    "period": ["", "Q1 2026", "2025", "2026-01-01..2026-03-31", "soon"],
    "end": ["", "2026-06-30", "2025-01-01", "1066-10-14"],
    "from": ["", "0", "5"],
    "to": ["", "10", "5", "at most 3", "TBD"],
    "now": ["", "4", "x", "5%"],
    "weight": ["", "2", "0", "-1"],
    "status": ["", "On track"],
}


@given(rows=st.lists(st.fixed_dictionaries({k: st.sampled_from(v) for k, v in _SOME.items()}), max_size=8))
def test_goals_of_any_shape_are_read_or_told(
    rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """S0.3, S4.2, S0.7: whatever rows say of each other, what comes out is a portfolio that evaluates."""
    file = tmp_path_factory.getbasetemp() / "goals.csv"
    lines = [",".join(_SOME), *(",".join(row.values()) for row in rows)]
    file.write_text("\n".join(lines), encoding="utf-8")
    found = read_catalogue(file, GOALS)
    made: list[Any] = [*found.portfolio.objectives, *found.portfolio.key_results, *found.portfolio.kpis]
    own = sum(one.id.endswith("-progress") for one in made)
    lines_told = {line for line, _, _ in told(found)}
    assert len(made) - own <= len(rows) <= len(made) - own + len(lines_told)
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2026-02-15")
    assert len(snapshot.objectives) == len(found.portfolio.objectives)
    assert loads(dumps(found.portfolio)) == found.portfolio
    assert {entry.subject for entry in found.journal} <= {one.id for one in made}


@given(data=st.binary(max_size=200), suffix=st.sampled_from([".csv", ".tsv", ".json", ".xlsx", ".txt"]))
def test_any_bytes_give_a_catalogue_or_an_error_of_ours(
    data: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / f"bytes{suffix}"
    file.write_bytes(data)
    for mapping in (None, {"columns": {"title": "KPI"}}):
        try:
            assert isinstance(read_catalogue(file, mapping), Catalogue)
        except OkrError:
            continue


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 15) | st.text(max_size=6),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["title", "type", "direction", "x"]), inner, max_size=2)
    ),
    max_leaves=4,
)
_FIELDS = st.sampled_from([*(one.name for one in attrs.fields(ColumnMapping)), "other"])


@given(changes=st.dictionaries(_FIELDS, _PLAIN, max_size=4))
def test_any_mapping_is_read_or_refused(
    changes: dict[str, Any], tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "mapped.csv"
    file.write_text("title,type,x\na,b,c\n", encoding="utf-8")
    try:
        found = read_catalogue(file, {"columns": {"title": "title"}, **changes})
    except OkrError:
        return
    assert len(found.portfolio) + len(found.problems) + len(found.history)
