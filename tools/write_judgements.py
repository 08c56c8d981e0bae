"""Write docs/reference/amendments.md: what a change of each field means. Run: make pages."""

from __future__ import annotations

from pathlib import Path

from okrcore.declarations import JUDGEMENTS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "amendments.md"
OPENING = """\
# Amendments

`compare_portfolios(old, new)` names every field in which two versions of a portfolio differ, and says what
each change means for the goal (S21.3):

- *loosened*: easier to reach than before; *tightened*: harder;
- *added*, *removed*, *renamed*: the whole definition;
- *changed*: neither easier nor harder by itself;
- *recorded*: told and shown apart, never judged, as what was done, and titles.

```python
>>> import okrcore as okr
>>> old = okr.loads('''
... okrcore: 1
... cycles: [{id: "2026", start: 2026-01-01, end: 2026-12-31}]
... objectives:
...   - id: faster
...     title: Sort faster
...     cycle: "2026"
...     key_results:
...       - {id: share, title: Same-day share, measure: {target: {start: 90, goal: 96}}}
... ''')
>>> new = okr.from_dict(okr.Portfolio, {**okr.to_dict(old), "teams": [{"id": "night-shift"}]})
>>> eased = new.with_(okr.KeyResult(
...     id="share", objective="faster", title="Same-day share", measure=okr.Target(90, 92), weight=2))
>>> for amendment in okr.compare_portfolios(old, eased):
...     print(amendment)
night-shift: added
share: measure.goal 96 -> 92, loosened
share: weight 1 -> 2, changed

```

`okr.Declarations` keeps versions, each with its date, author and reason, and `.amendments()` compares them
one after the other; `okr.scoring.score_amendments` adds the score of each goal before and after, at its
moment. `okrcore diff OLD NEW` compares two folders, with the line of each, and `okrcore check --against OLD`
asks the rules OKR515 to OKR521 about them. [How to review a change](../how-to/review-a-change-of-goals.md)
shows both.

## What a change of a field means

Fields that are not listed are *changed*. A goal in another unit is compared by what it means, 1.5 km being
less than 2,000 m.

| definition | field | a change of it |
| --- | --- | --- |
"""


def page() -> str:
    """Return the text of the page."""
    rows = [
        f"| {kind.__name__} | `{name}` | {judgement.says} |" for (kind, name), judgement in JUDGEMENTS.items()
    ]
    return OPENING + "\n".join(rows) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
