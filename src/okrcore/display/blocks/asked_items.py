"""Lay out what needs somebody: each question with its evidence at the left, who and by when at the right."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

import attrs

from okrcore.display.blocks.block import RIGHT, Tree
from okrcore.display.blocks.inks import Mark, unbroken
from okrcore.display.drawing import Step, mark
from okrcore.display.tags import Html, joined, tag
from okrcore.display.text import clipped, padded, width, wrapped

_LEFT = 14
_NARROW = 80
LINE = 100 - _LEFT - RIGHT - 2
"""How many letters a line of a question has on a terminal of 100 columns."""


@attrs.frozen(kw_only=True)
class AskedItem:
    """A question that somebody is asked: what to do (`verb`), what it `asks`, its evidence, who, by when.

    `word` judges it, `news` says that it is new or worse, `left` how long there is; `late`, that it is over.
    `about` is the title of what it names by its id, told on pages alone, where `reasons` are the steps of a
    tree that opens under it.
    """

    verb: str
    asks: str
    evidence: str = ""
    owner: str = ""
    due: str = ""
    left: str = ""
    late: bool = False
    word: str = ""
    news: str = ""
    about: str = ""
    reasons: tuple[Step, ...] = ()


def _to_questions(questions: Iterable[AskedItem]) -> tuple[AskedItem, ...]:
    return tuple(questions)


@attrs.frozen
class Items:
    """Questions, numbered in their order; `more` says how many are not shown, and where they are.

    Each is a heading on a page; in another `frame`, p, it is none.

    >>> asked = AskedItem(verb="answer", asks="Who?", owner="head", due="Sat 29 Aug", left="36 d overdue")
    >>> print(*Items([asked]).lines(100), sep="\\n")
     1   answer   Who?                                                        head
                                                                              36 d overdue, Sat 29 Aug
    """

    questions: tuple[AskedItem, ...] = attrs.field(converter=_to_questions)
    more: str = ""
    frame: Literal["h3", "p"] = attrs.field(default="h3", kw_only=True)

    def lines(self, columns: int, ascii: bool = False) -> list[str]:
        """Return each question, with who and by when in a column that can be read down alone."""
        lines = [line for at, one in enumerate(self.questions, start=1) for line in _lines(one, at, columns)]
        return lines + wrapped(self.more, columns)

    def html(self) -> Html:
        """Return a numbered list."""
        if not self.questions:
            return _note(self.more)
        items = (_item(one, at, self.frame) for at, one in enumerate(self.questions, start=1))
        return joined(tag("ol", items, class_="asks"), _note(self.more))


def _note(more: str) -> Html:
    return tag("p", more, class_="note") if more else joined()


def _lines(one: AskedItem, number: int, columns: int) -> list[str]:
    due = ", ".join(filter(None, (one.left, one.due.removesuffix(" 24:00"))))
    if width(due) > RIGHT:
        due = re.sub(r" \d\d:\d\d$", "", due)
    who = [clipped(one.owner, RIGHT), clipped(due, RIGHT)]
    beside = columns >= _NARROW
    room = columns - _LEFT - (RIGHT + 2 if beside else 0)
    told = [line for text in (one.asks, one.evidence) for line in wrapped(_two_lines(text), room)]
    if not beside:
        told += wrapped("; ".join(filter(None, who)), room)
        who = []
    heads = [f"{number:>2} {mark(one.word)} {clipped(one.verb, 8):<8} ", f"     {clipped(one.news, 8):<9}"]
    lines = []
    for at in range(max(len(told), 1 + bool(one.news), sum(map(bool, who)))):
        left = told[at] if at < len(told) else ""
        right = who[at] if at < len(who) else ""
        shown = padded(left, room + 2) + right if right else left
        lines.append(f"{heads[at] if at < 2 else ' ' * _LEFT}{shown}".rstrip())
    return lines


def _two_lines(text: str) -> str:
    """Return a text that wraps into two lines of a terminal, cut where it is longer."""
    first, *rest = wrapped(text, LINE) or [""]
    return " ".join([first, clipped(" ".join(rest), LINE)]) if rest else first


def _item(one: AskedItem, number: int, frame: str) -> Html:
    steps = Tree(one.reasons).html()
    return tag(
        "li",
        tag(
            "div",
            tag("span", str(number), class_="no", aria_hidden="true"),
            Mark(one.word).html(),
            class_="lead",
        ),
        tag(
            "div", tag("p", one.verb, tag("span", one.news, class_="news") if one.news else None), class_="do"
        ),
        tag(
            "div",
            tag(frame, one.asks, class_="q"),
            tag("p", one.about, class_="about") if one.about else None,
            tag("p", unbroken(one.evidence), class_="ev") if one.evidence else None,
            tag("details", tag("summary", "Why, and what follows"), steps, class_="fold") if steps else None,
            class_="what",
        ),
        tag(
            "div",
            tag("strong", one.owner or "nobody"),
            tag("span", one.due, class_="by") if one.due else None,
            tag("span", one.left, class_="late" if one.late else None) if one.left else None,
            class_="who",
        ),
    )
