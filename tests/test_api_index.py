"""docs/reference/api.md lists every public name with the first line of its own text."""

from pathlib import Path

import okrcore as okr

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "api.md"


def listing() -> list[str]:
    """Return the page's rows, room by room, made from what the names say of themselves."""
    rows = []
    for room, names in vars(okr)["_ROOMS"].items():
        for name in names.split():
            text = (getattr(okr, name).__doc__ or "").strip().splitlines()
            rows.append(f"| `{name}` | {text[0] if text else 'a read-only mapping'} | `{room}` |")
    return rows


def test_every_public_name_is_on_the_page_as_it_describes_itself():
    page = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `")]
    assert page == listing()
