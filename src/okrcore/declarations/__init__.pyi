"""Declarations: what was declared, when and by whom, and what loosened a goal."""

from okrcore.declarations.amendment import Amendment as Amendment
from okrcore.declarations.amendment import AmendmentKind as AmendmentKind
from okrcore.declarations.comparison import compare_portfolios as compare_portfolios
from okrcore.declarations.judgements import JUDGEMENTS as JUDGEMENTS
from okrcore.declarations.versions import Declarations as Declarations
from okrcore.declarations.versions import Version as Version
