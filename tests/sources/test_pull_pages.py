"""The pages about pulling, followed to the letter: files written, commands run, output compared."""

import contextlib
import doctest
import io
import re
import shlex
import sqlite3

import pytest

from okrcore.surfaces.cli.main import main
from tests.support.paths import ROOT
from tests.support.sources_servers import postgres, prometheus

PAGES = ROOT / "docs" / "how-to"
DAY, FIRST = 86_400, 1_767_571_200  # 2026-01-05


def blocks(page):
    """Return (language, file name, text) of each fenced block of a page."""
    text = (PAGES / f"pull-from-{page}.md").read_text(encoding="utf-8")
    return re.findall(r"^```(\w+) ?(\S*)\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


def sql(page):
    [text] = [text for _, name, text in blocks(page) if name == "facts.sql"]
    return text


@contextlib.contextmanager
def with_sqlite(folder, monkeypatch):
    connection = sqlite3.connect(folder / "facts.db")
    connection.executescript(sql("sqlite"))
    connection.close()
    yield


@contextlib.contextmanager
def with_postgresql(folder, monkeypatch):
    psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed")
    with postgres() as parts:
        with psycopg.connect(**parts) as connection:
            connection.execute(sql("postgresql"))
        monkeypatch.setenv("ERP", psycopg.conninfo.make_conninfo(**parts))
        yield


@contextlib.contextmanager
def with_prometheus(folder, monkeypatch):
    with prometheus() as (url, metrics):
        lines = {"north": (0.985, 0.99, 0.995), "south": (0.96, 0.95, 0.94)}
        series = {
            line: {FIRST + DAY * day: str(value) for day, value in enumerate(values)}
            for line, values in lines.items()
        }

        def answer(asked):
            if asked["query"] == "avg(sorter_up)":
                metrics.series = [({}, series["south"])]
            else:
                assert asked["query"].startswith("label_replace(avg_over_time(sorter_up[1d])")
                metrics.series = [({"line": line, "kpi": f"uptime-{line}"}, series[line]) for line in lines]
            return metrics.matrix(asked)

        metrics.answer = answer
        monkeypatch.setenv("PROMETHEUS", url.replace("//", "//okr:hunter2@"))
        yield


@contextlib.contextmanager
def with_excel(folder, monkeypatch):
    pytest.importorskip("python_calamine", reason="python-calamine is not installed")
    openpyxl = pytest.importorskip("openpyxl", reason="openpyxl, which makes the workbook, is not installed")
    text = (PAGES / "pull-from-excel.md").read_text(encoding="utf-8")
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in re.findall(r"^\|.*\|$", text, re.MULTILINE)
    ]
    book = openpyxl.Workbook()
    book.active.title = "2026"
    for day, share, parcels in [row for row in rows if row[0] != "---"]:
        known = re.fullmatch(r"0\.[0-9]+", share)
        book.active.append([day, float(share) if known else share or None, parcels or None])
        if known:
            book.active.cell(book.active.max_row, 2).number_format = "0.0%"
    book.save(folder / "kpis.xlsx")
    yield


@contextlib.contextmanager
def with_parquet(folder, monkeypatch):
    duckdb = pytest.importorskip("duckdb", reason="duckdb is not installed")
    pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    pytest.importorskip("narwhals", reason="narwhals is not installed")
    duckdb.sql(sql("parquet"))
    yield


SYSTEMS = {
    "sqlite": with_sqlite, "postgresql": with_postgresql, "prometheus": with_prometheus, "excel": with_excel,
    "parquet": with_parquet,
}  # fmt: skip


def test_every_page_is_followed():
    assert sorted(SYSTEMS) == sorted(
        page.stem.removeprefix("pull-from-") for page in PAGES.glob("pull-from-*.md")
    )


@pytest.mark.parametrize("page", SYSTEMS)
def test_the_page_does_what_it_says(page, tmp_path, monkeypatch):
    """End to end: from the source system into a scored portfolio."""
    monkeypatch.chdir(tmp_path)
    commands = 0
    printed = ""
    with SYSTEMS[page](tmp_path, monkeypatch):
        for language, name, text in blocks(page):
            if name.endswith((".yaml", ".toml")):
                (tmp_path / name).write_text(text, encoding="utf-8")
            elif language == "console":
                for command, wanted in re.findall(
                    r"^\$ okrcore (.*)\n((?:[^$].*\n|\n)*)", text, re.MULTILINE
                ):
                    check(command, wanted)
                    commands += 1
            elif language == "python":
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    exec(compile(text, f"{page}.md", "exec"), {})
                printed = out.getvalue()
            elif language == "text":
                assert printed == text
                printed = ""
    assert commands >= 3
    assert not printed


def check(command, wanted):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main(shlex.split(command))
    assert (code, err.getvalue()) == (0, ""), err.getvalue()
    given = "".join(f"{line.rstrip()}\n" for line in out.getvalue().splitlines())
    flags = doctest.ELLIPSIS
    assert doctest.OutputChecker().check_output(wanted, given, flags), f"{command}\n{given}"
    if command.startswith("score"):
        assert "no-data" not in given
        assert "-: " not in given
