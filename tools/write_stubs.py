"""Write the stub of each room's `__init__` from the names that it offers. Run: make pages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "src" / "okrcore"


def stubs() -> Iterator[tuple[Path, str]]:
    """Yield the path and text of the stub of each package that calls `face`."""
    for init in [PACKAGE / "__init__.py", *sorted(PACKAGE.rglob("*/__init__.py"))]:
        tree = ast.parse(init.read_text("utf-8"))
        call = next((node for node in ast.walk(tree) if isinstance(node, ast.Call)), None)
        if call is not None and isinstance(call.func, ast.Name) and call.func.id == "face":
            package = ".".join(["okrcore", *init.parent.relative_to(PACKAGE).parts])
            yield init.with_suffix(".pyi"), _stub(package, tree, call)


def _stub(package: str, tree: ast.Module, call: ast.Call) -> str:
    homes: dict[str, str] = ast.literal_eval(call.args[1])
    found = [(f"okrcore.{home}", name) for home, names in homes.items() for name in names.split()]
    found += [(package, name) for word in call.keywords for name in ast.literal_eval(word.value).split()]
    lines = [f"from {home} import {name} as {name}" for home, name in sorted(found)]
    version = ["", "__version__: str"] if package == "okrcore" else []
    return "\n".join([f'"""{ast.get_docstring(tree)}"""', "", *lines, *version, ""])


if __name__ == "__main__":
    for path, text in stubs():
        path.write_text(text, "utf-8")
