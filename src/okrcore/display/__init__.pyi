"""Show tables and short texts in notebooks and terminals: escaped once, here."""

from okrcore.display.drawing import bar as bar
from okrcore.display.drawing import mark as mark
from okrcore.display.drawing import outline as outline
from okrcore.display.drawing import outline_html as outline_html
from okrcore.display.drawing import spark as spark
from okrcore.display.drawing import stroke as stroke
from okrcore.display.table import Table as Table
from okrcore.display.table import TableColumn as TableColumn
from okrcore.display.text import apart as apart
from okrcore.display.text import cell as cell
from okrcore.display.text import clipped as clipped
from okrcore.display.text import counted as counted
from okrcore.display.text import figure as figure
from okrcore.display.text import grid as grid
from okrcore.display.text import indented as indented
from okrcore.display.text import no_command as no_command
from okrcore.display.text import number as number
from okrcore.display.text import one_line as one_line
from okrcore.display.text import percent as percent
from okrcore.display.text import plain as plain
from okrcore.display.text import width as width
from okrcore.display.text import wrapped as wrapped
