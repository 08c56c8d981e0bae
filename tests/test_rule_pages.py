"""The pages of the rules say what the rules say, and the table what real data say."""

import importlib.util
from pathlib import Path

import pytest

import okrcore as okr
from okrcore.governance.rules import RULES

from .real_catalogues import ABSENT, DATA, real
from .rules_on_real_data import PAGE, page

FOLDER = PAGE.parent


def written():
    spec = importlib.util.spec_from_file_location("write_rules", FOLDER.parents[1] / "write_rules.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.pages()


def test_every_rule_has_its_page():
    texts = written()
    there = {file.name: file.read_text("utf-8") for file in FOLDER.glob("OKR*.md")}
    assert there == {name: text for name, text in texts.items() if name != "README.md"}
    assert set(there) == {f"{rule.code}.md" for rule in RULES}
    assert Path(FOLDER / "README.md").read_text("utf-8") == texts["README.md"]


@pytest.mark.skipif(not DATA.exists(), reason=ABSENT)
def test_the_table_is_what_the_rules_find():
    assert PAGE.read_text("utf-8") == page()


@pytest.mark.skipif(not DATA.exists(), reason=ABSENT)
def test_no_rule_fires_on_everything():
    """S16: a rule that fires on each of many definitions tells nobody anything."""
    for name in ("nyc_mmr", "gitlab_okrs", "boston_budget"):
        found = real(name)
        per_subject = len(found.portfolio)
        findings = okr.check(found.portfolio, found.history, as_of=found.as_of)
        codes = [one.code for one in findings]
        assert {code for code in codes if codes.count(code) >= per_subject} == set()
