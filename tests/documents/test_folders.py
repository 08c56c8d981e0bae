"""Which files of a folder are its documents, and that nothing else in it changes what is read."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import okrcore as okr
from okrcore.documents import dumps, loads
from okrcore.documents.dumping import replace_file
from okrcore.documents.source_text import MOST_FAULTS
from okrcore.errors import DocumentError, OkrError
from okrcore.surfaces.cli.main import main

DOCUMENT = """\
okrcore: 1
cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
objectives:
  - {id: o, title: O, cycle: "2026"}
key_results: [{id: k, objective: o, title: K, measure: {target: {start: 0, goal: 10}}}]
priorities:
  columns: [{name: kpi.zone, values: [healthy, breached]}]
  rules: [{id: R, when: {kpi.zone: breached}, then: {winner: kpi}}]
  default: {winner: objective}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.okr.yaml").write_text(DOCUMENT, "utf-8")
    (tmp_path / "facts.csv").write_text("measure,at,value\nk,2026-01-05,3\n", "utf-8")
    return tmp_path


def test_whatever_the_tool_writes_into_a_folder_changes_nothing(folder: Path, capsys: Any) -> None:
    """A15: each command, in each of its formats, under the suffix that a person would give it."""
    here, facts = str(folder), str(folder / "facts.csv")
    before = okr.load(here)
    day = ["--as-of", "2026-06-30"]
    commands = {
        "score": ["score", here, "--history", facts, *day, "--format", "json"],
        "conflicts": ["conflicts", here, "--decide", *day, "--format", "json"],
        "priorities": ["priorities", "verify", here, "--format", "json"],
        "compared": ["priorities", "compare", here, here, "--format", "json"],
        "rules": ["rules", "--format", "json"],
        "schema": ["schema"],
        "demo": ["demo", "software", "--format", "json"],
        "shown": ["history", "show", facts, "--format", "json"],
        "restated": ["history", "restatements", facts, "--format", "json"],
        **{name: ["check", here, *day, "--format", name] for name in ("json", "sarif", "junit", "github")},
    }
    for name, argv in commands.items():
        assert main(argv) in (0, 1), capsys.readouterr().err
        written = capsys.readouterr().out
        for suffix in (".json", ".yaml", ".toml"):
            (folder / f"{name}{suffix}").write_text(written, "utf-8")
    main(["schema", "-o", str(folder / "okr.schema.json")])
    main(["check", here, *day, "--baseline", str(folder / "baseline.json"), "--write-baseline"])
    snapshot = okr.evaluate(before, okr.History.of(), as_of="2026-06-30")
    (folder / "stored.json").write_text(json.dumps(okr.to_dict(snapshot.key_results)), "utf-8")
    assert okr.load(here) == before
    assert main(["check", here, *day, "--baseline", str(folder / "baseline.json")]) == 0


keys = st.sampled_from(["okrcore", "kind", "$schema", "teams", "other", "tool"])


@given(st.lists(keys, unique=True, max_size=4), st.sampled_from(["json", "toml", "yaml"]), st.booleans())
def test_a_document_has_the_version_key_at_its_top_and_no_kind(
    tmp_path_factory: pytest.TempPathFactory, chosen: list[str], kind: str, named: bool
) -> None:
    values = {
        "okrcore": 1,
        "kind": "x",
        "$schema": "s",
        "teams": [{"id": "t"}],
        "other": 1,
        "tool": {"okrcore": 1},
    }
    plain: dict[str, Any] = {key: values[key] for key in chosen}
    lines = [f'"{key}"{" = " if kind == "toml" else ": "}{json.dumps(plain[key])}' for key in chosen]
    text = json.dumps(plain) if kind == "json" else "\n".join(lines).replace('{"id": "t"}', "{id: t}")
    if kind == "toml":
        text = text.replace("{id: t}", '{id = "t"}').replace('{"okrcore": 1}', "{okrcore = 1}")
    folder = tmp_path_factory.mktemp("folder")
    (folder / "base.okr.yaml").write_text("okrcore: 1\nteams: [{id: base}]", "utf-8")
    (folder / f"x{'.okr' if named else ''}.{kind}").write_text(text, "utf-8")
    read = named or ("okrcore" in chosen and "kind" not in chosen)
    sound = set(chosen) <= {"okrcore", "$schema", "teams"} and "okrcore" in chosen
    if read and not sound:
        with pytest.raises(OkrError):
            okr.load(folder)
    else:
        teams = {team.id for team in okr.load(folder).teams}
        assert teams == ({"base", "t"} if read and "teams" in chosen else {"base"})


def test_what_is_broken_counts_by_what_can_be_seen(folder: Path) -> None:
    (folder / "score.json").write_text('{"okrcore": 1, "kind": "score", "objec', "utf-8")
    (folder / "note.yaml").write_text("see okrcore: 1\n- [", "utf-8")
    assert okr.load(folder) == loads(DOCUMENT)
    (folder / "b.json").write_text('{"okrcore": 1, "teams": [', "utf-8")
    with pytest.raises(DocumentError, match=r"b\.json"):
        okr.load(folder)


@pytest.mark.parametrize("format", ["yaml", "toml", "json"])
def test_where_editors_find_the_schema_says_nothing(format: Any) -> None:
    text = dumps(loads(DOCUMENT), format)
    line = {"yaml": '"$schema": x\n', "toml": '"$schema" = "x"\n', "json": ""}[format]
    text = text.replace("{", '{"$schema": "x",', 1) if format == "json" else line + text
    assert loads(text, format) == loads(DOCUMENT)


class TestSpecialFiles:
    """What would be waited for, or has no end, is refused at once."""

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with a name")
    @pytest.mark.parametrize("option", ["FILE", "--baseline", "--config"])
    def test_a_pipe(self, folder: Path, capsys: Any, option: str) -> None:
        pipe = folder / "p.okr.yaml"
        os.mkfifo(pipe)
        more = [] if option == "FILE" else [option, str(pipe)]
        files = str(folder) if option == "FILE" else str(folder / "a.okr.yaml")
        began = time.monotonic()
        assert main(["check", files, "--as-of", "2026-06-30", *more]) == 2
        assert "Not a regular file" in capsys.readouterr().err
        assert time.monotonic() - began < 30

    @pytest.mark.skipif(not Path("/dev/zero").exists(), reason="this system has no /dev/zero")
    def test_a_device(self, folder: Path, capsys: Any) -> None:
        link = folder / "z.okr.json"
        link.symlink_to("/dev/zero")
        with pytest.raises(DocumentError, match="Not a regular file"):
            okr.load(link)
        assert main(["check", str(folder / "a.okr.yaml"), "--baseline", str(link)]) == 2

    @pytest.mark.parametrize("use", [okr.load, lambda path: okr.dump(loads(DOCUMENT), path)])
    @pytest.mark.parametrize("path", ["a\0b.okr.yaml", f"{'x' * 300}.okr.yaml", "", "no/such/folder/"])
    def test_a_path_that_leads_nowhere(self, use: Callable[[str], object], path: str) -> None:
        with pytest.raises(DocumentError):
            use(path)

    def test_a_folder_that_is_not_there_is_told_as_that(self) -> None:
        with pytest.raises(DocumentError, match="okrs: cannot be opened: No such file or directory"):
            okr.load("okrs/")


class TestReplacing:
    def test_a_file_keeps_its_mode_and_nothing_is_left_beside_it(self, tmp_path: Path) -> None:
        path = tmp_path / "a"
        replace_file(path, b"one")
        path.chmod(0o640)
        replace_file(path, b"two")
        assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"two", 0o640)
        assert [*tmp_path.iterdir()] == [path]

    def test_what_cannot_be_written_leaves_what_was_there(self, tmp_path: Path, monkeypatch: Any) -> None:
        path = tmp_path / "a"
        path.write_bytes(b"one")

        def full(_: int) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "fsync", full)
        with pytest.raises(DocumentError, match="No space left"):
            replace_file(path, b"two")
        assert path.read_bytes() == b"one"
        assert [*tmp_path.iterdir()] == [path]


@pytest.mark.parametrize(
    "text",
    [
        "okrcore: 1\nteams: [" + "1," * 200_000 + "1]",
        "okrcore: 1\nowners:\n" + "".join(f"  - {{id: o{n}, kind: rolle}}\n" for n in range(20_000)),
        "okrcore: 1\nkpis:\n"
        + "".join(f"  - {{id: k{n}, title: K, unit: lightyeer{n}}}\n" for n in range(20_000)),
        "okrcore: 1\nlinks:\n"
        + "".join(f"  - {{source: a{n}, target: b{n}, sign: 1}}\n" for n in range(5_000)),
    ],
)
def test_faults_are_bounded_in_number_and_cost(text: str) -> None:
    began = time.monotonic()
    with pytest.raises(OkrError) as caught:
        loads(text)
    assert len(caught.value.problems) == MOST_FAULTS + 1
    assert "more than 1,000 faults" in str(caught.value)
    assert time.monotonic() - began < 20
