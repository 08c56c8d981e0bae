"""Every link inside the project leads somewhere: to a file that is there, and to a heading in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from tools import links


def test_no_link_leads_nowhere() -> None:
    assert links.broken() == []


def test_a_link_that_leads_nowhere_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_text("# A page, of its own\n## Twice\n## Twice\n", "utf-8")
    (tmp_path / "README.md").write_text(
        "[1](docs/a.md#a-page-of-its-own) [2](docs/a.md#twice-1) [3](docs/b.md) [4](docs/a.md#gone)\n"
        "`[5](not-a-link.md)` <https://example.org>\n```\n[6](code.md)\n```\n",
        "utf-8",
    )
    monkeypatch.setattr(links, "ROOT", tmp_path)
    assert links.broken() == [
        "README.md: docs/b.md: no such file",
        "README.md: docs/a.md#gone: no such heading",
    ]
    assert links.external() == ["https://example.org (README.md)"]


def test_every_page_is_reached_from_a_first_one() -> None:
    docs = links.ROOT / "docs"
    named = {
        (page.parent / link.partition("#")[0]).resolve()
        for page in [links.ROOT / "README.md", *docs.rglob("README.md")]
        for link in links.links(page)
    }
    assert {page for page in docs.rglob("*.md") if page != docs / "README.md"} <= named
