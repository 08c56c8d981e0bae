"""Write words into the cells of blocks: signs, texts of a tone, several side by side or in lines."""

from __future__ import annotations

import re
from typing import Literal, Protocol

import attrs

from okrcore.display.drawing import mark, tone
from okrcore.display.tags import Html, joined, tag
from okrcore.display.text import one_line

_SAID = {
    "+": "good",
    ".": "early or steady",
    "~": "in doubt",
    "!": "bad",
    "?": "no data",
    "-": "not pursued",
}


class Ink(Protocol):
    """What stands in a cell, on a terminal and on a page."""

    def text(self, ascii: bool = False) -> str:
        """Return it as text, lines apart by line ends; in `ascii` no sign of its own is another."""

    def html(self) -> Html:
        """Return it as HTML."""


@attrs.frozen
class Mark:
    """The sign of a judgement: of a status, zone, change or state, or the sign itself.

    Who listens hears `label`, or the word where it is None; "" where a text beside it says the same.

    >>> Mark("off-track").text(), str(Mark("off-track").html())
    ('!', '<b class="m bad" role="img" aria-label="off-track">!</b>')
    """

    word: str
    label: str | None = None

    def text(self, ascii: bool = False) -> str:
        """Return the sign."""
        return mark(self.word)

    def html(self) -> Html:
        """Return the sign in a box that its judgement fills, outlines or leaves out."""
        sign = mark(self.word)
        if sign == " ":
            return tag("b", class_="m", aria_hidden="true")
        label = _SAID.get(self.word, self.word) if self.label is None else self.label
        said = {"role": "img", "aria-label": label} if label else {"aria-hidden": "true"}
        return tag("b", sign, class_=f"m {tone(self.word)}", **said)


Kind = Literal["plain", "strong", "soft", "code", "late", "number"]
_ELEMENTS = {"strong": "strong", "soft": "small", "code": "code"}
_CLASSES = {"late": "late", "number": "n"}


@attrs.frozen
class Say:
    """A text: plain, strong, soft (of less weight), code (an id), late (a deadline gone by) or a number.

    >>> Say("a < b").text(), str(Say("a < b", "strong").html())
    ('a < b', '<strong>a &lt; b</strong>')
    """

    words: str
    kind: Kind = "plain"

    def text(self, ascii: bool = False) -> str:
        """Return the text, on one line."""
        return one_line(self.words)

    def html(self) -> Html:
        """Return the text in the element of its kind; nothing for no text."""
        if not self.words:
            return joined()
        words = unbroken(self.words)
        return tag(_ELEMENTS.get(self.kind, "span"), words, class_=_CLASSES.get(self.kind, ""))


def unbroken(words: str) -> Html:
    """Return a text whose dates stand on one line.

    >>> str(unbroken("since 2026-10-04"))
    'since <span class="n">2026-10-04</span>'
    """
    parts = _DATE.split(words)  # every second one is a date
    return joined(tag("span", part, class_="n") if at % 2 else part for at, part in enumerate(parts))


_DATE = re.compile(r"(\d{4}-\d\d-\d\d)")


@attrs.frozen(init=False)
class Lines:
    """Inks one below the other; what says nothing takes no line.

    >>> Lines(Say("Hall 2"), Say(""), Say("engineering", "soft")).text()
    'Hall 2\\nengineering'
    """

    inks: tuple[Ink, ...]

    def __init__(self, *inks: Ink) -> None:
        self.__attrs_init__(inks)

    def text(self, ascii: bool = False) -> str:
        """Return a line for each."""
        return "\n".join(text for one in self.inks if (text := one.text(ascii)))

    def html(self) -> Html:
        """Return a block for each."""
        return joined(tag("span", one, class_="l") for one in (ink.html() for ink in self.inks) if one)


@attrs.frozen(init=False)
class Row:
    """Inks side by side, a blank between them; what says nothing takes no room.

    >>> Row(Say("peak", "code"), Say("before"), Say("uptime", "code")).text()
    'peak before uptime'
    """

    inks: tuple[Ink, ...]

    def __init__(self, *inks: Ink) -> None:
        self.__attrs_init__(inks)

    def text(self, ascii: bool = False) -> str:
        """Return them on one line."""
        return " ".join(text for one in self.inks if (text := one.text(ascii)))

    def html(self) -> Html:
        """Return them in one line, which may break."""
        return joined(*(one for one in (ink.html() for ink in self.inks) if one), by=" ")


@attrs.frozen
class Marked:
    """A sign with an ink beside it, which hangs where it has more lines; without an ink with its own word.

    `label` stands for the word, where somebody calls a status otherwise.

    >>> Marked("worse").text(), Marked("off-track", Say("throughput")).text()
    ('! worse', '! throughput')
    """

    word: str
    ink: Ink | None = None
    label: str | None = None

    def text(self, ascii: bool = False) -> str:
        """Return sign and ink."""
        shown = Say(self._said) if self.ink is None else self.ink
        first, *rest = shown.text(ascii).split("\n")
        return "\n".join([f"{mark(self.word)} {first}", *(f"  {line}" for line in rest)])

    def html(self) -> Html:
        """Return sign and ink; the word that says what its sign says has its colour and is read once."""
        if self.ink is None:
            judged = tone(self.word)
            sign = Mark(self.word, "").html()
            return tag("span", sign, " ", self._said, class_=f"st {judged}-ink" if judged else "st")
        return tag("span", Mark(self.word, self.label).html(), tag("span", self.ink.html()), class_="mk")

    @property
    def _said(self) -> str:
        return self.word if self.label is None else self.label
