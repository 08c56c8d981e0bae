"""The catalogue of rules into docs/reference/rules: a page a rule and an index. Run: make pages."""

from __future__ import annotations

from pathlib import Path

from okrcore.definitions.codes import family_of
from okrcore.governance.pages import explain_rule
from okrcore.governance.presets import STANDARD, STRICT
from okrcore.governance.rules import FAMILIES

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference" / "rules"
HEAD = """\
# Governance rules

Each rule is one pure function with a code. `okrcore check` asks them, `okrcore rule CODE` prints the page of
one, and a [policy](../governance.md) says which are asked and how they are set. A rule marked *strict* is
asked by the policy STRICT only. [How often each fires on real data](real-data.md).
"""


def pages() -> dict[str, str]:
    """Return the text of each file by its name."""
    found = {f"{rule.code}.md": explain_rule(rule.code) for rule in STRICT.rules}
    return {**found, "README.md": index()}


def index() -> str:
    """Return the page that lists all rules."""
    lines = [HEAD]
    standard = {rule.code for rule in STANDARD.rules}
    for family, title in FAMILIES.items():
        lines += [
            f"## {family}: {title}",
            "",
            "| code | severity | needs | what should be |",
            "| --- | --- | --- | --- |",
        ]
        for rule in STRICT.rules:
            if family_of(rule.code) == family:
                strict = "" if rule.code in standard else " *(strict)*"
                needs = ", ".join(sorted(rule.needs))
                lines.append(
                    f"| [{rule.code}]({rule.code}.md) | {rule.severity} | {needs} | {rule.summary}{strict} |"
                )
        lines.append("")
    return "\n".join(lines)


def main() -> None:
    """Write every page, and remove those of rules that are gone."""
    texts = pages()
    for file in FOLDER.glob("OKR*.md"):
        if file.name not in texts:
            file.unlink()
    for name, text in texts.items():
        (FOLDER / name).write_text(text, "utf-8")
    print(f"{len(texts)} pages in {FOLDER}")


if __name__ == "__main__":
    main()
