"""Floors are one list: in `.importlinter`, on the page about the architecture, and as folders."""

from __future__ import annotations

import configparser
import re

from tests.support.paths import ROOT

PAGE = ROOT / "docs" / "explanation" / "architecture.md"


def linted() -> list[set[str]]:
    config = configparser.ConfigParser()
    config.read(ROOT / ".importlinter")
    layers = config["importlinter:contract:floors"]["layers"].split("\n")
    return [set(re.findall(r"\w+", layer)) for layer in layers if layer.strip()]


def test_the_page_and_the_contract_are_the_same_list() -> None:
    rows = re.findall(r"^\| (\d+) \| ([^|]+) \|", PAGE.read_text("utf-8"), re.M)
    assert [set(re.findall(r"\w+", rooms)) for _, rooms in rows] == linted()
    assert [int(floor) for floor, _ in rows] == list(range(len(rows) + 1, 1, -1))


def test_each_room_has_a_floor() -> None:
    found = (ROOT / "src" / "okrcore").iterdir()
    modules = {path.stem for path in found if path.is_dir() or path.suffix == ".py"}
    assert set().union(*linted()) == modules - {"__init__", "__main__", "__pycache__", "data"}


def test_the_page_places_each_file_of_scoring_once() -> None:
    text = PAGE.read_text("utf-8").partition("Read `scoring`")[2].partition("Each derived fact")[0]
    named = re.findall(r"`(\w+)`", text)
    files = (ROOT / "src" / "okrcore" / "scoring").glob("*.py")
    assert sorted(named) == sorted(path.stem for path in files if path.stem != "__init__")


def test_siblings_do_not_know_each_other() -> None:
    """`:` would let rooms of one floor import each other; `|` does not."""
    assert not re.search(r"\w :? *: \w", (ROOT / ".importlinter").read_text("utf-8"))


def test_a_base_name_occurs_once() -> None:
    names = [path.name for path in (ROOT / "src" / "okrcore").rglob("*.py") if path.name != "__init__.py"]
    assert not {name for name in names if names.count(name) > 1}


def test_a_class_name_means_one_thing() -> None:
    names = [
        name
        for path in (ROOT / "src" / "okrcore").rglob("*.py")
        for name in re.findall(r"^class ([A-Z]\w*)", path.read_text("utf-8"), re.M)
    ]
    assert not {name for name in names if names.count(name) > 1}


def test_no_module_hides_a_public_function() -> None:
    """Importing `okrcore.conflicts.apply` as a module would put it in the place of the function."""
    from importlib import import_module

    for init in (ROOT / "src" / "okrcore").glob("*/__init__.py"):
        room = import_module(f"okrcore.{init.parent.name}")
        modules = {path.stem for path in init.parent.iterdir()}
        assert not modules & set(vars(room).get("__all__", ())), init.parent.name


def test_files_that_pages_name_are_there() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), ROOT / "CONTRIBUTING.md", ROOT / "README.md"]
    for page in pages:
        for name in re.findall(r"`((?:tests|tools|benchmarks|src)/[\w/]+\.\w+)`", page.read_text("utf-8")):
            assert (ROOT / name).exists(), (page.name, name)


def test_a_module_opens_with_a_verb() -> None:
    """Its first sentence says what the module does; `X into Y` names two things and does nothing."""
    nouns = {
        "A",
        "All",
        "An",
        "Cells",
        "Each",
        "Every",
        "Files",
        "Many",
        "One",
        "Rows",
        "Some",
        "The",
        "Two",
        "What",
    }
    opened = {
        path.name: path.read_text("utf-8").removeprefix('"""').split(maxsplit=1)[0]
        for path in (ROOT / "src" / "okrcore").rglob("*.py")
        if path.name != "__init__.py"
    }
    assert not {name: word for name, word in opened.items() if word in nouns}
