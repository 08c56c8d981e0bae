"""Rhythm: who owes what by when, what it answers, and what a week has to say."""

from okrcore.rhythm.acting import actions as actions
from okrcore.rhythm.action import Action as Action
from okrcore.rhythm.audit import Audit as Audit
from okrcore.rhythm.audit import LedGoal as LedGoal
from okrcore.rhythm.messages import Message as Message
from okrcore.rhythm.needed_decision import NeededDecision as NeededDecision
from okrcore.rhythm.review_result import Review as Review
from okrcore.rhythm.reviewing import review as review
