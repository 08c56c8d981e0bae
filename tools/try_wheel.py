"""Try what is in dist/ as a user gets it: in empty environments, from the wheel alone. Run: make installed.

For each Python and each choice of versions the tests run against the installed wheel; then each extra is
installed alone and used once. Needs uv, which the group `release` brings.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
USES = {
    "": "assert okr.loads(okr.dumps(portfolio)) == portfolio",
    "terminal": "import io, rich.console; rich.console.Console(file=io.StringIO()).print(snapshot)",
    "pandas": "assert len(snapshot.key_results.to_pandas()) == 4",
    "polars": "assert len(snapshot.key_results.to_polars()) == 4",
    "arrow": "import pyarrow; assert pyarrow.table(snapshot.key_results).num_rows == 4",
    "frames": "import narwhals, okrcore.history.frames.frame_history",
    "plots": "import matplotlib, okrcore.surfaces.plots.figure_style",
    "lsp": "import pygls; from okrcore.surfaces.cli.main import main",
    "mcp": "import mcp; from okrcore.surfaces.cli.main import main",
    "duckdb": (
        "import duckdb\n"
        "rows = \"select 'a' as measure, date '2026-01-05' as at, 1 as value\"\n"
        "duckdb.sql(f\"copy ({rows}) to 'a.parquet'\")\n"
        "assert len(list(okr.sources.duckdb_source('a.parquet', system='s').pull())) == 1"
    ),
    "dask": "import dask.dataframe",
    "spark": "import pyspark",
    "dmn": (
        "from contextlib import suppress\n"
        "Path('a.dmn').write_text('<definitions/>')\n"
        "with suppress(okr.errors.DocumentError): okr.read_dmn('a.dmn')"
    ),
    "excel": (
        "import openpyxl; book = openpyxl.Workbook()\n"
        "for row in (['measure', 'at', 'value'], ['a', '2026-01-05', 1]): book.active.append(row)\n"
        "book.save('a.xlsx'); assert len(okr.read_history('a.xlsx')) == 1; import python_calamine"
    ),
    "postgres": "import psycopg; okr.sources.postgresql_source",
    "tradeoffs": "import scipy; okr.tradeoffs",
    "testing": "import hypothesis, pytest; okr.testing.portfolios()",
}
"""What an extra is used for once; "" is the library without any, which stands for extras not named here."""

OPENING = """
import okrcore as okr
from pathlib import Path
from okrcore.surfaces.stories import story
assert "site-packages" in okr.__file__, okr.__file__
portfolio, history = story("logistics")
snapshot = okr.evaluate(portfolio, history, as_of="2026-10-04")
"""


def main() -> int:
    """Try every combination that the command line asks for, and return 1 where one fails."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--python", action="append", help="an interpreter; default: this one")
    parser.add_argument("--versions", choices=("lowest", "newest", "both"), default="both")
    parser.add_argument("--extras", action="store_true", help="install and use each extra alone")
    parser.add_argument("--leave-out", nargs="*", default=[], help="extras that are not tried")
    parser.add_argument("tests", nargs="*", default=["tests", "docs", "README.md"], help="what pytest runs")
    asked = parser.parse_args()
    [wheel] = (ROOT / "dist").glob("okrcore-*.whl")
    both = ("lowest", "newest") if asked.versions == "both" else (asked.versions,)
    pythons = asked.python or [sys.executable]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if asked.extras:
            tried = {
                f"{python}, extra {extra or '(none)'}": _extra_works(folder, python, wheel, extra)
                for python in pythons
                for extra in extras()
                if extra not in asked.leave_out
            }
        else:
            tried = {
                f"{python}, {versions} versions": _tests_pass(folder, python, wheel, versions, asked.tests)
                for python in pythons
                for versions in both
            }
    failed = [name for name, passed in tried.items() if not passed]
    print("\n".join([f"{len(failed)} failed", *failed]))
    return bool(failed)


def extras() -> list[str]:
    """Return the extras that pyproject.toml declares, "" for none before them."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    assert {*USES} <= {"", *declared}, "USES names extras that are declared"
    return ["", *declared]


def _tests_pass(folder: Path, python: str, wheel: Path, versions: str, tests: list[str]) -> bool:
    own = _environment(folder, python)
    groups = ["--group", f"{ROOT}/pyproject.toml:test", "--group", f"{ROOT}/pyproject.toml:engines"]
    bounds = folder / "bounds.txt"
    if versions == "lowest":
        # The wheel's own dependencies are direct ones only where the project itself is resolved.
        some = [f"--extra={one}" for one in extras() if one not in ("", "spark")]
        _uv("pip", "compile", "-q", "-p", str(own), "--resolution", "lowest-direct", *some, *groups)(
            f"{ROOT}/pyproject.toml", "-o", str(bounds)
        )
    else:
        bounds.write_text("")
    _uv("pip", "install", "-q", "-p", str(own), "-c", str(bounds))(str(wheel), *groups)
    print(f"{python}, {versions} versions: {_told(own)}", flush=True)
    run = [
        str(own),
        "-m",
        "pytest",
        "-q",
        "-n",
        "auto",
        "--dist",
        "loadgroup",
        "-p",
        "no:cacheprovider",
        *tests,
    ]
    return subprocess.run(run, cwd=ROOT, check=False).returncode == 0


def _extra_works(folder: Path, python: str, wheel: Path, extra: str) -> bool:
    own = _environment(folder, python)
    _uv("pip", "install", "-q", "-p", str(own))(f"{wheel}[{extra}]" if extra else str(wheel))
    done = subprocess.run([str(own), "-c", OPENING + USES.get(extra, USES[""])], cwd=folder, check=False)
    print(f"{python}, extra {extra or '(none)'}: {'failed' if done.returncode else 'ok'}", flush=True)
    return done.returncode == 0


def _environment(folder: Path, python: str) -> Path:
    """Return the interpreter of an empty environment."""
    _uv("venv", "-q", "--clear", "-p", python)(str(folder / "own"))
    return folder / "own" / "bin" / "python"


def _uv(*words: str) -> Callable[..., object]:
    return lambda *more: subprocess.run([sys.executable, "-m", "uv", *words, *more], check=True)


def _told(python: Path) -> str:
    code = (
        "import sys, okrcore; from importlib.metadata import version as v;"
        "print(sys.version.split()[0], okrcore.__file__,"
        "*(f'{n} {v(n)}' for n in ('attrs', 'numpy', 'pint', 'PyYAML', 'python-dateutil')))"
    )
    done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, check=True, cwd="/")
    return re.sub(r"\s+", " ", done.stdout).strip()


if __name__ == "__main__":
    sys.exit(main())
