"""Take from each rule its body, and its `where`: does a test turn red? Run: make mutants (about 3 s each).

A copy of the package is made for each, its function emptied or its `where` holding everywhere, and the tests
of the catalogue are asked of it. What no test sees is printed, and the exit code is 1.
"""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RULES = Path("okrcore/governance/rules")

Mutant = tuple[Path, str, str, int, int, tuple[str, ...]]
"""File, code, what is taken away, its first and last line, and the lines in their place."""


def mutants() -> Iterator[Mutant]:
    """Yield every rule without its body, and every rule with a `where` without that."""
    for file in sorted((ROOT / "src" / RULES).rglob("*.py")):
        place = file.relative_to(ROOT / "src")
        for node in ast.parse(file.read_text("utf-8")).body:
            if not isinstance(node, ast.FunctionDef):
                continue
            for call in node.decorator_list:
                if not (isinstance(call, ast.Call) and getattr(call.func, "id", "") == "governance_rule"):
                    continue
                code = str(ast.literal_eval(call.args[0]))
                body = node.body[1:]  # without the docstring
                first, last = body[0].lineno, body[-1].end_lineno or 0
                yield place, code, "body", first, last, ("    return", "    yield")
                for one in call.keywords:
                    if one.arg == "where":
                        last = one.value.end_lineno or 0
                        yield place, code, "where", one.lineno, last, ("    where=None,",)


def survives(mutant: Mutant) -> bool:
    """Return whether the tests are green without a part of a rule."""
    file, code, _, first, last, instead = mutant
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "src", folder, dirs_exist_ok=True)
        path = Path(folder) / file
        lines = path.read_text("utf-8").splitlines()
        lines[first - 1 : last] = instead
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
    """Print which parts are not missed by any test; return 1 where one is not."""
    every = list(mutants())
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        outlived = zip(every, pool.map(survives, every), strict=True)
        alive = [f"{code} {part}" for (_, code, part, *_), lives in outlived if lives]
    print(f"{len(every)} parts taken, {len(every) - len(alive)} missed by a test; unseen: {alive or 'none'}")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
