"""Try what is in dist/ as a user gets it: in empty environments, from the wheel alone. Run: make installed.

For each Python and each choice of versions the tests run against the installed wheel; `--extras` installs
each extra alone, uses it once, and asks the tests about it: those of the files that name the package which
stands first in it. Lowest versions are those of pyproject.toml, or the first that a Python has a wheel of.
Needs uv, which the group `release` brings.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from pathlib import Path

import attrs

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

WHEELS = ["--only-binary", ":all:", "--no-binary", "pyspark"]
"""No version is built from source: it would be tried with a compiler's help that its users may lack."""

BESIDE = ["pytest", "pytest-xdist", "hypothesis", "jsonschema"]
"""What tests need beside the extra that they are about."""

TOGETHER = {"frames": ["pandas", "polars", "arrow"], "duckdb": ["pandas", "polars"]}
"""Extras that the tests of an extra need too: frames need an engine, and engines are compared."""

ABOUT = {"testing": r"\bokr(core)?\.(testing|surfaces\.pytest)\b", "duckdb": r"\b(duckdb|FRAMES)\b"}
"""How a file names what an extra brings, where that is not its package alone: every test names pytest, and
`FRAMES` are all engines."""

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
    parser.add_argument(
        "--extras", nargs="*", metavar="NAME", help="try extras alone: these; without a name each, and none"
    )
    parser.add_argument("--tests", nargs="*", default=["tests", "docs", "README.md"], help="what pytest runs")
    asked = parser.parse_args()
    [wheel] = (ROOT / "dist").glob("okrcore-*.whl")
    tried: dict[str, bool] = {}
    for python in asked.python or [sys.executable]:
        for versions in ("lowest", "newest") if asked.versions == "both" else (asked.versions,):
            with tempfile.TemporaryDirectory() as name:
                own = Environment(Path(name), python, wheel, lowest=versions == "lowest")
                if asked.extras is None:
                    tried[f"{python}, {versions} versions"] = _tests_pass(own, asked.tests)
                for extra in [] if asked.extras is None else asked.extras or extras():
                    begun = time.monotonic()
                    works = tried[f"{python}, {versions} versions, extra {extra or '(none)'}"] = _extra_works(
                        own, extra
                    )
                    print(
                        f"{[*tried][-1]}: {'ok' if works else 'failed'}, {time.monotonic() - begun:.0f} s",
                        flush=True,
                    )
    failed = [name for name, passed in tried.items() if not passed]
    print("\n".join([f"{len(failed)} of {len(tried)} failed", *failed]))
    return bool(failed)


def extras() -> list[str]:
    """Return the extras that pyproject.toml declares, "" for none before them."""
    assert {*USES} <= {"", *_declared()}, "USES names extras that are declared"
    return ["", *_declared()]


def files_about(extra: str) -> list[str]:
    """Return the files of tests and pages that name the first package of `extra`; none for ""."""
    if not extra:
        return []
    package = re.split(r"[^\w-]", _declared()[extra][0])[0].replace("-", "_")
    named = ABOUT.get(extra, rf"\b{package}\b")
    files = [*(ROOT / "tests").rglob("test_*.py"), *(ROOT / "docs").rglob("*.md")]
    return sorted(str(file.relative_to(ROOT)) for file in files if re.search(named, file.read_text("utf-8")))


def _declared() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    declared: dict[str, list[str]] = project["optional-dependencies"]
    return declared


@attrs.frozen
class Environment:
    """Make an empty environment in `folder` and install the wheel into it, in lowest or newest versions."""

    folder: Path
    python: str
    wheel: Path
    lowest: bool

    @property
    def interpreter(self) -> Path:
        """Return where its Python lies."""
        return self.folder / "own" / "bin" / "python"

    def install(self, extras: Sequence[str], *more: str) -> None:
        """Install the wheel with `extras`, and what else is asked for, into nothing.

        Lowest versions are bound for the wheel, the extras, and the groups among `more`.
        """
        uv = [sys.executable, "-m", "uv"]
        subprocess.run(
            [*uv, "venv", "-q", "--clear", "-p", self.python, str(self.folder / "own")], check=True
        )
        bounds = self.folder / "bounds.txt"
        bounds.write_text("")
        groups = [word for word in more if word.startswith("--group=")]
        if self.lowest:
            # The wheel's own dependencies are direct ones only where the project itself is resolved.
            lowest = ["--resolution=lowest-direct", *(f"--extra={extra}" for extra in extras), *groups]
            words = [*uv, "pip", "compile", "-q", "-p", str(self.interpreter), *WHEELS, *lowest]
            subprocess.run([*words, f"{ROOT}/pyproject.toml", "-o", str(bounds)], check=True)
        target = f"{self.wheel}[{','.join(extras)}]" if extras else str(self.wheel)
        words = [*uv, "pip", "install", "-q", "-p", str(self.interpreter), *WHEELS, "-c", str(bounds)]
        subprocess.run([*words, target, *more], check=True)

    def told(self) -> str:
        """Return its Python, where okrcore lies, and the versions of what okrcore stands on."""
        code = (
            "import sys, okrcore; from importlib.metadata import version as v;"
            "print(sys.version.split()[0], okrcore.__file__,"
            "*(f'{n} {v(n)}' for n in ('attrs', 'numpy', 'pint', 'PyYAML', 'python-dateutil')))"
        )
        words = [str(self.interpreter), "-c", code]
        return subprocess.run(words, capture_output=True, text=True, check=True, cwd="/").stdout.strip()


def _tests_pass(own: Environment, tests: Sequence[str]) -> bool:
    pyproject = ROOT / "pyproject.toml"
    own.install([], *(f"--group={pyproject}:{group}" for group in ("test", "engines")))
    print(own.told(), flush=True)
    return _pytest(own, "-n", "auto", "--dist", "loadgroup", *tests)


def _extra_works(own: Environment, extra: str) -> bool:
    own.install([extra] if extra else [])
    words = [str(own.interpreter), "-c", OPENING + USES.get(extra, USES[""])]
    if subprocess.run(words, cwd=own.folder, check=False).returncode:
        return False
    if not (tests := files_about(extra)):
        return True
    own.install([extra, *TOGETHER.get(extra, [])], *BESIDE)
    return _pytest(own, *tests)


def _pytest(own: Environment, *words: str) -> bool:
    # What is old warns of what is newer than it, which is no fault of ours.
    warned = ["-o", "filterwarnings=default", "--disable-warnings"] if own.lowest else []
    run = [str(own.interpreter), "-m", "pytest", "-q", "-p", "no:cacheprovider", *warned, *words]
    return subprocess.run(run, cwd=ROOT, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
