"""Importing costs next to nothing, and the public names are the same for Python and for type checkers."""

import subprocess
import sys
import types

import pytest

import okrcore

ROOMS = [name for name in vars(okrcore)["__all__"] if isinstance(getattr(okrcore, name), types.ModuleType)]


def _loaded(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(*sys.modules)"
    return set(
        subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_importing_loads_nothing_heavy() -> None:
    assert _loaded("import okrcore") - _loaded("") == {"okrcore", "okrcore._lazy"}


def test_definitions_load_without_pint_yaml_and_dateutil() -> None:
    assert not {"pint", "yaml", "dateutil"} & _loaded(
        "import okrcore; okrcore.Portfolio.of(okrcore.Team(id='a'))"
    )


def test_every_name_loads_and_is_listed() -> None:
    for name in vars(okrcore)["__all__"]:
        assert getattr(okrcore, name) is not None
        assert name in dir(okrcore)


def test_each_root_name_is_in_its_room() -> None:
    rooms = [getattr(okrcore, room) for room in ROOMS]
    for name in set(vars(okrcore)["__all__"]) - {*ROOMS, "__version__"}:
        assert any(getattr(okrcore, name) is getattr(room, name, None) for room in rooms), name


@pytest.mark.parametrize(
    "pair", [("resolve", "verify_table"), ("check", "verify_table"), ("load", "History")]
)
def test_first_use_from_many_threads(pair: tuple[str, str]) -> None:
    """Threads that use a fresh process's first names at once all get them."""
    script = f"""
import threading, okrcore as okr
names, bar, failed = {pair!r} * 4, threading.Barrier(8), []
def first(name):
    bar.wait()
    try: getattr(okr, name)
    except BaseException as error: failed.append(error)
threads = [threading.Thread(target=first, args=(name,)) for name in names]
[t.start() for t in threads]; [t.join() for t in threads]
print(failed)
"""
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(okrcore, "no_such_" + "name")
