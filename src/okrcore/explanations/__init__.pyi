"""Explain why a goal, KPI or initiative has its status, down to the observations under it."""

from okrcore.explanations.changing import explain_change as explain_change
from okrcore.explanations.explaining import explain as explain
from okrcore.explanations.explanation import Explanation as Explanation
