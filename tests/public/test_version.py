"""The version stands in one place, and whatever tells it tells that one."""

from __future__ import annotations

import re
import tomllib

from tools.try_wheel import extras, files_about

import okrcore
from tests.support.paths import ROOT


def test_the_version_is_read_from_the_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert "version" not in project["project"]
    home = ROOT / project["tool"]["hatch"]["version"]["path"]
    assert re.findall(r'^__version__ = "(.+)"$', home.read_text("utf-8"), re.M) == [okrcore.__version__]


def test_the_changes_of_this_version_are_told() -> None:
    heads = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert okrcore.__version__ in heads[:2]


def test_each_extra_is_used_alone_before_a_release_and_has_files_about_it() -> None:
    assert extras()[0] == ""
    assert [extra for extra in extras() if not files_about(extra)] == [""]


def test_the_package_of_an_extra_names_its_tests() -> None:
    assert "tests/surfaces/test_plots.py" in files_about("plots")
    assert "tests/surfaces/test_plots.py" not in files_about("excel")


def test_what_the_source_distribution_holds_is_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    held = project["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert [path for path in held if not path.startswith("/") or not (ROOT / path[1:]).exists()] == []
