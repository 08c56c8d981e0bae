"""okrcore mcp, asked by the client of the official SDK over standard input and output."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from mcp import Client, StdioServerParameters
from mcp.shared.exceptions import MCPError

import okrcore as okr
from okrcore.surfaces.cli.main import main
from okrcore.surfaces.configuration import Config
from okrcore.surfaces.mcp.assistant_answers import Answers
from okrcore.surfaces.stories import story
from tests.support.paths import LIBRARY

DAY = "2026-10-04"
CALL = "import sys; from okrcore.surfaces.cli.main import main; sys.exit(main(sys.argv[1:]))"
TOOLS = {"score", "check", "conflicts", "explain", "explain_change", "review"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The logistics story in files, and a secret beside them that no tool may read."""
    folder = tmp_path_factory.mktemp("story")
    portfolio, history = story("logistics")
    okr.dump(portfolio, folder / "a.okr.yaml")
    lines = [
        json.dumps({"measure": one.measure, "at": one.at.isoformat(), "value": one.value, "unit": one.unit})
        for one in history
    ]
    (folder / "observations.jsonl").write_text("\n".join(lines), "utf-8")
    (folder / "secret.okr.yaml").write_text("okrcore: 1\nteams: [{id: secret-team}]\n", "utf-8")
    (folder / "pyproject.toml").write_text('[tool.okrcore]\nfiles = ["secret.okr.yaml"]\n', "utf-8")
    return folder


def talk(folder, dialogue, *arguments):
    """Run a dialogue with a server of the story's files."""
    files = ["a.okr.yaml", "--history", "observations.jsonl"]
    server = StdioServerParameters(
        command=sys.executable,
        args=["-c", CALL, "mcp", *files, *arguments],
        env={"PYTHONPATH": str(LIBRARY)},
        cwd=folder,
    )

    async def run():
        with Path(os.devnull).open("w") as nowhere:
            assert nowhere
            async with Client(server, read_timeout_seconds=120) as client:
                return await dialogue(client)

    return asyncio.run(run())


async def ask(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    return result.structured_content


async def refused(client, tool, **arguments):
    result = await client.call_tool(tool, arguments)
    assert result.is_error
    return result.content[0].text


def test_every_tool_answers_with_evidence_and_ids(folder):
    portfolio, history = okr.load(folder / "a.okr.yaml"), okr.read_history(folder / "observations.jsonl")
    snapshot = okr.evaluate(portfolio, history, as_of=DAY)

    async def dialogue(client):
        listed = (await client.list_tools()).tools
        assert {one.name for one in listed} == TOOLS
        for one in listed:
            hints = one.annotations
            assert (hints.read_only_hint, hints.destructive_hint, hints.open_world_hint) == (
                True,
                False,
                False,
            )
            assert one.description

        scored = await ask(client, "score", as_of=DAY)
        rows = {row["id"]: row for row in scored["key_results"]["rows"]}
        assert set(rows) == {one.id for one in portfolio.key_results}
        assert rows["throughput"]["status"] == snapshot.key_result("throughput").status
        alone = await ask(client, "score", as_of=DAY, ids=["throughput"])
        assert [row["id"] for row in alone["key_results"]["rows"]] == ["throughput"]
        assert alone["kpis"]["rows"] == []

        found = await ask(client, "check", as_of=DAY, select=["OKR2"])
        told = [(one["code"], one["subject"]) for one in found["findings"]["rows"]]
        wanted = okr.check(portfolio, history, as_of=DAY, select=["OKR2"])
        assert told == [(one.code, one.subject) for one in wanted]
        assert all(one["file"] == "a.okr.yaml" and one["line"] for one in found["findings"]["rows"])

        conflicts = await ask(client, "conflicts", as_of=DAY, decide=True, most=1)
        every = okr.find_conflicts(portfolio, history, as_of=DAY)
        assert [one["id"] for one in conflicts["conflicts"]["rows"]] == [one.id for one in every[:1]]
        assert conflicts["conflicts"]["left_out"] == len(every) - 1
        assert conflicts["conflicts"]["rows"][0]["witness"]
        assert [one["conflict"] for one in conflicts["decisions"]["rows"]] == [one.id for one in every[:1]]

        why = await ask(client, "explain", id="throughput", as_of=DAY)
        assert why["text"] == okr.explain(snapshot, "throughput").text
        assert "Observed" in why["text"]

        change = await ask(client, "explain_change", id="peak-season", since="2026-09-06", as_of=DAY)
        before = okr.evaluate(portfolio, history, as_of="2026-09-06", known_at="2026-09-06")
        assert change["explanation"]["shares"] == dict(
            okr.explain_change(before, snapshot, "peak-season").shares
        )

        week = await ask(client, "review", as_of=DAY)
        assert week["text"] == str(okr.review(portfolio, history, as_of=DAY))
        assert week["decisions_needed"]["rows"]
        assert week == await ask(client, "review", as_of=DAY)  # no clock, nothing kept

    talk(folder, dialogue)


def test_what_cannot_be_answered_is_said(folder):
    async def dialogue(client):
        assert "as_of is missing" in await refused(client, "score")
        assert "as_of" in await refused(client, "score", as_of="soon")
        assert "did you mean 'throughput'" in await refused(client, "explain", id="troughput", as_of=DAY)
        assert "did you mean OKR101" in await refused(client, "check", select=["OKR1O1"], as_of=DAY)
        assert await refused(client, "score", as_of=DAY, most=-1)
        assert await refused(client, "score", as_of=DAY, ids="throughput")
        try:
            result = await client.call_tool("write", {"path": "x"})
        except MCPError:
            pass
        else:
            assert result.is_error
        assert (await ask(client, "score", as_of=DAY))["as_of"] == DAY

    talk(folder, dialogue)


def test_an_argument_that_no_tool_has_is_refused_with_the_nearest(folder):
    """A misspelt argument is never passed by: the answer without it would be another."""

    async def dialogue(client):
        for one in (await client.list_tools()).tools:
            assert one.input_schema["additionalProperties"] is False
            told = await refused(client, one.name, as_of=DAY, zzz=1)
            assert told.startswith("argument 'zzz' is unknown; known are as_of, ")
            for name in one.input_schema["properties"]:
                assert f"did you mean '{name}'?" in await refused(client, one.name, **{f"{name}_": None})
        told = await refused(client, "score", as_of=DAY, knownAt="2026-09-20", id="throughput")
        assert "'knownAt' is unknown; did you mean 'known_at'?" in told
        assert "'id' is unknown; did you mean 'ids'?" in told
        early = await ask(client, "score", as_of=DAY, known_at="2026-08-02", ids=["throughput"])
        assert early != await ask(client, "score", as_of=DAY, ids=["throughput"])

    talk(folder, dialogue)


def test_the_commands_moment_stands_where_none_is_named(folder):
    async def dialogue(client):
        assert (await ask(client, "score"))["as_of"] == DAY
        assert (await ask(client, "score", as_of="2026-09-06"))["as_of"] == "2026-09-06"

    talk(folder, dialogue, "--as-of", DAY)


def test_only_the_named_files_are_read(folder):
    """No argument of a tool is a path, and a configuration counts only where the command line names it."""

    async def dialogue(client):
        for one in (await client.list_tools()).tools:
            names = set(one.input_schema["properties"])
            assert names <= {"as_of", "known_at", "ids", "id", "select", "most", "decide", "since", "known"}
        for path in ("secret.okr.yaml", str(folder / "secret.okr.yaml"), "../secret.okr.yaml"):
            for tool, key in (("explain", "id"), ("explain_change", "id")):
                more = {"since": "2026-09-06"} if tool == "explain_change" else {}
                told = await refused(client, tool, as_of=DAY, **{key: path}, **more)
                assert "secret-team" not in told
        told = json.dumps([await ask(client, tool, as_of=DAY) for tool in ("score", "check", "review")])
        assert "secret-team" not in told

    talk(folder, dialogue)


def test_what_changes_in_the_files_is_seen(tmp_path):
    file = tmp_path / "a.yaml"
    answers = Answers(config=Config(files=(str(file),)), as_of=DAY)
    for name in ("first", "second"):
        file.write_text(f"okrcore: 1\nkpis: [{{id: {name}, title: T, unit: EUR}}]\n", "utf-8")
        assert [row["id"] for row in answers.score()["kpis"]["rows"]] == [name]


@pytest.mark.parametrize("most", [0, 1, 3, 1000])
def test_what_is_left_out_is_counted(folder, most):
    """Rows told and rows left out are together all there are, in their order."""
    config = Config(files=(str(folder / "a.okr.yaml"),), history=(str(folder / "observations.jsonl"),))
    answers = Answers(config=config, as_of=DAY)
    for ask_for in (answers.score, answers.check, answers.conflicts):
        whole, part = ask_for(most=10**6), ask_for(most=most)
        limited = [
            name for name, value in whole.items() if isinstance(value, Mapping) and "left_out" in value
        ]
        assert limited
        for name in limited:
            assert part[name]["rows"] == whole[name]["rows"][:most]
            assert len(part[name]["rows"]) + part[name]["left_out"] == len(whole[name]["rows"])


def test_the_command_refuses_what_it_cannot_serve(capsys, monkeypatch, folder):
    monkeypatch.chdir(folder)
    assert main(["mcp"]) == 2
    assert "no document is named" in capsys.readouterr().err
    assert main(["mcp", "gone.okr.yaml"]) == 2
    assert "gone.okr.yaml" in capsys.readouterr().err
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    monkeypatch.delitem(sys.modules, "okrcore.surfaces.mcp.tool_server", raising=False)
    assert main(["mcp", "a.okr.yaml"]) == 2
    assert "pip install 'okrcore[mcp]'" in capsys.readouterr().err
