"""`okrcore links` shows what the numbers say of each declared link, worst first."""

from __future__ import annotations

import json

import pytest

import okrcore as okr
from okrcore.display import counted
from okrcore.leading.evidence import WORST_FIRST
from okrcore.surfaces.cli.main import main
from okrcore.surfaces.stories import story

DAY = "2026-10-04"


@pytest.fixture
def facts(tmp_path):
    portfolio, history = story("software")
    okr.dump(portfolio, tmp_path / "a.okr.yaml")
    rows = ["measure,at,value,unit"]
    rows += [f"{one.measure},{one.at.isoformat()},{one.value},{one.unit}" for one in history]
    (tmp_path / "observations.csv").write_text("\n".join(rows), "utf-8")
    return [str(tmp_path / "a.okr.yaml"), "--history", str(tmp_path / "observations.csv"), "--as-of", DAY]


def run(capsys, *argv):
    code = main(argv)
    out, err = capsys.readouterr()
    return code, out, err


def expected():
    portfolio, history = story("software")
    return okr.assess_links(portfolio, history, as_of=DAY)


def test_each_link_is_told_once_worst_first(capsys, facts):
    code, out, _ = run(capsys, "links", *facts)
    assert code == 0
    found = sorted(expected(), key=lambda one: (WORST_FIRST.index(one.verdict), one.link))
    head, _, names, *rest = out.splitlines()
    assert head.startswith(f"As of {DAY}: {len(found)} declared links (")
    assert names.split() == ["link", "verdict", "lag", "effect", "q", "n", "needed"]
    assert [line.split()[:2] for line in rest[: len(found)]] == [
        [one.link[:46], one.verdict] for one in found
    ]
    flowing = " ".join(out.split())
    assert all(f"{one.link} {one.sentence}" in flowing for one in found)


def test_json_holds_what_the_library_finds(capsys, facts):
    told = json.loads(run(capsys, "links", *facts, "--format", "json")[1])
    assert (told["okrcore"], told["kind"], told["as_of"], told["discovered"]) == (1, "links", DAY, None)
    plain = {one["link"]: one for one in told["links"]}
    assert plain == {one.link: json.loads(json.dumps(okr.to_dict(one))) for one in expected()}
    assert [WORST_FIRST.index(one["verdict"]) for one in told["links"]] == sorted(
        WORST_FIRST.index(one.verdict) for one in expected()
    )


def test_pairs_that_lead_are_found_where_asked(capsys, facts):
    portfolio, history = story("software")
    wanted = okr.discover_links(portfolio, history, as_of=DAY, lags=range(9), q=0.9)
    args = ("links", *facts, "--discover", "--lags", "0..8", "--q", "0.9")
    told = json.loads(run(capsys, *args, "--format", "json")[1])
    assert told["discovered"] == okr.to_dict(wanted)
    assert len(wanted)
    assert f"{counted(len(wanted), 'pair')} found:" in run(capsys, *args)[1]
    assert "No pair is found that leads." in run(capsys, *args, "--q", "0.0001", "--lags", "8")[1]


def test_one_link_alone(capsys, facts):
    name = expected()[0].link
    told = json.loads(run(capsys, "links", *facts, "--id", name, "--format", "json")[1])
    assert [one["link"] for one in told["links"]] == [name]
    code, _, err = run(capsys, "links", *facts, "--id", name[:-1])
    assert code == 2
    assert f"link {name[:-1]!r} is unknown" in err


@pytest.mark.parametrize(("option", "value"), [("--lags", "soon"), ("--lags", "-1"), ("--q", "7")])
def test_what_cannot_be_asked_is_refused(capsys, facts, option, value):
    code, _, err = run(capsys, "links", *facts, "--discover", f"{option}={value}")
    assert code == 2
    assert err


def test_without_links_and_history_it_says_so(capsys, tmp_path):
    file = tmp_path / "a.okr.yaml"
    file.write_text("okrcore: 1\nkpis: [{id: a, title: A}]\n")
    code, out, _ = run(capsys, "links", str(file), "--as-of", DAY)
    assert code == 0
    assert "no declared link." in out
    assert "No history is given" in out
