"""The laws of imports: order never decides, weights stay where they belong, and nothing is lost unsaid."""

import json
from itertools import permutations
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import okrcore as okr
from okrcore import Checklist, Contribution, OkrError, read_catalogue
from okrcore.adapters.catalogue.cycle_words import read_period
from okrcore.adapters.cells import Refused
from okrcore.surfaces.cli.main import main
from tests.support.paths import SHARED

TREE = {
    "columns": {
        "id": "Id",
        "title": "T",
        "type": "Y",
        "parent": "P",
        "weight": "W",
        "start": "S",
        "target": "G",
        "current": "N",
        "period": "Q",
    },
    "words": {"type": {"O": "objective", "K": "key_result", "I": "initiative"}},
    "at": "2025-06-30",
}
HEAD = "Id,T,Y,P,W,S,G,N,Q\n"


def read(tmp_path: Path, text: str, mapping: Any, name: str = "a.csv") -> Any:
    (tmp_path / name).write_text(text, encoding="utf-8")
    return read_catalogue(tmp_path / name, mapping)


def test_a_weight_in_what_is_above_does_not_weigh_a_goals_own_numbers(tmp_path: Path) -> None:
    rows = "1,Top,O,,,,,,2025\n2,A,O,1,100,0,100,50,2025\n3,B,O,1,0,0,100,80,2025\n"
    found = read(tmp_path, HEAD + rows, TREE)
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2025-06-30")
    assert [snapshot[one].score for one in "123"] == [0.5, 0.5, 0.8]
    assert found.portfolio["3"].contributes_to == (Contribution("1", 0.0),)


def test_a_goal_whose_children_weigh_nothing_keeps_its_own_numbers(tmp_path: Path) -> None:
    found = read(tmp_path, HEAD + "1,Top,O,,,0,100,30,2025\n2,A,O,1,0,0,100,50,2025\n", TREE)
    snapshot = okr.evaluate(found.portfolio, found.history, as_of="2025-06-30")
    assert [snapshot[one].score for one in "12"] == [0.3, 0.5]


def test_several_parents_and_a_parent_that_is_a_key_result(tmp_path: Path) -> None:
    rows = "1,Top,O,,,,,,2025\n4,Top2,O,,,,,,2025\n2,KR,K,1,,0,100,50,2025\n"
    found = read(tmp_path, HEAD + rows + "3,Child,O,1;4,,0,100,80,2025\n", TREE)
    assert [one.to for one in found.portfolio["3"].contributes_to] == ["1", "4"]
    assert found.problems == ()
    found = read(tmp_path, HEAD + rows + "3,Child,O,2,,0,100,80,2025\n", TREE)
    assert found.portfolio["3"].contributes_to == (Contribution("1", 0.0),)
    assert ["stands below '1'" in one.message for one in found.problems] == [True]


def test_a_further_parent_that_makes_a_circle_is_left_out(tmp_path: Path) -> None:
    rows = "1,A,O,,,,,,2025\n2,B,O,1,,,,,2025\n3,C,O,2,,,,,2025\n4,D,O,3;1,,,,,2025\n"
    found = read(tmp_path, HEAD + rows.replace("1,A,O,,", "1,A,O,9;4,") + "9,E,O,,,,,,2025\n", TREE)
    assert [one.to for one in found.portfolio["1"].contributes_to] == ["9"]
    assert any("below itself" in one.message for one in found.problems)


class TestSpans:
    ROWS: ClassVar = (
        "S,A,2025-01-01,2025-01-15,0,10,5",
        "S,B,2025-01-10,2025-02-28,0,10,5",
        "S,C,2025-02-01,2025-04-15,0,10,5",
    )
    COLUMNS: ClassVar = {
        "objective": "Objective",
        "title": "KR",
        "begin": "Begin",
        "end": "Due",
        "start": "Start",
        "target": "Target",
        "current": "Now",
    }

    @pytest.mark.parametrize("rows", list(permutations(ROWS)))
    def test_the_order_of_rows_does_not_decide(self, tmp_path: Path, rows: tuple[str, ...]) -> None:
        mapping = {"rows": "key_result", "columns": self.COLUMNS, "at": "2025-02-01"}
        found = read(tmp_path, "Objective,KR,Begin,Due,Start,Target,Now\n" + "\n".join(rows), mapping)
        assert [one.id for one in found.portfolio.cycles] == ["2025-01-01..2025-04-15"]
        assert {one.id: str(one.due) for one in found.portfolio.key_results} == {
            "a": "2025-01-15",
            "b": "2025-02-28",
            "c": "None",
        }
        assert ["takes the span" in one.message for one in found.problems] == [True]

    def test_what_all_rows_say_is_taken_as_it_is(self, tmp_path: Path) -> None:
        mapping = {
            "rows": "key_result",
            "columns": {"objective": "O", "title": "K", "period": "P", "target": "T"},
        }
        found = read(tmp_path, "O,K,P,T\nS,A,Q1 2025,5\nS,B,Q1 2025,6\n", mapping)
        assert [one.id for one in found.portfolio.cycles] == ["2025-Q1"]
        found = read(tmp_path, "O,K,P,T\nS,A,Q1 2025,5\nS,B,Q2 2025,6\n", mapping)
        assert [(str(one.start), str(one.end)) for one in found.portfolio.cycles] == [
            ("2025-01-01", "2025-06-30")
        ]

    def test_dates_beat_words_that_are_not_known(self, tmp_path: Path) -> None:
        mapping = {"rows": "key_result", "columns": {**self.COLUMNS, "period": "Period"}, "at": "2025-09-30"}
        head = "Objective,KR,Period,Begin,Due,Start,Target,Now\n"
        found = read(tmp_path, head + "Top,K,Season One,2025-01-01,2025-12-31,0,100,20\n", mapping)
        snapshot = okr.evaluate(found.portfolio, found.history, as_of="2025-09-30")
        assert (snapshot["k"].status, round(snapshot["k"].expected, 2)) == ("off-track", 0.75)
        assert ["the two dates are taken" in one.message for one in found.problems] == [True]

    @pytest.mark.parametrize(
        ("text", "month", "id", "start", "end"),
        [
            ("Annual 2025", None, "2025", "2025-01-01", "2025-12-31"),
            ("2025 Annual", None, "2025", "2025-01-01", "2025-12-31"),
            ("CY2025", None, "2025", "2025-01-01", "2025-12-31"),
            ("Q1/25", None, "2025-Q1", "2025-01-01", "2025-03-31"),
            ("1Q25", None, "2025-Q1", "2025-01-01", "2025-03-31"),
            ("Q1 '25", None, "2025-Q1", "2025-01-01", "2025-03-31"),
            ("FY25/26", 4, "FY2026", "2025-04-01", "2026-03-31"),
            ("2025/26", 4, "FY2026", "2025-04-01", "2026-03-31"),
            ("2025-2026", 7, "FY2026", "2025-07-01", "2026-06-30"),
            ("Jan 2025", None, "2025-01", "2025-01-01", "2025-01-31"),
            ("2025-02", None, "2025-02", "2025-02-01", "2025-02-28"),
            ("2H2025", None, "2025-H2", "2025-07-01", "2025-12-31"),
            ("Annual FY2025", 2, "FY2025", "2024-02-01", "2025-01-31"),
            ("Oktober 2025", None, "2025-10", "2025-10-01", "2025-10-31"),
        ],
    )
    def test_words_for_a_time(self, text: str, month: int | None, id: str, start: str, end: str) -> None:
        cycle = read_period(text, month)
        assert (cycle.id, str(cycle.start), str(cycle.end)) == (id, start, end)

    @pytest.mark.parametrize(
        "text", ["FY25/26", "2025/26", "T1 2025", "2025/27", "2025/25", "Q5 2025", "13Q25", "Smarch 2025"]
    )
    def test_what_may_mean_several_times_is_refused(self, text: str) -> None:
        with pytest.raises(Refused, match=";"):
            read_period(text)


def test_roles_for_cadence_source_aggregate_and_initiative(tmp_path: Path) -> None:
    columns = {
        "title": "K",
        "target": "T",
        "direction": "D",
        "cadence": "F",
        "source": "S",
        "aggregate": "A",
        "initiative": "I",
    }
    rows = "Cost,5,lower,Monthly,ERP,Total,Lean\nLag,3,lower,Annual,,average,Lean\nX,1,lower,bi-weekly,,,\n"
    found = read(tmp_path, f"K,T,D,F,S,A,I\n{rows}", {"columns": columns})
    kpis = found.portfolio.kpis
    assert [(one.cadence and one.cadence.text, one.aggregate, one.initiative) for one in kpis[:2]] == [
        ("monthly", "sum", "lean"),
        ("yearly", "mean", "lean"),
    ]
    assert kpis[0].source.system == "ERP"
    assert [(one.path, "words.cadence" in one.message) for one in found.problems] == [("F", True)]


def test_a_key_result_without_a_number_is_kept_as_a_draft(tmp_path: Path) -> None:
    text = "Objective,KR,Due,Owner\nS,Docs written,2025-01-15,Ann\nS,Login works,2025-02-28,Bob\n"
    columns = {"title": "KR", "objective": "Objective", "end": "Due", "owner": "Owner"}
    found = read(tmp_path, text, {"rows": "key_result", "columns": columns})
    kept = found.portfolio.key_results
    assert [(one.title, one.owner, one.stage) for one in kept] == [
        ("Docs written", "ann", "draft"),
        ("Login works", "bob", "draft"),
    ]
    assert all(isinstance(one.measure, Checklist) for one in kept)
    assert sum("needs a number" in one.message for one in found.problems) == 2


def test_lists_inside_records_are_told_and_read_when_named(tmp_path: Path) -> None:
    inner = [{"id": "KR1", "name": "x", "target": 5}]
    text = json.dumps({"objectives": [{"id": "O1", "name": "A", "key_results": inner}]})
    mapping: dict[str, Any] = {
        "rows": "objective",
        "columns": {"id": "id", "title": "name", "target": "target"},
        "constants": {"period": "2026"},
    }
    found = read(tmp_path, text, mapping, "a.json")
    assert ["key_results" in one.message and "nested" in one.message for one in found.problems] == [True]
    found = read(tmp_path, text, {**mapping, "nested": {"key_results": "key_result"}}, "a.json")
    assert [(one.id, one.objective) for one in found.portfolio.key_results] == [("KR1", "O1")]
    assert found.problems == ()


def test_two_people_in_a_cell_are_told(tmp_path: Path) -> None:
    text = 'KPI,Owner\nA,"Ann Bee, Cy Dee"\nB,"Bee, Ann"\n'
    mapping = {"columns": {"title": "KPI", "owner": "Owner"}}
    found = read(tmp_path, text, mapping)
    assert [(one.line, "separators.owner" in one.message) for one in found.problems] == [(2, True)]
    found = read(tmp_path, text, {**mapping, "separators": {"owner": ","}, "several": "first"})
    assert found.portfolio["a"].owner == "ann-bee"


@pytest.mark.parametrize(
    ("begin", "end", "told"),
    [
        ("2025-01-01", "2025-12-31", ["2025-01-01", "2025-12-31"]),
        ("2024-07-01", "2025-01-01", ["2025-01-01"]),
        ("2024-01-01", "2024-12-31", []),
        ("2024-02-01", "", []),
    ],
)
def test_dates_outside_of_a_known_period_are_told(
    tmp_path: Path, begin: str, end: str, told: list[str]
) -> None:
    columns = {"title": "O", "period": "P", "begin": "B", "end": "E"}
    text = f"O,P,B,E\nGrow,2024,{begin},{end}\n"
    found = read(tmp_path, text, {"rows": "objective", "columns": columns})
    assert found.portfolio["grow"].cycle == "2024"
    told_of = [one for one in found.problems if "is not in the period '2024', which is taken" in one.message]
    assert [one.message.split()[0] for one in told_of] == told
    assert all(one.line == 2 for one in told_of)


def test_months_side_by_side_are_one_range(tmp_path: Path) -> None:
    text = "Numbers of 2025\n\nKPI,Jan 2025,Feb 2025,Mar 2025,Note\nUp,1,2,,x\n"
    mapping = {
        "columns": {"title": "KPI"},
        "heading": "KPI",
        "periods": ["Jan 2025..Mar 2025"],
    }
    found = read(tmp_path, text, mapping)
    assert [(str(one.at), one.value) for one in found.history] == [("2025-01-31", 1.0), ("2025-02-28", 2.0)]
    assert found.unread == {"Note": 1}
    for wrong in ("Jan 2025..Dec 2025", "KPI..Mar 2025", "Mar 2025..Jan 2025"):
        with pytest.raises(okr.DocumentError, match="periods"):
            read(tmp_path, text, {**mapping, "periods": [wrong]})


def test_a_dataframe_is_a_table_of_goals() -> None:
    pandas = pytest.importorskip("pandas", reason="pandas is not installed")
    frame = pandas.DataFrame(
        {"KPI": ["Up", "Down"], "Target": ["at least 98%", None], "2025": [97.5, float("nan")]}
    )
    mapping = {"columns": {"title": "KPI", "target": "Target"}, "observations": {"2025": "2025-12-31"}}
    found = read_catalogue(frame.assign(**{"2025": ["97.5%", None]}), mapping)
    assert found.portfolio["up"].target == okr.Band(low=98)
    assert [one.value for one in found.history] == [97.5]


VIVA = SHARED / "trials" / "viva_like.csv"


@pytest.mark.skipif(not VIVA.exists(), reason="the shared trials are not beside this checkout")
class TestViva:
    def test_every_row_is_kept_or_told(self) -> None:
        found = read_catalogue(VIVA)
        portfolio = found.portfolio
        assert (found.rows, len(portfolio.objectives), len(portfolio.initiatives)) == (8, 4, 1)
        assert [(one.id, one.objective, one.weight) for one in portfolio.key_results] == [
            ("1-progress", "1", 1.0),
            ("7-progress", "7", 1.0),
            ("3", "2", 14.29),
            ("4", "2", 14.29),
            ("8", "6", 100.0),
        ]
        assert [one.to for one in portfolio["7"].contributes_to] == ["2", "1"]
        assert portfolio["6"].contributes_to == (Contribution("2", 0.0),)
        assert {one.id for one in portfolio.cycles} == {"2025", "2025-Q3"}
        assert {one.measure: one.value for one in found.history} == {
            "1-progress": 64.0,
            "7-progress": 87.0,
            "3": 25.0,
            "8": 87.0,
        }
        said = {one.subject: one for one in found.journal}
        assert said["3"].text == "one pilot signed; On track in the first quarter"
        assert said["1"].status == "At Risk"
        assert set(found.unread) == {"Creator", "Created At", "Metric Name", "Actual Progress", "Score"}
        assert okr.evaluate(portfolio, found.history, as_of="2025-11-30")["1"].score == 0.64

    def test_a_command_writes_documents_and_a_page(self, tmp_path: Path, capsys: Any) -> None:
        folder = tmp_path / "okrs"
        assert main(["import", str(VIVA), str(folder), "--from", "viva"]) == 0
        assert "4 objectives, 5 key results, 1 initiative, " in capsys.readouterr().out
        page = (folder / "import.md").read_text(encoding="utf-8")
        assert "## Left out" in page
        assert "Score: 3 cells" in page
        assert okr.load(folder) == read_catalogue(VIVA).portfolio
        facts = ["--history", str(folder / "observations.csv"), "--journal", str(folder / "check-ins.jsonl")]
        assert main(["score", str(folder), *facts, "--as-of", "2025-11-30"]) == 0
        assert main(["import", str(VIVA), str(folder)]) == 2


_CELLS = st.sampled_from(
    [
        "",
        "1",
        "2",
        "3",
        "x",
        "O",
        "K",
        "I",
        "1;2",
        "2025",
        "Q1/25",
        "at least 5",
        "50%",
        "A, B",
        "-1",
        "5 \u00b1 1",
    ]
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(_CELLS, min_size=9, max_size=9), max_size=8))
def test_any_table_gives_a_catalogue_that_can_be_scored(tmp_path_factory: Any, rows: list[list[str]]) -> None:
    text = HEAD + "".join(",".join(f'"{cell}"' for cell in row) + "\n" for row in rows)
    folder = tmp_path_factory.mktemp("t")
    found = read(folder, text, TREE)
    try:
        okr.evaluate(found.portfolio, found.history, as_of="2025-06-30")
    except OkrError as error:  # units that do not fit
        raise AssertionError(str(error)) from error
