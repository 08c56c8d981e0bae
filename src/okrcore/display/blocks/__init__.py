"""Lay out what is shown as one tree of blocks, which a terminal and a page draw alike.

A block is a part of a screen: `Section Grid Items Tree Para Facts Two`. What stands in its cells is an ink:
words (`Mark Say Lines Row Marked`) or a picture (`Bar Spark Xmr Whisker Track Stack`). `text` draws a tree on
a terminal, `html` as a fragment of a page; what is shown is decided once, by whoever makes the tree.
"""

from okrcore._lazy import face

__getattr__, __dir__, __all__ = face(
    __name__,
    {
        "display.blocks.asked_items": "Items AskedItem",
        "display.blocks.block": "Block Facts Para Section Tree Two html text",
        "display.blocks.grid_rows": "Grid GridColumn GridRest GridRow",
        "display.blocks.inks": "Ink Lines Mark Marked Row Say",
        "display.blocks.series_pictures": "Spark Xmr",
        "display.blocks.shapes": "Ruler Bar Stack Track Whisker",
    },
)
