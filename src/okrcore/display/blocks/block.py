"""Lay out parts of a screen one below the other or side by side; draw a tree of them as text or as HTML."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, Protocol

import attrs

from okrcore.display.blocks.inks import Ink, Say
from okrcore.display.drawing import Step, outline
from okrcore.display.tags import Html, joined, tag
from okrcore.display.text import clipped, one_line, width, wrapped

RIGHT = 26
"""How many columns of a terminal stand at the right, for who and by when."""
_LABEL = 11


class Block(Protocol):
    """A part of a screen, on a terminal and on a page."""

    def lines(self, columns: int, ascii: bool = False) -> list[str]:
        """Return it as lines of at most so many columns; in `ascii` no sign of its own is another."""

    def html(self) -> Html:
        """Return it as HTML."""


def text(tree: Block | Iterable[Block], columns: int = 100, ascii: bool = False) -> str:
    """Return blocks as text of at most so many columns.

    >>> print(text([Section("Clocks", [Para("Nobody owes an answer.")]), Facts([("From", "history 3")])]))
    CLOCKS
    Nobody owes an answer.
    From       history 3
    """
    lines = [line for block in _blocks(tree) for line in block.lines(columns, ascii)]
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def html(tree: Block | Iterable[Block]) -> Html:
    """Return blocks as a fragment of a page, every text escaped.

    >>> str(html(Para("5 < 6")))
    '<p>5 &lt; 6</p>'
    """
    return joined(block.html() for block in _blocks(tree))


def _blocks(tree: Block | Iterable[Block]) -> Iterable[Block]:
    return tree if isinstance(tree, Iterable) else (tree,)


def _to_blocks(blocks: Iterable[Block]) -> tuple[Block, ...]:
    return tuple(blocks)


@attrs.frozen
class Section:
    """Blocks under a title; of no blocks nothing is shown.

    `aside` is the title of what stands at the right of a terminal, `lede` how to read it, told on pages
    alone, where `name` is its place (a slug, "" for none). A section that is not `titled` has its title on
    pages alone, since its table has a head. In a `frame` other than h2 it is no heading: whoever shows a
    fragment has headings of their own.
    """

    title: str
    blocks: tuple[Block, ...] = attrs.field(converter=_to_blocks)
    name: str = attrs.field(default="", kw_only=True)
    lede: str = attrs.field(default="", kw_only=True)
    aside: str = attrs.field(default="", kw_only=True)
    titled: bool = attrs.field(default=True, kw_only=True)
    frame: Literal["h2", "p"] = attrs.field(default="h2", kw_only=True)

    def lines(self, columns: int, ascii: bool = False) -> list[str]:
        """Return a blank line, the title in capitals, and the blocks."""
        if not self.blocks:
            return []
        head = clipped(self.title.upper(), columns)
        if self.aside and columns > 2 * RIGHT + width(head):
            head = head + " " * (columns - RIGHT - width(head)) + self.aside.upper()
        lines = [line for block in self.blocks for line in block.lines(columns, ascii)]
        return ["", *([head] if self.titled else []), *lines]

    def html(self) -> Html:
        """Return a section that its title labels."""
        if not self.blocks:
            return joined()
        label = f"{self.name}-h" if self.name else None
        return tag(
            "section",
            tag(self.frame, self.title, id=label, class_=None if self.frame == "h2" else "h"),
            tag("p", self.lede, class_="lede") if self.lede else None,
            (block.html() for block in self.blocks),
            id=self.name,
            aria_labelledby=label,
        )


@attrs.frozen
class Two:
    """Two blocks side by side where there is room, else one below the other."""

    left: Block
    right: Block

    def lines(self, columns: int, ascii: bool = False) -> list[str]:
        """Return the left, then the right."""
        return [*self.left.lines(columns, ascii), *self.right.lines(columns, ascii)]

    def html(self) -> Html:
        """Return both; what says nothing leaves the other all the room."""
        parts = [html for one in (self.left, self.right) if (html := one.html())]
        return tag("div", parts, class_="two") if len(parts) == 2 else joined(parts)


def _to_ink(said: Ink | str) -> Ink:
    return Say(said) if isinstance(said, str) else said


@attrs.frozen
class Para:
    """A paragraph; its `kind` is how it is set on a page: kicker, headline, count, note
    or key.
    """

    ink: Ink = attrs.field(converter=_to_ink)
    kind: Literal["", "kicker", "headline", "count", "note", "key"] = ""

    def lines(self, columns: int, ascii: bool = False) -> list[str]:
        """Return it wrapped."""
        return wrapped(self.ink.text(ascii).replace("\n", " "), columns)

    def html(self) -> Html:
        """Return a paragraph."""
        words = self.ink.words if isinstance(self.ink, Say) and self.ink.kind == "plain" else self.ink.html()
        return tag("p", words, class_=self.kind)


def _to_pairs(pairs: Iterable[tuple[str, Ink | str]]) -> tuple[tuple[str, Ink], ...]:
    return tuple((name, _to_ink(said)) for name, said in pairs)


@attrs.frozen
class Facts:
    """Names, each with what is known of it; what says nothing is left out."""

    pairs: tuple[tuple[str, Ink], ...] = attrs.field(converter=_to_pairs)

    def lines(self, columns: int, ascii: bool = False) -> list[str]:
        """Return each name with its text wrapped beside it."""
        lines = []
        inset = max([_LABEL, *(width(name) + 1 for name, _ in self.pairs)])
        for name, ink in self.pairs:
            told = wrapped(ink.text(ascii).replace("\n", ", "), columns - inset)
            heads = [one_line(name) + " " * (inset - width(name))] + [" " * inset] * len(told)
            lines += [head + line for head, line in zip(heads, told, strict=False)]
        return lines

    def html(self) -> Html:
        """Return a list of names and what is known."""
        told = [(name, html) for name, ink in self.pairs if (html := ink.html())]
        pairs = (tag("div", tag("dt", name), tag("dd", html)) for name, html in told)
        return tag("dl", pairs, class_="facts") if told else joined()


def _to_steps(steps: Iterable[Step]) -> tuple[Step, ...]:
    return tuple(steps)


@attrs.frozen
class Tree:
    """Steps under each other: depth, head and what it says, from the top down; a step may have no head."""

    steps: tuple[Step, ...] = attrs.field(converter=_to_steps)

    def lines(self, columns: int, ascii: bool = False) -> list[str]:
        """Return each step under its parent."""
        return outline(self.steps, columns)

    def html(self) -> Html:
        """Return nested lists."""
        return _listed(self.steps)


def _listed(steps: tuple[Step, ...]) -> Html:
    """Return steps as a list; those deeper than the first stand in the list of the one before them.

    It is built from the last step to the first, so that no depth meets a limit of recursion.
    """
    depths: list[int] = []
    for depth, *_ in steps:  # from 0 on, and none deeper than below the one before it
        depths.append(max(0, min(depth - steps[0][0], depths[-1] + 1)) if depths else 0)
    open_lists: dict[int, list[Html]] = {}
    for depth, (_, head, said) in zip(reversed(depths), reversed(steps), strict=True):
        below = tag("ul", reversed(open_lists.pop(depth + 1))) if depth + 1 in open_lists else None
        step = tag("li", tag("b", head) if head else None, tag("br") if head and said else None, said, below)
        open_lists.setdefault(depth, []).append(step)
    return tag("ul", reversed(open_lists[0])) if steps else joined()
