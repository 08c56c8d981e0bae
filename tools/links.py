"""Find links in the pages that lead nowhere, and list those that leave the project. Run: make docs."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
_LINK = re.compile(r"\]\(<?([^)<>\s]+)>?(?: \"[^\"]*\")?\)|<(https?://[^>\s]+)>")
_TEST = re.compile(r"`(tests/[\w/]+\.py)`")
_FENCED = re.compile(r"^([ \t]*)(```|~~~).*?^\1\2[ \t]*$", re.M | re.S)
_CODE = re.compile(r"(`+)(?!`).+?(?<!`)\1(?!`)", re.S)


def pages() -> list[Path]:
    """Return every page that people read: those at the root, and those of docs."""
    return sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def links(page: Path) -> Iterator[str]:
    """Yield where the links of a page lead, outside code."""
    text = _CODE.sub("", _FENCED.sub("", page.read_text("utf-8")))
    for match in _LINK.finditer(text):
        yield match[1] or match[2]


@cache
def anchors(page: Path) -> frozenset[str]:
    """Return the anchors that GitHub gives the headings of a page."""
    found: list[str] = []
    for title in re.findall(r"^#{1,6} (.+)$", _FENCED.sub("", page.read_text("utf-8")), re.M):
        words = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title)
        slug = re.sub(r"[^\w\- ]", "", words.strip().lower()).replace(" ", "-")
        found.append(slug if slug not in found else f"{slug}-{found.count(slug)}")
    return frozenset(found)


def broken() -> list[str]:
    """Return a line for each link in the project, or named test, of which file or heading is not there."""
    lines = []
    for page in pages():
        for link in links(page):
            if not re.match(r"[a-z]+:", link):
                path, _, anchor = link.partition("#")
                target = (page.parent / path).resolve() if path else page
                if not target.exists():
                    lines.append(f"{page.relative_to(ROOT)}: {link}: no such file")
                elif anchor and target.suffix == ".md" and anchor not in anchors(target):
                    lines.append(f"{page.relative_to(ROOT)}: {link}: no such heading")
        tests = (path for path in _TEST.findall(page.read_text("utf-8")) if not (ROOT / path).exists())
        lines += [f"{page.relative_to(ROOT)}: {path}: no such file" for path in tests]
    return lines


def external() -> list[str]:
    """Return each address outside the project once, with the pages that name it."""
    named: dict[str, list[str]] = {}
    for page in pages():
        for link in links(page):
            if re.match(r"[a-z]+:", link):
                named.setdefault(link, []).append(str(page.relative_to(ROOT)))
    return [f"{link} ({', '.join(sorted(set(found)))})" for link, found in sorted(named.items())]


if __name__ == "__main__":
    print("Links that leave the project, which nothing here follows:", *external(), sep="\n  ")
    faults = broken()
    print(f"{len(faults)} links inside the project lead nowhere", *faults, sep="\n  ")
    sys.exit(bool(faults))
