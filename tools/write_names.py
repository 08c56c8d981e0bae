"""Write docs/reference/api.md: each public name with the first line of its own text. Run: make pages."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType

import okrcore

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "api.md"
ROOMS = [
    *(
        "errors",
        "definitions",
        "units",
        "documents",
        "history",
        "declarations",
        "ledger",
        "adapters",
        "sources",
        "scoring",
        "leading",
    ),
    *("priorities", "conflicts", "funding", "governance", "explanations", "display", "display.blocks"),
    *("surfaces", "testing"),
]
VALUES = {
    "TableColumn": "One column of a table: an array with an entry a row.",
    "AmendmentKind": "What an amendment did to a goal: loosened, tightened, added, removed and so on.",
    "AsOf": "A date, an aware instant, or ISO text of either.",
    "JUDGEMENTS": "What a changed field means, by type and field.",
    "DIALECTS": "The scoring policies that reproduce the published numbers of other systems, by name.",
    "Definition": "Any definition that a portfolio holds.",
    "STANDARD": "The policy that any organisation can start with.",
    "STYLE": "The look of a figure, for `plt.style.context(STYLE)` around the making of it.",
    "STRICT": "The policy with every rule.",
}
OPENING = """\
# All public names

`import okrcore as okr` gives the names in bold as `okr.<name>`; each is in its room too, beside what the
room offers beyond them: `okr.sources.SqlSource`. All load on first use, and `help()` of each shows shapes,
units, errors, cost and an example that runs as a test. A test holds this page to what the names say.
"""


def page() -> str:
    """Return the text of the page."""
    return "\n".join([OPENING, *(line for room in ROOMS for line in _section(room))]) + "\n"


def _section(room: str) -> Iterator[str]:
    module = import_module(f"okrcore.{room}")
    root = set(vars(okrcore)["__all__"])
    yield from (f"## {room}", "", (module.__doc__ or "").strip().splitlines()[0], "")
    yield from ("| name | what it is |", "| --- | --- |")
    for name in vars(module).get("__all__") or _own(module):
        shown = f"**`{name}`**" if name in root else f"`{name}`"
        yield f"| {shown} | {_first_line(name, getattr(module, name))} |"
    yield ""


def _own(module: ModuleType) -> list[str]:
    own = [
        name for name, value in vars(module).items() if getattr(value, "__module__", "") == module.__name__
    ]
    return sorted(name for name in own if name[0] != "_")


def _first_line(name: str, value: object) -> str:
    return VALUES.get(name) or ((value.__doc__ or "").strip().splitlines() or [""])[0].replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
