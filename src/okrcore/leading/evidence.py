"""The evidence on one link, under the name of the room that makes it."""

from okrcore.scoring.weeks_ahead import SUPPORTS_AT as SUPPORTS_AT
from okrcore.scoring.weeks_ahead import LinkEvidence as LinkEvidence
