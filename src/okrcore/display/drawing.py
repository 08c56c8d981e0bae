"""Draw shares, series and trees as small pictures of text; give each judgement its sign."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from okrcore.display.numbers import percent
from okrcore.display.text import clipped, indented, wrapped

Step = tuple[int, str, str]
"""One step of a tree, from the top down: its depth (0 at the root), its head and what it says."""

_LEVELS = {False: "_.-=+*%#", True: "▁▂▃▄▅▆▇█"}
_MARKS = {
    "+": """achieved on-track healthy better resolved met done in_force supported leads improving
        improvement""",
    ".": "early not-started steady info neutral withdrawn common",
    "~": "at-risk watch new escalated running open late warning decayed",
    "!": "off-track missed breached worse overdue error refuted opposed worsening concern",
    "?": "no-data unknown undecided",
    "-": "draft paused postponed cancelled",
}
_MARK_OF = {word.replace("_", " "): sign for sign, words in _MARKS.items() for word in words.split()}
_TONES = {"+": "good", ".": "calm", "~": "doubt", "!": "bad", "?": "none", "-": "calm"}


def mark(word: str) -> str:
    """Return one sign for a status, zone, change or state: + good, ~ in doubt, ! bad, ? no data, . early.

    A goal that is not pursued has a stroke, a word that judges nothing a blank; a sign is its own.

    >>> mark("healthy"), mark("off-track"), mark("worse"), mark("~"), mark("")
    ('+', '!', '!', '~', ' ')
    """
    return word if word in _TONES else _MARK_OF.get(word, " ")


def tone(word: str) -> str:
    """Return what a word of `mark` is drawn as: good, doubt, bad, none (no data), calm; "" for no judgement.

    >>> tone("healthy"), tone("worse"), tone("early"), tone("")
    ('good', 'bad', 'calm', '')
    """
    return _TONES.get(mark(word), "")


def bar(share: float | None, due: float | None = None, length: int = 10, *, blocks: bool = False) -> str:
    """Return a share of 0 to 1 as a bar, of ASCII or of `blocks`, with a stroke at what is due.

    An unknown share has an empty bar; only what is reached fills it.

    >>> bar(0.34), bar(0.34, 0.75), bar(0.34, blocks=True)
    ('###.......', '###....|..', '███░░░░░░░')
    """
    full, empty = "█░" if blocks else "#."
    held = 0.0 if share is None else min(max(share, 0.0), 1.0)
    filled = min(round(held * length), length - (percent(held) != percent(1.0)))
    signs = full * filled + empty * (length - filled)
    if due is None or not 0 <= due < 1:
        return signs
    at = int(due * length)
    return signs[:at] + stroke(blocks) + signs[at + 1 :]


def stroke(blocks: bool = False) -> str:
    """Return the sign that marks what is due in a bar."""
    return "┃" if blocks else "|"


def spark(
    values: Sequence[float | None],
    *,
    low: float | None = None,
    high: float | None = None,
    blocks: bool = False,
) -> str:
    """Return a series as one sign a value, rising from `low` to `high` (None: its own ends); blank for None.

    >>> spark([0, 1, None, 3, 2], blocks=True), spark([5, 5])
    ('▁▃ █▆', '__')
    """
    known = [value for value in values if value is not None]
    if not known:
        return " " * len(values)
    bottom, top = min(known) if low is None else low, max(known) if high is None else high
    signs, half = _LEVELS[blocks], (top / 2 - bottom / 2) or 1.0  # halves, since a span may be no float
    return "".join(
        " " if value is None else signs[round(min(max((value / 2 - bottom / 2) / half, 0.0), 1.0) * 7)]
        for value in values
    )


def outline(steps: Iterable[Step], columns: int = 100) -> list[str]:
    """Return a tree as lines of at most so many columns: each step under its parent, its text wrapped.

    A step without a head is its text alone.
    """
    lines: list[str] = []
    for depth, head, text in steps:
        inset = min(4 * depth, columns // 2)
        if head:
            lines.append(" " * inset + clipped(head, columns - inset))
        deep = inset + 4 if head else inset
        lines += indented(wrapped(text, columns - deep), deep)
    return lines
