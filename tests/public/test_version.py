"""The version stands in one place, and whatever tells it tells that one."""

from __future__ import annotations

import re
import tomllib

from tools.try_wheel import extras

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


def test_each_extra_is_used_alone_before_a_release() -> None:
    assert "" in extras()
