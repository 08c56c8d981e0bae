"""Declarations: what was declared, when and by whom, and what loosened a goal."""

from okrcore.declarations.amendment import Amendment as Amendment
from okrcore.declarations.amendment import AmendmentKind as AmendmentKind
from okrcore.declarations.amendments import compare_portfolios as compare_portfolios
from okrcore.declarations.declared_versions import Declarations as Declarations
from okrcore.declarations.judgements import JUDGEMENTS as JUDGEMENTS
from okrcore.declarations.version import Version as Version
