"""The pages of the rules say what the rules say, and the table what real data say."""

from pathlib import Path

import pytest
from tools.rules_on_real_data import PAGE, page
from tools.write_rules import pages

import okrcore as okr
from okrcore.governance.rules import RULES
from tests.support.real_catalogues import ABSENT, DATA, real

FOLDER = PAGE.parent


def test_every_rule_has_its_page():
    texts = pages()
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
