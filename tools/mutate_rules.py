"""Each rule without its body: does a test turn red? Run: make mutants (about 3 s a rule, on two cores).

A copy of the package is made for each rule, its function emptied there, and the tests of the catalogue are
asked of it. A rule whose absence no test sees is printed, and the exit code is 1.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RULES = Path("okrcore/governance/rules")


def rules() -> list[tuple[Path, str, int, int]]:
    """Return file, code, and first and last line of the body of every rule's function."""
    found = []
    for file in sorted((ROOT / "src" / RULES).rglob("*.py")):
        for node in ast.parse(file.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                codes = [
                    call.args[0].value
                    for call in node.decorator_list
                    if isinstance(call, ast.Call)
                    and getattr(call.func, "id", "") == "governance_rule"
                    and isinstance(call.args[0], ast.Constant)
                ]
                body = node.body[1:]  # without the docstring
                found += [
                    (file.relative_to(ROOT / "src"), str(code), body[0].lineno, body[-1].end_lineno or 0)
                    for code in codes
                ]
    return found


def survives(rule: tuple[Path, str, int, int]) -> bool:
    """Return whether the tests are green without the body of a rule."""
    file, code, first, last = rule
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "src", folder, dirs_exist_ok=True)
        path = Path(folder) / file
        lines = path.read_text("utf-8").splitlines()
        indent = " " * (len(lines[first - 1]) - len(lines[first - 1].lstrip()))
        lines[first - 1 : last] = [f"{indent}return", f"{indent}yield"]
        path.write_text("\n".join(lines) + "\n", "utf-8")
        command = [
            *(sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"),
            *("-k", f"TestCatalogue and {code}", "tests/governance/test_check.py"),
        ]
        done = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONPATH": folder}, capture_output=True, check=False
        )
        assert done.returncode in (0, 1), done.stdout.decode()
        return done.returncode == 0


def main() -> int:
    """Print which rules survive; return 1 where one does."""
    every = rules()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        alive = [code for (_, code, *_), lives in zip(every, pool.map(survives, every), strict=True) if lives]
    print(f"{len(every)} rules emptied, {len(every) - len(alive)} seen by a test; unseen: {alive or 'none'}")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
