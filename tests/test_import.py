"""Importing costs next to nothing, and the public names are the same for Python and for type checkers."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import okrcore

STUB = Path(okrcore.__file__).with_suffix(".pyi")


def _loaded(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    return set(
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_importing_loads_nothing_heavy() -> None:
    heavy = {"pint", "numpy", "yaml", "dateutil", "attr", "cattrs", "typing"}
    assert not heavy & (_loaded("import okrcore") - _loaded(""))


def test_definitions_load_without_pint_yaml_and_dateutil() -> None:
    assert not {"pint", "yaml", "dateutil"} & _loaded(
        "import okrcore; okrcore.Portfolio.of(okrcore.Team(id='a'))"
    )


def test_every_name_loads_and_is_listed() -> None:
    for name in vars(okrcore)["__all__"]:
        assert getattr(okrcore, name) is not None
        assert name in dir(okrcore)


def test_the_stub_names_what_the_module_names() -> None:
    tree = ast.parse(STUB.read_text(encoding="utf-8"))
    imported = {
        alias.asname: node.module
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert set(imported) | {"__version__"} == set(vars(okrcore)["__all__"])
    for name, module in imported.items():
        assert getattr(
            sys.modules[str(module)] if module in sys.modules else __import__(str(module), fromlist=["x"]),
            str(name),
        ) is getattr(okrcore, str(name))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(okrcore, "no_such_" + "name")
