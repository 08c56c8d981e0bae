"""Score goals: progress, pace, status, roll-up and the snapshot that holds them."""

from okrcore.scoring.compiled_portfolio import CompiledPortfolio as CompiledPortfolio
from okrcore.scoring.compiled_portfolio import Scores as Scores
from okrcore.scoring.compiled_portfolio import compile_portfolio as compile_portfolio
from okrcore.scoring.dialects import DIALECTS as DIALECTS
from okrcore.scoring.evaluation import evaluate as evaluate
from okrcore.scoring.goal_states import InitiativeState as InitiativeState
from okrcore.scoring.goal_states import KeyResultState as KeyResultState
from okrcore.scoring.goal_states import KpiState as KpiState
from okrcore.scoring.goal_states import ObjectiveState as ObjectiveState
from okrcore.scoring.goal_states import Statuses as Statuses
from okrcore.scoring.leaf_shares import contributions as contributions
from okrcore.scoring.measure_columns import Distance as Distance
from okrcore.scoring.measure_columns import distance as distance
from okrcore.scoring.measure_columns import progress as progress
from okrcore.scoring.observation_checks import check_observations as check_observations
from okrcore.scoring.scoring_policy import ScoringPolicy as ScoringPolicy
from okrcore.scoring.scoring_policy import Status as Status
from okrcore.scoring.scoring_policy import Zone as Zone
from okrcore.scoring.single_values import Score as Score
from okrcore.scoring.single_values import roll_up as roll_up
from okrcore.scoring.single_values import satisfaction as satisfaction
from okrcore.scoring.single_values import satisfaction_percent as satisfaction_percent
from okrcore.scoring.single_values import status as status
from okrcore.scoring.snapshot import Snapshot as Snapshot
from okrcore.scoring.trend import Trend as Trend
from okrcore.scoring.trend import evaluate_many as evaluate_many
