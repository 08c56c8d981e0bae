"""The evidence on one link, under the name of the room that makes it."""

from okrcore.scoring.outlook import SUPPORTS_AT as SUPPORTS_AT
from okrcore.scoring.outlook import LinkEvidence as LinkEvidence
