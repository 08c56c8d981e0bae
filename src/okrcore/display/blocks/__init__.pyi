"""Lay out what is shown as one tree of blocks, which a terminal and a page draw alike.

A block is a part of a screen: `Section Grid Items Tree Para Facts Two`. What stands in its cells is an ink:
words (`Mark Say Lines Row Marked`) or a picture (`Bar Spark Xmr Whisker Track Stack`). `text` draws a tree on
a terminal, `html` as a fragment of a page; what is shown is decided once, by whoever makes the tree."""

from okrcore.display.blocks.asked_items import AskedItem as AskedItem
from okrcore.display.blocks.asked_items import Items as Items
from okrcore.display.blocks.block import Block as Block
from okrcore.display.blocks.block import Facts as Facts
from okrcore.display.blocks.block import Para as Para
from okrcore.display.blocks.block import Section as Section
from okrcore.display.blocks.block import Tree as Tree
from okrcore.display.blocks.block import Two as Two
from okrcore.display.blocks.block import html as html
from okrcore.display.blocks.block import text as text
from okrcore.display.blocks.grid_rows import Grid as Grid
from okrcore.display.blocks.grid_rows import GridColumn as GridColumn
from okrcore.display.blocks.grid_rows import GridRest as GridRest
from okrcore.display.blocks.grid_rows import GridRow as GridRow
from okrcore.display.blocks.inks import Ink as Ink
from okrcore.display.blocks.inks import Lines as Lines
from okrcore.display.blocks.inks import Mark as Mark
from okrcore.display.blocks.inks import Marked as Marked
from okrcore.display.blocks.inks import Row as Row
from okrcore.display.blocks.inks import Say as Say
from okrcore.display.blocks.series_pictures import Spark as Spark
from okrcore.display.blocks.series_pictures import Xmr as Xmr
from okrcore.display.blocks.shapes import Bar as Bar
from okrcore.display.blocks.shapes import Ruler as Ruler
from okrcore.display.blocks.shapes import Stack as Stack
from okrcore.display.blocks.shapes import Track as Track
from okrcore.display.blocks.shapes import Whisker as Whisker
