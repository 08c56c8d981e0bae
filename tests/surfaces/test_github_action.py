"""The action for GitHub: what it uses is pinned, and its steps check documents as `okrcore check` does."""

import json
import os
import re
import shutil
import subprocess
import sys

import pytest
import yaml

from tests.support.paths import LIBRARY, ROOT

ACTION = yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]
DOCUMENT = """\
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
objectives:
  - {id: growth, title: Grow, cycle: "2026"}
"""


def test_what_it_uses_is_pinned_to_a_commit():
    used = [step["uses"] for step in STEPS if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one) for one in used)


def test_no_input_is_text_of_a_script():
    """An input that holds commands stays a value: it reaches a script as a variable alone."""
    assert not [step["name"] for step in STEPS if "${{" in step.get("run", "")]
    assert {name for step in STEPS for name in re.findall(r"inputs\.([\w-]+)", str(step))} == set(
        ACTION["inputs"]
    )


def test_hooks_look_at_documents_and_the_page_says_how_to_widen_that():
    """A folder's documents may have any name; hooks begin with those that say what they are."""
    own = {
        one["id"]: one["files"]
        for one in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))
    }
    page = (ROOT / "docs/how-to/check-in-continuous-integration.md").read_text("utf-8")
    (block,) = (one for one in re.findall(r"(?s)```yaml\n(.*?)```", page) if "files: '" in one)
    widened = {one["id"]: one["files"] for one in yaml.safe_load(block)}
    assert own.keys() == widened.keys()
    for name, files in widened.items():
        assert not re.search(own[name], "okrs/goals.yaml")
        for path in ("okrs/goals.yaml", "okrs/sales/goals.okr.yaml"):
            assert re.search(files, path), name
        assert not re.search(files, "src/okrs.py")


def test_every_dependency_is_pinned():
    lines = (ROOT / ".ci" / "constraints.txt").read_text("utf-8").splitlines()
    pinned = {line.partition("==")[0].lower() for line in lines if "==" in line}
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    needed = re.search(r"\ndependencies = \[(.*?)\]", project, re.DOTALL)[1]
    assert {one.lower() for one in re.findall(r'"([\w-]+)', needed)} <= pinned


@pytest.mark.skipif(shutil.which("bash") is None, reason="the action's steps are for bash")
class TestCheck:
    @pytest.fixture
    def folder(self, tmp_path):
        (tmp_path / "a b.okr.yaml").write_text(DOCUMENT, "utf-8")
        tool = tmp_path / "temp" / "okrcore" / "bin" / "okrcore"
        tool.parent.mkdir(parents=True)
        call = "import sys; from okrcore.surfaces.cli.main import main; sys.exit(main())"
        tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{call}" "$@"\n', "utf-8")
        tool.chmod(0o755)
        return tmp_path

    def run(self, folder, **inputs):
        (step,) = [one for one in STEPS if one.get("id") == "check"]
        given = {
            name: inputs.get(
                key := re.findall(r"inputs\.([\w-]+)", text)[0], ACTION["inputs"][key]["default"]
            )
            for name, text in step["env"].items()
        }
        output = folder / "output"
        output.write_text("", "utf-8")
        places = {"RUNNER_TEMP": str(folder / "temp"), "GITHUB_OUTPUT": str(output)}
        told = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(LIBRARY), **places, **given},
            capture_output=True,
            text=True,
            timeout=120,
        )
        return told.returncode, told.stdout, output.read_text("utf-8")

    def test_findings_become_annotations_and_a_file(self, folder):
        code, out, output = self.run(folder, files="a b.okr.yaml\n", **{"as-of": "2026-03-31"})
        assert (code, output) == (1, "sarif=okr.sarif\n")
        assert "::error file=a b.okr.yaml,line=4,col=10,title=OKR101 growth::" in out
        log = json.loads((folder / "okr.sarif").read_text("utf-8"))
        assert len(log["runs"][0]["results"]) == len(out.splitlines())

    def test_what_fails_is_an_input(self, folder):
        assert self.run(folder, files="a b.okr.yaml", **{"fail-on": "never"})[0] == 0

    def test_what_cannot_be_read_fails_and_leaves_nothing_to_upload(self, folder):
        code, _, output = self.run(folder, files="gone.okr.yaml")
        assert (code, output) == (2, "")

    def test_inputs_are_values(self, folder):
        code, _, _ = self.run(folder, files="$(touch pwned)`touch pwned`; touch pwned")
        assert code == 2
        assert not (folder / "pwned").exists()
